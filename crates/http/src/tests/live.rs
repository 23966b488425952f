//! Streams of changes. Time is the runtime's, and stands still unless everything waits.

use std::sync::Arc;
use std::sync::Mutex;

use accord_base::{LogTime, Row, Subject};
use accord_engine::{Answer, Change, Changes, Interaction, Outcome, Request, Since};
use bytes::Bytes;
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::fake::{Fake, deletion, nothing_new, patient, read_p1};
use super::harness::{Ask, Got, Server, ask, bare, server, server_with, token};
use crate::{Content, Options};

const LINE: &str = "GET /fhir/$live?criteria=Patient%3Factive%3Dtrue";

/// A fake whose changes are queued; nothing new once they are told.
fn queued() -> (Arc<Mutex<Vec<Changes>>>, impl Fn(&Request) -> Outcome + Send + Sync) {
    let queue: Arc<Mutex<Vec<Changes>>> = Arc::default();
    let told = queue.clone();
    let script = move |request: &Request| {
        let Interaction::Live(live) = &request.interaction else { return read_p1(request) };
        let upto = match live.since {
            Since::Row(row) => row.0,
            _ => 0,
        };
        let mut told = told.lock().unwrap();
        let next = (live.since != Since::Now && !told.is_empty()).then(|| told.remove(0));
        Ok(Answer::Changes(next.unwrap_or_else(|| nothing_new(upto))))
    };
    (queue, script)
}

fn change(name: &str, upto: u32) -> Changes {
    let version = super::fake::patient(name, 2);
    let version = accord_engine::Version { body: "".into(), ..version };
    Changes {
        entries: vec![Change { version, matches: true, row: Row(upto) }],
        ..nothing_new(upto)
    }
}

async fn open(server: &Server, ask: Ask) -> Content {
    let response = server.app.clone().oneshot(ask.request()).await.unwrap();
    assert_eq!(response.status(), 200);
    response.into_body()
}

async fn next(body: &mut Content) -> Option<String> {
    let piece: Option<Bytes> = body.frame().await.map(|frame| frame.unwrap().into_data().unwrap());
    piece.map(|piece| String::from_utf8(piece.to_vec()).unwrap())
}

fn listen() -> Ask {
    ask(LINE).header("accept", "text/event-stream")
}

#[tokio::test(start_paused = true)]
async fn a_stream_begins_with_a_position_and_tells_of_commits() {
    let (queue, script) = queued();
    let server = server(script);
    let response = server.app.clone().oneshot(listen().request()).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["cache-control"], "private, no-store");
    assert!(response.headers().get("content-length").is_none());
    let mut body = response.into_body();
    assert_eq!(next(&mut body).await.unwrap(), "id: begins\nevent: ready\ndata: {}\n\n");
    let Interaction::Live(live) = server.interaction() else { panic!() };
    assert_eq!(
        (&live.criteria[..], &live.since),
        (&["Patient?active=true".to_owned()][..], &Since::Now)
    );
    queue.lock().unwrap().push(change("p7", 3));
    server.fake.commits.send_replace(Row(3));
    let event = next(&mut body).await.unwrap();
    let mut lines = event.lines();
    assert_eq!(lines.next(), Some("id: at-3"));
    assert_eq!(lines.next(), Some("event: change"));
    let data = lines.next().unwrap().strip_prefix("data: ").unwrap();
    assert_eq!((lines.next(), lines.next()), (Some(""), None));
    let bundle: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(bundle["type"], "history");
    let status = &bundle["entry"][0]["resource"];
    assert_eq!(status["resourceType"], "Parameters");
    let value = |name: &str| {
        let all = status["parameter"].as_array().unwrap();
        all.iter().find(|parameter| parameter["name"] == name).unwrap().clone()
    };
    assert_eq!(value("type")["valueCode"], "event-notification");
    assert_eq!(value("events-since-subscription-start")["valueString"], "1");
    let focus = &value("notification-event")["part"][2]["valueReference"]["reference"];
    assert_eq!(focus, "http://ex.org:81/fhir/Patient/p7");
    let entry = &bundle["entry"][1];
    assert_eq!(entry["fullUrl"], "http://ex.org:81/fhir/Patient/p7");
    assert_eq!(entry["request"]["method"], "PUT");
    assert_eq!(entry["response"]["etag"], "W/\"2\"");
    assert!(entry.get("resource").is_none() && entry.get("extension").is_none());
}

#[tokio::test(start_paused = true)]
async fn what_ceased_to_match_says_so_and_a_deletion_is_one() {
    let (queue, script) = queued();
    let server = server(script);
    let mut body = open(&server, listen()).await;
    next(&mut body).await.unwrap();
    let version = accord_engine::Version { body: "".into(), ..patient("p1", 4) };
    let entries =
        [version, deletion("p2", 5)].map(|version| Change { version, matches: false, row: Row(8) });
    queue.lock().unwrap().push(Changes { entries: entries.into(), ..nothing_new(9) });
    server.fake.commits.send_replace(Row(9));
    let event = next(&mut body).await.unwrap();
    let (_, data) = event.split_once("data: ").unwrap();
    let bundle: serde_json::Value = serde_json::from_str(data.trim()).unwrap();
    assert_eq!(bundle["entry"][1]["extension"][0]["url"], "urn:accord:extension:matches");
    assert_eq!(bundle["entry"][1]["extension"][0]["valueBoolean"], false);
    assert_eq!(bundle["entry"][2]["request"]["method"], "DELETE");
    assert!(bundle["entry"][2].get("extension").is_none());
}

