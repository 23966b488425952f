//! `kill -9` on the real server while many write: what was acknowledged is there, whole.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use common::Store;
use common::http::Client;
use serde_json::{Value, json};

/// Rounds of writing and killing, on growing data.
const ROUNDS: u64 = 3;
/// Threads that write singles and as many that write transactions.
const WRITERS: u64 = 3;
/// Writes acknowledged in a round before the server is killed.
const ACKNOWLEDGED: u64 = 120;
/// Entries of a transaction.
const ENTRIES: u64 = 5;

/// A write that was acknowledged: paths of versions, and what each says.
type Acknowledged = Vec<(String, String)>;

fn basic(text: &str) -> Value {
    json!({"resourceType": "Basic", "code": {"text": text}})
}

/// Path of a version below the base, from a location.
fn version(location: &str) -> String {
    location.split("/fhir/").last().unwrap().to_owned()
}

/// Creates, and updates of what was created, until the server is gone.
fn singles(mut client: Client, name: &str, acknowledged: &AtomicU64) -> Vec<Acknowledged> {
    let mut seen = Vec::new();
    let mut last: Option<String> = None;
    for n in 0.. {
        let text = format!("{name}-{n}");
        let answer = match &last {
            Some(id) if n % 3 != 0 => {
                let mut body = basic(&text);
                body["id"] = id.as_str().into();
                client.try_ask("PUT", &format!("Basic/{id}"), &[], &body.to_string())
            }
            _ => client.try_ask("POST", "Basic", &[], &basic(&text).to_string()),
        };
        let Ok(answer) = answer else { break };
        assert!(matches!(answer.status, 200 | 201), "{}", answer.text());
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        let version = answer.json()["meta"]["versionId"].as_str().unwrap().to_owned();
        seen.push(vec![(format!("Basic/{id}/_history/{version}"), text)]);
        last = Some(id);
        acknowledged.fetch_add(1, Ordering::SeqCst);
    }
    seen
}

/// Transactions, all entries of which say the same, until the server is gone.
fn transactions(mut client: Client, name: &str, acknowledged: &AtomicU64) -> Vec<Acknowledged> {
    let mut seen = Vec::new();
    for n in 0.. {
        let text = format!("{name}-{n}");
        let entry =
            json!({"request": {"method": "POST", "url": "Basic"}, "resource": basic(&text)});
        let entries = vec![entry; ENTRIES as usize];
        let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
        let Ok(answer) = client.try_ask("POST", "", &[], &bundle.to_string()) else { break };
        assert_eq!(answer.status, 200, "{}", answer.text());
        let answer = answer.json();
        let entries = answer["entry"].as_array().unwrap().iter();
        let path = |entry: &Value| version(entry["response"]["location"].as_str().unwrap());
        seen.push(entries.map(|entry| (path(entry), text.clone())).collect());
        acknowledged.fetch_add(1, Ordering::SeqCst);
    }
    seen
}

/// Writes until the server is killed in the midst of it.
fn round(store: &Store, round: u64) -> Vec<Acknowledged> {
    let mut server = store.serve();
    let token = store.system();
    let acknowledged = AtomicU64::new(0);
    let seen = thread::scope(|scope| {
        let mut writers = Vec::new();
        for writer in 0..WRITERS {
            let (one, many) = (server.client(&token), server.client(&token));
            let acknowledged = &acknowledged;
            let single = format!("s{round}-{writer}");
            let bundle = format!("t{round}-{writer}");
            writers.push(scope.spawn(move || singles(one, &single, acknowledged)));
            writers.push(scope.spawn(move || transactions(many, &bundle, acknowledged)));
        }
        while acknowledged.load(Ordering::SeqCst) < ACKNOWLEDGED
            && !writers.iter().any(|writer| writer.is_finished())
        {
            thread::yield_now();
        }
        server.kill();
        let seen: Vec<_> = writers.into_iter().map(|writer| writer.join().unwrap()).collect();
        seen.concat()
    });
    assert!(seen.len() as u64 >= ACKNOWLEDGED);
    seen
}

#[test]
fn what_was_acknowledged_survives() {
    let store = Store::new();
    let mut all = Vec::new();
    for number in 0..ROUNDS {
        all.extend(round(&store, number));
        store.assert_sound();
        let mut server = store.serve();
        let mut client = server.client(&store.system());
        for (path, text) in all.iter().flatten() {
            let resource = client.get(path).expect(200).json();
            assert_eq!(resource["code"]["text"], text.as_str(), "{path}");
        }
        whole_transactions(&mut client, number);
        server.stop();
        store.assert_sound();
    }
}

/// Of no transaction, acknowledged or not, are there some entries only.
fn whole_transactions(client: &mut Client, rounds: u64) {
    let mut counts = std::collections::HashMap::new();
    let mut next = Some("Basic?_count=1000".to_owned());
    while let Some(path) = next {
        let page = client.get(&path).expect(200).json();
        for entry in page["entry"].as_array().unwrap() {
            let text = entry["resource"]["code"]["text"].as_str().unwrap();
            *counts.entry(text.to_owned()).or_insert(0) += 1;
        }
        next = common::http::next_of(&page);
    }
    let transactions = counts.iter().filter(|(text, _)| text.starts_with('t'));
    let halves: Vec<_> = transactions.clone().filter(|(_, count)| **count != ENTRIES).collect();
    assert!(halves.is_empty(), "{halves:?}");
    assert!(transactions.count() as u64 > rounds);
}
