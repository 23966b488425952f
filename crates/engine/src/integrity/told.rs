//! Where a resource refers to what is not there: the places, never the targets.

use std::ops::Range;

use accord_base::LogTime;
use accord_fhir::document::{self, Stamp};
use accord_fhir::json::{Kind, Value};
use accord_fhir::{Issue, IssueCode};
use accord_index::extract;

use super::{Named, name};
use crate::prepare::{Content, Write, parse_json};
use crate::{Category, Failure};

/// Places told of one resource at most.
const MOST: usize = 500;

/// The refusal of content that refers to what does not exist.
pub(super) fn dangling(write: &Write, content: &Content, missing: &[&Named]) -> Failure {
    let stamp = Stamp { id: &write.id, version: 1, last_updated: LogTime(0) };
    let text = document::render(&content.text, &content.edits, stamp);
    let parsed = match parse_json(text.as_bytes()) {
        Ok(parsed) => parsed,
        Err(failure) => return failure,
    };
    let root = parsed.root();
    let is_missing = |reference: &Value<'_>| {
        let named = reference.as_str().and_then(|text| name(&text));
        named.is_some_and(|named| missing.contains(&&named))
    };
    let references = extract::references(root).into_iter().filter(is_missing).take(MOST);
    let issue = |reference: Value<'_>| {
        let path = path_to(root, write.resource_type.name(), &reference.span());
        Issue::at(IssueCode::NotFound, path, "the resource that is referred to does not exist")
    };
    Failure { category: Category::Unprocessable, issues: references.map(issue).collect() }
}

/// The path of the Reference whose text stands at these bytes.
pub(super) fn path_to(root: Value<'_>, named: &str, span: &Range<usize>) -> String {
    let (mut path, mut at) = (named.to_owned(), root);
    let holds = |value: &Value<'_>| {
        let own = value.span();
        own.start <= span.start && span.end <= own.end
    };
    while at.span() != *span {
        at = match at.kind() {
            Kind::Object => {
                let Some((name, value)) = at.members().find(|(_, value)| holds(value)) else {
                    break;
                };
                if value.span() != *span {
                    path.push('.');
                    path.push_str(&name);
                }
                value
            }
            Kind::Array => {
                let Some((place, value)) = at.items().enumerate().find(|(_, value)| holds(value))
                else {
                    break;
                };
                path.push_str(&format!("[{place}]"));
                value
            }
            _ => break,
        };
    }
    path
}
