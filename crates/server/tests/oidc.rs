//! An identity provider in the place of this server's own sign-in: documents over HTTP, tokens of
//! its keys, keys that turn.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use accord_auth::SigningKey;
use common::{Server, Store};
use serde_json::{Value, json};

type Pages = Arc<Mutex<BTreeMap<String, Value>>>;

/// A provider on a free port: answers with documents by their paths.
fn provider() -> (String, Pages) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let pages = Pages::default();
    let shown = pages.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut lines = Vec::new();
            loop {
                let mut line = String::new();
                if stream.read_line(&mut line).unwrap() == 0 || line.trim().is_empty() {
                    break;
                }
                lines.push(line);
            }
            let Some(path) = lines.first().and_then(|line| line.split(' ').nth(1)) else {
                continue;
            };
            let page = shown.lock().unwrap().get(path).map(Value::to_string);
            let (status, body) = page.map_or(("404 none", String::new()), |page| ("200 OK", page));
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
            let answer = format!("{head}Connection: close\r\n\r\n{body}");
            let _ = stream.get_mut().write_all(answer.as_bytes());
        }
    });
    (base, pages)
}

fn key() -> SigningKey {
    SigningKey::from_pkcs8(&SigningKey::generate().unwrap()).unwrap()
}

fn publish(base: &str, pages: &Pages, keys: &[&SigningKey]) {
    let keys: Vec<Value> = keys.iter().map(|key| key.jwk()).collect();
    let metadata = json!({"issuer": base, "jwks_uri": format!("{base}/keys"),
        "authorization_endpoint": format!("{base}/authorize")});
    let mut pages = pages.lock().unwrap();
    pages.insert("/.well-known/openid-configuration".to_owned(), metadata);
    pages.insert("/keys".to_owned(), json!({ "keys": keys }));
}

fn token(base: &str, key: &SigningKey, role: &str) -> String {
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims = json!({"iss": base, "aud": "accord", "exp": now_s + 300, "azp": "portal",
        "sub": "s-1", "groups": [role], "scope": "openid user/*.rs"});
    key.sign(&claims).unwrap()
}

#[test]
fn a_providers_tokens_are_taken_as_its_keys_turn() {
    let (base, pages) = provider();
    let (first, second) = (key(), key());
    publish(&base, &pages, &[&first]);
    let store = Store::with_patients(6, "2026-11-01");
    let map = store.folder.path().join("map.json");
    let mapping = json!({"scopes": "/scope", "roles": [{
        "when": {"/groups": "doctors"}, "role": "clinician",
        "person": {"claim": "/sub", "table": {"s-1": "dr-alder"}},
        "organization": {"value": "northgate-hospital"}, "purposes": ["TREAT"]}]});
    std::fs::write(&map, mapping.to_string()).unwrap();
    let log = store.folder.path().join("server.log");
    let flags =
        ["--oidc-issuer", &base, "--oidc-audience", "accord", "--oidc-map", map.to_str().unwrap()];
    let server = Server::start_with(&store.path(), &log, &flags);
    let ask = |key: &SigningKey, role: &str| {
        server.client(&token(&base, key, role)).get("Patient?_summary=count").status
    };
    // The first request may come before the server has looked for the keys by itself.
    assert_eq!(ask(&first, "doctors"), 200);
    assert_eq!(ask(&first, "porters"), 401, "no role");
    assert_eq!(ask(&second, "doctors"), 401, "a key of nobody");
    let told = server.client("").get("/fhir/.well-known/smart-configuration").expect(200).json();
    assert_eq!(told["authorization_endpoint"], format!("{base}/authorize"));
    server.client("").get("/auth/sign-in").expect(404);
    server.client(&store.system()).get("Patient?_summary=count").expect(200);
    server.client("").get("metadata").expect(200);
}
