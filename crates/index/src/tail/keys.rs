//! The keys of a chunk and their postings.

use accord_spec::{ParamId, param_by_id};
use hashbrown::{HashMap, HashTable};

use crate::hash::spread;
use crate::key::{kind_of, tag, value_kind};
use crate::paged::{Arena, Paged};

use super::posting::{Pool, Posting, Rows};
use super::range::TailRange;

/// Keys of a chunk: a hash table of entries whose bytes lie in an arena.
pub(crate) struct Keys {
    table: HashTable<u32>,
    entries: Paged<Entry>,
    arena: Arena,
    pool: Pool,
    /// String keys by parameter and first two bytes of the text, for scans.
    texts: HashMap<u16, HashMap<[u8; 2], Vec<u32>>>,
    /// Keys of references, codes, uris and words by parameter and kind, for scans.
    listed: HashMap<(u16, u8), Vec<u32>>,
    ranges: HashMap<Box<[u8]>, TailRange>,
}

struct Entry {
    short: u32,
    at: u32,
    length: u32,
    posting: Posting,
}

impl Keys {
    /// Room for `expected` keys, so that the table of a chunk like the last one never grows.
    pub fn new(chunk_rows: u32, expected: usize) -> Keys {
        Keys {
            table: HashTable::with_capacity(expected),
            entries: Paged::default(),
            arena: Arena::default(),
            pool: Pool::new(chunk_rows),
            texts: HashMap::new(),
            listed: HashMap::new(),
            ranges: HashMap::new(),
        }
    }

    /// Adds a row to a key.
    pub fn add(&mut self, hash: u64, key: &[u8], row: u16) {
        match self.find(hash, key) {
            Some(at) => {
                if let Some(entry) = self.entries.get_mut(at) {
                    self.pool.push(&mut entry.posting, row);
                }
            }
            None => self.insert(hash, key, row),
        }
    }

    fn insert(&mut self, hash: u64, key: &[u8], row: u16) {
        let (short, length) = (hash as u32, key.len() as u32);
        let at = self.arena.push(key);
        let place = self.entries.push(Entry { short, at, length, posting: Posting::new(row) });
        let entries = &self.entries;
        self.table.insert_unique(spread(short), place, |place| {
            spread(entries.get(*place).map_or(0, |entry| entry.short))
        });
        match kind_of(key) {
            Some((param, tag::TEXT | tag::LABEL)) => {
                self.texts.entry(param).or_default().entry(front(key)).or_default().push(place);
            }
            Some((param, kind @ (tag::LOCAL | tag::URL | tag::CODE | tag::URI)))
            | Some((param, kind @ tag::WORD..=tag::VEILED_TOLD)) => {
                self.listed.entry((param, kind)).or_default().push(place);
            }
            // What is common to all types is asked for by its values: tags, labels.
            Some((param, kind @ (tag::SYSTEM_CODE | tag::BARE_CODE))) if is_common(param) => {
                self.listed.entry((param, kind)).or_default().push(place);
            }
            Some((param, tag::PART)) if value_kind(key) == Some(tag::TEXT) => {
                self.listed.entry((param, tag::PART)).or_default().push(place);
            }
            Some((param, tag::WITHIN)) if is_scanned(key) => {
                self.listed.entry((param, tag::WITHIN)).or_default().push(place);
            }
            _ => {}
        }
    }

    /// Adds a range of a row to a column.
    pub fn add_range(&mut self, key: &[u8], low: u128, high: u128, row: u16) {
        match self.ranges.get_mut(key) {
            Some(column) => column.push(low, high, row),
            None => {
                let mut column = TailRange::default();
                column.push(low, high, row);
                self.ranges.insert(Box::from(key), column);
            }
        }
    }

    /// The place of a key.
    pub fn find(&self, hash: u64, key: &[u8]) -> Option<u32> {
        let short = hash as u32;
        let same = |place: &u32| {
            self.entries.get(*place).is_some_and(|entry| {
                entry.short == short
                    && entry.length as usize == key.len()
                    && self.arena.get(entry.at, key.len()) == key
            })
        };
        self.table.find(spread(short), same).copied()
    }

    /// How many rows the key at a place has.
    pub fn count(&self, place: u32) -> u32 {
        self.entries.get(place).map_or(0, |entry| entry.posting.count)
    }

    /// The rows of the key at a place.
    pub fn rows(&self, place: u32) -> Rows<'_> {
        self.entries.get(place).map_or(Rows::List(&[]), |entry| self.pool.rows(entry.posting))
    }

    /// The key at a place.
    pub fn key(&self, place: u32) -> &[u8] {
        self.entries.get(place).map_or(&[], |entry| self.arena.get(entry.at, entry.length as usize))
    }

    /// Lists of places among which are all keys of strings and labels that begin with `prefix`.
    pub fn texts(&self, prefix: &[u8]) -> impl Iterator<Item = &[u32]> + use<'_> {
        let texts = kind_of(prefix).and_then(|(param, _)| self.texts.get(&param)).into_iter();
        let bucket = (prefix.len() >= 5).then(|| front(prefix));
        let within = move |front: &[u8; 2]| bucket.is_none_or(|bucket| bucket == *front);
        let buckets = texts.flatten().filter(move |(front, _)| within(front));
        buckets.map(|(_, places)| places.as_slice())
    }

    /// Places of every key of a parameter and kind that is not a text; of codes, references, uris,
    /// words, and of texts that are parts; of parameters common to all types codes with their
    /// systems, too; of what is contained all of these together.
    pub fn listed(&self, param: u16, kind: u8) -> &[u32] {
        self.listed.get(&(param, kind)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The column of this key.
    pub fn range(&self, key: &[u8]) -> Option<&TailRange> {
        self.ranges.get(key)
    }

    /// Every column with its key, in no order.
    pub fn ranges(&self) -> impl Iterator<Item = (&[u8], &TailRange)> {
        self.ranges.iter().map(|(key, range)| (&**key, range))
    }

    /// Number of keys.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Bytes of memory.
    pub fn memory(&self) -> usize {
        let texts = self.texts.values().flat_map(HashMap::values);
        let texts: usize = texts.map(|places| places.capacity() * 4 + 40).sum();
        let ranges: usize = self.ranges.values().map(|range| range.memory() + 120).sum();
        let listed: usize = self.listed.values().map(|places| places.capacity() * 4 + 40).sum();
        let table = self.table.allocation_size() + listed;
        table + self.entries.memory() + self.arena.memory() + self.pool.memory() + texts + ranges
    }
}

/// Whether a parameter is common to all types.
fn is_common(param: u16) -> bool {
    param_by_id(ParamId(param)).is_some_and(|param| param.base.is_none())
}

/// Whether a key of a contained resource is one that scans look for.
fn is_scanned(key: &[u8]) -> bool {
    matches!(value_kind(key), Some(tag::TEXT | tag::LABEL | tag::LOCAL | tag::URI))
}

/// The first two bytes of a string key's text; zeros where it is shorter.
fn front(key: &[u8]) -> [u8; 2] {
    [key.get(3).copied().unwrap_or(0), key.get(4).copied().unwrap_or(0)]
}
