//! Keys: what the index looks up, as bytes.
//!
//! A key is the parameter (u16, big-endian), a tag byte and a body. Keys of one parameter and
//! kind lie together when sorted, and a normalised text stands at the front of its key, so that
//! `starts with` is a range of keys. docs/storage.md has the table.

mod prepared;
mod read;
mod slot;
#[cfg(test)]
mod tests;
mod text;

pub use prepared::Prepared;
pub(crate) use prepared::date_key;
pub(crate) use read::value_of;
pub(crate) use slot::{Slot, kind_of, needs_contained, needs_parts, value_kind};

use crate::hash::{filter_hash, fnv128, hash};

/// The pseudo-parameter of the key that says which type a row has.
pub(crate) const TYPE_PARAM: u16 = u16::MAX;

/// The pseudo-parameter of references that no search parameter reads.
pub(crate) const LINK_PARAM: u16 = u16::MAX - 1;

/// The pseudo-parameter of codes that no search parameter reads.
pub(crate) const CODE_PARAM: u16 = u16::MAX - 2;

/// The pseudo-parameter of words.
pub(crate) const WORD_PARAM: u16 = u16::MAX - 3;

/// Longest body kept whole. Of a longer one the first [`KEPT_BYTES`] stay, followed by 16 bytes of
/// hash of the whole: equality stays exact, prefixes are searched within what stays.
const LONGEST_BODY: usize = 1024;
const KEPT_BYTES: usize = LONGEST_BODY - 16;

/// Kinds of keys.
#[allow(missing_docs, reason = "the meaning of each stands with the function that builds it")]
pub(crate) mod tag {
    pub const PRESENT: u8 = 0x01;
    pub const TYPE: u8 = 0x02;
    pub const HELD: u8 = 0x03;
    pub const CODE: u8 = 0x10;
    pub const SYSTEM: u8 = 0x11;
    pub const SYSTEM_CODE: u8 = 0x12;
    pub const BARE_CODE: u8 = 0x13;
    pub const OF_TYPE: u8 = 0x14;
    pub const LOCAL: u8 = 0x20;
    pub const URL: u8 = 0x21;
    pub const REFERS: u8 = 0x22;
    pub const TEXT: u8 = 0x30;
    pub const LABEL: u8 = 0x31;
    pub const URI: u8 = 0x40;
    pub const DATE: u8 = 0x50;
    pub const NUMBER: u8 = 0x51;
    pub const QUANTITY: u8 = 0x52;
    pub const PART: u8 = 0x60;
    pub const ITEM: u8 = 0x61;
    pub const WITHIN: u8 = 0x62;
    pub const WORD: u8 = 0x70;
    pub const VEILED_WORD: u8 = 0x71;
    pub const TOLD: u8 = 0x72;
    pub const VEILED_TOLD: u8 = 0x73;
}

/// A key to be looked up, with its hashes.
pub(crate) struct SearchKey {
    pub bytes: Vec<u8>,
    pub hash: u64,
    pub filter_hash: u64,
}

impl From<Vec<u8>> for SearchKey {
    fn from(bytes: Vec<u8>) -> SearchKey {
        SearchKey { hash: hash(&bytes), filter_hash: filter_hash(&bytes), bytes }
    }
}

/// Appends one key to a buffer.
pub(crate) struct KeyBuilder<'a> {
    bytes: &'a mut Vec<u8>,
    body: usize,
}

impl<'a> KeyBuilder<'a> {
    /// Starts a key at the end of `bytes`.
    pub fn new(bytes: &'a mut Vec<u8>, slot: impl Into<Slot>, tag: u8) -> KeyBuilder<'a> {
        let body = slot.into().begin(bytes, tag);
        KeyBuilder { body, bytes }
    }

    /// Appends to the body.
    pub fn add(self, part: &[u8]) -> KeyBuilder<'a> {
        self.bytes.extend_from_slice(part);
        self
    }

