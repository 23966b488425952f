//! The collector of faults, and what is known about the resource being checked.

use std::cell::{OnceCell, RefCell};
use std::collections::HashSet;

use accord_fhir::json::Value;
use accord_fhir::{Issue, IssueCode, Severity};
use accord_fhirpath::Env;

use crate::MAX_ISSUES;
use crate::codes::Codes;
use crate::path::Path;

/// How much is looked at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Extent {
    /// Form alone.
    Form,
    /// Codes and invariants too.
    Errors,
    /// What only warns as well.
    Warnings,
}

/// Steps that evaluating invariants may take: for each byte of the resource, in any case, and at
/// most. All official definitions and examples take fewer.
const STEPS_PER_BYTE: u64 = 20;
const STEPS: u64 = 1_000_000;
const MOST_STEPS: u64 = 100_000_000;

/// Collects faults while a resource is walked.
pub(crate) struct Checker {
    issues: Vec<Issue>,
    untold: usize,
    /// How many errors were noted.
    faults: usize,
    extent: Extent,
    steps: u64,
}

impl Checker {
    /// A collector for a resource of so many bytes.
    pub fn new(extent: Extent, bytes: usize) -> Checker {
        let steps =
            STEPS_PER_BYTE.saturating_mul(bytes as u64).saturating_add(STEPS).min(MOST_STEPS);
        Checker { issues: Vec::new(), untold: 0, faults: 0, extent, steps }
    }

    /// Whether codes and invariants are looked at.
    pub fn looks_at_codes(&self) -> bool {
        self.extent >= Extent::Errors
    }

    /// Whether warnings are told.
    pub fn warns(&self) -> bool {
        self.extent >= Extent::Warnings
    }

    /// The steps that are left for evaluating.
    pub fn steps(&mut self) -> &mut u64 {
        &mut self.steps
    }

    /// Notes a fault at `path`; `reason` is only called if the fault is told.
    pub fn fault<R: Into<String>>(
        &mut self,
        code: IssueCode,
        path: &Path<'_>,
        reason: impl FnOnce() -> R,
    ) {
        self.faults += 1;
        self.tell(|| Issue::at(code, path.to_string(), reason()));
    }

    /// Notes an issue that is no error; it is only made if it is told.
    pub fn tell(&mut self, issue: impl FnOnce() -> Issue) {
        if self.issues.len() < MAX_ISSUES {
            self.issues.push(issue());
        } else {
            self.untold += 1;
        }
    }

    /// How many errors were noted.
    pub fn told(&self) -> usize {
        self.faults
    }

    /// The faults, in document order.
    pub fn into_issues(mut self) -> Vec<Issue> {
        if self.untold > 0 {
            let more = format!("{} more faults are not listed", self.untold);
            let severity = if self.faults > 0 { Severity::Error } else { Severity::Warning };
            self.issues.push(Issue::error(IssueCode::TooCostly, more).with_severity(severity));
        }
        self.issues
    }
}

/// The resource that holds what is being checked.
pub(crate) struct Scope<'s, 'a> {
    /// The resource that fragments point into.
    pub container: &'s Container<'a>,
    /// The innermost resource.
    pub resource: Value<'a>,
    /// What invariants of its elements are evaluated in, once one is.
    pub env: OnceCell<Env<'a>>,
    /// Whether the check is inside one of its contained resources.
    pub contained: bool,
    /// Whether references may be searches, as in a transaction (FHIR R4 http §3.1.0.11.2).
    pub conditional: bool,
}

impl<'a> Scope<'_, 'a> {
    /// What invariants are evaluated in.
    pub fn env(&self) -> &Env<'a> {
        self.env.get_or_init(|| Env::new(self.resource, &|_| None).with_terminology(&Codes))
    }

    /// Notes a fragment that was met: the id of a contained resource, or none for the container.
    pub fn link(&self, id: &str) {
        if !self.container.holds_any() {
            return;
        }
        match self.resource.get_str("id") {
            Some(own) if id.is_empty() && self.contained => self.container.link(&own),
            _ => self.container.link(id),
        }
    }
}

/// A resource that is not contained in another.
pub(crate) struct Container<'a> {
    resource: Value<'a>,
    ids: OnceCell<HashSet<String>>,
    /// Whether it contains any resource.
    holds: bool,
    /// The ids that fragments name, and those of contained resources that name their container.
    linked: RefCell<HashSet<String>>,
}

impl<'a> Container<'a> {
    pub fn new(resource: Value<'a>) -> Container<'a> {
        let holds = resource.get("contained").is_some();
        Container { resource, ids: OnceCell::new(), holds, linked: RefCell::default() }
    }

    /// Whether it contains any resource.
    pub fn holds_any(&self) -> bool {
        self.holds
    }

    /// Notes that the contained resource with this id is referred to, or refers to the container.
    pub fn link(&self, id: &str) {
        if self.holds {
            self.linked.borrow_mut().insert(id.to_owned());
        }
    }

    /// The places among the contained resources of those that have no such link.
    pub fn unlinked(&self) -> Vec<usize> {
        let linked = self.linked.borrow();
        let contained = self.resource.get("contained").into_iter().flat_map(Value::items);
        let alone = |r: &Value<'_>| r.get_str("id").is_some_and(|id| !linked.contains(&*id));
        contained.enumerate().filter(|(_, r)| alone(r)).map(|(at, _)| at).collect()
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
