//! Decisions: on which state and facts, and what is told of them.

use std::borrow::Cow;

use accord_access::{AccessRequest, Decision, InForce, Interaction, Names, Rule, Scope};
use accord_base::{ActorOrd, LogTime, NameSpace, OrgOrd, PatientOrd, Subject};
use accord_fhir::{Issue, IssueCode};
use accord_index::{Snapshot, View};
use accord_spec::ResourceType;

use crate::{Category, Engine, Failure, Request};

impl Engine {
    /// Decides on the newest published state, and gives that state: what is decided rests on the
    /// facts it holds, no more and no fewer.
    pub(crate) fn decide_now(
        &self,
        subject: &Subject,
        request: AccessRequest,
    ) -> (Decision, Snapshot) {
        loop {
            let policy = self.policy.read();
            let now = self.clock.now().max(policy.now());
            if policy.next_due().is_none_or(|due| due > now) {
                // The writer publishes facts and rows under this lock.
                let snapshot = self.index.snapshot();
                let facts = InForce::from(&*policy).behind(self.clock.behind());
                let decision = accord_access::decide(subject, request, facts, self, now);
                return (decision, snapshot);
            }
            drop(policy);
            self.advance_policy(now);
        }
    }

    /// The newest state as a request may see it with one kind of interaction on a type.
    pub(crate) fn view_for(
        &self,
        request: &Request,
        interaction: Interaction,
        resource_type: Option<ResourceType>,
    ) -> Result<View, Failure> {
        let asked = AccessRequest { interaction, resource_type };
        let (decision, snapshot) = self.decide_now(&request.subject, asked);
        Ok(View::new(snapshot, permitted(decision)?))
    }

    /// Applies what time alone changes.
    pub(crate) fn advance_policy(&self, now: LogTime) {
        let due = self.policy.read().next_due().is_some_and(|due| due <= now);
        if due {
            self.policy.write().advance(now);
        }
    }
}

impl Names for Engine {
    fn organization(&self, id: &str) -> Option<OrgOrd> {
        self.index.ordinal(NameSpace::Organization, id).map(OrgOrd)
    }

    fn patient(&self, id: &str) -> Option<PatientOrd> {
        self.index.ordinal(NameSpace::Patient, id).map(PatientOrd)
    }

    fn actor(&self, reference: &str) -> Option<ActorOrd> {
        self.index.ordinal(NameSpace::Actor, reference).map(ActorOrd)
    }
}

/// The scope of a permit, or the refusal.
pub(crate) fn permitted(decision: Decision) -> Result<Scope, Failure> {
    match decision {
        Decision::Permit(scope) => Ok(scope),
        Decision::Deny { reasons } => Err(denied(&reasons)),
    }
}

/// The refusal that these rules stand for: what the token alone decides is told openly.
pub(crate) fn denied(reasons: &[Rule]) -> Failure {
    let fault = reasons.iter().any(|rule| rule.kind() == accord_access::RuleKind::Fault);
    let (category, code) = if fault {
        (Category::Busy, IssueCode::Throttled)
    } else {
        (Category::Forbidden, IssueCode::Forbidden)
    };
    let issues = reasons.iter().map(|rule| Issue::error(code, rule.sentence())).collect();
    Failure { category, issues }
}

/// The refusal of someone who is not known.
pub(crate) fn unauthenticated() -> Failure {
    Failure::new(Category::Unauthenticated, IssueCode::Login, "a bearer token is needed")
}

/// The codes of the rules that decided, for the access record.
pub(crate) fn rule_codes(decision: &Decision) -> Vec<Cow<'static, str>> {
    decision.rules().iter().map(|rule| Cow::Borrowed(rule.code())).collect()
}
