//! Subject, request, facts and instant to a scope or reasons.

use std::sync::Arc;

use accord_base::{ActorOrd, LogTime, OrgOrd, PatientOrd, Principal, Role, Subject};
use accord_spec::ResourceType;

use crate::ceiling::Ceiling;
use crate::consent::{Asker, Gate};
use crate::fact::Action;
use crate::interaction::Interaction;
use crate::policy::InForce;
use crate::rights;
use crate::rule::{Rule, RuleKind};
use crate::scope::{
    Denied, PENDING_ACTOR, PENDING_ORG, Payor, Reach, Scope, Seals, SealsAt, Share, Shares,
    Treating,
};
use crate::set::PatientSet;

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
    let reach = match request.interaction {
        Interaction::Trace => traceable(subject, policy, names, now),
        Interaction::ExplainAccess | Interaction::Preview => {
            explainable(subject, policy, names, now)
        }
        _ => reach(subject, policy, names, now),
    };
    match reach {
        Ok(reach) if reasons.is_empty() => {
            Decision::Permit(Scope::new(subject.role, reach).under(ceiling))
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

/// How far the subject reaches; one arm per kind of role, everything else is a mismatch.
fn reach(
    subject: &Subject,
    policy: InForce<'_>,
    names: &dyn Names,
    now: LogTime,
) -> Result<Reach, Rule> {
    let denied =
        |organization, actor| denied(policy, names, asker(subject, organization, actor), now);
    match (subject.role, &subject.principal) {
        (Role::System, Principal::System { reason }) => {
            Ok(Reach::System { reason: reason.as_str().into() })
        }
        (Role::Patient, Principal::Patient(id)) => {
            Ok(Reach::Patient { own: names.patient(id.as_str()) })
        }
        (Role::Clinician | Role::Pharmacist, Principal::Practitioner(_)) => {
            let (organization, actor) = acting(subject, policy, names)?;
            not_commons(organization)?;
            let sent = |from| policy.referred(from, organization);
            let shares = shares(subject, policy, organization, sent);
            Ok(Reach::Treating(Box::new(Treating {
                organization,
                actor,
                emergency: policy.emergency(organization, actor),
                seals: seals(policy, organization, actor, shares.controllers()),
                shares,
                organization_cares: policy.organization_cares(organization),
                actor_cares: policy.actor_cares(organization, actor),
                denied: denied(organization, actor),
            })))
        }
        (Role::Registration, Principal::Practitioner(_)) => {
            let (organization, actor) = acting(subject, policy, names)?;
            not_commons(organization)?;
            let denied = denied(organization, actor);
            let seals = seals(policy, organization, actor, []);
            Ok(Reach::Registration { organization, actor, denied, seals })
        }
        (Role::Integration, Principal::Device(_)) => {
            Ok(Reach::Feed { organization: organization(subject, names)? })
        }
        (Role::Administrator, Principal::Practitioner(_)) => {
            Ok(Reach::Directory { organization: acting(subject, policy, names)?.0 })
        }
        (Role::Payor, Principal::Practitioner(_)) => {
            let (organization, actor) = acting(subject, policy, names)?;
            not_commons(organization)?;
            let covered = |by| policy.covered(by, organization);
            let shares = shares(subject, policy, organization, covered);
            Ok(Reach::Payor(Box::new(Payor {
                organization,
                covered: covered(organization),
                seals: seals(policy, organization, actor, shares.controllers()),
                shares,
                denied: denied(organization, actor),
            })))
        }
        (Role::PrivacyOfficer, Principal::Practitioner(_)) => {
            let (organization, _) = acting(subject, policy, names)?;
            not_commons(organization)?;
            Ok(Reach::Officer { organization })
        }
        _ => Err(Rule::PrincipalMismatch),
    }
}

/// What agreements share with the subject's organisation for reading in their role and for their
/// purpose. `sent` gives the patients whom a controller sent there.
fn shares(
    subject: &Subject,
    policy: InForce<'_>,
    organization: OrgOrd,
    sent: impl Fn(OrgOrd) -> PatientSet,
) -> Shares {
    let mut shares: Vec<Share> = Vec::new();
    for (controller, terms) in policy.shares(organization) {
        if !terms.permit(subject.role, subject.purpose, Action::Read) {
            continue;
        }
        let (types, limits) = (terms.shared.types(), terms.limits);
        let same = shares.iter_mut().find(|s| s.controller == controller && s.limits == limits);
        match same {
            Some(share) => share.types = share.types.union(types),
            None => shares.push(Share { controller, types, limits, sent: sent(controller) }),
        }
    }
    Shares(shares)
}

/// What a trace may look among: current demographics, wherever they are kept.
fn traceable(
    subject: &Subject,
    policy: InForce<'_>,
    names: &dyn Names,
    now: LogTime,
) -> Result<Reach, Rule> {
    match reach(subject, policy, names, now)? {
        Reach::Treating(treating) => {
            let Treating { organization, actor, denied, .. } = *treating;
            let seals = seals(policy, organization, actor, policy.sealing());
            Ok(Reach::Trace { denied, seals })
        }
        Reach::Registration { organization, actor, denied, .. } => {
            let seals = seals(policy, organization, actor, policy.sealing());
            Ok(Reach::Trace { denied, seals })
        }
        whole @ Reach::System { .. } => Ok(whole),
        _ => Err(Rule::InteractionNotAllowed),
    }
}

/// Of which rows it may be told why somebody sees them or not: those responsible for an
/// organisation's data ask about all of it, others about what they see themselves.
fn explainable(
    subject: &Subject,
    policy: InForce<'_>,
    names: &dyn Names,
    now: LogTime,
) -> Result<Reach, Rule> {
    Ok(match reach(subject, policy, names, now)? {
        Reach::Officer { organization } => Reach::Explained { organization },
        other => other,
    })
}

/// The seals of the own organisation and of the commons, which the asker may hold, and of other
/// controllers that they may reach.
fn seals(
    policy: InForce<'_>,
    own: OrgOrd,
    actor: ActorOrd,
    others: impl IntoIterator<Item = OrgOrd>,
) -> Seals {
    let mut seals = Seals::default();
    for controller in [own, OrgOrd::COMMONS].into_iter().chain(others) {
        let (sealed, locked) = policy.sealed(controller);
        if (sealed.is_empty() && locked.is_empty())
            || seals.0.iter().any(|known| known.controller == controller)
        {
            continue;
        }
        let home = controller == own || controller == OrgOrd::COMMONS;
        let held = if home { policy.unsealed(controller, actor) } else { PatientSet::default() };
        seals.0.push(SealsAt { controller, sealed, locked, held });
    }
    seals
}

/// The subject as consents tell askers apart.
fn asker(subject: &Subject, organization: OrgOrd, actor: ActorOrd) -> Asker {
    Asker {
        organizations: [organization].into_iter().collect(),
        actors: [actor].into_iter().collect(),
        treats: matches!(subject.role, Role::Clinician | Role::Pharmacist),
        purpose: subject.purpose.into(),
    }
}

fn denied(policy: InForce<'_>, names: &dyn Names, asker: Asker, now: LogTime) -> Denied {
    let own = asker.organizations.first().copied();
    let organization = own.map(|own| policy.denied(own)).unwrap_or_default();
    let (rolls, edge, defaults) = (policy.consents(), policy.edge(now), policy.defaults());
    let (held, or_labels) = (defaults.held(&asker.purpose, names), defaults.or_labels);
    let gate = Arc::new(Gate { rolls, held, or_labels, asker, now, edge });
    Denied { organization, everyone: policy.denied_to_everyone(), gate }
}

/// The organisation acted for; one the store has never heard of reaches nothing but what is being
/// written for it.
fn organization(subject: &Subject, names: &dyn Names) -> Result<OrgOrd, Rule> {
    let id = subject.organization.as_ref().ok_or(Rule::OrganizationMissing)?;
    Ok(names.organization(id.as_str()).unwrap_or(PENDING_ORG))
}

/// The same for a professional, with their ordinal; one the store has never heard of is the author
/// of nothing but what is being written. They must not have left the organisation.
fn acting(
    subject: &Subject,
    policy: InForce<'_>,
    names: &dyn Names,
) -> Result<(OrgOrd, ActorOrd), Rule> {
    let organization = organization(subject, names)?;
    let actor = names.actor(&subject.reference()).unwrap_or(PENDING_ACTOR);
    if policy.left(organization, actor) {
        return Err(Rule::RoleEnded);
    }
    Ok((organization, actor))
}

/// The commons has no patients.
fn not_commons(organization: OrgOrd) -> Result<(), Rule> {
    if organization == OrgOrd::COMMONS { Err(Rule::OrganizationMissing) } else { Ok(()) }
}
