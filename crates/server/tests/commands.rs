//! The operator's commands where something stands in the way: each says so and changes nothing.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use accord_base::{LogTime, Row};
use accord_jobs::{Kept, State, Status};
use common::{Store, run};

/// A command that does not even begin: exit status 2 and one line that has these words.
#[track_caller]
fn assert_refused(said: &common::Said, words: &str) {
    assert_eq!(said.code, Some(2), "{}\n{}", said.out, said.err);
    assert!(said.err.contains(words), "`{words}` in {}", said.err);
    assert!(said.err.starts_with("accord: "), "{}", said.err);
    assert!(said.out.is_empty(), "{}", said.out);
}

#[test]
fn a_store_is_made_once() {
    let store = Store::new();
    let key = fs::read(store.path().join("store.key")).unwrap();
    assert_refused(&store.command("init", &[]), "there is a store in this folder already");
    assert_eq!(fs::read(store.path().join("store.key")).unwrap(), key);
}

#[test]
fn without_a_store_there_is_nothing_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    for command in ["serve", "verify", "checkpoint", "check", "stats", "subscriptions"] {
        assert_refused(&run(&[command, "--data", path]), "there is no store in this folder");
    }
    let token = run(&["token", "--data", path, "--system", "x"]);
    assert_refused(&token, "there is no store in this folder");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_zone_is_one_of_the_iana_database() {
    let store = Store::new();
    let file = store.folder.path().join("x.json");
    fs::write(&file, r#"{"resourceType":"Patient","id":"p"}"#).unwrap();
    for zone in ["Mars/Olympus", "north=Mars/Olympus"] {
        let listen = ["--listen", "127.0.0.1:0", "--zone", zone];
        for said in [store.command("serve", &listen), store.import(&["--zone", zone], &[&file])] {
            assert_eq!(said.code, Some(2), "{}\n{}", said.out, said.err);
            assert!(said.err.contains("`Mars/Olympus` is no zone of the IANA"), "{}", said.err);
        }
    }
    store.import(&["--zone", "Europe/Berlin", "--zone", "north=Asia/Tokyo"], &[&file]).good();
}

#[test]
fn a_store_in_use_is_not_opened_again() {
    let store = Store::new();
    let mut server = store.serve();
    let file = store.folder.path().join("x.json");
    fs::write(&file, r#"{"resourceType":"Patient","id":"p"}"#).unwrap();
    assert_eq!(store.import(&[], &[&file]).code, Some(2));
    assert_eq!(store.command("serve", &["--listen", "127.0.0.1:0"]).code, Some(2));
    // The one that was first goes on.
    let mut client = server.client(&store.system());
    client.post("Patient", r#"{"resourceType":"Patient"}"#).expect(201);
    assert_eq!(client.get("Patient?_summary=count").json()["total"], 1);
    server.stop();
    store.import(&[], &[&file]).good();
}

#[test]
fn tokens_for_anyone_take_a_store_made_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let path = path.to_str().unwrap();
    run(&["init", "--data", path]).good();
    let said = run(&["token", "--data", path, "--as", "Patient/p", "--role", "patient"]);
    assert_refused(&said, "--test-principals");
    assert_refused(&run(&["token", "--data", path, "--system", " "]), "reason");
    run(&["token", "--data", path, "--system", "a reason"]).good();
}

#[test]
fn a_store_without_its_key_is_closed() {
    let store = Store::new();
    fs::rename(store.path().join("store.key"), store.folder.path().join("away")).unwrap();
    for command in ["serve", "verify", "stats"] {
        assert_eq!(store.command(command, &[]).code, Some(2), "{command}");
    }
    fs::rename(store.folder.path().join("away"), store.path().join("store.key")).unwrap();
    store.command("stats", &[]).good();
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let make = |name: &str, seed: &str| {
        let out = folder.path().join(name);
        let out = out.to_str().unwrap();
        run(&["synth", "--patients", "4", "--seed", seed, "--updates", "--out", out]).good();
        files(Path::new(out))
    };
    let first = make("a", "7");
    assert!(first.len() > 4);
    assert_eq!(first, make("b", "7"));
    assert_ne!(first, make("c", "8"));
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let file = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.unwrap().path();
        (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap())
    };
    fs::read_dir(folder).unwrap().map(file).collect()
}

#[test]
fn a_signing_key_is_replaced_and_the_old_one_kept_for_a_while() {
    let store = Store::new();
    let list = || store.command("key", &["list"]).good().out;
    let first = list().split('\t').next().unwrap().to_owned();
    let second = store.command("key", &["rotate"]).good().out.trim().to_owned();
    assert_ne!(first, second);
    let told = list();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], format!("{second}\tsigns"));
    assert!(lines[1].starts_with(&format!("{first}\tverifies until ")), "{told}");
    let server = store.serve();
    let keys = server.client("").get("/auth/jwks").expect(200).json();
    assert_eq!((&keys["keys"][0]["kid"], &keys["keys"][1]["kid"]), (&second.into(), &first.into()));
    store.command("key", &["rotate", "--discard-old"]).good();
    assert_eq!(list().lines().count(), 1);
    for name in ["signing.key.until-1", "signing.key.until-x"] {
        fs::write(store.path().join(name), "").unwrap();
    }
    assert_eq!(list().lines().count(), 1, "what is over is removed, what is not ours stays");
    assert!(!store.path().join("signing.key.until-1").exists());
    assert!(store.path().join("signing.key.until-x").exists());
}

