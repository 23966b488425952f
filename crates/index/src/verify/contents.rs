//! All that a part holds, summed up by row.

use std::collections::BTreeSet;

use accord_access::Fact;
use accord_spec::ParamId;

use crate::effect::{NewName, RowChange, RowEffect};
use crate::error::IndexError;
use crate::hash::hash;
use crate::key::{Prepared, kind_of, tag};
use crate::part::Part;
use crate::set::RowSet;

/// Number and sum of hashes of a row's keys and ranges: equal for equal sets, and for different
/// ones with a chance of 2⁻⁶⁴ (the hash is seeded at start).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Fold {
    pub count: u32,
    sum: u64,
}

impl Fold {
    fn add(&mut self, key: &[u8]) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(hash(key));
    }

    /// The fold of what a row should have.
    pub fn of(prepared: &Prepared) -> Fold {
        let mut fold = Fold::default();
        keys(prepared).iter().for_each(|key| fold.add(key));
        fold
    }
}

/// The keys of a row, and its ranges as the column's key with both bounds behind it.
pub(crate) fn keys(prepared: &Prepared) -> BTreeSet<Vec<u8>> {
    let keys = prepared.keys().map(|(_, key)| key.to_vec());
    keys.chain(prepared.ranges().map(|(_, key, low, high)| with_bounds(key, low, high))).collect()
}

fn with_bounds(key: &[u8], low: u128, high: u128) -> Vec<u8> {
    [key, &low.to_be_bytes(), &high.to_be_bytes()].concat()
}

/// What a part holds.
pub(crate) struct Contents {
    /// Parameters of the store's own that it holds; keys of others do not count.
    pub held: Vec<u16>,
    folds: Vec<Fold>,
    names: Vec<(u32, NewName)>,
    facts: Vec<(u32, Fact)>,
    changes: Vec<(u32, RowChange)>,
}

impl Contents {
    /// Reads all postings and ranges of a part once.
    pub fn read(part: &Part, held: Vec<u16>) -> Result<Contents, IndexError> {
        let mut folds = vec![Fold::default(); (part.end() - part.first()) as usize];
        for_each(part, |key, row| {
            if let Some(fold) = folds.get_mut(row as usize).filter(|_| counts(key, &held)) {
                fold.add(key);
            }
        })?;
        let (names, facts, changes) = match part {
            Part::Chunk(chunk) => {
                let stated = chunk.stated();
                (stated.names.clone(), stated.facts.clone(), stated.changes.clone())
            }
            Part::Segment(segment) => (segment.names()?, segment.facts()?, segment.changes()?),
        };
        Ok(Contents { held, folds, names, facts, changes })
    }

    /// The fold of a row's keys.
    pub fn fold(&self, local: u32) -> Fold {
        self.folds.get(local as usize).copied().unwrap_or_default()
    }

    /// Whether the part has the names, facts and changes of an effect, and no others for its row.
    pub fn states(&self, local: u32, effect: &RowEffect) -> bool {
        of_row(&self.names, local).eq(&effect.names)
            && of_row(&self.facts, local).eq(&effect.facts)
            && of_row(&self.changes, local).eq(&effect.changes)
    }

    /// The keys that a part holds for one row; reads the whole part again.
    pub fn keys_of(&self, part: &Part, local: u32) -> Result<BTreeSet<Vec<u8>>, IndexError> {
        let mut keys = BTreeSet::new();
        for_each(part, |key, row| {
            if row == local && counts(key, &self.held) {
                keys.insert(key.to_vec());
            }
        })?;
        Ok(keys)
    }
}

/// Whether a key is one that a row should have, if it has it.
fn counts(key: &[u8], held: &[u16]) -> bool {
    match kind_of(key) {
        Some((_, tag::HELD)) => false,
        Some((param, _)) => !ParamId(param).is_own() || held.contains(&param),
        None => true,
    }
}

/// What a row states, from a list in the order of rows.
fn of_row<T>(list: &[(u32, T)], local: u32) -> impl Iterator<Item = &T> {
    let start = list.partition_point(|(row, _)| *row < local);
    let from = list.get(start..).unwrap_or_default();
    from.iter().take_while(move |(row, _)| *row == local).map(|(_, item)| item)
}

/// Hands every key and range of a part to `visit`, with each of its rows.
fn for_each(part: &Part, mut visit: impl FnMut(&[u8], u32)) -> Result<(), IndexError> {
    let mut visit_all = |key: &[u8], rows: &RowSet| {
        rows.range((0, u32::MAX), false).for_each(|row| visit(key, row));
    };
    match part {
        Part::Chunk(chunk) => {
            let keys = chunk.keys();
            for place in 0..keys.len() as u32 {
                visit_all(keys.key(place), &RowSet::from(keys.rows(place)));
            }
            for (key, column) in keys.ranges() {
                for (low, high, row) in column.iter() {
                    visit(&with_bounds(key, low, high), u32::from(row));
                }
            }
        }
        Part::Segment(segment) => {
            let (dictionary, blocks) = segment.dictionary();
            dictionary.scan(&[], blocks, |key, rows| {
                visit_all(key, &rows.load(blocks, (0, segment.rows()))?);
                Ok(())
            })?;
            let (index, blocks) = segment.range_index();
            for column in index.columns(&[]) {
                let mut walk = column.walk(true, blocks);
                while let Some(range) = walk.next()? {
                    visit(&with_bounds(column.key(), range.low, range.high), range.row);
                }
            }
        }
    }
    Ok(())
}
