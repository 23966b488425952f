//! One resource through its life: create, read, update, delete, history.

use crate::common::Store;
use crate::common::http::{Client, next_of};
use crate::{id_of, patient};

#[test]
fn a_resource_lives() {
    let store = Store::new();
    let server = store.serve();
    let mut client = server.client(&store.system());

    let created = client.post("Patient", &patient("Alder")).expect(201);
    assert_eq!(created.header("etag"), Some("W/\"1\""));
    assert!(created.header("last-modified").is_some());
    let id = id_of(&created);
    let path = format!("Patient/{id}");
    let read = client.get(&path).expect(200);
    assert_eq!(read.header("etag"), Some("W/\"1\""));
    let body = read.json();
    assert_eq!(body["id"], id.as_str());
    assert_eq!(body["meta"]["versionId"], "1");
    assert_eq!(body["name"][0]["family"], "Alder");

    let second = patient("Birch").replacen('{', &format!(r#"{{"id":"{id}","#), 1);
    let updated = client.put(&path, &second).expect(200);
    assert_eq!(updated.header("etag"), Some("W/\"2\""));
    client.put("Patient/other", &second).expect(400);
    let first = client.get(&format!("{path}/_history/1")).expect(200).json();
    assert_eq!(first["name"][0]["family"], "Alder");
    client.get(&format!("{path}/_history/3")).expect(404);
    client.get("Patient/nobody").expect(404);

    let deleted = client.ask("DELETE", &path, &[], "");
    assert!(matches!(deleted.status, 200 | 204), "{}", deleted.status);
    client.get(&path).expect(410);
    client.get(&format!("{path}/_history/3")).expect(410);
    let again = client.ask("DELETE", &path, &[], "");
    assert!(matches!(again.status, 200 | 204), "{}", again.status);

    let history = client.get(&format!("{path}/_history")).expect(200).json();
    let methods: Vec<&str> = history["entry"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["request"]["method"].as_str().unwrap())
        .collect();
    assert_eq!(methods, ["DELETE", "PUT", "POST"]);
    assert_eq!(history["total"], 3);

    let revived = client.put(&path, &second).expect(201);
    assert_eq!(revived.header("etag"), Some("W/\"4\""));
    client.get(&path).expect(200);
}

#[test]
fn an_update_creates() {
    let store = Store::new();
    let server = store.serve();
    let mut client = server.client(&store.system());
    let body = r#"{"resourceType":"Basic","id":"mine","code":{"text":"x"}}"#;
    let created = client.put("Basic/mine", body).expect(201);
    assert!(created.header("location").unwrap().ends_with("/fhir/Basic/mine/_history/1"));
    client.put("Basic/mine", body).expect(200);
    client.get("Basic/mine").expect(200);
}

#[test]
fn histories_of_type_and_system_go_back_in_time() {
    let store = Store::new();
    let server = store.serve();
    let mut client = server.client(&store.system());
    for n in 0..7 {
        client.post("Patient", &patient(&format!("P{n}"))).expect(201);
        client.post("Basic", r#"{"resourceType":"Basic","code":{"text":"x"}}"#).expect(201);
    }
    assert_eq!(versions(&mut client, "Patient/_history?_count=3"), 7);
    assert_eq!(versions(&mut client, "_history?_count=4"), 14);
}

/// Follows a history to its end; the newest comes first and nothing comes twice.
fn versions(client: &mut Client, path: &str) -> usize {
    let mut seen: Vec<(String, String)> = Vec::new();
    let mut next = Some(path.to_owned());
    while let Some(path) = next {
        let page = client.get(&path).expect(200).json();
        for entry in page["entry"].as_array().unwrap() {
            let text = |v: &serde_json::Value| v.as_str().unwrap().to_owned();
            let meta = &entry["resource"]["meta"];
            seen.push((text(&meta["lastUpdated"]), text(&entry["fullUrl"])));
        }
        next = next_of(&page);
    }
    assert!(seen.is_sorted_by(|a, b| a.0 > b.0), "{seen:?}");
    seen.len()
}

#[test]
fn what_was_sent_comes_back() {
    let store = Store::new();
    let server = store.serve();
    let mut client = server.client(&store.system());
    let sent = concat!(
        r#"{"resourceType":"Observation","extension":[{"url":"http://example.org/unknown","#,
        r#""valueDecimal":0.10}],"code":{"text":"caf\u00e9 \"é\" / \/"},"valueQuantity":{"value":1.50,"#,
        r#""unit":"mg"},"status":"final","_status":{"extension":[{"url":"http://example.org/e","#,
        r#""valueDecimal":1.0E+2}]},"component":[{"valueQuantity":{"value":-0.00},"#,
        r#""code":{"text":"b"}},{"code":{"text":"a"},"valueQuantity":{"value":"#,
        r#"123456789012345678.123456789012345678}}]}"#
    );
    let id = id_of(&client.post("Observation", sent).expect(201));
    let got = client.get(&format!("Observation/{id}")).expect(200);
    // What the server owns stands somewhere; take it out and nothing else may differ.
    let text = got.text().to_owned();
    let without_id = text.replacen(&format!(r#""id":"{id}","#), "", 1);
    let at = without_id.find(r#""meta":{"#).unwrap();
    let end = at + without_id[at..].find("},").unwrap() + 2;
    let rest = format!("{}{}", &without_id[..at], &without_id[end..]);
    assert_eq!(rest, sent);
}

#[test]
fn faults_are_told_all_at_once() {
    let store = Store::new();
    let server = store.serve();
    let mut client = server.client(&store.system());
    let body = r#"{"resourceType":"Patient","birthDate":"1980-13-01",
        "active":"yes","nonsense":1,"name":{"family":"x"},"managingOrganization":{"reference":5}}"#;
    let answer = client.post("Patient", body).expect(422);
    let paths = answer.expressions();
    for path in ["birthDate", "active", "nonsense", "name"] {
        assert!(paths.contains(&format!("Patient.{path}")), "{path} of {paths:?}");
    }
    assert!(paths.iter().any(|p| p.starts_with("Patient.managingOrganization")), "{paths:?}");
    let missing = client.post("Observation", r#"{"resourceType":"Observation"}"#).expect(422);
    let paths = missing.expressions();
    assert!(paths.iter().any(|p| p.contains("code") || p == "Observation"), "{paths:?}");
    client.post("Patient", "{").expect(400);
    client.post("Patient", r#"{"resourceType":"Basic","code":{"text":"x"}}"#).expect(400);
    client.post("Nonsense", r#"{"resourceType":"Nonsense"}"#).expect(404);
    assert_eq!(client.get("Patient?_summary=count").expect(200).json()["total"], 0);
}
