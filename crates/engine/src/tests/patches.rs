//! Patches: an update of what its sender sees, told as changes.

use accord_spec::ResourceType;

use super::*;
use crate::{Patch, PatchFormat, PatchOf};

const BODY: &str = r#"{"resourceType":"Patient","id":"p","active":true,
    "identifier":[{"system":"s","value":"1"}],"name":[{"family":"Birch","given":["A","B"]}]}"#;

fn put(name: &str, body: &str) -> Interaction {
    let kind = body.split('"').nth(3).unwrap();
    Interaction::Update {
        resource_type: ResourceType::from_name(kind).unwrap(),
        id: id(name),
        body: Arc::from(body.as_bytes()),
        if_match: None,
    }
}

fn patch(of: PatchOf, format: PatchFormat, body: &str, if_match: Option<u32>) -> Interaction {
    let (resource_type, body) = (ResourceType::PATIENT, Arc::from(body.as_bytes()));
    Interaction::Patch(Box::new(Patch { resource_type, of, format, body, if_match }))
}

fn json(body: &str, if_match: Option<u32>) -> Interaction {
    patch(PatchOf::Id(id("p")), PatchFormat::Json, body, if_match)
}

const GENDER: &str = r#"[{"op":"test","path":"/name/0/family","value":"Birch"},
    {"op":"add","path":"/gender","value":"other"}]"#;
const BIRTH: &str = r#"{"resourceType":"Parameters","parameter":[{"name":"operation","part":[
    {"name":"type","valueCode":"add"},{"name":"path","valueString":"Patient"},
    {"name":"name","valueString":"birthDate"},{"name":"value","valueDate":"1980-02-03"}]}]}"#;

fn with_patient() -> Store {
    let store = Store::new();
    store.ask(system(), put("p", BODY)).unwrap();
    store
}

fn updated(outcome: Outcome) -> (u32, String) {
    match outcome {
        Ok(Answer::Updated(version)) => (version.version, version.body.to_string()),
        other => panic!("not updated: {other:?}"),
    }
}

fn category(outcome: Outcome) -> Category {
    outcome.expect_err("not refused").category
}

