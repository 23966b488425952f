//! Seals: a Consent that closes a patient's record at its controller to all but a team.

use accord_fhir::json::Value;

use super::codes::{CODES, has, has_profile};
use super::period::Span;
use super::{NamedFact, Stating};

/// Profile of a seal.
const SEAL_PROFILE: &str = "urn:accord:profile:seal";

/// Whether a Consent is a seal: it then says nothing else.
pub(super) fn is_seal(consent: Value<'_>) -> bool {
    has_profile(consent, SEAL_PROFILE)
}

/// An active seal closes the rows of its controller that name its patient, for the period of its
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
    let Span { from, until } = Span::of(period).unwrap_or(Span::ALWAYS);
    if from >= until {
        return Vec::new();
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

fn each<'a>(value: Value<'a>, name: &str) -> impl Iterator<Item = Value<'a>> + use<'a> {
    value.get(name).into_iter().flat_map(Value::each)
}