#[tokio::test(start_paused = true)]
async fn silence_is_broken_by_beats_with_a_position() {
    let server = server(queued().1);
    let mut body = open(&server, listen()).await;
    next(&mut body).await.unwrap();
    let before = tokio::time::Instant::now();
    assert_eq!(next(&mut body).await.unwrap(), ":\nid: at-0\n\n");
    assert_eq!(next(&mut body).await.unwrap(), ":\nid: at-0\n\n");
    assert_eq!(before.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_position_is_resumed_or_reset() {
    for (reset, name) in [(false, "ready"), (true, "reset")] {
        let server = server(move |_| Ok(Answer::Changes(Changes { reset, ..nothing_new(4) })));
        let mut body = open(&server, listen().header("last-event-id", "at-3")).await;
        let Interaction::Live(live) = server.interaction() else { panic!() };
        assert_eq!(live.since, Since::Position("at-3".to_owned()));
        let first = next(&mut body).await.unwrap();
        assert_eq!(first, format!("id: begins\nevent: {name}\ndata: {{}}\n\n"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_its_token() {
    let (queue, script) = queued();
    let server = server(script);
    let mut body = open(&server, listen()).await;
    next(&mut body).await.unwrap();
    server.clock.advance_us(901 * LogTime::SECOND_US);
    queue.lock().unwrap().push(change("p7", 3));
    server.fake.commits.send_replace(Row(3));
    assert_eq!(next(&mut body).await, None);
    assert_eq!(queue.lock().unwrap().len(), 1, "nothing was looked for");
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_when_the_backend_refuses_or_the_server_stops() {
    let first = Mutex::new(true);
    let server = server(move |request| match std::mem::take(&mut *first.lock().unwrap()) {
        true => read_p1(request),
        false => super::fake::failing(accord_engine::Category::Forbidden)(request),
    });
    let mut body = open(&server, listen()).await;
    next(&mut body).await.unwrap();
    server.fake.commits.send_replace(Row(3));
    assert_eq!(next(&mut body).await, None);
    let server = super::harness::server(queued().1);
    let mut body = open(&server, listen()).await;
    next(&mut body).await.unwrap();
    server.app.0.streams.stop();
    assert_eq!(next(&mut body).await, None);
    listen().send(&server).await.refused(503, "throttled");
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_is_not_looked_for() {
    let (queue, script) = queued();
    let server = server(script);
    let mut body = open(&server, listen()).await;
    queue.lock().unwrap().extend((1..100).map(|at| Changes { more: true, ..change("p7", at) }));
    server.fake.commits.send_replace(Row(100));
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    assert!(queue.lock().unwrap().len() >= 96, "two wait to be read, one is made");
    next(&mut body).await.unwrap();
    for at in 1..100 {
        let event = next(&mut body).await.unwrap();
        assert!(event.starts_with(&format!("id: at-{at}\n")), "{event}");
    }
}

#[tokio::test(start_paused = true)]
async fn streams_are_limited_each_and_in_all() {
    let options = Options { max_streams: 3, max_streams_each: 2, ..Options::default() };
    let server = server_with(Fake::new(queued().1), options);
    let one = open(&server, listen()).await;
    let _two = open(&server, listen()).await;
    listen().send(&server).await.refused(429, "throttled");
    let other = || {
        let system = token(&Subject::system("x"));
        bare(LINE).header("authorization", format!("Bearer {system}"))
    };
    let _three = open(&server, other()).await;
    other().send(&server).await.refused(503, "throttled");
    assert_eq!(server.app.0.streams.count(), 3);
    drop(one);
    // The listener notices that nobody listens.
    while server.app.0.streams.count() == 3 {
        tokio::task::yield_now().await;
    }
    let _four = open(&server, listen()).await;
}

#[tokio::test]
async fn what_is_no_stream_is_refused_and_recorded() {
    for (line, accept, status, code) in [
        (LINE, "application/fhir+json", 406, "not-supported"),
        ("GET /fhir/$live?criteria=Patient&_count=3", "*/*", 400, "not-supported"),
        ("HEAD /fhir/$live?criteria=Patient", "*/*", 405, "not-supported"),
        ("POST /fhir/$live?criteria=Patient", "*/*", 405, "not-supported"),
        ("GET /fhir/$live/x", "*/*", 404, "not-found"),
    ] {
        let server = server(read_p1);
        let got: Got = ask(line).header("accept", accept).send(&server).await;
        if !line.starts_with("HEAD") {
            got.refused(status, code);
        }
        assert_eq!(got.status, status, "{line}");
        assert!(!server.was_asked());
        assert_eq!(server.refusals().len(), 1, "{line}");
    }
}
