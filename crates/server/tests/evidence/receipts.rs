//! Receipts: what a patient was given proves that their consent was filed.

use std::fs;

use crate::common::{Store, run};

const CONSENT: &str = r#"{"resourceType":"Consent","status":"active",
    "scope":{"coding":[{"code":"patient-privacy"}]},"category":[{"text":"privacy"}],
    "patient":{"reference":"Patient/p"},"policyRule":{"text":"own"},
    "provision":{"type":"deny"}}"#;

#[test]
fn a_receipt_proves_filing_and_revoking() {
    let store = Store::new();
    let mut server = store.serve();
    let system = store.system();
    let mut operator = server.client(&system);
    operator.put("Patient/p", r#"{"resourceType":"Patient","id":"p"}"#).expect(201);
    let patient = store.token(&["--as", "Patient/p", "--role", "patient", "--purpose", "PATRQT"]);
    let mut client = server.client(&patient);
    let filed = client.post("Consent/$file", CONSENT).expect(200).json();
    operator.post("Patient", r#"{"resourceType":"Patient"}"#).expect(201);
    let part = |name: &str| {
        let all = filed["parameter"].as_array().unwrap().iter();
        all.clone().find(|part| part["name"] == name).unwrap().clone()
    };
    let version = part("version")["valueReference"]["reference"].as_str().unwrap().to_owned();
    let document = client.get(&version).expect(200);
    let id = version.split('/').nth(1).unwrap().to_owned();
    let revoked =
        client.post(&format!("Consent/{id}/$revoke"), "{\"resourceType\":\"Parameters\"}");
    let revoked = revoked.expect(200).json();
    client.post(&format!("Consent/{id}/$revoke"), "{}").expect(409);
    server.stop();

    let at = |name: &str, text: &str| {
        let file = store.folder.path().join(name);
        fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let key = part("key")["valueString"].as_str().unwrap().to_owned();
    let answer = at("filed.json", &filed.to_string());
    let kept = at("document.json", document.text());
    let said = run(&["receipt", &answer, "--key", &key, "--document", &kept]).good();
    assert!(
        said.out.contains(&version) && said.out.contains("`$file` of Patient/p"),
        "{}",
        said.out
    );
    store.command("receipt", &[&answer]).good();
    let ended = at("revoked.json", &revoked.to_string());
    assert!(run(&["receipt", &ended, "--key", &key]).good().out.contains("/_history/2"));

    let other = at("other.json", &document.text().replace("deny", "permit"));
    run(&["receipt", &answer, "--key", &key, "--document", &other]).found();
    let forged = at("forged.json", &filed.to_string().replace("Patient/p", "Patient/q"));
    run(&["receipt", &forged, "--key", &key]).found();
    let leaf = part("leaf")["valueUnsignedInt"].to_string();
    let moved = filed.to_string().replace(&format!("leaf {leaf} "), "leaf 0 ");
    run(&["receipt", &at("moved.json", &moved), "--key", &key]).found();
}
