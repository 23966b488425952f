//! From a Consent resource to rules, or to what stands in the way of enforcing it.
//!
//! FHIR R4 Consent; IHE PCF 1.1 for the four overarching policies.

mod base;
mod code;
mod data;
mod provision;

use accord_base::LogTime;
use accord_fhir::json::Value;
use accord_fhir::{DateRange, Zone};

use super::rule::{Consent, NamedConsent, Provision, Who};
use code::{has_code, token};
use provision::Inherited;

/// Levels of provisions, the root included.
const LEVELS: usize = 3;
/// Most provisions of one consent: every row of the patient is tested against all of them.
const MOST_PROVISIONS: usize = 64;

/// What keeps an active consent from being enforced as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unenforceable {
    /// The element, as a FHIRPath.
    pub element: String,
    /// Why, in a sentence without data of the patient.
    pub reason: &'static str,
}

/// What the store that enforces can tell beyond the columns of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Abilities {
    /// Who belongs to a PractitionerRole, a CareTeam or a Group.
    pub membership: bool,
    /// What refers to what.
    pub links: bool,
}

/// An active privacy consent as read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    /// Its rules; where faults were found, those of a patient on hold. `None` if it names no
    /// patient of this server.
    pub rules: Option<NamedConsent>,
    /// What cannot be enforced; empty for a consent that is in order.
    pub faults: Vec<Unenforceable>,
}

/// What the reader is given besides the resource.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Type and id that a Reference names, if it names a resource of this server.
    pub resolve: &'a dyn Fn(Value<'_>) -> Option<(String, String)>,
    /// What the store can tell.
    pub abilities: Abilities,
    /// Where dates that name no zone are meant.
    pub zone: &'a dyn Zone,
}

/// Reads a consent; `None` if it is not active or not about privacy, and so no rule at all.
pub fn read(consent: Value<'_>, id: &str, context: Context<'_>) -> Option<Reading> {
    let active = consent.get_str("status").is_some_and(|status| status == "active");
    let privacy = consent.get("scope").is_some_and(|scope| has_code(scope, "patient-privacy"));
    if !active || !privacy {
        return None;
    }
    let mut reader = Reader { context, faults: Vec::new(), provisions: Vec::new() };
    reader.modifiers(consent, "Consent");
    let patient = consent.get("patient").and_then(context.resolve);
    let patient = patient.filter(|(kind, _)| kind == "Patient").map(|(_, id)| id);
    if patient.is_none() {
        reader.fault("Consent.patient", "it names no patient of this server");
    }
    let custodians = reader.custodians(consent);
    reader.provisions(consent);
    let faults = reader.faults;
    let rules = patient.map(|patient| Consent {
        patient,
        id: id.to_owned(),
        held: !faults.is_empty(),
        seal: None,
        custodians: if faults.is_empty() { custodians } else { Vec::new() },
        key: key(consent),
        supersedes: superseded(consent, context),
        given: given(consent, context.zone),
        provisions: if faults.is_empty() { reader.provisions } else { vec![hold()] },
    });
    Some(Reading { rules, faults })
}

/// What holds where an active consent cannot be enforced: nobody sees anything but those who treat
/// the patient where the data is.
fn hold() -> Provision<String, String> {
    Provision { who: Who::NotTreatingThere, ..Provision::bare(false) }
}

/// Policies and categories, sorted: consents with the same are about the same.
fn key(consent: Value<'_>) -> String {
    let list = |name: &str| consent.get(name).into_iter().flat_map(Value::each);
    let mut parts: Vec<String> = list("policy")
        .filter_map(|policy| Some(format!("policy {}", policy.get_str("uri")?)))
        .chain(list("policyRule").chain(list("category")).flat_map(|concept| {
            let codings = concept.get("coding").into_iter().flat_map(Value::each);
            codings.map(token).map(|(system, code)| format!("{system}|{code}")).collect::<Vec<_>>()
        }))
        .collect();
    parts.sort_unstable();
    parts.dedup();
    parts.join("\n")
}

/// The consent that this one names as its source.
fn superseded(consent: Value<'_>, context: Context<'_>) -> Option<String> {
    let (kind, id) = (context.resolve)(consent.get("sourceReference")?)?;
    (kind == "Consent").then_some(id)
}

fn given(consent: Value<'_>, zone: &dyn Zone) -> LogTime {
    let range = consent.get_str("dateTime").and_then(|text| DateRange::parse_in(&text, zone));
    LogTime(range.and_then(|range| u64::try_from(range.low).ok()).unwrap_or(0))
}

/// What is being read, and what was found wrong with it.
struct Reader<'a> {
    context: Context<'a>,
    faults: Vec<Unenforceable>,
    provisions: Vec<Provision<String, String>>,
}

impl Reader<'_> {
    fn fault(&mut self, element: &str, reason: &'static str) {
        self.faults.push(Unenforceable { element: element.to_owned(), reason });
    }

    /// An extension that changes what an element means, and that nobody here understands.
    fn modifiers(&mut self, element: Value<'_>, path: &str) {
        if element.get("modifierExtension").is_some() {
            let path = format!("{path}.modifierExtension");
            self.fault(&path, "an extension that changes the meaning is not understood");
        }
    }

    fn custodians(&mut self, consent: Value<'_>) -> Vec<String> {
        let mut ids = Vec::new();
        let organizations = consent.get("organization").into_iter().flat_map(Value::each);
        for (at, organization) in organizations.enumerate() {
            match (self.context.resolve)(organization) {
                Some((kind, id)) if kind == "Organization" => ids.push(id),
                _ => self.fault(
                    &format!("Consent.organization[{at}]"),
                    "it names no organization of this server",
                ),
            }
        }
        ids
    }

    fn provisions(&mut self, consent: Value<'_>) {
        let Some(base) = base::of(consent) else {
            let reason = "neither the root provision, `policyRule` nor a known policy says \
                          whether it permits or denies";
            return self.fault("Consent.provision.type", reason);
        };
        let root = consent.get("provision");
        if let Some(root) = root {
            self.provision(root, "Consent.provision", base.permits, &Inherited::from(&base));
        } else {
            self.provisions.push(base.clone());
        }
        self.provisions.extend(base::exception(consent, root));
        if self.provisions.len() > MOST_PROVISIONS {
            self.fault("Consent.provision", "it has more than 64 provisions");
        }
    }
}
