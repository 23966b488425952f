//! Evidence: a store whose records were changed, removed or reordered says so.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "../common/mod.rs"]
mod common;

mod receipts;
mod tampered;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::Store;

/// How long work beside the requests may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A store with written and read records under a checkpoint.
fn store() -> Store {
    let store = Store::new();
    use_it(&store);
    store
}

/// Writes and reads, then lets the server end, which signs a checkpoint.
fn use_it(store: &Store) {
    let mut server = store.serve();
    let mut client = server.client(&store.system());
    for n in 0..12 {
        client
            .post(
                "Patient",
                &format!(r#"{{"resourceType":"Patient","name":[{{"family":"F{n}"}}]}}"#),
            )
            .expect(201);
        client.get("Patient?_count=3").expect(200);
    }
    server.stop();
}

/// The checkpoint, kept beside the store's folder.
fn keep_checkpoint(store: &Store) -> PathBuf {
    let said = store.command("checkpoint", &[]).good();
    assert!(said.err.contains("verifier key:"), "{}", said.err);
    let file = store.folder.path().join("kept.checkpoint");
    fs::write(&file, said.out).unwrap();
    file
}

#[test]
fn a_store_left_alone_verifies() {
    let store = store();
    let said = store.command("verify", &[]).good();
    assert!(said.out.contains("log: consistent to 12 records"), "{}", said.out);
    assert!(said.out.contains("access stream: consistent to"), "{}", said.out);
    let kept = keep_checkpoint(&store);
    use_it(&store);
    let said = store.command("verify", &["--checkpoint", kept.to_str().unwrap()]).good();
    assert!(said.out.contains("the given checkpoint holds"), "{}", said.out);
    assert!(said.out.contains("log: consistent to 24 records"), "{}", said.out);
    store.command("check", &[]).good();
}

/// Records that `verify` counts: of the log, of the access stream.
fn sizes(store: &Store) -> (u64, u64) {
    let said = store.command("verify", &[]).good();
    let size = |of: &str| {
        let line = said.out.lines().find(|line| line.starts_with(of)).unwrap();
        line.split_whitespace().rev().nth(1).unwrap().parse().unwrap()
    };
    (size("log:"), size("access stream:"))
}

#[test]
fn every_access_is_recorded() {
    let store = Store::new();
    let patient = r#"{"resourceType":"Patient","id":"p"}"#;
    let mut server = store.serve();
    server.client(&store.system()).put("Patient/p", patient).expect(201);
    server.stop();
    let before = sizes(&store);

    let mut server = store.serve();
    let mut client = server.client(&store.system());
    client.get("Patient/p").expect(200);
    client.get("Patient/nobody").expect(404);
    client.get("Patient?family=x").expect(200);
    client.get("Patient?nonsense=x").expect(400);
    client.get("Patient/p/_history").expect(200);
    client.ask("GET", "Patient/p", &[("If-None-Match", "W/\"1\"")], "").expect(304);
    client.post("Patient", "{").expect(400);
    client.post("Patient", r#"{"resourceType":"Patient","x":1}"#).expect(422);
    server.client("no.good.token").get("Patient/p").expect(401);
    // No data, no record.
    client.get("metadata").expect(200);
    client.get("/health").expect(200);
    server.stop();
    let reads = sizes(&store);
    // The server itself reads at its start which tickets of check-ins were given last.
    let start = 1;
    assert_eq!(reads, (before.0, before.1 + start + 9));

    let mut server = store.serve();
    let mut client = server.client(&store.system());
    // Writes carry their record in the log; one that the state refuses leaves its record there.
    client.post("Patient", r#"{"resourceType":"Patient"}"#).expect(201);
    client.ask("PUT", "Patient/p", &[("If-Match", "W/\"9\"")], patient).expect(412);
    server.stop();
    assert_eq!(sizes(&store), (reads.0 + 2, reads.1 + start));
}

#[test]
fn a_store_in_use_verifies() {
    let store = Store::new();
    let mut server = store.serve();
    let mut client = server.client(&store.system());
    let started = Instant::now();
    let mut kept = None;
    // Checkpoints are signed beside the requests.
    while kept.is_none() {
        assert!(started.elapsed() < PATIENCE, "no checkpoint was signed");
        client.post("Patient", r#"{"resourceType":"Patient"}"#).expect(201);
        client.get("Patient?_count=1").expect(200);
        let said = store.command("checkpoint", &[]);
        kept = (said.code == Some(0)).then(|| keep_checkpoint(&store));
    }
    let kept = kept.unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (store, done) = (&store, &done);
        scope.spawn(move || {
            for _ in 0..4 {
                store.command("verify", &["--checkpoint", kept.to_str().unwrap()]).good();
            }
            done.store(true, Ordering::SeqCst);
        });
        while !done.load(Ordering::SeqCst) && started.elapsed() < PATIENCE {
            client.post("Patient", r#"{"resourceType":"Patient"}"#).expect(201);
            client.get("Patient?_count=1").expect(200);
        }
    });
    server.stop();
    store.assert_sound();
}
