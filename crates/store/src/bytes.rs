//! Bounded reading and compact writing of bytes: LEB128 integers, zigzag, short strings.

use crate::StoreError;

/// What a text that ends early answers; made where it is needed alone, as readers are asked for
/// every byte of a number.
fn short() -> StoreError {
    StoreError::Damaged("a part ends early")
}

/// Reads from the front of a slice; every step checks what is left.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub fn take(&mut self, len: usize) -> Result<&'a [u8], StoreError> {
        let (head, tail) = self.0.split_at_checked(len).ok_or_else(short)?;
        self.0 = tail;
        Ok(head)
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        let (head, tail) = self.0.split_first_chunk::<N>().ok_or_else(short)?;
        self.0 = tail;
        Ok(*head)
    }

    pub fn u8(&mut self) -> Result<u8, StoreError> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    pub fn u16(&mut self) -> Result<u16, StoreError> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub fn u32(&mut self) -> Result<u32, StoreError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub fn u64(&mut self) -> Result<u64, StoreError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// LEB128, at most ten bytes.
    pub fn varint(&mut self) -> Result<u64, StoreError> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(StoreError::Damaged("an integer is too long"))
    }

    pub fn varint32(&mut self) -> Result<u32, StoreError> {
        u32::try_from(self.varint()?).map_err(|_| StoreError::Damaged("an integer is too large"))
    }

    pub fn zigzag(&mut self) -> Result<i64, StoreError> {
        let raw = self.varint()?;
        Ok((raw >> 1) as i64 ^ -((raw & 1) as i64))
    }

    /// A count of items of at least `least` bytes each, so that a damaged count cannot ask for
    /// more memory than the bytes it came in.
    pub fn count(&mut self, least: usize) -> Result<usize, StoreError> {
        let count = usize::try_from(self.varint()?).map_err(|_| short())?;
        if count > self.0.len() / least.max(1) { Err(short()) } else { Ok(count) }
    }

    pub fn text(&mut self) -> Result<String, StoreError> {
        let tag = self.varint()?;
        if tag & 1 == 1 {
            return if tag == UUID { Ok(uuid_text(self.array()?)) } else { Err(short()) };
        }
        let len = usize::try_from(tag >> 1).map_err(|_| short())?;
        let bytes = self.take(len)?;
        let text = std::str::from_utf8(bytes);
        text.map(str::to_owned).map_err(|_| StoreError::Damaged("a text is not UTF-8"))
    }

    pub fn finish(self) -> Result<(), StoreError> {
        if self.0.is_empty() { Ok(()) } else { Err(StoreError::Damaged("a part has spare bytes")) }
    }
}

/// Tag of a text packed as the 16 bytes of a UUID; every other tag is twice the length.
const UUID: u64 = 1;

pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn put_zigzag(out: &mut Vec<u8>, value: i64) {
    put_varint(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// Writes a text; a lower-case UUID takes 17 bytes instead of 37.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    if let Some(packed) = uuid_bytes(text) {
        put_varint(out, UUID);
        out.extend_from_slice(&packed);
    } else {
        put_varint(out, (text.len() as u64) << 1);
        out.extend_from_slice(text.as_bytes());
    }
}

/// Where the hyphens of a UUID stand (RFC 9562 §4).
fn hyphen(at: usize) -> bool {
    matches!(at, 8 | 13 | 18 | 23)
}

fn uuid_bytes(text: &str) -> Option<[u8; 16]> {
    if text.len() != 36 {
        return None;
    }
    let mut number = 0u128;
    for (at, byte) in text.bytes().enumerate() {
        let digit = match byte {
            b'-' if hyphen(at) => continue,
            _ if hyphen(at) => return None,
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return None,
        };
        number = number << 4 | u128::from(digit);
    }
    Some(number.to_be_bytes())
}

fn uuid_text(bytes: [u8; 16]) -> String {
    let mut number = u128::from_be_bytes(bytes);
    let mut text = String::with_capacity(36);
    for at in 0..36 {
        if hyphen(at) {
            text.push('-');
        } else {
            number = number.rotate_left(4);
            text.push(char::from_digit((number & 0xf) as u32, 16).unwrap_or('0'));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn integers_and_texts_come_back(n in any::<u64>(), z in any::<i64>(), t in "\\PC{0,40}", u in any::<u128>()) {
            let uuid = uuid_text(u.to_be_bytes());
            let mut out = Vec::new();
            put_varint(&mut out, n);
            put_zigzag(&mut out, z);
            put_text(&mut out, &t);
            put_text(&mut out, &uuid);
            let mut reader = Reader(&out);
            prop_assert_eq!(reader.varint().unwrap(), n);
            prop_assert_eq!(reader.zigzag().unwrap(), z);
            prop_assert_eq!(reader.text().unwrap(), t);
            prop_assert_eq!(reader.text().unwrap(), uuid);
            prop_assert!(reader.finish().is_ok());
        }
    }

    #[test]
    fn only_the_canonical_form_of_a_uuid_is_packed() {
        for (text, packed) in [
            ("f47ac10b-58cc-4372-a567-0e02b2c3d479", true),
            ("F47AC10B-58cc-4372-a567-0e02b2c3d479", false),
            ("f47ac10b-58cc-4372-a567-0e02b2c3d47-", false),
            ("f47ac10b058cc-4372-a567-0e02b2c3d479", false),
            ("f47ac10b", false),
        ] {
            let mut out = Vec::new();
            put_text(&mut out, text);
            assert_eq!(out.len() == 17, packed, "{text}");
            assert_eq!(Reader(&out).text().unwrap(), text);
        }
    }

    #[test]
    fn overlong_integers_are_refused() {
        assert!(Reader(&[0xff; 11]).varint().is_err());
        assert!(
            Reader(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]).varint().is_err()
        );
        assert_eq!(
            Reader(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]).varint().unwrap(),
            u64::MAX
        );
        assert!(Reader(&[0x80]).varint().is_err());
    }
}
