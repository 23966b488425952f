//! Formats, encodings, preferences.

use std::io::{Read, Write};

use accord_engine::{Answer, Category, Outcome, Request, Version};
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::fake::{patient, read_p1};
use super::harness::{Ask, Got, ask, bare, server, server_with};
use crate::Options;

async fn status(ask: Ask) -> u16 {
    let server = server(read_p1);
    let got = ask.send(&server).await;
    if got.status == 406 {
        got.refused(406, "not-supported");
        assert_eq!(server.refusals()[0].category, Category::Unsupported);
    }
    got.status
}

#[tokio::test]
async fn accept_decides_unless_format_does() {
    for (accept, expect) in [
        ("application/fhir+json", 200),
        ("application/json", 200),
        ("text/json", 200),
        ("*/*", 200),
        ("application/*;q=0.1", 200),
        ("", 200),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 200),
        ("APPLICATION/FHIR+JSON; fhirVersion=4.0", 200),
        ("application/fhir+json; fhirVersion=\"4.0\"; charset=utf-8", 200),
        ("application/fhir+json; fhirVersion=3.0", 406),
        ("application/fhir+json; fhirVersion=5.0, application/fhir+json; fhirVersion=4.0", 200),
        ("application/fhir+xml", 406),
        ("application/fhir+xml, application/fhir+json;q=0.1", 200),
        ("application/fhir+json;q=0", 406),
        ("application/fhir+json;q=0.0, */*", 406),
        ("text/turtle", 406),
        ("image/*", 406),
    ] {
        let got = status(ask("GET /fhir/Patient/p1").header("accept", accept)).await;
        assert_eq!(got, expect, "{accept}");
    }
    for (format, expect) in [
        ("json", 200),
        ("application/fhir%2Bjson", 200),
        ("application/fhir+json", 200),
        ("application/json", 200),
        ("text/json", 200),
        ("xml", 406),
        ("application/fhir+xml", 406),
        ("html", 406),
        ("application/fhir+json;fhirVersion=3.0", 406),
        ("", 406),
    ] {
        let line = format!("GET /fhir/Patient/p1?_format={format}");
        let got = status(ask(&line).header("accept", "application/fhir+xml")).await;
        assert_eq!(got, expect, "{format}");
    }
}

#[tokio::test]
async fn a_body_must_say_that_it_is_fhir_json() {
    for (content_type, expect) in [
        (Some("application/fhir+json"), 200),
        (Some("application/json; charset=UTF-8"), 200),
        (Some("text/json"), 200),
        (Some("application/fhir+json; fhirVersion=4.0"), 200),
        (Some("application/fhir+json; fhirVersion=3.0"), 415),
        (Some("application/json; charset=latin1"), 415),
        (Some("application/fhir+xml"), 415),
        (Some("application/x-www-form-urlencoded"), 415),
        (None, 415),
    ] {
        let server = server(read_p1);
        let mut ask = ask("PUT /fhir/Patient/p1").body("{}");
        if let Some(content_type) = content_type {
            ask = ask.header("content-type", content_type);
        }
        let got = ask.send(&server).await;
        assert_eq!(got.status, expect, "{content_type:?}");
        assert_eq!(server.was_asked(), expect == 200);
    }
}

#[tokio::test]
async fn pretty_changes_white_space_only() {
    let body = r#"{"a":1.00,"b":[],"c":{},"d":[1e5,{"é\u00e9":"x\"y"}],"_a":null}"#;
    let server =
        server(move |_| Ok(Answer::Read(Version { body: body.into(), ..patient("p1", 1) })));
    let got = ask("GET /fhir/Patient/p1?_pretty=true").send(&server).await;
    let expect = "{\n  \"a\": 1.00,\n  \"b\": [],\n  \"c\": {},\n  \"d\": [\n    1e5,\n    {\n      \"é\\u00e9\": \"x\\\"y\"\n    }\n  ],\n  \"_a\": null\n}\n";
    assert_eq!(got.text(), expect);
    assert_eq!(ask("GET /fhir/Patient/p1?_pretty=false").send(&server).await.text(), body);
    let got = ask("GET /fhir/Patient/p1?_pretty=true&x=1").send(&server).await;
    assert!(got.text().starts_with("{\n"), "refusals honour it too");
}

