//! The value set that an element of R4 is bound to (`context` of `$expand` and `$validate-code`).

use accord_fhir::IssueCode;
use accord_spec::{ResourceType, TypeId};

use super::super::parameters::invalid;
use crate::Failure;

/// The address of the value set bound to an element: `Patient.gender`, or
/// `http://hl7.org/fhir/StructureDefinition/Patient#Patient.gender`.
pub(super) fn value_set(context: &str) -> Result<&'static str, Failure> {
    let path = context.rsplit('#').next().unwrap_or(context);
    bound(path).ok_or_else(|| {
        let text = format!("`{context}` is not an element of R4 that is bound to a value set");
        invalid(IssueCode::NotFound, text)
    })
}

fn bound(path: &str) -> Option<&'static str> {
    let mut names = path.split('.');
    let first = names.next()?;
    let mut ty = match ResourceType::from_name(first) {
        Some(resource_type) => resource_type.type_id(),
        None => TypeId::from_name(first)?,
    };
    let mut binding = None;
    for name in names {
        let name = name.strip_suffix("[x]").unwrap_or(name);
        let element = ty.element(name).or_else(|| {
            let coded = |e: &&accord_spec::Element| e.binding.is_some();
            ty.elements_by_path_name(name).find(coded).or(ty.elements_by_path_name(name).next())
        })?;
        (ty, binding) = (element.ty, element.binding);
    }
    binding.map(|binding| binding.value_set)
}
