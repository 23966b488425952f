//! Parts of resources: `_elements` and `_summary` (FHIR R4 search §3.1.1.5.8 and §3.1.1.5.9).

use accord_fhir::json::{Kind, Limits, Value, parse};
use accord_query::Shape;
use accord_spec::ResourceType;

use crate::Version;

/// Says of a resource that it is not all there.
const SUBSETTED: &str = r#"{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED","display":"subsetted"}"#;

/// The version with the part that is asked for. What cannot be read as a resource stays whole.
pub(crate) fn shaped(version: Version, shape: &Shape) -> Version {
    if *shape == Shape::Whole {
        return version;
    }
    // What is contained may be of any type.
    let of = version.fragment.as_ref().and_then(|_| type_of(&version.body));
    let part = part_of(&version.body, of.unwrap_or(version.resource_type), shape);
    match part {
        Some(body) => Version { body: body.into(), ..version },
        None => version,
    }
}

fn type_of(text: &str) -> Option<ResourceType> {
    let tape = parse(text.as_bytes(), Limits::default()).ok()?;
    ResourceType::from_name(&tape.root().get_str("resourceType")?)
}

/// The part of a document that is asked for, tagged as one.
fn part_of(text: &str, resource_type: ResourceType, shape: &Shape) -> Option<String> {
    let tape = parse(text.as_bytes(), Limits::default()).ok()?;
    let text = tape.text();
    let mut out = String::with_capacity(text.len());
    let mut has_meta = false;
    let mut members = tape.root().members();
    while let Some((name_span, name, value)) = members.next_spanned() {
        if !is_kept(&name, resource_type, shape) {
            continue;
        }
        out.push(if out.is_empty() { '{' } else { ',' });
        if name == "meta" {
            has_meta = true;
            out.push_str(text.get(name_span)?);
            out.push(':');
            out.push_str(&tagged(text, value)?);
        } else {
            out.push_str(text.get(name_span.start..value.span().end)?);
        }
    }
    // What is contained may have no `meta` of its own.
    if !has_meta {
        out.push_str(if out.is_empty() { "{" } else { "," });
        out.push_str(&format!("\"meta\":{{\"tag\":[{SUBSETTED}]}}"));
    }
    out.push('}');
    Some(out)
}

/// Whether a member of a resource is part of it. What a resource must have always is, so that what
/// is left is a resource.
fn is_kept(name: &str, resource_type: ResourceType, shape: &Shape) -> bool {
    if matches!(name, "resourceType" | "id" | "meta") {
        return true;
    }
    let name = name.strip_prefix('_').unwrap_or(name);
    let element = resource_type.type_id().element(name);
    let needed = element.is_some_and(|element| element.min > 0);
    match shape {
        Shape::Whole => true,
        Shape::Data => name != "text",
        Shape::Text => needed || name == "text",
        Shape::Summary => needed || element.is_some_and(|element| element.is_summary),
        Shape::Elements(names) => {
            let path_name = element.map_or(name, |element| element.path_name);
            let asked = |wanted: &String| wanted == name || wanted == path_name;
            needed || names.iter().any(asked)
        }
    }
}

/// A document's `meta` with the tag.
fn tagged(text: &str, meta: Value<'_>) -> Option<String> {
    let tags = meta.get("tag").filter(|tags| tags.kind() == Kind::Array);
    let span = meta.span();
    let (at, tag) = match tags {
        Some(tags) => {
            let comma = if tags.items().next().is_some() { "," } else { "" };
            (tags.span().end.checked_sub(1)?, format!("{comma}{SUBSETTED}"))
        }
        None => {
            let comma = if meta.members().next().is_some() { "," } else { "" };
            (span.end.checked_sub(1)?, format!("{comma}\"tag\":[{SUBSETTED}]"))
        }
    };
    Some(format!("{}{tag}{}", text.get(span.start..at)?, text.get(at..span.end)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAG: &str = "v3-ObservationValue";

    fn check(shape: &Shape, sent: &str, left: &[&str]) {
        let text = format!(r#"{{"resourceType":"Observation","id":"o",{sent}}}"#);
        let part = part_of(&text, ResourceType::OBSERVATION, shape).unwrap();
        let tape = parse(part.as_bytes(), Limits::default()).unwrap();
        let names: Vec<String> = tape.root().members().map(|(name, _)| name.into_owned()).collect();
        assert_eq!(names, [&["resourceType", "id"], left].concat(), "{part}");
        assert!(part.contains(TAG), "{part}");
    }

    #[test]
    fn what_must_be_there_stays() {
        let sent = r#""meta":{"versionId":"1","tag":[{"code":"x"}]},"text":{"div":"<div/>"},
            "status":"final","_status":{"id":"s"},"code":{"text":"c"},"valueString":"v",
            "note":[{"text":"n"}],"referenceRange":[{"text":"r"}]"#;
        let all = ["meta", "text", "status", "_status", "code", "valueString", "note"];
        check(&Shape::Data, sent, &[&[all[0]], &all[2..], &["referenceRange"]].concat());
        check(&Shape::Text, sent, &all[..5]);
        check(&Shape::Summary, sent, &["meta", "status", "_status", "code", "valueString"]);
        let elements =
            |names: &[&str]| Shape::Elements(names.iter().map(|name| (*name).to_owned()).collect());
        check(&elements(&["note"]), sent, &["meta", "status", "_status", "code", "note"]);
        check(&elements(&["value"]), sent, &["meta", "status", "_status", "code", "valueString"]);
        check(&elements(&["nothing"]), sent, &["meta", "status", "_status", "code"]);
    }

    #[test]
    fn tags_join_those_there_are() {
        let part = |meta: &str| {
            let text = format!(r#"{{"resourceType":"Observation","meta":{meta}}}"#);
            part_of(&text, ResourceType::OBSERVATION, &Shape::Data).unwrap()
        };
        assert!(part("{}").ends_with(&format!(r#""meta":{{"tag":[{SUBSETTED}]}}}}"#)));
        let meta = r#"{"versionId":"1","tag":[]}"#;
        assert!(part(meta).ends_with(&format!(r#"{{"versionId":"1","tag":[{SUBSETTED}]}}}}"#)));
        let meta = r#"{"tag":[{"code":"x"}],"versionId":"1"}"#;
        let joined = format!(r#"{{"tag":[{{"code":"x"}},{SUBSETTED}],"versionId":"1"}}}}"#);
        assert!(part(meta).ends_with(&joined));
    }
}
