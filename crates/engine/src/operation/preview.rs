//! `Consent/$preview`: what somebody sees of a patient's record now, and what they would see if a
//! consent were filed. Nothing is stored.
//!
//! For the patient, for registration and privacy officers, and the system. Counted is only what
//! exists for whoever asks; a privacy officer counts what their organisation answers for.

use std::collections::BTreeMap;

use accord_access::{
    AccessRequest, ByConsent, Decision, Fact, InForce, Interaction, Names, PENDING_ACTOR,
    PENDING_ORG, PendingFacts, RowView, Says, Scope, Stating, decide, facts,
};
use accord_base::{LogTime, NameSpace, OrgOrd, Principal, ResourceId, Row, Subject};
use accord_fhir::IssueCode;
use accord_fhir::json::Value;
use accord_fhir::reference::Reference;
use accord_index::{Found, View};
use accord_query::Handling;
use accord_spec::ResourceType;

use super::Operation;
use super::explain::provision;
use super::parameters::{
    Parameters, WHO, code, group, invalid, number, of_own_organization, parameters, reference, text,
};
use crate::interaction::Drawn;
use crate::interaction::read::not_found;
use crate::prepare::{Parsed, enforceable};
use crate::{Answer, Engine, Failure, Request};

/// Stands for names in a draft that the store has never heard of.
const UNHEARD: u32 = u32::MAX - 1;
/// Where a draft's facts stand among rows: no row is ever there.
const DRAFT: Row = Row(u32::MAX);

/// A consent that is not filed.
struct Draft {
    id: ResourceId,
    patient: ResourceId,
    /// The version it would replace.
    prior: Option<Row>,
    keeper: OrgOrd,
    facts: Vec<Fact>,
}

/// How many resources of a type are seen.
#[derive(Default)]
struct Count {
    all: u64,
    now: u64,
    then: u64,
}

/// What was counted.
#[derive(Default)]
struct Tally {
    types: BTreeMap<&'static str, Count>,
    /// Provisions that would decide, with how often.
    provisions: BTreeMap<(String, String, &'static str), (ByConsent, u64)>,
}

impl Engine {
    /// Answers `$preview`.
    pub(super) fn preview(&self, request: &Request, operation: &Operation, view: &View) -> Drawn {
        match self.try_preview(request, operation, view) {
            Ok((text, patient)) => (Ok(Answer::Resource(text)), vec![patient]),
            Err(failure) => (Err(failure), Vec::new()),
        }
    }

    fn try_preview(
        &self,
        request: &Request,
        operation: &Operation,
        view: &View,
    ) -> Result<(String, ResourceId), Failure> {
        let known = [&["consent"], WHO.as_slice()].concat();
        let asked = Parameters::parse(&operation.body, &known)?;
        let named = asked.subject(&*self.rng)?;
        of_own_organization(&request.subject, &named)?;
        let resource = asked.get("consent").and_then(|parameter| parameter.get("resource"));
        let Some(resource) = resource else {
            return Err(invalid(IssueCode::Required, "the parameter `consent` is needed"));
        };
        let draft = self.draft(request, view, &named, resource)?;
        let (now, then) = self.both(&named, &draft);
        let record = self.record_of(&draft.patient).ok_or_else(not_found)?;
        let (all, _) = self.parse_query(None, Vec::new(), Handling::Strict)?;
        let mut tally = Tally::default();
        self.each_row(request, &record, &all, |row| {
            let (told, now, then) = (view.scope(), scope_of(&now), scope_of(&then));
            row.with_columns(|columns| tally.take(columns, told, now, then));
        })?;
        let patient = format!("Patient/{}", draft.patient);
        let mut parts = vec![reference("patient", &patient)];
        parts.extend(refusals(&then));
        parts.extend(tally.types.iter().map(|(name, count)| count.part(name)));
        for ((_, _, says), (by, count)) in &tally.provisions {
            parts.push(decided(view, &draft, says, by, *count));
        }
        Ok((parameters(&parts), draft.patient))
    }

    /// Reads a draft as if it were written.
    fn draft(
        &self,
        request: &Request,
        view: &View,
        named: &Subject,
        resource: Value<'_>,
    ) -> Result<Draft, Failure> {
        let parsed = Parsed::check(resource, ResourceType::CONSENT)?;
        let patient = patient_of(resource).ok_or_else(|| {
            invalid(IssueCode::Required, "the consent names no patient of this server")
        })?;
        let known = match &request.subject.principal {
            Principal::Patient(own) => *own == patient,
            _ => matches!(view.read(ResourceType::PATIENT, patient.as_str()), Found::Live(_)),
        };
        if !known {
            return Err(not_found());
        }
        let id = parsed.id().and_then(|id| ResourceId::new(&id).ok());
        let id = id.unwrap_or_else(|| ResourceId::random(&*self.rng));
        let prior = match view.read(ResourceType::CONSENT, id.as_str()) {
            Found::Live(row) => Some(row.row()),
            _ => None,
        };
        let of_patient = std::slice::from_ref(&patient);
        let controller = self.controller(request, ResourceType::CONSENT, &id, of_patient)?;
        let stated = facts(&Stating {
            resource_type: ResourceType::CONSENT,
            id: id.as_str(),
            resource,
            writer: &request.subject,
            controller: controller.id(),
            resolve: &|_| None,
            zone: self.zones.at(controller.id()),
        });
        enforceable(&stated, request)?;
        let ordinal = |space, name: &str| self.heard_of(named, space, name);
        let at = self.clock.now();
        let facts = stated.counting.iter().map(|fact| fact.resolve(at, ordinal)).collect();
        let keeper = self.organization(controller.id()).unwrap_or(OrgOrd(UNHEARD));
        Ok(Draft { id, patient, prior, keeper, facts })
    }

