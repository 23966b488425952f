//! Conditional requests, tokens, preferences, probes.

use crate::common::Store;
use crate::common::http::Client;
use crate::{id_of, patient};

#[test]
fn a_conditional_create_makes_one() {
    let store = Store::new();
    let server = store.serve();
    let mut client = server.client(&store.system());
    let body = r#"{"resourceType":"Organization","name":"A","identifier":[{"system":"http://x.example/n","value":"1"}]}"#;
    let condition = [("If-None-Exist", "identifier=http://x.example/n|1")];
    let first = client.ask("POST", "Organization", &condition, body).expect(201);
    let second = client.ask("POST", "Organization", &condition, body).expect(200);
    assert_eq!(id_of(&first), id_of(&second));
    assert_eq!(client.get("Organization?_summary=count").json()["total"], 1);
    client.post("Organization", body).expect(201);
    client.ask("POST", "Organization", &condition, body).expect(412);
    client.ask("POST", "Organization", &[("If-None-Exist", "nonsense=1")], body).expect(400);
}

#[test]
fn preconditions_protect() {
    let store = Store::new();
    let server = store.serve();
    let mut client = server.client(&store.system());
    let created = client.post("Patient", &patient("Alder")).expect(201);
    let (id, modified) = (id_of(&created), created.header("last-modified").unwrap().to_owned());
    let path = format!("Patient/{id}");
    let body = patient("Birch").replacen('{', &format!(r#"{{"id":"{id}","#), 1);
    client.ask("PUT", &path, &[("If-Match", "W/\"1\"")], &body).expect(200);
    client.ask("PUT", &path, &[("If-Match", "W/\"1\"")], &body).expect(412);
    client.ask("DELETE", &path, &[("If-Match", "W/\"1\"")], "").expect(412);
    let same = client.ask("GET", &path, &[("If-None-Match", "W/\"2\"")], "").expect(304);
    assert_eq!(same.header("etag"), Some("W/\"2\""));
    client.ask("GET", &path, &[("If-None-Match", "W/\"1\"")], "").expect(200);
    client
        .ask("GET", &path, &[("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT")], "")
        .expect(200);
    let now = client.get(&path).header("last-modified").unwrap().to_owned();
    client.ask("GET", &path, &[("If-Modified-Since", &now)], "").expect(304);
    assert!(modified.ends_with("GMT"));
}

#[test]
fn without_a_token_there_is_no_data() {
    let store = Store::new();
    let mut server = store.serve();
    let mut nobody = Client::new(&server.address, None);
    for path in ["Patient", "Patient/1", "_history", "Patient?_summary=count", "Nonsense"] {
        let answer = nobody.get(path).expect(401);
        assert!(answer.header("www-authenticate").is_some());
        assert_eq!(answer.json()["resourceType"], "OperationOutcome");
    }
    nobody.post("Patient", &patient("Alder")).expect(401);
    nobody.post("", r#"{"resourceType":"Bundle","type":"batch"}"#).expect(401);
    server.client("abc.def.ghi").get("Patient").expect(401);
    let token = store.system();
    let forged = format!("{}AAAA", &token[..token.len() - 4]);
    server.client(&forged).get("Patient").expect(401);

    let metadata = nobody.get("metadata").expect(200).json();
    assert_eq!(metadata["resourceType"], "CapabilityStatement");
    assert_eq!(metadata["fhirVersion"], "4.0.1");
    nobody.get("/health").expect(200);
    nobody.get("/ready").expect(200);
    nobody.get("/metrics").expect(401);
    server.client(&token).get("/metrics").expect(200);
    // What was refused is on record too, and the record is whole.
    server.stop();
    store.assert_sound();
}

#[test]
fn preferences_are_followed() {
    let store = Store::new();
    let server = store.serve();
    let mut client = server.client(&store.system());
    let mut prefer = |what: &str| {
        client.ask("POST", "Patient", &[("Prefer", what)], &patient("Alder")).expect(201)
    };
    assert!(prefer("return=minimal").body.is_empty());
    assert_eq!(prefer("return=representation").json()["resourceType"], "Patient");
    assert_eq!(prefer("return=OperationOutcome").json()["resourceType"], "OperationOutcome");

    client.get("Patient?nonsense=1").expect(400);
    let strict = [("Prefer", "handling=strict")];
    client.ask("GET", "Patient?nonsense=1", &strict, "").expect(400);
    let lenient = [("Prefer", "handling=lenient")];
    let page = client.ask("GET", "Patient?nonsense=1", &lenient, "").expect(200).json();
    assert_eq!(page["total"], 3);
    let own = page["link"][0]["url"].as_str().unwrap();
    assert!(!own.contains("nonsense"), "{own}");

    client.ask("GET", "Patient", &[("Accept", "application/fhir+xml")], "").expect(406);
    client.get("Patient?_format=json&_pretty=true").expect(200);
    let zipped = client.ask("GET", "metadata", &[("Accept-Encoding", "gzip")], "").expect(200);
    assert_eq!(zipped.header("content-encoding"), Some("gzip"));
    let mut plain = String::new();
    let mut decoder = flate2::read::GzDecoder::new(zipped.body.as_slice());
    std::io::Read::read_to_string(&mut decoder, &mut plain).unwrap();
    assert!(plain.starts_with('{'));
}
