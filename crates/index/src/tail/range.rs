//! Range columns of the tail.

use crate::range::RangeTest;

/// The ranges of one column, in the order of rows.
#[derive(Default)]
pub(crate) struct TailRange {
    low: Vec<u128>,
    high: Vec<u128>,
    rows: Vec<u16>,
}

impl TailRange {
    /// Adds a range of a row, if it is not there already. They stay in the order of rows; new rows
    /// are the last.
    pub fn push(&mut self, low: u128, high: u128, row: u16) {
        let end = match self.rows.last() {
            Some(last) if *last > row => self.rows.partition_point(|r| *r <= row),
            _ => self.rows.len(),
        };
        let before = self.rows.iter().zip(&self.low).zip(&self.high).take(end).rev();
        let mut of_row = before.take_while(|((r, _), _)| **r == row);
        if of_row.any(|((_, l), h)| *l == low && *h == high) {
            return;
        }
        self.low.insert(end, low);
        self.high.insert(end, high);
        self.rows.insert(end, row);
    }

    /// Number of ranges.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Every range: low, high, row.
    pub fn iter(&self) -> impl Iterator<Item = (u128, u128, u16)> + '_ {
        let bounds = self.low.iter().zip(&self.high);
        bounds.zip(&self.rows).map(|((low, high), row)| (*low, *high, *row))
    }

    /// Adds the rows with a range that passes to `rows`.
    pub fn collect(&self, test: &RangeTest, rows: &mut Vec<u32>) {
        let passing = self.iter().filter(|(low, high, _)| test.passes(*low, *high));
        rows.extend(passing.map(|(_, _, row)| u32::from(row)));
    }

    /// Hands on the ranges of some rows, ascending, with the place of the row among them.
    pub fn of_rows(&self, rows: &[u32], take: &mut impl FnMut(usize, u128, u128)) {
        for (at, row) in rows.iter().enumerate() {
            let start = self.rows.partition_point(|r| u32::from(*r) < *row);
            let of_row = self.rows.get(start..).unwrap_or_default().iter();
            let count = of_row.take_while(|r| u32::from(**r) == *row).count();
            for place in start..start + count {
                if let (Some(low), Some(high)) = (self.low.get(place), self.high.get(place)) {
                    take(at, *low, *high);
                }
            }
        }
    }

    /// Whether one of the row's ranges passes.
    pub fn probe(&self, row: u16, test: &RangeTest) -> bool {
        let start = self.rows.partition_point(|r| *r < row);
        let end = self.rows.partition_point(|r| *r <= row);
        (start..end).any(|at| match (self.low.get(at), self.high.get(at)) {
            (Some(low), Some(high)) => test.passes(*low, *high),
            _ => false,
        })
    }

    /// Bytes of memory.
    pub fn memory(&self) -> usize {
        (self.low.capacity() + self.high.capacity()) * 16 + self.rows.capacity() * 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn ranges_stay_in_the_order_of_rows(
            pushes in prop::collection::vec((0u16..40, 0u128..4), 0..200),
        ) {
            let mut column = TailRange::default();
            let mut model = BTreeSet::new();
            for (row, low) in pushes {
                column.push(low, low + 1, row);
                model.insert((row, low));
            }
            prop_assert!(column.rows.is_sorted());
            let held: Vec<(u16, u128)> = column.iter().map(|(low, _, row)| (row, low)).collect();
            prop_assert_eq!(held.len(), model.len());
            prop_assert_eq!(held.into_iter().collect::<BTreeSet<_>>(), model);
        }
    }
}
