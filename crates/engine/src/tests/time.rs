//! A clock that is set back: time stands, nothing is undone, nothing is out of order.

use super::*;

const HOUR_US: u64 = 3600 * LogTime::SECOND_US;

/// A store with its clock.
struct World {
    store: Store,
    parts: Parts,
    clock: Arc<ManualClock>,
}

fn encounter(name: &str, ends: LogTime) -> Interaction {
    let ends = ends.to_string();
    let body = format!(
        r#"{{"resourceType":"Encounter","id":"{name}","status":"in-progress",
        "class":{{"code":"IMP"}},"subject":{{"reference":"Patient/p"}},
        "serviceProvider":{{"reference":"Organization/new-hospital"}},
        "period":{{"start":"2026-01-01","end":"{ends}"}}}}"#
    );
    put(ResourceType::ENCOUNTER, name, &body)
}

fn put(resource_type: ResourceType, name: &str, body: &str) -> Interaction {
    let (id, body) = (id(name), Arc::from(body.as_bytes()));
    Interaction::Update { resource_type, id, body, if_match: None }
}

fn patient() -> Interaction {
    put(ResourceType::PATIENT, "p", r#"{"resourceType":"Patient","id":"p"}"#)
}

fn feed() -> Arc<Subject> {
    subject(Principal::Device(id("feed")), Role::Integration)
}

impl World {
    /// The patient is in the hospital's care for another hour.
    fn new() -> World {
        let clock = Arc::new(ManualClock::new(NOW));
        let parts = Parts { clock: clock.clone(), ..Store::parts() };
        let store = Store::with(parts.clone(), AnswerLimits::default());
        let world = World { store, parts, clock };
        world.write(patient());
        // An encounter in progress that has an end counts until 90 days after it.
        let end = NOW.plus_us(HOUR_US).minus_us(accord_access::RECENT_US);
        world.write(encounter("e", end));
        world
    }

    /// When a version was born that is written now.
    fn write(&self, interaction: Interaction) -> LogTime {
        match self.store.ask(feed(), interaction) {
            Ok(Answer::Created(version) | Answer::Updated(version)) => version.last_updated,
            other => panic!("{other:?}"),
        }
    }

    fn found(&self) -> bool {
        let clinician = subject(Principal::Practitioner(id("dr")), Role::Clinician);
        self.store.ask(clinician, Interaction::get("Patient/p").unwrap()).is_ok()
    }

    fn open_again(self) -> World {
        let World { store, parts, clock } = self;
        drop(store);
        World { store: Store::with(parts.clone(), AnswerLimits::default()), parts, clock }
    }
}

#[test]
fn what_ended_stays_ended_when_the_clock_is_set_back() {
    let mut world = World::new();
    assert!(world.found());
    world.clock.advance_us(2 * HOUR_US);
    assert!(!world.found());
    world.clock.set(NOW);
    assert!(!world.found());
    let ahead = world.write(patient());
    assert!(ahead >= NOW.plus_us(2 * HOUR_US));
    world = world.open_again();
    assert!(!world.found());
    // Time goes on where the clock has caught up.
    world.clock.set(NOW.plus_us(3 * HOUR_US));
    assert_eq!(world.write(patient()), NOW.plus_us(3 * HOUR_US));
}

/// A consent of half an hour that closes, or that opens and closes everything else.
fn consent(provision: &str) -> Interaction {
    let ends = NOW.plus_us(HOUR_US / 2).to_string();
    let body = format!(
        r#"{{"resourceType":"Consent","id":"c","status":"active",
        "scope":{{"coding":[{{"code":"patient-privacy"}}]}},"category":[{{"text":"privacy"}}],
        "patient":{{"reference":"Patient/p"}},"policyRule":{{"text":"own"}},
        "provision":{{{provision},"period":{{"end":"{ends}"}}}}}}"#
    );
    put(ResourceType::CONSENT, "c", &body)
}

#[test]
fn a_consent_holds_again_when_the_clock_is_set_back() {
    for provision in [
        r#""type":"deny""#,
        r#""type":"permit","class":[{"code":"Consent",
        "system":"http://hl7.org/fhir/resource-types"}]"#,
    ] {
        let mut world = World::new();
        world.write(consent(provision));
        assert!(!world.found());
        world.clock.advance_us(3 * HOUR_US / 4);
        assert!(world.found(), "it is over");
        world.clock.set(NOW.plus_us(HOUR_US / 4));
        assert!(!world.found(), "it is not over");
        world.write(patient());
        world = world.open_again();
        assert!(!world.found());
        world.clock.set(NOW.plus_us(3 * HOUR_US / 4));
        assert!(world.found());
    }
}

#[test]
fn records_and_stamps_are_in_order_when_the_clock_is_set_back() {
    let world = World::new();
    let mut last = LogTime(0);
    for to in [HOUR_US, 0, 2 * HOUR_US, HOUR_US, 0] {
        world.clock.set(NOW.plus_us(to));
        world.found();
        let born = world.write(patient());
        assert!(born > last);
        world.found();
        last = born;
    }
    let records = world.store.recorded();
    assert!(records.is_sorted_by_key(|record| record.at));
    assert!(records.iter().all(|record| record.at >= record.policy_as_of));
}
