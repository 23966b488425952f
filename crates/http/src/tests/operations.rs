//! What operators see: health, readiness, metrics, the CapabilityStatement.

use accord_base::{Principal, Role, Subject};
use accord_engine::{Answer, Category, Interaction, OPERATIONS};
use accord_spec::{ParamKind, params_of};

use super::fake::{Fake, failing, id, read_p1};
use super::harness::{ask, bare, clinician, server, server_with, token};
use crate::{BaseUrl, Options, ROUTES};

#[tokio::test]
async fn health_and_readiness_are_open() {
    let server = server(read_p1);
    let got = bare("GET /health").send(&server).await;
    assert_eq!((got.status, got.text()), (200, "ok\n"));
    assert_eq!(bare("HEAD /health").send(&server).await.header("content-length"), "3");
    assert_eq!(bare("GET /ready").send(&server).await.status, 200);
    let fake = Fake { ready: (false, "replaying the log"), ..Fake::new(read_p1) };
    let got = bare("GET /ready").send(&server_with(fake, Options::default())).await;
    assert_eq!((got.status, got.text()), (503, "not ready: replaying the log\n"));
    assert_eq!(got.header("retry-after"), "1");
}

#[tokio::test]
async fn metrics_are_for_operators() {
    let administrator = Subject { role: Role::Administrator, ..clinician() };
    let patient = Subject {
        principal: Principal::Patient(id("p1")),
        role: Role::Patient,
        organization: None,
        ..clinician()
    };
    for (subject, expect) in
        [(Subject::system("check"), 200), (administrator, 200), (clinician(), 403), (patient, 403)]
    {
        let server = server(read_p1);
        let bearer = format!("Bearer {}", token(&subject));
        let got = bare("GET /metrics").header("authorization", bearer).send(&server).await;
        assert_eq!(got.status, expect);
        let refused: Vec<Category> = server.refusals().iter().map(|r| r.category).collect();
        assert_eq!(refused, if expect == 403 { vec![Category::Forbidden] } else { vec![] });
    }
    let options = Options { metrics_open: true, ..Options::default() };
    let open = server_with(Fake::new(read_p1), options);
    assert_eq!(bare("GET /metrics").send(&open).await.status, 200);
    assert_eq!(bare("GET /fhir/Patient/p1").send(&open).await.status, 401);
}

#[tokio::test]
async fn metrics_count_what_was_answered_and_name_nobody() {
    let options = Options { metrics_open: true, ..Options::default() };
    let server = server_with(Fake::new(failing(Category::Gone)), options);
    for _ in 0..3 {
        ask("GET /fhir/Patient/secret-id?x=secret").send(&server).await;
        ask("GET /fhir/Patient/secret-id").send(&server).await;
    }
    bare("GET /fhir/Patient/secret-id").send(&server).await;
    bare("GET /nowhere").send(&server).await;
    let got = bare("GET /metrics").send(&server).await;
    assert!(got.header("content-type").starts_with("text/plain; version=0.0.4"));
    let text = got.text();
    for line in [
        "accord_http_requests_total{interaction=\"read\",status=\"4xx\"} 7",
        "accord_http_requests_total{interaction=\"unknown\",status=\"4xx\"} 1",
        "accord_http_request_seconds_count{interaction=\"read\"} 7",
        "accord_http_request_seconds_bucket{interaction=\"read\",le=\"+Inf\"} 7",
        "accord_log_rows 17",
    ] {
        assert!(text.lines().any(|l| l == line), "{line}\n{text}");
    }
    assert!(!text.contains("secret"));
    // Buckets are cumulative and their bounds ascend.
    let bucket = |l: &str| {
        let (head, count) = l.rsplit_once(' ').unwrap();
        let le = head.split("le=\"").nth(1)?.trim_end_matches("\"}").parse::<f64>().unwrap();
        Some((le, count.parse::<u64>().unwrap()))
    };
    let reads = |l: &&str| l.contains("_bucket{interaction=\"read\"");
    let buckets: Vec<_> = text.lines().filter(reads).filter_map(bucket).collect();
    assert!(buckets.len() > 10 && buckets.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 <= w[1].1));
}

#[tokio::test]
async fn batches_and_transactions_are_counted_apart() {
    let options = Options { metrics_open: true, ..Options::default() };
    let fake = Fake::new(|_| Ok(Answer::Bundle { transaction: false, entries: Vec::new() }));
    let server = server_with(fake, options);
    ask("POST /fhir").json("{}").send(&server).await;
    let text = bare("GET /metrics").send(&server).await;
    assert!(text.text().contains("{interaction=\"batch\",status=\"2xx\"} 1"));
}

