//! What a transfer to another organisation asks: every version of a resource, whoever sees it.

use accord_base::{LogTime, OrgOrd, PatientOrd, Row};
use accord_spec::ResourceType;

use crate::row::NO_ROW;
use crate::upkeep::Upkeep;

/// A version of a resource as it stands in this state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Version {
    /// Its row.
    pub row: Row,
    /// Its number.
    pub version: u32,
    /// When it was born.
    pub born: LogTime,
    /// Whether it records a deletion.
    pub deleted: bool,
    /// Who answers for it.
    pub controller: OrgOrd,
    /// Every patient it names.
    pub patients: Vec<PatientOrd>,
    /// Its labels.
    pub labels: u64,
}

impl Upkeep {
    /// Every version of a resource, the newest first.
    pub fn versions(&self, resource_type: ResourceType, id: &str) -> Vec<Version> {
        let mut versions = Vec::new();
        let mut next = self.snapshot().newest(resource_type.0, id);
        while let Some((part, local)) = next.and_then(|row| self.snapshot().locate(row)) {
            let (Some(columns), Some(policy)) =
                (part.columns(local), self.snapshot().policy(part, local))
            else {
                break;
            };
            let meta = columns.meta;
            versions.push(Version {
                row: Row(part.first() + local),
                version: meta.version,
                born: LogTime(meta.born),
                deleted: meta.deleted(),
                controller: policy.controller,
                patients: policy.patients.to_vec(),
                labels: policy.labels,
            });
            next = Some(meta.prior).filter(|prior| *prior != NO_ROW);
        }
        versions
    }

    /// The patients that a row names; none where no resource version has the number.
    pub fn patients(&self, row: Row) -> Vec<PatientOrd> {
        let place = self.snapshot().locate(row.0);
        let policy = place.and_then(|(part, local)| self.snapshot().policy(part, local));
        policy.map(|policy| policy.patients.to_vec()).unwrap_or_default()
    }

    /// The first row that is not in this state.
    pub fn end(&self) -> Row {
        self.snapshot().watermark()
    }
}
