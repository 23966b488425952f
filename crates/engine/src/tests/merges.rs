//! Two records of one person: what a merge joins, what it never opens, and that taking it back
//! leaves everything as it was.

use super::*;
use crate::operation::{OPERATIONS, Operation};

pub(super) fn feed() -> Arc<Subject> {
    subject(Principal::Device(id("feed")), Role::Integration)
}

pub(super) fn desk() -> Arc<Subject> {
    subject(Principal::Practitioner(id("desk")), Role::Registration)
}

pub(super) fn doctor() -> Arc<Subject> {
    subject(Principal::Practitioner(id("dr")), Role::Clinician)
}

pub(super) fn own(name: &str) -> Arc<Subject> {
    let own = subject(Principal::Patient(id(name)), Role::Patient);
    Arc::new(Subject { purpose: Purpose::Patrqt, organization: None, ..(*own).clone() })
}

pub(super) fn operation(name: &str, parameters: &str) -> Interaction {
    let list = format!(r#","parameter":[{parameters}]"#);
    let list = if parameters.is_empty() { "" } else { &list };
    let body = format!(r#"{{"resourceType":"Parameters"{list}}}"#);
    let signature = OPERATIONS.iter().find(|o| o.name() == name).unwrap();
    let body = Arc::from(body.as_bytes());
    Interaction::Operation(Box::new(Operation { signature, id: None, params: Vec::new(), body }))
}

pub(super) fn reference(name: &str, to: &str) -> String {
    format!(r#"{{"name":"{name}","valueReference":{{"reference":"{to}"}}}}"#)
}

fn sides(source: &str, target: &str) -> String {
    let side = |name: &str, id: &str| reference(name, &format!("Patient/{id}"));
    format!("{},{}", side("source-patient", source), side("target-patient", target))
}

pub(super) fn merge(source: &str, target: &str) -> Interaction {
    operation("$merge", &sides(source, target))
}

pub(super) fn unmerge(source: &str) -> Interaction {
    operation("$unmerge", &reference("source-patient", &format!("Patient/{source}")))
}

pub(super) fn put(store: &Store, body: &str) -> Outcome {
    let tape = accord_fhir::json::parse(body.as_bytes(), Default::default()).unwrap();
    let text = |name| tape.root().get_str(name).unwrap().into_owned();
    let resource_type = ResourceType::from_name(&text("resourceType")).unwrap();
    let (id, body) = (id(&text("id")), Arc::from(body.as_bytes()));
    store.ask(feed(), Interaction::Update { resource_type, id, body, if_match: None })
}

fn get(url: &str) -> Interaction {
    Interaction::get(url).unwrap()
}

/// Ids on a page, or the refusal's text.
pub(super) fn found(store: &Store, who: Arc<Subject>, url: &str) -> Vec<String> {
    match store.ask(who, get(url)) {
        Ok(Answer::Page(page)) => page.entries.iter().map(|v| v.id.to_string()).collect(),
        Ok(Answer::Read(version)) => vec![version.body.to_string()],
        Err(failure) => vec![failure.issues[0].diagnostics.to_string()],
        other => panic!("{other:?}"),
    }
}

pub(super) fn patient(name: &str, more: &str) -> String {
    format!(
        r#"{{"resourceType":"Patient","id":"{name}","active":true,"birthDate":"1980-02-03"{more}}}"#
    )
}

pub(super) fn observation(name: &str, patient: &str) -> String {
    format!(
        r#"{{"resourceType":"Observation","id":"{name}","status":"final","code":{{"text":"x"}},"subject":{{"reference":"Patient/{patient}"}}}}"#
    )
}

pub(super) fn visit(name: &str, patient: &str) -> String {
    format!(
        r#"{{"resourceType":"Encounter","id":"{name}","status":"in-progress","class":{{"code":"IMP"}},"subject":{{"reference":"Patient/{patient}"}},"serviceProvider":{{"reference":"Organization/new-hospital"}}}}"#
    )
}

pub(super) fn denial(name: &str, patient: &str, status: &str) -> String {
    format!(
        r#"{{"resourceType":"Consent","id":"{name}","status":"{status}","scope":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}}]}},"category":[{{"text":"privacy"}}],"patient":{{"reference":"Patient/{patient}"}},"policyRule":{{"text":"opt-out"}},"provision":{{"type":"deny","actor":[{{"role":{{"text":"whoever"}},"reference":{{"reference":"Practitioner/dr"}}}}]}}}}"#
    )
}

pub(super) fn seal(name: &str, patient: &str) -> String {
    format!(
        r#"{{"resourceType":"Consent","id":"{name}","meta":{{"profile":["urn:accord:profile:seal"]}},"status":"active","scope":{{"text":"seal"}},"policyRule":{{"text":"seal"}},"category":[{{"text":"seal"}}],"patient":{{"reference":"Patient/{patient}"}},"provision":{{"type":"deny"}}}}"#
    )
}

/// Two records of one person; the doctor treats the first.
fn fill(store: &Store) {
    let number = r#","identifier":[{"system":"https://ids","value":"7"}]"#;
    for body in [
        patient("a", number),
        patient("b", ""),
        patient("c", ""),
        observation("of-a", "a"),
        observation("of-b", "b"),
        observation("of-c", "c"),
        visit("visit-a", "a"),
    ] {
        put(store, &body).unwrap();
    }
}

pub(super) fn store() -> Store {
    let store = Store::new();
    fill(&store);
    store
}

pub(super) fn done(outcome: Outcome) -> String {
    let Ok(Answer::Resource(text)) = outcome else { panic!("{outcome:?}") };
    text
}

pub(super) fn refused(outcome: Outcome) -> Category {
    outcome.unwrap_err().category
}

#[test]
fn a_merge_joins_search_and_care() {
    let store = store();
    assert_eq!(found(&store, doctor(), "Observation?subject=Patient/b"), Vec::<String>::new());
    let told = done(store.ask(desk(), merge("a", "b")));
    assert!(told.contains(r#""use":"old""#) && told.contains(r#""type":"replaces""#), "{told}");
    for subject in ["Patient/a", "Patient/b", "b"] {
        let url = format!("Observation?subject={subject}&_sort=_id");
        assert_eq!(found(&store, doctor(), &url), ["of-a", "of-b"], "{subject}");
    }
    assert_eq!(found(&store, own("b"), "Observation?_sort=_id"), ["of-a", "of-b"]);
    let source = found(&store, desk(), "Patient/a").remove(0);
    assert!(source.contains(r#""active":false"#) && source.contains("replaced-by"), "{source}");
    // What is written afterwards under either name is theirs.
    put(&store, &observation("later", "a")).unwrap();
    assert_eq!(found(&store, own("b"), "Observation?_sort=_id"), ["later", "of-a", "of-b"]);
    // The person goes on being found by the old number.
    let by_number = found(&store, desk(), "Patient?identifier=https://ids|7&_sort=_id");
    assert_eq!(by_number, ["a", "b"]);
}

#[test]
fn a_merge_is_recorded_as_a_write_of_both() {
    let store = store();
    done(store.ask(desk(), merge("a", "b")));
    let record = store.last_write();
    assert_eq!((&*record.interaction, &record.patients[..]), ("$merge", &[id("a"), id("b")][..]));
    // Earlier looks at one are looks at the other, and so is the merge.
    store.ask(doctor(), get("Patient/a")).unwrap();
    let looked = |who: &str| {
        let signature = OPERATIONS.iter().find(|o| o.name() == "$who-looked").unwrap();
        let (id, params, body) = (Some(id(who)), Vec::new(), Arc::from(&b""[..]));
        let asked = Operation { signature, id, params, body };
        match store.ask(own(who), Interaction::Operation(Box::new(asked))) {
            Ok(Answer::Page(page)) => page.entries.len(),
            other => panic!("{other:?}"),
        }
    };
    assert!(looked("b") > 6, "{}", looked("b"));
}

#[test]
fn what_either_closed_stays_closed_and_closes_both() {
    for closing in [denial("no", "b", "active"), seal("seal", "b")] {
        let store = store();
        assert_eq!(found(&store, doctor(), "Observation"), ["of-a"]);
        done(store.ask(desk(), merge("a", "b")));
        assert_eq!(found(&store, doctor(), "Observation").len(), 2);
        put(&store, &closing).unwrap();
        assert_eq!(found(&store, doctor(), "Observation"), Vec::<String>::new());
        assert_eq!(found(&store, doctor(), "Patient/a"), found(&store, doctor(), "Patient/nobody"));
    }
    // Closed before the merge, as well.
    let store = store();
    put(&store, &denial("no", "b", "active")).unwrap();
    done(store.ask(desk(), merge("a", "b")));
    assert_eq!(found(&store, doctor(), "Observation"), Vec::<String>::new());
    done(store.ask(desk(), unmerge("a")));
    assert_eq!(found(&store, doctor(), "Observation"), ["of-a"]);
}

#[test]
fn an_emergency_is_about_the_person() {
    let store = store();
    let reading = r#""type":"deny","action":[{"coding":[{"code":"access",
        "system":"http://terminology.hl7.org/CodeSystem/consentaction"}]}]"#;
    for name in ["a", "b"] {
        let denial = denial(&format!("no-{name}"), name, "active");
        put(&store, &denial.replace(r#""type":"deny""#, reading)).unwrap();
    }
    done(store.ask(desk(), merge("a", "b")));
    let claim = r#"{"resourceType":"Task","meta":{"profile":["urn:accord:profile:access-claim"]},
        "status":"requested","intent":"order","for":{"reference":"Patient/b"},
        "code":{"coding":[{"system":"urn:accord:codes","code":"break-glass"}]},
        "reasonCode":{"text":"unconscious","coding":[{"code":"ETREAT"}]},
        "requester":{"reference":"Practitioner/dr"}}"#;
    let resource_type = ResourceType::from_name("Task").unwrap();
    let body = Arc::from(claim.as_bytes());
    store.ask(doctor(), Interaction::Create { resource_type, body, if_none_exist: None }).unwrap();
    assert_eq!(found(&store, doctor(), "Observation?_sort=_id"), ["of-a", "of-b"]);
}

#[test]
fn merges_are_done_once_and_by_those_entitled() {
    let store = store();
    for (who, category) in [(doctor(), Category::Forbidden), (own("a"), Category::Forbidden)] {
        assert_eq!(refused(store.ask(who, merge("a", "b"))), category);
    }
    let elsewhere = Arc::new(Subject { organization: Some(id("other")), ..(*desk()).clone() });
    let absent = store.ask(elsewhere.clone(), merge("a", "b")).unwrap_err();
    let unknown = store.ask(elsewhere, merge("x", "y")).unwrap_err();
    assert_eq!(format!("{absent:?}"), format!("{unknown:?}"));
    assert_eq!(refused(store.ask(desk(), merge("a", "a"))), Category::Unprocessable);
    let end = store.engine.watermark();
    let preview = format!(r#"{},{{"name":"preview","valueBoolean":true}}"#, sides("a", "b"));
    assert!(done(store.ask(desk(), operation("$merge", &preview))).contains("replaces"));
    assert_eq!(store.engine.watermark(), end);
    done(store.ask(desk(), merge("a", "b")));
    let end = store.engine.watermark();
    assert!(done(store.ask(desk(), merge("a", "b"))).contains("merged already"));
    assert_eq!(store.engine.watermark(), end);
    for (source, target) in [("a", "c"), ("c", "a"), ("b", "a")] {
        let outcome = store.ask(desk(), merge(source, target));
        assert_eq!(refused(outcome), Category::Conflict, "{source} into {target}");
    }
    // The record that was merged is written by nothing else, and neither is deleted.
    assert_eq!(refused(put(&store, &patient("a", ""))), Category::Conflict);
    for name in ["a", "b"] {
        let resource_type = ResourceType::PATIENT;
        let delete = Interaction::Delete { resource_type, id: id(name), if_match: None };
        assert_eq!(refused(store.ask(feed(), delete)), Category::Conflict);
    }
    assert_eq!(refused(store.ask(desk(), unmerge("b"))), Category::Conflict);
    done(store.ask(desk(), unmerge("a")));
    assert_eq!(refused(store.ask(desk(), unmerge("a"))), Category::Conflict);
    put(&store, &patient("a", "")).unwrap();
}

#[test]
fn records_that_contradict_each_other_are_two_persons() {
    let store = store();
    let other = patient("d", "").replace("1980-02-03", "1955-11-30");
    put(&store, &other).unwrap();
    assert_eq!(refused(store.ask(desk(), merge("d", "b"))), Category::Unprocessable);
    let number = r#","identifier":[{"system":"https://ids","value":"7"}]"#;
    put(&store, &other.replace('}', &format!("{number}}}"))).unwrap();
    done(store.ask(desk(), merge("d", "a")));
}

#[test]
fn a_side_may_be_named_by_an_identifier() {
    let store = store();
    let source = r#"{"name":"source-patient-identifier","valueIdentifier":{"system":"https://ids","value":"7"}}"#;
    let target = reference("target-patient", "Patient/b");
    let asked = || operation("$merge", &format!("{source},{target}"));
    assert!(done(store.ask(desk(), asked())).contains("replaces"));
    let nobody = source.replace("\"7\"", "\"8\"");
    let outcome = store.ask(desk(), operation("$merge", &format!("{nobody},{target}")));
    assert_eq!(refused(outcome), Category::NotFound);
}

#[test]
fn what_was_written_to_the_target_since_stays_after_an_unmerge() {
    let store = store();
    let before = found(&store, desk(), "Patient/a").remove(0);
    done(store.ask(desk(), merge("a", "b")));
    let now = found(&store, desk(), "Patient/b").remove(0);
    let renamed = now.replacen("{", r#"{"gender":"other","#, 1);
    put(&store, &renamed).unwrap();
    done(store.ask(desk(), unmerge("a")));
    let target = found(&store, desk(), "Patient/b").remove(0);
    assert!(target.contains("other") && !target.contains("link"), "{target}");
    assert!(!target.contains("identifier"), "{target}");
    assert_eq!(bare(&found(&store, desk(), "Patient/a")[0]), bare(&before));
}

/// A text without what the server stamps on it.
fn bare(text: &str) -> String {
    let mut rest = text.to_owned();
    for name in ["\"versionId\":\"", "\"lastUpdated\":\""] {
        let at = rest.find(name).unwrap() + name.len();
        let end = at + rest[at..].find('"').unwrap();
        rest.replace_range(at..end, "");
    }
    rest
}

/// What everyone is answered to many questions, without versions and instants of Patients.
fn everything(store: &Store) -> Vec<String> {
    let mut told = Vec::new();
    for who in [feed(), desk(), doctor(), own("a"), own("b"), own("c")] {
        for name in ["a", "b", "c"] {
            for kind in ["Observation", "Encounter", "Consent"] {
                let url = format!("{kind}?patient={name}&_sort=_id");
                told.push(format!(
                    "{} {url} {:?}",
                    who.reference(),
                    found(store, who.clone(), &url)
                ));
            }
            let read = found(store, who.clone(), &format!("Patient/{name}")).remove(0);
            told.push(if read.starts_with('{') { bare(&read) } else { read });
        }
        for kind in ["Observation", "Encounter", "Consent", "Patient"] {
            let url = format!("{kind}?_sort=_id");
            told.push(format!("{} {url} {:?}", who.reference(), found(store, who.clone(), &url)));
        }
    }
    told
}

/// Something happens to one of the patients.
fn event(store: &Store, rng: &SeededRng, n: usize) {
    let name = ["a", "b", "c"][rng.below(3) as usize];
    let body = match rng.below(5) {
        0 | 1 => observation(&format!("o{n}"), name),
        2 => visit(&format!("v{n}"), name),
        3 => denial(
            &format!("no{}", rng.below(4)),
            name,
            ["active", "inactive"][rng.below(2) as usize],
        ),
        _ => seal(&format!("seal{}", rng.below(9)), name),
    };
    // An update of a consent that would name someone else is refused.
    let _ = put(store, &body);
}

#[test]
fn merge_and_unmerge_leave_everything_as_it_was() {
    for seed in 0..12 {
        let rng = SeededRng::new(seed);
        let (one, two) = (Store::new(), Store::new());
        let of = |store: &Store| {
            fill(store);
            let rng = SeededRng::new(seed);
            (0..6).for_each(|n| event(store, &rng, n));
        };
        of(&one);
        of(&two);
        let before = everything(&one);
        let pair = [("a", "b"), ("b", "a"), ("c", "b")][rng.below(3) as usize];
        // Some patient may have closed their record to the desk; the system sees them.
        done(one.ask(system(), merge(pair.0, pair.1)));
        let later = |store: &Store| {
            let rng = SeededRng::new(seed + 100);
            (6..10).for_each(|n| event(store, &rng, n));
        };
        if seed % 2 == 0 {
            done(one.ask(system(), unmerge(pair.0)));
            assert_eq!(everything(&one), before, "seed {seed}");
        } else {
            later(&one);
            later(&two);
            done(one.ask(system(), unmerge(pair.0)));
            assert_eq!(everything(&one), everything(&two), "seed {seed}");
        }
    }
}

#[test]
fn a_merge_shows_nobody_what_a_patient_closed_to_them() {
    for seed in 0..12 {
        let store = store();
        let rng = SeededRng::new(seed);
        (0..8).for_each(|n| event(&store, &rng, n));
        // Closed to the doctor: not seen although somebody of the hospital treats the patient.
        for name in ["a", "b"] {
            put(&store, &visit(&format!("open-{name}"), name)).unwrap();
        }
        let seen = |store: &Store| found(store, doctor(), "Observation?_sort=_id");
        let before = seen(&store);
        done(store.ask(system(), merge("a", "b")));
        let after = seen(&store);
        assert!(after.iter().all(|id| before.contains(id)), "seed {seed}: {before:?} {after:?}");
    }
}

#[test]
fn a_replay_of_the_log_knows_the_merges() {
    let log = Arc::new(MemoryLog::new());
    let parts = Store::parts_on(log);
    let store = Store::with(parts.clone(), AnswerLimits::default());
    fill(&store);
    put(&store, &denial("no", "c", "active")).unwrap();
    done(store.ask(desk(), merge("a", "b")));
    // Enough rows that the merge lies in a sealed segment.
    (0..200).for_each(|n| drop(put(&store, &observation(&format!("more-{n}"), "b")).unwrap()));
    let before = everything(&store);
    drop(store);
    let store = Store::with(parts.clone(), AnswerLimits::default());
    assert_eq!(everything(&store), before);
    done(store.ask(desk(), unmerge("a")));
    let before = everything(&store);
    drop(store);
    assert_eq!(everything(&Store::with(parts, AnswerLimits::default())), before);
}