#[tokio::test]
async fn the_capability_statement_says_what_is_there() {
    let base_url = BaseUrl::new("https://fhir.example.org/fhir").ok();
    let options = Options { base_url, ..Options::default() };
    let server = server_with(Fake::new(read_p1), options);
    let json = bare("GET /fhir/metadata").send(&server).await.json();
    assert_eq!(json["resourceType"], "CapabilityStatement");
    assert_eq!(json["fhirVersion"], "4.0.1");
    assert_eq!(json["date"], "2026-11-21T22:33:18.123456Z");
    assert_eq!(json["implementation"]["url"], "https://fhir.example.org/fhir");
    let rest = &json["rest"][0];
    let codes = |list: &serde_json::Value| -> Vec<String> {
        let items = list.as_array().unwrap().iter();
        items.map(|i| i["code"].as_str().unwrap().to_owned()).collect()
    };
    let system = codes(&rest["interaction"]);
    assert_eq!(system, ["history-system", "search-system", "transaction", "batch"]);
    let resources = rest["resource"].as_array().unwrap();
    assert_eq!(resources.len(), 146);
    assert_eq!(rest["operation"][0]["name"], "live");
    for route in ROUTES.iter().filter(|r| r.audited && !crate::capability::of_rest(r.code)) {
        let name = route.code.name().to_owned();
        let listed = resources.iter().all(|r| codes(&r["interaction"]).contains(&name));
        assert!(listed || system.contains(&name), "{name}");
    }
    let patient = resources.iter().find(|r| r["type"] == "Patient").unwrap();
    for operation in OPERATIONS.iter().filter(|o| o.on == "Patient") {
        let listed = patient["operation"].as_array().unwrap().iter();
        let names = listed.map(|o| format!("${}", o["name"].as_str().unwrap()));
        assert!(names.into_iter().any(|name| name == operation.name()), "{operation:?}");
    }
    let observation = resources.iter().find(|r| r["type"] == "Observation").unwrap();
    assert_eq!(observation["conditionalCreate"], true);
    let listed = observation["searchParam"].as_array().unwrap();
    let named = |name: &str| listed.iter().find(|p| p["name"] == name);
    assert_eq!(named("code").unwrap()["type"], "token");
    assert_eq!(named("code-value-quantity").unwrap()["type"], "composite");
    for common in ["_id", "_lastUpdated", "_tag", "_profile", "_security", "_text", "_content"] {
        assert!(named(common).is_some(), "{common}");
    }
    for absent in ["_query", "_filter"] {
        assert!(named(absent).is_none(), "{absent}");
    }
    let observation = accord_spec::ResourceType::OBSERVATION;
    let indexed = params_of(observation).iter().filter(|p| p.base.is_some());
    let simple = indexed.filter(|p| p.kind != ParamKind::Composite && !p.expression.is_empty());
    assert!(simple.into_iter().all(|p| named(p.code).is_some()));
}

#[test]
fn a_base_address_is_checked() {
    for good in ["http://localhost:8080/fhir", "https://a.b/c/", "http://[::1]:80/fhir"] {
        assert!(BaseUrl::new(good).is_ok(), "{good}");
    }
    for bad in ["", "ftp://a", "http://", "https:///", "http://a/?x", "http://a/\"", "a.b/fhir"] {
        assert!(BaseUrl::new(bad).is_err(), "{bad}");
    }
    assert_eq!(BaseUrl::new("https://a.b/c/").unwrap().as_str(), "https://a.b/c");
}

#[tokio::test]
async fn what_is_in_use_is_asked_of_types_and_of_the_system() {
    let patients = Some(accord_spec::ResourceType::PATIENT);
    for (line, expected) in [
        ("GET /fhir/$meta", None),
        ("POST /fhir/$meta", None),
        ("GET /fhir/Patient/$meta", patients),
        ("POST /fhir/Patient/$meta", patients),
    ] {
        let server = server(read_p1);
        let asked = if line.starts_with("POST") { ask(line).json("{}") } else { ask(line) };
        assert_eq!(asked.send(&server).await.status, 200, "{line}");
        let Interaction::Metas(of) = server.interaction() else { panic!("{line}") };
        assert_eq!(of, expected);
    }
    for (line, status, code) in [
        ("GET /fhir/$meta?_count=1", 400, "not-supported"),
        ("GET /fhir/$meta-add", 404, "not-supported"),
        ("POST /fhir/Patient/$meta-add", 404, "not-supported"),
        ("DELETE /fhir/$meta", 405, "not-supported"),
        ("GET /fhir/$meta/x", 404, "not-supported"),
    ] {
        let server = server(read_p1);
        ask(line).send(&server).await.refused(status, code);
        assert!(!server.was_asked());
    }
}
