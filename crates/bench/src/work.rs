//! Work whose instructions are counted: requests through the application, without sockets.
//!
//! Counts do not depend on how busy a machine is, so a regression of a few per cent shows. What
//! starting and filling a store costs is taken out by counting two lengths of the same work.

use std::io;
use std::sync::Arc;

use accord_auth::Tokens;
use accord_base::{Clock, ResourceId, Subject, SystemClock};
use accord_engine::{Engine, NewStore};
use accord_http::{App, Options};
use axum::body::Bytes;
use axum::http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};

use crate::cost::sample::clinician;
use crate::observation::observation;

/// Observations in the store that is worked on.
const STORED: u64 = 500;

/// What is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Work {
    /// Reads by id.
    Read,
    /// Reads by ids that were never given.
    ReadAbsent,
    /// Reads, by a clinician of another organisation, of what is hidden from them.
    ReadHidden,
    /// Reads by ids that were never given, by the same clinician: as costly as those of what is
    /// hidden, or the cost would tell them apart.
    ReadUnknown,
    /// Searches by code and subject, ten matches a page.
    Search,
    /// Creates.
    Create,
}

impl Work {
    /// Everything, with how many times it is done beyond the short run.
    pub const ALL: [(Work, &'static str, u64); 6] = [
        (Work::Read, "read", 4000),
        (Work::ReadAbsent, "read-absent", 4000),
        (Work::ReadHidden, "read-hidden", 10_000),
        (Work::ReadUnknown, "read-unknown", 10_000),
        (Work::Search, "search", 1000),
        (Work::Create, "create", 1000),
    ];
}

/// Does the work `times`, on a fresh store.
pub async fn run(work: Work, times: u64) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let new = NewStore {
        origin: "bench".to_owned(),
        default_controller: ResourceId::new("bench").map_err(io::Error::other)?,
        test_principals: true,
    };
    let data = folder.path().join("data");
    accord_engine::create(&data, &new).map_err(io::Error::other)?;
    let engine =
        Engine::open(&data, &accord_engine::Options::default()).map_err(io::Error::other)?;
    let clock = Arc::new(SystemClock);
    let tokens = Tokens::new(engine.token_key(), clock.clone()).with_test_principals(true);
    let bearer = |subject: &Subject| {
        let token = tokens.mint(subject, None).map_err(io::Error::other)?;
        Ok::<_, io::Error>(format!("Bearer {token}"))
    };
    let (system, stranger) = (bearer(&Subject::system("benchmark"))?, bearer(&clinician()?)?);
    let app = App::new(engine.clone(), tokens, Options::default(), clock.now());
    let mut session = Session { app, authorization: system, ids: Vec::new() };
    for n in 0..STORED {
        let (_, body) =
            session.send("POST", "/fhir/Observation", Some(observation(n)), 201).await?;
        session.ids.push(crate::run::id_of(&body));
    }
    if matches!(work, Work::ReadHidden | Work::ReadUnknown) {
        session.authorization = stranger;
    }
    for n in 0..times {
        session.one(work, n).await?;
    }
    engine.close();
    Ok(())
}

struct Session {
    app: App<Arc<Engine>>,
    authorization: String,
    ids: Vec<String>,
}

impl Session {
    async fn one(&self, work: Work, n: u64) -> io::Result<()> {
        let id = self.ids.get((n % STORED) as usize).map_or("", String::as_str);
        match work {
            Work::Read => self.send("GET", &format!("/fhir/Observation/{id}"), None, 200).await,
            Work::ReadHidden => {
                self.send("GET", &format!("/fhir/Observation/{id}"), None, 404).await
            }
            Work::ReadAbsent | Work::ReadUnknown => {
                // Like an id that was given: another UUID of random version 4.
                let (start, rest) = id.split_at_checked(3).unwrap_or(("", ""));
                let start = u64::from_str_radix(start, 16).unwrap_or(0) ^ (1 + n % 0xfff);
                let path = format!("/fhir/Observation/{start:03x}{rest}");
                self.send("GET", &path, None, 404).await
            }
            Work::Search => {
                let patient = n % STORED;
                let query = format!("code=http://loinc.org|8867-4&subject=Patient/bench-{patient}");
                self.send("GET", &format!("/fhir/Observation?{query}&_count=10"), None, 200).await
            }
            Work::Create => {
                let body = observation(STORED + n);
                self.send("POST", "/fhir/Observation", Some(body), 201).await
            }
        }
        .map(drop)
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<String>,
        expected: u16,
    ) -> io::Result<(StatusCode, Bytes)> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "bench")
            .header("authorization", &self.authorization)
            .header("content-type", "application/fhir+json")
            .body(Full::new(Bytes::from(body.unwrap_or_default())))
            .map_err(io::Error::other)?;
        let response = self.app.respond(request).await;
        let status = response.status();
        let body = response.into_body().collect().await.map_err(io::Error::other)?.to_bytes();
        if status.as_u16() == expected {
            return Ok((status, body));
        }
        Err(io::Error::other(format!("{method} {path} answered {status}")))
    }
}
