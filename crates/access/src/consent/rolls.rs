//! The consents of all patients, cheap to hold and cheap to change.

use std::fmt;
use std::sync::Arc;

use accord_base::{OrgOrd, PatientOrd, Row};

use super::roll::Roll;
use super::rule::{ConsentRule, Seal};
use crate::set::PatientSet;

/// Bits of an ordinal within a chunk: a chunk covers 1,024 patients.
const CHUNK_BITS: u32 = 10;

/// Patients with consents of their own, by their ordinals within the chunk, ascending.
type Chunk = Vec<(u16, Arc<Roll>)>;

/// A map from patients to their consents. Cloning takes one reference count; changing a map whose
/// clone is still held copies one chunk and the list of chunks, so a clone is a snapshot.
#[derive(Clone, Default)]
pub struct Rolls {
    /// `None` while nothing was ever added.
    chunks: Option<Arc<Vec<Arc<Chunk>>>>,
    /// How many of the consents are seals that an emergency opens.
    seals: usize,
}

impl Rolls {
    /// The consents of a patient, if they have any.
    pub fn get(&self, patient: PatientOrd) -> Option<&Roll> {
        let (chunk, low) = split(patient);
        let chunk = self.chunks.as_ref()?.get(chunk)?;
        let at = chunk.binary_search_by_key(&low, |(own, _)| *own).ok()?;
        chunk.get(at).map(|(_, roll)| &**roll)
    }

    /// Adds to `whom` the patients whose consents may not be the same in both.
    pub(super) fn differing(&self, other: &Rolls, whom: &mut PatientSet) {
        let (ours, theirs) = match (&self.chunks, &other.chunks) {
            (Some(ours), Some(theirs)) if Arc::ptr_eq(ours, theirs) => return,
            (ours, theirs) => (ours.as_deref(), theirs.as_deref()),
        };
        let of = |chunks: Option<&Vec<Arc<Chunk>>>, at| {
            chunks.and_then(|chunks| chunks.get(at)).cloned().unwrap_or_default()
        };
        let length = |chunks: Option<&Vec<Arc<Chunk>>>| chunks.map_or(0, Vec::len);
        for at in 0..length(ours).max(length(theirs)) {
            let (one, other) = (of(ours, at), of(theirs, at));
            if Arc::ptr_eq(&one, &other) {
                continue;
            }
            let lacks = |chunk: &Chunk, (low, roll): &(u16, Arc<Roll>)| {
                let place = chunk.binary_search_by_key(low, |(own, _)| *own).ok();
                let same = place.and_then(|place| chunk.get(place));
                same.is_none_or(|(_, own)| !Arc::ptr_eq(own, roll))
            };
            let gone = one.iter().filter(|entry| lacks(&other, entry));
            for (low, _) in gone.chain(other.iter().filter(|entry| lacks(&one, entry))) {
                whom.insert(PatientOrd((at as u32) << CHUNK_BITS | u32::from(*low)));
            }
        }
    }

    /// Whether no patient has any.
    pub fn is_empty(&self) -> bool {
        self.chunks.as_ref().is_none_or(|chunks| chunks.iter().all(|chunk| chunk.is_empty()))
    }

    /// Whether any is a seal that an emergency opens.
    pub(crate) fn has_seals(&self) -> bool {
        self.seals != 0
    }

    /// Adds the consent that a row of this controller states.
    pub fn insert(&mut self, row: Row, keeper: OrgOrd, rule: Arc<ConsentRule>) {
        let (at, low) = split(rule.patient);
        let chunks = Arc::make_mut(self.chunks.get_or_insert_default());
        if chunks.len() <= at {
            chunks.resize(at + 1, Arc::default());
        }
        let Some(chunk) = chunks.get_mut(at).map(Arc::make_mut) else { return };
        let place = chunk.binary_search_by_key(&low, |(own, _)| *own).unwrap_or_else(|place| {
            chunk.insert(place, (low, Arc::default()));
            place
        });
        if let Some((_, roll)) = chunk.get_mut(place) {
            self.seals += usize::from(rule.seal == Some(Seal::Sealed));
            Arc::make_mut(roll).insert(row, keeper, rule);
        }
    }

    /// Takes out a consent that a row states.
    pub fn remove(&mut self, row: Row, rule: &ConsentRule) {
        if self.get(rule.patient).is_none() {
            return;
        }
        let (at, low) = split(rule.patient);
        let chunks = Arc::make_mut(self.chunks.get_or_insert_default());
        let Some(chunk) = chunks.get_mut(at).map(Arc::make_mut) else { return };
        let Ok(place) = chunk.binary_search_by_key(&low, |(own, _)| *own) else { return };
        if let Some((_, roll)) = chunk.get_mut(place) {
            let before = roll.seals();
            Arc::make_mut(roll).remove(row, rule);
            self.seals -= before - roll.seals();
            if roll.is_empty() {
                chunk.remove(place);
            }
        }
    }

    /// Every consent with the row that states it and who answers for that.
    pub fn iter(&self) -> impl Iterator<Item = (Row, OrgOrd, &Arc<ConsentRule>)> {
        let chunks = self.chunks.iter().flat_map(|chunks| chunks.iter());
        chunks.flat_map(|chunk| chunk.iter()).flat_map(|(_, roll)| roll.listed())
    }
}

impl PartialEq for Rolls {
    fn eq(&self, other: &Rolls) -> bool {
        self.iter().eq(other.iter())
    }
}

impl fmt::Debug for Rolls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().map(|(row, _, rule)| (row.0, rule))).finish()
    }
}

fn split(patient: PatientOrd) -> (usize, u16) {
    let low = patient.0 & ((1 << CHUNK_BITS) - 1);
    ((patient.0 >> CHUNK_BITS) as usize, low as u16)
}