#[test]
fn what_commands_do_to_accounts_and_clients_is_recorded() {
    let store = Store::new();
    let add = ["add", "--name", "Growth", "--redirect", "https://app.example/cb", "--scope"];
    store.command("client", &[&add[..], &["patient/*.rs"]].concat()).good();
    let mut server = store.serve();
    let mut client = server.client(&store.system());
    let events = client.get("AuditEvent?_count=20").expect(200);
    assert!(events.text().contains("client-add"), "{}", events.text());
    assert!(events.text().contains("accord client add Growth"), "{}", events.text());
    server.stop();
    // Once.
    let mut server = store.serve();
    let events = server.client(&store.system()).get("AuditEvent?_count=50").expect(200);
    assert_eq!(events.text().matches("\"client-add\"").count(), 1, "{}", events.text());
    server.stop();
}

#[test]
fn subscriptions_that_fail_are_listed_and_told_again() {
    let store = Store::new();
    let none = store.command("subscriptions", &[]).good();
    assert!(none.out.is_empty());
    let kept = Kept::open(&store.path()).unwrap();
    let now = LogTime(1_795_300_398_000_000);
    let well = State { status: Status::Active, ..State::new(Row(1), now) };
    let failing = State { failing: Some(now), error: "status 503".to_owned(), ..well.clone() };
    let given_up = State { status: Status::Error, ..failing.clone() };
    for (id, state) in [("a", &well), ("b", &failing), ("c", &given_up)] {
        kept.put(id, state, &[]).unwrap();
    }
    let said = store.command("subscriptions", &[]);
    assert_eq!(said.code, Some(1));
    let lines: Vec<&str> = said.out.lines().collect();
    assert!(lines.len() == 2 && lines[0].starts_with("c\terror\t0\t"), "{}", said.out);
    assert!(lines[1].starts_with("b\tfailing\t") && lines[1].ends_with("\tstatus 503"));
    assert_eq!(store.command("subscriptions", &["list", "--all"]).out.lines().count(), 3);
    store.command("subscriptions", &["replay", "b", "--event", "7"]).good();
    assert_eq!(store.command("subscriptions", &["replay", "--given-up"]).good().out, "c\n");
    let asked = kept.asked().unwrap();
    assert_eq!(asked, [("b".to_owned(), Some(7)), ("c".to_owned(), None)]);
    let unknown = store.command("subscriptions", &["replay", "x"]);
    assert_refused(&unknown, "there is no such subscription");
}
