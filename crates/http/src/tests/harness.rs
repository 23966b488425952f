//! Requests in, responses out, and what tests say about them.

use std::sync::Arc;

use accord_auth::Tokens;
use accord_base::{ManualClock, Principal, Purpose, Role, Subject};
use accord_engine::{Interaction, Outcome, Request as Asked};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response};
use tower::ServiceExt;

use super::fake::{BORN, Fake, Recorded, id};
use crate::{App, Content, Options};

pub struct Server {
    pub app: App<Arc<Fake>>,
    pub fake: Arc<Fake>,
    pub clock: Arc<ManualClock>,
}

/// A response with its body read.
#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub headers: hyper::HeaderMap,
    pub bytes: Bytes,
}

const KEY: [u8; 32] = [9; 32];

pub fn clinician() -> Subject {
    Subject {
        principal: Principal::Practitioner(id("dr1")),
        role: Role::Clinician,
        organization: Some(id("h1")),
        purpose: Purpose::Treat,
        token_id: "t1".to_owned(),
        test: false,
        grant: None,
    }
}

pub fn server(script: impl Fn(&Asked) -> Outcome + Send + Sync + 'static) -> Server {
    server_with(Fake::new(script), Options::default())
}

pub fn server_with(fake: Fake, options: Options) -> Server {
    let (fake, clock) = (Arc::new(fake), Arc::new(ManualClock::new(BORN)));
    let app = App::new(Arc::clone(&fake), Tokens::new(KEY, clock.clone()), options, BORN);
    Server { app, fake, clock }
}

pub fn token(subject: &Subject) -> String {
    Tokens::new(KEY, Arc::new(ManualClock::new(BORN))).mint(subject, None).unwrap()
}

/// Starts a request as the clinician: `GET /fhir/Patient/p1`.
pub fn ask(line: &str) -> Ask {
    bare(line).header("authorization", format!("Bearer {}", token(&clinician())))
}

/// Starts a request without a token.
pub fn bare(line: &str) -> Ask {
    let (method, uri) = line.split_once(' ').unwrap();
    let builder = Request::builder().method(method).uri(uri).header("host", "ex.org:81");
    Ask { builder, body: Bytes::new() }
}

pub struct Ask {
    builder: hyper::http::request::Builder,
    body: Bytes,
}

impl Ask {
    pub fn header(self, name: &str, value: impl AsRef<[u8]>) -> Ask {
        let value = hyper::header::HeaderValue::from_bytes(value.as_ref()).unwrap();
        Ask { builder: self.builder.header(name, value), ..self }
    }

    pub fn body(self, body: impl Into<Bytes>) -> Ask {
        Ask { body: body.into(), ..self }
    }

    pub fn json(self, body: impl Into<Bytes>) -> Ask {
        self.header("content-type", "application/fhir+json").body(body)
    }

    pub fn form(self, body: &'static str) -> Ask {
        self.header("content-type", "application/x-www-form-urlencoded").body(body)
    }

    pub async fn send(self, server: &Server) -> Got {
        self.send_to(server.app.clone()).await
    }

    pub async fn send_to(self, app: App<Arc<Fake>>) -> Got {
        Got::of(app.oneshot(self.request()).await.unwrap()).await
    }

    pub fn request(self) -> Request<Full<Bytes>> {
        self.builder.body(Full::new(self.body)).unwrap()
    }
}

impl Server {
    pub fn interaction(&self) -> Interaction {
        self.fake.last().interaction
    }

    pub fn was_asked(&self) -> bool {
        !self.fake.asked.lock().unwrap().is_empty()
    }

    pub fn refusals(&self) -> Vec<Recorded> {
        self.fake.refused.lock().unwrap().clone()
    }
}

impl Got {
    pub async fn of(response: Response<Content>) -> Got {
        let (parts, mut body) = response.into_parts();
        // Of what has no end the beginning.
        let bytes = match body {
            Content::Pieces(_) => body.frame().await.unwrap().unwrap().into_data().unwrap(),
            Content::Whole(_) => body.collect().await.unwrap().to_bytes(),
        };
        Got { status: parts.status.as_u16(), headers: parts.headers, bytes }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|v| v.to_str().unwrap()).unwrap_or("")
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    /// Checks the status, and that the body is an OperationOutcome whose first issue has this
    /// code.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{}", self.text());
        let json = self.json();
        assert_eq!(json["resourceType"], "OperationOutcome");
        assert_eq!(json["issue"][0]["code"], code, "{json}");
        let text = json["issue"][0]["diagnostics"].as_str().unwrap();
        assert!(!text.is_empty() && !text.ends_with('.'), "{text}");
        assert!(self.header("content-type").starts_with("application/fhir+json"));
    }
}
