//! Contract: what a controller shares with whom, as docs/agreements.md says it.

use accord_base::{Purpose, Role};
use accord_fhir::json::Value;
use accord_spec::ResourceType;

use super::codes::{CODES, codes_of, has, has_profile};
use super::period::Span;
use super::{NamedFact, Stating};
use crate::fact::{Action, Cohort, Limits, Owed, Shared, Terms};
use crate::label::{self, CONFIDENTIALITY, Level, SENSITIVITY};
use crate::types::Class;

/// Profile of an agreement.
pub(super) const AGREEMENT_PROFILE: &str = "urn:accord:profile:sharing-agreement";
const PURPOSES: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
const TYPES: &str = "http://hl7.org/fhir/resource-types";

/// An executed agreement under the controller's authority, with a legal basis, states for each of
/// its terms what is shared. A term with anything that cannot be told, or that forbids, states
/// nothing: agreements only ever open.
pub(super) fn facts(stating: &Stating<'_>) -> Vec<NamedFact> {
    let contract = stating.resource;
    let executed = contract.get_str("status").is_some_and(|status| status == "executed");
    let own = each(contract, "authority").any(|who| {
        stating.target(Some(who), "Organization").as_deref() == Some(stating.controller)
    });
    let based = each(contract, "subType").next().is_some();
    let (true, Ok(span)) = (
        executed && own && based && has_profile(contract, AGREEMENT_PROFILE),
        stating.span(contract.get("applies")),
    ) else {
        return Vec::new();
    };
    let terms = each(contract, "term");
    terms.filter_map(|term| term_facts(stating, term, span)).flatten().collect()
}

fn term_facts(stating: &Stating<'_>, term: Value<'_>, span: Span) -> Option<Vec<NamedFact>> {
    let Span { from, until } = span.and(stating.span(term.get("applies")).ok()?);
    let terms = terms(term)?;
    let recipients: Vec<String> = each(term.get("offer")?, "party")
        .filter(|party| party.get("role").is_some_and(|role| has(role, CODES, "recipient")))
        .flat_map(|party| each(party, "reference"))
        .filter_map(|who| stating.target(Some(who), "Organization"))
        .filter(|id| id != stating.controller)
        .collect();
    let share = |(organization, terms): (&String, &Terms)| {
        let (organization, terms) = (organization.clone(), *terms);
        NamedFact::Shares { organization, terms, from, until }
    };
    let pairs = recipients.iter().flat_map(|to| terms.iter().map(move |terms| (to, terms)));
    Some(pairs.filter(|_| from < until).map(share).collect())
}

/// The terms of each action with each kind of asset.
fn terms(term: Value<'_>) -> Option<Vec<Terms>> {
    let cohort = match term.get("topicCodeableConcept") {
        None => Cohort::Referred,
        Some(topic) if has(topic, CODES, "all") => Cohort::All,
        Some(topic) if has(topic, CODES, "referred") => Cohort::Referred,
        Some(topic) if has(topic, CODES, "emergency") => Cohort::Emergency,
        Some(_) => return None,
    };
    let (level, sensitivities) = labels(term)?;
    let limits = Limits { cohort, level, sensitivities, owed: owed(term)? };
    let assets = each(term, "asset").flat_map(|asset| each(asset, "type"));
    let mut found = Vec::new();
    for shared in assets.flat_map(shared) {
        let base = Terms::new(shared, limits);
        for action in each(term, "action") {
            if action.get("doNotPerform").is_some_and(|value| value.as_bool() != Some(false)) {
                return None;
            }
            let terms = action_terms(base, action);
            found.extend(Some(terms).filter(|terms| !terms.is_empty()));
        }
    }
    Some(found)
}

fn action_terms(base: Terms, action: Value<'_>) -> Terms {
    let mut terms = base;
    let kind = action.get("type");
    let is = |code: &str| kind.is_some_and(|kind| has(kind, CODES, code));
    for (known, code) in Action::ALL {
        terms = if is(code) { terms.with_action(known) } else { terms };
    }
    terms.limits.owed.no_redisclosure |= !is("redisclose");
    let purposes = action.get("intent").into_iter().flat_map(|why| codes_of(why, PURPOSES));
    terms = purposes.filter_map(|code| Purpose::from_code(&code)).fold(terms, Terms::with_purpose);
    let Some(performer) = action.get("performerRole") else {
        let any = [Role::Clinician, Role::Pharmacist, Role::Payor];
        return any.into_iter().fold(terms, Terms::with_role);
    };
    let roles = codes_of(performer, CODES).filter_map(|code| Role::from_code(&code));
    roles.fold(terms, Terms::with_role)
}

/// What the labels of a term say is owed with the data. `None` if one of them is not known: what
/// cannot be kept is not shared.
fn owed(term: Value<'_>) -> Option<Owed> {
    let mut owed = Owed::default();
    for control in each(term, "securityLabel").flat_map(|label| each(label, "control")) {
        if control.get_str("system")? != SENSITIVITY {
            return None;
        }
        match control.get_str("code")?.as_ref() {
            "NORDSCLCD" => owed.no_redisclosure = true,
            "PRIVMARK" => owed.notice = true,
            _ => return None,
        }
    }
    Some(owed)
}

/// What is shared: types of resources and classes of them.
fn shared(concept: Value<'_>) -> Vec<Shared> {
    let types = codes_of(concept, TYPES).filter_map(|code| ResourceType::from_name(&code));
    let classes = codes_of(concept, CODES).filter_map(|code| Class::from_code(&code));
    let classes = classes.filter(|class| !matches!(class, Class::Audit | Class::Agreement));
    types.map(Shared::Type).chain(classes.map(Shared::Class)).collect()
}

/// The highest confidentiality and the sensitivities covered; nothing sensitive where the term
/// does not say. `None` if a label is not known.
fn labels(term: Value<'_>) -> Option<(Level, u64)> {
    let (mut level, mut bits) = (Level::Normal, 0);
    for label in each(term, "securityLabel") {
        let classification = label.get("classification")?;
        if classification.get_str("system")? != CONFIDENTIALITY {
            return None;
        }
        level = level.max(Level::from_code(&classification.get_str("code")?)?);
        for category in each(label, "category") {
            if category.get_str("system")? != SENSITIVITY {
                return None;
            }
            bits |= label::sensitivity(&category.get_str("code")?)?;
        }
    }
    Some((level, bits))
}

fn each<'a>(value: Value<'a>, name: &str) -> impl Iterator<Item = Value<'a>> + use<'a> {
    value.get(name).into_iter().flat_map(Value::each)
}