fn long(_: &Request) -> Outcome {
    Ok(Answer::Read(Version { body: LONG.into(), ..patient("p1", 1) }))
}

const LONG: &str = concat!("{\"a\":\"", include_str!("harness.rs"), "\"}");

fn gunzip(got: &Got) -> String {
    let mut text = String::new();
    GzDecoder::new(&got.bytes[..]).read_to_string(&mut text).unwrap();
    text
}

#[tokio::test]
async fn long_answers_are_compressed_when_the_client_can_read_that() {
    let server = server(long);
    let get = || ask("GET /fhir/Patient/p1");
    for accepted in ["gzip", "deflate, GZIP;q=0.5", "*", "br, gzip"] {
        let got = get().header("accept-encoding", accepted).send(&server).await;
        assert_eq!(got.header("content-encoding"), "gzip", "{accepted}");
        assert!(got.bytes.len() < LONG.len() / 2);
        assert_eq!(gunzip(&got), LONG, "the compressor is used again and again");
    }
    for refused in ["identity", "gzip;q=0", "br", "gzip; q=0.0"] {
        let got = get().header("accept-encoding", refused).send(&server).await;
        assert_eq!((got.header("content-encoding"), got.text()), ("", LONG), "{refused}");
    }
    let short = super::harness::server(read_p1);
    let got = get().header("accept-encoding", "gzip").send(&short).await;
    assert_eq!(got.header("content-encoding"), "");
    let head = ask("HEAD /fhir/Patient/p1").header("accept-encoding", "gzip").send(&server).await;
    assert_eq!((head.header("content-encoding"), head.bytes.len()), ("gzip", 0));
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn bodies_may_be_compressed_but_not_bombs() {
    let options = Options { max_body_bytes: 10_000, ..Options::default() };
    let good = format!("{{\"a\":\"{}\"}}", "x".repeat(9000));
    let mut broken = packed(good.as_bytes());
    let middle = broken.len() / 2;
    broken.truncate(middle);
    for (coding, body, expect) in [
        ("gzip", packed(good.as_bytes()), 200),
        ("x-gzip", packed(good.as_bytes()), 200),
        ("identity", good.clone().into_bytes(), 200),
        ("gzip", packed(&vec![b' '; 10_000]), 200),
        ("gzip", packed(&vec![b' '; 10_001]), 413),
        ("gzip", packed(&vec![b' '; 50_000_000]), 413),
        ("identity", vec![b' '; 10_001], 413),
        ("gzip", broken, 400),
        ("gzip", good.clone().into_bytes(), 400),
        ("br", good.clone().into_bytes(), 415),
        ("gzip, gzip", packed(good.as_bytes()), 415),
    ] {
        let server = server_with(super::fake::Fake::new(read_p1), options.clone());
        let put = ask("PUT /fhir/Patient/p1").header("content-encoding", coding).json(body);
        let got = put.send(&server).await;
        assert_eq!(got.status, expect, "{coding} {}", got.text());
        if expect == 200 && coding.contains("gzip") {
            let accord_engine::Interaction::Update { body, .. } = server.interaction() else {
                panic!("not an update")
            };
            assert!(body.len() >= 9000, "unpacked");
        }
        if expect == 413 {
            got.refused(413, "too-long");
        }
    }
}

#[tokio::test]
async fn a_stated_length_over_the_limit_is_refused_unread() {
    let options = Options { max_body_bytes: 100, ..Options::default() };
    let server = server_with(super::fake::Fake::new(read_p1), options);
    let put = ask("PUT /fhir/Patient/p1").header("content-length", "101").json("{}");
    put.send(&server).await.refused(413, "too-long");
}

#[tokio::test]
async fn metadata_negotiates_like_the_rest() {
    let server = server(read_p1);
    let plain = bare("GET /fhir/metadata").send(&server).await;
    let packed = bare("GET /fhir/metadata").header("accept-encoding", "gzip").send(&server).await;
    assert_eq!(gunzip(&packed), plain.text());
    let pretty = bare("GET /fhir/metadata?_pretty=true").send(&server).await;
    assert_eq!(pretty.json(), plain.json());
    assert!(pretty.text().lines().count() > 1000);
    bare("GET /fhir/metadata?_format=xml").send(&server).await.refused(406, "not-supported");
}
