//! Markers as references join them: each refers to its patient, and to nothing else.

use accord_query::{Chain, Clause as Asked, Member, ReferenceValue, Target, Test};
use accord_spec::{Compartment, ParamId, ResourceType, SearchParam, compartment_params, param};

use super::super::{Clause, Source, links};
use crate::error::IndexError;
use crate::extract::naming_params;
use crate::key;
use crate::marker;
use crate::set::RowSet;
use crate::value::Datum;
use crate::view::View;

/// Parameters that tell whose a resource is: a marker names the one patient whom its row names by
/// whichever of them.
pub(crate) fn naming(base: ResourceType) -> impl Iterator<Item = ParamId> {
    naming_params(base).iter().filter_map(move |code| Some(param(base, code)?.id))
}

/// Rows that name one of these patients, or whoever is one person with them.
pub(super) fn of_patients(view: &View, base: ResourceType, values: &[ReferenceValue]) -> Clause {
    let mut sources = Vec::new();
    for value in values {
        let id = match value {
            ReferenceValue::Resource { resource_type, id } => {
                Some(id).filter(|_| *resource_type == ResourceType::PATIENT)
            }
            ReferenceValue::Id(id) => Some(id),
            ReferenceValue::Url(_) => None,
        };
        let others = view.snapshot().same_person(view.scope(), value);
        for id in id.into_iter().chain(&others) {
            let key = |param: ParamId| key::local(param.0, ResourceType::PATIENT.0, id);
            sources.extend(naming(base).map(|param| Source::Key(key(param).into())));
        }
    }
    Clause { sources, negated: false }
}

/// Rows of one type among those searched that name a patient for whom a condition holds.
pub(super) fn joined(
    view: &View,
    (types, base): (&[u8], ResourceType),
    chain: &Chain,
) -> Result<Vec<Source>, IndexError> {
    let mut links = chain.links.clone();
    links.retain(|link| link.resource_type == ResourceType::PATIENT);
    let chain = Chain { links, ..chain.clone() };
    let mut sources = Vec::new();
    for param in naming(base) {
        let asked = Asked { target: Target::Param(param), test: Test::Chain(chain.clone()) };
        sources.extend(links::sources(view, types, &asked, &chain)?);
    }
    Ok(sources)
}

/// Markers in a compartment: those of the patient whose it is, and the one of the resource whose it
/// is.
pub(super) fn compartment(view: &View, types: &[u8], member: &Member) -> Clause {
    let mut sources = Vec::new();
    let owner = ResourceType::from_name(member.compartment.name());
    let named =
        owner.map(|of| ReferenceValue::Resource { resource_type: of, id: member.id.clone() });
    if let Some(value) = named.filter(|_| owner == Some(ResourceType::PATIENT)) {
        let values = [value];
        for of in ResourceType::ALL.iter().filter(|of| types.is_empty() || types.contains(&of.0)) {
            let codes = compartment_params(Compartment::Patient, *of).iter();
            if codes.filter_map(|code| param(*of, code)).any(refers) {
                sources.extend(of_patients(view, *of, &values).sources);
            }
        }
    }
    let wanted = owner.filter(|of| types.is_empty() || types.contains(&of.0));
    let own = wanted.and_then(|of| view.snapshot().newest(of.0, &member.id));
    sources.extend(own.map(|own| Source::Rows(vec![(own, own + 1)])));
    Clause { sources, negated: false }
}

/// Whether markers refer to their patient by a parameter.
pub(crate) fn refers(param: &SearchParam) -> bool {
    let values = param.base.map(marker::values);
    values.is_some_and(|values| {
        values.0.iter().any(|value| {
            value.param == param.id.0 && matches!(value.datum, Datum::Reference { .. })
        })
    })
}

/// What markers refer to by a parameter, of the types searched: their patients' resources.
pub(in super::super) fn referred_to(
    view: &View,
    types: &[u8],
    param: &SearchParam,
    markers: &[RowSet],
) -> Option<Source> {
    let patient = ResourceType::PATIENT.0;
    let wanted = types.is_empty() || types.contains(&patient);
    if !wanted || !refers(param) {
        return None;
    }
    let snapshot = view.snapshot();
    let mut rows = Vec::new();
    for (part, markers) in snapshot.parts().iter().zip(markers) {
        for local in markers.to_vec() {
            let policy = snapshot.policy(part, local)?;
            let id = policy.patients.first().and_then(|own| snapshot.patient_name(own.0));
            rows.extend(id.and_then(|id| snapshot.newest(patient, &id)));
        }
    }
    rows.sort_unstable();
    rows.dedup();
    Some(Source::Rows(rows.into_iter().map(|row| (row, row + 1)).collect()))
}
