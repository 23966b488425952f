//! Consents as they are written: enforced from the next request on, refused where they cannot be.

use accord_access::consent::{ACT_REASON, DefaultEntry, Defaults, Policy, PurposeTest};

use super::explain::officer;
use super::*;

const ENCOUNTER: &str = r#"{"resourceType":"Encounter","id":"e","status":"in-progress",
    "class":{"code":"IMP"},"subject":{"reference":"Patient/p"}}"#;

pub(super) fn feed() -> Arc<Subject> {
    subject(Principal::Device(id("feed")), Role::Integration)
}

pub(super) fn clinician() -> Arc<Subject> {
    subject(Principal::Practitioner(id("dr")), Role::Clinician)
}

fn registrar() -> Arc<Subject> {
    subject(Principal::Practitioner(id("re")), Role::Registration)
}

pub(super) fn consent(provision: &str) -> String {
    format!(
        r#"{{"resourceType":"Consent","id":"c","status":"active",
            "scope":{{"coding":[{{"code":"patient-privacy"}}]}},
            "category":[{{"text":"privacy"}}],"patient":{{"reference":"Patient/p"}},
            "policyRule":{{"text":"own"}},"provision":{provision}}}"#
    )
}

fn observation(name: &str, security: &str) -> String {
    let label = format!(
        r#"{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"{security}"}}"#
    );
    let security = if security.is_empty() { String::new() } else { label };
    format!(
        r#"{{"resourceType":"Observation","id":"{name}","meta":{{"security":[{security}]}},
            "status":"final","code":{{"text":"x"}},"subject":{{"reference":"Patient/p"}}}}"#
    )
    .replace(r#""meta":{"security":[]},"#, "")
}

impl Store {
    pub(super) fn put(&self, who: Arc<Subject>, kind: &str, name: &str, body: &str) -> Outcome {
        let resource_type = ResourceType::from_name(kind).unwrap();
        let (id, body) = (id(name), Arc::from(body.as_bytes()));
        self.ask(who, Interaction::Update { resource_type, id, body, if_match: None })
    }

    /// A patient in care, with an observation that is labelled and one that is not.
    pub(super) fn with_patient() -> Store {
        Store::new().filled()
    }

    pub(super) fn filled(self) -> Store {
        let store = self;
        let patient = r#"{"resourceType":"Patient","id":"p"}"#;
        store.put(feed(), "Patient", "p", patient).unwrap();
        store.put(feed(), "Encounter", "e", ENCOUNTER).unwrap();
        store.put(feed(), "Observation", "plain", &observation("plain", "")).unwrap();
        store.put(feed(), "Observation", "hiv", &observation("hiv", "HIV")).unwrap();
        store
    }

    pub(super) fn sees(&self, who: Arc<Subject>, kind: &str, name: &str) -> bool {
        let read = Interaction::Read {
            resource_type: ResourceType::from_name(kind).unwrap(),
            id: id(name),
            if_none_match: None,
            if_modified_since: None,
        };
        self.ask(who, read).is_ok()
    }

    /// Takes in a consent as the operator's import does.
    fn import(&self, who: Arc<Subject>, consent: &str) -> Outcome {
        let body = format!(
            r#"{{"resourceType":"Bundle","type":"transaction","entry":[
                {{"resource":{consent},"request":{{"method":"PUT","url":"Consent/c"}}}}]}}"#
        );
        let options = BundleOptions { skip_unchanged: true, ..BundleOptions::default() };
        self.ask(who, Interaction::Bundle { body: Arc::from(body.as_bytes()), options })
    }

    fn clinician_sees(&self) -> (bool, bool) {
        let sees = |name| self.sees(clinician(), "Observation", name);
        (sees("plain"), sees("hiv"))
    }
}

