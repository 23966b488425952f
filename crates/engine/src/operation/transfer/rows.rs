//! Which rows go with a patient's record.

use std::collections::BTreeSet;

use accord_access::CLAIM_LABEL;
use accord_base::{OrgOrd, PatientOrd, Row};
use accord_fhir::IssueCode;
use accord_index::{Upkeep, Version};
use accord_spec::ResourceType;

use crate::{Category, Engine, Failure};

/// Most rows that go at once: the writer has everyone wait while it moves them.
const MOST_ROWS: usize = if cfg!(test) { 500 } else { 65_536 };

impl Engine {
    /// Every version of each resource that `giver` answers for and that names, and ever named,
    /// nobody but this person; ascending. What officers keep of access and of transfers stays.
    pub(super) fn rows_of(
        &self,
        upkeep: &Upkeep,
        giver: OrgOrd,
        person: &[PatientOrd],
    ) -> Result<Vec<Row>, Failure> {
        let mut resources: BTreeSet<(u8, String)> = BTreeSet::new();
        for id in person.iter().filter_map(|patient| self.patient_name(*patient)) {
            let found = upkeep.referrers(ResourceType::PATIENT, id.as_str());
            let found = found.map_err(|error| self.fault("what names a patient", &error))?;
            let named = found.into_iter().filter_map(|row| {
                let known = upkeep.row(row).filter(|known| known.controller == giver)?;
                Some((known.resource_type.0, upkeep.id(row)))
            });
            resources.extend(named);
            resources.insert((ResourceType::PATIENT.0, id.to_string()));
        }
        let mut rows = Vec::new();
        for (resource_type, id) in resources {
            let versions = upkeep.versions(ResourceType(resource_type), &id);
            if versions.iter().all(|version| goes(version, giver, person)) {
                rows.extend(versions.iter().map(|version| version.row));
            }
            if rows.len() > MOST_ROWS {
                let text = format!("the record has more than {MOST_ROWS} versions");
                return Err(Failure::new(Category::TooCostly, IssueCode::TooCostly, &text));
            }
        }
        rows.sort_unstable();
        Ok(rows)
    }
}

fn goes(version: &Version, giver: OrgOrd, person: &[PatientOrd]) -> bool {
    version.controller == giver
        && version.labels & CLAIM_LABEL == 0
        && !version.patients.is_empty()
        && version.patients.iter().all(|patient| person.contains(patient))
}
