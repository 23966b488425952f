//! Content that is not a row yet: what a write is decided on.

use accord_access::consent::{Code, RowLinks, Target};
use accord_base::{PatientOrd, ResourceId};
use accord_spec::ResourceType;

use super::content::refers;
use crate::extract::passes_labels;
use crate::part::locate;
use crate::upkeep::Upkeep;
use crate::value::{Datum, Values};

/// What consents ask about content that is to be written, as it would stand in a state.
#[derive(Clone, Copy)]
pub struct Unwritten<'a> {
    /// The state.
    pub upkeep: &'a Upkeep,
    /// Type of the resource.
    pub resource_type: ResourceType,
    /// Its id.
    pub id: &'a str,
    /// Its values, every code among them.
    pub values: &'a Values,
    /// What it refers to.
    pub targets: &'a [(ResourceType, ResourceId)],
}

impl RowLinks for Unwritten<'_> {
    fn has_id(&self, id: &str) -> Option<bool> {
        Some(self.id == id)
    }

    fn has_code(&self, asked: &Code) -> Option<bool> {
        let is = |datum: &Datum| match datum {
            Datum::Token { system: Some(system), code } => {
                *system == asked.system && *code == asked.code
            }
            _ => false,
        };
        Some(self.values.0.iter().any(|value| is(&value.datum)))
    }

    fn is_related(&self, target: &Target) -> Option<bool> {
        if self.refers_to(target) {
            return Some(true);
        }
        let snapshot = self.upkeep.snapshot();
        let end = snapshot.watermark().0;
        refers(snapshot, (target, end), (self.resource_type.0, self.id)).ok()
    }

    fn depends_on(&self, target: &Target, person: &[PatientOrd]) -> Option<bool> {
        if self.refers_to(target) {
            return Some(true);
        }
        let snapshot = self.upkeep.snapshot();
        let end = snapshot.watermark().0;
        let set = snapshot.dependents(target, person, end).ok()??;
        let depends = |(of, id): &(ResourceType, ResourceId)| {
            let newest = snapshot.newest(of.0, id.as_str())?;
            let row = snapshot.content_before(end, newest)?;
            let (part, local) = locate(snapshot.parts(), row)?;
            let about = snapshot.policy(part, local)?.patients;
            let about = about.iter().any(|p| person.contains(p));
            Some(about && passes_labels(*of) && set.rows.contains(row))
        };
        Some(self.targets.iter().any(|target| depends(target).unwrap_or(false)))
    }
}

impl Unwritten<'_> {
    fn refers_to(&self, target: &Target) -> bool {
        let is = |(of, id): &(ResourceType, ResourceId)| {
            *of == target.resource_type && id.as_str() == target.id
        };
        self.targets.iter().any(is)
    }
}
