//! A small store with something to hide from one clinician, and the same store without it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use accord_base::{LogTime, Principal, Purpose, Role, Subject};
use accord_conformance::{Store, id};
use accord_engine::{Answer, Interaction, OPERATIONS, Operation, Outcome};
use serde_json::{Value, json};

use crate::answers::told;
use crate::masks::masked;
use crate::reduced::reduced;

/// The asker's organisation.
pub const OWN: &str = "northgate-hospital";
/// Another one.
pub const OTHER: &str = "riverside-hospital";
const NOW: LogTime = LogTime(1_795_300_398_000_000);
const SEED: u64 = 7;

/// Who is tried on: a clinician with one patient in care.
pub fn asker() -> Arc<Subject> {
    Arc::new(Subject {
        principal: Principal::Practitioner(id("dr-alder")),
        role: Role::Clinician,
        organization: Some(id(OWN)),
        purpose: Purpose::Treat,
        token_id: "t".to_owned(),
        test: true,
        grant: None,
    })
}

/// What is seen and tells of something hidden, deleted, and never known.
pub const TELLING: [(&str, &str); 3] =
    [("s-tells-1", "h-potassium"), ("s-tells-2", "h-gone"), ("s-tells-3", "h-never")];

/// Ids that begin with `s-` are seen, and so is the directory; `h-` is hidden: of a patient kept
/// elsewhere (`bob`), of one who was in care and denies the organisation since (`cat`), and what
/// names one of them beside the patient seen.
pub struct Scene {
    pub full: Store,
    small: Store,
    pub asker: Arc<Subject>,
    system: Arc<Subject>,
}

impl Scene {
    pub fn new() -> Scene {
        let full = Store::new(SEED, NOW, 64);
        let system = Arc::new(Subject::system("scene"));
        for (controller, body) in population() {
            full.clock.advance_us(LogTime::SECOND_US);
            let name = (body["resourceType"].as_str().unwrap(), body["id"].as_str().unwrap());
            let done = full.put(&system, name, &body.to_string(), Some(controller));
            done.unwrap_or_else(|failure| panic!("{body}: {failure:?}"));
        }
        let gone = Interaction::Delete {
            resource_type: accord_spec::ResourceType::from_name("Observation").unwrap(),
            id: id("h-gone"),
            if_match: None,
        };
        full.ask(&system, gone).unwrap();
        // In care, and one person with somebody who denies the organisation; and what was filed
        // under the patient in care by mistake.
        let merge = [("source-patient", "Patient/h-eve"), ("target-patient", "Patient/h-cat")];
        full.ask(&system, operation("$merge", &merge, "")).unwrap();
        let moved = [
            ("resource", "Observation/h-moved"),
            ("from-patient", "Patient/s-ann"),
            ("to-patient", "Patient/h-bob"),
        ];
        full.ask(&system, operation("$move-resource", &moved, "labels exchanged")).unwrap();
        let seen = |kind: &str, name: &str| {
            name.starts_with("s-") || ["Organization", "Practitioner"].contains(&kind)
        };
        let visible: BTreeSet<_> = full
            .versions()
            .into_iter()
            .map(|v| (v.resource_type.name().to_owned(), v.id.to_string(), v.version))
            .filter(|(kind, name, _)| seen(kind, name))
            .collect();
        let small = reduced(&full, &visible, &BTreeMap::new(), SEED);
        Scene { full, small, asker: asker(), system }
    }

    /// The asker's answers to an address, page after page, equal those of the store without the
    /// hidden things.
    pub fn compare(&self, group: u8, url: &str) {
        let mut cursors = (String::new(), String::new());
        for _ in 0..50 {
            let ours = get(&self.full, &self.asker, &format!("{url}{}", cursors.0));
            let theirs = get(&self.small, &self.system, &format!("{url}{}", cursors.1));
            let theirs = masked(theirs, &|_, name| name.starts_with("s-"), &|_| Some(Vec::new()));
            assert_eq!(told(&ours), told(&theirs), "T{group}: {url}");
            let (Ok(Answer::Page(ours)), Ok(Answer::Page(theirs))) = (ours, theirs) else { return };
            let (Some(ours), Some(theirs)) = (ours.next, theirs.next) else { return };
            cursors = (format!("&_cursor={ours}"), format!("&_cursor={theirs}"));
        }
        panic!("T{group}: {url} has no end");
    }

    /// What the asker is told.
    pub fn seen_by_asker(&self, url: &str) -> String {
        told(&get(&self.full, &self.asker, url))
    }

    /// What somebody is told from whom nothing is hidden.
    pub fn seen_by_all(&self, url: &str) -> String {
        told(&get(&self.full, &self.system, url))
    }

    /// What the asker is told of a hidden id equals what they are told of one that never was.
    pub fn same_as_never(&self, ask: impl Fn(&str) -> Outcome) {
        for hidden in
            ["h-bob", "h-cat", "h-eve", "h-potassium", "h-note", "h-gone", "h-both", "h-moved"]
        {
            let plain = |name: &str| told(&ask(name)).replace(name, "it");
            assert_eq!(plain(hidden), plain("h-never"), "{hidden}");
        }
    }
}

