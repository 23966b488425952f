//! `$meta`, `$meta-add`, `$meta-delete`.

use super::*;
use crate::{Patch, PatchFormat, PatchOf};

const ACT: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

fn change(format: PatchFormat, meta: &str) -> Interaction {
    let body = format!(
        r#"{{"resourceType":"Parameters","parameter":[{{"name":"meta","valueMeta":{meta}}}]}}"#
    );
    sent(format, &body)
}

fn sent(format: PatchFormat, body: &str) -> Interaction {
    let (resource_type, of) = (ResourceType::PATIENT, PatchOf::Id(id("p")));
    let body = Arc::from(body.as_bytes());
    Interaction::Patch(Box::new(Patch { resource_type, of, format, body, if_match: None }))
}

fn with_patient(meta: &str) -> Store {
    let store = Store::new();
    let body = format!(r#"{{"resourceType":"Patient","id":"p","meta":{meta},"active":true}}"#);
    let (resource_type, body) = (ResourceType::PATIENT, Arc::from(body.as_bytes()));
    let update = Interaction::Update { resource_type, id: id("p"), body, if_match: None };
    let mut request = request(system(), update);
    request.controller = Some(id("new-hospital"));
    store.engine.handle_blocking(request).unwrap();
    store
}

/// The `meta` that is told, without what the server owns.
#[track_caller]
fn told(outcome: Outcome) -> serde_json::Value {
    let Ok(Answer::Resource(text)) = outcome else { panic!("{outcome:?}") };
    let parameters: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(parameters["parameter"][0]["name"], "return");
    let mut meta = parameters["parameter"][0]["valueMeta"].clone();
    meta.as_object_mut().unwrap().remove("lastUpdated");
    meta
}

#[test]
fn sets_grow_and_shrink_by_system_and_code() {
    let store = with_patient(r#"{"source":"s","tag":[{"system":"t","code":"1","display":"one"}]}"#);
    let add = r#"{"profile":["http://p.example/1"],"tag":[{"system":"t","code":"1","display":"ONE"},
        {"system":"t","code":"2"},{"system":"t","code":"2"},{"code":"2"}]}"#;
    let meta = told(store.ask(system(), change(PatchFormat::MetaAdd, add)));
    let expected = serde_json::json!({"versionId": "2", "source": "s",
        "profile": ["http://p.example/1"],
        "tag": [{"system": "t", "code": "1", "display": "one"}, {"system": "t", "code": "2"},
            {"code": "2"}]});
    assert_eq!(meta, expected);
    let asked = Interaction::Meta { resource_type: ResourceType::PATIENT, id: id("p") };
    assert_eq!(told(store.ask(system(), asked)), expected);
    let away = r#"{"profile":["http://p.example/1","http://p.example/2"],
        "tag":[{"system":"t","code":"2","version":"9"},{"system":"x","code":"1"}]}"#;
    let meta = told(store.ask(system(), change(PatchFormat::MetaDelete, away)));
    let expected = serde_json::json!({"versionId": "3", "source": "s",
        "tag": [{"system": "t", "code": "1", "display": "one"}, {"code": "2"}]});
    assert_eq!(meta, expected);
    assert_eq!(store.last_write().interaction, "$meta-delete");
    // The rest of the resource is as it was, and tags are found.
    let found = Interaction::get("Patient?_tag=t%7C1&active=true&_summary=count").unwrap();
    let Ok(Answer::Page(page)) = store.ask(system(), found) else { panic!("a page") };
    assert_eq!(page.total, Some(1));
}

/// What is told of a type, or of all.
fn in_use(store: &Store, who: Arc<Subject>, url: &str) -> serde_json::Value {
    let Ok(Answer::Resource(text)) = store.ask(who, Interaction::get(url).unwrap()) else {
        panic!("{url}")
    };
    let parameters: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(parameters["parameter"][0]["name"], "return");
    parameters["parameter"][0]["valueMeta"].clone()
}

