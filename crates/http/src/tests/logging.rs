//! What the log says of a request, and what it never says.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use tracing::Level;
use tracing::instrument::WithSubscriber;

use super::fake::read_p1;
use super::harness::{ask, bare, clinician, server, token};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_request_is_one_line_without_anything_personal() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let server = server(read_p1);
    // A lone subscriber decides only for its own thread: if another test met the log line first, the
    // line would count as unwanted for good. Two of them are asked from every thread; the first
    // request makes the line known, and from then on both have been asked.
    let _second = tracing::Dispatch::new(tracing_subscriber::fmt().with_writer(io::sink).finish());
    let subscriber = tracing::Dispatch::new(subscriber);
    bare("GET /fhir/Patient/p1").send(&server).await;
    tracing::callsite::rebuild_interest_cache();
    async {
        let named = |line| ask(line).header("x-request-id", "r1");
        named("GET /fhir/Patient/secret1?secret2=secret3").send(&server).await;
        named("GET /fhir/Patient/secret1").header("if-none-match", "secret4").send(&server).await;
        named("GET /fhir/secret5/x").send(&server).await;
        let post = named("POST /fhir/Patient/_search?name=secret6").form("name=secret7");
        post.send(&server).await;
        bare("GET /fhir/Patient/secret1").send(&server).await;
        bare("GET /secret8").send(&server).await;
    }
    .with_subscriber(subscriber)
    .await;
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<(&str, u64)> = lines
        .iter()
        .filter(|line| line["target"] == "accord::request")
        .map(|l| &l["fields"])
        .map(|f| (f["interaction"].as_str().unwrap(), f["status"].as_u64().unwrap()))
        .collect();
    let expect = [
        ("read", 400),
        ("read", 200),
        ("unknown", 404),
        ("search-type", 200),
        ("read", 401),
        ("unknown", 404),
    ];
    assert_eq!(told, expect);
    assert_eq!(lines[0]["fields"]["request_id"], "r1");
    assert!(lines[0]["fields"]["duration_us"].is_u64());
    assert!(!text.contains("secret") && !text.contains(&token(&clinician())[..40]), "{text}");
}
