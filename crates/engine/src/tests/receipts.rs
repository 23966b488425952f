//! Receipts of filing and revoking: signed, in the log, and about what is stored.

use accord_audit::tree::TreeHash;
use accord_audit::{Checkpoint, Receipt, document_hash};

use super::explain::operation;
use super::*;

const CONSENT: &str = r#"{"resourceType":"Consent","status":"active",
    "scope":{"coding":[{"code":"patient-privacy"}]},"category":[{"text":"privacy"}],
    "patient":{"reference":"Patient/p"},"policyRule":{"text":"own"},"provision":{"type":"deny"}}"#;

fn patient() -> Arc<Subject> {
    let patient = subject(Principal::Patient(id("p")), Role::Patient);
    let purpose = Purpose::Patrqt;
    Arc::new(Subject { purpose, organization: None, ..(*patient).clone() })
}

fn doctor() -> Arc<Subject> {
    subject(Principal::Practitioner(id("dr")), Role::Clinician)
}

/// What a receipt proves, and the id of its consent.
fn proven(store: &Store, asked: Interaction) -> (Receipt, String) {
    let outcome = store.ask(patient(), asked);
    let Ok(Answer::Resource(text)) = outcome else { panic!("{outcome:?}") };
    let told: serde_json::Value = serde_json::from_str(&text).unwrap();
    let all = told["parameter"].as_array().unwrap();
    let texts = |name: &str| -> Vec<String> {
        let of_name = all.iter().filter(|part| part["name"] == name);
        of_name.map(|part| part["valueString"].as_str().unwrap().to_owned()).collect()
    };
    let keys = [store.engine.signer.verifier().clone()];
    assert_eq!(texts("key"), [keys[0].to_string()]);
    let receipt = Receipt::open(texts("receipt")[0].as_bytes(), &keys).unwrap();
    let checkpoint = Checkpoint::open(texts("checkpoint")[0].as_bytes(), &keys).unwrap();
    let byte = |text: &str, at: usize| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap();
    let hash = |text: &String| TreeHash(std::array::from_fn(|at| byte(text, at)));
    let proof: Vec<TreeHash> = texts("proof").iter().map(hash).collect();
    assert!(receipt.is_in(&checkpoint, &proof));
    let id = receipt.version.split('/').nth(1).unwrap().to_owned();
    (receipt, id)
}

fn document(store: &Store, name: &str, version: u32) -> String {
    let resource_type = ResourceType::CONSENT;
    let read = Interaction::Vread { resource_type, id: id(name), version };
    let Ok(Answer::Read(version)) = store.ask(patient(), read) else { panic!("not there") };
    version.body.to_string()
}

#[test]
fn filing_and_revoking_are_receipted() {
    let store = Store::with_patient();
    for round in 0..5 {
        let body = match round % 2 {
            0 => CONSENT.to_owned(),
            _ => format!(
                r#"{{"resourceType":"Parameters","parameter":[
                    {{"name":"consent","resource":{CONSENT}}}]}}"#
            ),
        };
        let (filed, name) = proven(&store, operation("$file", None, &body));
        assert_eq!((filed.act.as_str(), filed.who.as_str()), ("$file", "Patient/p"));
        assert_eq!(filed.document, document_hash(document(&store, &name, 1).as_bytes()));
        assert!(!store.sees(doctor(), "Observation", "plain"));
        assert_eq!(store.last_write().interaction, "$file");
        let (revoked, _) = proven(&store, operation("$revoke", Some(&name), "{}"));
        assert_eq!(revoked.version, format!("Consent/{name}/_history/2"));
        assert_eq!(revoked.document, document_hash(document(&store, &name, 2).as_bytes()));
        assert!(revoked.leaf > filed.leaf);
        assert!(store.sees(doctor(), "Observation", "plain"));
        let again = store.ask(patient(), operation("$revoke", Some(&name), "{}")).unwrap_err();
        assert_eq!(again.category, Category::Conflict);
    }
}

#[test]
fn superseding_ends_one_consent_and_files_another_in_one_act() {
    let store = Store::with_patient();
    let (_, old) = proven(&store, operation("$file", None, CONSENT));
    assert!(!store.sees(doctor(), "Observation", "plain"));
    let permit = CONSENT.replace("deny", "permit");
    let supersede =
        |who, name: &str, body: &str| store.ask(who, operation("$supersede", Some(name), body));
    let other = permit.replace("Patient/p", "Patient/q");
    let idle = permit.replace(r#""status":"active""#, r#""status":"draft""#);
    let impossible =
        permit.replace(r#""type":"permit""#, r#""type":"permit","code":[{"text":"x"}]"#);
    for (body, expected) in [
        (&*other, Category::Unprocessable),
        (&idle, Category::Unprocessable),
        (&impossible, Category::Unprocessable),
        ("{}", Category::Unprocessable),
        ("no JSON", Category::Invalid),
    ] {
        let failure = supersede(patient(), &old, body).unwrap_err();
        assert_eq!(failure.category, expected, "{body}");
        assert!(document(&store, &old, 1).contains("active"));
        assert!(!store.sees(doctor(), "Observation", "plain"), "the old one holds: {body}");
    }
    let told = store.ask(patient(), operation("$supersede", Some(&old), &permit));
    let Ok(Answer::Resource(told)) = told else { panic!("{told:?}") };
    assert!(told.contains(r#""name":"ended""#), "{told}");
    assert_eq!(store.last_write().interaction, "$supersede");
    assert!(store.sees(doctor(), "Observation", "plain"));
    assert!(document(&store, &old, 2).contains(r#""status":"inactive""#));
    assert_eq!(supersede(patient(), &old, &permit).unwrap_err().category, Category::Conflict);
    assert_eq!(supersede(patient(), "none", &permit).unwrap_err().category, Category::NotFound);
    assert_eq!(supersede(doctor(), &old, &permit).unwrap_err().category, Category::Forbidden);
}

#[test]
fn superseding_is_receipted() {
    let store = Store::with_patient();
    let (filed, old) = proven(&store, operation("$file", None, CONSENT));
    let (receipt, new) = proven(&store, operation("$supersede", Some(&old), CONSENT));
    assert_eq!(receipt.act, "$supersede");
    assert_eq!(receipt.version, format!("Consent/{new}/_history/1"));
    assert_eq!(receipt.leaf, filed.leaf + 1);
    let document = document(&store, &new, 1);
    assert_eq!(receipt.document, document_hash(document.as_bytes()));
    assert!(document.contains(&format!(r#""reference":"Consent/{old}""#)), "{document}");
}

#[test]
fn filing_is_held_to_what_writing_is_held_to() {
    let store = Store::with_patient();
    let other = CONSENT.replace("Patient/p", "Patient/q");
    assert!(store.ask(patient(), operation("$file", None, &other)).is_err());
    let impossible = CONSENT.replace(r#""type":"deny""#, r#""type":"deny","code":[{"text":"x"}]"#);
    let failure = store.ask(patient(), operation("$file", None, &impossible)).unwrap_err();
    assert_eq!(failure.category, Category::Unprocessable);
    let failure = store.ask(doctor(), operation("$file", None, "no JSON")).unwrap_err();
    assert_eq!(failure.category, Category::Forbidden);
    let revoke = |who| store.ask(who, operation("$revoke", Some("none"), "{}")).unwrap_err();
    assert_eq!(revoke(patient()).category, Category::NotFound);
    assert_eq!(revoke(doctor()).category, Category::Forbidden);
}
