//! Types of which some row has ever had a label: where there is none, none need be looked for.

use std::sync::atomic::{AtomicBool, Ordering};

use accord_access::label;

/// One mark for each type of resources.
pub(crate) struct Labelled([AtomicBool; 256]);

impl Default for Labelled {
    fn default() -> Labelled {
        Labelled([const { AtomicBool::new(false) }; 256])
    }
}

impl Labelled {
    /// Notes the labels of a row, before anyone can see it.
    pub fn note(&self, resource_type: u8, labels: u64) {
        if labels != 0
            && label::has_any(labels)
            && let Some(mark) = self.0.get(usize::from(resource_type))
        {
            mark.store(true, Ordering::Release);
        }
    }

    /// Whether a row of the type may have labels.
    pub fn has(&self, resource_type: u8) -> bool {
        let mark = self.0.get(usize::from(resource_type));
        mark.is_none_or(|mark| mark.load(Ordering::Acquire))
    }
}
