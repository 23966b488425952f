//! Two hospitals with a store, people who work there, and how they ask.

use std::sync::Arc;

use accord_base::{
    Clock, Deadline, LogTime, ManualClock, Principal, Purpose, ResourceId, Rng, Role, SeededRng,
    Subject,
};
use accord_emergency::{Asked, Kiosks, OPERATIONS, Rules};
use accord_engine::{
    Answer, BundleOptions, Engine, Interaction, NewStore, Options, Outcome, Parts, Request,
};
use accord_spec::ResourceType;
use accord_store::disk::SimDisk;
use accord_store::{MemoryLog, StoreKey};
use serde_json::{Value, json};

/// 2026-11-22T10:00:00Z.
pub const NOW: LogTime = LogTime(1_795_341_600_000_000);
pub const MINUTE_US: u64 = 60_000_000;

pub struct World {
    pub engine: Arc<Engine>,
    pub clock: Arc<ManualClock>,
    pub rules: Option<Arc<Rules>>,
    pub kiosks: Arc<Kiosks>,
    log: Arc<MemoryLog>,
    disk: Arc<SimDisk>,
    store_key: StoreKey,
}

impl Drop for World {
    fn drop(&mut self) {
        self.engine.close();
    }
}

pub fn id(text: &str) -> ResourceId {
    ResourceId::new(text).unwrap()
}

fn subject(principal: Principal, role: Role, hospital: &str) -> Arc<Subject> {
    Arc::new(Subject {
        principal,
        role,
        organization: Some(id(hospital)),
        purpose: Purpose::Treat,
        token_id: "t".to_owned(),
        test: true,
        grant: None,
    })
}

pub fn nurse() -> Arc<Subject> {
    subject(Principal::Practitioner(id("nurse")), Role::Clinician, "north")
}

pub fn reception() -> Arc<Subject> {
    subject(Principal::Practitioner(id("desk")), Role::Registration, "north")
}

pub fn elsewhere() -> Arc<Subject> {
    subject(Principal::Practitioner(id("other")), Role::Clinician, "south")
}

pub fn feed(hospital: &str) -> Arc<Subject> {
    subject(Principal::Device(id("feed")), Role::Integration, hospital)
}

