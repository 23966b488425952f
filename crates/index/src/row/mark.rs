//! What later rows do to earlier ones, readable without a lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use roaring::RoaringBitmap;

use super::pages::Pages;

/// No row: the version has not died, or has no predecessor.
pub(crate) const NO_ROW: u32 = u32::MAX;

/// For each row of a part of the store: which row replaced it, and whether overlays exist for it.
///
/// Shared between a chunk and the segment that takes its place, and by pages between segments and
/// the one that they are merged into, so that nothing is lost while one becomes the other.
///
/// INVARIANT: a reader at watermark `w` takes a row as live iff its successor is `w` or later
/// ([`NO_ROW`] is later than all), so marks by rows not yet published disturb nobody.
pub(crate) struct Marks {
    pages: Box<[Page]>,
    spread: Pages,
}

/// The marks of as many rows as a chunk has.
#[derive(Clone)]
struct Page {
    successor: Arc<[AtomicU32]>,
    /// One bit a row that has a successor, so that live rows are counted by words.
    dead: Arc<[AtomicU64]>,
    changed: Arc<[AtomicU64]>,
    sums: Arc<Sums>,
}

/// What happened to the rows of a page.
#[derive(Default)]
struct Sums {
    changes: AtomicU64,
    deaths: AtomicU64,
    /// The last row that replaced one of these; 0 while none did.
    last: AtomicU32,
}

impl Page {
    fn new(rows: u32) -> Page {
        let bits = || (0..rows.div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        Page {
            successor: (0..rows).map(|_| AtomicU32::new(NO_ROW)).collect(),
            dead: bits(),
            changed: bits(),
            sums: Arc::default(),
        }
    }
}

impl Marks {
    /// Marks for `rows` rows, whole pages of `page_rows`; none set.
    pub fn new(rows: u32, page_rows: u32) -> Marks {
        let spread = Pages::of(page_rows);
        let pages = (0..rows.div_ceil(spread.rows())).map(|_| Page::new(spread.rows())).collect();
        Marks { pages, spread }
    }

    /// The marks of parts that follow each other, as those of one part. They stay the same marks:
    /// what is noted in one is noted in the other. `None` if the parts have pages of several sizes.
    pub fn join<'a>(parts: impl Iterator<Item = &'a Marks> + Clone) -> Option<Marks> {
        let spread = parts.clone().next()?.spread;
        let alike = parts.clone().all(|marks| marks.spread == spread);
        let pages = parts.flat_map(|marks| marks.pages.iter().cloned()).collect();
        alike.then_some(Marks { pages, spread })
    }

    fn page(&self, local: u32) -> Option<(&Page, usize)> {
        let (page, place) = self.spread.split(local);
        Some((self.pages.get(page)?, place))
    }

    /// The row that replaced this one, or [`NO_ROW`].
    pub fn successor(&self, local: u32) -> u32 {
        let successor = self.page(local).and_then(|(page, place)| page.successor.get(place));
        successor.map_or(NO_ROW, |s| s.load(Ordering::Acquire))
    }

    /// Notes that `by` replaced the row.
    pub fn replace(&self, local: u32, by: u32) {
        let Some((page, place)) = self.page(local) else { return };
        // First of all: who sees the row dead sees that the last to replace one is this late.
        page.sums.last.fetch_max(by, Ordering::Release);
        if let Some(successor) = page.successor.get(place) {
            successor.store(by, Ordering::Release);
        }
        if let Some(word) = page.dead.get(place / 64) {
            word.fetch_or(1 << (place % 64), Ordering::Release);
        }
        page.sums.deaths.fetch_add(1, Ordering::Release);
    }

    /// How many rows were replaced, published or not.
    pub fn deaths(&self) -> u64 {
        self.pages.iter().map(|page| page.sums.deaths.load(Ordering::Acquire)).sum()
    }

    /// Whether every row that was replaced had been by this watermark.
    pub fn all_dead_at(&self, watermark: u32) -> bool {
        self.pages.iter().all(|page| page.sums.last.load(Ordering::Acquire) < watermark)
    }

    /// Every row that has a successor, published or not.
    pub fn dead(&self) -> RoaringBitmap {
        rows(self.pages.iter().flat_map(|page| page.dead.iter()))
    }

    /// Every row that overlays exist for, published or not.
    pub fn changed(&self) -> RoaringBitmap {
        rows(self.pages.iter().flat_map(|page| page.changed.iter()))
    }

    /// Whether overlays exist for the row.
    pub fn is_changed(&self, local: u32) -> bool {
        let Some((page, place)) = self.page(local) else { return false };
        let word = page.changed.get(place / 64);
        word.is_some_and(|w| w.load(Ordering::Acquire) >> (place % 64) & 1 == 1)
    }

    /// Notes that overlays exist for the row.
    pub fn set_changed(&self, local: u32) {
        let Some((page, place)) = self.page(local) else { return };
        if let Some(word) = page.changed.get(place / 64) {
            word.fetch_or(1 << (place % 64), Ordering::Release);
        }
        page.sums.changes.fetch_add(1, Ordering::Release);
    }

    /// How often overlays were added: what was found out before the last one may be wrong.
    pub fn changes(&self) -> u64 {
        self.pages.iter().map(|page| page.sums.changes.load(Ordering::Acquire)).sum()
    }

    /// How many rows it covers.
    pub fn rows(&self) -> usize {
        self.pages.len() * self.spread.rows() as usize
    }

    /// Bytes of memory.
    pub fn memory(&self) -> usize {
        let page = |page: &Page| {
            let bits = (page.changed.len() + page.dead.len()) * 8;
            page.successor.len() * 4 + bits + size_of::<Page>() + size_of::<Sums>()
        };
        self.pages.iter().map(page).sum()
    }
}

/// The rows whose bits are set.
fn rows<'a>(words: impl Iterator<Item = &'a AtomicU64>) -> RoaringBitmap {
    let bytes = words.flat_map(|word| word.load(Ordering::Acquire).to_le_bytes());
    RoaringBitmap::from_lsb0_bytes(0, bytes.collect::<Vec<u8>>().as_slice())
}
