//! Keys and hashes of a row, made outside the writer.

use accord_fhir::json;

use crate::extract::{At, Within, contained, words};
use crate::hash::hash;
use crate::value::{Datum, Values};

use super::{
    CODE_PARAM, CONTAINER, KeyBuilder, Slot, TYPE_PARAM, WORD_PARAM, identifiers, tag, text,
    typed_body,
};

/// All keys and ranges of one row, with hashes: what `apply` puts into the tail. Made in parallel,
/// before the writer sees the row.
#[derive(Clone, Debug, Default)]
pub struct Prepared {
    bytes: Vec<u8>,
    keys: Vec<PreparedKey>,
    ranges: Vec<(PreparedKey, u128, u128)>,
}

/// Where a key stands, and its hash.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PreparedKey {
    pub hash: u64,
    at: u32,
    length: u32,
}

impl Prepared {
    /// The keys of a row of this type with these values. A deletion has none at all: use
    /// `Prepared::default()`.
    pub fn new(resource_type: u8, values: &Values) -> Prepared {
        let mut prepared = Prepared::default();
        prepared.bytes.reserve(values.0.len() * 64);
        prepared.keys.reserve(values.0.len() * 3);
        prepared.key(TYPE_PARAM, tag::PRESENT, |k| k);
        prepared.key(TYPE_PARAM, tag::TYPE, |k| k.add(&[resource_type]));
        prepared.add(values);
        prepared
    }

    /// Adds the keys of further values, of other parameters than those that are there.
    pub fn add(&mut self, values: &Values) {
        let mut last = None;
        for value in &values.0 {
            // Nobody asks for what has some code that no parameter reads.
            let identifier = matches!(value.datum, Datum::Identifier { .. });
            if last != Some(value.param) && value.param != CODE_PARAM && !identifier {
                last = Some(value.param);
                self.key(value.param, tag::PRESENT, |k| k);
            }
            self.value(value.param.into(), &value.datum);
        }
    }

    /// Adds what no record keeps and is read from the document alone: its words, and what it
    /// contains.
    #[must_use]
    pub fn with_document(mut self, resource: json::Value<'_>) -> Prepared {
        let before = self.keys.len();
        contained(resource, &mut |within| self.within(&within));
        words(resource, &mut |at, word| {
            let tag = match at {
                At::Text => tag::WORD,
                At::VeiledText => tag::VEILED_WORD,
                At::Narrative => tag::TOLD,
                At::VeiledNarrative => tag::VEILED_TOLD,
            };
            self.key(WORD_PARAM, tag, |k| k.add(word.as_bytes()));
        });
        self.once_from(before);
        self
    }

    /// Adds something about a contained resource.
    fn within(&mut self, within: &Within) {
        match within {
            Within::Resource { number, resource_type } => {
                let slot = Slot::of(TYPE_PARAM, Some(*number));
                self.key(slot, tag::PRESENT, |k| k);
                self.key(slot, tag::TYPE, |k| k.add(&[resource_type.0]));
            }
            Within::Value { number, value } => {
                let slot = Slot::of(value.param, Some(*number));
                if !matches!(value.datum, Datum::Identifier { .. }) {
                    self.key(slot, tag::PRESENT, |k| k);
                }
                self.value(slot, &value.datum);
            }
            Within::Refers { from, param, to } => {
                let slot = Slot::of(*param, *from);
                // It has a value, which names no resource that joins take.
                self.key(identifiers(slot), tag::PRESENT, |k| k);
                self.key(slot, tag::REFERS, |k| k);
                self.key(slot, tag::REFERS, |k| k.add(&to.unwrap_or(CONTAINER).to_be_bytes()));
            }
        }
    }

    /// Keeps each key from a place on once: the tail need not look for it again and again.
    fn once_from(&mut self, place: usize) {
        let mut keys = self.keys.split_off(place);
        keys.sort_unstable_by_key(|key| key.hash);
        keys.dedup_by(|a, b| a.hash == b.hash && self.bytes_of(a) == self.bytes_of(b));
        self.keys.append(&mut keys);
    }

