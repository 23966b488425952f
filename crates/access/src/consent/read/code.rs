//! Codes.

use accord_fhir::json::Value;
use accord_spec::is_code_system;

use super::super::rule::Code;
use super::Reader;

/// Beginning of the systems of R4's own elements, which hold codes that are no Codings, and of
/// those below it that are not.
const ELEMENTS: &str = "http://hl7.org/fhir/";
const OTHERS: &str = "http://hl7.org/fhir/sid/";
/// Units stand in quantities, not among codes.
const UNITS: &str = "http://unitsofmeasure.org";
/// Most codes of one provision: each is looked for in every row of the patient.
const MOST_CODES: usize = 64;

impl Reader<'_> {
    /// Codes of the content (D9). The codings of one concept say the same in several systems: each
    /// of them is enough.
    pub(super) fn codes(&mut self, concepts: Value<'_>, path: &str) -> Vec<Code> {
        let mut codes = Vec::new();
        for (at, concept) in concepts.each().enumerate() {
            let path = format!("{path}.code[{at}]");
            let codings = concept.get("coding").into_iter().flat_map(Value::each);
            let mut some = false;
            for (at, coding) in codings.enumerate() {
                some = true;
                let (system, code) = token(coding);
                if code.is_empty() || !is_content(&system) {
                    let reason = "the code system is not one whose codes are told apart";
                    self.fault(&format!("{path}.coding[{at}]"), reason);
                }
                let code = Code { system, code };
                if !codes.contains(&code) {
                    codes.push(code);
                }
            }
            if !some {
                self.fault(&path, "it has no code");
            }
        }
        if codes.len() > MOST_CODES {
            self.fault(&format!("{path}.code"), "it has more than 64 codes");
        }
        codes
    }
}

/// Whether codes of the system are content that can be told apart.
fn is_content(system: &str) -> bool {
    let element = system.starts_with(ELEMENTS) && !system.starts_with(OTHERS);
    is_code_system(system) && !element && system != UNITS
}

/// Whether a CodeableConcept has the code, in whatever system.
pub(super) fn has_code(concept: Value<'_>, code: &str) -> bool {
    let mut codings = concept.get("coding").into_iter().flat_map(Value::each);
    codings.any(|coding| coding.get_str("code").is_some_and(|c| c == code))
}

/// System and code of a Coding; empty where it has none.
pub(super) fn token(coding: Value<'_>) -> (String, String) {
    let text = |name: &str| coding.get_str(name).unwrap_or_default().into_owned();
    (text("system"), text("code"))
}
