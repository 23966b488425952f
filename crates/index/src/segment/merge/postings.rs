//! Merging postings: the keys of all segments in order, rows shifted to where they are now.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use roaring::RoaringBitmap;

use crate::error::IndexError;
use crate::hash::filter_hash;
use crate::segment::dictionary_writer::DictionaryWriter;
use crate::segment::filter::Filter;
use crate::segment::format::FileWriter;
use crate::segment::walk::Walk;
use crate::set::RowSet;

use super::{Kept, Merge};

/// Rows that are gathered as a list; more become a bitmap.
const FEW: usize = 512;

/// The keys of one segment, at the first that is not merged yet. The least key is the greatest
/// head, and among equal ones the first segment: so the heap gives rows in ascending order.
struct Head<'a> {
    walk: Walk<'a>,
    kept: &'a Kept,
    first: u32,
}

impl Head<'_> {
    /// Goes on to the next key that counts. False after the last.
    fn advance(&mut self) -> Result<bool, IndexError> {
        while self.walk.advance()? {
            if self.kept.has(self.walk.key()) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Ord for Head<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let keys = other.walk.key().cmp(self.walk.key());
        keys.then_with(|| other.first.cmp(&self.first))
    }
}

impl PartialOrd for Head<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Head<'_> {}

/// Writes the sections of postings and gives the filter over their keys.
pub(super) fn merge(file: &mut FileWriter<'_>, merge: &Merge) -> Result<Filter, IndexError> {
    let mut heads = BinaryHeap::new();
    for (first, input, kept) in merge.keyed() {
        let mut head = Head { walk: Walk::new(input), kept, first };
        if head.advance()? {
            heads.push(head);
        }
    }
    file.begin();
    let counted = merge.keyed().filter(|(_, _, kept)| **kept != Kept::None);
    let filters = counted.map(|(_, input, _)| &input.filter);
    let mut filter = Filter::over(filters);
    let (mut writer, mut key, mut keys) = (DictionaryWriter::default(), Vec::new(), 0);
    let mut rows = Gathered::default();
    while let Some(mut head) = heads.peek_mut() {
        if key != head.walk.key() {
            if let Some(rows) = rows.take() {
                writer.add(file, &key, &rows)?;
            }
            key.clear();
            key.extend_from_slice(head.walk.key());
            filter.add(filter_hash(&key));
            keys += 1;
        }
        let first = head.first;
        head.walk.rows(|row| rows.push(first + row))?;
        if !head.advance()? {
            PeekMut::pop(head);
        }
    }
    if let Some(rows) = rows.take() {
        writer.add(file, &key, &rows)?;
    }
    let index = writer.finish(file)?;
    file.section(&index)?;
    Ok(filter.folded(keys))
}

/// The rows of a key, as they come: ascending.
#[derive(Default)]
struct Gathered {
    few: Vec<u32>,
    many: RoaringBitmap,
}

impl Gathered {
    fn push(&mut self, row: u32) {
        self.few.push(row);
        if self.few.len() > FEW {
            self.spill();
        }
    }

    fn spill(&mut self) {
        // They ascend, so that there is nothing that could not be appended.
        let _ = self.many.append(self.few.drain(..));
    }

    /// The rows gathered, if there are any; begins anew.
    fn take(&mut self) -> Option<RowSet> {
        if !self.many.is_empty() {
            self.spill();
            return Some(RowSet::Many(std::mem::take(&mut self.many)));
        }
        let few = std::mem::take(&mut self.few);
        (!few.is_empty()).then_some(RowSet::Few(few))
    }
}
