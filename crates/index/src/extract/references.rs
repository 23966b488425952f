//! Every literal reference of a resource.

use accord_fhir::json::{Kind, Value};

/// Members that a Reference can have besides `reference` (FHIR R4 references §2.3.0).
const MEMBERS: [&str; 4] = ["id", "type", "identifier", "display"];

/// The text of each `Reference.reference` in the resource at any depth, contained resources and
/// extensions included. Canonical references are not among them.
///
/// A Reference is known by its shape: an object with a string `reference` and no member that a
/// Reference cannot have. Of the other R4 types with a `reference` of text, DetectedIssue and
/// Expression always have more members; Immunization.education, which may not, is told by name.
pub fn references(resource: Value<'_>) -> Vec<Value<'_>> {
    let mut found = Vec::new();
    walk(resource, true, &mut found);
    found
}

/// As deep as the JSON, which the parser bounds. `eligible` says whether the object itself may be
/// a Reference.
fn walk<'a>(value: Value<'a>, eligible: bool, found: &mut Vec<Value<'a>>) {
    match value.kind() {
        Kind::Array => value.items().for_each(|item| walk(item, eligible, found)),
        Kind::Object => {
            let (mut reference, mut pure) = (None, eligible);
            for (name, member) in value.members() {
                match member.kind() {
                    Kind::String if name == "reference" => reference = Some(member),
                    Kind::Object | Kind::Array => walk(member, name != "education", found),
                    _ => {}
                }
                let own = name == "reference" || name == "extension" || name.starts_with('_');
                pure &= own || MEMBERS.contains(&&*name);
            }
            found.extend(reference.filter(|_| pure));
        }
        _ => {}
    }
}
