//! Versioned overlays: what later effects changed about a row.

use std::sync::Arc;

use hashbrown::HashMap;
use parking_lot::RwLock;

use accord_base::{OrgOrd, PatientOrd};

use crate::effect::Change;

/// What a row carries at some watermark, where it differs from how it was written.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Overlay {
    pub labels: Option<u64>,
    pub controller: Option<OrgOrd>,
    pub patients: Option<Arc<[PatientOrd]>>,
}

impl Overlay {
    fn with(&self, change: &Change) -> Overlay {
        let mut next = self.clone();
        match change {
            Change::Labels(labels) => next.labels = Some(*labels),
            Change::Controller(controller) => next.controller = Some(*controller),
            Change::Patients(patients) => next.patients = Some(Arc::from(patients.as_slice())),
        }
        next
    }
}

/// Every overlay of the store, by row. Each entry is the sum of all changes so far, with the row
/// whose effect made it; few rows have any.
#[derive(Default)]
pub(crate) struct Overlays(RwLock<HashMap<u32, Vec<Version>>>);

/// The stating row, and the sum of all changes up to it.
type Version = (u32, Arc<Overlay>);

impl Overlays {
    /// Adds a change to `row`, stated by row `by`.
    pub fn add(&self, row: u32, by: u32, change: &Change) {
        let mut rows = self.0.write();
        let versions = rows.entry(row).or_default();
        let next = match versions.last() {
            Some((_, last)) => last.with(change),
            None => Overlay::default().with(change),
        };
        match versions.last_mut() {
            Some((at, last)) if *at == by => *last = Arc::new(next),
            _ => versions.push((by, Arc::new(next))),
        }
    }

    /// What `row` carries at a watermark; `None` if nothing had changed by then.
    pub fn at(&self, row: u32, watermark: u32) -> Option<Arc<Overlay>> {
        let rows = self.0.read();
        let versions = rows.get(&row)?;
        let until = versions.partition_point(|(by, _)| *by < watermark);
        versions.get(until.checked_sub(1)?).map(|(_, overlay)| overlay.clone())
    }

    /// How many rows have overlays.
    pub fn rows(&self) -> usize {
        self.0.read().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_change_before_the_watermark_counts() {
        let overlays = Overlays::default();
        overlays.add(3, 10, &Change::Labels(1));
        overlays.add(3, 10, &Change::Controller(OrgOrd(4)));
        overlays.add(3, 20, &Change::Labels(2));
        assert_eq!(overlays.at(3, 10), None);
        let ten = overlays.at(3, 11).unwrap();
        assert_eq!((ten.labels, ten.controller), (Some(1), Some(OrgOrd(4))));
        let twenty = overlays.at(3, 21).unwrap();
        assert_eq!((twenty.labels, twenty.controller), (Some(2), Some(OrgOrd(4))));
        assert_eq!(overlays.at(4, 99), None);
    }
}
