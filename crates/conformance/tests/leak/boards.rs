//! The board of an emergency department: made of searches, it must tell what the store without the
//! hidden things tells, in the same order.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use accord_base::{Clock, Deadline, Role};
use accord_emergency::{Asked, Name, OPERATIONS};
use accord_engine::{Outcome, Request};

use crate::answers::told;
use crate::session::Session;
use crate::world::ORGANIZATIONS;

/// Boards on which somebody stood.
static FILLED: AtomicU64 = AtomicU64::new(0);

/// Fails if every board was empty: then nothing was compared.
pub fn check() {
    assert!(FILLED.load(Ordering::Relaxed) > 0, "nobody stands on any board");
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
        let ours = |request: Request| self.full.ask(self.subject, request.interaction);
        let theirs =
            |request: Request| self.masked(self.small.ask(self.system, request.interaction));
        let (ours, theirs) = (self.asked(&organization, &ours), self.asked(&organization, &theirs));
        let filled = told(&theirs).contains(r#""name":"version""#);
        FILLED.fetch_add(u64::from(filled), Ordering::Relaxed);
        let what = format!("the board of {organization}");
        self.equal(&what, &told(&ours), &told(&theirs));
    }

    fn asked(&self, organization: &str, send: &dyn Fn(Request) -> Outcome) -> Outcome {
        let signature = OPERATIONS.iter().find(|one| one.name == Name::Board).unwrap();
        let asked = Asked {
            signature,
            id: None,
            params: vec![("organization".to_owned(), organization.to_owned())],
            body: Arc::from([]),
            subject: Arc::clone(self.subject),
            request_id: "leak".to_owned(),
            now: self.full.clock.now(),
            deadline: Deadline::NEVER,
        };
        accord_emergency::answer(&asked, send)
    }
}
