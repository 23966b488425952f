//! A store with a small population, and what else tries the rules: resources that name several
//! patients or none, consents, changes by people who are and are not entitled.

use std::collections::BTreeMap;
use std::sync::Arc;

use accord_base::{LogTime, Principal, Purpose, Role, SeededRng, Subject};
use accord_conformance::{Store, id};
use accord_engine::{Answer, Interaction, Version};
use accord_spec::ResourceType;
use accord_synth::{Population, SIGN_INS};
use serde_json::{Value, json};

use crate::rules::Written;

const ORGANIZATIONS: [&str; 6] = [
    "northgate-hospital",
    "riverside-hospital",
    "elm-street-practice",
    "harbour-pharmacy",
    "meadow-health-plan",
    "commons",
];
const PRACTITIONERS: [&str; 6] =
    ["dr-alder", "dr-birch", "dr-elder", "pharmacist-clover", "nurse-apple", "admin-sorrel"];

/// A store and who wrote what in it.
pub struct World {
    pub store: Store,
    pub journal: BTreeMap<(String, String, u32), Written>,
    rng: SeededRng,
    system: Arc<Subject>,
    patients: Vec<String>,
}

/// A subject by reference, such as `Practitioner/dr-alder`.
pub fn subject(
    reference: &str,
    role: Role,
    organization: Option<&str>,
    purpose: Purpose,
) -> Arc<Subject> {
    let (kind, name) = reference.split_once('/').unwrap();
    let principal = match kind {
        "Patient" => Principal::Patient(id(name)),
        "Device" => Principal::Device(id(name)),
        _ => Principal::Practitioner(id(name)),
    };
    let organization = organization.map(id);
    Arc::new(Subject {
        principal,
        role,
        organization,
        purpose,
        token_id: "t".to_owned(),
        test: true,
    })
}

/// Everyone who asks.
pub fn subjects() -> Vec<Arc<Subject>> {
    let known = SIGN_INS.iter().map(|s| subject(s.principal, s.role, s.organization, s.purpose));
    let more = [
        ("Patient/pat-hazel", Role::Patient, None, Purpose::Patrqt),
        ("Patient/pat-nobody", Role::Patient, None, Purpose::Patrqt),
        (
            "Practitioner/admin-sorrel",
            Role::Registration,
            Some("northgate-hospital"),
            Purpose::Treat,
        ),
        ("Practitioner/dr-alder", Role::Clinician, Some("riverside-hospital"), Purpose::Treat),
        ("Practitioner/dr-alder", Role::Clinician, Some("nowhere-clinic"), Purpose::Treat),
        ("Device/feed", Role::Integration, Some("riverside-hospital"), Purpose::Hoperat),
    ];
    known
        .chain(more.map(|(who, role, organization, why)| subject(who, role, organization, why)))
        .collect()
}

impl World {
    /// The world of a seed.
    pub fn new(seed: u64) -> World {
        let until = Population::DEFAULT_UNTIL;
        let mut world = World {
            store: Store::new(seed, until, 64),
            journal: BTreeMap::new(),
            rng: SeededRng::new(seed),
            system: Arc::new(Subject::system("world")),
            patients: Vec::new(),
        };
        let population = Population { patients: 5, seed, until, updates: true };
        for transaction in population.transactions() {
            world.transaction(&transaction.body, transaction.controller);
        }
        let versions = world.store.versions();
        let patients = versions.iter().filter(|v| v.resource_type == ResourceType::PATIENT);
        world.patients = patients.map(|v| v.id.to_string()).collect();
        world.patients.sort();
        world.patients.dedup();
        for n in 0..120 {
            world.store.clock.advance_us(LogTime::SECOND_US);
            world.event(n);
        }
        world.store.clock.advance_us(LogTime::SECOND_US);
        world
    }

    fn transaction(&mut self, body: &str, controller: &str) {
        let outcome = self.store.bundle(&self.system, body, Some(controller));
        let Ok(Answer::Bundle { entries, .. }) = outcome else { panic!("{outcome:?}") };
        for entry in entries {
            match entry.unwrap() {
                Answer::Created(version) | Answer::Updated(version) => {
                    self.written(&version, Role::System, controller);
                }
                _ => {}
            }
        }
    }

    fn written(&mut self, version: &Version, role: Role, controller: &str) {
        let key =
            (version.resource_type.name().to_owned(), version.id.to_string(), version.version);
        self.journal.insert(key, Written { role, controller: controller.to_owned() });
    }

