//! Batch and transaction.

use serde_json::{Value, json};

use crate::common::Store;
use crate::common::http::Client;
use crate::{id_of, patient};

fn count(client: &mut Client, query: &str) -> u64 {
    let mark = if query.contains('?') { '&' } else { '?' };
    let page = client.get(&format!("{query}{mark}_summary=count")).expect(200).json();
    page["total"].as_u64().unwrap()
}

fn statuses(answer: &Value) -> Vec<&str> {
    let entries = answer["entry"].as_array().unwrap().iter();
    entries.map(|entry| &entry["response"]["status"].as_str().unwrap()[..3]).collect()
}

#[test]
fn a_transaction_resolves_its_references() {
    let store = Store::new();
    let server = store.serve();
    let mut client = server.client(&store.system());
    let organization = r#"{"resourceType":"Organization","name":"A","identifier":[{"system":"http://x.example/n","value":"7"}]}"#;
    let organization = id_of(&client.post("Organization", organization).expect(201));
    let gone =
        id_of(&client.post("Basic", r#"{"resourceType":"Basic","code":{"text":"x"}}"#).expect(201));
    let (patient, encounter) = (
        "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a",
        "urn:uuid:88f151c0-a954-468a-88bd-5ae15c08e059",
    );
    // The order of processing is not the order of entries: reads see what was written.
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        {"request": {"method": "GET", "url": "Encounter?_summary=count"}},
        {"fullUrl": encounter, "request": {"method": "POST", "url": "Encounter"},
         "resource": {"resourceType": "Encounter", "status": "finished",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "text": {"status": "generated", "div":
                format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">see {patient}</div>")},
            "serviceProvider": {"reference": "Organization?identifier=http://x.example/n|7"},
            "subject": {"reference": patient}}},
        {"fullUrl": patient, "request": {"method": "POST", "url": "Patient"},
         "resource": {"resourceType": "Patient", "active": true}},
        {"request": {"method": "PUT", "url": "Observation/set"},
         "resource": {"resourceType": "Observation", "id": "set", "status": "final",
            "code": {"text": "x"}, "subject": {"reference": patient},
            "encounter": {"reference": encounter}}},
        {"request": {"method": "DELETE", "url": format!("Basic/{gone}")}},
    ]});
    let answer = client.post("", &bundle.to_string()).expect(200).json();
    assert_eq!(answer["type"], "transaction-response");
    assert_eq!(statuses(&answer), ["200", "201", "201", "201", "204"]);
    assert_eq!(answer["entry"][0]["resource"]["total"], 1);
    let id = |at: usize| {
        let location = answer["entry"][at]["response"]["location"].as_str().unwrap();
        location.split('/').rev().nth(2).unwrap().to_owned()
    };
    let (encounter, patient) = (id(1), id(2));
    let stored = client.get(&format!("Encounter/{encounter}")).expect(200).json();
    assert_eq!(stored["subject"]["reference"], format!("Patient/{patient}"));
    assert_eq!(stored["serviceProvider"]["reference"], format!("Organization/{organization}"));
    let stored = client.get("Observation/set").expect(200).json();
    assert_eq!(stored["subject"]["reference"], format!("Patient/{patient}"));
    assert_eq!(stored["encounter"]["reference"], format!("Encounter/{encounter}"));
    assert_eq!(count(&mut client, &format!("Encounter?subject=Patient/{patient}")), 1);
    assert_eq!(count(&mut client, &format!("Encounter?service-provider={organization}")), 1);
    assert_eq!(count(&mut client, &format!("Observation?patient={patient}")), 1);
    assert_eq!(count(&mut client, &format!("Observation?encounter={encounter}")), 1);
    client.get(&format!("Basic/{gone}")).expect(410);
}

#[test]
fn a_transaction_is_whole_or_nothing() {
    let store = Store::new();
    let server = store.serve();
    let mut client = server.client(&store.system());
    let good = json!({"request": {"method": "POST", "url": "Patient"},
        "resource": {"resourceType": "Patient"}});
    let bad = [
        (
            422,
            json!({"request": {"method": "POST", "url": "Patient"},
            "resource": {"resourceType": "Patient", "birthDate": "1980-13-01"}}),
        ),
        (
            412,
            json!({"request": {"method": "POST", "url": "Observation"},
            "resource": {"resourceType": "Observation", "status": "final", "code": {"text": "x"},
                "subject": {"reference": "Patient?identifier=nobody"}}}),
        ),
        (
            412,
            json!({"request": {"method": "PUT", "url": "Patient/p", "ifMatch": "W/\"4\""},
            "resource": {"resourceType": "Patient", "id": "p"}}),
        ),
        (
            400,
            json!({"request": {"method": "POST", "url": "Nonsense"},
            "resource": {"resourceType": "Patient"}}),
        ),
    ];
    for (status, bad) in bad {
        let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [good, bad]});
        let answer = client.post("", &bundle.to_string()).expect(status);
        let paths = answer.expressions();
        assert!(paths.iter().all(|path| path.starts_with("Bundle.entry[1]")), "{paths:?}");
        assert_eq!(count(&mut client, "Patient"), 0);
    }
    let twice = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        {"request": {"method": "PUT", "url": "Patient/p"}, "resource": {"resourceType": "Patient", "id": "p"}},
        {"request": {"method": "DELETE", "url": "Patient/p"}},
    ]});
    client.post("", &twice.to_string()).expect(400);
}

#[test]
fn entries_of_a_batch_stand_for_themselves() {
    let store = Store::new();
    let server = store.serve();
    let mut client = server.client(&store.system());
    let id = id_of(&client.post("Patient", &patient("Alder")).expect(201));
    let bundle = json!({"resourceType": "Bundle", "type": "batch", "entry": [
        {"request": {"method": "GET", "url": format!("Patient/{id}")}},
        {"request": {"method": "POST", "url": "Patient"},
         "resource": {"resourceType": "Patient", "birthDate": "1980-13-01"}},
        {"request": {"method": "POST", "url": "Patient"}, "resource": {"resourceType": "Patient"}},
        {"request": {"method": "GET", "url": "Patient/nobody"}},
        {"request": {"method": "GET", "url": "Patient?family=alder"}},
    ]});
    let answer = client.post("", &bundle.to_string()).expect(200).json();
    assert_eq!(answer["type"], "batch-response");
    assert_eq!(statuses(&answer), ["200", "422", "201", "404", "200"]);
    assert_eq!(answer["entry"][0]["resource"]["id"], id.as_str());
    assert_eq!(answer["entry"][4]["resource"]["total"], 1);
    assert_eq!(answer["entry"][1]["response"]["outcome"]["resourceType"], "OperationOutcome");
    assert_eq!(count(&mut client, "Patient"), 2);
}
