//! Group: who belongs to it, where it lists people.

use accord_fhir::json::Value;

use super::period::Span;
use super::{NamedFact, Stating};
use crate::fact::ANYONE;

/// An active group of actual members has those it lists and does not call inactive, each for their
/// period. Who belongs to one that describes its members, or whose member cannot be told, is not
/// known: it may be anyone.
pub(super) fn facts(stating: &Stating<'_>) -> Vec<NamedFact> {
    let group = stating.resource;
    let is_active = group.get("active").and_then(|active| active.as_bool()).unwrap_or(true);
    let actual = group.get("actual").and_then(|actual| actual.as_bool()).unwrap_or(false);
    let unknown = || stating.belongs(ANYONE.to_owned(), None, Span::ALWAYS);
    if !is_active {
        return Vec::new();
    }
    if !actual || group.get("characteristic").is_some() {
        return vec![unknown()];
    }
    let member = |member: Value<'_>| {
        let inactive = member.get("inactive").and_then(|inactive| inactive.as_bool());
        if inactive.unwrap_or(false) {
            return None;
        }
        let who = member.get("entity").and_then(|entity| stating.reference(entity));
        let (Some((kind, id)), Ok(span)) = (who, stating.span(member.get("period"))) else {
            return Some(unknown());
        };
        (span.from < span.until).then(|| stating.belongs(format!("{kind}/{id}"), None, span))
    };
    group.get("member").into_iter().flat_map(Value::each).filter_map(member).collect()
}
