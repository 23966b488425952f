//! Lists of rows, growing, in little memory.
//!
//! Rows are 16-bit places in the chunk. A single row stands in the entry itself; more stand in a
//! block of a power of two places, which moves to one of twice the size when full; very many
//! become a bitmap.

#![allow(clippy::indexing_slicing, reason = "sizes of blocks and pages are fixed by class")]

/// Places in the smallest block.
const SMALLEST: usize = 2;
/// Block sizes 2, 4, …, 4096.
const CLASSES: usize = 12;
/// Places in a page of blocks: a multiple of every block size.
const PAGE_PLACES: usize = 1 << 14;

/// How the rows of a posting are stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    /// `at` is the row.
    One,
    /// `at` is a block of this class.
    Block(u8),
    /// `at` is a bitmap.
    Bits,
}

/// A posting: how many rows and where they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Posting {
    pub count: u32,
    at: u32,
    form: Form,
}

/// The rows of a posting.
#[derive(Debug)]
pub(crate) enum Rows<'a> {
    One(u16),
    List(&'a [u16]),
    /// Bit r of word r/64.
    Bits(&'a [u64]),
}

impl Posting {
    /// A posting with one row.
    pub fn new(row: u16) -> Posting {
        Posting { count: 1, at: u32::from(row), form: Form::One }
    }
}

/// The storage of all postings of a chunk.
pub(crate) struct Pool {
    classes: [Class; CLASSES],
    bits: Vec<Box<[u64]>>,
    /// Rows from which a list becomes a bitmap.
    dense: usize,
    words: usize,
}

#[derive(Default)]
struct Class {
    pages: Vec<Vec<u16>>,
    free: Vec<u32>,
}

impl Class {
    fn locate(index: u32, size: usize) -> (usize, usize) {
        let per_page = PAGE_PLACES / size;
        (index as usize / per_page, index as usize % per_page * size)
    }

    fn block(&self, index: u32, size: usize) -> &[u16] {
        let (page, start) = Class::locate(index, size);
        &self.pages[page][start..start + size]
    }

    fn block_mut(&mut self, index: u32, size: usize) -> &mut [u16] {
        let (page, start) = Class::locate(index, size);
        &mut self.pages[page][start..start + size]
    }

    /// A block, free or new. A page grows until it is full and never after.
    fn take(&mut self, size: usize) -> u32 {
        if let Some(index) = self.free.pop() {
            return index;
        }
        let per_page = (PAGE_PLACES / size) as u32;
        if self.pages.last().is_none_or(|page| page.len() == PAGE_PLACES) {
            self.pages.push(Vec::new());
        }
        let pages = self.pages.len();
        let page = &mut self.pages[pages - 1];
        let index = (pages as u32 - 1) * per_page + (page.len() / size) as u32;
        page.resize(page.len() + size, 0);
        index
    }
}

fn size_of_class(class: u8) -> usize {
    SMALLEST << class
}

impl Pool {
    /// Storage for chunks of this many rows.
    pub fn new(chunk_rows: u32) -> Pool {
        Pool {
            classes: Default::default(),
            bits: Vec::new(),
            dense: (chunk_rows as usize / 16).clamp(SMALLEST, size_of_class(CLASSES as u8 - 1)),
            words: (chunk_rows as usize).div_ceil(64),
        }
    }

    /// Adds a row to a posting, which stays in ascending order; a row that is there already is not
    /// added again. New rows are the last.
    pub fn push(&mut self, posting: &mut Posting, row: u16) {
        match posting.form {
            Form::One if posting.at == u32::from(row) => {}
            Form::One => {
                let at = self.classes[0].take(SMALLEST);
                let block = self.classes[0].block_mut(at, SMALLEST);
                block[0] = row.min(posting.at as u16);
                block[1] = row.max(posting.at as u16);
                *posting = Posting { count: 2, at, form: Form::Block(0) };
            }
            Form::Block(class) => self.push_block(posting, class, row),
            Form::Bits => {
                let word = &mut self.bits[posting.at as usize][usize::from(row) / 64];
                let bit = 1u64 << (row % 64);
                posting.count += u32::from(*word & bit == 0);
                *word |= bit;
            }
        }
    }

    fn push_block(&mut self, posting: &mut Posting, class: u8, row: u16) {
        let (size, count) = (size_of_class(class), posting.count as usize);
        let block = self.classes[usize::from(class)].block_mut(posting.at, size);
        let place = if block[count - 1] < row {
            count
        } else {
            match block[..count].binary_search(&row) {
                Ok(_) => return,
                Err(place) => place,
            }
        };
        if count < size {
            block.copy_within(place..count, place + 1);
            block[place] = row;
            posting.count += 1;
            return;
        }
        let rows = block.to_vec();
        self.classes[usize::from(class)].free.push(posting.at);
        if size >= self.dense {
            self.become_bits(posting, &rows);
        } else {
            let next = class + 1;
            let at = self.classes[usize::from(next)].take(size * 2);
            self.classes[usize::from(next)].block_mut(at, size * 2)[..size].copy_from_slice(&rows);
            *posting = Posting { count: posting.count, at, form: Form::Block(next) };
        }
        self.push(posting, row);
    }

    fn become_bits(&mut self, posting: &mut Posting, rows: &[u16]) {
        let mut words = vec![0u64; self.words].into_boxed_slice();
        for row in rows {
            words[usize::from(*row) / 64] |= 1 << (row % 64);
        }
        let at = self.bits.len() as u32;
        self.bits.push(words);
        *posting = Posting { count: posting.count, at, form: Form::Bits };
    }

    /// The rows of a posting.
    pub fn rows(&self, posting: Posting) -> Rows<'_> {
        match posting.form {
            Form::One => Rows::One(posting.at as u16),
            Form::Block(class) => {
                let block =
                    self.classes[usize::from(class)].block(posting.at, size_of_class(class));
                Rows::List(&block[..posting.count as usize])
            }
            Form::Bits => Rows::Bits(&self.bits[posting.at as usize]),
        }
    }

    /// Bytes of memory.
    pub fn memory(&self) -> usize {
        let pages = self.classes.iter().flat_map(|class| &class.pages);
        let lists: usize = pages.map(|page| page.capacity() * 2).sum();
        let free: usize = self.classes.iter().map(|class| class.free.capacity() * 4).sum();
        lists + free + self.bits.len() * self.words * 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn list(rows: Rows<'_>) -> Vec<u16> {
        match rows {
            Rows::One(row) => vec![row],
            Rows::List(rows) => rows.to_vec(),
            Rows::Bits(words) => (0..words.len() * 64)
                .filter(|at| words[at / 64] >> (at % 64) & 1 == 1)
                .map(|at| at as u16)
                .collect(),
        }
    }

    proptest! {
        #[test]
        fn postings_hold_what_was_pushed(
            chunk in prop::sample::select(vec![64u32, 1024, 65_536]),
            pushes in prop::collection::vec((0usize..5, 0u16..3), 1..3000),
        ) {
            let mut pool = Pool::new(chunk);
            let mut model: Vec<Option<(Posting, BTreeSet<u16>)>> = vec![None; 5];
            let mut row = 0u16;
            for (key, step) in pushes {
                row += step;
                if u32::from(row) >= chunk { break }
                match &mut model[key] {
                    Some((posting, rows)) => { pool.push(posting, row); rows.insert(row); }
                    none => *none = Some((Posting::new(row), BTreeSet::from([row]))),
                }
            }
            for (posting, rows) in model.into_iter().flatten() {
                prop_assert_eq!(posting.count as usize, rows.len());
                prop_assert_eq!(list(pool.rows(posting)), rows.into_iter().collect::<Vec<_>>());
            }
        }

        #[test]
        fn postings_stay_in_order_whatever_comes_when(
            chunk in prop::sample::select(vec![64u32, 1024, 65_536]),
            rows in prop::collection::vec((0usize..3, any::<u16>()), 1..3000),
        ) {
            let mut pool = Pool::new(chunk);
            let mut model: Vec<Option<(Posting, BTreeSet<u16>)>> = vec![None; 3];
            for (key, row) in rows {
                let row = (u32::from(row) % chunk) as u16;
                match &mut model[key] {
                    Some((posting, rows)) => { pool.push(posting, row); rows.insert(row); }
                    none => *none = Some((Posting::new(row), BTreeSet::from([row]))),
                }
            }
            for (posting, rows) in model.into_iter().flatten() {
                prop_assert_eq!(posting.count as usize, rows.len());
                prop_assert_eq!(list(pool.rows(posting)), rows.into_iter().collect::<Vec<_>>());
            }
        }
    }
}
