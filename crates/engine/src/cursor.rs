//! Cursors of pages: stateless, sealed, bound to who asked and what was asked.
//!
//! Row numbers would tell how much lies between two results that someone may see, so a cursor is
//! encrypted; bound to subject and query as associated data, it is of no use to anyone else.

use accord_base::{LogTime, Rng, Row, Subject};
use accord_index::Key;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

/// Longest sort key kept in a cursor, in bytes: a logical id.
const KEY_BYTES: usize = 64;
/// Format, instant, kind of key (0 row, 1 id, 2 place), row or type, length of what follows, id or
/// place.
const PLAIN_BYTES: usize = 1 + 8 + 1 + 4 + 1 + KEY_BYTES;
const FORMAT: u8 = 1;

/// Where a page ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Cursor {
    /// The state the first page was answered from.
    pub as_of: LogTime,
    /// The place of the last result in the order of results.
    pub key: Key,
}

/// Seals and opens cursors.
pub(crate) struct Cursors {
    key: LessSafeKey,
}

impl Cursors {
    /// With the store's cursor key.
    pub fn new(key: &[u8; 32]) -> Option<Cursors> {
        Some(Cursors { key: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?) })
    }

    /// The cursor as text of a fixed length.
    pub fn seal(
        &self,
        cursor: &Cursor,
        subject: &Subject,
        query: &str,
        rng: &dyn Rng,
    ) -> Option<String> {
        let mut plain = [0u8; PLAIN_BYTES];
        let place;
        let (kind, number, id) = match &cursor.key {
            Key::Row(row) => (0, row.0, ""),
            Key::Id(id, resource_type) => (1, u32::from(*resource_type), id.as_str()),
            Key::Place(row, number) => {
                place = number.to_string();
                (2, row.0, place.as_str())
            }
        };
        let fields = [
            &[FORMAT][..],
            &cursor.as_of.0.to_le_bytes(),
            &[kind],
            &number.to_le_bytes(),
            &[u8::try_from(id.len()).ok()?],
            id.as_bytes(),
        ]
        .concat();
        plain.get_mut(..fields.len())?.copy_from_slice(&fields);
        let mut nonce = [0u8; NONCE_LEN];
        rng.fill(&mut nonce);
        let aad = Aad::from(binding(subject, query));
        let unique = Nonce::assume_unique_for_key(nonce);
        let tag = self.key.seal_in_place_separate_tag(unique, aad, &mut plain).ok()?;
        Some(URL_SAFE_NO_PAD.encode([&nonce[..], &plain, tag.as_ref()].concat()))
    }

    /// Opens a cursor's text; `None` if it is not one that this subject got for this query.
    pub fn open(&self, text: &str, subject: &Subject, query: &str) -> Option<Cursor> {
        let mut bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let aad = Aad::from(binding(subject, query));
        let plain: &[u8] = self.key.open_in_place(nonce, aad, sealed).ok()?;
        let (&[format], rest) = plain.split_first_chunk()?;
        let (as_of, rest) = rest.split_first_chunk()?;
        let (&[kind], rest) = rest.split_first_chunk()?;
        let (number, rest) = rest.split_first_chunk()?;
        let (&[length], rest) = rest.split_first_chunk()?;
        let id = std::str::from_utf8(rest.get(..usize::from(length))?).ok()?;
        let number = u32::from_le_bytes(*number);
        let key = match kind {
            0 => Key::Row(Row(number)),
            1 => Key::Id(id.to_owned(), u8::try_from(number).ok()?),
            2 => Key::Place(Row(number), id.parse().ok()?),
            _ => return None,
        };
        (format == FORMAT).then(|| Cursor { as_of: LogTime(u64::from_le_bytes(*as_of)), key })
    }
}

/// What a cursor is bound to.
fn binding(subject: &Subject, query: &str) -> Vec<u8> {
    let organization = subject.organization.as_ref().map_or("", |id| id.as_str());
    let parts =
        [&subject.reference(), subject.role.code(), organization, subject.purpose.code(), query];
    let mut bytes = Vec::with_capacity(query.len() + 96);
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u32).to_le_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use accord_base::{Principal, ResourceId, SeededRng};

    #[test]
    fn a_cursor_opens_for_its_subject_and_query_only() {
        let cursors = Cursors::new(&[3; 32]).unwrap();
        let rng = SeededRng::new(1);
        let mut subject = Subject::system("test");
        let cursor = Cursor { as_of: LogTime(5), key: Key::Row(Row(9)) };
        let text = cursors.seal(&cursor, &subject, "Patient?", &rng).unwrap();
        assert_eq!(cursors.open(&text, &subject, "Patient?"), Some(cursor.clone()));
        assert_eq!(cursors.open(&text, &subject, "Patient?name=a"), None);
        assert_eq!(cursors.open("", &subject, "Patient?"), None);
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            let opened = cursors.open(&changed, &subject, "Patient?");
            assert!(opened.is_none() || changed == text, "byte {at}");
        }
        subject.principal = Principal::Patient(ResourceId::new("p").unwrap());
        assert_eq!(cursors.open(&text, &subject, "Patient?"), None);
        let placed = Cursor { key: Key::Place(Row(9), 4), ..cursor };
        let place = cursors.seal(&placed, &subject, "", &rng).unwrap();
        assert_eq!(place.len(), text.len());
        assert_eq!(cursors.open(&place, &subject, ""), Some(placed.clone()));
        let cursor = placed;
        let other = Cursor { key: Key::Id("x".repeat(64), 7), ..cursor };
        let longest = cursors.seal(&other, &subject, "", &rng).unwrap();
        assert_eq!(longest.len(), text.len());
        assert_eq!(cursors.open(&longest, &subject, ""), Some(other));
    }
}
