//! Every route against every kind of asker: forgetting one is a red test.

use accord_base::{LogTime, Subject};
use accord_engine::{Category, OPERATIONS, Signature};
use hyper::Method;

use super::fake::{Fake, read_p1};
use super::harness::{Ask, ask, bare, clinician, server, server_with, token};
use crate::path::target;
use crate::routes::{Found, allowed, find};
use crate::{Code, Options, ROUTES, Route, Shape};

/// A request line that leads to the route.
fn line(route: &Route) -> String {
    let path = route.shape.pattern();
    let (on, name) = match route.shape {
        Shape::SystemOperation => ("", "$meta"),
        _ => operation(route),
    };
    let path = path.replace("{type}", on).replace("{id}", "p1").replace("{version}", "2");
    let path = path.replace("{member}", "Observation").replace("${operation}", name);
    format!("{} {path}", route.method)
}

/// An operation that the route leads to, with its type; on patients where there is one.
fn operation(route: &Route) -> (&'static str, &'static str) {
    let instance = route.shape == Shape::InstanceOperation;
    let post = route.method == Method::POST;
    let fits = |o: &&Signature| o.instance == instance && o.by.allows(post);
    OPERATIONS.iter().find(fits).map_or(("Patient", ""), |o| (o.on, o.name()))
}

fn with_body(ask: Ask, route: &Route) -> Ask {
    match (&route.method, route.shape) {
        (_, Shape::Live) => ask.header("accept", "text/event-stream"),
        (&Method::POST, Shape::TypeSearch | Shape::SystemSearch) => ask.form("_id=p1"),
        (&Method::POST | &Method::PUT | &Method::PATCH, _) => ask.json("{}"),
        _ => ask,
    }
}

#[test]
fn every_route_is_found_by_its_pattern() {
    for route in &ROUTES {
        let line = line(route);
        let (_, path) = line.split_once(' ').unwrap();
        assert_eq!(target(path).unwrap().shape, route.shape, "{path}");
        let Found::Route(found, _) = find(&route.method, path) else { panic!("{line}") };
        // A Bundle's type tells transaction and batch apart, not the route.
        let expect = if route.code == Code::Batch { Code::Transaction } else { route.code };
        assert_eq!(found.code, expect, "{line}");
        assert!(allowed(route.shape).contains(route.method.as_str()));
    }
}

#[test]
fn only_four_routes_are_open_or_unaudited() {
    let named = |test: fn(&&Route) -> bool| -> Vec<&str> {
        ROUTES.iter().filter(test).map(|r| r.code.name()).collect()
    };
    assert_eq!(named(|r| !r.guarded), ["capabilities", "health", "ready"]);
    assert_eq!(named(|r| !r.audited), ["capabilities", "health", "ready", "metrics"]);
}

#[tokio::test]
async fn without_a_token_every_guarded_route_is_a_recorded_401() {
    for route in &ROUTES {
        let server = server(read_p1);
        let ask = bare(&line(route)).header("x-request-id", "r1");
        let got = with_body(ask, route).send(&server).await;
        if !route.guarded {
            assert_eq!(got.status, 200, "{route:?}");
            assert!(server.refusals().is_empty());
            continue;
        }
        got.refused(401, "login");
        assert_eq!(got.header("www-authenticate"), "Bearer");
        assert!(!server.was_asked(), "{route:?}");
        let [refusal] = &server.refusals()[..] else { panic!("{route:?}") };
        assert_eq!((&refusal.who, refusal.category), (&None, Category::Unauthenticated));
        assert_eq!(refusal.request_id, "r1");
        let expect = if route.code == Code::Batch { Code::Transaction } else { route.code };
        assert_eq!(refusal.interaction, expect.name());
    }
}

#[tokio::test]
async fn with_a_token_every_audited_route_reaches_the_backend() {
    for route in ROUTES.iter().filter(|r| r.audited) {
        let server = server(read_p1);
        let got = with_body(ask(&line(route)), route).send(&server).await;
        // There are no subscriptions to tell again.
        let missing = matches!(route.code, Code::HookReplay | Code::HookEvents);
        // Nor is any named for a token.
        let unnamed = route.shape == Shape::HookBindings;
        let missing = missing || route.shape == Shape::HookBinding;
        let expect = if unnamed {
            400
        } else if missing {
            404
        } else {
            200
        };
        assert_eq!(got.status, expect, "{route:?}: {}", got.text());
        if unnamed {
            continue;
        }
        assert!(server.was_asked(), "{route:?}");
        assert_eq!(*server.fake.last().subject, clinician());
        assert_eq!(server.refusals().is_empty(), !missing);
    }
}

