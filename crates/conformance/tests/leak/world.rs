//! A store with a small population, and what else tries the rules: resources that name several
//! patients or none, consents, changes by people who are and are not entitled.

use std::collections::BTreeMap;
use std::sync::Arc;

use accord_base::{Grant, LogTime, Principal, Purpose, Role, Scopes, SeededRng, Subject};
use accord_conformance::{Store, id};
use accord_engine::{Answer, Interaction, OPERATIONS, Operation, Outcome, Version};
use accord_spec::ResourceType;
use accord_synth::{Population, SIGN_INS};
use serde_json::{Value, json};

use crate::events::{agreement, own};
use crate::people::Transferred;
use crate::rules::Written;

pub const ORGANIZATIONS: [&str; 6] = [
    "northgate-hospital",
    "riverside-hospital",
    "elm-street-practice",
    "harbour-pharmacy",
    "meadow-health-plan",
    "commons",
];
pub const PRACTITIONERS: [&str; 6] =
    ["dr-alder", "dr-birch", "dr-elder", "pharmacist-clover", "nurse-apple", "admin-sorrel"];

/// A store and who wrote what in it.
pub struct World {
    pub store: Store,
    pub journal: BTreeMap<(String, String, u32), Written>,
    rng: SeededRng,
    system: Arc<Subject>,
    patients: Vec<String>,
    /// Merges that hold: source and target.
    merges: Vec<(String, String)>,
    /// Records that went to other organisations, in order.
    pub transfers: Vec<Transferred>,
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
        "RelatedPerson" => Principal::RelatedPerson(id(name)),
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
        grant: None,
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
        ("Practitioner/payor-cedar", Role::Payor, Some("meadow-health-plan"), Purpose::Hpaymt),
        (
            "Practitioner/admin-sorrel",
            Role::PrivacyOfficer,
            Some("northgate-hospital"),
            Purpose::Hoperat,
        ),
        ("Device/feed", Role::Integration, Some("riverside-hospital"), Purpose::Hoperat),
        ("Practitioner/dr-birch", Role::Researcher, Some("northgate-hospital"), Purpose::Hresch),
        ("RelatedPerson/carer-0", Role::Proxy, None, Purpose::Patrqt),
        ("RelatedPerson/carer-1", Role::Proxy, None, Purpose::Patrqt),
        ("Patient/pat-willow", Role::Proxy, None, Purpose::Patrqt),
        (
            "Practitioner/admin-sorrel",
            Role::Registration,
            Some("northgate-hospital"),
            Purpose::Hoperat,
        ),
    ];
    known
        .chain(more.map(|(who, role, organization, why)| subject(who, role, organization, why)))
        .chain(apps())
        .collect()
}

/// Category system of observations.
const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";