/// An operation on patients with these references, and a reason.
pub fn operation(name: &str, references: &[(&str, &str)], reason: &str) -> Interaction {
    let reference =
        |(name, to): &(&str, &str)| json!({"name": name, "valueReference": {"reference": to}});
    let mut parameters: Vec<Value> = references.iter().map(reference).collect();
    if !reason.is_empty() {
        parameters.push(json!({"name": "reason", "valueString": reason}));
    }
    let body = json!({"resourceType": "Parameters", "parameter": parameters});
    let signature = OPERATIONS.iter().find(|o| o.name() == name).unwrap();
    let body = Arc::from(body.to_string().into_bytes());
    Interaction::Operation(Box::new(Operation { signature, id: None, params: Vec::new(), body }))
}

pub fn get(store: &Store, who: &Arc<Subject>, url: &str) -> Outcome {
    store.ask(who, Interaction::get(url)?)
}

fn population() -> Vec<(&'static str, Value)> {
    let mut all = vec![
        (OWN, json!({"resourceType": "Organization", "id": OWN, "name": "Northgate Hospital"})),
        (OTHER, json!({"resourceType": "Organization", "id": OTHER, "name": "Riverside Hospital"})),
        (OWN, json!({"resourceType": "Practitioner", "id": "dr-alder"})),
        (OWN, patient("s-ann", "Ann")),
        (OTHER, patient("h-bob", "Bob")),
        (OWN, patient("h-cat", "Cat")),
        (OWN, patient("h-eve", "Eve")),
        (OWN, visit("s-visit", "s-ann", OWN)),
        (OTHER, visit("h-visit", "h-bob", OTHER)),
        (OWN, visit("h-stay", "h-cat", OWN)),
        (OWN, visit("h-came", "h-eve", OWN)),
    ];
    for (n, value) in [(1, 4.1), (2, 4.4), (3, 5.0)] {
        all.push((OWN, observation(&format!("s-potassium-{n}"), "s-ann", value, n)));
    }
    all.push((OWN, observation("h-chloride", "h-eve", 5.6, 2)));
    all.push((OWN, observation("h-moved", "s-ann", 5.2, 2)));
    all.push((OTHER, observation("h-potassium", "h-bob", 5.9, 2)));
    all.push((OWN, observation("h-sodium", "h-cat", 5.8, 1)));
    // Two versions, of which the asker could have seen both before the consent.
    all.push((OWN, observation("h-sodium", "h-cat", 5.7, 4)));
    all.push((OTHER, observation("h-gone", "h-bob", 6.1, 3)));
    for (name, target) in TELLING {
        let mut telling = observation(name, "s-ann", 4.2, 5);
        telling["derivedFrom"] = json!([{"reference": format!("Observation/{target}"),
            "display": "at the addiction clinic", "identifier": {"value": "clinic-17"}}]);
        telling["text"] = json!({"status": "generated",
            "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">at the addiction clinic</div>"});
        all.push((OWN, telling));
    }
    all.push((OTHER, condition("h-note", "h-bob")));
    all.push((OWN, condition("s-note", "s-ann")));
    all.push((
        OWN,
        json!({"resourceType": "Communication", "id": "h-both", "status": "completed",
        "subject": {"reference": "Patient/s-ann"}, "recipient": [{"reference": "Patient/h-cat"}],
        "payload": [{"contentString": "both of them"}]}),
    ));
    all.push((
        OWN,
        json!({"resourceType": "List", "id": "h-list", "status": "current",
        "mode": "working", "entry": [{"item": {"reference": "Patient/h-cat"}},
            {"item": {"reference": "Patient/s-ann"}}]}),
    ));
    all.push((
        OWN,
        json!({"resourceType": "Consent", "id": "h-consent", "status": "active",
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope",
            "code": "patient-privacy"}]},
        "category": [{"text": "privacy"}], "patient": {"reference": "Patient/h-cat"},
        "policyRule": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
            "code": "OPTOUT"}]},
        "provision": {"type": "deny"}}),
    ));
    all
}

fn patient(name: &str, family: &str) -> Value {
    json!({"resourceType": "Patient", "id": name, "name": [{"family": family, "given": ["Pat"]}],
        "identifier": [{"system": "https://ids.example", "value": format!("number-{name}")}],
        "birthDate": "1980-02-03", "gender": "other",
        "address": [{"postalCode": format!("P {family}"), "city": "Town"}]})
}

fn visit(name: &str, patient: &str, at: &str) -> Value {
    json!({"resourceType": "Encounter", "id": name, "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "subject": {"reference": format!("Patient/{patient}")},
        "serviceProvider": {"reference": format!("Organization/{at}")}})
}

fn observation(name: &str, patient: &str, value: f64, day: u32) -> Value {
    json!({"resourceType": "Observation", "id": name, "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
        "subject": {"reference": format!("Patient/{patient}")},
        "effectiveDateTime": format!("2026-10-0{day}"),
        "valueQuantity": {"value": value, "unit": "mmol/L",
            "system": "http://unitsofmeasure.org", "code": "mmol/L"}})
}

fn condition(name: &str, patient: &str) -> Value {
    json!({"resourceType": "Condition", "id": name,
        "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
            "code": "PSY"}]},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "73211009"}],
            "text": "something sensitive"},
        "subject": {"reference": format!("Patient/{patient}")}})
}
