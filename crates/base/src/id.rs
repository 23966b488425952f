//! Logical ids of resources.

use std::fmt;
use std::sync::Arc;

use crate::Rng;

/// A FHIR R4 `id`: 1 to 64 characters of `A-Z a-z 0-9 - .` (FHIR R4 datatypes §2.24.0.1).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId(Arc<str>);

/// The text is not a FHIR id.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("an id has 1 to 64 characters of A-Z, a-z, 0-9, `-` and `.`")]
pub struct InvalidId;

impl ResourceId {
    /// Checks and takes a text as an id.
    pub fn new(text: &str) -> Result<ResourceId, InvalidId> {
        if ResourceId::is_valid(text) { Ok(ResourceId(Arc::from(text))) } else { Err(InvalidId) }
    }

    /// Whether the text has the form of an id.
    pub fn is_valid(text: &str) -> bool {
        matches!(text.len(), 1..=64)
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
    }

    /// A new random id: a version 4 UUID (RFC 9562 §5.4), so that ids tell nothing about order.
    pub fn random(rng: &dyn Rng) -> ResourceId {
        let mut bytes = [0u8; 16];
        rng.fill(&mut bytes);
        let mut number = u128::from_be_bytes(bytes);
        number = (number & !(0xf << 76)) | (0x4 << 76);
        number = (number & !(0b11 << 62)) | (0b10 << 62);
        let hex = format!("{number:032x}");
        let mut text = String::with_capacity(36);
        for (at, digit) in hex.chars().enumerate() {
            if matches!(at, 8 | 12 | 16 | 20) {
                text.push('-');
            }
            text.push(digit);
        }
        ResourceId(Arc::from(text))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRng;

    #[test]
    fn ids_follow_the_grammar() {
        for good in ["a", "A-1.b", &"x".repeat(64)] {
            assert!(ResourceId::new(good).is_ok(), "{good}");
        }
        for bad in ["", "a/b", "a b", "é", &"x".repeat(65)] {
            assert_eq!(ResourceId::new(bad), Err(InvalidId), "{bad}");
        }
    }

    #[test]
    fn random_ids_are_version_4_uuids() {
        let rng = SeededRng::new(7);
        let (a, b) = (ResourceId::random(&rng), ResourceId::random(&rng));
        assert_ne!(a, b);
        for id in [a, b] {
            assert_eq!(id.as_str().len(), 36);
            assert_eq!(&id.as_str()[14..15], "4");
            assert!(matches!(&id.as_str()[19..20], "8" | "9" | "a" | "b"));
        }
    }
}
