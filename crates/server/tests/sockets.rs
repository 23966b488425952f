//! Subscriptions at websockets, from the store to the client, with a real server.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use common::http::{Answer, Client};
use common::{Server, Store};
use serde_json::{Value, json};

/// A client that hides nothing (RFC 6455 §5).
struct Socket(BufReader<TcpStream>);

/// What came.
#[derive(Debug, PartialEq)]
enum Came {
    Text(Value),
    Closed(u16),
    Gone,
}

impl Socket {
    fn open(server: &Server) -> Socket {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        let head = format!(
            "GET /fhir/$websocket HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nOrigin: https://elsewhere.example\r\n\r\n",
            server.address
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut socket = Socket(BufReader::new(stream));
        let mut lines = Vec::new();
        while lines.last().is_none_or(|line: &String| !line.trim().is_empty()) {
            let mut line = String::new();
            socket.0.read_line(&mut line).unwrap();
            lines.push(line);
        }
        let head = lines.concat().to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 101"), "{head}");
        assert!(head.contains("s3pplmbitxaq9kygzzhzrbk+xoo="), "{head}");
        socket
    }

    fn bound(server: &Server, token: &str) -> Socket {
        let mut socket = Socket::open(server);
        socket.send(0x81, format!("bind-with-token {token}").as_bytes());
        socket
    }

    fn send(&mut self, first: u8, payload: &[u8]) {
        let mut frame = vec![first];
        match u8::try_from(payload.len()) {
            Ok(length @ ..=125) => frame.push(0x80 | length),
            _ => {
                frame.push(0x80 | 126);
                frame.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
            }
        }
        // A mask of zeros.
        frame.extend([0; 4]);
        frame.extend(payload);
        self.0.get_mut().write_all(&frame).unwrap();
    }

    fn next(&mut self) -> Came {
        loop {
            let mut head = [0; 2];
            if self.0.read_exact(&mut head).is_err() {
                return Came::Gone;
            }
            let mut more = vec![0; [0, 2, 8][usize::from(head[1].saturating_sub(125))]];
            self.0.read_exact(&mut more).unwrap();
            let wide = more.iter().fold(0, |all, byte| all << 8 | usize::from(*byte));
            let length = if more.is_empty() { usize::from(head[1]) } else { wide };
            let mut payload = vec![0; length];
            self.0.read_exact(&mut payload).unwrap();
            match head[0] {
                0x81 => return Came::Text(serde_json::from_slice(&payload).unwrap()),
                0x88 => return Came::Closed(u16::from_be_bytes([payload[0], payload[1]])),
                0x89 => self.send(0x8a, &payload),
                other => panic!("{other:x}"),
            }
        }
    }

    /// `type number: ids` of the next notification.
    fn told(&mut self) -> String {
        match self.next() {
            Came::Text(bundle) => told(&bundle),
            other => panic!("{other:?}"),
        }
    }
}

fn told(bundle: &Value) -> String {
    let parameters = bundle["entry"][0]["resource"]["parameter"].as_array().unwrap();
    let named = |name: &str| parameters.iter().find(|p| p["name"] == name).unwrap();
    let entries = bundle["entry"].as_array().unwrap()[1..].iter();
    let ids: Vec<&str> =
        entries.map(|e| e["fullUrl"].as_str().unwrap().rsplit('/').next().unwrap()).collect();
    let kind = named("type")["valueCode"].as_str().unwrap();
    let last = named("events-since-subscription-start")["valueString"].as_str().unwrap();
    format!("{kind} {last} {}", ids.join(",")).trim_end().to_owned()
}

fn subscription() -> String {
    let extension = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content";
    json!({"resourceType": "Subscription", "id": "s1", "status": "requested", "reason": "to know",
        "criteria": "urn:accord:topic:Observation",
        "channel": {"type": "websocket",
            "_payload": {"extension": [{"url": extension, "valueCode": "id-only"}]}}})
    .to_string()
}

fn observe(client: &mut Client, name: &str) {
    let body = json!({"resourceType": "Observation", "id": name, "status": "final",
        "code": {"text": "pulse"}, "subject": {"reference": "Patient/p1"}});
    client.put(&format!("Observation/{name}"), &body.to_string()).expect(201);
}

fn begin(store: &Store) -> (Server, Client) {
    let server = store.serve();
    let mut client = server.client(&store.system());
    client.put("Patient/p1", r#"{"resourceType":"Patient","id":"p1"}"#).expect(201);
    client.put("Subscription/s1", &subscription()).expect(201);
    // It is known of soon.
    while client.get("Subscription/s1/$get-ws-binding-token").status == 403 {}
    (server, client)
}

fn parameter(answer: &Answer, name: &str) -> String {
    let all = answer.json()["parameter"].as_array().unwrap().clone();
    let found = all.iter().find(|parameter| parameter["name"] == name).unwrap();
    let value =
        ["valueString", "valueDateTime", "valueUrl"].iter().find_map(|k| found[*k].as_str());
    value.unwrap().to_owned()
}

fn token(client: &mut Client) -> String {
    parameter(&client.post("Subscription/s1/$get-ws-binding-token", "{}").expect(200), "token")
}

#[test]
fn a_socket_is_told_what_happens_and_what_happened_meanwhile() {
    let store = Store::new();
    let (server, mut client) = begin(&store);
    let given = client.get("Subscription/$get-ws-binding-token?id=s1").expect(200);
    assert_eq!(given.header("cache-control"), Some("private, no-store"));
    assert_eq!(parameter(&given, "subscription"), "s1");
    let url = parameter(&given, "websocket-url");
    assert_eq!(url, format!("ws://{}/fhir/$websocket", server.address));
    let mut socket = Socket::bound(&server, &parameter(&given, "token"));
    assert_eq!(socket.told(), "handshake 0");
    observe(&mut client, "o1");
    assert_eq!(socket.told(), "event-notification 1 o1");
    let mut second = Socket::bound(&server, &token(&mut client));
    assert_eq!(second.told(), "handshake 1");
    observe(&mut client, "o2");
    assert_eq!(
        (socket.told(), second.told()),
        ("event-notification 2 o2".to_owned(), "event-notification 2 o2".to_owned())
    );
    for mut socket in [socket, second] {
        socket.send(0x88, &1000_u16.to_be_bytes());
        while socket.next() != Came::Gone {}
    }
    // Nobody listens; nothing is lost.
    observe(&mut client, "o3");
    let mut third = Socket::bound(&server, &token(&mut client));
    assert_eq!(third.told(), "handshake 2");
    assert_eq!(third.told(), "event-notification 3 o3");
    let events = client.get("Subscription/s1/$events?eventsSinceNumber=2").expect(200);
    assert_eq!(told(&events.json()), "query-event 3 o2,o3");
    let status = client.get("Subscription/$status").expect(200).json();
    assert_eq!((&status["type"], &status["total"]), (&json!("searchset"), &json!(1)));
    let none = client.get("Subscription/$status?status=error,off").expect(200).json();
    assert_eq!((&none["total"], none.get("entry")), (&json!(0), None));
    client.get("Subscription/s1/$status?x=1").expect(200);
    client.ask("DELETE", "Subscription/s1", &[], "").expect(204);
    assert_eq!(third.next(), Came::Closed(1000));
}

#[test]
fn what_is_no_good_token_is_told_nothing() {
    let store = Store::new();
    let (server, mut client) = begin(&store);
    let once = token(&mut client);
    let mut first = Socket::bound(&server, &once);
    assert_eq!(first.told(), "handshake 0");
    for bad in [once.as_str(), "", "x", &"A".repeat(43)] {
        assert_eq!(Socket::bound(&server, bad).next(), Came::Closed(4401), "{bad}");
    }
    let mut other = Socket::open(&server);
    other.send(0x81, b"something else");
    assert_eq!(other.next(), Came::Closed(4401));
    let mut binary = Socket::open(&server);
    binary.send(0x82, b"bind-with-token x");
    assert_eq!(binary.next(), Came::Closed(1003));
    let mut long = Socket::open(&server);
    long.send(0x81, &[b'a'; 2000]);
    assert!(matches!(long.next(), Came::Closed(1009) | Came::Gone));
    let feed = store.token(&[
        "--as",
        "Device/feed",
        "--role",
        "integration",
        "--organization",
        "northgate-hospital",
    ]);
    let mut feed = server.client(&feed);
    assert!(matches!(feed.get("Subscription/s1/$get-ws-binding-token").status, 403 | 404));
    client.get("Subscription/$get-ws-binding-token").expect(400);
    client.get("Subscription/nobody/$get-ws-binding-token").expect(404);
    let plain = client.ask("GET", "$websocket", &[], "");
    assert_eq!((plain.status, plain.header("upgrade")), (426, Some("websocket")));
}

#[test]
fn nobody_has_many_tokens_that_are_not_used() {
    let store = Store::new();
    let (_server, mut client) = begin(&store);
    // The first was given when the test began, and is not used either.
    let path = "Subscription/s1/$get-ws-binding-token";
    let given = (0..40).map(|_| client.get(path).status).take_while(|status| *status == 200);
    assert_eq!(given.count(), 31);
    let refused = client.get(path);
    assert_eq!((refused.status, refused.text().contains("throttled")), (503, true));
}

#[test]
fn a_socket_ends_with_the_access_token() {
    let store = Store::new();
    let (server, _) = begin(&store);
    // Where the machine is slow, the token is over before the socket is bound.
    let mut bound = loop {
        let short = store.token(&["--system", "test", "--seconds", "4"]);
        let mut client = server.client(&short);
        let given = client.get("Subscription/s1/$get-ws-binding-token");
        if given.status != 200 {
            continue;
        }
        let mut socket = Socket::bound(&server, &parameter(&given, "token"));
        if let Came::Text(_) = socket.next() {
            break socket;
        }
    };
    assert_eq!(bound.next(), Came::Closed(4403));
}

#[test]
fn sockets_are_limited_and_end_with_the_server() {
    let store = Store::new();
    let (mut server, mut client) = begin(&store);
    let mut ids = Vec::new();
    for number in 2..=16 {
        let body = subscription().replace("\"s1\"", &format!("\"s{number}\""));
        client.put(&format!("Subscription/s{number}"), &body).expect(201);
        ids.push(format!("id=s{number}"));
    }
    let last = "Subscription/s16/$get-ws-binding-token";
    while client.get(last).status == 403 {}
    let all = format!("Subscription/$get-ws-binding-token?id=s1&{}", ids.join("&"));
    let given = client.get(&all).expect(200);
    let mut full = Socket::bound(&server, &parameter(&given, "token"));
    for _ in 0..16 {
        assert_eq!(full.told(), "handshake 0");
    }
    full.send(0x81, format!("bind-with-token {}", token(&mut client)).as_bytes());
    assert_eq!(full.next(), Came::Closed(4429), "a seventeenth at one socket");
    full.send(0x88, &1000_u16.to_be_bytes());
    while full.next() != Came::Gone {}
    let mut sockets: Vec<Socket> =
        (0..16).map(|_| Socket::bound(&server, &token(&mut client))).collect();
    for socket in &mut sockets {
        assert_eq!(socket.told(), "handshake 0");
    }
    let mut one_more = Socket::bound(&server, &token(&mut client));
    assert_eq!(one_more.next(), Came::Closed(4429), "a seventeenth socket of one person");
    std::thread::scope(|scope| {
        scope.spawn(|| server.stop());
        for socket in &mut sockets {
            assert_eq!(socket.next(), Came::Closed(1001));
            socket.send(0x88, &1001_u16.to_be_bytes());
        }
    });
}
