//! `$meta`, `$meta-add`, `$meta-delete`: profiles, tags and security labels of one resource (FHIR
//! R4 §3.2.2, OperationDefinitions Resource-meta, Resource-meta-add, Resource-meta-delete).
//!
//! A change is an update like any other, and makes a version: who may not remove a label by an
//! update may not do so here. Of the resource only `meta` is touched, so that nothing which is left
//! out for the asker can be lost.

use accord_access::Interaction as Code;
use accord_base::ResourceId;
use accord_fhir::json::{Kind, Value, quoted};
use accord_fhir::{Issue, IssueCode};
use accord_index::View;
use accord_spec::ResourceType;

use super::Drawn;
use crate::operation::{By, Signature};
use crate::prepare::parse_json;
use crate::{Answer, Category, Engine, Failure, Outcome, Version};

/// The operations on `meta`, which every type has. The one that is asked of no instance may be asked
/// of no type either.
pub static META_OPERATIONS: [Signature; 4] = [
    Signature { code: Code::Meta, on: "Resource", instance: false, by: By::Either },
    Signature { code: Code::Meta, on: "Resource", instance: true, by: By::Either },
    Signature { code: Code::MetaAdd, on: "Resource", instance: true, by: By::Post },
    Signature { code: Code::MetaDelete, on: "Resource", instance: true, by: By::Post },
];

/// The sets that `meta` holds. Their order is that of the specification.
const SETS: [&str; 3] = ["profile", "security", "tag"];

impl Engine {
    /// The `meta` of a resource, as a read would show it.
    pub(crate) fn meta(&self, view: &View, of: ResourceType, id: &ResourceId) -> Drawn {
        let (outcome, patients) = self.read(view, id, view.read(of, id.as_str()), |_| false);
        let outcome = outcome.and_then(|answer| match answer {
            Answer::Read(version) => told(&version),
            other => Ok(other),
        });
        (outcome, patients)
    }
}

/// The answer that tells the `meta` of a version.
pub(super) fn told(version: &Version) -> Outcome {
    if version.body.is_empty() {
        return Err(super::not_found());
    }
    let body = parse_json(version.body.as_bytes())?;
    let meta = body.root().get("meta").map_or("{}", Value::raw);
    Ok(Answer::Resource(format!(
        r#"{{"resourceType":"Parameters","parameter":[{{"name":"return","valueMeta":{meta}}}]}}"#
    )))
}

/// The resource with what was sent put into its sets, or taken out of them. Tags and labels are
/// the same by system and code.
///
/// # Errors
/// If what was sent is not one Meta in Parameters.
pub(super) fn changed(
    resource: Value<'_>,
    parameters: Value<'_>,
    add: bool,
) -> Result<String, Failure> {
    let sent = sent(parameters)?;
    let mut members = Vec::new();
    let standing = resource.get("meta");
    for (name, member) in standing.into_iter().flat_map(|meta| meta.members()) {
        // Extensions of profiles stand by their places.
        let goes = SETS.contains(&&*name) || (!add && name == "_profile");
        if !goes {
            members.push(format!("{}:{}", quoted(&name), member.raw()));
        }
    }
    for set in SETS {
        let mut items: Vec<Value<'_>> = standing.map(|meta| items(meta, set)).unwrap_or_default();
        for item in self::items(sent, set) {
            match (add, items.iter().any(|own| same(*own, item))) {
                (true, false) => items.push(item),
                (false, true) => items.retain(|own| !same(*own, item)),
                _ => {}
            }
        }
        if !items.is_empty() {
            let all: Vec<&str> = items.iter().map(|item| item.raw()).collect();
            members.push(format!("{}:[{}]", quoted(set), all.join(",")));
        }
    }
    let meta = format!("{{{}}}", members.join(","));
    let mut text = resource.raw().to_owned();
    match standing {
        Some(standing) => {
            let (at, span) = (resource.span().start, standing.span());
            text.replace_range(span.start - at..span.end - at, &meta);
        }
        None => text.insert_str(1, &format!("\"meta\":{meta},")),
    }
    Ok(text)
}

fn items<'a>(meta: Value<'a>, set: &str) -> Vec<Value<'a>> {
    let list = meta.get(set).filter(|list| list.kind() == Kind::Array);
    list.into_iter().flat_map(Value::items).collect()
}

fn same(one: Value<'_>, other: Value<'_>) -> bool {
    match (one.kind(), other.kind()) {
        (Kind::String, Kind::String) => one.as_str() == other.as_str(),
        (Kind::Object, Kind::Object) => {
            ["system", "code"].iter().all(|name| one.get_str(name) == other.get_str(name))
        }
        _ => false,
    }
}

/// The Meta that was sent.
fn sent(parameters: Value<'_>) -> Result<Value<'_>, Failure> {
    let wrong = || {
        let text = "the operation takes Parameters with one Meta, the parameter `meta`";
        let issues = vec![Issue::at(IssueCode::Invalid, "Parameters.parameter", text)];
        Failure { category: Category::Invalid, issues }
    };
    if parameters.get_str("resourceType").as_deref() != Some("Parameters") {
        return Err(wrong());
    }
    let mut all = parameters.get("parameter").map(Value::items).into_iter().flatten();
    let (Some(one), None) = (all.next(), all.next()) else { return Err(wrong()) };
    let named = one.get_str("name").is_some_and(|name| name == "meta");
    one.get("valueMeta").filter(|_| named).ok_or_else(wrong)
}
