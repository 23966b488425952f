//! Effects: what the writer decided, and all that `apply` ever executes.

use std::sync::Arc;

use accord_access::{Fact, RowPolicy};
use accord_base::{LogTime, NameSpace, OrgOrd, PatientOrd, ResourceId, Row};

use crate::value::Values;

/// The effect of one resource version: a row.
#[derive(Clone, PartialEq, Debug)]
pub struct RowEffect {
    /// The row's number, which is the record's place in the log.
    pub row: Row,
    /// When it was born; equal for all rows of one transaction.
    pub born: LogTime,
    /// Number of the resource type (`spec::ResourceType`).
    pub resource_type: u8,
    /// Logical id.
    pub id: ResourceId,
    /// Version number, from 1.
    pub version: u32,
    /// Whether this row records a deletion. Its policy columns are copies of its predecessor's.
    pub deleted: bool,
    /// Whether an update made the resource: a `PUT` where there was none, or none any more.
    pub put: bool,
    /// The row of the version that dies with the birth of this one.
    pub prior: Option<Row>,
    /// The columns that decisions read.
    pub policy: RowPolicy,
    /// Ordinals given for the first time by this row, in the order of giving.
    pub names: Vec<NewName>,
    /// Facts this version states.
    pub facts: Vec<Fact>,
    /// Search values; empty for a deletion.
    pub values: Arc<Values>,
    /// Changes to what earlier rows carry (relabelling, transfer of controller, merge).
    pub changes: Vec<RowChange>,
}

/// An ordinal's first use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewName {
    /// Which space.
    pub space: NameSpace,
    /// The ordinal; dense in its space.
    pub ordinal: u32,
    /// The name it stands for.
    pub name: String,
}

/// A later change to an earlier row: kept as a versioned overlay, folded in when segments merge.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowChange {
    /// The row that changes.
    pub row: Row,
    /// What it carries from now on.
    pub change: Change,
}

/// What changes about an earlier row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// New sensitivity labels.
    Labels(u64),
    /// Another organisation answers for the data.
    Controller(OrgOrd),
    /// The patients named, after a merge or a correction; ascending, without repeats.
    Patients(Vec<PatientOrd>),
}
