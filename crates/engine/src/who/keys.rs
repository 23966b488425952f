//! What only a holder of the store key can tell: names in rolls, ids of events, what records say.

use std::fmt::Write;
use std::sync::Arc;

use accord_audit::{AccessRecord, SealKey, Skimmed};
use accord_base::ResourceId;
use accord_store::StoreKey;
use accord_store::keys::SubKey;
use accord_store::roll::Source;
use parking_lot::Mutex;
use ring::hmac;

use super::walk::Place;
use crate::EngineError;

/// Terms whose keys are kept at hand.
const MOST_KEYS: usize = 64;
/// Source, number of the file, place, place of the patient in the record.
const PLAIN_BYTES: usize = 1 + 4 + 4 + 2;
const TAG_BYTES: usize = 16;

/// Opens access records of any term.
pub(crate) struct AccessKeys {
    base: hmac::Key,
    of_terms: Mutex<Vec<(u64, Arc<SealKey>)>>,
}

impl AccessKeys {
    /// With the store's key for access records.
    pub fn new(store_key: &StoreKey) -> AccessKeys {
        let base = hmac::Key::new(hmac::HMAC_SHA256, &store_key.derive(SubKey::AccessRecords));
        AccessKeys { base, of_terms: Mutex::new(Vec::new()) }
    }

    /// The key that access records of a writer's term are sealed under: HMAC-SHA-256 of the term
    /// under the store's key for access records.
    ///
    /// # Errors
    /// None that can occur: the hash has the length of a key.
    pub fn of_term(&self, term: u64) -> Result<SealKey, EngineError> {
        let tag = hmac::sign(&self.base, &term.to_le_bytes());
        let bytes = tag.as_ref().first_chunk().ok_or(EngineError::Damaged("a key is too short"))?;
        Ok(SealKey::new(term, bytes)?)
    }

    /// Opens a sealed record.
    ///
    /// # Errors
    /// If it was altered.
    pub fn open(&self, sealed: &[u8]) -> Result<AccessRecord, EngineError> {
        let key = self.kept(accord_audit::sealed_key_id(sealed)?)?;
        Ok(accord_audit::open(sealed, &key)?)
    }

    /// Reads of a sealed record whom it names.
    ///
    /// # Errors
    /// If it was altered.
    pub fn skim(&self, sealed: &[u8]) -> Result<Skimmed, EngineError> {
        let key = self.kept(accord_audit::sealed_key_id(sealed)?)?;
        Ok(accord_audit::skim(sealed, &key)?)
    }

    fn kept(&self, term: u64) -> Result<Arc<SealKey>, EngineError> {
        let mut kept = self.of_terms.lock();
        if let Some((_, key)) = kept.iter().find(|(id, _)| *id == term) {
            return Ok(key.clone());
        }
        let key = Arc::new(self.of_term(term)?);
        if kept.len() >= MOST_KEYS {
            kept.clear();
        }
        kept.push((term, key.clone()));
        Ok(key)
    }
}

/// Makes names and ids.
pub(super) struct Names {
    names: hmac::Key,
    tags: hmac::Key,
    pads: hmac::Key,
}

