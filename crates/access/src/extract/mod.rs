//! Resources to facts: one file per type that states any.

mod agreement;
mod appointment;
mod care_team;
mod claim;
mod cleared;
mod codes;
mod consent;
mod coverage;
mod encounter;
mod episode;
mod grant;
mod group;
mod named;
mod patient;
mod period;
mod practitioner_role;
mod referral;
mod related_person;
mod seal;
#[cfg(test)]
mod tests;

use accord_base::{LogTime, Role, Subject};
use accord_fhir::Zone;
use accord_fhir::json::Value;
use accord_fhir::reference::Reference;
use accord_spec::ResourceType;

use crate::consent::Unenforceable;
use crate::fact::Fact;
use period::{Span, Unreadable};

pub use appointment::BEFORE_US;
pub use claim::{
    ALERT_PROFILE, CLAIM_LABEL, CLAIM_PROFILE, HOLD_PROFILE, NOTICE_PROFILE, REVIEW_PROFILE,
    TRANSFER_PROFILE, is_along, is_claim,
};
pub use named::NamedFact;

const DAY_US: u64 = 86_400 * LogTime::SECOND_US;

/// How long a finished encounter, appointment or episode still counts as a care relationship: 90
/// days, for results, letters and the questions that follow a discharge.
pub const RECENT_US: u64 = 90 * DAY_US;

/// A resource about to be written, as the source of facts.
#[derive(Clone, Copy)]
pub struct Stating<'a> {
    /// Its type.
    pub resource_type: ResourceType,
    /// Its logical id.
    pub id: &'a str,
    /// The resource.
    pub resource: Value<'a>,
    /// Who writes it.
    pub writer: &'a Subject,
    /// Id of the organisation that answers for it.
    pub controller: &'a str,
    /// What a reference that is not `Type/id` stands for (`urn:uuid:…`, `Type?query`, an absolute
    /// URL of this server), as `Type/id`; `None` if it is to elsewhere.
    pub resolve: &'a dyn Fn(&str) -> Option<String>,
    /// Where dates that name no zone are meant: at the organisation that answers for it.
    pub zone: &'a dyn Zone,
}

/// What a resource states.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stated {
    /// Facts that count.
    pub counting: Vec<NamedFact>,
    /// Care relationships by a writer who is not entitled to make any: each keeps no more than what
    /// the version before stated as well; see [`narrow`].
    pub narrowing: Vec<NamedFact>,
    /// Facts that count if this is the first version of the resource and not else: to write a
    /// claim again makes no other.
    pub claims: Vec<NamedFact>,
    /// What keeps an active consent from being enforced as it stands. Then the fact that counts is
    /// that its patient is on hold.
    pub unenforceable: Vec<Unenforceable>,
    /// Those who sign for the patient of a consent without being the patient, as relative
    /// references: each must act for them when it is written. With the patient's id.
    pub signed: Vec<(String, String)>,
}

/// What a resource states, without repeats.
///
/// A relationship of an organisation counts only where that organisation answers for the stating
/// resource: nobody gives another organisation access, or takes it, by a resource of their own.
/// A consent counts whoever was allowed to write it.
pub fn facts(stating: &Stating<'_>) -> Stated {
    let found = match stating.resource_type.name() {
        "Appointment" => appointment::facts(stating),
        "CareTeam" => care_team::facts(stating),
        "Consent" => return consent::stated(stating),
        "Contract" => agreement::facts(stating),
        "Coverage" => coverage::facts(stating),
        "Encounter" => encounter::facts(stating),
        "EpisodeOfCare" => episode::facts(stating),
        "Group" => group::facts(stating),
        "List" => cleared::facts(stating),
        "Patient" => patient::facts(stating),
        "PractitionerRole" => practitioner_role::facts(stating),
        "RelatedPerson" => related_person::facts(stating),
        "ServiceRequest" => referral::facts(stating),
        "Task" => claim::facts(stating),
        _ => Vec::new(),
    };
    sorted(stating, found)
}

/// Facts by whether they count.
fn sorted(stating: &Stating<'_>, found: Vec<NamedFact>) -> Stated {
    let mut stated = Stated::default();
    for fact in found {
        let list = match &fact {
            NamedFact::Claim { .. } => &mut stated.claims,
            fact if entitled(stating.writer.role, fact) => &mut stated.counting,
            _ => &mut stated.narrowing,
        };
        if !list.contains(&fact) {
            list.push(fact);
        }
    }
    stated
}

/// Whether a fact counts when the role wrote what states it.
fn entitled(role: Role, fact: &NamedFact) -> bool {
    match fact {
        NamedFact::OrganizationCares { .. }
        | NamedFact::ActorCares { .. }
        | NamedFact::Referred { .. }
        | NamedFact::Covers { .. } => role.writes_facts(),
        NamedFact::Shares { .. } => {
            matches!(role, Role::System | Role::Integration | Role::PrivacyOfficer)
        }
        NamedFact::Claim { .. } => false,
        NamedFact::Consent(_) => true,
        // Who acts for a patient neither closes their record nor brings others in.
        NamedFact::Sealed { .. } | NamedFact::Unsealed { .. } => role != Role::Proxy,
        NamedFact::ActsAs { .. } => role.writes_facts() || role == Role::Patient,
        NamedFact::Protected { .. } | NamedFact::Honours { .. } | NamedFact::Cleared { .. } => {
            role.writes_facts()
        }
        // Nobody else may write directories.
        NamedFact::ActsFor { .. } | NamedFact::Belongs { .. } => {
            role.writes_facts() || role == Role::Administrator
        }
    }
}

