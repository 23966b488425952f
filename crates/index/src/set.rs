//! Sets of rows within one part, as places counted from the part's first row.

use roaring::RoaringBitmap;

use crate::tail::Rows;

/// Rows in ascending order: a list while they are few.
#[derive(Clone, Debug)]
pub(crate) enum RowSet {
    Few(Vec<u32>),
    Many(RoaringBitmap),
}

impl From<Rows<'_>> for RowSet {
    fn from(rows: Rows<'_>) -> RowSet {
        match rows {
            Rows::One(row) => RowSet::Few(vec![u32::from(row)]),
            Rows::List(rows) => RowSet::Few(rows.iter().map(|row| u32::from(*row)).collect()),
            Rows::Bits(words) => {
                let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
                RowSet::Many(RoaringBitmap::from_lsb0_bytes(0, &bytes))
            }
        }
    }
}

/// Lists up to this length stay lists.
const FEW: usize = 512;

impl Default for RowSet {
    fn default() -> RowSet {
        RowSet::empty()
    }
}

impl RowSet {
    /// No rows.
    pub fn empty() -> RowSet {
        RowSet::Few(Vec::new())
    }

    /// Rows in any order, with repeats.
    pub fn collect(mut rows: Vec<u32>) -> RowSet {
        if rows.len() > FEW * 4 {
            return RowSet::Many(bitmap(&rows));
        }
        rows.sort_unstable();
        rows.dedup();
        RowSet::Few(rows)
    }

