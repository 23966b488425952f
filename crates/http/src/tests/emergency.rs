//! The operations of an emergency department as routes: guarded, recorded, listed.

use accord_base::{Principal, Role, Subject};
use accord_emergency::{OPERATIONS, Signature};
use accord_engine::{Answer, Category, Interaction, Page, PageKind};

use super::fake::{failing, id};
use super::harness::{Ask, ask, bare, clinician, server, token};
use crate::path::target;

/// The request line of an operation, by its method or by the other.
fn line(signature: &Signature, right: bool) -> String {
    let method = if signature.by.allows(true) == right { "POST" } else { "GET" };
    let of = if signature.instance { "Encounter/e1" } else { "Encounter" };
    format!("{method} /fhir/{of}/{}", signature.called)
}

fn with_body(ask: Ask, line: &str) -> Ask {
    if line.starts_with("POST") {
        ask.json(r#"{"resourceType":"Parameters","parameter":[]}"#)
    } else {
        ask
    }
}

fn nothing_found(_: &accord_engine::Request) -> accord_engine::Outcome {
    Ok(Answer::Page(Page {
        kind: PageKind::Search,
        total: None,
        entries: Vec::new(),
        included: Vec::new(),
        query: String::new(),
        next: None,
        warnings: Vec::new(),
    }))
}

#[test]
fn every_operation_is_found_by_its_path() {
    for signature in &OPERATIONS {
        let line = line(signature, true);
        let (_, path) = line.split_once(' ').unwrap();
        assert_eq!(target(path).unwrap().emergency, Some(signature));
        let wrong = if signature.instance { "Encounter" } else { "Encounter/e1" };
        assert!(target(&format!("/fhir/{wrong}/{}", signature.called)).is_err());
        assert!(target(&format!("/fhir/Patient/p1/{}", signature.called)).is_err());
    }
}

#[tokio::test]
async fn without_a_token_every_operation_is_a_recorded_401() {
    for signature in &OPERATIONS {
        let server = server(nothing_found);
        let line = line(signature, true);
        with_body(bare(&line), &line).send(&server).await.refused(401, "login");
        assert!(!server.was_asked());
        let [refusal] = &server.refusals()[..] else { panic!("{line}") };
        assert_eq!((&refusal.who, refusal.category), (&None, Category::Unauthenticated));
    }
}

#[tokio::test]
async fn roles_without_it_are_refused_and_recorded() {
    let (administrator, patient) = (
        Subject { role: Role::Administrator, ..clinician() },
        Subject {
            principal: Principal::Patient(id("p1")),
            role: Role::Patient,
            organization: None,
            ..clinician()
        },
    );
    for (signature, subject) in
        OPERATIONS.iter().flat_map(|one| [(one, &administrator), (one, &patient)])
    {
        let server = server(nothing_found);
        let line = line(signature, true);
        let bearer = format!("Bearer {}", token(subject));
        let ask = bare(&line).header("authorization", bearer);
        with_body(ask, &line).send(&server).await.refused(403, "forbidden");
        assert!(!server.was_asked(), "{line}");
        let [refusal] = &server.refusals()[..] else { panic!("{line}") };
        assert_eq!(refusal.category, Category::Forbidden);
    }
}

#[tokio::test]
async fn the_other_method_is_not_there() {
    for signature in &OPERATIONS {
        let server = server(nothing_found);
        let line = line(signature, false);
        let got = with_body(ask(&line), &line).send(&server).await;
        got.refused(405, "not-supported");
        assert!(!got.header("allow").is_empty());
        assert_eq!(server.refusals().len(), 1, "{line}");
    }
}

#[tokio::test]
async fn a_board_asks_the_backend_as_the_asker() {
    let server = server(nothing_found);
    let got = ask("GET /fhir/Encounter/$board?organization=Organization/h1").send(&server).await;
    assert_eq!(got.status, 200, "{}", got.text());
    assert!(got.text().contains(r#""resourceType":"Parameters""#));
    let asked = server.fake.last();
    assert_eq!(*asked.subject, clinician());
    let Interaction::Search { raw, .. } = asked.interaction else { panic!() };
    assert!(raw.contains("service-provider=Organization/h1"), "{raw}");
    assert!(server.refusals().is_empty());
}

#[tokio::test]
async fn what_cannot_be_read_or_the_backend_refuses_is_recorded() {
    for (body, status) in [
        ("{", 400),
        (r#"{"resourceType":"Patient"}"#, 400),
        (r#"{"resourceType":"Parameters","parameter":[{"name":"x","valueString":"y"}]}"#, 400),
        (r#"{"resourceType":"Parameters"}"#, 404),
    ] {
        let server = server(nothing_found);
        let got = ask("POST /fhir/Encounter/e1/$assess").json(body).send(&server).await;
        assert_eq!(got.status, status, "{body}");
        assert_eq!(server.refusals().len(), 1, "{body}");
    }
    let server = server(failing(Category::Busy));
    let got = ask("GET /fhir/Encounter/$board").send(&server).await;
    assert_eq!(got.status, 503);
    let got = ask("GET /fhir/Encounter/$board?area=").send(&server).await;
    assert_eq!(got.status, 503, "the search comes before the area");
}

#[tokio::test]
async fn the_statement_lists_them() {
    let server = server(nothing_found);
    let text = bare("GET /fhir/metadata").send(&server).await.text().to_owned();
    for signature in &OPERATIONS {
        let name = signature.called.trim_start_matches('$');
        let listed =
            format!(r#"{{"name":"{name}","definition":"urn:accord:operation:Encounter-{name}"}}"#);
        assert_eq!(text.matches(&listed).count(), 1, "{listed}");
    }
}

#[tokio::test]
async fn the_rows_of_a_day_come_as_a_resource_or_as_csv() {
    let line = "GET /fhir/Encounter/$ecds?date=2026-11-22";
    for (query, accept, status, starts) in [
        ("", "*/*", 200, "{"),
        ("", "application/fhir+json", 200, "{"),
        ("", "text/csv", 200, "encounter,arrival,"),
        ("", "text/csv;q=0, application/json", 200, "{"),
        ("", "application/json, text/csv", 200, "{"),
        ("", "text/html", 406, "{"),
        ("&_format=text/csv", "*/*", 200, "encounter,arrival,"),
        ("&_format=csv", "application/json", 200, "encounter,arrival,"),
        ("&_format=json", "text/csv", 200, "{"),
        ("&_format=text/html", "text/csv", 406, "{"),
    ] {
        let server = server(nothing_found);
        let got = ask(&format!("{line}{query}")).header("accept", accept).send(&server).await;
        assert_eq!(got.status, status, "{query} {accept}");
        assert!(got.text().starts_with(starts), "{query} {accept}: {}", got.text());
        if starts != "{" {
            assert!(got.header("content-type").starts_with("text/csv; charset=utf-8"));
            assert!(got.header("content-disposition").starts_with("attachment"));
        }
    }
    let server = server(nothing_found);
    let got = ask("GET /fhir/Encounter/$board?_format=csv").send(&server).await;
    assert_eq!(got.status, 406, "there is no other form of a board");
    let got = ask("GET /fhir/Encounter/$ecds?_format=csv").send(&server).await;
    got.refused(400, "invalid");
    assert!(got.header("content-type").starts_with("application/fhir+json"));
}

#[tokio::test]
async fn the_board_for_downtime_is_a_page_without_scripts() {
    let line = "GET /fhir/Encounter/$downtime?organization=Organization/h1";
    for (query, accept, status) in [
        ("", "*/*", 200),
        ("", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", 200),
        ("&_format=html", "application/fhir+json", 200),
        ("", "application/fhir+json", 406),
        ("&_format=json", "*/*", 406),
    ] {
        let server = server(nothing_found);
        let got = ask(&format!("{line}{query}")).header("accept", accept).send(&server).await;
        assert_eq!(got.status, status, "{query} {accept}");
        if status == 200 {
            assert!(got.text().starts_with("<!DOCTYPE html>"), "{}", got.text());
            assert_eq!(got.header("content-type"), "text/html; charset=utf-8");
            assert!(got.header("content-security-policy").starts_with("default-src 'none'"));
            assert_eq!(got.header("cache-control"), "private, no-store");
        }
    }
}
