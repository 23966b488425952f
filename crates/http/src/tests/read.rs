//! Reads, their headers and conditions.

use accord_engine::{Answer, Category, Interaction};
use accord_spec::ResourceType;

use super::fake::{BORN, failing, id, patient, read_p1};
use super::harness::{ask, server};

const DATE: &str = "Sat, 21 Nov 2026 22:33:18 GMT";

#[tokio::test]
async fn a_read_has_the_resource_as_it_is_and_its_validators() {
    let server = server(read_p1);
    let got = ask("GET /fhir/Patient/p1").header("x-request-id", "abc-1").send(&server).await;
    assert_eq!(got.status, 200);
    assert_eq!(got.text(), &*patient("p1", 3).body);
    for (name, expect) in [
        ("content-type", "application/fhir+json; fhirVersion=4.0"),
        ("etag", "W/\"3\""),
        ("last-modified", DATE),
        ("cache-control", "private, no-cache"),
        ("vary", "Authorization, Accept, Accept-Encoding, Origin, Prefer"),
        ("x-request-id", "abc-1"),
    ] {
        assert_eq!(got.header(name), expect);
    }
    let asked = server.fake.last();
    assert_eq!(asked.request_id, "abc-1");
    assert!(asked.controller.is_none());
    let Interaction::Read { resource_type, id: asked_id, if_none_match, if_modified_since } =
        asked.interaction
    else {
        panic!("not a read")
    };
    assert_eq!((resource_type, asked_id), (ResourceType::PATIENT, id("p1")));
    assert_eq!((if_none_match, if_modified_since), (None, None));
}

#[tokio::test]
async fn a_head_is_a_read_without_the_body() {
    let server = server(read_p1);
    let got = ask("HEAD /fhir/Patient/p1").send(&server).await;
    assert_eq!((got.status, got.bytes.len()), (200, 0));
    assert_eq!(got.header("content-length"), patient("p1", 3).body.len().to_string());
    assert_eq!(got.header("etag"), "W/\"3\"");
}

#[tokio::test]
async fn a_vread_names_its_version() {
    let server = server(read_p1);
    assert_eq!(ask("GET /fhir/Patient/p1/_history/3").send(&server).await.status, 200);
    let Interaction::Vread { version, .. } = server.interaction() else { panic!("not a vread") };
    assert_eq!(version, 3);
    for bad in ["x", "0", "03", "-1", "+1", "4294967296", "1.0"] {
        let line = format!("GET /fhir/Patient/p1/_history/{bad}");
        ask(&line).send(&server).await.refused(404, "not-found");
    }
}

/// Sends a read with these headers; expects these conditions to reach the backend.
async fn check_conditions(headers: &[(&str, &str)], expect: (Option<u32>, Option<u64>)) {
    let server = server(read_p1);
    let ask = headers.iter().fold(ask("GET /fhir/Patient/p1"), |a, (n, v)| a.header(n, v));
    assert_eq!(ask.send(&server).await.status, 200);
    let Interaction::Read { if_none_match, if_modified_since, .. } = server.interaction() else {
        panic!("not a read")
    };
    assert_eq!((if_none_match, if_modified_since), expect, "{headers:?}");
}

#[tokio::test]
async fn conditions_reach_the_backend() {
    let none_match = "if-none-match";
    let since = "if-modified-since";
    check_conditions(&[(none_match, "W/\"3\"")], (Some(3), None)).await;
    check_conditions(&[(none_match, "\"3\"")], (Some(3), None)).await;
    check_conditions(&[(none_match, "W/\"3\", W/\"7\",W/\"5\"")], (Some(7), None)).await;
    check_conditions(&[(none_match, "W/\"3\""), (none_match, "W/\"4\"")], (Some(4), None)).await;
    check_conditions(&[(none_match, "\"abc\"")], (None, None)).await;
    check_conditions(&[(none_match, "3")], (None, None)).await;
    check_conditions(&[(since, DATE)], (None, Some(BORN.seconds()))).await;
    let obsolete = "Saturday, 21-Nov-26 22:33:18 GMT";
    check_conditions(&[(since, obsolete)], (None, Some(BORN.seconds()))).await;
    check_conditions(&[(since, "Sat Nov 21 22:33:18 2026")], (None, Some(BORN.seconds()))).await;
    check_conditions(&[(since, "yesterday")], (None, None)).await;
    check_conditions(&[(none_match, "W/\"3\""), (since, DATE)], (Some(3), None)).await;
    check_conditions(&[(none_match, "\"x\""), (since, DATE)], (None, None)).await;
}

#[tokio::test]
async fn not_modified_has_validators_and_no_body() {
    let server = server(|_| Ok(Answer::NotModified { version: 3, last_updated: BORN }));
    let got = ask("GET /fhir/Patient/p1").header("if-none-match", "W/\"3\"").send(&server).await;
    assert_eq!((got.status, got.text()), (304, ""));
    assert_eq!((got.header("etag"), got.header("last-modified")), ("W/\"3\"", DATE));
    assert_eq!(got.header("content-type"), "");
}

#[tokio::test]
async fn a_star_makes_any_version_fresh_but_nothing_that_is_not_there() {
    let server = super::harness::server(read_p1);
    let got = ask("GET /fhir/Patient/p1").header("if-none-match", "*").send(&server).await;
    assert_eq!((got.status, got.text(), got.header("etag")), (304, "", "W/\"3\""));
    let server = super::harness::server(failing(Category::NotFound));
    let got = ask("GET /fhir/Patient/p1").header("if-none-match", "*").send(&server).await;
    assert_eq!(got.status, 404);
}

#[tokio::test]
async fn failures_of_the_backend_have_their_status() {
    for (category, status, extra) in [
        (Category::Invalid, 400, None),
        (Category::Unprocessable, 422, None),
        (Category::Unauthenticated, 401, Some(("www-authenticate", "Bearer"))),
        (Category::Forbidden, 403, None),
        (Category::NotFound, 404, None),
        (Category::Gone, 410, None),
        (Category::Conflict, 409, None),
        (Category::Precondition, 412, None),
        (Category::Busy, 503, Some(("retry-after", "1"))),
        (Category::Fault, 500, None),
    ] {
        let server = server(failing(category));
        let got = ask("GET /fhir/Patient/p1").send(&server).await;
        got.refused(status, "invalid");
        assert_eq!(got.json()["issue"][0]["diagnostics"], "as scripted");
        assert_eq!(got.header("cache-control"), "private, no-store");
        assert!(server.refusals().is_empty(), "the backend has recorded it itself");
        if let Some((name, value)) = extra {
            assert_eq!(got.header(name), value);
        }
    }
}

#[tokio::test]
async fn a_read_takes_no_search_parameters() {
    for (query, lenient, status) in [
        ("_summary=false", false, 200),
        ("_summary=true", false, 400),
        ("_summary=true", true, 200),
        ("_elements=name", false, 400),
        ("_pretty=true&_format=json", false, 200),
    ] {
        let server = server(read_p1);
        let handling = if lenient { "handling=lenient" } else { "handling=strict" };
        let line = format!("GET /fhir/Patient/p1?{query}");
        let got = ask(&line).header("prefer", handling).send(&server).await;
        assert_eq!(got.status, status, "{query}");
        assert_eq!(server.refusals().len(), usize::from(status == 400));
    }
}
