//! Where dates are meant that name no zone, by organisation.

use std::sync::Arc;

use accord_fhir::{Utc, Zone};

/// The zones of organisations: what a date in a resource means follows from who answers for it.
///
/// A date counts as it was read when its resource was written: another zone changes nothing of what
/// stands in the store.
#[derive(Clone, Debug, Default)]
pub struct Zones(Vec<(Option<String>, Arc<dyn Zone>)>);

impl Zones {
    /// Zones by the id of the organisation, `None` for all; the last that fits counts, and UTC where
    /// none does.
    pub fn new(entries: Vec<(Option<String>, Arc<dyn Zone>)>) -> Zones {
        Zones(entries)
    }

    /// The zone of an organisation.
    pub fn at(&self, organization: &str) -> &dyn Zone {
        let fits =
            |(of, _): &&(Option<String>, _)| of.as_deref().is_none_or(|of| of == organization);
        self.0.iter().rfind(fits).map_or(&Utc, |(_, zone)| &**zone)
    }
}
