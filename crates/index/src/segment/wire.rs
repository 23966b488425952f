//! Reading and writing numbers and texts of the file.

use crate::error::IndexError;

/// Appends a number in LEB128: seven bits a byte, low ones first.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends a byte string with its length in front.
pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Reads from the front of bytes that may be damaged.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a>(pub &'a [u8]);

/// Made where it is needed alone: readers are asked for every byte of a number, and an error that
/// is made and dropped each time is felt in every look-up.
fn short() -> IndexError {
    IndexError::Corrupt("a part ends too early")
}

impl<'a> Reader<'a> {
    /// Whether everything was read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next `length` bytes.
    pub fn take(&mut self, length: usize) -> Result<&'a [u8], IndexError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(short)?;
        self.0 = rest;
        Ok(taken)
    }

    /// The next `N` bytes.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], IndexError> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or_else(short)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub fn u8(&mut self) -> Result<u8, IndexError> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    pub fn u16(&mut self) -> Result<u16, IndexError> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub fn u32(&mut self) -> Result<u32, IndexError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub fn u64(&mut self) -> Result<u64, IndexError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub fn u128(&mut self) -> Result<u128, IndexError> {
        Ok(u128::from_le_bytes(self.array()?))
    }

    /// A number in LEB128.
    pub fn varint(&mut self) -> Result<u64, IndexError> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(IndexError::Corrupt("a number is too long"))
    }

    /// A number in LEB128 that must fit.
    pub fn varint32(&mut self) -> Result<u32, IndexError> {
        u32::try_from(self.varint()?).map_err(|_| IndexError::Corrupt("a number is too large"))
    }

    /// A byte string with its length in front.
    pub fn bytes(&mut self) -> Result<&'a [u8], IndexError> {
        let length = self.varint32()?;
        self.take(length as usize)
    }

    /// A text with its length in front.
    pub fn text(&mut self) -> Result<&'a str, IndexError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| IndexError::Corrupt("a text is not UTF-8"))
    }
}

/// Takes the checksum off the end of `bytes` and checks it.
pub(crate) fn checked(bytes: &[u8]) -> Result<&[u8], IndexError> {
    let (body, crc) = bytes.split_last_chunk::<4>().ok_or_else(short)?;
    if crc32c::crc32c(body) != u32::from_le_bytes(*crc) {
        return Err(IndexError::Corrupt("a checksum does not match"));
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_and_texts_come_back(numbers: Vec<u64>, text: String) {
            let mut out = Vec::new();
            numbers.iter().for_each(|n| put_varint(&mut out, *n));
            put_bytes(&mut out, text.as_bytes());
            let mut reader = Reader(&out);
            for n in numbers {
                prop_assert_eq!(reader.varint().unwrap(), n);
            }
            prop_assert_eq!(reader.text().unwrap(), text);
            prop_assert!(reader.is_empty());
            prop_assert!(reader.u8().is_err());
        }
    }
}