impl World {
    pub fn new() -> World {
        let log = Arc::new(MemoryLog::new());
        let new = NewStore {
            origin: "accord.example/test".to_owned(),
            default_controller: id("north"),
            test_principals: true,
        };
        accord_engine::found(&*log, &new).unwrap();
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(1));
        let clock = Arc::new(ManualClock::new(NOW));
        let store_key = StoreKey::random(&*rng);
        let disk = Arc::new(SimDisk::new(1));
        let engine = World::opened(&log, &disk, &store_key, &clock);
        let (rules, kiosks) = (None, Arc::default());
        let world = World { engine, clock, rules, kiosks, log, disk, store_key };
        world.fill();
        world
    }

    fn opened(
        log: &Arc<MemoryLog>,
        disk: &Arc<SimDisk>,
        store_key: &StoreKey,
        clock: &Arc<ManualClock>,
    ) -> Arc<Engine> {
        let parts = Parts {
            log: log.clone(),
            disk: disk.clone(),
            store_key: store_key.clone(),
            clock: clock.clone(),
            rng: Arc::new(SeededRng::new(clock.now().0)),
        };
        let options = Options { chunk_rows: 64, referential_integrity: true, ..Options::default() };
        Engine::assemble(parts, &options).unwrap()
    }

    /// Closes the store and opens it again: what is left is what was written.
    pub fn restart(&mut self) {
        self.engine.close();
        self.engine = World::opened(&self.log, &self.disk, &self.store_key, &self.clock);
    }

    /// Hospitals, areas, staff and four patients of north.
    fn fill(&self) {
        let north = feed("north");
        for (name, title) in [("north", "North"), ("south", "South")] {
            let made = json!({"resourceType": "Organization", "id": name, "name": title});
            self.put(&feed(name), made);
        }
        for name in ["majors", "resus"] {
            let made = json!({"resourceType": "Location", "id": name, "name": name});
            self.put(&north, made);
        }
        for name in ["nurse", "desk", "other"] {
            self.put(&north, json!({"resourceType": "Practitioner", "id": name}));
        }
        for (name, born) in
            [("ann", "1950-01-02"), ("bob", "1970-05-05"), ("cat", "2024-06-01"), ("dan", "1990")]
        {
            self.put(
                &north,
                json!({"resourceType": "Patient", "id": name, "birthDate": born,
                    "gender": "female", "name": [{"given": [name], "family": "Hill"}],
                    "managingOrganization": {"reference": "Organization/north"}}),
            );
        }
    }

    pub fn ask(&self, subject: &Arc<Subject>, interaction: Interaction) -> Outcome {
        self.engine.handle_blocking(Request {
            subject: Arc::clone(subject),
            interaction,
            request_id: "t".to_owned(),
            controller: None,
            deadline: Deadline::NEVER,
        })
    }

    pub fn put(&self, subject: &Arc<Subject>, resource: Value) {
        let name = resource.get("resourceType").unwrap().as_str().unwrap();
        let resource_type = ResourceType::from_name(name).unwrap();
        let id = id(resource.get("id").unwrap().as_str().unwrap());
        let body = Arc::from(resource.to_string().into_bytes());
        let update = Interaction::Update { resource_type, id, body, if_match: None };
        self.ask(subject, update).unwrap();
    }

    /// Writes a resource of the feed of north, as another client would.
    pub fn fed(&self, resource: Value) {
        self.put(&feed("north"), resource);
    }

    pub fn bundle(&self, subject: &Arc<Subject>, entries: Vec<Value>) -> Outcome {
        let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
        let body = Arc::from(bundle.to_string().into_bytes());
        self.ask(subject, Interaction::Bundle { body, options: BundleOptions::default() })
    }

    pub fn wait(&self, minutes: u64) {
        self.clock.advance_us(minutes * MINUTE_US);
    }

    /// An operation: its name, the instance or none, and its parameters.
    pub fn operate(
        &self,
        subject: &Arc<Subject>,
        asked: (&str, Option<&str>),
        parameters: Value,
    ) -> Result<Value, String> {
        self.operate_by(subject, asked, parameters, &|request| self.engine.handle_blocking(request))
    }

    /// An operation whose interactions somebody else sends on.
    pub fn operate_by(
        &self,
        subject: &Arc<Subject>,
        (called, instance): (&str, Option<&str>),
        parameters: Value,
        send: &dyn Fn(Request) -> Outcome,
    ) -> Result<Value, String> {
        let signature = OPERATIONS.iter().find(|one| one.called == called).unwrap();
        let posted = signature.by.allows(true);
        let body = json!({"resourceType": "Parameters", "parameter": parameters});
        let body = if posted { body.to_string().into_bytes() } else { Vec::new() };
        let params = parameters.as_object().map(|all| {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            all.iter().map(|(name, value)| (name.clone(), text(value))).collect()
        });
        let asked = Asked {
            signature,
            id: instance.map(id),
            params: params.unwrap_or_default(),
            body: Arc::from(body),
            subject: Arc::clone(subject),
            rules: self.rules.clone(),
            kiosks: Arc::clone(&self.kiosks),
            request_id: "t".to_owned(),
            now: self.engine.now(),
            deadline: Deadline::NEVER,
        };
        match accord_emergency::answer(&asked, send) {
            Ok(Answer::Read(version)) => Ok(serde_json::from_str(&version.body).unwrap()),
            Ok(Answer::Resource(text)) => Ok(serde_json::from_str(&text).unwrap()),
            Ok(other) => panic!("{other:?}"),
            Err(failure) => {
                let issue = failure.issues.first().unwrap();
                Err(format!("{} {}", failure.category.status(), issue.diagnostics))
            }
        }
    }

    /// The file that an operation gives.
    pub fn file(&self, subject: &Arc<Subject>, called: &str) -> Result<String, String> {
        let asked = Asked {
            signature: OPERATIONS.iter().find(|one| one.called == called).unwrap(),
            id: None,
            params: Vec::new(),
            body: Arc::from([]),
            subject: Arc::clone(subject),
            rules: self.rules.clone(),
            kiosks: Arc::clone(&self.kiosks),
            request_id: "t".to_owned(),
            now: self.engine.now(),
            deadline: Deadline::NEVER,
        };
        let told = accord_emergency::file(&asked, &|request| self.engine.handle_blocking(request));
        told.map_err(|failure| failure.category.status().to_string())
    }

    /// Somebody arrives at the desk; the id of their Encounter.
    pub fn arrive(&self, patient: &str) -> String {
        let parameters = json!([
            {"name": "patient", "valueReference": {"reference": format!("Patient/{patient}")}},
            {"name": "area", "valueReference": {"reference": "Location/majors"}},
            {"name": "mode", "valueCode": "walk-in"},
            {"name": "complaint", "valueString": "Chest pain"}]);
        let encounter = self.operate(&reception(), ("$arrive", None), parameters).unwrap();
        encounter.get("id").unwrap().as_str().unwrap().to_owned()
    }

    pub fn assess(&self, encounter: &str, parameters: Vec<Value>) -> Result<Value, String> {
        self.operate(&nurse(), ("$assess", Some(encounter)), Value::Array(parameters))
    }

    /// All resources of a type that belong to an Encounter, as the nurse sees them.
    pub fn of(&self, resource_type: &str, encounter: &str) -> Vec<Value> {
        let url = format!("{resource_type}?encounter=Encounter/{encounter}&_count=1000");
        let found = self.ask(&nurse(), Interaction::get(&url).unwrap()).unwrap();
        let Answer::Page(page) = found else { panic!("{url}") };
        page.entries.iter().map(|one| serde_json::from_str(&one.body).unwrap()).collect()
    }

    pub fn board(&self, subject: &Arc<Subject>) -> Vec<Value> {
        self.board_of(subject, json!({}))
    }

    pub fn board_of(&self, subject: &Arc<Subject>, parameters: Value) -> Vec<Value> {
        let board = self.operate(subject, ("$board", None), parameters).unwrap();
        let all = board.get("parameter").unwrap().as_array().unwrap().clone();
        all.into_iter().filter(|one| one.get("name") == Some(&json!("encounter"))).collect()
    }
}