#[test]
fn conditions_hold_from_the_next_request_on() {
    let store = Store::with_patient();
    assert_eq!(store.clinician_sees(), (true, true));
    let labels = r#"{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"HIV"}"#;
    let instance = r#"{"meaning":"instance","reference":{"reference":"Observation/plain"}}"#;
    for (provision, expected) in [
        (format!(r#"{{"type":"deny","securityLabel":[{labels}]}}"#), (true, false)),
        (format!(r#"{{"type":"deny","data":[{instance}]}}"#), (false, true)),
        (format!(r#"{{"type":"permit","data":[{instance}]}}"#), (true, false)),
        (
            format!(r#"{{"type":"deny","provision":[{{"type":"permit","data":[{instance}]}}]}}"#),
            (true, false),
        ),
        (r#"{"type":"permit"}"#.to_owned(), (true, true)),
    ] {
        store.put(feed(), "Consent", "c", &consent(&provision)).unwrap();
        assert_eq!(store.clinician_sees(), expected, "{provision}");
    }
    let withdrawn = consent(r#"{"type":"deny"}"#).replace("active", "inactive");
    store.put(feed(), "Consent", "c", &withdrawn).unwrap();
    assert_eq!(store.clinician_sees(), (true, true));
}

#[test]
fn a_denial_of_changes_lets_read() {
    let store = Store::with_patient();
    let action = |code: &str| {
        let system = "http://terminology.hl7.org/CodeSystem/consentaction";
        format!(
            r#"{{"type":"deny","action":[{{"coding":[{{"system":"{system}","code":"{code}"}}]}}]}}"#
        )
    };
    let change =
        |store: &Store| store.put(clinician(), "Observation", "plain", &observation("plain", ""));
    store.put(feed(), "Consent", "c", &consent(&action("correct"))).unwrap();
    assert_eq!(store.clinician_sees(), (true, true));
    assert_eq!(change(&store).unwrap_err().category, Category::Conflict);
    store.put(feed(), "Consent", "c", &consent(&action("collect"))).unwrap();
    change(&store).unwrap();
}

#[test]
fn what_cannot_be_enforced_is_refused() {
    let store = Store::with_patient();
    let body = consent(
        r#"{"type":"deny","code":[{"text":"x"}],"actor":[{"role":{"text":"x"},"reference":{"identifier":{"value":"x"}}}]}"#,
    );
    for who in [system(), feed(), registrar()] {
        let failure = store.put(who, "Consent", "c", &body).unwrap_err();
        assert_eq!(failure.category, Category::Unprocessable);
        let elements: Vec<_> = failure.issues.iter().map(|i| i.expression.clone()).collect();
        let expected = ["Consent.provision.actor[0].reference", "Consent.provision.code[0]"];
        assert_eq!(elements, expected.map(|element| Some(element.to_owned())));
    }
    assert!(!store.sees(feed(), "Consent", "c"));
    store.put(feed(), "Consent", "c", &body.replace("active", "draft")).unwrap();
    assert_eq!(store.clinician_sees(), (true, true));
}

#[test]
fn what_is_imported_all_the_same_puts_the_patient_on_hold() {
    let store = Store::with_patient();
    assert!(store.sees(registrar(), "Patient", "p"));
    let body = consent(r#"{"type":"permit","code":[{"text":"x"}]}"#);
    let import = |who| store.import(who, &body);
    assert_eq!(import(feed()).unwrap_err().category, Category::Unprocessable);
    import(system()).unwrap();
    assert_eq!(store.clinician_sees(), (true, true));
    assert!(!store.sees(registrar(), "Patient", "p"));
}

#[test]
fn officers_are_told_of_a_hold() {
    let store = Store::with_patient();
    let tasks = |who: Arc<Subject>| {
        let asked = Interaction::get("Task?code=urn:accord:codes|consent-hold").unwrap();
        match store.ask(who, asked) {
            Ok(Answer::Page(page)) => {
                page.entries.iter().map(|entry| entry.body.to_string()).collect::<Vec<_>>()
            }
            _ => Vec::new(),
        }
    };
    store.put(feed(), "Consent", "c", &consent(r#"{"type":"deny"}"#)).unwrap();
    assert!(tasks(officer()).is_empty(), "a consent that can be enforced is nobody's task");
    for round in 1..3 {
        let body = consent(&format!(r#"{{"type":"permit","code":[{{"text":"x{round}"}}]}}"#));
        store.import(system(), &body).unwrap();
        let told = tasks(officer());
        assert_eq!(told.len(), round);
        let newest = &told[round - 1];
        for part in ["Consent/c", "Patient/p", "Consent.provision.code[0]", "Organization/"] {
            assert!(newest.contains(part), "{part}: {newest}");
        }
        // What is imported again says nothing new.
        store.import(system(), &body).unwrap();
        assert_eq!(tasks(officer()).len(), round);
    }
    assert!(tasks(registrar()).is_empty() && tasks(clinician()).is_empty());
}

#[test]
fn the_policy_where_no_consent_speaks_is_chosen() {
    let treat = Some({
        let mut test = PurposeTest::default();
        assert!(test.add(ACT_REASON, "TREAT"));
        test
    });
    let at = |controller: Option<&str>, purposes, policy| DefaultEntry {
        controller: controller.map(str::to_owned),
        purposes,
        policy,
    };
    for (entries, expected) in [
        (vec![], (true, true)),
        (vec![at(None, None, Policy::BasicNormal)], (true, false)),
        (vec![at(Some("new-hospital"), None, Policy::Deny)], (false, false)),
        (vec![at(Some("elsewhere"), None, Policy::Deny)], (true, true)),
        (
            vec![
                at(None, None, Policy::BreakGlassOnly),
                at(Some("new-hospital"), treat, Policy::AllNormal),
            ],
            (true, true),
        ),
    ] {
        let consents = Defaults { entries, ..Defaults::default() };
        let options = Options { chunk_rows: 64, consents, ..Options::default() };
        let parts = Store::parts();
        let key = parts.store_key.clone();
        let store = Store { engine: Engine::assemble(parts, &options).unwrap(), key }.filled();
        let seen =
            (store.sees(clinician(), "Patient", "p"), store.sees(registrar(), "Patient", "p"));
        assert_eq!(seen, expected, "{:?}", options.consents);
        // A consent that permits stands above the policy.
        store.put(feed(), "Consent", "c", &consent(r#"{"type":"permit"}"#)).unwrap();
        assert!(store.sees(clinician(), "Patient", "p") && store.sees(registrar(), "Patient", "p"));
    }
}

#[derive(Debug)]
struct East(i64);

impl accord_fhir::Zone for East {
    fn instant(&self, local_us: i64) -> i64 {
        local_us - self.0 * 3_600_000_000
    }

    fn local(&self, instant_us: i64) -> i64 {
        instant_us + self.0 * 3_600_000_000
    }

    fn name(&self) -> &'static str {
        "east"
    }
}

#[test]
fn dates_are_those_of_the_organisation_that_answers() {
    for (of, seen) in
        [(None, (false, false)), (Some("new-hospital"), (false, false)), (Some("x"), (true, true))]
    {
        let east: Arc<dyn accord_fhir::Zone> = Arc::new(East(48));
        let zones = crate::Zones::new(vec![(of.map(str::to_owned), east)]);
        let options = Options { chunk_rows: 64, zones, ..Options::default() };
        let parts = Store::parts();
        let tomorrow = LogTime(parts.clock.now().0 + 86_400 * LogTime::SECOND_US).to_string();
        let key = parts.store_key.clone();
        let store = Store { engine: Engine::assemble(parts, &options).unwrap(), key }.filled();
        let denial = format!(r#"{{"type":"deny","period":{{"start":"{}"}}}}"#, &tomorrow[..10]);
        store.put(feed(), "Consent", "c", &consent(&denial)).unwrap();
        assert_eq!(store.clinician_sees(), seen, "{of:?}");
    }
}
