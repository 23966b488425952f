//! Conditions that ask where somebody is or lives, or how to reach them.

use accord_query::{Chain, Clause as Asked, ReferenceValue, Target, Test};
use accord_spec::{ParamId, ParamKind, ResourceType, SearchParam, param_by_id};

use crate::error::IndexError;
use crate::snapshot::Snapshot;

use super::Source;

/// Parameters that tell it by their codes, or by what their codes begin with.
const PLACES: [&str; 6] = ["address", "email", "location", "near", "phone", "telecom"];

/// Official parameters of free text, which may tell it as well.
const TEXTS: [&str; 8] = [
    "abatement-string",
    "code-value-string",
    "description",
    "disposition",
    "notes",
    "onset-info",
    "title",
    "value-string",
];

/// Whether a condition asks for a place: by a parameter of places, or by a reference that may name
/// many things, where what is asked for is a Location. `chains` finds what references join.
pub(super) fn asks(
    snapshot: &Snapshot,
    asked: &Asked,
    chains: &dyn Fn(&Chain) -> Result<Vec<Source>, IndexError>,
) -> Result<bool, IndexError> {
    let Target::Param(id) = asked.target else { return Ok(false) };
    if are_values_of(snapshot, id) {
        return Ok(true);
    }
    if !param_by_id(id).is_some_and(may_name_places) {
        return Ok(false);
    }
    let names = |value: &ReferenceValue| match value {
        ReferenceValue::Resource { resource_type, .. } => *resource_type == location(),
        ReferenceValue::Id(id) => snapshot.newest(location().0, id).is_some(),
        ReferenceValue::Url(_) => false,
    };
    Ok(match &asked.test {
        Test::Reference(values) => values.iter().any(names),
        Test::Chain(chain) => {
            let places = chain.links.iter().filter(|l| l.resource_type == location());
            let links: Vec<_> = places.cloned().collect();
            !links.is_empty() && !chains(&Chain { links, ..chain.clone() })?.is_empty()
        }
        _ => false,
    })
}

/// Whether every value of a parameter tells of a place; of one of the store's own, whether any may.
pub(super) fn are_values_of(snapshot: &Snapshot, id: ParamId) -> bool {
    if id.is_own() {
        return snapshot.own().is_of_places(id.0);
    }
    let Some(param) = param_by_id(id) else { return false };
    let begins = |place: &str| {
        let rest = param.code.strip_prefix(place);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let alone = !param.targets.is_empty() && !param.targets.contains(&ResourceType::PATIENT);
    let texts = matches!(param.kind, ParamKind::String | ParamKind::Composite);
    let told = PLACES.iter().any(|place| begins(place)) || texts && TEXTS.contains(&param.code);
    told || (alone && may_name_places(param))
}

fn may_name_places(param: &SearchParam) -> bool {
    use accord_spec::ParamKind::Reference;
    let any = param.targets.is_empty();
    param.kind == Reference && (any || param.targets.contains(&location()))
}

/// The type of places.
pub(crate) fn location() -> ResourceType {
    ResourceType::from_name("Location").unwrap_or(ResourceType(u8::MAX))
}
