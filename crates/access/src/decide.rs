//! Subject, request, facts and instant to a scope or reasons.

mod limits;
mod reach;

use accord_base::{ActorOrd, LogTime, OrgOrd, PatientOrd, Subject};
use accord_spec::ResourceType;

use crate::ceiling::Ceiling;
use crate::interaction::Interaction;
use crate::policy::InForce;
use crate::rights;
use crate::rule::{Rule, RuleKind};
use crate::scope::Scope;
use reach::Deciding;

/// What is asked, as far as the token alone can decide it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccessRequest {
    /// The interaction.
    pub interaction: Interaction,
    /// The type it names; `None` at system level.
    pub resource_type: Option<ResourceType>,
}

/// Ordinals of names, without giving new ones.
pub trait Names {
    /// The ordinal of an organisation, by its id.
    fn organization(&self, id: &str) -> Option<OrgOrd>;
    /// The ordinal of a patient, by their id.
    fn patient(&self, id: &str) -> Option<PatientOrd>;
    /// The ordinal of an actor, by relative reference.
    fn actor(&self, reference: &str) -> Option<ActorOrd>;
}

/// The answer to a request for access.
#[derive(Clone, Debug)]
pub enum Decision {
    /// Rows in the scope exist for the subject; others do not. May be none at all.
    Permit(Scope),
    /// Refused, whatever the data.
    Deny {
        /// Every reason; never empty.
        reasons: Vec<Rule>,
    },
}

impl Decision {
    /// The rules that decided, for the access record.
    pub fn rules(&self) -> &[Rule] {
        match self {
            Decision::Permit(scope) => scope.rules(),
            Decision::Deny { reasons } => reasons,
        }
    }

    /// Whether the server, not the token, is to blame for a denial.
    pub fn is_fault(&self) -> bool {
        self.rules().iter().any(|rule| rule.kind() == RuleKind::Fault)
    }
}

/// Decides on a request. `policy` must have been advanced to `now`; if facts are due that were
/// not applied, the answer is a denial.
pub fn decide<'a>(
    subject: &Subject,
    request: AccessRequest,
    policy: impl Into<InForce<'a>>,
    names: &dyn Names,
    now: LogTime,
) -> Decision {
    let policy = policy.into();
    let mut reasons = token_reasons(subject, request);
    if policy.next_due().is_some_and(|due| due <= now) {
        reasons.push(Rule::PolicyBehind);
    }
    let ceiling = subject.grant.as_deref();
    let ceiling = ceiling.map(|g| Ceiling::new(subject, g, request.interaction, names, now));
    let bundle = matches!(request.interaction, Interaction::Transaction | Interaction::Batch);
    if !bundle && ceiling.as_ref().is_some_and(|c| !c.reaches(request.resource_type)) {
        reasons.push(Rule::ScopeNotGranted);
    }
    let deciding = Deciding { subject, policy, names, now };
    let reach = match request.interaction {
        Interaction::Trace => deciding.trace(),
        Interaction::ExplainAccess | Interaction::Preview => deciding.explain(),
        _ => deciding.reach(),
    };
    match reach {
        Ok(reach) if reasons.is_empty() => {
            let scope = Scope::new(subject.role, reach).protecting(deciding.unplaced());
            Decision::Permit(scope.under(ceiling).joining(policy.merged()))
        }
        Ok(_) => Decision::Deny { reasons },
        Err(reason) => {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
            Decision::Deny { reasons }
        }
    }
}

/// What speaks against the request whatever the data.
fn token_reasons(subject: &Subject, request: AccessRequest) -> Vec<Rule> {
    let mut reasons = Vec::new();
    if !rights::may_purpose(subject.role, subject.purpose) {
        reasons.push(Rule::PurposeNotAllowed);
    }
    if !rights::may(subject.role, request.interaction, request.resource_type) {
        reasons.push(Rule::InteractionNotAllowed);
    }
    reasons
}
