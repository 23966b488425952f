//! Batches and transactions.

use std::sync::Arc;

use accord_engine::{
    Answer, Category, Failure, Interaction, Outcome, Page, PageKind, Request, Version,
};
use accord_fhir::IssueCode;
use serde_json::json;

use super::fake::{BORN, failing, page, patient};
use super::harness::{ask, server};

const BUNDLE: &str = r#"{"resourceType":"Bundle","type":"batch","entry":[
    {"request":{"method":"GET","url":"Patient?name=x"}},
    {"request":{"method":"GET","url":"http://ex.org:81/fhir/Patient/p1/_history"}},
    {"request":{"method":"GET","url":"/Patient?_id=\u0022"}}]}"#;

fn entries() -> Vec<Outcome> {
    vec![
        Ok(Answer::Created(patient("p1", 1))),
        Ok(Answer::Updated(patient("p2", 7))),
        Ok(Answer::Existing(patient("p3", 2))),
        Ok(Answer::Deleted { version: Some(4) }),
        Ok(Answer::Deleted { version: None }),
        Ok(Answer::Read(patient("p4", 1))),
        Ok(Answer::NotModified { version: 9, last_updated: BORN }),
        Err(Failure::new(Category::NotFound, IssueCode::NotFound, "there is no `Patient/x`")),
    ]
}

fn answered(transaction: bool) -> impl Fn(&Request) -> Outcome + Send + Sync {
    move |_| Ok(Answer::Bundle { transaction, entries: entries() })
}

#[tokio::test]
async fn every_entry_has_its_response_in_order() {
    let server = server(answered(false));
    let got = ask("POST /fhir").json(BUNDLE).send(&server).await;
    assert_eq!(got.status, 200);
    let at = "2026-11-21T22:33:18.123456Z";
    let resource: serde_json::Value = serde_json::from_str(&patient("p4", 1).body).unwrap();
    let expect = json!({"resourceType": "Bundle", "type": "batch-response", "entry": [
        {"response": {"status": "201 Created", "location": "Patient/p1/_history/1",
            "etag": "W/\"1\"", "lastModified": at}},
        {"response": {"status": "200 OK", "location": "Patient/p2/_history/7",
            "etag": "W/\"7\"", "lastModified": at}},
        {"response": {"status": "200 OK", "location": "Patient/p3/_history/2",
            "etag": "W/\"2\"", "lastModified": at}},
        {"response": {"status": "204 No Content", "etag": "W/\"4\""}},
        {"response": {"status": "204 No Content"}},
        {"fullUrl": "http://ex.org:81/fhir/Patient/p4", "resource": resource,
            "response": {"status": "200 OK", "etag": "W/\"1\"", "lastModified": at}},
        {"response": {"status": "304 Not Modified", "etag": "W/\"9\"", "lastModified": at}},
        {"response": {"status": "404 Not Found", "outcome": {
            "resourceType": "OperationOutcome", "issue": [{"severity": "error",
            "code": "not-found", "diagnostics": "there is no `Patient/x`"}]}}},
    ]});
    assert_eq!(got.json(), expect);
    let Interaction::Bundle { body, options } = server.interaction() else {
        panic!("not a Bundle")
    };
    assert_eq!(body, Arc::from(BUNDLE.as_bytes()));
    assert!(options.mark.is_none() && !options.skip_unchanged);
}

#[tokio::test]
async fn preferences_hold_for_entries() {
    let server = server(answered(true));
    let post = |prefer: &str| ask("POST /fhir/").header("prefer", prefer).json(BUNDLE);
    let minimal = post("return=minimal").send(&server).await.json();
    assert_eq!(minimal["type"], "transaction-response");
    assert!(minimal["entry"][0].get("resource").is_none());
    assert_eq!(minimal["entry"][5]["resource"]["id"], "p4", "a read is a read");
    let full = post("return=representation").send(&server).await.json();
    for (at, id) in [(0, "p1"), (1, "p2"), (2, "p3")] {
        assert_eq!(full["entry"][at]["resource"]["id"], id);
        let url = format!("http://ex.org:81/fhir/Patient/{id}");
        assert_eq!(full["entry"][at]["fullUrl"], url);
    }
    let outcomes = post("return=OperationOutcome").send(&server).await.json();
    let outcome = &outcomes["entry"][3]["response"]["outcome"];
    assert_eq!(outcome["issue"][0]["severity"], "information");
}

#[tokio::test]
async fn pages_inside_lead_to_where_the_entry_asked() {
    let server = server(|_| {
        let found = Page {
            query: "name=x".to_owned(),
            next: Some("c".to_owned()),
            ..page(PageKind::Search, vec![patient("p1", 1)])
        };
        let history = page(PageKind::History, Vec::new());
        let odd = page(PageKind::Search, Vec::new());
        let entries = [found, history, odd].map(|p| Ok(Answer::Page(p))).into();
        Ok(Answer::Bundle { transaction: false, entries })
    });
    let got = ask("POST /fhir").json(BUNDLE).send(&server).await.json();
    let url = |at: usize, link: usize| {
        got["entry"][at]["resource"]["link"][link]["url"].as_str().unwrap().to_owned()
    };
    assert_eq!(url(0, 0), "http://ex.org:81/fhir/Patient?name=x");
    assert_eq!(url(0, 1), "http://ex.org:81/fhir/Patient?name=x&_cursor=c");
    assert_eq!(url(1, 0), "http://ex.org:81/fhir/Patient/p1/_history");
    assert_eq!(url(2, 0), "http://ex.org:81/fhir/Patient");
    assert_eq!(got["entry"][0]["response"]["status"], "200 OK");
}

#[tokio::test]
async fn a_transaction_that_fails_is_one_outcome() {
    let server = server(failing(Category::Precondition));
    let got = ask("POST /fhir").json(BUNDLE).send(&server).await;
    got.refused(412, "invalid");
}

#[tokio::test]
async fn a_resource_that_had_no_room_is_left_out() {
    let server = server(|_| {
        let emptied = Version { body: "".into(), ..patient("p1", 1) };
        let entries = vec![Ok(Answer::Created(emptied)), Ok(Answer::Created(patient("p2", 1)))];
        Ok(Answer::Bundle { transaction: true, entries })
    });
    let wanting = ask("POST /fhir").header("prefer", "return=representation");
    let got = wanting.json(BUNDLE).send(&server).await.json();
    assert_eq!(got["entry"][0]["response"]["location"], "Patient/p1/_history/1");
    assert!(got["entry"][0].get("resource").is_none());
    assert_eq!(got["entry"][1]["resource"]["id"], "p2");
}

#[tokio::test]
async fn an_empty_bundle_has_an_empty_response() {
    let server = server(|_| Ok(Answer::Bundle { transaction: true, entries: Vec::new() }));
    let got = ask("POST /fhir").json("{}").send(&server).await.json();
    assert_eq!(got, json!({"resourceType": "Bundle", "type": "transaction-response"}));
}

#[tokio::test]
async fn a_backend_that_panics_is_a_fault() {
    let server = server(|_| panic!("as scripted"));
    for ask in [ask("POST /fhir").json(BUNDLE), ask("GET /fhir/Patient/p1")] {
        let got = ask.send(&server).await;
        got.refused(500, "exception");
        assert!(!got.text().contains("scripted"));
    }
    assert_eq!(server.refusals().len(), 2);
}
