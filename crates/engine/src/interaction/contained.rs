//! Contained resources as entries of their own (`_containedType=contained`, FHIR R4 search
//! §3.1.1.5.5).
//!
//! **Invariant:** whatever is told of a resource that contains others, by its labels, is told of
//! each of them: that it may not be passed on, what the law says of it, that something is left out.

use accord_fhir::IssueCode;
use accord_fhir::json::Value;
use accord_query::{Contained, Query};

use crate::prepare::parse_json;
use crate::{Category, Failure, Version};

/// Refuses a search for contained resources within a compartment: they are in none.
pub(super) fn check(query: &Query) -> Result<(), Failure> {
    if query.contained == Contained::Outside || query.member_of.is_none() {
        return Ok(());
    }
    let text = "`_contained` does not go together with a compartment";
    Err(Failure::new(Category::Invalid, IssueCode::NotSupported, text))
}

/// The entries of a page, those that are contained resources by themselves: `places` tells which of
/// those that an entry contains it is. Of rows alone there are no places.
///
/// # Errors
/// If a document does not hold what the index says.
pub(super) fn alone(
    entries: Vec<Version>,
    places: &[Option<u32>],
) -> Result<Vec<Version>, Failure> {
    let mut places = places.iter().copied();
    let one = |version: Version| match places.next().flatten() {
        Some(place) => taken_out(version, place),
        None => Ok(version),
    };
    entries.into_iter().map(one).collect()
}

fn taken_out(version: Version, place: u32) -> Result<Version, Failure> {
    let tape = parse_json(version.body.as_bytes())?;
    let root = tape.root();
    let contained = root.get("contained").and_then(|all| all.items().nth(place as usize));
    let Some(contained) = contained else {
        tracing::error!("a document lacks a contained resource that the index has");
        let text = "the server met a fault of its own";
        return Err(Failure::new(Category::Fault, IssueCode::Exception, text));
    };
    let id = contained.get_str("id").unwrap_or_default();
    let labels = root.get("meta").and_then(|meta| meta.get("security"));
    let body = labelled(contained, labels);
    let fragment = Some(Box::from(&*id));
    Ok(Version { body: body.into(), fragment, ..version })
}

/// A contained resource with the labels of what contains it. It has none of its own (R4 dom-5).
fn labelled(contained: Value<'_>, labels: Option<Value<'_>>) -> String {
    let Some(labels) = labels else { return contained.raw().to_owned() };
    let mut out = String::from("{");
    let mut meta = Vec::new();
    for (name, member) in contained.members() {
        if name == "meta" {
            let kept = member.members().filter(|(name, _)| name != "security");
            meta.extend(kept.map(|(name, member)| format!("\"{name}\":{}", member.raw())));
        } else {
            out.push_str(&format!("\"{name}\":{},", member.raw()));
        }
    }
    meta.push(format!("\"security\":{}", labels.raw()));
    out.push_str(&format!("\"meta\":{{{}}}}}", meta.join(",")));
    out
}
