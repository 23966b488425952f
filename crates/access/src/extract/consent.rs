//! Consent: whom a patient keeps out.
//!
//! What is read here is coarser than what a consent can say, and errs to one side: conditions that
//! would narrow a denial (purpose, class, code, security label, action, data, its period) are passed
//! over, so that it denies more than it says; exceptions that would permit are passed over too.

use accord_fhir::json::Value;

use super::period::Span;
use super::{NamedFact, Stating};

/// Levels of nested provisions that are read; a consent that nests deeper denies everyone.
const DEPTH: u32 = 16;

/// Whom a provision keeps out.
#[derive(Clone)]
enum Audience {
    Everyone,
    /// Ids of organisations.
    Organizations(Vec<String>),
}

/// What a nested provision inherits where it does not say.
#[derive(Clone)]
struct Inherited {
    audience: Audience,
    span: Span,
}

/// An active privacy consent states a denial for each of its provisions of type `deny`, for the
/// provision's period. A provision without type at the root denies where the consent is one of
/// opting out by `policyRule`.
pub(super) fn facts(stating: &Stating<'_>) -> Vec<NamedFact> {
    let consent = stating.resource;
    let active = consent.get_str("status").is_some_and(|status| status == "active");
    let privacy = consent.get("scope").is_some_and(|scope| has_code(scope, "patient-privacy"));
    let (Some(patient), true, true) =
        (stating.target(consent.get("patient"), "Patient"), active, privacy)
    else {
        return Vec::new();
    };
    let opt_out = consent.get("policyRule").is_some_and(|rule| has_code(rule, "OPTOUT"));
    let mut reader = Reader { stating, patient, facts: Vec::new() };
    let everyone = Inherited { audience: Audience::Everyone, span: Span::ALWAYS };
    match consent.get("provision") {
        Some(root) => reader.provision(root, &everyone, opt_out, DEPTH),
        None if opt_out => reader.deny(&everyone),
        None => {}
    }
    reader.facts
}

struct Reader<'a> {
    stating: &'a Stating<'a>,
    patient: String,
    facts: Vec<NamedFact>,
}

impl Reader<'_> {
    /// Reads a provision and those within it. `denies` is what a missing type means.
    fn provision(&mut self, provision: Value<'_>, above: &Inherited, denies: bool, depth: u32) {
        if depth == 0 {
            return self.deny(&Inherited { audience: Audience::Everyone, span: Span::ALWAYS });
        }
        let here = Inherited {
            audience: self.audience(provision).unwrap_or_else(|| above.audience.clone()),
            // A period that cannot be read does not bound a denial.
            span: match provision.get("period") {
                None => above.span,
                period => Span::of(period).unwrap_or(Span::ALWAYS),
            },
        };
        let denies = match provision.get_str("type") {
            Some(kind) => kind != "permit",
            None => denies,
        };
        if denies {
            self.deny(&here);
        }
        for nested in provision.get("provision").into_iter().flat_map(Value::each) {
            // R4 requires a type of nested provisions; one without it is read as a denial.
            self.provision(nested, &here, true, depth - 1);
        }
    }

    /// Whom the provision names; `None` if it names nobody. Patients and related persons see
    /// no one's record but by rules of their own, so keeping them out takes no fact. Anyone else
    /// who is not an organisation cannot be told apart yet: then everyone is kept out.
    fn audience(&self, provision: Value<'_>) -> Option<Audience> {
        let mut organizations = Vec::new();
        let actors = provision.get("actor")?;
        actors.each().next()?;
        for actor in actors.each() {
            let named = actor.get("reference").and_then(|r| self.stating.reference(r));
            match named {
                Some((kind, id)) if kind == "Organization" => organizations.push(id),
                Some((kind, _)) if kind == "RelatedPerson" || kind == "Patient" => {}
                _ => return Some(Audience::Everyone),
            }
        }
        Some(Audience::Organizations(organizations))
    }

    fn deny(&mut self, whom: &Inherited) {
        let Span { from, until } = whom.span;
        let organizations: Vec<Option<String>> = match &whom.audience {
            Audience::Everyone => vec![None],
            Audience::Organizations(ids) => ids.iter().cloned().map(Some).collect(),
        };
        let patient = &self.patient;
        self.facts.extend(organizations.into_iter().filter(|_| from < until).map(|organization| {
            NamedFact::ConsentDenies { patient: patient.clone(), organization, from, until }
        }));
    }
}

/// Whether a CodeableConcept has the code, in whatever system.
fn has_code(concept: Value<'_>, code: &str) -> bool {
    let mut codings = concept.get("coding").into_iter().flat_map(Value::each);
    codings.any(|coding| coding.get_str("code").is_some_and(|c| c == code))
}