#[test]
fn both_kinds_of_patch_make_versions() {
    let store = with_patient();
    let (version, body) = updated(store.ask(system(), json(GENDER, Some(1))));
    assert!(version == 2 && body.contains(r#""gender":"other""#), "{body}");
    let of = PatchOf::Where(vec![("identifier".to_owned(), "s|1".to_owned())]);
    let asked = patch(of, PatchFormat::Fhirpath, BIRTH, None);
    let (version, body) = updated(store.ask(system(), asked));
    assert!(version == 3 && body.contains(r#""birthDate":"1980-02-03""#), "{body}");
    assert!(body.contains(r#""gender":"other""#) && body.contains(r#""versionId":"3""#), "{body}");
    // What was patched is found by what it says now.
    let found = Interaction::get("Patient?birthdate=1980-02-03&gender=other&_summary=count");
    let Ok(Answer::Page(page)) = store.ask(system(), found.unwrap()) else { panic!("a page") };
    assert_eq!(page.total, Some(1));
    let last = store.last_write();
    assert_eq!((&*last.interaction, last.status), ("patch", 200));
}

#[test]
fn refusals_have_their_statuses() {
    let store = with_patient();
    let of = |name: &str| PatchOf::Id(id(name));
    let find = |value: &str| PatchOf::Where(vec![("identifier".to_owned(), value.to_owned())]);
    store.ask(system(), put("q", &BODY.replace(r#""id":"p""#, r#""id":"q""#))).unwrap();
    let too_long = format!("[{}]", " ".repeat(crate::MAX_PATCH_BYTES));
    for (asked, expected) in [
        (json("[", None), Category::Invalid),
        (json("{}", None), Category::Invalid),
        (json(r#"[{"op":"none","path":"/active"}]"#, None), Category::Invalid),
        (json(r#"[{"op":"remove","path":"/nothing"}]"#, None), Category::Unprocessable),
        (json(r#"[{"op":"test","path":"/active","value":false}]"#, None), Category::Unprocessable),
        (json(r#"[{"op":"add","path":"/wings","value":2}]"#, None), Category::Unprocessable),
        (json(r#"[{"op":"replace","path":"/id","value":"x"}]"#, None), Category::Invalid),
        (json(r#"[{"op":"remove","path":"/nothing"}]"#, Some(7)), Category::Precondition),
        (json(&too_long, None), Category::TooCostly),
        (patch(of("p"), PatchFormat::Fhirpath, "{}", None), Category::Unprocessable),
        (patch(of("none"), PatchFormat::Json, GENDER, None), Category::NotFound),
        (patch(of("none"), PatchFormat::Json, GENDER, Some(1)), Category::NotFound),
        (patch(find("none"), PatchFormat::Json, GENDER, None), Category::NotFound),
        (patch(find("1"), PatchFormat::Json, GENDER, None), Category::Precondition),
        (patch(PatchOf::Where(vec![]), PatchFormat::Json, GENDER, None), Category::Invalid),
    ] {
        let text = format!("{asked:?}");
        assert_eq!(category(store.ask(system(), asked)), expected, "{text}");
    }
    let gone =
        Interaction::Delete { resource_type: ResourceType::PATIENT, id: id("p"), if_match: None };
    store.ask(system(), gone).unwrap();
    assert_eq!(category(store.ask(system(), json(GENDER, None))), Category::NotFound);
}

#[test]
fn patches_come_in_bundles() {
    let store = with_patient();
    let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, GENDER);
    let binary = format!(
        r#"{{"resourceType":"Binary","contentType":"application/json-patch+json","data":"{data}"}}"#
    );
    let sent = |kind: &str, url: &str, resource: &str| {
        bundle(&format!(
            r#"{{"resourceType":"Bundle","type":"{kind}","entry":[
                {{"request":{{"method":"PATCH","url":"{url}"}},"resource":{resource}}}]}}"#
        ))
    };
    for (kind, url, resource, expected) in [
        ("transaction", "Patient/p", binary.as_str(), r#""gender":"other""#),
        ("batch", "Patient?identifier=s%7C1", BIRTH, r#""birthDate":"1980-02-03""#),
    ] {
        let outcome = store.ask(system(), sent(kind, url, resource));
        let Ok(Answer::Bundle { mut entries, .. }) = outcome else { panic!("{outcome:?}") };
        let (_, body) = updated(entries.remove(0));
        assert!(body.contains(expected), "{body}");
    }
    for (url, resource, expected) in [
        ("Patient/p", binary.as_str(), Category::Unprocessable),
        ("Patient/p", r#"{"resourceType":"Patient"}"#, Category::Invalid),
        ("Patient/none", BIRTH, Category::NotFound),
    ] {
        // The birch is renamed first, so that the patch's test fails.
        let renamed = BODY.replace("Birch", "Elm");
        store.ask(system(), put("p", &renamed)).unwrap();
        let outcome = store.ask(system(), sent("transaction", url, resource));
        assert_eq!(category(outcome), expected, "{url} {resource}");
    }
}

/// Two that patch at once: neither is lost.
#[test]
fn patches_at_the_same_time_are_all_made() {
    let store = with_patient();
    let tag = |n: usize| {
        let family = format!(r#"[{{"op":"add","path":"/name/-","value":{{"family":"N{n}"}}}}]"#);
        json(&family, None)
    };
    let started: Vec<_> = (0..8).map(|n| store.engine.start(request(system(), tag(n)))).collect();
    for one in started {
        let outcome = match one {
            crate::Started::Done(outcome) => outcome,
            crate::Started::Waiting(pending) => pending.wait(),
        };
        updated(outcome);
    }
    let (version, body) = updated(store.ask(system(), json("[]", None)));
    assert_eq!(version, 10);
    (0..8).for_each(|n| assert!(body.contains(&format!("N{n}")), "{body}"));
}

#[test]
fn what_is_told_with_parts_left_out_is_not_patched() {
    let store = Store::new();
    let clinician = subject(Principal::Practitioner(id("dr")), Role::Clinician);
    let here = |body: &str| {
        let mut request = request(system(), put(body.split('"').nth(7).unwrap(), body));
        request.controller = Some(id("new-hospital"));
        store.engine.handle_blocking(request).unwrap();
    };
    here(r#"{"resourceType":"Organization","id":"new-hospital","name":"New"}"#);
    here(r#"{"resourceType":"Practitioner","id":"dr"}"#);
    here(BODY);
    here(
        r#"{"resourceType":"Encounter","id":"e","status":"in-progress",
        "class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"IMP"},
        "subject":{"reference":"Patient/p"},
        "serviceProvider":{"reference":"Organization/new-hospital"}}"#,
    );
    here(
        r#"{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},
        "subject":{"reference":"Patient/p"},
        "derivedFrom":[{"reference":"Observation/none","display":"at the clinic"}]}"#,
    );
    here(
        r#"{"resourceType":"Observation","id":"plain","status":"final","code":{"text":"x"},
        "subject":{"reference":"Patient/p"}}"#,
    );
    let ask = |name: &str, body: &str| {
        let (resource_type, format) =
            (ResourceType::from_name("Observation").unwrap(), PatchFormat::Json);
        let (of, body) = (PatchOf::Id(id(name)), Arc::from(body.as_bytes()));
        let patch = Patch { resource_type, of, format, body, if_match: None };
        store.ask(clinician.clone(), Interaction::Patch(Box::new(patch)))
    };
    let amended = r#"[{"op":"replace","path":"/status","value":"amended"}]"#;
    updated(ask("plain", amended));
    for body in [
        amended,
        r#"[{"op":"test","path":"/derivedFrom/0/display","value":"at the clinic"}]"#,
        r#"[{"op":"test","path":"/derivedFrom/0/display","value":"elsewhere"}]"#,
    ] {
        let failure = ask("o", body).unwrap_err();
        assert_eq!(failure.category, Category::Unprocessable);
        assert!(failure.issues[0].diagnostics.contains("left out"), "{failure:?}");
    }
}