    fn put(&mut self, who: &Arc<Subject>, body: &Value, controller: &str) {
        let (kind, name) = (body["resourceType"].as_str().unwrap(), body["id"].as_str().unwrap());
        let stated = (who.role == Role::System).then_some(controller);
        let outcome = self.store.put(who, (kind, name), &body.to_string(), stated);
        match outcome {
            Ok(Answer::Created(version) | Answer::Updated(version)) => {
                self.written(&version, who.role, controller);
            }
            Err(_) if who.role != Role::System => {}
            other => panic!("{other:?}\n{body}"),
        }
    }

    fn below(&self, bound: usize) -> usize {
        self.rng.below(bound as u64) as usize
    }

    fn pick<'a>(&self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    fn patient(&self) -> String {
        format!("Patient/{}", self.patients[self.below(self.patients.len())])
    }

    /// A patient, or a professional.
    fn person(&self) -> String {
        match self.below(3) {
            0 => format!("Practitioner/{}", self.pick(&PRACTITIONERS)),
            _ => self.patient(),
        }
    }

    /// Something happens.
    fn event(&mut self, n: usize) {
        let controller = self.pick(&ORGANIZATIONS).to_owned();
        let system = self.system.clone();
        match self.below(12) {
            0..5 => {
                let name = format!("extra-{}", self.below(40));
                let body = self.extra(&name);
                self.put(&system, &body, &controller);
            }
            5 | 6 => {
                let body = self.consent(&format!("consent-{}", self.below(12)));
                self.put(&system, &body, &controller);
            }
            7 => {
                let body = self.care_team(&format!("team-{}", self.below(10)));
                let who = self.writer();
                let own = who.organization.as_ref().map(|o| o.to_string());
                self.put(&who, &body, &own.unwrap_or(controller));
            }
            8 | 9 => self.move_encounter(),
            10 => self.delete(),
            _ => {
                let body = self.new_encounter(&format!("visit-{n}"), &controller);
                self.put(&system, &body, &controller);
            }
        }
    }

    /// Someone who may or may not be entitled to state facts.
    fn writer(&self) -> Arc<Subject> {
        match self.below(3) {
            0 => self.system.clone(),
            _ => {
                let all = subjects();
                let staff: Vec<_> = all.into_iter().filter(|s| s.organization.is_some()).collect();
                staff[self.below(staff.len())].clone()
            }
        }
    }

    /// A resource that names several patients, one or none.
    fn extra(&self, name: &str) -> Value {
        let status = |mut body: Value, more: &[(&str, Value)]| {
            for (member, value) in more.iter().filter(|_| self.below(3) > 0) {
                body[*member] = value.clone();
            }
            body
        };
        let one = |reference: String| json!({ "reference": reference });
        match self.below(5) {
            0 => status(
                json!({"resourceType": "Observation", "id": name, "status": "final",
                       "code": {"text": "seen", "coding": [{"system": "http://loinc.org", "code": "8310-5"}]}}),
                &[("subject", one(self.patient())), ("performer", json!([one(self.person())]))],
            ),
            1 => status(
                json!({"resourceType": "Communication", "id": name, "status": "completed"}),
                &[
                    ("subject", one(self.patient())),
                    ("sender", one(self.person())),
                    ("recipient", json!([one(self.person()), one(self.patient())])),
                ],
            ),
            2 => status(
                json!({"resourceType": "List", "id": name, "status": "current", "mode": "working"}),
                &[("subject", one(self.patient())), ("source", one(self.person()))],
            ),
            3 => status(
                json!({"resourceType": "Basic", "id": name, "code": {"text": "note"}}),
                &[("subject", one(self.patient())), ("author", one(self.person()))],
            ),
            _ => json!({"resourceType": "AllergyIntolerance", "id": name,
                        "patient": one(self.patient()), "recorder": one(self.person())}),
        }
    }

    /// Dates on both sides of the instants at which is asked.
    fn dates(&self) -> Value {
        const DATES: [&str; 6] = [
            "2020-01-01",
            "2026-05-31",
            "2026-06-10",
            "2026-07-15T10:00:00Z",
            "2026-08-20",
            "2030",
        ];
        let from = self.below(5);
        let until = from + 1 + self.below(5 - from);
        let mut period = json!({});
        if self.below(3) > 0 {
            period["start"] = DATES[from].into();
        }
        if self.below(3) > 0 || period.as_object().unwrap().is_empty() {
            period["end"] = DATES[until].into();
        }
        period
    }

    fn consent(&self, name: &str) -> Value {
        let mut deny = json!({"type": "deny"});
        if self.below(4) > 0 {
            let whom = format!("Organization/{}", self.pick(&ORGANIZATIONS[..5]));
            deny["actor"] = json!([{"role": {"text": "who"}, "reference": {"reference": whom}}]);
        }
        if self.below(2) == 0 {
            deny["period"] = self.dates();
        }
        let root = match self.below(3) {
            0 => json!({"type": "permit", "provision": [deny]}),
            _ => deny,
        };
        json!({"resourceType": "Consent", "id": name,
               "status": self.pick(&["active", "active", "active", "inactive"]),
               "scope": {"coding": [{"code": self.pick(&["patient-privacy", "patient-privacy", "research"])}]},
               "category": [{"text": "c"}], "policyRule": {"text": "p"},
               "patient": {"reference": self.patient()}, "provision": root})
    }

    fn care_team(&self, name: &str) -> Value {
        let mut team = json!({"resourceType": "CareTeam", "id": name, "status": "active",
            "subject": {"reference": self.patient()},
            "participant": [{"member": {"reference": format!("Practitioner/{}", self.pick(&PRACTITIONERS))}}]});
        if self.below(2) == 0 {
            let whom = format!("Organization/{}", self.pick(&ORGANIZATIONS[..5]));
            team["managingOrganization"] = json!([{"reference": whom}]);
        }
        if self.below(2) == 0 {
            team["period"] = self.dates();
        }
        if self.below(3) == 0 {
            team["participant"][0]["period"] = self.dates();
        }
        team
    }

    fn new_encounter(&self, name: &str, controller: &str) -> Value {
        let mut visit = json!({"resourceType": "Encounter", "id": name,
            "status": self.pick(&["planned", "arrived", "in-progress", "finished"]),
            "class": {"code": "AMB"}, "subject": {"reference": self.patient()}});
        if controller != "commons" && self.below(2) == 0 {
            visit["serviceProvider"] =
                json!({"reference": format!("Organization/{}", self.pick(&ORGANIZATIONS[..5]))});
        }
        if self.below(2) == 0 {
            visit["period"] = json!({"start": "2026-01-01", "end": self.pick(&["2026-02-01", "2026-04-20", "2026-05-30T12:00:00Z"])});
        }
        visit
    }

    /// A current version of a random resource, by the system's eyes.
    fn any(&self, kind: Option<&str>) -> Option<Version> {
        let versions = self.store.versions();
        let of_kind: Vec<Version> = versions
            .into_iter()
            .filter(|v| kind.is_none_or(|k| v.resource_type.name() == k))
            .collect();
        let version = of_kind.get(self.below(of_kind.len()))?;
        let newest = of_kind
            .iter()
            .rfind(|v| v.id == version.id && v.resource_type == version.resource_type);
        newest.filter(|v| !v.deleted).cloned()
    }

    /// Someone lets an encounter go on, or end.
    fn move_encounter(&mut self) {
        let Some(version) = self.any(Some("Encounter")) else { return };
        let mut body: Value = serde_json::from_str(&version.body).unwrap();
        body["status"] = self.pick(&["in-progress", "finished", "cancelled", "onleave"]).into();
        match self.below(3) {
            0 => {
                body["period"] = json!({"start": "2026-01-01", "end": self.pick(&["2026-02-01", "2026-04-20", "2026-06-01"])});
            }
            1 => drop(body.as_object_mut().unwrap().shift_remove("period")),
            _ => {}
        }
        let who = self.writer();
        let first = (version.resource_type.name().to_owned(), version.id.to_string(), 1);
        let controller = match &who.organization {
            Some(own) => own.to_string(),
            None if self.below(4) == 0 => self.pick(&ORGANIZATIONS[..5]).to_owned(),
            None => self.journal[&first].controller.clone(),
        };
        self.put(&who, &body, &controller);
    }

    fn delete(&mut self) {
        let kinds = ["Consent", "Observation", "Encounter", "CareTeam", "Basic", "List"];
        let Some(version) = self.any(Some(self.pick(&kinds))) else { return };
        let interaction = Interaction::Delete {
            resource_type: version.resource_type,
            id: version.id,
            if_match: None,
        };
        self.store.ask(&self.system, interaction).unwrap();
    }
}