/// Vital signs of an adult as parameters: respiration, saturation, pressure, pulse, temperature.
pub fn vitals(values: [&str; 5], device: &str, consciousness: &str) -> Vec<Value> {
    let codes = [
        ("9279-1", "/min"),
        ("59408-5", "%"),
        ("8480-6", "mm[Hg]"),
        ("8867-4", "/min"),
        ("8310-5", "Cel"),
    ];
    let measured = codes.iter().zip(values).filter(|(_, value)| !value.is_empty());
    let mut all: Vec<Value> =
        measured.map(|((code, unit), value)| measured_as(code, value, unit)).collect();
    if !device.is_empty() {
        all.push(coded("oxygen-device", "urn:accord:oxygen-device", device));
    }
    if !consciousness.is_empty() {
        all.push(coded("67775-7", "urn:accord:acvpu", consciousness));
    }
    all
}

pub fn measured_as(code: &str, value: &str, unit: &str) -> Value {
    let number: Value = serde_json::from_str(value).unwrap();
    json!({"name": "vital", "part": [{"name": "code", "valueCode": code},
        {"name": "value", "valueQuantity":
            {"value": number, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}}]})
}

pub fn coded(code: &str, system: &str, value: &str) -> Value {
    json!({"name": "vital", "part": [{"name": "code", "valueCode": code},
        {"name": "value", "valueCodeableConcept": {"coding": [{"system": system, "code": value}]}}]})
}

pub fn acuity(level: u32) -> Value {
    json!({"name": "acuity", "valueInteger": level})
}

/// The value of a part along a path of names, as text; `-` if there is none.
pub fn told(of: &Value, path: &str) -> String {
    let mut here = of.clone();
    for name in path.split('.') {
        let inside = here.get("parameter").or_else(|| here.get("part"));
        let found = inside.and_then(Value::as_array).into_iter().flatten();
        let Some(found) = found.clone().find(|one| one.get("name") == Some(&json!(name))) else {
            return "-".to_owned();
        };
        here = found.clone();
    }
    let members = here.as_object().unwrap();
    let value = members.iter().find(|(name, _)| name.starts_with("value")).map(|(_, value)| value);
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Object(reference)) => reference
            .get("reference")
            .or_else(|| reference.get("code"))
            .map_or_else(|| "?".to_owned(), |text| text.as_str().unwrap_or_default().to_owned()),
        Some(other) => other.to_string(),
        None => "?".to_owned(),
    }
}

/// Several of them, with spaces between.
pub fn tell(of: &Value, paths: &str) -> String {
    paths.split(' ').map(|path| told(of, path)).collect::<Vec<_>>().join(" ")
}
