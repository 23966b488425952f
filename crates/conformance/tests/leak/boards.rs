//! The board of an emergency department: made of searches, it must tell what the store without the
//! hidden things tells, in the same order; so must an assessment that is tried out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use accord_base::{Clock, Deadline, Role};
use accord_conformance::id;
use accord_emergency::{Asked, Name, OPERATIONS};
use accord_engine::{Outcome, Request};

use crate::answers::told;
use crate::session::Session;
use crate::world::ORGANIZATIONS;

/// Boards on which somebody stood.
static FILLED: AtomicU64 = AtomicU64::new(0);

/// Boards that told a flag of the record, beside which there is one that is sealed.
static FLAGGED: AtomicU64 = AtomicU64::new(0);

/// Assessments that were tried out.
static PREVIEWED: AtomicU64 = AtomicU64::new(0);

/// One that asks which scale of oxygen saturation holds.
const PREVIEW: &str = r#"{"resourceType": "Parameters", "parameter": [
    {"name": "preview", "valueBoolean": true}, {"name": "scheme", "valueCode": "news2"},
    {"name": "acuity", "valueInteger": 3}]}"#;

/// An operation, to be asked of both stores.
struct Tried {
    name: Name,
    id: Option<String>,
    params: Vec<(String, String)>,
    body: String,
}

/// Ids of the Encounters that a board tells.
fn on_it(board: &str) -> impl Iterator<Item = String> {
    let mut ids: Vec<&str> = board.split("\"Encounter/").skip(1).collect();
    ids.truncate(20);
    let cut = |rest: &str| rest.split('"').next().unwrap_or_default().to_owned();
    ids.into_iter().map(cut).collect::<Vec<_>>().into_iter()
}

/// Fails if every board was empty: then nothing was compared.
pub fn check() {
    assert!(FILLED.load(Ordering::Relaxed) > 0, "nobody stands on any board");
    assert!(FLAGGED.load(Ordering::Relaxed) > 0, "no board tells a flag beside a sealed one");
    assert!(PREVIEWED.load(Ordering::Relaxed) > 0, "no assessment was tried out");
}

impl Session<'_> {
    /// Asks both for the board of any organisation.
    pub fn board(&mut self) {
        let works = matches!(self.subject.role, Role::Clinician | Role::Registration);
        if !works || self.subject.grant.is_some() {
            return;
        }
        let at = self.asking.below(ORGANIZATIONS.len().min(5));
        let organization = format!("Organization/{}", ORGANIZATIONS[at]);
        let params = vec![("organization".to_owned(), organization.clone())];
        let board = Tried { name: Name::Board, id: None, params, body: String::new() };
        let what = format!("the board of {organization}");
        let board = self.both(&what, &board);
        let filled = board.contains(r#""name":"version""#);
        FILLED.fetch_add(u64::from(filled), Ordering::Relaxed);
        let flagged = board.matches(r#""name":"record-flag""#).count() == 1;
        FLAGGED.fetch_add(u64::from(flagged), Ordering::Relaxed);
        let params = vec![("organization".to_owned(), organization.clone())];
        let forecast = Tried { name: Name::Forecast, id: None, params, body: String::new() };
        self.both(&format!("the forecast of {organization}"), &forecast);
        if self.subject.role == Role::Clinician {
            for id in on_it(&board).take(2) {
                let body = PREVIEW.to_owned();
                let name = Name::Assess;
                let preview = Tried { name, id: Some(id.clone()), params: Vec::new(), body };
                self.both(&format!("an assessment of {id} tried out"), &preview);
                PREVIEWED.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Asks both, compares, and tells what the store without the hidden things answered.
    fn both(&mut self, what: &str, tried: &Tried) -> String {
        let ours = |request: Request| self.full.ask(self.subject, request.interaction);
        let theirs =
            |request: Request| self.masked(self.small.ask(self.system, request.interaction));
        let (ours, theirs) = (self.asked(tried, &ours), self.asked(tried, &theirs));
        let theirs = told(&theirs);
        self.equal(what, &told(&ours), &theirs);
        theirs
    }

    fn asked(&self, tried: &Tried, send: &dyn Fn(Request) -> Outcome) -> Outcome {
        let signature = OPERATIONS.iter().find(|one| one.name == tried.name).unwrap();
        let asked = Asked {
            signature,
            id: tried.id.as_deref().map(id),
            params: tried.params.clone(),
            body: Arc::from(tried.body.clone().into_bytes()),
            subject: Arc::clone(self.subject),
            rules: None,
            kiosks: Arc::default(),
            request_id: "leak".to_owned(),
            now: self.full.clock.now(),
            deadline: Deadline::NEVER,
        };
        accord_emergency::answer(&asked, send)
    }
}
