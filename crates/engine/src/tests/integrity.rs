//! References to what is not there, and deletes of what is referred to (decision 33).

use accord_spec::ResourceType;

use super::*;
use crate::{Patch, PatchFormat, PatchOf};

/// The asker's organisation, and another one.
const OWN: &str = "new-hospital";
const OTHER: &str = "old-hospital";

fn store() -> Store {
    let store = with_integrity(true);
    for organization in [OWN, OTHER] {
        let body = format!(
            r#"{{"resourceType":"Organization","id":"{organization}","name":"{organization}"}}"#
        );
        put_at(&store, organization, &body).unwrap();
    }
    put_at(&store, OWN, r#"{"resourceType":"Practitioner","id":"dr"}"#).unwrap();
    put_at(&store, OWN, r#"{"resourceType":"Patient","id":"p"}"#).unwrap();
    put_at(&store, OTHER, r#"{"resourceType":"Patient","id":"q"}"#).unwrap();
    put_at(&store, OWN, &visit("e", "p", OWN)).unwrap();
    put_at(&store, OTHER, &visit("f", "q", OTHER)).unwrap();
    store
}

fn with_integrity(on: bool) -> Store {
    let parts = Store::parts();
    let key = parts.store_key.clone();
    let options = Options { chunk_rows: 64, referential_integrity: on, ..Options::default() };
    Store { engine: Engine::assemble(parts, &options).unwrap(), key }
}

fn visit(name: &str, patient: &str, at: &str) -> String {
    format!(
        r#"{{"resourceType":"Encounter","id":"{name}","status":"in-progress",
        "class":{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"IMP"}},
        "subject":{{"reference":"Patient/{patient}"}},
        "serviceProvider":{{"reference":"Organization/{at}"}}}}"#
    )
}

fn observation(name: &str, encounter: &str, more: &str) -> String {
    format!(
        r#"{{"resourceType":"Observation","id":"{name}","status":"final","code":{{"text":"x"}},
        "subject":{{"reference":"Patient/p"}},
        "encounter":{{"reference":"Encounter/{encounter}"}}{more}}}"#
    )
}

fn kind(body: &str) -> ResourceType {
    ResourceType::from_name(body.split('"').nth(3).unwrap()).unwrap()
}

fn put_at(store: &Store, controller: &str, body: &str) -> Outcome {
    let mut request = request(system(), put(body));
    request.controller = Some(id(controller));
    store.engine.handle_blocking(request)
}

fn put(body: &str) -> Interaction {
    let (resource_type, name) = (kind(body), id(body.split('"').nth(7).unwrap()));
    let body = Arc::from(body.as_bytes());
    Interaction::Update { resource_type, id: name, body, if_match: None }
}

