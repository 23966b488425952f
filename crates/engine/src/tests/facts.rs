//! Facts decide for others when they are durable and published, and not before.

use std::sync::mpsc;

use accord_store::log::Fault;

use super::*;

const ENCOUNTER: &str = r#"{"resourceType":"Encounter","id":"e","status":"in-progress",
    "class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"IMP"},
    "subject":{"reference":"Patient/p"},
    "serviceProvider":{"reference":"Organization/new-hospital"}}"#;
const DENIAL: &str = r#"{"resourceType":"Consent","id":"c","status":"active",
    "scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope",
        "code":"patient-privacy"}]},
    "category":[{"text":"privacy"}],"patient":{"reference":"Patient/p"},
    "policyRule":{"text":"opt-out"},
    "provision":{"type":"deny","actor":[{"role":{"text":"whoever"},
        "reference":{"reference":"Organization/new-hospital"}}]}}"#;

fn feed() -> Arc<Subject> {
    subject(Principal::Device(id("feed")), Role::Integration)
}

fn clinician() -> Arc<Subject> {
    subject(Principal::Practitioner(id("dr")), Role::Clinician)
}

fn put(resource_type: ResourceType, name: &str, body: &str) -> Request {
    let (id, body) = (id(name), Arc::from(body.as_bytes()));
    request(feed(), Interaction::Update { resource_type, id, body, if_match: None })
}

fn put_patient() -> Request {
    put(ResourceType::PATIENT, "p", r#"{"resourceType":"Patient","id":"p"}"#)
}

fn put_encounter() -> Request {
    put(ResourceType::ENCOUNTER, "e", ENCOUNTER)
}

/// The patient denies the hospital, or does so no longer.
fn consent(denies: bool) -> Request {
    let body = if denies { DENIAL.to_owned() } else { DENIAL.replace("active", "inactive") };
    put(ResourceType::CONSENT, "c", &body)
}

/// Whether the clinician finds the patient.
fn found(engine: &Arc<Engine>) -> bool {
    let interaction = Interaction::Read {
        resource_type: ResourceType::PATIENT,
        id: id("p"),
        if_none_match: None,
        if_modified_since: None,
    };
    match engine.handle_blocking(request(clinician(), interaction)) {
        Ok(_) => true,
        Err(failure) => {
            assert_eq!(failure.category, Category::NotFound);
            false
        }
    }
}

/// A store and its log.
struct World {
    engine: Arc<Engine>,
    log: Arc<MemoryLog>,
    _store: Store,
}

impl World {
    fn new() -> World {
        let log = Arc::new(MemoryLog::new());
        let store = Store::with(Store::parts_on(log.clone()), AnswerLimits::default());
        let world = World { engine: store.engine.clone(), log, _store: store };
        world.engine.handle_blocking(put_patient()).unwrap();
        world
    }

    fn with_patient_in_care() -> World {
        let world = World::new();
        world.engine.handle_blocking(put_encounter()).unwrap();
        world
    }

    /// Runs a request whose group stands before its flush when the clinician looks; gives what
    /// they find then, and the outcome.
    fn seen_before_flush(&self, request: Request) -> (bool, Outcome) {
        let (tell, told) = mpsc::channel();
        let engine = self.engine.clone();
        self.log.before_next_append(move || tell.send(found(&engine)).unwrap());
        let outcome = self.engine.handle_blocking(request);
        (told.recv().unwrap(), outcome)
    }
}

#[test]
fn facts_decide_once_they_are_published() {
    let world = World::new();
    for (write, before, after) in [
        (put_encounter(), false, true),
        (consent(true), true, false),
        (consent(false), false, true),
    ] {
        let (seen, outcome) = world.seen_before_flush(write);
        outcome.unwrap();
        assert_eq!((seen, found(&world.engine)), (before, after));
    }
}

#[test]
fn facts_that_could_not_be_stored_decide_nothing() {
    for fault in [Fault::Refuse, Fault::LoseUncertain, Fault::KeepUncertain] {
        for denied in [false, true] {
            let world = World::with_patient_in_care();
            world.engine.handle_blocking(consent(denied)).unwrap();
            world.log.fail_next(fault);
            let (seen, outcome) = world.seen_before_flush(consent(!denied));
            assert_eq!(outcome.unwrap_err().category, Category::Fault);
            assert_eq!((seen, found(&world.engine)), (!denied, !denied));
        }
    }
}

/// Commits that wait while another group is flushed come in one group.
#[test]
fn later_members_of_a_group_are_decided_on_its_facts() {
    let world = World::with_patient_in_care();
    let observation = r#"{"resourceType":"Observation","status":"final","code":{"text":"x"},
        "subject":{"reference":"Patient/p"}}"#;
    let observe = || {
        let interaction = Interaction::Create {
            resource_type: ResourceType::OBSERVATION,
            body: Arc::from(observation.as_bytes()),
            if_none_exist: None,
        };
        request(clinician(), interaction)
    };
    let (tell, told) = mpsc::channel();
    let engine = world.engine.clone();
    world.log.before_next_append(move || {
        let requests = [observe(), consent(true), observe(), consent(false), observe()];
        tell.send(requests.map(|request| engine.start(request))).unwrap();
    });
    world.engine.handle_blocking(put_patient()).unwrap();
    let outcomes = told.recv().unwrap().map(|started| match started {
        crate::Started::Waiting(pending) => pending.wait().map_err(|failure| failure.category),
        crate::Started::Done(_) => panic!("answered at once"),
    });
    let born = outcomes.map(|outcome| outcome.map(|_| ()));
    assert_eq!(born, [Ok(()), Ok(()), Err(Category::Conflict), Ok(()), Ok(())]);
    assert!(found(&world.engine));
}

/// What docs/access.md lists as told by refusals: who registers is told of a denial, and of nothing
/// else. A patient kept elsewhere and one never heard of are the same.
#[test]
fn registration_is_told_of_a_denial_only() {
    let world = World::with_patient_in_care();
    let clerk = subject(Principal::Practitioner(id("clerk")), Role::Registration);
    let elsewhere = Arc::new(Subject { organization: Some(id("elsewhere")), ..(*feed()).clone() });
    let body = Arc::from(&br#"{"resourceType":"Patient","id":"q"}"#[..]);
    let (resource_type, if_match) = (ResourceType::PATIENT, None);
    let kept = Interaction::Update { resource_type, id: id("q"), body, if_match };
    world.engine.handle_blocking(request(elsewhere, kept)).unwrap();
    let register = |patient: &str| {
        let body = ENCOUNTER
            .replace(r#""id":"e","#, "")
            .replace("Patient/p", &format!("Patient/{patient}"));
        let interaction = Interaction::Create {
            resource_type: ResourceType::ENCOUNTER,
            body: Arc::from(body.as_bytes()),
            if_none_exist: None,
        };
        let outcome = world.engine.handle_blocking(request(clerk.clone(), interaction));
        outcome.map(|answer| answer.status()).map_err(|failure| failure.category)
    };
    for patient in ["p", "q", "never-was-here"] {
        assert_eq!(register(patient), Ok(201));
    }
    world.engine.handle_blocking(consent(true)).unwrap();
    assert_eq!(register("p"), Err(Category::Conflict));
}