    fn value(&mut self, param: Slot, datum: &Datum) {
        match datum {
            Datum::Token { system: Some(system), code } if param.param() == CODE_PARAM => {
                self.key(param, tag::SYSTEM_CODE, |k| {
                    k.part(system.as_bytes()).add(code.as_bytes())
                });
            }
            Datum::Label(label) => self.key(param, tag::LABEL, |k| text::body(k, label)),
            // Joins take what has a value for what names a resource.
            Datum::Identifier { system, value } => {
                self.key(identifiers(param), tag::PRESENT, |k| k);
                self.token(identifiers(param), system.as_deref(), value);
            }
            Datum::OfType { system, code, value } => {
                self.key(param, tag::OF_TYPE, |k| typed_body(k, (system, code), value));
            }
            Datum::Part { item, component, datum } => {
                self.key(param, tag::ITEM, |k| k.add(&item.to_be_bytes()));
                self.plain(param.component(*component, *item), datum);
            }
            plain => self.plain(param, plain),
        }
    }

    /// A value that parts can have too.
    fn plain(&mut self, param: Slot, datum: &Datum) {
        match datum {
            Datum::Token { system, code } => self.token(param, system.as_deref(), code),
            Datum::Reference { resource_type, id } => {
                self.key(param, tag::LOCAL, |k| k.add(&[*resource_type]).add(id.as_bytes()));
            }
            Datum::Url(url) => {
                self.key(param, tag::URL, |k| k.add(url.as_bytes()));
                if let Some((canonical, _version)) = url.split_once('|') {
                    self.key(param, tag::URL, |k| k.add(canonical.as_bytes()));
                }
            }
            Datum::Text(original) => self.key(param, tag::TEXT, |k| text::body(k, original)),
            Datum::Uri(uri) => self.key(param, tag::URI, |k| k.add(uri.as_bytes())),
            Datum::Date { low, high } => {
                self.range(param, tag::DATE, (date_key(*low), date_key(*high)), |k| k);
            }
            Datum::Number { key } => self.range(param, tag::NUMBER, (*key, *key), |k| k),
            Datum::Quantity { low, high, system, code, unit } => {
                self.range(param, tag::QUANTITY, (*low, *high), |k| {
                    k.option(system.as_deref()).option(code.as_deref()).option(unit.as_deref())
                });
            }
            // No parts of parts: composites have no modifiers.
            Datum::Label(_)
            | Datum::Identifier { .. }
            | Datum::OfType { .. }
            | Datum::Part { .. } => {}
        }
    }

    fn token(&mut self, param: Slot, system: Option<&str>, code: &str) {
        self.key(param, tag::CODE, |k| k.add(code.as_bytes()));
        match system {
            Some(system) => {
                self.key(param, tag::SYSTEM, |k| k.add(system.as_bytes()));
                self.key(param, tag::SYSTEM_CODE, |k| {
                    k.part(system.as_bytes()).add(code.as_bytes())
                });
            }
            None => self.key(param, tag::BARE_CODE, |k| k.add(code.as_bytes())),
        }
    }

    fn build(
        &mut self,
        param: impl Into<Slot>,
        tag: u8,
        body: impl FnOnce(KeyBuilder<'_>) -> KeyBuilder<'_>,
    ) -> PreparedKey {
        let at = self.bytes.len();
        body(KeyBuilder::new(&mut self.bytes, param, tag)).end();
        let key = self.bytes.get(at..).unwrap_or_default();
        PreparedKey { hash: hash(key), at: at as u32, length: key.len() as u32 }
    }

    fn key(
        &mut self,
        param: impl Into<Slot>,
        tag: u8,
        body: impl FnOnce(KeyBuilder<'_>) -> KeyBuilder<'_>,
    ) {
        let key = self.build(param, tag, body);
        self.keys.push(key);
    }

    fn range(
        &mut self,
        param: Slot,
        tag: u8,
        (low, high): (u128, u128),
        body: impl FnOnce(KeyBuilder<'_>) -> KeyBuilder<'_>,
    ) {
        let key = self.build(param, tag, body);
        self.ranges.push((key, low, high));
    }

    /// Every key of the row with its hash; some more than once.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (u64, &[u8])> {
        self.keys.iter().map(|key| (key.hash, self.bytes_of(key)))
    }

    /// Every range of the row: key of the column, its hash, low, high.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = (u64, &[u8], u128, u128)> {
        self.ranges.iter().map(|(key, low, high)| (key.hash, self.bytes_of(key), *low, *high))
    }

    fn bytes_of(&self, key: &PreparedKey) -> &[u8] {
        let start = key.at as usize;
        self.bytes.get(start..start + key.length as usize).unwrap_or_default()
    }
}

/// An instant of a date range as a key that sorts: the sign bit flipped.
pub(crate) fn date_key(us: i64) -> u128 {
    u128::from(us as u64 ^ 1 << 63)
}