fn post(body: &str) -> Interaction {
    let body = body.replacen(r#""id":"new","#, "", 1);
    let (resource_type, if_none_exist) = (kind(&body), None);
    Interaction::Create { resource_type, body: Arc::from(body.as_bytes()), if_none_exist }
}

fn delete(of: &str, name: &str) -> Interaction {
    let resource_type = ResourceType::from_name(of).unwrap();
    Interaction::Delete { resource_type, id: id(name), if_match: None }
}

fn clinician() -> Arc<Subject> {
    subject(Principal::Practitioner(id("dr")), Role::Clinician)
}

fn transaction(entries: &[(&str, &str, &str)]) -> Interaction {
    let entry = |(method, url, body): &(&str, &str, &str)| {
        let resource =
            if body.is_empty() { String::new() } else { format!(r#","resource":{body}"#) };
        format!(r#"{{"request":{{"method":"{method}","url":"{url}"}}{resource}}}"#)
    };
    let entries: Vec<String> = entries.iter().map(entry).collect();
    bundle(&format!(
        r#"{{"resourceType":"Bundle","type":"transaction","entry":[{}]}}"#,
        entries.join(",")
    ))
}

/// The places that a refusal names.
#[track_caller]
fn places(outcome: Outcome) -> Vec<String> {
    let failure = outcome.expect_err("not refused");
    assert_eq!(failure.category, Category::Unprocessable, "{failure:?}");
    let text = format!("{failure:?}");
    for target in ["Encounter/", "Patient/", "Observation/"] {
        assert!(!text.contains(target), "{text}");
    }
    failure.issues.into_iter().map(|issue| issue.expression.unwrap()).collect()
}

#[track_caller]
fn conflict(outcome: Outcome) {
    let failure = outcome.expect_err("not refused");
    assert_eq!(failure.category, Category::Conflict, "{failure:?}");
    assert!(failure.issues[0].diagnostics.contains("referred to"), "{failure:?}");
}

#[test]
fn what_does_not_exist_for_who_writes_is_not_referred_to() {
    let store = store();
    let ask = |who: &Arc<Subject>, interaction| store.ask(who.clone(), interaction);
    let more = r##","device":{"reference":"#d"},"derivedFrom":[{"reference":"Observation/none"},{"display":"x"},
        {"reference":"Observation/none/_history/1"}],
        "extension":[{"url":"http://x","valueReference":{"reference":"Patient/none"}}],
        "contained":[{"resourceType":"Device","id":"d","patient":{"reference":"Patient/none"}}]"##;
    assert_eq!(
        places(ask(&system(), post(&observation("new", "none", more)))),
        [
            "Observation.encounter",
            "Observation.derivedFrom[0]",
            "Observation.derivedFrom[2]",
            "Observation.extension[0].valueReference",
            "Observation.contained[0].patient"
        ]
    );
    // The hidden encounter is none.
    for encounter in ["none", "f"] {
        let outcome = ask(&clinician(), post(&observation("new", encounter, "")));
        assert_eq!(places(outcome), ["Observation.encounter"]);
    }
    ask(&system(), post(&observation("new", "f", ""))).unwrap();
    ask(&clinician(), post(&observation("new", "e", ""))).unwrap();
    // What is no reference to a resource of this server is left alone.
    let more = r##","derivedFrom":[{"reference":"http://other.example/fhir/Observation/1"},
        {"reference":"urn:uuid:05efabf0-4be2-4561-91ce-51548425acb9"},
        {"identifier":{"value":"1"}}]"##;
    ask(&clinician(), post(&observation("new", "e", more))).unwrap();
    let off = with_integrity(false);
    off.ask(system(), post(&observation("new", "none", ""))).unwrap();
}

#[test]
fn what_was_there_before_is_not_asked_about() {
    let store = store();
    let here = observation("o", "e", r#","derivedFrom":[{"reference":"Observation/to-go"}]"#);
    put_at(&store, OTHER, &observation("to-go", "f", "").replace("Patient/p", "Patient/q"))
        .unwrap();
    put_at(&store, OWN, &here).unwrap();
    // The clinician sees `o`, of which they may change what they like, but for new references.
    store.ask(clinician(), put(&here.replace("final", "amended"))).unwrap();
    let another = here.replace("to-go", "other");
    assert_eq!(places(store.ask(clinician(), put(&another))), ["Observation.derivedFrom[0]"]);
    let of = PatchOf::Id(id("o"));
    let resource_type = ResourceType::from_name("Observation").unwrap();
    let patch = |body: &str| {
        let (format, body) = (PatchFormat::Json, Arc::from(body.as_bytes()));
        let patch = Patch { resource_type, of: of.clone(), format, body, if_match: None };
        store.ask(clinician(), Interaction::Patch(Box::new(patch)))
    };
    patch(r#"[{"op":"replace","path":"/status","value":"final"}]"#).unwrap();
    let dangling = r#"[{"op":"replace","path":"/encounter/reference","value":"Encounter/f"}]"#;
    assert_eq!(places(patch(dangling)), ["Observation.encounter"]);
}

#[test]
fn what_is_referred_to_is_not_deleted_by_who_sees_it() {
    let store = store();
    put_at(&store, OWN, &observation("o", "e", "")).unwrap();
    let hidden = observation("h", "e", "").replace("Patient/p", "Patient/q");
    put_at(&store, OTHER, &hidden).unwrap();
    conflict(store.ask(system(), delete("Encounter", "e")));
    conflict(store.ask(system(), delete("Patient", "p")));
    let feed = subject(Principal::Device(id("feed")), Role::Integration);
    conflict(store.ask(feed.clone(), delete("Encounter", "e")));
    store.ask(feed.clone(), delete("Observation", "o")).unwrap();
    // What still refers to it is of another organisation: of that nothing is told.
    let gone = store.ask(feed.clone(), delete("Encounter", "e"));
    assert!(matches!(gone, Ok(Answer::Deleted { version: Some(2) })), "{gone:?}");
    // It dangles now, and can be written as it is.
    store.ask(system(), put(&hidden.replace("final", "amended"))).unwrap();
    let again = store.ask(feed, delete("Encounter", "e"));
    assert!(matches!(again, Ok(Answer::Deleted { version: None })), "{again:?}");
}

#[test]
fn transactions_are_looked_at_as_a_whole() {
    let store = store();
    let (visit, seen) = (visit("g", "p", OWN), observation("o", "g", ""));
    let both = [("PUT", "Observation/o", seen.as_str()), ("PUT", "Encounter/g", visit.as_str())];
    store.ask(system(), transaction(&both)).unwrap();
    let elsewhere = observation("o", "e", "");
    for (entries, expected) in [
        (vec![("DELETE", "Encounter/g", "")], None),
        (
            vec![("DELETE", "Encounter/g", ""), both[0]],
            Some("Bundle.entry[1].resource.Observation.encounter"),
        ),
    ] {
        let failure = store.ask(system(), transaction(&entries)).unwrap_err();
        match expected {
            Some(place) => assert_eq!(failure.issues[0].expression.as_deref(), Some(place)),
            None => assert_eq!(failure.category, Category::Conflict),
        }
    }
    let moved = [("DELETE", "Encounter/g", ""), ("PUT", "Observation/o", elsewhere.as_str())];
    store.ask(system(), transaction(&moved)).unwrap();
    store.ask(system(), transaction(&both)).unwrap();
    let gone = [("DELETE", "Encounter/g", ""), ("DELETE", "Observation/o", "")];
    store.ask(system(), transaction(&gone)).unwrap();
}

/// A reference and a delete of its target at the same moment: one of them is refused.
#[test]
fn a_target_does_not_go_while_it_is_referred_to() {
    for first in [true, false] {
        for n in 0..10 {
            let store = store();
            let name = format!("o{n}");
            let (refer, go) = (put(&observation(&name, "e", "")), delete("Encounter", "e"));
            let (one, two) = if first { (refer, go) } else { (go, refer) };
            let started = [one, two].map(|asked| store.engine.start(request(system(), asked)));
            let outcomes = started.map(|started| match started {
                crate::Started::Done(outcome) => outcome,
                crate::Started::Waiting(pending) => pending.wait(),
            });
            let done = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
            assert_eq!(done, 1, "{outcomes:?}");
        }
    }
}

#[test]
fn patients_in_care_may_be_kept_elsewhere() {
    let store = store();
    put_at(&store, OWN, &visit("v", "q", OWN)).unwrap();
    let about = observation("new", "v", "").replace("Patient/p", "Patient/q");
    let hidden = Interaction::get("Patient/q").unwrap();
    assert!(store.ask(clinician(), hidden).is_err(), "it is kept elsewhere");
    store.ask(clinician(), post(&about)).unwrap();
    let never = about.replace("Patient/q", "Patient/never");
    assert_eq!(places(store.ask(clinician(), post(&never))), ["Observation.subject"]);
}

/// Where an organisation comes to know patients at all, it names those it has no record of.
#[test]
fn the_desk_stays_open() {
    let store = store();
    for patient in ["q", "never"] {
        for (principal, role) in [
            (Principal::Practitioner(id("desk")), Role::Registration),
            (Principal::Device(id("feed")), Role::Integration),
        ] {
            let body = visit("new", patient, OWN);
            store.ask(subject(principal.clone(), role), post(&body)).unwrap();
            let elsewhere = visit("new", patient, "none");
            let outcome = store.ask(subject(principal, role), post(&elsewhere));
            assert_eq!(places(outcome), ["Encounter.serviceProvider"]);
        }
    }
}