    /// Number of rows.
    pub fn len(&self) -> u64 {
        match self {
            RowSet::Few(rows) => rows.len() as u64,
            RowSet::Many(bits) => bits.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Rows in both.
    pub fn and(self, other: &RowSet) -> RowSet {
        match (self, other) {
            (RowSet::Few(rows), RowSet::Few(other)) => RowSet::Few(both(&rows, other)),
            (RowSet::Few(mut rows), RowSet::Many(bits)) => {
                rows.retain(|row| bits.contains(*row));
                RowSet::Few(rows)
            }
            (RowSet::Many(bits), RowSet::Few(rows)) => {
                RowSet::Few(rows.iter().copied().filter(|row| bits.contains(*row)).collect())
            }
            (RowSet::Many(mut bits), RowSet::Many(other)) => {
                bits &= other;
                RowSet::Many(bits)
            }
        }
    }

    /// Hands on every row, ascending.
    pub fn each(&self, take: impl FnMut(u32)) {
        match self {
            RowSet::Few(rows) => rows.iter().copied().for_each(take),
            RowSet::Many(bits) => bits.iter().for_each(take),
        }
    }

    /// The rows that pass. Of many, without a branch for each: which do is not foreseen.
    pub fn kept(self, mut keep: impl FnMut(u32) -> bool) -> RowSet {
        let bits = match self {
            RowSet::Few(mut rows) => {
                rows.retain(|row| keep(*row));
                return RowSet::Few(rows);
            }
            RowSet::Many(bits) => bits,
        };
        let mut bytes = vec![0u8; bits.max().map_or(0, |last| last as usize / 8 + 1)];
        bits.iter().for_each(|row| {
            if let Some(byte) = bytes.get_mut(row as usize / 8) {
                *byte |= u8::from(keep(row)) << (row % 8);
            }
        });
        RowSet::Many(RoaringBitmap::from_lsb0_bytes(0, &bytes))
    }

    /// Rows in `bits` too.
    pub fn and_bits(self, bits: &RoaringBitmap) -> RowSet {
        match self {
            RowSet::Few(mut rows) => {
                rows.retain(|row| bits.contains(*row));
                RowSet::Few(rows)
            }
            RowSet::Many(mut own) => {
                own &= bits;
                RowSet::Many(own)
            }
        }
    }

    /// Whether any row is in both.
    pub fn meets(&self, other: &RowSet) -> bool {
        match (self, other) {
            (RowSet::Many(a), RowSet::Many(b)) => !a.is_disjoint(b),
            (RowSet::Few(rows), other) | (other, RowSet::Few(rows)) => {
                rows.iter().any(|row| other.contains(*row))
            }
        }
    }

    /// Rows in `self` alone.
    pub fn without(self, other: &RowSet) -> RowSet {
        match (self, other) {
            (RowSet::Few(mut rows), other) => {
                rows.retain(|row| !other.contains(*row));
                RowSet::Few(rows)
            }
            (RowSet::Many(mut bits), RowSet::Few(rows)) => {
                for row in rows {
                    bits.remove(*row);
                }
                RowSet::Many(bits)
            }
            (RowSet::Many(mut bits), RowSet::Many(other)) => {
                bits -= other;
                RowSet::Many(bits)
            }
        }
    }

    /// Rows in any of several sets.
    pub fn union(mut sets: Vec<RowSet>) -> RowSet {
        if sets.len() < 2 {
            return sets.pop().unwrap_or_else(RowSet::empty);
        }
        let total: u64 = sets.iter().map(RowSet::len).sum();
        if total <= FEW as u64 {
            return RowSet::collect(sets.iter().flat_map(RowSet::to_vec).collect());
        }
        let mut bits = RoaringBitmap::new();
        for set in sets {
            match set {
                RowSet::Few(rows) => bits.extend(rows),
                RowSet::Many(other) => bits |= other,
            }
        }
        RowSet::Many(bits)
    }

    /// Number of rows in `from..to` that are in `bits` too.
    pub fn count_in(&self, bits: &RoaringBitmap, (from, to): (u32, u32)) -> u64 {
        match self {
            RowSet::Few(rows) => {
                slice(rows, from, to).iter().filter(|row| bits.contains(**row)).count() as u64
            }
            RowSet::Many(_) if from >= to => 0,
            RowSet::Many(own) if own.min() >= Some(from) && own.max() < Some(to) => {
                own.intersection_len(bits)
            }
            RowSet::Many(own) => (own & bits).range_cardinality(from..to),
        }
    }

    /// Whether the row is in the set.
    pub fn contains(&self, row: u32) -> bool {
        match self {
            RowSet::Few(rows) => rows.binary_search(&row).is_ok(),
            RowSet::Many(bits) => bits.contains(row),
        }
    }

    /// The rows, ascending.
    pub fn to_vec(&self) -> Vec<u32> {
        match self {
            RowSet::Few(rows) => rows.clone(),
            RowSet::Many(bits) => bits.iter().collect(),
        }
    }

    /// The rows of `from..to`, in either direction.
    pub fn range(
        &self,
        (from, to): (u32, u32),
        backwards: bool,
    ) -> Box<dyn Iterator<Item = u32> + '_> {
        let to = to.max(from);
        match (self, backwards) {
            (RowSet::Few(rows), false) => Box::new(slice(rows, from, to).iter().copied()),
            (RowSet::Few(rows), true) => Box::new(slice(rows, from, to).iter().rev().copied()),
            (RowSet::Many(bits), false) => Box::new(bits.range(from..to)),
            (RowSet::Many(bits), true) => Box::new(bits.range(from..to).rev()),
        }
    }
}

/// A bitmap of rows in any order: by way of plain bits where that is not mostly zeros.
fn bitmap(rows: &[u32]) -> RoaringBitmap {
    let bytes = rows.iter().max().map_or(0, |last| *last as usize / 8 + 1);
    if bytes > rows.len() * 16 {
        return rows.iter().copied().collect();
    }
    let mut bits = vec![0u8; bytes];
    for row in rows {
        if let Some(byte) = bits.get_mut(*row as usize / 8) {
            *byte |= 1 << (row % 8);
        }
    }
    RoaringBitmap::from_lsb0_bytes(0, &bits)
}

fn slice(rows: &[u32], from: u32, to: u32) -> &[u32] {
    let start = rows.partition_point(|row| *row < from);
    let end = rows.partition_point(|row| *row < to);
    rows.get(start..end).unwrap_or_default()
}

/// Intersection of two ascending lists; searches in the longer for each of the shorter where the
/// lengths differ much.
fn both(a: &[u32], b: &[u32]) -> Vec<u32> {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if long.len() / 16 > short.len() {
        return short.iter().copied().filter(|row| long.binary_search(row).is_ok()).collect();
    }
    let mut out = Vec::with_capacity(short.len());
    let mut rest = long.iter().copied().peekable();
    for row in short {
        while rest.next_if(|other| other < row).is_some() {}
        if rest.peek() == Some(row) {
            out.push(*row);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn set(rows: &BTreeSet<u32>, many: bool) -> RowSet {
        if many {
            RowSet::Many(rows.iter().copied().collect())
        } else {
            RowSet::Few(rows.iter().copied().collect())
        }
    }

    fn rows() -> impl Strategy<Value = BTreeSet<u32>> {
        prop::collection::btree_set(0u32..400, 0..120)
    }

    proptest! {
        #[test]
        fn rows_in_any_order_become_a_set(
            rows in prop::collection::vec(prop_oneof![0u32..70_000, 0u32..9_000_000], 0..4000),
        ) {
            let expect: BTreeSet<u32> = rows.iter().copied().collect();
            prop_assert!(bitmap(&rows).into_iter().eq(expect.iter().copied()));
            prop_assert!(RowSet::collect(rows).to_vec().into_iter().eq(expect));
        }

        #[test]
        fn sets_act_as_sets(a in rows(), b in rows(), ma: bool, mb: bool,
                            from in 0u32..400, to in 0u32..400) {
            let (x, y) = (set(&a, ma), set(&b, mb));
            let list = |s: RowSet| s.to_vec();
            prop_assert_eq!(list(x.clone().and(&y)), a.intersection(&b).copied().collect::<Vec<_>>());
            let odd = |row: &u32| row % 2 == 1;
            prop_assert_eq!(list(x.clone().kept(|row| odd(&row))), a.iter().copied().filter(odd).collect::<Vec<_>>());
            prop_assert_eq!(x.meets(&y), a.intersection(&b).next().is_some());
            prop_assert_eq!(list(x.clone().without(&y)), a.difference(&b).copied().collect::<Vec<_>>());
            prop_assert_eq!(list(RowSet::union(vec![x.clone(), y])), a.union(&b).copied().collect::<Vec<_>>());
            let mut expect: Vec<u32> = a.iter().copied().filter(|r| (from..to).contains(r)).collect();
            let bits = b.iter().copied().collect();
            let common = expect.iter().filter(|row| b.contains(row)).count() as u64;
            prop_assert_eq!(x.count_in(&bits, (from, to)), common);
            prop_assert_eq!(x.range((from, to), false).collect::<Vec<_>>(), expect.clone());
            expect.reverse();
            prop_assert_eq!(x.range((from, to), true).collect::<Vec<_>>(), expect);
        }
    }
}