    /// Appends a part that others follow, with its length in front.
    pub fn part(self, part: &[u8]) -> KeyBuilder<'a> {
        let length = part.len() as u32;
        self.add(&length.to_be_bytes()).add(part)
    }

    /// Appends an optional part that others follow.
    pub fn option(self, part: Option<&str>) -> KeyBuilder<'a> {
        match part {
            Some(part) => self.add(&[1]).part(part.as_bytes()),
            None => self.add(&[0]),
        }
    }

    /// Ends the key, cutting a body that is too long.
    pub fn end(self) {
        let length = self.bytes.len() - self.body;
        if length > LONGEST_BODY {
            let digest = fnv128(self.bytes.get(self.body..).unwrap_or_default());
            self.bytes.truncate(self.body + KEPT_BYTES);
            self.bytes.extend_from_slice(&digest.to_be_bytes());
        }
    }
}

fn key(slot: impl Into<Slot>, tag: u8, build: impl FnOnce(KeyBuilder<'_>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    build(KeyBuilder::new(&mut bytes, slot, tag));
    bytes
}

/// Rows that have a value of the parameter; of [`TYPE_PARAM`], all that are not deletions.
pub(crate) fn present(slot: impl Into<Slot>) -> Vec<u8> {
    key(slot, tag::PRESENT, |k| k.end())
}

/// The first row of each chunk whose rows have all been asked for a parameter of the store's own.
pub(crate) fn held(param: u16) -> Vec<u8> {
    key(param, tag::HELD, |k| k.end())
}

/// Rows of a type that are not deletions.
pub(crate) fn of_type(resource_type: u8) -> Vec<u8> {
    key(TYPE_PARAM, tag::TYPE, |k| k.add(&[resource_type]).end())
}

/// Tokens with this code, whatever the system.
pub(crate) fn code(slot: impl Into<Slot>, code: &str) -> Vec<u8> {
    key(slot, tag::CODE, |k| k.add(code.as_bytes()).end())
}

/// Tokens of this system, whatever the code.
pub(crate) fn system(slot: impl Into<Slot>, system: &str) -> Vec<u8> {
    key(slot, tag::SYSTEM, |k| k.add(system.as_bytes()).end())
}

/// Tokens with this system and code.
pub(crate) fn system_code(slot: impl Into<Slot>, system: &str, code: &str) -> Vec<u8> {
    key(slot, tag::SYSTEM_CODE, |k| k.part(system.as_bytes()).add(code.as_bytes()).end())
}

/// Tokens with this code and no system.
pub(crate) fn bare_code(slot: impl Into<Slot>, code: &str) -> Vec<u8> {
    key(slot, tag::BARE_CODE, |k| k.add(code.as_bytes()).end())
}

/// References to a resource of this server.
pub(crate) fn local(slot: impl Into<Slot>, resource_type: u8, id: &str) -> Vec<u8> {
    key(slot, tag::LOCAL, |k| k.add(&[resource_type]).add(id.as_bytes()).end())
}

/// References to elsewhere; a canonical with a version is found without it too.
pub(crate) fn url(slot: impl Into<Slot>, url: &str) -> Vec<u8> {
    key(slot, tag::URL, |k| k.add(url.as_bytes()).end())
}

/// URIs.
pub(crate) fn uri(slot: impl Into<Slot>, uri: &str) -> Vec<u8> {
    key(slot, tag::URI, |k| k.add(uri.as_bytes()).end())
}

/// Strings with exactly this text.
pub(crate) fn exact(slot: impl Into<Slot>, original: &str) -> Vec<u8> {
    key(slot, tag::TEXT, |k| text::body(k, original).end())
}

/// Texts of codes whose normalised form starts with `prefix`, itself normalised: the front of
/// their keys.
pub(crate) fn label(slot: impl Into<Slot>, prefix: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    KeyBuilder::new(&mut bytes, slot, tag::LABEL).add(prefix.as_bytes());
    bytes.truncate(3 + KEPT_BYTES);
    bytes
}

/// Identifiers of a type with a value.
pub(crate) fn typed(slot: impl Into<Slot>, (system, code): (&str, &str), value: &str) -> Vec<u8> {
    key(slot, tag::OF_TYPE, |k| typed_body(k, (system, code), value).end())
}

fn typed_body<'a>(
    key: KeyBuilder<'a>,
    (system, code): (&str, &str),
    value: &str,
) -> KeyBuilder<'a> {
    key.part(system.as_bytes()).part(code.as_bytes()).add(value.as_bytes())
}

