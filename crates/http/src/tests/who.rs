//! Operations that answer with pages, and those that are asked one way only.

use accord_engine::{Answer, Interaction, Operation, Page, PageKind};

use super::fake::page;
use super::harness::{Server, ask, server};

/// A server whose page goes on after a cursor.
fn paging() -> Server {
    server(|_| {
        let next = Some("Zm9v=/+".to_owned());
        let query = "start=2026-01-01&_count=2".to_owned();
        Ok(Answer::Page(Page { next, query, ..page(PageKind::Search, Vec::new()) }))
    })
}

fn asked(server: &Server) -> Operation {
    let Interaction::Operation(operation) = server.interaction() else { panic!("no operation") };
    *operation
}

#[tokio::test]
async fn pages_of_who_looked_link_to_the_operation() {
    let server = paging();
    let line = "GET /fhir/Patient/p1/$who-looked?start=2026-01-01&_count=2&_pretty=false";
    let got = ask(line).send(&server).await;
    assert_eq!(got.status, 200, "{}", got.text());
    let own =
        "http://ex.org:81/fhir/Patient/p1/$who-looked?start=2026-01-01&_count=2&_pretty=false";
    let expect = serde_json::json!([
        {"relation": "self", "url": own},
        {"relation": "next", "url": format!("{own}&_cursor=Zm9v%3D%2F%2B")},
    ]);
    assert_eq!(got.json()["link"], expect);
}

#[tokio::test]
async fn the_next_link_of_who_looked_asks_for_the_next_page() {
    let server = paging();
    let got = ask("GET /fhir/Patient/p1/$who-looked?_count=2").send(&server).await;
    let json = got.json();
    let next = json["link"][1]["url"].as_str().unwrap();
    let (_, path) = next.split_once("/fhir/").unwrap();
    assert_eq!(ask(&format!("GET /fhir/{path}")).send(&server).await.status, 200);
    let operation = asked(&server);
    assert_eq!(operation.signature.name(), "$who-looked");
    assert_eq!(operation.id.unwrap().as_str(), "p1");
    let cursor = operation.params.iter().find(|(name, _)| name == "_cursor");
    assert_eq!(cursor.unwrap().1, "Zm9v=/+");
    assert!(operation.params.iter().any(|(name, value)| name == "start" && value == "2026-01-01"));
}

#[tokio::test]
async fn an_operation_is_asked_one_way() {
    for (line, allowed) in [
        ("POST /fhir/Patient/p1/$who-looked", "GET, HEAD"),
        ("GET /fhir/Patient/$trace", "POST"),
        ("GET /fhir/Patient/$explain-access", "POST"),
    ] {
        let server = paging();
        let ask = if line.starts_with("POST") { ask(line).json("{}") } else { ask(line) };
        let got = ask.send(&server).await;
        got.refused(405, "not-supported");
        assert_eq!(got.header("allow"), allowed, "{line}");
        assert!(!server.was_asked());
    }
}

#[tokio::test]
async fn questions_about_codes_are_asked_both_ways() {
    for (name, on) in
        [("$expand", "ValueSet"), ("$lookup", "CodeSystem"), ("$translate", "ConceptMap")]
    {
        let server = paging();
        ask(&format!("GET /fhir/{on}/{name}?url=urn:x&code=y")).send(&server).await;
        let by_url = asked(&server);
        assert_eq!((by_url.signature.name(), by_url.params.len()), (name, 2));
        assert!(by_url.body.is_empty());
        let server = paging();
        ask(&format!("POST /fhir/{on}/{name}")).json("{}").send(&server).await;
        assert_eq!(&*asked(&server).body, b"{}");
    }
}
