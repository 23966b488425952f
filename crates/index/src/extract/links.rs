//! What a resource refers to, whatever the element: so that a label that is raised reaches all
//! that refers to its bearer.

use accord_base::ResourceId;
use accord_fhir::json::Value as Json;
use accord_fhir::reference::Reference;
use accord_spec::ResourceType;

use super::references;
use crate::key::LINK_PARAM;
use crate::value::{Datum, Value, Values};

/// Types that are referred to as whom something is about. Their labels protect what they hold
/// themselves and say nothing about what names them.
const SUBJECTS: &[&str] = &["Group", "Patient", "Person", "RelatedPerson"];

/// Whether what refers to a resource of this type inherits its labels.
pub fn passes_labels(of: ResourceType) -> bool {
    !SUBJECTS.contains(&of.name())
}

/// The resources of this server that a resource refers to, subjects left out, without repeats;
/// [`Source`](super::Source) explains `resolve`.
pub fn links(
    resource: Json<'_>,
    resolve: &dyn Fn(&str) -> Option<String>,
) -> Vec<(ResourceType, ResourceId)> {
    let mut found = Vec::new();
    for reference in references(resource) {
        let Some(text) = reference.as_str() else { continue };
        let resolved = resolve(&text);
        let Some(link) = link(resolved.as_deref().unwrap_or(&text)) else { continue };
        if !found.contains(&link) {
            found.push(link);
        }
    }
    found
}

/// Adds those links that no search parameter reads, so that they are found backwards as well.
pub fn add_links(values: &mut Values, links: &[(ResourceType, ResourceId)]) {
    let known = values.0.len();
    for (of, to) in links {
        let same = |value: &Value| match &value.datum {
            Datum::Reference { resource_type, id } => *resource_type == of.0 && id == to.as_str(),
            _ => false,
        };
        if !values.0.iter().take(known).any(same) {
            let datum = Datum::Reference { resource_type: of.0, id: to.to_string() };
            values.0.push(Value { param: LINK_PARAM, datum });
        }
    }
}

fn link(text: &str) -> Option<(ResourceType, ResourceId)> {
    let Reference::Relative { resource_type, id, .. } = Reference::relative(text)? else {
        return None;
    };
    if SUBJECTS.contains(&resource_type) {
        return None;
    }
    Some((ResourceType::from_name(resource_type)?, ResourceId::new(id).ok()?))
}
