//! Every access is told to the patients it names, and to nobody else.

use std::collections::BTreeMap;

use accord_fhir::json;
use accord_store::decode_record;
use accord_store::disk::Disk;
use proptest::prelude::*;

use super::*;

mod readers;
mod sessions;

const PATIENTS: u8 = 4;

/// A store that can be closed and opened again.
struct World {
    parts: Parts,
    disk: SimDisk,
    store: Option<Store>,
    asked: usize,
}

/// One request of a session.
#[derive(Clone, Copy, Debug)]
struct Step {
    kind: u8,
    one: u8,
    other: u8,
}

fn step() -> impl Strategy<Value = Step> {
    (0u8..10, 0..PATIENTS, 0..PATIENTS).prop_map(|(kind, one, other)| Step { kind, one, other })
}

fn patient(n: u8) -> Arc<Subject> {
    let principal = Principal::Patient(id(&format!("p{n}")));
    let own = Subject { role: Role::Patient, purpose: Purpose::Patrqt, ..(*system()).clone() };
    Arc::new(Subject { principal, ..own })
}

fn read(resource_type: ResourceType, name: &str) -> Interaction {
    let id = id(name);
    Interaction::Read { resource_type, id, if_none_match: None, if_modified_since: None }
}

fn search(resource_type: ResourceType, raw: &str) -> Interaction {
    let params = crate::url::pairs(raw);
    let (resource_type, raw) = (Some(resource_type), raw.to_owned());
    Interaction::Search { resource_type, params, raw, lenient: false }
}

