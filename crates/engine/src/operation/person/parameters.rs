//! The parameters of these operations.

use accord_base::ResourceId;
use accord_fhir::json::{Tape, Value};
use accord_fhir::reference::Reference;
use accord_fhir::{Issue, IssueCode};
use accord_spec::ResourceType;

use super::super::parameters::unknown;
use crate::prepare::{parse_json, valid};
use crate::{Category, Failure};

/// A Parameters resource that has none but these parameters.
pub(in super::super) fn read(body: &[u8], names: &[&str]) -> Result<Tape, Failure> {
    let tape = parse_json(body)?;
    valid(tape.root())?;
    if tape.root().get_str("resourceType").as_deref() != Some("Parameters") {
        let text = "the body must be a Parameters resource";
        return Err(Failure::new(Category::Invalid, IssueCode::Structure, text));
    }
    let known = |name: &str| names.contains(&name);
    if let Some(name) = each(tape.root()).map(name).find(|name| !known(name)) {
        return Err(unknown(&name));
    }
    Ok(tape)
}

/// The first parameter of a name.
pub(in super::super) fn parameter<'a>(root: Value<'a>, wanted: &str) -> Option<Value<'a>> {
    each(root).find(|parameter| name(*parameter) == wanted)
}

/// Whether a parameter of a name is true.
pub(in super::super) fn is_true(root: Value<'_>, wanted: &str) -> bool {
    let value = parameter(root, wanted).and_then(|parameter| parameter.get("valueBoolean"));
    value.and_then(Value::as_bool) == Some(true)
}

/// A parameter that refers to a resource.
pub(in super::super) fn target(
    root: Value<'_>,
    wanted: &str,
) -> Result<(ResourceType, ResourceId), Failure> {
    let reference = parameter(root, wanted)
        .and_then(|parameter| parameter.get("valueReference"))
        .and_then(|value| value.get_str("reference"));
    let found = reference.as_deref().and_then(|text| match Reference::parse(text)? {
        Reference::Relative { resource_type, id, version: None } => {
            Some((ResourceType::from_name(resource_type)?, ResourceId::new(id).ok()?))
        }
        _ => None,
    });
    found.ok_or_else(|| {
        let text = format!("the parameter `{wanted}` must be a reference of the form `Type/id`");
        let issue = Issue::at(IssueCode::Required, format!("Parameters.{wanted}"), text);
        Failure { category: Category::Invalid, issues: vec![issue] }
    })
}

/// A parameter that refers to a patient.
pub(in super::super) fn patient(root: Value<'_>, wanted: &str) -> Result<ResourceId, Failure> {
    match target(root, wanted)? {
        (ResourceType::PATIENT, id) => Ok(id),
        _ => {
            let text = format!("the parameter `{wanted}` must refer to a Patient");
            Err(Failure::new(Category::Invalid, IssueCode::Value, text))
        }
    }
}

fn each(root: Value<'_>) -> impl Iterator<Item = Value<'_>> {
    root.get("parameter").into_iter().flat_map(Value::items)
}

fn name(parameter: Value<'_>) -> String {
    parameter.get_str("name").unwrap_or_default().into_owned()
}
