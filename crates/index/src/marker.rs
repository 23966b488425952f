//! What stands in place of a row that its asker may know of and not see: a resource of the same
//! type with id, version and instant, two labels that say so, and the patient.
//!
//! **Invariant:** a marker is made of columns alone: nothing of the document, of its values or of
//! the seal can be in it. A search finds it by what it holds itself, as if it stood in the store
//! (`plan/marked.rs`).

use std::fmt::Write;
use std::sync::{LazyLock, OnceLock};

use accord_base::{LogTime, ResourceId};
use accord_fhir::document::Stamp;
use accord_fhir::json::{Limits, parse};
use accord_spec::{Element, ParamKind, ResourceType, SearchParam, param};

use crate::extract::{extract, naming_params};
use crate::value::Values;

/// System, code and display of a marker's labels: that everything was left out (HL7 v3
/// ObservationValue), and for what purpose it would be there (HL7 v3 ActReason).
pub const LABELS: [(&str, &str, &str); 2] = [
    ("http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "REDACTED", "redacted"),
    ("http://terminology.hl7.org/CodeSystem/v3-ActReason", "BTG", "break the glass"),
];

/// Of the parameters that name patients, those that tell whose a resource is, the first that a
/// type has; others tell who took part in it.
const WHOSE: [&str; 5] = ["patient", "subject", "beneficiary", "individual", "actor"];

/// The element of a type that names the patient; `None` where none does by itself.
fn whose(resource_type: ResourceType) -> Option<&'static Element> {
    let codes = naming_params(resource_type);
    let of = |code: &&str| param(resource_type, code).filter(|_| codes.contains(code));
    let path = path_of(WHOSE.iter().find_map(of)?)?;
    resource_type.type_id().element(path)
}

/// The element that a reference parameter reads, if it is one of the resource itself.
fn path_of(param: &'static SearchParam) -> Option<&'static str> {
    let base = param.base.filter(|_| param.kind == ParamKind::Reference)?;
    let path = param.expression.strip_prefix(base.name())?.strip_prefix('.')?;
    let path = path.strip_suffix(".where(resolve() is Patient)").unwrap_or(path);
    path.bytes().all(|b| b.is_ascii_alphanumeric()).then_some(path)
}

/// What the extractor finds in markers of a type: the same in all, but for the patient.
pub(crate) fn values(resource_type: ResourceType) -> &'static Values {
    static FOUND: LazyLock<Vec<OnceLock<Values>>> =
        LazyLock::new(|| ResourceType::ALL.iter().map(|_| OnceLock::new()).collect());
    static NOTHING: Values = Values(Vec::new());
    let Some(found) = FOUND.get(usize::from(resource_type.0)) else { return &NOTHING };
    found.get_or_init(|| {
        let any = ResourceId::new("any").ok();
        let text = any.as_ref().map(|id| {
            let stamp = Stamp { id, version: 1, last_updated: LogTime(0) };
            document(resource_type, stamp, Some(id))
        });
        let tape = text.and_then(|text| parse(text.as_bytes(), Limits::default()).ok());
        tape.map(|tape| extract(tape.root(), resource_type, &|_| None)).unwrap_or_default()
    })
}

/// The marker of a version whose patient has this id, as it is served.
pub fn document(
    resource_type: ResourceType,
    stamp: Stamp<'_>,
    patient: Option<&ResourceId>,
) -> String {
    let Stamp { id, version, last_updated } = stamp;
    let mut out = String::with_capacity(480);
    // Writing to a string does not fail. Names, ids and labels need no escapes.
    let _ = write!(
        out,
        r#"{{"resourceType":"{}","id":"{id}","meta":{{"versionId":"{version}","lastUpdated":"{last_updated}","security":["#,
        resource_type.name()
    );
    for (at, (system, code, display)) in LABELS.into_iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let _ =
            write!(out, r#"{comma}{{"system":"{system}","code":"{code}","display":"{display}"}}"#);
    }
    out.push_str("]}");
    if let (Some(element), Some(patient)) = (whose(resource_type), patient) {
        let (open, close) = if element.many { ("[", "]") } else { ("", "") };
        let _ =
            write!(out, r#","{}":{open}{{"reference":"Patient/{patient}"}}{close}"#, element.name);
    }
    out.push('}');
    out
}

#[cfg(test)]
mod tests {
    use accord_spec::{ParamId, param_by_id};

    use super::*;
    use crate::value::Datum;

    #[test]
    fn a_marker_is_found_by_its_labels_and_its_patient() {
        let mut nameless = Vec::new();
        for resource_type in ResourceType::ALL {
            let mut names = false;
            let mut labels = Vec::new();
            for value in &values(resource_type).0 {
                let param = param_by_id(ParamId(value.param)).unwrap();
                match (param.code, &value.datum) {
                    ("_security", Datum::Token { system, code }) => {
                        labels.push((system.as_deref().unwrap(), code.as_str()));
                    }
                    ("_security", Datum::Label(_)) => {}
                    // Its expression says so of a Patient without the element.
                    ("deceased", Datum::Token { code, .. }) if code == "false" => {}
                    (_, Datum::Reference { resource_type, id }) => {
                        assert_eq!((*resource_type, id.as_str()), (ResourceType::PATIENT.0, "any"));
                        names = true;
                    }
                    other => panic!("{}: {other:?}", resource_type.name()),
                }
            }
            assert_eq!(labels, LABELS.map(|(system, code, _)| (system, code)));
            let member = !naming_params(resource_type).is_empty();
            if member && !names {
                nameless.push(resource_type.name());
            }
        }
        assert_eq!(nameless, ["Appointment", "AuditEvent", "Group", "Patient", "Person"]);
    }

    #[test]
    fn a_marker_says_no_more() {
        let (id, patient) = (ResourceId::new("i1").unwrap(), ResourceId::new("p1").unwrap());
        let stamp = Stamp { id: &id, version: 3, last_updated: LogTime(0) };
        let text = document(ResourceType::OBSERVATION, stamp, Some(&patient));
        assert_eq!(
            text,
            r#"{"resourceType":"Observation","id":"i1","meta":{"versionId":"3","lastUpdated":"1970-01-01T00:00:00.000000Z","security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"REDACTED","display":"redacted"},{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"BTG","display":"break the glass"}]},"subject":{"reference":"Patient/p1"}}"#
        );
        let text = document(ResourceType::from_name("Schedule").unwrap(), stamp, Some(&patient));
        assert!(text.ends_with(r#","actor":[{"reference":"Patient/p1"}]}"#), "{text}");
    }
}
