//! A backend that answers from a script and remembers what it was asked.

use std::sync::{Arc, Mutex};

use accord_base::{LogTime, ResourceId, Row, Subject};
use accord_engine::{
    Answer, Category, Changes, Failure, Interaction, Live, Marks, Outcome, Page, PageKind, Request,
    Version,
};
use accord_fhir::IssueCode;
use accord_spec::ResourceType;
use tokio::sync::{Semaphore, watch};

use crate::Backend;

/// What `record_refusal` was told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recorded {
    pub who: Option<String>,
    pub request_id: String,
    pub interaction: String,
    pub query: String,
    pub category: Category,
}

pub type Script = Box<dyn Fn(&Request) -> Outcome + Send + Sync>;

pub struct Fake {
    pub script: Script,
    pub asked: Mutex<Vec<Request>>,
    pub refused: Mutex<Vec<Recorded>>,
    /// Whether refusals cannot be recorded.
    pub broken_record: bool,
    pub ready: (bool, &'static str),
    /// Requests handled inline wait for a permit of this gate.
    pub gate: Semaphore,
    /// Gets a permit when a request has come to the gate.
    pub arrived: Semaphore,
    /// Tells of commits.
    pub commits: watch::Sender<Row>,
}

impl Fake {
    pub fn new(script: impl Fn(&Request) -> Outcome + Send + Sync + 'static) -> Fake {
        Fake {
            script: Box::new(script),
            asked: Mutex::default(),
            refused: Mutex::default(),
            broken_record: false,
            ready: (true, ""),
            gate: Semaphore::new(1000),
            arrived: Semaphore::new(0),
            commits: watch::Sender::new(Row(0)),
        }
    }

    pub fn last(&self) -> Request {
        self.asked.lock().unwrap().last().cloned().expect("the backend was asked")
    }
}

impl Backend for Arc<Fake> {
    async fn handle(&self, request: Request) -> Outcome {
        self.arrived.add_permits(1);
        let _permit = self.gate.acquire().await;
        self.handle_blocking(request)
    }

    fn handle_blocking(&self, request: Request) -> Outcome {
        let outcome = (self.script)(&request);
        self.asked.lock().unwrap().push(request);
        outcome
    }

    fn commits(&self) -> watch::Receiver<Row> {
        self.commits.subscribe()
    }

    fn next_concerning(&self, _: &Live, from: Row) -> (Row, bool) {
        (from, from < *self.commits.borrow())
    }

    fn record_refusal(
        &self,
        who: Option<&Subject>,
        request_id: &str,
        interaction: &str,
        raw_query: &str,
        category: Category,
    ) -> Result<(), Failure> {
        if self.broken_record {
            return Err(Failure::new(Category::Busy, IssueCode::Exception, "no record"));
        }
        self.refused.lock().unwrap().push(Recorded {
            who: who.map(Subject::reference),
            request_id: request_id.to_owned(),
            interaction: interaction.to_owned(),
            query: raw_query.to_owned(),
            category,
        });
        Ok(())
    }

    fn record_identity(
        &self,
        who: Option<&Subject>,
        request_id: &str,
        what: &str,
        refused: Option<Category>,
    ) -> Result<(), Failure> {
        match refused {
            Some(category) => self.record_refusal(who, request_id, what, "", category),
            None if self.broken_record => {
                Err(Failure::new(Category::Busy, IssueCode::Exception, "no record"))
            }
            None => Ok(()),
        }
    }

    fn readiness(&self) -> (bool, &'static str) {
        self.ready
    }

    fn search_parameters(&self) -> Vec<&'static accord_spec::SearchParam> {
        Vec::new()
    }

    fn stats(&self) -> Vec<(&'static str, u64)> {
        vec![("log_rows", 17)]
    }
}

/// 2026-11-21T22:33:18.123456Z
pub const BORN: LogTime = LogTime(1_795_300_398_123_456);

pub fn id(text: &str) -> ResourceId {
    ResourceId::new(text).unwrap()
}

pub fn patient(name: &str, version: u32) -> Version {
    Version {
        resource_type: ResourceType::PATIENT,
        id: id(name),
        version,
        last_updated: BORN,
        body: format!(r#"{{"resourceType":"Patient","id":"{name}","multipleBirthInteger":1e0}}"#)
            .into(),
        deleted: false,
        put: false,
        marks: Marks::NONE,
        fragment: None,
    }
}

pub fn deletion(name: &str, version: u32) -> Version {
    Version { body: "".into(), deleted: true, ..patient(name, version) }
}

pub fn page(kind: PageKind, entries: Vec<Version>) -> Page {
    let (included, query, warnings) = (Vec::new(), String::new(), Vec::new());
    Page { kind, total: None, entries, included, query, next: None, warnings }
}

/// Nothing new, up to a row.
pub fn nothing_new(upto: u32) -> Changes {
    let (begins, position) = ("begins".to_owned(), format!("at-{upto}"));
    Changes { entries: Vec::new(), begins, position, upto: Row(upto), more: false, reset: false }
}

pub fn read_p1(request: &Request) -> Outcome {
    if let Interaction::Live(_) = request.interaction {
        return Ok(Answer::Changes(nothing_new(0)));
    }
    Ok(Answer::Read(patient("p1", 3)))
}

pub fn failing(category: Category) -> impl Fn(&Request) -> Outcome + Send + Sync + 'static {
    move |_| Err(Failure::new(category, IssueCode::Invalid, "as scripted"))
}
