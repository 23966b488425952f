//! The memory that request bodies under way may take, all of them together.
//!
//! A body holds its share from before it is read until the work for it has ended: while it
//! arrives, waits for a thread, is read and prepared, waits for the writer, and is answered. That
//! its client was told to wait no longer frees nothing.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Memory that a byte of a body stands for, in bytes: the body as received; its text without white
/// space and the places of its values (16 bytes each, `accord_fhir::json`), which a Bundle's
/// entries have once more while they are prepared; the text and the sealed copy that wait for the
/// writer; and the text of the answer.
const BYTES_PER_BYTE: usize = 8;
/// What is counted, in bytes.
const UNIT_BYTES: usize = 1 << 10;
/// Bodies that say they are no longer than this wait for each other only, in bytes.
const SMALL_BYTES: usize = 64 << 10;
/// What a body of unknown length grows by at least, in bytes.
const STEP_BYTES: usize = 64 << 10;

/// The memory there is. A quarter is for small bodies, so that they need not wait behind large
/// ones.
pub(crate) struct Budget {
    small: Lane,
    large: Lane,
}

/// Units of memory that are waited for in order.
#[derive(Clone)]
struct Lane {
    free: Arc<Semaphore>,
    all: u32,
}

/// A body's share. Freed when dropped.
pub(crate) struct Held {
    lane: Lane,
    permit: Option<OwnedSemaphorePermit>,
    covers: usize,
    waits: bool,
}

impl Budget {
    /// So many bytes of memory; a single body is let through whatever its length.
    pub(crate) fn new(bytes: usize) -> Budget {
        let small = bytes / 4;
        Budget { small: Lane::new(small), large: Lane::new(bytes - small) }
    }

    /// The share of a body whose length is stated, or not known: nothing yet.
    pub(crate) fn share(&self, stated: Option<usize>) -> Held {
        let small = stated.is_some_and(|bytes| bytes <= SMALL_BYTES);
        let lane = if small { self.small.clone() } else { self.large.clone() };
        Held { lane, permit: None, covers: 0, waits: false }
    }

    /// Memory that is held now, in bytes.
    pub(crate) fn held_bytes(&self) -> u64 {
        let held = |lane: &Lane| (lane.all as usize).saturating_sub(lane.free.available_permits());
        ((held(&self.small) + held(&self.large)) * UNIT_BYTES) as u64
    }
}

impl Lane {
    fn new(bytes: usize) -> Lane {
        let all = u32::try_from(bytes / UNIT_BYTES).unwrap_or(u32::MAX).max(1);
        Lane { free: Arc::new(Semaphore::new(all as usize)), all }
    }

    /// What a body of so many bytes takes.
    fn units(&self, bytes: usize) -> u32 {
        let units = bytes.saturating_mul(BYTES_PER_BYTE).div_ceil(UNIT_BYTES);
        u32::try_from(units).unwrap_or(u32::MAX).min(self.all)
    }
}

impl Held {
    /// Waits until there is memory for a body of so many bytes.
    pub(crate) async fn cover(&mut self, bytes: usize) {
        let held = self.permit.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = (self.lane.units(bytes) as usize).saturating_sub(held);
        self.waits = true;
        let free = Arc::clone(&self.lane.free);
        // No lane is ever closed: there is nothing else to come of this than a permit.
        if let Ok(got) = free.acquire_many_owned(u32::try_from(more).unwrap_or(u32::MAX)).await {
            match &mut self.permit {
                Some(permit) => permit.merge(got),
                none => *none = Some(got),
            }
        }
        self.waits = false;
        self.covers = self.covers.max(bytes);
    }

    /// The same for a body that grows beyond what is covered, in steps.
    pub(crate) async fn grow(&mut self, bytes: usize) {
        if bytes > self.covers {
            self.cover(bytes.next_multiple_of(STEP_BYTES)).await;
        }
    }

    /// Frees what a body of so many bytes does not need.
    pub(crate) fn shrink(&mut self, bytes: usize) {
        let keeps = self.lane.units(bytes) as usize;
        if let Some(permit) = &mut self.permit {
            drop(permit.split(permit.num_permits().saturating_sub(keeps)));
        }
        self.covers = self.covers.min(bytes);
    }

    /// Whether memory is being waited for: what a body was late for.
    pub(crate) fn waits(&self) -> bool {
        self.waits
    }
}