impl Names {
    pub fn new(store_key: &StoreKey) -> Names {
        let base = hmac::Key::new(hmac::HMAC_SHA256, &store_key.derive(SubKey::Rolls));
        let sub = |info: &[u8]| hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&base, info).as_ref());
        Names { names: sub(b"names"), tags: sub(b"event tags"), pads: sub(b"event pads") }
    }

    /// The name of a patient in rolls; that of nobody for records that name nobody.
    pub fn name(&self, patient: Option<&ResourceId>) -> u64 {
        let tag = match patient {
            // No id is empty.
            None => hmac::sign(&self.names, b""),
            Some(id) => hmac::sign(&self.names, id.as_str().as_bytes()),
        };
        tag.as_ref().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    /// The id of the event that a record at a place is for one of its patients (0 where it names
    /// nobody). It tells nobody where the record is, and cannot be guessed: a tag, and the place
    /// under a pad made of the tag (the construction of RFC 5297, with HMAC-SHA-256).
    pub fn event_id(&self, place: Place, patient: u16) -> Option<ResourceId> {
        let mut plain = Vec::with_capacity(PLAIN_BYTES);
        plain.push(match place.source {
            Source::Stream => 1,
            Source::Log => 2,
        });
        plain.extend_from_slice(&place.number.to_le_bytes());
        plain.extend_from_slice(&place.at.to_le_bytes());
        plain.extend_from_slice(&patient.to_le_bytes());
        let tag = hmac::sign(&self.tags, &plain);
        let tag = tag.as_ref().get(..TAG_BYTES)?;
        let mut text = String::with_capacity(2 * (TAG_BYTES + PLAIN_BYTES));
        let padded = self.pad(tag, &plain);
        for byte in tag.iter().chain(&padded) {
            write!(text, "{byte:02x}").ok()?;
        }
        ResourceId::new(&text).ok()
    }

    /// The place that an id made by [`Names::event_id`] speaks of; `None` for every other.
    pub fn event_place(&self, id: &ResourceId) -> Option<(Place, u16)> {
        let text = id.as_str().as_bytes();
        let (pairs, rest) = text.as_chunks::<2>();
        if !rest.is_empty() || pairs.len() != TAG_BYTES + PLAIN_BYTES {
            return None;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16).filter(|_| !byte.is_ascii_uppercase());
        let byte = |[high, low]: &[u8; 2]| u8::try_from(digit(*high)? * 16 + digit(*low)?).ok();
        let bytes: Option<Vec<u8>> = pairs.iter().map(byte).collect();
        let bytes = bytes?;
        let (tag, padded) = bytes.split_at_checked(TAG_BYTES)?;
        let plain = self.pad(tag, padded);
        let (&[source], rest) = plain.split_first_chunk()?;
        let (number, rest) = rest.split_first_chunk()?;
        let (at, rest) = rest.split_first_chunk()?;
        let patient = u16::from_le_bytes(*rest.first_chunk()?);
        let source = if source == 1 { Source::Stream } else { Source::Log };
        let (number, at) = (u32::from_le_bytes(*number), u32::from_le_bytes(*at));
        let place = Place { source, number, at };
        // One id for each event: what does not come out the same was not made here.
        (self.event_id(place, patient).as_ref() == Some(id)).then_some((place, patient))
    }

    fn pad(&self, tag: &[u8], bytes: &[u8]) -> Vec<u8> {
        let pad = hmac::sign(&self.pads, tag);
        bytes.iter().zip(pad.as_ref()).map(|(byte, pad)| byte ^ pad).collect()
    }
}

#[cfg(test)]
mod tests {
    use accord_base::SeededRng;

    use super::*;

    #[test]
    fn ids_lead_back_to_their_place_and_others_nowhere() {
        let names = Names::new(&StoreKey::random(&SeededRng::new(1)));
        let other = Names::new(&StoreKey::random(&SeededRng::new(2)));
        for source in [Source::Stream, Source::Log] {
            let place = Place { source, number: 7, at: 1_000_003 };
            let id = names.event_id(place, 255).unwrap();
            assert_eq!(names.event_place(&id), Some((place, 255)));
            assert_eq!(other.event_place(&id), None);
            assert_ne!(names.event_id(place, 254).unwrap(), id);
            for at in 0..id.as_str().len() {
                let mut changed = id.as_str().to_owned().into_bytes();
                changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
                let changed = ResourceId::new(&String::from_utf8(changed).unwrap()).unwrap();
                assert_eq!(names.event_place(&changed), None);
            }
        }
        for no in ["a", "example", "0123456789abcdef0123456789abcdef"] {
            assert_eq!(names.event_place(&ResourceId::new(no).unwrap()), None);
        }
    }
}
