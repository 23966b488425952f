//! Consents by which a patient, or somebody for them, lets a person act for them.

use accord_fhir::json::Value;
use accord_spec::ResourceType;

use super::codes::codes_in;
use super::period::Span;
use super::{NamedFact, Stated, Stating, sorted};
use crate::consent::Unenforceable;
use crate::fact::{Mandate, Shared};
use crate::label::{self, CONFIDENTIALITY, Level, SENSITIVITY};

/// The R5 element that names who may act, as an extension of R4.
const GRANTEE: &str = "://hl7.org/fhir/5.0/StructureDefinition/extension-Consent.grantee";
const TYPES: &str = "http://hl7.org/fhir/resource-types";
const ACTIONS: &str = "http://terminology.hl7.org/CodeSystem/consentaction";
/// Elements of a provision that this server does not cut a grant by.
const UNKNOWN: [&str; 6] =
    ["purpose", "code", "dataPeriod", "data", "provision", "modifierExtension"];

/// Whether a Consent is such a grant, as the NHS Validated Relationships Service writes them: of
/// the category INFA, with a grantee. It then says nothing else.
pub(super) fn is_grant(consent: Value<'_>) -> bool {
    let concepts = each(consent, "category");
    let mut codings = concepts.flat_map(|concept| each(concept, "coding"));
    codings.any(|coding| coding.get_str("code").is_some_and(|code| code == "INFA"))
        && grantees(consent).next().is_some()
}

/// The elements that name who may act.
pub(super) fn grantees(consent: Value<'_>) -> impl Iterator<Item = Value<'_>> {
    each(consent, "extension")
        .filter(|one| one.get_str("url").is_some_and(|url| url.ends_with(GRANTEE)))
}

/// An active grant states, for the period of its provision, that each grantee acts for the patient:
/// for the types, the labels and the actions it names; without labels, for what is not sensitive,
/// without actions, to read. One with anything that cannot be met states nothing.
pub(super) fn stated(stating: &Stating<'_>) -> Stated {
    let grant = stating.resource;
    if grant.get_str("status").is_none_or(|status| status != "active") {
        return Stated::default();
    }
    let mut faults = Vec::new();
    let mut fault = |element: &str, reason| {
        faults.push(Unenforceable { element: format!("Consent.{element}"), reason });
    };
    let patient = stating.target(grant.get("patient"), "Patient");
    if patient.is_none() {
        fault("patient", "it names no patient of this server");
    }
    let mut actors = Vec::new();
    for who in grantees(grant) {
        match who.get("valueReference").and_then(|who| stating.reference(who)) {
            Some((kind, id)) if ["RelatedPerson", "Patient"].contains(&&*kind) => {
                actors.push(format!("{kind}/{id}"));
            }
            _ => fault("extension", "the grantee is no related person and no patient here"),
        }
    }
    if grant.get("modifierExtension").is_some() {
        fault("modifierExtension", "an extension that changes the meaning is not understood");
    }
    let read = grant.get("provision").map_or_else(
        || Ok((vec![Mandate::plain(false)], Span::ALWAYS)),
        |provision| {
            terms(stating, provision)
                .map_err(|(name, reason)| (format!("provision.{name}"), reason))
        },
    );
    let (mandates, Span { from, until }) = read.unwrap_or_else(|(element, reason)| {
        fault(&element, reason);
        (Vec::new(), Span::ALWAYS)
    });
    if !faults.is_empty() {
        return Stated { unenforceable: faults, ..Stated::default() };
    }
    let fact = |(actor, mandate): (&String, &Mandate)| {
        let (patient, actor) = (patient.clone().unwrap_or_default(), actor.clone());
        NamedFact::ActsAs { patient, actor, mandate: *mandate, from, until }
    };
    let pairs = actors.iter().flat_map(|actor| mandates.iter().map(move |one| (actor, one)));
    sorted(stating, pairs.filter(|_| from < until).map(fact).collect())
}

/// What a provision lets somebody do, and when; else the element that cannot be met, and why.
fn terms(
    stating: &Stating<'_>,
    provision: Value<'_>,
) -> Result<(Vec<Mandate>, Span), (&'static str, &'static str)> {
    if provision.get_str("type").is_some_and(|kind| kind != "permit") {
        return Err(("type", "a grant permits"));
    }
    if let Some(name) = UNKNOWN.into_iter().find(|name| provision.get(name).is_some()) {
        return Err((name, "a grant is not cut by this"));
    }
    let span = stating.span(provision.get("period"));
    let span = span.map_err(|_| ("period", "a date is not understood"))?;
    let mut mandate = Mandate::plain(false);
    for action in each(provision, "action").flat_map(|action| each(action, "coding")) {
        let known = action.get_str("system").is_some_and(|system| system == ACTIONS);
        match action.get_str("code").as_deref() {
            Some("access" | "use") if known => {}
            Some("collect") if known => mandate.signs = true,
            _ => return Err(("action", "it is neither to read nor to sign")),
        }
    }
    for coding in each(provision, "securityLabel") {
        let label = || ("securityLabel", "the label is not one that data is labelled with");
        let code = coding.get_str("code").ok_or_else(label)?;
        match coding.get_str("system").as_deref() {
            Some(CONFIDENTIALITY) => {
                mandate.level = mandate.level.max(Level::from_code(&code).ok_or_else(label)?);
            }
            Some(SENSITIVITY) => {
                mandate.sensitivities |= label::sensitivity(&code).ok_or_else(label)?;
            }
            _ => return Err(label()),
        }
    }
    let Some(classes) = provision.get("class").filter(|class| class.each().next().is_some()) else {
        return Ok((vec![mandate], span));
    };
    let mut mandates = Vec::new();
    for coding in classes.each() {
        let of_types = codes_in(coding, TYPES).next();
        let named = of_types.and_then(|code| ResourceType::from_name(&code));
        let named = named.ok_or(("class", "only resource types are told apart"))?;
        mandates.push(Mandate { shared: Some(Shared::Type(named)), ..mandate });
    }
    Ok((mandates, span))
}

fn each<'a>(value: Value<'a>, name: &str) -> impl Iterator<Item = Value<'a>> + use<'a> {
    value.get(name).into_iter().flat_map(Value::each)
}
