//! Writes by people: what lies outside their scope can neither be changed nor be guessed.

use serde_json::json;

use crate::common::http::{Answer, Client};
use crate::common::{Store, time};
use crate::id_of;

fn observation(id: Option<&str>, patient: &str, text: &str) -> String {
    let mut body = json!({"resourceType": "Observation", "status": "final",
        "code": {"text": text}, "subject": {"reference": format!("Patient/{patient}")},
        "identifier": [{"system": "http://x.example/o", "value": text}]});
    if let Some(id) = id {
        body["id"] = id.into();
    }
    body.to_string()
}

/// Status and text, with the id taken out.
fn told(answer: &Answer, id: &str) -> (u16, String) {
    (answer.status, answer.text().replace(id, "ID"))
}

#[test]
fn what_is_hidden_cannot_be_written() {
    let store = Store::with_patients(12, &time::text(time::now()));
    let server = store.serve();
    let mut alder = server.client(&store.clinician("dr-alder", "northgate-hospital"));
    let mut birch = server.client(&store.clinician("dr-birch", "riverside-hospital"));
    let mut system = server.client(&store.system());

    let own = alder.post("Observation", &observation(None, "pat-willow", "mine")).expect(201);
    let id = id_of(&own);
    let path = format!("Observation/{id}");
    alder.get(&path).expect(200);
    alder.put(&path, &observation(Some(&id), "pat-willow", "mine")).expect(200);
    birch.get(&path).expect(404);
    let willow = ["--as", "Patient/pat-willow", "--role", "patient", "--purpose", "PATRQT"];
    server.client(&store.token(&willow)).get(&path).expect(200);

    // A patient who denies is, for whom is denied, a patient who was never there.
    let denied = birch.post("Observation", &observation(None, "pat-willow", "x"));
    let absent = birch.post("Observation", &observation(None, "never-was", "x"));
    assert!(denied.status >= 400, "{}", denied.text());
    assert_eq!(told(&denied, "pat-willow"), told(&absent, "never-was"));

    hidden_and_absent_are_the_same(&mut birch, &id);
    // Nothing of all that happened, and nothing was lost.
    let now = system.get(&path).expect(200);
    assert_eq!(now.header("etag"), Some("W/\"2\""));

    // A condition finds what may be seen, and nothing else.
    let condition = [("If-None-Exist", "identifier=http://x.example/o|mine")];
    let again =
        alder.ask("POST", "Observation", &condition, &observation(None, "pat-willow", "mine"));
    assert_eq!(id_of(&again.expect(200)), id);
    let rowan = observation(None, "pat-rowan", "mine");
    let other = birch.ask("POST", "Observation", &condition, &rowan).expect(201);
    assert_ne!(id_of(&other), id);
}

fn hidden_and_absent_are_the_same(birch: &mut Client, id: &str) {
    for patient in ["pat-willow", "pat-rowan"] {
        for match_ in [&[][..], &[("If-Match", "W/\"2\"")][..], &[("If-Match", "W/\"1\"")][..]] {
            let mut put = |id: &str| {
                let body = observation(Some(id), patient, "stolen");
                let answer = birch.ask("PUT", &format!("Observation/{id}"), match_, &body);
                told(&answer, id)
            };
            let (hidden, absent) = (put(id), put("never-was"));
            assert!(hidden.0 >= 400);
            assert_eq!(hidden, absent);
            let mut delete = |id: &str| {
                let answer = birch.ask("DELETE", &format!("Observation/{id}"), match_, "");
                told(&answer, id)
            };
            assert_eq!(delete(id), delete("never-was"));
        }
    }
    let mut bundle = |id: &str| {
        let entry = json!({"request": {"method": "DELETE", "url": format!("Observation/{id}")}});
        let body = json!({"resourceType": "Bundle", "type": "batch", "entry": [entry]});
        let answer = birch.post("", &body.to_string());
        told(&answer, id)
    };
    assert_eq!(bundle(id), bundle("never-was"));
}
