//! The collector of faults, and what is known about the resource being checked.

use std::cell::OnceCell;
use std::collections::HashSet;

use accord_fhir::json::Value;
use accord_fhir::{Issue, IssueCode};

use crate::MAX_ISSUES;
use crate::path::Path;

/// Collects faults while a resource is walked.
#[derive(Default)]
pub(crate) struct Checker {
    issues: Vec<Issue>,
    untold: usize,
}

impl Checker {
    /// Notes a fault at `path`; `reason` is only called if the fault is told.
    pub fn fault<R: Into<String>>(
        &mut self,
        code: IssueCode,
        path: &Path<'_>,
        reason: impl FnOnce() -> R,
    ) {
        if self.issues.len() < MAX_ISSUES {
            self.issues.push(Issue::at(code, path.to_string(), reason()));
        } else {
            self.untold += 1;
        }
    }

    /// The faults, in document order.
    pub fn into_issues(mut self) -> Vec<Issue> {
        if self.untold > 0 {
            let more = format!("{} more faults are not listed", self.untold);
            self.issues.push(Issue::error(IssueCode::TooCostly, more));
        }
        self.issues
    }
}

/// The resource that holds what is being checked.
pub(crate) struct Scope<'s, 'a> {
    /// The resource that fragments point into.
    pub container: &'s Container<'a>,
    /// Whether the check is inside one of its contained resources.
    pub contained: bool,
    /// Whether references may be searches, as in a transaction (FHIR R4 http §3.1.0.11.2).
    pub conditional: bool,
}

/// A resource that is not contained in another.
pub(crate) struct Container<'a> {
    resource: Value<'a>,
    ids: OnceCell<HashSet<String>>,
}

impl<'a> Container<'a> {
    pub fn new(resource: Value<'a>) -> Container<'a> {
        Container { resource, ids: OnceCell::new() }
    }

    /// Whether it contains a resource with this id; the ids are gathered at the first call.
    pub fn has(&self, id: &str) -> bool {
        self.ids.get_or_init(|| self.gather()).contains(id)
    }

    fn gather(&self) -> HashSet<String> {
        let contained = self.resource.get("contained").into_iter().flat_map(Value::items);
        contained.filter_map(|r| r.get_str("id")).map(|id| id.into_owned()).collect()
    }
}
