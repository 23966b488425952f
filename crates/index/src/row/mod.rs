//! The columns of a row, and what later rows do to it.

mod change;
mod id;
mod mark;
mod pages;

pub(crate) use change::{Overlay, Overlays};
pub(crate) use id::{RowId, pack_uuid, unpack_uuid};
pub(crate) use mark::{Marks, NO_ROW};
pub(crate) use pages::Pages;

use accord_access::RowPolicy;
use accord_base::{ActorOrd, OrgOrd, PatientOrd};
use smallvec::SmallVec;

use crate::effect::RowEffect;

/// No patient, no author.
pub(crate) const NO_ORDINAL: u32 = u32::MAX;
/// Where one ordinal has its place, but there are several.
pub(crate) const SEVERAL: u32 = u32::MAX - 1;

/// Flag: the row records a deletion.
const DELETED: u8 = 1;
/// Flag: several patients, kept beside the columns.
const MANY_PATIENTS: u8 = 2;
/// Flag: several authors, kept beside the columns.
const MANY_AUTHORS: u8 = 4;
/// Flag: no resource version has this number.
const HOLE: u8 = 8;
/// Flag: an update made the resource.
const PUT: u8 = 16;

/// The fixed columns of a row: 56 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RowMeta {
    pub born: u64,
    pub labels: u64,
    /// The version that died with this one's birth; [`NO_ROW`] for a first version.
    pub prior: u32,
    pub version: u32,
    pub controller: OrgOrd,
    pub source: OrgOrd,
    pub clinical_day: i32,
    /// The patient; [`NO_ORDINAL`] if there is none or several.
    pub patient: PatientOrd,
    /// The author; [`NO_ORDINAL`] if there is none or several.
    pub author: ActorOrd,
    /// Where the id stands (segments only).
    pub id_at: u32,
    pub resource_type: u8,
    pub flags: u8,
}

impl RowMeta {
    /// What stands in the columns where no resource version has the number.
    pub fn hole(born: u64) -> RowMeta {
        RowMeta {
            born,
            labels: 0,
            prior: NO_ROW,
            version: 0,
            controller: OrgOrd::COMMONS,
            source: OrgOrd::COMMONS,
            clinical_day: i32::MIN,
            patient: PatientOrd(NO_ORDINAL),
            author: ActorOrd(NO_ORDINAL),
            id_at: 0,
            resource_type: u8::MAX,
            flags: HOLE,
        }
    }

    /// The columns of an effect.
    pub fn of(effect: &RowEffect) -> RowMeta {
        let policy = &effect.policy;
        let mut flags = if effect.deleted { DELETED } else { 0 };
        flags |= if effect.put { PUT } else { 0 };
        let patient = only(policy.patients.iter().map(|p| p.0));
        let author = only(policy.authors.iter().map(|a| a.0));
        flags |= if policy.patients.len() > 1 { MANY_PATIENTS } else { 0 };
        flags |= if policy.authors.len() > 1 { MANY_AUTHORS } else { 0 };
        RowMeta {
            born: effect.born.0,
            labels: policy.labels,
            prior: effect.prior.map_or(NO_ROW, |row| row.0),
            version: effect.version,
            controller: policy.controller,
            source: policy.source,
            clinical_day: policy.clinical_day,
            patient: PatientOrd(patient),
            author: ActorOrd(author),
            id_at: 0,
            resource_type: effect.resource_type,
            flags,
        }
    }

    /// Whether the row records a deletion.
    pub fn deleted(&self) -> bool {
        self.flags & DELETED != 0
    }

    /// Whether an update made the resource.
    pub fn put(&self) -> bool {
        self.flags & PUT != 0
    }

    /// Whether no resource version has this number.
    pub fn is_hole(&self) -> bool {
        self.flags & HOLE != 0
    }

    /// Whether the patients stand in the side lists.
    pub fn many_patients(&self) -> bool {
        self.flags & MANY_PATIENTS != 0
    }

    /// Whether the authors stand in the side lists.
    pub fn many_authors(&self) -> bool {
        self.flags & MANY_AUTHORS != 0
    }

    /// Whether the flags are ones that some writer sets.
    pub fn flags_are_known(flags: u8) -> bool {
        flags & !(DELETED | MANY_PATIENTS | MANY_AUTHORS | HOLE | PUT) == 0
    }
}

fn only(mut members: impl ExactSizeIterator<Item = u32>) -> u32 {
    if members.len() > 1 { NO_ORDINAL } else { members.next().unwrap_or(NO_ORDINAL) }
}

/// The lists of a row that names several patients or has several authors.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct RowLists {
    pub patients: SmallVec<[PatientOrd; 1]>,
    pub authors: SmallVec<[ActorOrd; 1]>,
}

impl RowLists {
    /// The lists of a policy, if any has several members. Both are kept then.
    pub fn of(policy: &RowPolicy) -> Option<Box<RowLists>> {
        (policy.patients.len() > 1 || policy.authors.len() > 1).then(|| {
            Box::new(RowLists {
                patients: policy.patients.clone(),
                authors: policy.authors.clone(),
            })
        })
    }
}

/// The policy columns of a row as it was written, borrowed from wherever they stand.
#[derive(Clone, Copy)]
pub(crate) struct RowColumns<'a> {
    pub meta: &'a RowMeta,
    pub lists: Option<&'a RowLists>,
}

impl<'a> RowColumns<'a> {
    /// The patients the row names.
    pub fn patients(self) -> &'a [PatientOrd] {
        match self.lists {
            Some(lists) if self.meta.many_patients() => &lists.patients,
            _ if self.meta.patient.0 == NO_ORDINAL => &[],
            _ => std::slice::from_ref(&self.meta.patient),
        }
    }

    /// The authors of the row.
    pub fn authors(self) -> &'a [ActorOrd] {
        match self.lists {
            Some(lists) if self.meta.many_authors() => &lists.authors,
            _ if self.meta.author.0 == NO_ORDINAL => &[],
            _ => std::slice::from_ref(&self.meta.author),
        }
    }

    /// The policy columns, owned.
    pub fn policy(self) -> RowPolicy {
        RowPolicy {
            controller: self.meta.controller,
            source: self.meta.source,
            patients: SmallVec::from_slice(self.patients()),
            labels: self.meta.labels,
            clinical_day: self.meta.clinical_day,
            authors: SmallVec::from_slice(self.authors()),
        }
    }
}