/// What the version before stated and the version after states all the same, where somebody wrote
/// that who is not entitled: it keeps people out, so they cannot end it.
pub fn staying(
    writer: Role,
    standing: impl IntoIterator<Item = Fact>,
) -> impl Iterator<Item = Fact> {
    let closing = |fact: &Fact| {
        matches!(fact, Fact::Protected { .. } | Fact::Honours { .. } | Fact::Belongs { .. })
    };
    let entitled = writer.writes_facts() || writer == Role::Administrator;
    standing.into_iter().filter(move |fact| !entitled && closing(fact))
}

/// What is left of a care relationship by a writer who is not entitled to make one: the part that
/// the version before stated as well, and that counted then. Such a writer can end or shorten a
/// relationship, never make or lengthen one. `standing` is what
/// [`PolicyIndex::stated`](crate::PolicyIndex::stated) tells of the version before, if the
/// controller is the same.
pub fn narrow(standing: impl IntoIterator<Item = Fact>, fact: Fact) -> Option<Fact> {
    let common = standing.into_iter().filter_map(|before| overlap(&before, &fact));
    common.max_by_key(Fact::until)
}

/// The relationship that both state, over the time that both state.
fn overlap(before: &Fact, after: &Fact) -> Option<Fact> {
    let (from, until) = (before.from().max(after.from()), before.until().min(after.until()));
    let both = match (before, after) {
        (
            &Fact::OrganizationCares { patient, organization, .. },
            &Fact::OrganizationCares { patient: p, organization: o, .. },
        ) if patient == p && organization == o => {
            Fact::OrganizationCares { patient, organization, from, until }
        }
        (
            &Fact::ActorCares { patient, actor, .. },
            &Fact::ActorCares { patient: p, actor: a, .. },
        ) if patient == p && actor == a => Fact::ActorCares { patient, actor, from, until },
        (
            &Fact::Referred { patient, organization, .. },
            &Fact::Referred { patient: p, organization: o, .. },
        ) if patient == p && organization == o => {
            Fact::Referred { patient, organization, from, until }
        }
        (
            &Fact::Covers { patient, organization, .. },
            &Fact::Covers { patient: p, organization: o, .. },
        ) if patient == p && organization == o => {
            Fact::Covers { patient, organization, from, until }
        }
        (
            &Fact::ActsAs { patient, actor, mandate, .. },
            &Fact::ActsAs { patient: p, actor: a, mandate: m, .. },
        ) if patient == p && actor == a && mandate == m => {
            Fact::ActsAs { patient, actor, mandate, from, until }
        }
        (&Fact::Cleared { patient, regime, .. }, &Fact::Cleared { patient: p, regime: r, .. })
            if patient == p && regime == r =>
        {
            Fact::Cleared { patient, regime, from, until }
        }
        _ => return None,
    };
    (from < until).then_some(both)
}

impl<'a> Stating<'a> {
    /// The span of a Period element; all time where there is none.
    fn span(&self, period: Option<Value<'_>>) -> Result<Span, Unreadable> {
        Span::of(period, self.zone)
    }

    /// The span of one date or instant; `None` if it cannot be read.
    fn instant(&self, element: Value<'_>) -> Option<Span> {
        Span::instant(element, self.zone)
    }

    /// The id that the reference in an element names, if it is to a resource of this type.
    fn target(&self, element: Option<Value<'_>>, resource_type: &str) -> Option<String> {
        let (target, id) = self.reference(element?)?;
        (target == resource_type).then_some(id)
    }

    /// Type and id that a Reference names, where it names a resource of this server.
    fn reference(&self, element: Value<'_>) -> Option<(String, String)> {
        let text = element.get_str("reference")?;
        let split = |text: &str| match Reference::relative(text)? {
            Reference::Relative { resource_type, id, .. } => {
                Some((resource_type.to_owned(), id.to_owned()))
            }
            _ => None,
        };
        split(&text).or_else(|| split(&(self.resolve)(&text)?))
    }

    /// A relationship of an organisation with a patient, if it is the one that answers for the
    /// resource.
    fn organization_cares(
        &self,
        patient: &str,
        organization: &str,
        span: Span,
    ) -> Option<NamedFact> {
        let Span { from, until } = span;
        let counts = organization == self.controller && from < until;
        counts.then(|| NamedFact::OrganizationCares {
            patient: patient.to_owned(),
            organization: organization.to_owned(),
            from,
            until,
        })
    }

    /// That somebody belongs to the resource, which is a group of people.
    fn belongs(&self, member: String, organization: Option<String>, span: Span) -> NamedFact {
        let Span { from, until } = span;
        let group = format!("{}/{}", self.resource_type.name(), self.id);
        NamedFact::Belongs { group, member, organization, from, until }
    }

    /// A relationship of a practitioner with a patient when acting for the controller.
    fn actor_cares(&self, patient: &str, practitioner: &str, span: Span) -> Option<NamedFact> {
        let Span { from, until } = span;
        (from < until).then(|| NamedFact::ActorCares {
            patient: patient.to_owned(),
            actor: format!("Practitioner/{practitioner}"),
            from,
            until,
        })
    }
}
