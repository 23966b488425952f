//! Requests that nobody sends by accident.

use accord_engine::Interaction;
use proptest::prelude::*;

use super::fake::{patient, read_p1};
use super::harness::{ask, bare, server};

#[tokio::test]
async fn ids_are_ids_or_nothing() {
    for (path, status) in [
        ("%70%31", 200),
        ("..", 200), // a valid FHIR id; it names a resource, never a file
        ("a%2Fb", 400),
        ("a%00b", 400),
        ("%2e%2e%2f", 400),
        ("p_1", 400),
        ("%C3%A9", 400),
        ("%ff", 400),
        ("%4", 400),
        ("%zz", 400),
    ] {
        let server = server(read_p1);
        let got = ask(&format!("GET /fhir/Patient/{path}")).send(&server).await;
        assert_eq!(got.status, status, "{path}");
        assert_eq!(server.was_asked(), status == 200);
    }
    let long = "x".repeat(65);
    let server = server(read_p1);
    ask(&format!("GET /fhir/Patient/{long}")).send(&server).await.refused(400, "invalid");
    ask(&format!("GET /fhir/{long}/1")).send(&server).await.refused(404, "not-supported");
    assert!(!server.refusals().is_empty());
}

#[tokio::test]
async fn a_request_id_is_echoed_only_if_it_is_harmless() {
    for (given, kept) in [
        ("abc-123_x.y~z", true),
        (&"a".repeat(64), true),
        (&"a".repeat(65), false),
        ("", false),
        ("a b", false),
        ("a\"b", false),
        ("<script>", false),
        ("é", false),
    ] {
        let server = server(read_p1);
        let got = ask("GET /fhir/Patient/p1").header("x-request-id", given).send(&server).await;
        let id = got.header("x-request-id");
        assert_eq!(id == given, kept, "{given}");
        assert_eq!(server.fake.last().request_id, id);
        assert!(matches!(id.len(), 1..=64));
    }
    let server = server(read_p1);
    let twice = ask("GET /fhir/Patient/p1").header("x-request-id", "a").header("x-request-id", "b");
    let made = twice.send(&server).await.header("x-request-id").to_owned();
    let next = ask("GET /fhir/Patient/p1").send(&server).await.header("x-request-id").to_owned();
    assert!(made != "a" && made != "b" && made != next);
}

#[tokio::test]
async fn repeated_single_headers_are_refused() {
    for (name, line) in [
        ("content-type", "PUT /fhir/Patient/p1"),
        ("content-encoding", "PUT /fhir/Patient/p1"),
        ("if-none-exist", "POST /fhir/Patient"),
        ("host", "POST /fhir/Patient"),
        ("if-modified-since", "GET /fhir/Patient/p1"),
    ] {
        let server = server(read_p1);
        let mut ask = ask(line).header("content-type", "application/json").body("{}");
        for _ in 0..if name == "if-none-exist"
            || name == "content-encoding"
            || name == "if-modified-since"
        {
            2
        } else {
            1
        } {
            ask = ask.header(name, if name == "content-type" { "application/json" } else { "x" });
        }
        let got = ask.send(&server).await;
        got.refused(400, "invalid");
        assert!(!server.was_asked(), "{name}");
    }
}

#[tokio::test]
async fn headers_that_are_not_text_are_refused() {
    for name in ["accept", "if-none-match", "if-modified-since"] {
        let server = server(read_p1);
        let got = ask("GET /fhir/Patient/p1").header(name, b"\xff\xfe").send(&server).await;
        got.refused(400, "invalid");
    }
    let server = server(read_p1);
    for name in ["prefer", "accept-encoding", "cookie"] {
        let got = ask("GET /fhir/Patient/p1").header(name, b"\xff\xfe").send(&server).await;
        assert_eq!(got.status, 200, "{name} is a wish, not a condition");
    }
}

#[tokio::test]
async fn large_heads_and_many_items_do_no_harm() {
    let server = server(read_p1);
    let tags: String = (1..5000).map(|n| format!("W/\"{n}\",")).collect();
    let accepts = "text/x;q=0.5,".repeat(5000) + "application/json";
    let got = ask("GET /fhir/Patient/p1")
        .header("if-none-match", tags)
        .header("accept", accepts)
        .header("prefer", "x=y;".repeat(5000))
        .header("cookie", "c".repeat(60_000))
        .send(&server)
        .await;
    assert_eq!(got.status, 200);
    let Interaction::Read { if_none_match, .. } = server.interaction() else { panic!("no read") };
    assert_eq!(if_none_match, Some(4999));
}

#[tokio::test]
async fn error_texts_do_not_repeat_what_could_be_personal() {
    let server = server(read_p1);
    for line in [
        "GET /fhir/Patient/p1?Jane%20Doe%201970=x",
        "GET /fhir/Patient/Jane%20Doe",
        "GET /fhir/Jane%20Doe/1",
        "GET /fhir/Patient/p1/$Jane%20Doe",
        "GET /fhir/Patient?name=Jane%20Doe%zz",
    ] {
        let got = ask(line).send(&server).await;
        assert!(got.status >= 400 && !got.text().contains("Jane"), "{line}: {}", got.text());
    }
    assert!(!patient("p1", 1).body.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_path_query_or_header_makes_it_panic(
        path in "[/a-zA-Z0-9._%$~-]{0,40}",
        query in "[a-zA-Z0-9._%&=+|,:-]{0,40}",
        method in prop::sample::select(vec!["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"]),
        name in prop::sample::select(vec![
            "accept", "prefer", "if-match", "if-none-match", "if-modified-since", "content-type",
            "content-encoding", "accept-encoding", "host", "x-request-id", "authorization",
        ]),
        value in prop::collection::vec(prop_oneof![0x20u8..0x7f, 0x80u8..=0xff], 0..40),
        inside in any::<bool>(),
        signed in any::<bool>(),
    ) {
        let base = if inside { "/fhir/Patient" } else { "" };
        let line = format!("{method} {base}/{path}?{query}");
        let request = if signed { ask(&line) } else { bare(&line) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let server = server(read_p1);
        let got = runtime.block_on(request.header(name, value).body("{}").send(&server));
        prop_assert!(matches!(got.status, 200..=499 | 501), "{line}");
        prop_assert!(!got.header("x-request-id").is_empty());
        if !signed {
            prop_assert!(!server.was_asked());
        }
        if got.status >= 400 && method != "HEAD" {
            prop_assert_eq!(&got.json()["resourceType"], "OperationOutcome");
        }
    }
}
