//! Labels that rules give and references pass on, now, later, and after a crash.

use accord_access::label::bits;
use serde_json::{Value, json};

use super::*;

const ACT: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const ICD: &str = "http://hl7.org/fhir/sid/icd-10";

fn feed() -> Arc<Subject> {
    subject(Principal::Device(id("feed")), Role::Integration)
}

fn clinician() -> Arc<Subject> {
    subject(Principal::Practitioner(id("dr")), Role::Clinician)
}

fn about(kind: &str, name: &str, more: Value) -> Value {
    let mut body = json!({"resourceType": kind, "id": name,
        "subject": {"reference": "Patient/p"}});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn security(code: &str) -> Value {
    json!({"security": [{"system": ACT, "code": code}]})
}

fn observation(name: &str, more: Value) -> Value {
    let mut body = about("Observation", name, json!({"status": "final", "code": {"text": "x"}}));
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn encounter(name: &str, more: Value) -> Value {
    let mut body =
        about("Encounter", name, json!({"status": "in-progress", "class": {"code": "IMP"}}));
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn condition(name: &str, code: &str) -> Value {
    about("Condition", name, json!({"code": {"coding": [{"system": ICD, "code": code}]}}))
}

fn rule(name: &str, code: &str, label: &str) -> Value {
    json!({"resourceType": "PlanDefinition", "id": name, "status": "active",
        "meta": {"profile": ["urn:accord:profile:label-rule"]},
        "action": [{
            "code": [{"coding": [{"system": ACT, "code": label}]}],
            "input": [{"type": "Condition",
                "codeFilter": [{"path": "code", "code": [{"system": ICD, "code": code}]}]}]}]})
}

/// A consent of the patient that keeps what is labelled HIV or PSY from everyone.
fn consent() -> Value {
    json!({"resourceType": "Consent", "id": "c", "status": "active",
        "scope": {"coding": [{"code": "patient-privacy"}]}, "category": [{"text": "privacy"}],
        "patient": {"reference": "Patient/p"}, "policyRule": {"text": "own"},
        "provision": {"type": "deny", "securityLabel":
            [{"system": ACT, "code": "HIV"}, {"system": ACT, "code": "PSY"}]}})
}

impl Store {
    fn write(&self, who: Arc<Subject>, body: &Value) -> Outcome {
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        let resource_type = ResourceType::from_name(&text("resourceType")).unwrap();
        let (id, body) = (id(&text("id")), Arc::from(body.to_string().into_bytes()));
        self.ask(who, Interaction::Update { resource_type, id, body, if_match: None })
    }

    fn fed(&self, body: &Value) {
        self.write(feed(), body).unwrap();
    }

    fn guarded() -> Store {
        Store::new().guard()
    }

    fn guard(self) -> Store {
        self.fed(&json!({"resourceType": "Patient", "id": "p"}));
        self.fed(&encounter("e", json!({})));
        self.fed(&consent());
        self
    }

    fn rule(&self, body: &Value) {
        self.write(system(), body).unwrap();
        assert!(self.engine.wait_until_labelled());
    }

    fn shows(&self, url: &str) -> bool {
        self.ask(clinician(), Interaction::get(url).unwrap()).is_ok()
    }

    fn labels(&self, kind: &str, name: &str) -> u64 {
        let resource_type = ResourceType::from_name(kind).unwrap();
        self.engine.index.upkeep().labels_of(resource_type, name)
    }
}

#[test]
fn a_rule_labels_what_is_written_and_what_was() {
    let store = Store::guarded();
    for number in 0..30 {
        store.fed(&condition(&format!("c{number}"), if number % 3 == 0 { "B20" } else { "I10" }));
    }
    assert!(store.shows("Condition/c0"));
    store.rule(&rule("r", "B20", "HIV"));
    for number in 0..30 {
        let shown = store.shows(&format!("Condition/c{number}"));
        assert_eq!(shown, number % 3 != 0, "{number}");
    }
    store.fed(&condition("later", "B20"));
    store.fed(&condition("other", "I10"));
    assert!(!store.shows("Condition/later") && store.shows("Condition/other"));
    // What a rule has labelled stays so when it is retired, and can still be updated.
    let mut retired = rule("r", "B20", "HIV");
    retired["status"] = "retired".into();
    store.rule(&retired);
    store.fed(&condition("later", "B20"));
    store.fed(&condition("fresh", "B20"));
    assert!(!store.shows("Condition/later") && store.shows("Condition/fresh"));
    // The system takes it away by writing it anew.
    store.write(system(), &condition("later", "B20")).unwrap();
    assert_eq!(store.labels("Condition", "later"), 0);
    // Versions from before keep it: the one labelled, and those before that one.
    assert!(!store.shows("Condition/later/_history/1"));
    assert!(store.shows("Condition/later/_history/3"));
}

#[test]
fn what_is_stated_is_taken_away_by_the_system_alone() {
    let store = Store::guarded();
    store.fed(&observation("o", json!({"meta": security("GDIS")})));
    let bare = observation("o", json!({}));
    assert_eq!(store.write(clinician(), &bare).unwrap_err().category, Category::Conflict);
    assert_eq!(store.write(feed(), &bare).unwrap_err().category, Category::Conflict);
    store.write(system(), &bare).unwrap();
    assert_eq!(store.labels("Observation", "o"), 0);
}

#[test]
fn labels_go_to_what_refers_to_their_bearer() {
    let store = Store::guarded();
    let of = |name: &str| json!({"encounter": {"reference": format!("Encounter/{name}")}});
    store.fed(&encounter("f", json!({})));
    store.fed(&observation("in-f", of("f")));
    store.fed(&observation("on-in-f", json!({"hasMember": [{"reference": "Observation/in-f"}]})));
    store.fed(&observation("in-e", of("e")));
    store.fed(&observation("in-f", of("f")));
    assert!(store.shows("Observation/on-in-f") && store.shows("Observation/in-f"));
    // Raised later, by an ordinary write.
    store.fed(&encounter("f", json!({"meta": security("PSY")})));
    for url in
        ["Encounter/f", "Observation/in-f", "Observation/in-f/_history/1", "Observation/on-in-f"]
    {
        assert!(!store.shows(url), "{url}");
    }
    assert!(store.shows("Observation/in-e") && store.shows("Patient/p"));
    // Written later.
    store.fed(&observation("next", of("f")));
    assert!(!store.shows("Observation/next"));
    // In one transaction, whatever the order.
    let entry = |body: Value, method: &str, url: &str| {
        json!({"fullUrl": "urn:uuid:0b1d5f0e-6a3c-4e0b-9c8a-000000000001",
        "resource": body, "request": {"method": method, "url": url}})
    };
    let mut enc = encounter("x", json!({"meta": security("HIV")}));
    enc.as_object_mut().unwrap().remove("id");
    let obs = observation(
        "tx",
        json!({"encounter": {"reference": "urn:uuid:0b1d5f0e-6a3c-4e0b-9c8a-000000000001"}}),
    );
    let mut second = entry(obs, "PUT", "Observation/tx");
    second.as_object_mut().unwrap().remove("fullUrl");
    let body = json!({"resourceType": "Bundle", "type": "transaction",
        "entry": [second, entry(enc, "POST", "Encounter")]});
    store.ask(feed(), bundle(&body.to_string())).unwrap();
    assert!(!store.shows("Observation/tx"));
    assert_eq!(store.labels("Observation", "tx"), bits([(ACT, "HIV")]));
}

#[test]
fn a_deletion_is_labelled_like_what_it_deleted() {
    let store = Store::guarded();
    let of = json!({"encounter": {"reference": "Encounter/f"}});
    let delete = |name: &str| {
        let resource_type = ResourceType::from_name("Observation").unwrap();
        let delete = Interaction::Delete { resource_type, id: id(name), if_match: None };
        store.ask(system(), delete).unwrap();
    };
    let versions = |name: &str| -> Vec<u32> {
        let url = format!("Observation/{name}/_history");
        match store.ask(clinician(), Interaction::get(&url).unwrap()) {
            Ok(Answer::Page(page)) => page.entries.iter().map(|entry| entry.version).collect(),
            _ => Vec::new(),
        }
    };
    store.fed(&encounter("f", json!({})));
    // Deleted; written anew afterwards; deleted when it no longer referred.
    for name in ["gone", "back", "other"] {
        store.fed(&observation(name, of.clone()));
    }
    store.fed(&observation("other", json!({})));
    ["gone", "back", "other"].into_iter().for_each(delete);
    store.fed(&observation("back", json!({})));
    assert_eq!((versions("gone"), versions("back")), (vec![2, 1], vec![3, 2, 1]));
    store.fed(&encounter("f", json!({"meta": security("PSY")})));
    assert_eq!((versions("gone"), versions("back")), (vec![], vec![3]));
    assert_eq!(versions("other"), vec![3, 2]);
}

#[test]
fn what_many_refer_to_raises_them_by_the_job() {
    let store = Store::guarded();
    let of = json!({"encounter": {"reference": "Encounter/f"}});
    store.fed(&encounter("f", json!({})));
    for number in 0..40 {
        store.fed(&observation(&format!("o{number}"), of.clone()));
    }
    store.fed(&encounter("f", json!({"meta": security("PSY")})));
    // At once, for until the job has ended everything counts as labelled so.
    for number in 0..40 {
        assert!(!store.shows(&format!("Observation/o{number}")), "{number}");
    }
    assert!(store.engine.wait_until_labelled());
    for number in 0..40 {
        assert!(!store.shows(&format!("Observation/o{number}")), "{number}");
    }
    assert!(store.shows("Patient/p"));
}

#[test]
fn while_labels_are_unsettled_nothing_is_shown_that_may_have_them() {
    let store = Store::guarded();
    store.fed(&observation("o", json!({})));
    store.fed(&json!({"resourceType": "Location", "id": "ward"}));
    store.engine.index.set_unsettled(bits([(ACT, "GDIS")]));
    assert!(store.shows("Observation/o"));
    store.engine.index.set_unsettled(bits([(ACT, "HIV")]));
    assert!(!store.shows("Observation/o") && store.shows("Location/ward"));
    // A write onto it is one onto what is not there.
    let hidden = store.write(clinician(), &observation("o", json!({}))).unwrap_err();
    let never = store.write(clinician(), &observation("never", json!({}))).unwrap_err();
    assert_eq!((hidden.category, hidden.issues), (never.category, never.issues));
    store.engine.index.set_unsettled(0);
    assert!(store.shows("Observation/o"));
}

#[test]
fn rules_and_their_job_outlive_the_process() {
    let parts = Store::parts();
    let log = parts.log.clone();
    let store = Store::with(parts.clone(), AnswerLimits::default()).guard();
    for number in 0..100 {
        store.fed(&condition(&format!("c{number}"), "B20"));
    }
    store.rule(&rule("r", "B20", "HIV"));
    let labels = |store: &Store| {
        (0..100).map(|n| store.labels("Condition", &format!("c{n}"))).collect::<Vec<_>>()
    };
    let before = labels(&store);
    assert_eq!(before, vec![bits([(ACT, "HIV")]); 100]);
    drop(store);
    // As it was, from segments and records.
    let store = Store::with(parts.clone(), AnswerLimits::default());
    assert_eq!(labels(&store), before);
    store.fed(&condition("later", "B20"));
    assert!(!store.shows("Condition/later"));
    // A rule that was written when the process ended, and a job that had come so far.
    let before = log.end().unwrap();
    drop(store);
    let store = Store::with(parts.clone(), AnswerLimits::default());
    store.engine.stop_job();
    store.write(system(), &rule("s", "B20", "PSY")).unwrap();
    assert!(!store.shows("Observation/any"));
    drop(store);
    assert!(log.meta("labels/due").unwrap().is_some_and(|due| !due.is_empty()));
    let store = Store::with(parts.clone(), AnswerLimits::default());
    assert!(store.engine.wait_until_labelled());
    assert_eq!(labels(&store), vec![bits([(ACT, "HIV"), (ACT, "PSY")]); 100]);
    // Done again, it changes nothing.
    drop(store);
    let end = log.end().unwrap();
    assert!(end > before);
    let due = [&bits([(ACT, "PSY")]).to_le_bytes()[..], &7_u32.to_le_bytes()].concat();
    log.put_meta("labels/due", &due).unwrap();
    let store = Store::with(parts.clone(), AnswerLimits::default());
    assert!(store.engine.wait_until_labelled());
    assert_eq!(log.end().unwrap(), end);
    drop(store);
    let mut faults = Vec::new();
    crate::check_parts(&parts, 64, &mut |fault| faults.push(fault)).unwrap();
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn what_cannot_be_enforced_is_refused() {
    let store = Store::new();
    let mut body = rule("r", "B20", "NOTHING");
    let failure = store.write(system(), &body).unwrap_err();
    assert_eq!(failure.category, Category::Unprocessable);
    let place = failure.issues[0].expression.as_deref();
    assert_eq!(place, Some("PlanDefinition.action[0].code[0].coding[0]"));
    body["status"] = "draft".into();
    store.write(system(), &body).unwrap();
    // Nobody else may write one.
    for who in [clinician(), subject(Principal::Practitioner(id("re")), Role::Registration)] {
        let failure = store.write(who, &rule("r", "B20", "HIV")).unwrap_err();
        assert_eq!(failure.category, Category::Forbidden);
    }
}

#[test]
fn an_organisation_labels_its_own_data() {
    let store = Store::guarded();
    let admin = subject(Principal::Practitioner(id("ad")), Role::Administrator);
    let admin = Subject {
        purpose: Purpose::Hoperat,
        organization: Some(id("elsewhere")),
        ..(*admin).clone()
    };
    store.write(feed(), &rule("r", "B20", "HIV")).unwrap();
    let mut other = rule("other", "I10", "HIV");
    other.as_object_mut().unwrap().remove("id");
    let create = Interaction::Create {
        resource_type: ResourceType::from_name("PlanDefinition").unwrap(),
        body: Arc::from(other.to_string().into_bytes()),
        if_none_exist: None,
    };
    store.ask(Arc::new(admin), create).unwrap();
    assert!(store.engine.wait_until_labelled());
    store.fed(&condition("c", "B20"));
    store.fed(&condition("d", "I10"));
    assert!(!store.shows("Condition/c") && store.shows("Condition/d"));
}

#[test]
fn a_label_of_an_element_labels_the_resource() {
    let store = Store::guarded();
    let label = json!({"url": accord_access::label::rules::INLINE_LABEL,
        "valueCoding": {"system": ACT, "code": "PSY"}});
    store.fed(&observation("o", json!({"code": {"text": "x", "extension": [label]}})));
    assert!(!store.shows("Observation/o"));
}
