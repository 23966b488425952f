//! What consents ask of a row beyond its columns: its id, the codes in it, what it refers to.

use std::fmt;

use accord_base::{ActorOrd, PatientOrd};
use accord_spec::ResourceType;

use super::rule::{Code, Data, Target};
use crate::scope::RowView;

/// What a row can be asked beyond its columns. `None`: it cannot be told. A denial takes that as
/// met; where a permit would rest on it, the consent denies.
pub trait RowLinks {
    /// Whether the resource has this id.
    fn has_id(&self, id: &str) -> Option<bool>;
    /// Whether the code stands anywhere in it (D9).
    fn has_code(&self, code: &Code) -> Option<bool>;
    /// Whether it refers to the resource or the resource to it (D8).
    fn is_related(&self, target: &Target) -> Option<bool>;
    /// Whether it refers to the resource, directly or through others that name the person by one of
    /// their records (D8).
    fn depends_on(&self, target: &Target, person: &[PatientOrd]) -> Option<bool>;
}

impl fmt::Debug for dyn RowLinks + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("links")
    }
}

/// Whether any answer is yes; `None` if none is and one cannot be told.
pub(super) fn any(answers: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut all = Some(false);
    for answer in answers {
        match answer {
            Some(true) => return Some(true),
            Some(false) => {}
            None => all = None,
        }
    }
    all
}

/// Whether both answers are yes; `None` if none is no and one cannot be told.
pub(super) fn both(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// Whether one of the codes stands in the row.
pub(super) fn has_codes(codes: &[Code], row: &RowView<'_>) -> Option<bool> {
    any(codes.iter().map(|code| row.links?.has_code(code)))
}

impl Data<ActorOrd> {
    /// Whether a row that names the person is among the data; `None` where that cannot be told.
    pub(super) fn has(&self, person: &[PatientOrd], row: &RowView<'_>) -> Option<bool> {
        let is = |target: &Target| {
            if target.resource_type != row.resource_type {
                return Some(false);
            }
            row.links?.has_id(&target.id)
        };
        let authored = self.authors.iter().any(|author| row.authors.contains(author));
        let all = self.instances.iter().chain(&self.related).chain(&self.dependents).map(is);
        let related = self.related.iter().map(|target| row.links?.is_related(target));
        let dependents = self.dependents.iter().map(|of| row.links?.depends_on(of, person));
        any(std::iter::once(Some(authored)).chain(all).chain(related).chain(dependents))
    }
}

impl Target {
    /// A resource by type and id.
    pub fn new(resource_type: ResourceType, id: impl Into<String>) -> Target {
        Target { resource_type, id: id.into() }
    }
}