/// Where identifiers of references stand.
pub(crate) fn identifiers(slot: impl Into<Slot>) -> Slot {
    slot.into().component(0, 0)
}

/// Rows with so many contained resources and one more.
pub(crate) fn contained(number: u32) -> Vec<u8> {
    key(Slot::of(TYPE_PARAM, Some(number)), tag::PRESENT, |k| k.end())
}

/// Rows whose contained resource of this number is of a type.
pub(crate) fn contained_of(number: u32, resource_type: u8) -> Vec<u8> {
    key(Slot::of(TYPE_PARAM, Some(number)), tag::TYPE, |k| k.add(&[resource_type]).end())
}

/// What stands for the container where contained resources are numbered.
pub(crate) const CONTAINER: u32 = u32::MAX;

/// References within a row: to the contained resource of a number, to the container, or to any of
/// them.
pub(crate) fn refers(slot: impl Into<Slot>, to: Option<u32>) -> Vec<u8> {
    key(slot, tag::REFERS, |k| match to {
        Some(to) => k.add(&to.to_be_bytes()).end(),
        None => k.end(),
    })
}

/// Rows with so many items of a composite parameter and one more.
pub(crate) fn item(slot: impl Into<Slot>, item: u32) -> Vec<u8> {
    key(slot, tag::ITEM, |k| k.add(&item.to_be_bytes()).end())
}

/// The front of every string key whose normalised text starts with `prefix`, itself normalised.
pub(crate) fn starts_with(slot: impl Into<Slot>, prefix: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    KeyBuilder::new(&mut bytes, slot, tag::TEXT).add(prefix.as_bytes());
    bytes.truncate(3 + KEPT_BYTES);
    bytes
}

/// Rows that have a word, by where it stands.
pub(crate) fn word(tag: u8, word: &str) -> Vec<u8> {
    key(WORD_PARAM, tag, |k| k.add(word.as_bytes()).end())
}

/// The front of every key of a parameter and kind; the whole key of a date or number column.
pub(crate) fn front(slot: impl Into<Slot>, tag: u8) -> Vec<u8> {
    key(slot, tag, |k| k.end())
}

/// The normalised text in a string key's body, for `:contains`.
pub(crate) fn normalised(key: &[u8]) -> &[u8] {
    slot::body(key).split(|byte| *byte == 0).next().unwrap_or_default()
}

/// The unit of a quantity column, read back from its key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct UnitRef<'a> {
    pub system: Option<&'a str>,
    pub code: Option<&'a str>,
    pub unit: Option<&'a str>,
}

/// Reads the unit from a quantity key; `None` if the key was cut (units of such length match
/// nothing that a client sends).
pub(crate) fn unit_of(key: &[u8]) -> Option<UnitRef<'_>> {
    let mut rest = slot::body(key);
    let mut next = || -> Option<Option<&str>> {
        let (present, after) = rest.split_first()?;
        if *present == 0 {
            rest = after;
            return Some(None);
        }
        let (length, after) = after.split_first_chunk::<4>()?;
        let (part, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        rest = after;
        Some(Some(std::str::from_utf8(part).ok()?))
    };
    Some(UnitRef { system: next()?, code: next()?, unit: next()? })
}