#[tokio::test]
async fn a_refusal_that_cannot_be_recorded_is_a_failure() {
    let fake = Fake { broken_record: true, ..Fake::new(read_p1) };
    let server = server_with(fake, Options::default());
    let got = bare("GET /fhir/Patient/p1").send(&server).await;
    got.refused(503, "exception");
    assert_eq!(got.header("retry-after"), "1");
}

#[tokio::test]
async fn bad_tokens_are_401_with_a_reason() {
    let good = token(&clinician());
    let garbled = format!("Bearer {}x", &good[..good.len() - 1]);
    let basic = "Basic dTpw".to_owned();
    for (value, challenge) in [
        (garbled, "Bearer error=\"invalid_token\""),
        ("Bearer ".to_owned(), "Bearer"),
        ("Bearer".to_owned(), "Bearer"),
        (good.clone(), "Bearer"),
        (basic, "Bearer"),
    ] {
        let server = server(read_p1);
        let got = bare("GET /fhir/Patient/p1").header("authorization", &value).send(&server).await;
        got.refused(401, "login");
        assert!(got.header("www-authenticate").starts_with(challenge), "{value}");
        assert!(!got.text().contains(&good[..20]), "no token text in answers");
        assert_eq!(server.refusals().len(), 1);
    }
    let server = server(read_p1);
    let got = bare("GET /fhir/Patient/p1").header("authorization", format!("bEARER {good}"));
    assert_eq!(got.send(&server).await.status, 200, "the scheme's case does not count");
    server.clock.advance_us(901 * LogTime::SECOND_US);
    let late = bare("GET /fhir/Patient/p1").header("authorization", format!("Bearer {good}"));
    late.send(&server).await.refused(401, "login");
}

#[tokio::test]
async fn two_authorization_headers_are_none() {
    let server = server(read_p1);
    let second = format!("Bearer {}", token(&Subject::system("x")));
    let got = ask("GET /fhir/Patient/p1").header("authorization", second).send(&server).await;
    got.refused(401, "login");
    assert!(!server.was_asked());
}

#[tokio::test]
async fn unknown_paths_and_methods_have_outcomes() {
    for (line, status, code) in [
        ("GET /", 404, "not-found"),
        ("GET /fhirx/Patient/p1", 404, "not-found"),
        ("GET /healthy", 404, "not-found"),
        ("GET /fhir/Wizard/1", 404, "not-supported"),
        ("GET /fhir/Patient/p1/$nothing", 404, "not-supported"),
        ("POST /fhir/$validate", 404, "not-supported"),
        ("GET /fhir/Patient/", 404, "not-found"),
        ("GET /fhir//Patient", 404, "not-supported"),
        ("GET /fhir/Patient/p1/name", 404, "not-found"),
        ("GET /fhir/Patient/p1/_history/2/x", 404, "not-found"),
        ("GET /fhir/_history/x", 404, "not-found"),
        ("GET /fhir/Patient/_history/2", 404, "not-found"),
        ("BREW /fhir/Patient/p1", 405, "not-supported"),
        ("OPTIONS /fhir/Patient", 405, "not-supported"),
        ("POST /fhir/Patient/p1", 405, "not-supported"),
        ("GET /fhir/Patient/$explain-access", 405, "not-supported"),
        ("POST /fhir/Patient/$who-looked", 404, "not-supported"),
        ("BREW /health", 405, "not-supported"),
    ] {
        let server = server(read_p1);
        let got = ask(line).send(&server).await;
        got.refused(status, code);
        assert!(!server.was_asked());
        assert_eq!(status == 405, !got.header("allow").is_empty(), "{line}");
        let inside = line.contains("/fhir/");
        assert_eq!(server.refusals().len(), usize::from(inside), "{line}");
        // Without a token nothing below the base tells whether it exists.
        let status = if inside { 401 } else { status };
        assert_eq!(bare(line).send(&server).await.status, status, "{line}");
    }
    let server = server(read_p1);
    let got = ask("BREW /fhir/Patient").send(&server).await;
    assert_eq!(got.header("allow"), "POST, PUT, PATCH, DELETE, GET, HEAD");
}