/// The same people through apps, whose tokens have scopes.
fn apps() -> Vec<Arc<Subject>> {
    let alder = ("Practitioner/dr-alder", Role::Clinician, Some("northgate-hospital"));
    let hazel = ("Patient/pat-hazel", Role::Patient, None);
    let feed = ("Device/feed", Role::Integration, Some("northgate-hospital"));
    let laboratory = format!("user/Observation.rs?category={CATEGORY}|laboratory user/Patient.rs");
    let two = format!(
        "patient/Observation.rs?category={CATEGORY}|vital-signs&status=final \
         user/Observation.rs?category=laboratory patient/Condition.rs user/Practitioner.read"
    );
    let granted = [
        (alder, &*laboratory, None),
        (alder, &two, Some("pat-willow")),
        (alder, "patient/*.cruds", Some("pat-hazel")),
        (alder, "user/Encounter.rs?status=finished", None),
        (hazel, "patient/*.read", Some("pat-hazel")),
        (hazel, "patient/Observation.rs?code=8867-4,85354-9 patient/Patient.rs", Some("pat-hazel")),
        (feed, "system/Observation.cruds system/Patient.rs", None),
    ];
    let made = granted.into_iter().map(|((who, role, organization), scopes, patient)| {
        let purpose = match role {
            Role::Patient => Purpose::Patrqt,
            Role::Integration => Purpose::Hoperat,
            _ => Purpose::Treat,
        };
        let grant = Grant {
            id: "g".to_owned(),
            client: "app".to_owned(),
            scopes: Scopes::parse(scopes).unwrap(),
            patient: patient.map(id),
        };
        let plain = subject(who, role, organization, purpose);
        Arc::new(Subject { grant: Some(Arc::new(grant)), ..(*plain).clone() })
    });
    made.collect()
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
            merges: Vec::new(),
            transfers: Vec::new(),
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
        world.someone_sent();
        for controller in &ORGANIZATIONS[..3] {
            let body = world.agreement(&format!("agreement-of-{controller}"), controller);
            let system = world.system.clone();
            world.put(&system, &body, controller);
        }
        world.parameters();
        for n in 0..180 {
            world.store.clock.advance_us(LogTime::SECOND_US);
            world.event(n);
        }
        for n in 0..9 {
            world.store.clock.advance_us(LogTime::SECOND_US);
            world.known_of(n);
        }
        world.someone_sealed();
        world.store.clock.advance_us(LogTime::SECOND_US);
        assert!(world.store.engine.wait_until_indexed());
        world
    }

    /// Search parameters of the store's own, after some of what they find and before the rest.
    fn parameters(&mut self) {
        let system = self.system.clone();
        for (of, code, kind, expression) in crate::requests::OWN {
            let body = json!({"resourceType": "SearchParameter", "id": code, "status": "active",
                "code": code, "name": code, "url": format!("http://example.org/{code}"),
                "description": "of the store's own", "base": [of], "type": kind,
                "expression": expression});
            self.put(&system, &body, "northgate-hospital");
        }
    }

    /// A patient whom nobody cares for, whom one organisation refers to another and says a payor
    /// covers, with agreements for both: what crosses, crosses by the referral alone.
    fn someone_sent(&mut self) {
        let (system, controller) = (self.system.clone(), "riverside-hospital");
        let patient = json!({"reference": "Patient/pat-sent"});
        let to = |id: &str| json!([{"reference": format!("Organization/{id}")}]);
        let (practice, plan) = ("elm-street-practice", "meadow-health-plan");
        let parties = |to| (controller, to);
        let care = ("clinician", "TREAT");
        let care = agreement("sent-for-care", parties(practice), care, own("clinical"), "referred");
        let pay = ("payor", "HPAYMT");
        let pay = agreement("sent-for-pay", parties(plan), pay, own("coverage"), "referred");
        for body in [
            json!({"resourceType": "Patient", "id": "pat-sent"}),
            json!({"resourceType": "Observation", "id": "sent-seen", "status": "final",
                "code": {"text": "seen"}, "subject": patient}),
            json!({"resourceType": "ServiceRequest", "id": "sent-on", "status": "active",
                "intent": "order", "authoredOn": "2026-05-01", "subject": patient,
                "performer": to(practice)}),
            json!({"resourceType": "Coverage", "id": "sent-cover", "status": "active",
                "beneficiary": patient, "payor": to(plan)}),
            care,
            pay,
        ] {
            self.put(&system, &body, controller);
        }
    }

    /// A patient in care who waits in an emergency department, part of whose record is sealed and
    /// not locked, whatever else happens: so that every world has markers and a board.
    fn someone_sealed(&mut self) {
        let system = self.system.clone();
        let patient = json!({"reference": "Patient/pat-sealed"});
        let member = |who: &&str| json!({"member": {"reference": format!("Practitioner/{who}")}});
        let members: Vec<Value> = PRACTITIONERS.iter().map(member).collect();
        let class = json!([{"system": "http://hl7.org/fhir/resource-types", "code": "Condition"}]);
        let flag = json!([{"meaning": "instance", "reference": {"reference": "Flag/sealed-flag"}}]);
        let seal = |id: &str, provision: Value| {
            json!({"resourceType": "Consent", "id": id,
                "meta": {"profile": ["urn:accord:profile:seal"]}, "status": "active",
                "scope": {"text": "seal"}, "policyRule": {"text": "seal"},
                "category": [{"coding": [{"system": "urn:accord:codes", "code": "sealed"}]}],
                "patient": patient, "provision": provision})
        };
        for body in [
            json!({"resourceType": "Patient", "id": "pat-sealed"}),
            json!({"resourceType": "CareTeam", "id": "team-sealed", "status": "active",
                "subject": patient, "participant": members}),
            json!({"resourceType": "Condition", "id": "sealed", "subject": patient}),
            json!({"resourceType": "Encounter", "id": "sealed-here", "status": "arrived",
                "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                    "code": "EMER"},
                "subject": patient, "period": {"start": "2026-06-01T08:00:00Z"},
                "serviceProvider": {"reference": "Organization/northgate-hospital"}}),
            json!({"resourceType": "Flag", "id": "sealed-flag", "status": "active",
                "code": {"text": "on the board of nobody"}, "subject": patient}),
            json!({"resourceType": "Flag", "id": "open-flag", "status": "active",
                "code": {"text": "on every board"}, "subject": patient}),
            seal("seal-known", json!({"type": "deny", "class": class})),
            seal("seal-flag", json!({"type": "deny", "data": flag})),
        ] {
            self.put(&system, &body, "northgate-hospital");
        }
    }

    /// Something is sealed where patients are cared for, and not locked.
    fn known_of(&mut self, n: usize) {
        let system = self.system.clone();
        let mut body = self.seal(&format!("known-{n}"));
        body["status"] = "active".into();
        body["category"][0]["coding"][0]["code"] = "sealed".into();
        if n < 5 {
            body["provision"] = json!({"type": "deny"});
        }
        self.put(&system, &body, ORGANIZATIONS[n % 3]);
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
        let body = self.talkative(body.clone());
        let outcome = self.store.put(who, (kind, name), &body.to_string(), stated);
        match outcome {
            Ok(Answer::Created(version) | Answer::Updated(version)) => {
                self.written(&version, who.role, controller);
            }
            Err(_) if who.role != Role::System => {}
            other => panic!("{other:?}\n{body}"),
        }
    }

    /// The same resource, in which some references tell of what they refer to, and a narrative
    /// repeats it.
    fn talkative(&self, mut body: Value) -> Value {
        self.hold(&mut body);
        let mut names = false;
        for (_, member) in body.as_object_mut().unwrap() {
            self.tell(member, &mut names);
        }
        if self.below(3) == 0 {
            let of = self.pick(&["Observation", "List", "Basic", "Communication"]);
            let to = match self.below(3) {
                0 => format!("Encounter/visit-{}", self.below(200)),
                1 => format!("{of}/extra-{}", self.below(40)),
                _ => format!("CareTeam/team-{}", self.below(12)),
            };
            let that = json!({"reference": to, "display": format!("told of {to}")});
            let about = json!({"url": "urn:x:about", "valueReference": that});
            match body["extension"].as_array_mut() {
                Some(extensions) => extensions.push(about),
                None => body["extension"] = json!([about]),
            }
            names = true;
        }
        if names && self.below(3) == 0 {
            let div = "<div xmlns=\"http://www.w3.org/1999/xhtml\">seen by someone</div>";
            body["text"] = json!({"status": "generated", "div": div});
        }
        body
    }

    fn tell(&self, value: &mut Value, names: &mut bool) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.tell(item, names)),
            Value::Object(members) => {
                members.values_mut().for_each(|member| self.tell(member, names));
                let Some(target) = members.get("reference").and_then(Value::as_str) else { return };
                let told = format!("told of {target}");
                *names = true;
                if self.below(2) == 0 {
                    members.insert("display".to_owned(), told.clone().into());
                }
                if self.below(4) == 0 {
                    let by = json!({"system": "urn:x", "value": told});
                    members.shift_insert(0, "identifier".to_owned(), by);
                }
                if self.below(8) == 0 {
                    let someone = json!({"reference": self.patient(), "display": "someone"});
                    let more = json!([{"url": "urn:x:more", "valueReference": someone}]);
                    members.insert("extension".to_owned(), more);
                }
            }
            _ => {}
        }
    }

    pub fn below(&self, bound: usize) -> usize {
        self.rng.below(bound as u64) as usize
    }

    pub fn pick<'a>(&self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    pub fn patient(&self) -> String {
        format!("Patient/{}", self.patients[self.below(self.patients.len())])
    }

    /// A patient, or a professional.
    pub fn person(&self) -> String {
        match self.below(3) {
            0 => format!("Practitioner/{}", self.pick(&PRACTITIONERS)),
            _ => self.patient(),
        }
    }

    /// Something happens.
    fn event(&mut self, n: usize) {
        let controller = self.pick(&ORGANIZATIONS).to_owned();
        let system = self.system.clone();
        match self.below(35) {
            33 | 34 => {
                let body = self.ordinary_task(&format!("task-{}", self.below(10)));
                let who = self.writer();
                let own = who.organization.as_ref().map(|o| o.to_string());
                self.put(&who, &body, &own.unwrap_or(controller));
            }
            32 => self.transfer(),
            30 => {
                let body = self.label_rule(&format!("rule-{}", self.below(5)));
                let who = self.writer();
                let own = who.organization.as_ref().map(|o| o.to_string());
                self.put(&who, &body, &own.unwrap_or(controller));
                assert!(self.store.engine.wait_until_labelled());
            }
            31 => self.merge_or_not(),
            15 => {
                let body = self.referral(&format!("referral-{}", self.below(10)));
                let who = self.writer();
                let own = who.organization.as_ref().map(|o| o.to_string());
                self.put(&who, &body, &own.unwrap_or(controller));
            }
            16 => {
                let body = self.coverage(&format!("coverage-{}", self.below(8)));
                self.put(&system, &body, &controller);
            }
            17 | 18 => {
                let body = self.agreement(&format!("agreement-{}", self.below(12)), &controller);
                let who = self.writer();
                let own = who.organization.as_ref().map(|o| o.to_string());
                self.put(&who, &body, &own.unwrap_or(controller));
            }
            19..22 => self.claim(),
            22 | 23 => {
                let body = self.seal(&format!("seal-{}", self.below(8)));
                let who = self.writer();
                let own = who.organization.as_ref().map(|o| o.to_string());
                self.put(&who, &body, &own.unwrap_or(controller));
            }
            24 | 25 => {
                let body = self.related_person(&format!("carer-{}", self.below(2)));
                self.put(&system, &body, &controller);
            }
            26 => {
                let body = self.grant(&format!("grant-{}", self.below(5)));
                self.put(&system, &body, &controller);
            }
            27 => self.protect(),
            28 => {
                let body = self.cleared(&format!("cleared-{}", self.below(3)));
                self.put(&system, &body, &controller);
            }
            29 => {
                let body = self.group(&format!("group-{}", self.below(4)));
                self.put(&system, &body, &controller);
            }
            12 => {
                let body = self.appointment(&format!("appointment-{}", self.below(10)));
                let who = self.writer();
                let own = who.organization.as_ref().map(|o| o.to_string());
                self.put(&who, &body, &own.unwrap_or(controller));
            }
            13 => {
                let body = self.episode(&format!("episode-{}", self.below(8)));
                let who = self.writer();
                let own = who.organization.as_ref().map(|o| o.to_string());
                self.put(&who, &body, &own.unwrap_or(controller));
            }
            14 => {
                let body = self.post(&format!("post-{}", self.below(6)));
                self.put(&system, &body, &controller);
            }
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

    /// Two records become one, or are two again.
    fn merge_or_not(&mut self) {
        let unmerged = self.merges.len() > 1 && self.below(2) == 0;
        let (one, other, outcome) = if unmerged {
            let at = self.below(self.merges.len());
            let (one, other) = self.merges[at].clone();
            let outcome = self.operation("$unmerge", &[("source-patient", &one)]);
            if outcome.is_ok() {
                self.merges.remove(at);
            }
            (one, other, outcome)
        } else {
            let (one, other) = (self.patient(), self.patient());
            let sides = [("source-patient", &*one), ("target-patient", &*other)];
            let outcome = self.operation("$merge", &sides);
            let again = self.merges.contains(&(one.clone(), other.clone()));
            if outcome.is_ok() && !again {
                self.merges.push((one.clone(), other.clone()));
            }
            (one, other, outcome)
        };
        if outcome.is_err() {
            return;
        }
        // Whoever merges states nothing anew: as those write who are not entitled to.
        for version in self.store.versions() {
            let name = format!("Patient/{}", version.id);
            if version.resource_type == ResourceType::PATIENT && (name == one || name == other) {
                let first = ("Patient".to_owned(), version.id.to_string(), 1);
                let controller = self.journal[&first].controller.clone();
                let key = ("Patient".to_owned(), version.id.to_string(), version.version);
                let role = Role::Clinician;
                self.journal.entry(key).or_insert(Written { role, controller });
            }
        }
    }

    /// A record goes to another organisation, if nothing keeps it.
    fn transfer(&mut self) {
        let patient = self.patient();
        let receiver = self.pick(&ORGANIZATIONS[..5]).to_owned();
        let to = format!("Organization/{receiver}");
        let sides = [("patient", &*patient), ("receiver", &*to)];
        let Ok(Answer::Resource(told)) = self.operation("$offer-transfer", &sides) else { return };
        let told: Value = serde_json::from_str(&told).unwrap();
        let parameters = told["parameter"].as_array().unwrap();
        let result = parameters.iter().find(|p| p["name"] == "result").unwrap();
        let offer = result["resource"]["id"].as_str().unwrap().to_owned();
        let giver = result["resource"]["requester"]["reference"].as_str().unwrap();
        let giver = giver.strip_prefix("Organization/").unwrap().to_owned();
        self.kept_by(&giver, &receiver);
        let offer = format!("Task/{offer}");
        if self.operation("$accept-transfer", &[("offer", &offer)]).is_err() {
            return;
        }
        let at = self.kept_by(&giver, &receiver);
        let patient = patient.strip_prefix("Patient/").unwrap().to_owned();
        self.transfers.push(Transferred { at, patient, giver, receiver });
        assert!(self.store.engine.wait_until_labelled());
    }

    /// Notes the Tasks of a transfer that are new, and when they were written.
    fn kept_by(&mut self, giver: &str, receiver: &str) -> LogTime {
        let mut at = LogTime(0);
        for version in self.store.versions() {
            let key =
                (version.resource_type.name().to_owned(), version.id.to_string(), version.version);
            if key.0 != "Task" || version.body.is_empty() || self.journal.contains_key(&key) {
                continue;
            }
            let body: Value = serde_json::from_str(&version.body).unwrap();
            let taken = !body["focus"].is_null();
            let controller = if taken { receiver } else { giver }.to_owned();
            at = version.last_updated;
            self.journal.insert(key, Written { role: Role::System, controller });
        }
        at
    }

    fn operation(&self, name: &str, references: &[(&str, &str)]) -> Outcome {
        let parameter =
            |(name, to): &(&str, &str)| json!({"name": name, "valueReference": {"reference": to}});
        let mut parameters: Vec<Value> = references.iter().map(parameter).collect();
        if name == "$offer-transfer" {
            parameters.push(json!({"name": "reason", "valueString": "it closes"}));
        }
        let body = json!({"resourceType": "Parameters", "parameter": parameters});
        let signature = OPERATIONS.iter().find(|o| o.name() == name).unwrap();
        let body = Arc::from(body.to_string().into_bytes());
        let operation = Operation { signature, id: None, params: Vec::new(), body };
        self.store.ask(&self.system, Interaction::Operation(Box::new(operation)))
    }

    /// A professional takes access, or tries to in someone else's name.
    fn claim(&mut self) {
        let all = subjects();
        let treating: Vec<_> =
            all.iter().filter(|s| matches!(s.role, Role::Clinician | Role::Pharmacist)).collect();
        let who = treating[self.below(treating.len())].clone();
        let by = match self.below(6) {
            0 => format!("Practitioner/{}", self.pick(&PRACTITIONERS)),
            _ => who.reference(),
        };
        let body = self.new_claim(&by);
        let interaction = Interaction::Create {
            resource_type: ResourceType::from_name("Task").unwrap(),
            body: Arc::from(body.to_string().into_bytes()),
            if_none_exist: None,
        };
        let own = who.organization.as_ref().unwrap().to_string();
        if let Ok(Answer::Created(version)) = self.store.ask(&who, interaction) {
            assert_eq!(by, who.reference(), "nobody claims in another's name");
            self.written(&version, who.role, &own);
            self.obliged(version.last_updated, &own);
        }
    }

    /// What the server wrote along with a claim: notice, alert, review.
    fn obliged(&mut self, at: LogTime, own: &str) {
        let along = self.store.versions().into_iter().filter(|v| v.last_updated == at);
        let along: Vec<Version> = along.filter(|v| v.version == 1).collect();
        for version in along {
            let name = (version.resource_type.name().to_owned(), version.id.to_string(), 1);
            if !self.journal.contains_key(&name) {
                self.written(&version, Role::System, own);
            }
        }
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

    /// A patient's whereabouts become protected, or no longer are.
    fn protect(&mut self) {
        let Some(version) = self.any(Some("Patient")) else { return };
        let name = format!("Patient/{}", version.id);
        if self.merges.iter().any(|(source, _)| *source == name) {
            // A record that was merged takes no writes.
            return;
        }
        let mut body: Value = serde_json::from_str(&version.body).unwrap();
        let system = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
        body["meta"] = match self.below(2) {
            0 => json!({"security": [{"system": system, "code": "R"}]}),
            _ => json!({"security": [{"system": system, "code": "N"}]}),
        };
        let key = ("Patient".to_owned(), version.id.to_string(), 1);
        let controller = self.journal[&key].controller.clone();
        let who = self.system.clone();
        self.put(&who, &body, &controller);
    }

    fn delete(&mut self) {
        let kinds = [
            "Appointment",
            "Basic",
            "Contract",
            "Coverage",
            "ServiceRequest",
            "CareTeam",
            "Consent",
            "Encounter",
            "EpisodeOfCare",
            "Group",
            "List",
            "RelatedPerson",
            "Observation",
            "PractitionerRole",
        ];
        let Some(version) = self.any(Some(self.pick(&kinds))) else { return };
        let interaction = Interaction::Delete {
            resource_type: version.resource_type,
            id: version.id,
            if_match: None,
        };
        self.store.ask(&self.system, interaction).unwrap();
    }
}
