//! Integers, texts and byte strings on the wire of an access record.
//!
//! Text is a varint and bytes: 0, then the 16 bytes of a UUID written in lower case; else the
//! length plus one, then UTF-8. Ids are mostly UUIDs, and this brings a usual record under 256
//! bytes. A UUID has only the short form, so that one text has one encoding.

use crate::AuditError;

/// Appends a number in LEB128, the low seven bits first.
pub(super) fn put_varint(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

/// Appends a length and the bytes.
pub(super) fn put_bytes(to: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(to, bytes.len() as u64);
    to.extend_from_slice(bytes);
}

/// Appends a text in the shorter of its two forms.
pub(super) fn put_text(to: &mut Vec<u8>, text: &str) {
    if let Some(uuid) = uuid_bytes(text) {
        put_varint(to, 0);
        to.extend_from_slice(&uuid);
    } else {
        put_varint(to, text.len() as u64 + 1);
        to.extend_from_slice(text.as_bytes());
    }
}

/// The number behind a text of the form `8-4-4-4-12` in lower-case hexadecimal digits.
fn uuid_bytes(text: &str) -> Option<[u8; 16]> {
    let bytes = text.as_bytes();
    if bytes.len() != 36 {
        return None;
    }
    let mut number = 0u128;
    for (at, byte) in bytes.iter().enumerate() {
        let digit = match (at, byte) {
            (8 | 13 | 18 | 23, b'-') => continue,
            (8 | 13 | 18 | 23, _) => return None,
            (_, b'0'..=b'9') => byte - b'0',
            (_, b'a'..=b'f') => byte - b'a' + 10,
            _ => return None,
        };
        number = number << 4 | u128::from(digit);
    }
    Some(number.to_be_bytes())
}

/// The text of a UUID (RFC 9562 §4).
fn uuid_text(bytes: [u8; 16]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.into_iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for nibble in [byte >> 4, byte & 0xf] {
            text.push(char::from(DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0')));
        }
    }
    text
}

/// Takes fields off the front of untrusted bytes.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

const CUT: AuditError = AuditError::Record("it ends inside a field");

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], AuditError> {
        let (head, rest) = self.0.split_at_checked(len).ok_or(CUT)?;
        self.0 = rest;
        Ok(head)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], AuditError> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(CUT)?;
        self.0 = rest;
        Ok(*head)
    }

    pub(super) fn u8(&mut self) -> Result<u8, AuditError> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    pub(super) fn u16(&mut self) -> Result<u16, AuditError> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(super) fn u64(&mut self) -> Result<u64, AuditError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub(super) fn varint(&mut self) -> Result<u64, AuditError> {
        const BAD: AuditError = AuditError::Record("a number is not in its shortest form");
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            let bits = u64::from(byte & 0x7f);
            if (shift == 63 && bits > 1) || (shift > 0 && byte == 0) {
                return Err(BAD);
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(BAD)
    }

    pub(super) fn u32(&mut self) -> Result<u32, AuditError> {
        u32::try_from(self.varint()?).map_err(|_| AuditError::Record("a number is too large"))
    }

    /// A length or count of at most `limit`.
    pub(super) fn count(&mut self, limit: usize) -> Result<usize, AuditError> {
        let count = usize::try_from(self.varint()?).unwrap_or(usize::MAX);
        if count > limit {
            Err(AuditError::Record("a length exceeds its bound"))
        } else {
            Ok(count)
        }
    }

    /// A length and as many bytes.
    pub(super) fn bytes(&mut self, limit: usize) -> Result<&'a [u8], AuditError> {
        let len = self.count(limit)?;
        self.take(len)
    }

    /// Passes over a text.
    pub(super) fn skip_text(&mut self, limit: usize) -> Result<(), AuditError> {
        let len = self.count(limit + 1)?.checked_sub(1).unwrap_or(16);
        self.take(len).map(drop)
    }

    pub(super) fn text(&mut self, limit: usize) -> Result<String, AuditError> {
        let Some(len) = self.count(limit + 1)?.checked_sub(1) else {
            // The bound holds for the text, not for its short form.
            let text = uuid_text(self.array()?);
            return if text.len() > limit {
                Err(AuditError::Record("a length exceeds its bound"))
            } else {
                Ok(text)
            };
        };
        let text = str::from_utf8(self.take(len)?)
            .map_err(|_| AuditError::Record("a text is not UTF-8"))?;
        if uuid_bytes(text).is_some() {
            return Err(AuditError::Record("a UUID is not in its short form"));
        }
        Ok(text.to_owned())
    }
}
