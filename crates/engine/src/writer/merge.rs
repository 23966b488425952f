//! What merges of patients mean for single writes.

use accord_access::{Fact, Scope};
use accord_base::{LogTime, NameSpace, PatientOrd};
use accord_fhir::IssueCode;
use accord_spec::ResourceType;
use smallvec::SmallVec;

use super::effect::Before;
use super::names::Naming;
use crate::prepare::{Entitled, Write};
use crate::{Category, Failure};

/// What a Patient states after an entitled act: what it stated before, but for the merge itself.
/// Whoever merges may be entitled to less, or more, than whoever wrote the resource.
pub(super) fn facts(act: &Entitled, before: &Before<'_>, names: &mut Naming<'_>) -> Vec<Fact> {
    let mut facts = before.facts.to_vec();
    if *act != Entitled::Keep {
        facts.retain(|fact| !is_merge(fact));
    }
    if let Entitled::Merge(into) = act {
        let mut ordinal = |id: &str| PatientOrd(names.give(NameSpace::Patient, id));
        let (patient, into) = (ordinal(before.id), ordinal(into.as_str()));
        // As soon as its row is there: stamps may be ahead of the clock.
        facts.push(Fact::Merged { patient, into, from: LogTime(0), until: LogTime::NEVER });
    }
    facts
}

/// A claim about a patient whose record was merged is one about the person: whoever has them
/// before them need not know of the other record.
pub(super) fn of_person(claim: Fact, scope: &Scope) -> SmallVec<[Fact; 1]> {
    let Fact::Emergency { patient, actor, from, until } = claim else {
        return SmallVec::from_iter([claim]);
    };
    match scope.merged_with(patient) {
        [] => SmallVec::from_iter([claim]),
        person => person
            .iter()
            .map(|patient| Fact::Emergency { patient: *patient, actor, from, until })
            .collect(),
    }
}

/// A Patient that was merged is written by nothing but the end of the merge.
pub(super) fn keeps_merged(before: &Before<'_>) -> Result<(), Failure> {
    if before.facts.iter().any(is_merge) {
        return Err(conflict("the record was merged into another one; write to that one"));
    }
    Ok(())
}

/// A Patient that is a side of a merge is not deleted.
pub(super) fn keeps_side(
    write: &Write,
    before: &Before<'_>,
    names: &Naming<'_>,
) -> Result<(), Failure> {
    if write.resource_type != ResourceType::PATIENT {
        return Ok(());
    }
    let ordinal = names.find(NameSpace::Patient, write.id.as_str()).map(PatientOrd);
    match ordinal.map(|ordinal| before.scope.merged_with(ordinal)) {
        None | Some([]) => Ok(()),
        Some(_) => Err(conflict("the record is part of a merge; take that back first")),
    }
}

fn is_merge(fact: &Fact) -> bool {
    matches!(fact, Fact::Merged { .. })
}

fn conflict(text: &str) -> Failure {
    Failure::new(Category::Conflict, IssueCode::Conflict, text)
}