    /// The ordinal of a name, or of nobody; the person meant is somebody although the store has
    /// not heard of them.
    fn heard_of(&self, named: &Subject, space: NameSpace, name: &str) -> u32 {
        let pending = match space {
            NameSpace::Organization => {
                let own = named.organization.as_ref().is_some_and(|id| id.as_str() == name);
                own.then_some(PENDING_ORG.0)
            }
            NameSpace::Actor => (named.reference() == name).then_some(PENDING_ACTOR.0),
            _ => None,
        };
        self.index.ordinal(space, name).or(pending).unwrap_or(UNHEARD)
    }

    /// What the person would get now, and with the draft in force.
    fn both(&self, named: &Subject, draft: &Draft) -> (Decision, Decision) {
        self.advance_policy(self.clock.now());
        let policy = self.policy.read();
        let now: LogTime = self.clock.now().max(policy.now());
        let what = AccessRequest { interaction: Interaction::SearchSystem, resource_type: None };
        let mut pending = PendingFacts::default();
        pending.apply(&policy, (DRAFT, draft.prior), draft.keeper, &draft.facts);
        pending.advance(now);
        let behind = self.clock.behind();
        let drafted = InForce::with(&policy, &pending).behind(behind);
        let filed = InForce::from(&*policy).behind(behind);
        (decide(named, what, filed, self, now), decide(named, what, drafted, self, now))
    }
}

impl Tally {
    fn take(
        &mut self,
        columns: RowView<'_>,
        told: &Scope,
        now: Option<&Scope>,
        then: Option<&Scope>,
    ) {
        if !told.admits(columns) {
            return;
        }
        let count = self.types.entry(columns.resource_type.name()).or_default();
        count.all += 1;
        count.now += u64::from(now.is_some_and(|scope| scope.admits(columns)));
        let Some(then) = then else { return };
        let explained = then.explain(columns);
        count.then += u64::from(explained.permit);
        let speak = explained.steps.iter().filter(|step| step.says != Says::NotApplicable);
        for (step, by) in speak.flat_map(|step| step.provisions.iter().map(move |by| (step, by))) {
            let key = (by.id.clone(), by.element.clone(), step.says.code());
            self.provisions.entry(key).or_insert_with(|| (by.clone(), 0)).1 += 1;
        }
    }
}

impl Count {
    fn part(&self, name: &str) -> String {
        let hidden = |seen: u64| self.all.saturating_sub(seen);
        let parts = [
            code("type", name),
            number("visibleNow", self.now),
            number("hiddenNow", hidden(self.now)),
            number("visibleUnderDraft", self.then),
            number("hiddenUnderDraft", hidden(self.then)),
        ];
        group("count", &parts)
    }
}

/// A provision that would decide: of the draft, or of a consent that is filed.
fn decided(view: &View, draft: &Draft, says: &str, by: &ByConsent, count: u64) -> String {
    let mut parts = vec![code("verdict", says), number("resources", count)];
    if by.id == draft.id.as_str() {
        parts.push(text("draft", &by.element));
    } else {
        let filed = provision(view, by);
        parts.push(filed.unwrap_or_else(|| text("elsewhere", "another organisation keeps it")));
    }
    group("decides", &parts)
}

fn scope_of(decision: &Decision) -> Option<&Scope> {
    match decision {
        Decision::Permit(scope) => Some(scope),
        Decision::Deny { .. } => None,
    }
}

/// Why the person would be refused whatever the data.
fn refusals(decision: &Decision) -> Vec<String> {
    match decision {
        Decision::Permit(_) => Vec::new(),
        Decision::Deny { reasons } => {
            reasons.iter().map(|rule| text("refused", rule.sentence())).collect()
        }
    }
}

pub(super) fn patient_of(consent: Value<'_>) -> Option<ResourceId> {
    let reference = consent.get("patient")?.get_str("reference")?;
    match Reference::relative(&reference)? {
        Reference::Relative { resource_type: "Patient", id, .. } => ResourceId::new(id).ok(),
        _ => None,
    }
}
