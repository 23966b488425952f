//! A row that consents ask about.

use accord_access::consent::{Code, RowLinks, Target};
use accord_base::PatientOrd;
use accord_spec::ResourceType;

use super::sets::reference_params;
use crate::error::IndexError;
use crate::key;
use crate::part::{Part, locate};
use crate::row::NO_ROW;
use crate::snapshot::Snapshot;
use crate::value::KEEPS_CODES;

/// What consents ask about a row of a state beyond its columns. A deletion is asked about what was
/// deleted.
#[derive(Clone, Copy)]
pub struct RowContent<'a> {
    snapshot: &'a Snapshot,
    part: &'a Part,
    local: u32,
}

impl<'a> RowContent<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, part: &'a Part, local: u32) -> RowContent<'a> {
        RowContent { snapshot, part, local }
    }

    fn row(&self) -> u32 {
        self.part.first() + self.local
    }

    fn kind(&self) -> Option<u8> {
        Some(self.part.columns(self.local)?.meta.resource_type)
    }

    /// The answer for the row in its state; in an old one, if the answer by now is the same.
    fn ask(&self, answer: impl Fn(u32, u32) -> Option<bool>) -> Option<bool> {
        let (end, known) = (self.snapshot.watermark().0, self.snapshot.known());
        let meta = self.part.columns(self.local)?.meta;
        let own = if meta.deleted() { meta.prior } else { self.row() };
        // A deletion that nothing came before has no content.
        let then = if own == NO_ROW { Some(false) } else { answer(own, end) };
        if end == known {
            return then;
        }
        let newest = self.snapshot.content_before(known, self.row());
        let now = newest.map_or(Some(false), |newest| answer(newest, known));
        if then == now { then } else { None }
    }
}

impl RowLinks for RowContent<'_> {
    fn has_id(&self, id: &str) -> Option<bool> {
        Some(self.part.with_id(self.local, |own| own == id))
    }

    fn has_code(&self, code: &Code) -> Option<bool> {
        let set = self.snapshot.coded(self.kind()?, &code.system, &code.code).ok()?;
        self.ask(|row, _| {
            if set.rows.contains(row) {
                return Some(true);
            }
            let (part, _) = locate(self.snapshot.parts(), row)?;
            match part {
                Part::Segment(segment) if segment.extractor_version() < KEEPS_CODES => None,
                _ => Some(false),
            }
        })
    }

    fn is_related(&self, target: &Target) -> Option<bool> {
        let set = self.snapshot.referring(target.resource_type.0, &target.id).ok()?;
        self.ask(|row, end| {
            if set.rows.contains(row) {
                return Some(true);
            }
            let own = self.kind()?;
            self.part.with_id(self.local, |id| refers(self.snapshot, (target, end), (own, id)).ok())
        })
    }

    fn depends_on(&self, target: &Target, person: &[PatientOrd]) -> Option<bool> {
        self.ask(|row, end| {
            let set = self.snapshot.dependents(target, person, end).ok()??;
            Some(set.rows.contains(row))
        })
    }
}

/// Whether the newest content of a resource before a row refers to another.
pub(super) fn refers(
    snapshot: &Snapshot,
    (from, end): (&Target, u32),
    (to, id): (u8, &str),
) -> Result<bool, IndexError> {
    let newest = snapshot.newest_before(end, from.resource_type.0, &from.id);
    let row = newest.and_then(|newest| snapshot.content_before(end, newest));
    let place = row.and_then(|row| Some((row, locate(snapshot.parts(), row)?.0)));
    let Some((row, part)) = place else { return Ok(false) };
    let of = from.resource_type;
    for param in reference_params(ResourceType(to)).iter().filter(|param| reads(**param, of)) {
        if part.find(&key::local(*param, to, id).into())?.contains(row - part.first()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a parameter reads resources of a type.
fn reads(param: u16, of: ResourceType) -> bool {
    let known = accord_spec::param_by_id(accord_spec::ParamId(param));
    known.is_none_or(|known| known.base.is_none_or(|base| base == of))
}
