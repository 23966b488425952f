//! What later rows do to earlier ones, readable without a lock.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use roaring::RoaringBitmap;

/// No row: the version has not died, or has no predecessor.
pub(crate) const NO_ROW: u32 = u32::MAX;

/// For each row of a part of the store: which row replaced it, and whether overlays exist for it.
///
/// Shared between a chunk and the segment that takes its place, so that nothing is lost while
/// one becomes the other.
///
/// INVARIANT: a reader at watermark `w` takes a row as live iff its successor is `w` or later
/// ([`NO_ROW`] is later than all), so marks by rows not yet published disturb nobody.
pub(crate) struct Marks {
    successor: Box<[AtomicU32]>,
    /// One bit a row that has a successor, so that live rows are counted by words.
    dead: Box<[AtomicU64]>,
    changed: Box<[AtomicU64]>,
    changes: AtomicU64,
    deaths: AtomicU64,
    /// The last row that replaced one of these; 0 while none did.
    last: AtomicU32,
}

impl Marks {
    /// Marks for `rows` rows, none set.
    pub fn new(rows: usize) -> Marks {
        let bits = || (0..rows.div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        Marks {
            successor: (0..rows).map(|_| AtomicU32::new(NO_ROW)).collect(),
            dead: bits(),
            changed: bits(),
            changes: AtomicU64::new(0),
            deaths: AtomicU64::new(0),
            last: AtomicU32::new(0),
        }
    }

    /// The row that replaced this one, or [`NO_ROW`].
    pub fn successor(&self, local: u32) -> u32 {
        self.successor.get(local as usize).map_or(NO_ROW, |s| s.load(Ordering::Acquire))
    }

    /// Notes that `by` replaced the row.
    pub fn replace(&self, local: u32, by: u32) {
        // First of all: who sees the row dead sees that the last to replace one is this late.
        self.last.fetch_max(by, Ordering::Release);
        if let Some(successor) = self.successor.get(local as usize) {
            successor.store(by, Ordering::Release);
        }
        if let Some(word) = self.dead.get(local as usize / 64) {
            word.fetch_or(1 << (local % 64), Ordering::Release);
        }
        self.deaths.fetch_add(1, Ordering::Release);
    }

    /// How many rows were replaced, published or not.
    pub fn deaths(&self) -> u64 {
        self.deaths.load(Ordering::Acquire)
    }

    /// Whether every row that was replaced had been by this watermark.
    pub fn all_dead_at(&self, watermark: u32) -> bool {
        self.last.load(Ordering::Acquire) < watermark
    }

    /// Every row that has a successor, published or not.
    pub fn dead(&self) -> RoaringBitmap {
        rows(&self.dead)
    }

    /// Every row that overlays exist for, published or not.
    pub fn changed(&self) -> RoaringBitmap {
        rows(&self.changed)
    }

    /// Whether overlays exist for the row.
    pub fn is_changed(&self, local: u32) -> bool {
        let word = self.changed.get(local as usize / 64);
        word.is_some_and(|w| w.load(Ordering::Acquire) >> (local % 64) & 1 == 1)
    }

    /// Notes that overlays exist for the row.
    pub fn set_changed(&self, local: u32) {
        if let Some(word) = self.changed.get(local as usize / 64) {
            word.fetch_or(1 << (local % 64), Ordering::Release);
        }
        self.changes.fetch_add(1, Ordering::Release);
    }

    /// How often overlays were added: what was found out before the last one may be wrong.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// How many rows it covers.
    pub fn rows(&self) -> usize {
        self.successor.len()
    }

    /// Bytes of memory.
    pub fn memory(&self) -> usize {
        self.successor.len() * 4 + (self.changed.len() + self.dead.len()) * 8
    }
}

/// The rows whose bits are set.
fn rows(bits: &[AtomicU64]) -> RoaringBitmap {
    let words = bits.iter().map(|word| word.load(Ordering::Acquire).to_le_bytes());
    RoaringBitmap::from_lsb0_bytes(0, words.flatten().collect::<Vec<u8>>().as_slice())
}