fn put(resource_type: ResourceType, name: &str, rest: &str) -> Interaction {
    let kind = resource_type.name();
    let body = format!(r#"{{"resourceType":"{kind}","id":"{name}"{rest}}}"#);
    let body = Arc::from(body.as_bytes());
    Interaction::Update { resource_type, id: id(name), body, if_match: None }
}

fn observation(one: u8, other: u8) -> String {
    format!(
        r#","status":"final","code":{{"text":"x"}},"subject":{{"reference":"Patient/p{one}"}},"focus":[{{"reference":"Patient/p{other}"}}]"#
    )
}

impl World {
    fn new() -> World {
        let disk = SimDisk::new(1);
        let parts = Parts { disk: Arc::new(disk.clone()), ..Store::parts() };
        let mut world = World { parts, disk, store: None, asked: 0 };
        world.open();
        for n in 0..PATIENTS {
            world.ask(system(), put(ResourceType::PATIENT, &format!("p{n}"), "")).unwrap();
        }
        world
    }

    fn open(&mut self) {
        self.store = Some(Store::with(self.parts.clone(), AnswerLimits::default()));
    }

    fn close(&mut self) {
        self.store = None;
    }

    fn ask(&mut self, subject: Arc<Subject>, interaction: Interaction) -> Outcome {
        self.asked += 1;
        let request_id = format!("r{}", self.asked);
        let request = Request { request_id, ..request(subject, interaction) };
        self.store.as_ref().unwrap().engine.handle_blocking(request)
    }

    fn go(&mut self, step: Step) {
        let Step { kind, one, other } = step;
        let (own, name) = (patient(one), format!("p{one}"));
        let care = subject(Principal::Practitioner(id("dr")), Role::Clinician);
        let types = (ResourceType::PATIENT, ResourceType::OBSERVATION);
        let (subject, interaction) = match kind {
            0 => (system(), put(types.0, &name, r#","active":true"#)),
            1 => (system(), put(types.1, &format!("o{one}{other}"), &observation(one, other))),
            2 => (own, read(types.0, &name)),
            3 => (own, read(types.0, &format!("p{other}"))),
            4 => (system(), search(types.0, "_count=3")),
            5 => (own, search(types.1, "")),
            6 => (care, read(types.0, &name)),
            7 => (own, search(ResourceType::AUDIT_EVENT, "_count=2")),
            8 => (own, put(types.0, &name, "")),
            _ => {
                let entry = |n: u8| {
                    format!(
                        r#"{{"resource":{{"resourceType":"Observation"{}}},"request":{{"method":"POST","url":"Observation"}}}}"#,
                        observation(n, n)
                    )
                };
                let entries = [entry(one), entry(other)].join(",");
                let body = format!(
                    r#"{{"resourceType":"Bundle","type":"transaction","entry":[{entries}]}}"#
                );
                (system(), bundle(&body))
            }
        };
        // Some are refused; that is part of it.
        let _ = self.ask(subject, interaction);
    }

    /// Names of the requests of all records that name a patient, as the records say.
    fn named(&self) -> BTreeMap<String, Vec<String>> {
        let store = self.store.as_ref().unwrap();
        let logged = store.engine.log.scan(Row(0), 1 << 20).unwrap();
        let logged = logged.iter().filter_map(|(_, bytes)| {
            let sealed = decode_record(bytes).unwrap().access()?.to_vec();
            Some(store.open(&sealed))
        });
        let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for record in store.recorded().into_iter().chain(logged) {
            for patient in &record.patients {
                named.entry(patient.to_string()).or_default().push(record.request_id.clone());
            }
        }
        named.values_mut().for_each(|list| list.sort());
        named
    }

    /// The events that a search finds, page by page: id, patient, request.
    fn events(&mut self, subject: &Arc<Subject>, query: &str) -> Vec<[String; 3]> {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let query = format!("{query}{cursor}");
            let asked = search(ResourceType::AUDIT_EVENT, &query);
            let Answer::Page(page) = self.ask(subject.clone(), asked).unwrap() else { panic!() };
            for event in &page.entries {
                found.push(told(&event.body, event.id.as_str()));
                let again = read(ResourceType::AUDIT_EVENT, event.id.as_str());
                let Answer::Read(again) = self.ask(subject.clone(), again).unwrap() else {
                    panic!()
                };
                assert_eq!(again.body, event.body);
                assert!(valid(&event.body), "{}", event.body);
            }
            let Some(next) = page.next else { return found };
            cursor = format!("&_cursor={next}");
        }
    }

    /// Everyone is told of exactly the records that name them.
    fn check(&mut self) {
        for n in 0..PATIENTS {
            let expect = self.named().remove(&format!("p{n}")).unwrap_or_default();
            let by_system = self.events(&system(), &format!("patient=p{n}&_count=3"));
            let expect_own = self.named().remove(&format!("p{n}")).unwrap_or_default();
            let own = self.events(&patient(n), "_count=5");
            for (events, expect) in [(&by_system, expect), (&own, expect_own)] {
                let mut told: Vec<String> = events.iter().map(|[_, _, r]| r.clone()).collect();
                told.sort();
                assert_eq!(told, expect, "p{n}");
                let about = format!("Patient/p{n}");
                assert!(events.iter().all(|[_, patient, _]| *patient == about));
                let mut ids: Vec<&String> = events.iter().map(|[id, ..]| id).collect();
                ids.sort();
                ids.dedup();
                assert_eq!(ids.len(), events.len());
            }
            let other = (n + 1) % PATIENTS;
            assert!(self.events(&patient(n), &format!("patient=p{other}")).is_empty());
            if let Some([id, ..]) = by_system.first() {
                let not_theirs = self.ask(patient(other), read(ResourceType::AUDIT_EVENT, id));
                assert_eq!(not_theirs.unwrap_err().category, Category::NotFound);
            }
        }
    }

    fn rolls(&self) -> Vec<String> {
        let names = self.disk.list("access").unwrap();
        let rolls = names.into_iter().filter(|name| name.ends_with(".who"));
        rolls.map(|name| format!("access/{name}")).collect()
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        crate::check_parts(&self.parts, 64, &mut |fault| faults.push(fault)).unwrap();
        faults
    }
}

fn told(body: &str, id: &str) -> [String; 3] {
    let tape = json::parse(body.as_bytes(), Default::default()).unwrap();
    let entities = tape.root().get("entity").unwrap();
    let (mut patient, mut request) = (String::new(), String::new());
    for what in entities.items().filter_map(|entity| entity.get("what")) {
        if let Some(reference) = what.get_str("reference").filter(|r| r.starts_with("Patient/")) {
            patient = reference.into_owned();
        }
        if let Some(identifier) = what.get("identifier") {
            request = identifier.get_str("value").unwrap().into_owned();
        }
    }
    [id.to_owned(), patient, request]
}

fn valid(body: &str) -> bool {
    let tape = json::parse(body.as_bytes(), Default::default()).unwrap();
    let issues = accord_validate::validate(tape.root());
    assert!(issues.is_empty(), "{issues:?}");
    true
}