#[test]
fn what_is_in_use_is_what_current_versions_have() {
    let store = with_patient(r#"{"tag":[{"system":"t","code":"old"},{"system":"t","code":"1"}]}"#);
    let away = r#"{"tag":[{"system":"t","code":"old"}]}"#;
    told(store.ask(system(), change(PatchFormat::MetaDelete, away)));
    let long = "x".repeat(2000);
    let add = format!(
        r#"{{"profile":["http://p.example/1|2"],"tag":[{{"system":"t","code":"1","display":"one"}},
        {{"code":"2"}},{{"system":"only"}},{{"system":"t","code":"{long}"}}]}}"#
    );
    told(store.ask(system(), change(PatchFormat::MetaAdd, &add)));
    let list = r#"{"resourceType":"Group","type":"person","actual":true,
        "meta":{"security":[{"system":"s","code":"R"}]}}"#;
    let (resource_type, body) =
        (ResourceType::from_name("Group").unwrap(), Arc::from(list.as_bytes()));
    let group = Interaction::Create { resource_type, body, if_none_exist: None };
    store.ask(system(), group).unwrap();
    let tags = serde_json::json!([{"code": "2"}, {"system": "only"}, {"system": "t", "code": "1"}]);
    let patient = serde_json::json!({"profile": ["http://p.example/1|2"], "tag": tags});
    assert_eq!(in_use(&store, system(), "Patient/$meta"), patient);
    let mut all = patient;
    all["security"] = serde_json::json!([{"system": "s", "code": "R"}]);
    assert_eq!(in_use(&store, system(), "$meta"), all);
    assert_eq!(in_use(&store, system(), "Observation/$meta"), serde_json::Value::Null);
    let record = store.recorded().pop().unwrap();
    assert_eq!((&*record.interaction, record.patients.len()), ("$meta", 0));
    assert_eq!(record.target.unwrap().resource_type, "Observation");
    // Of what does not exist for somebody nothing is in use.
    let clinician = subject(Principal::Practitioner(id("dr")), Role::Clinician);
    assert_eq!(in_use(&store, clinician, "Patient/$meta"), serde_json::Value::Null);
    let payor = subject(Principal::Practitioner(id("dr")), Role::Payor);
    let refused = store.ask(payor, Interaction::get("Observation/$meta").unwrap());
    assert_eq!(refused.unwrap_err().category, Category::Forbidden);
    let delete =
        Interaction::Delete { resource_type: ResourceType::PATIENT, id: id("p"), if_match: None };
    store.ask(system(), delete).unwrap();
    assert_eq!(in_use(&store, system(), "Patient/$meta"), serde_json::Value::Null);
}

#[test]
fn labels_are_taken_away_by_whom_an_update_lets() {
    let label = format!(r#"{{"security":[{{"system":"{ACT}","code":"PSY"}}]}}"#);
    let store = with_patient(r#"{"source":"s"}"#);
    let feed = subject(Principal::Device(id("feed")), Role::Integration);
    told(store.ask(feed.clone(), change(PatchFormat::MetaAdd, &label)));
    let failure = store.ask(feed, change(PatchFormat::MetaDelete, &label)).unwrap_err();
    assert_eq!(failure.category, Category::Conflict);
    let meta = told(store.ask(system(), change(PatchFormat::MetaDelete, &label)));
    assert_eq!(meta, serde_json::json!({"versionId": "3", "source": "s"}));
}

#[test]
fn what_is_no_meta_or_not_there_is_refused() {
    let store = with_patient(r#"{"source":"s"}"#);
    let parameters = |inner: &str| format!(r#"{{"resourceType":"Parameters"{inner}}}"#);
    for (body, expected) in [
        (parameters(""), Category::Invalid),
        (
            parameters(r#","parameter":[{"name":"x","valueMeta":{"versionId":"1"}}]"#),
            Category::Invalid,
        ),
        (parameters(r#","parameter":[{"name":"meta","valueString":"x"}]"#), Category::Invalid),
        (
            parameters(r#","parameter":[{"name":"meta","valueMeta":{"tag":"x"}}]"#),
            Category::Unprocessable,
        ),
        ("[]".to_owned(), Category::Unprocessable),
    ] {
        let failure = store.ask(system(), sent(PatchFormat::MetaAdd, &body)).unwrap_err();
        assert_eq!(failure.category, expected, "{body}");
    }
    let clinician = subject(Principal::Practitioner(id("dr")), Role::Clinician);
    let hidden =
        store.ask(clinician.clone(), change(PatchFormat::MetaAdd, "{\"versionId\":\"1\"}"));
    assert_eq!(hidden.unwrap_err().category, Category::NotFound);
    let asked = Interaction::Meta { resource_type: ResourceType::PATIENT, id: id("p") };
    assert_eq!(store.ask(clinician, asked).unwrap_err().category, Category::NotFound);
}
