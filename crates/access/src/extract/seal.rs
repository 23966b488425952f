//! Seals: a Consent that closes a patient's record at its controller to all but a team.

use accord_base::LogTime;
use accord_fhir::json::Value;
use accord_spec::ResourceType;

use super::codes::{CODES, has, has_profile};
use super::period::Span;
use super::{NamedFact, Stating};
use crate::consent::{Actors, Consent, Data, LabelTest, NamedConsent, Provision, Seal, Target};
use crate::label::{self, CONFIDENTIALITY, Level, SENSITIVITY};

/// Profile of a seal.
const SEAL_PROFILE: &str = "urn:accord:profile:seal";
const TYPES: &str = "http://hl7.org/fhir/resource-types";

/// Whether a Consent is a seal: it then says nothing else.
pub(super) fn is_seal(consent: Value<'_>) -> bool {
    has_profile(consent, SEAL_PROFILE)
}

/// An active seal closes the rows of its controller that name its patient, or the part of them
/// that its provision names, for the period of its
/// provision, to all but the practitioners whom that names. It is locked, unless a category says
/// that it is a mere seal, which an emergency opens. A period that cannot be read does not end it.
pub(super) fn facts(stating: &Stating<'_>) -> Vec<NamedFact> {
    let seal = stating.resource;
    let active = seal.get_str("status").is_some_and(|status| status == "active");
    let Some(patient) = stating.target(seal.get("patient"), "Patient").filter(|_| active) else {
        return Vec::new();
    };
    let locked = !each(seal, "category").any(|category| has(category, CODES, "sealed"));
    let provision = seal.get("provision");
    let period = provision.and_then(|provision| provision.get("period"));
    let Span { from, until } = stating.span(period).unwrap_or(Span::ALWAYS);
    if from >= until {
        return Vec::new();
    }
    if let Some(part) = provision.and_then(|provision| part(stating, provision)) {
        let rule = Provision { from, until, ..part };
        let seal = if locked { Seal::Locked } else { Seal::Sealed };
        return vec![NamedFact::Consent(Box::new(consent(stating, patient, seal, rule)))];
    }
    let actors = provision.into_iter().flat_map(|provision| each(provision, "actor"));
    let team = actors.filter_map(|actor| {
        let id = stating.target(actor.get("reference"), "Practitioner")?;
        let (patient, actor) = (patient.clone(), format!("Practitioner/{id}"));
        Some(NamedFact::Unsealed { patient, actor, from, until })
    });
    let seal = NamedFact::Sealed { patient: patient.clone(), locked, from, until };
    std::iter::once(seal).chain(team).collect()
}

/// A seal on part of the record: none but a seal ever has this key, so that no consent supersedes
/// one.
fn consent(
    stating: &Stating<'_>,
    patient: String,
    seal: Seal,
    rule: Provision<String, String>,
) -> NamedConsent {
    Consent {
        patient,
        id: stating.id.to_owned(),
        held: false,
        seal: Some(seal),
        custodians: vec![stating.controller.to_owned()],
        key: "seal".to_owned(),
        supersedes: None,
        given: LogTime(0),
        provisions: vec![rule],
    }
}

/// What is sealed where a seal names types (`class`), labels (`securityLabel`) or single resources
/// (`data`): what meets all that is named. `None` if it names nothing, which seals everything.
/// Whatever cannot be understood in a list seals everything that the list could mean.
fn part(stating: &Stating<'_>, provision: Value<'_>) -> Option<Provision<String, String>> {
    let types = list(provision, "class", |class| {
        let system = class.get_str("system")?;
        (system == TYPES).then(|| ResourceType::from_name(&class.get_str("code")?)).flatten()
    });
    let labels = list(provision, "securityLabel", label_test).map(|tests| {
        let floor = tests.iter().filter_map(|test| test.floor).min();
        let named = tests.iter().fold(0, |bits, test| bits | test.named);
        LabelTest { ceiling: None, floor, named }
    });
    let instances = list(provision, "data", |data| {
        let (kind, id) = stating.reference(data.get("reference")?)?;
        let instance = data.get_str("meaning")? == "instance";
        let resource_type = ResourceType::from_name(&kind)?;
        instance.then(|| Target::new(resource_type, id))
    });
    if types.is_none() && labels.is_none() && instances.is_none() {
        return None;
    }
    let actors = each(provision, "actor").filter_map(|actor| {
        let id = stating.target(actor.get("reference"), "Practitioner")?;
        Some(format!("Practitioner/{id}"))
    });
    let (related, dependents, authors) = (Vec::new(), Vec::new(), Vec::new());
    let data = instances.map(|instances| Data { instances, related, dependents, authors });
    Some(Provision {
        actors: Some(Actors { organizations: Vec::new(), actors: actors.collect() }),
        types: types.map(|types| types.into_iter().collect()),
        labels,
        data,
        ..Provision::bare(false)
    })
}

/// A confidentiality means data from it on, a sensitivity itself and narrower ones.
fn label_test(coding: Value<'_>) -> Option<LabelTest> {
    let (system, code) = (coding.get_str("system")?, coding.get_str("code")?);
    let floor = if system == CONFIDENTIALITY { Level::from_code(&code) } else { None };
    let named = if system == SENSITIVITY { label::sensitivity(&code) } else { None };
    let known = floor.is_some() || named.is_some();
    known.then(|| LabelTest { ceiling: None, floor, named: named.unwrap_or(0) })
}

/// The items of a list, read; `None` where there are none or one cannot be read.
fn list<'a, T>(
    value: Value<'a>,
    name: &str,
    read: impl Fn(Value<'a>) -> Option<T>,
) -> Option<Vec<T>> {
    let items: Option<Vec<T>> = each(value, name).map(read).collect();
    items.filter(|items| !items.is_empty())
}

fn each<'a>(value: Value<'a>, name: &str) -> impl Iterator<Item = Value<'a>> + use<'a> {
    value.get(name).into_iter().flat_map(Value::each)
}
