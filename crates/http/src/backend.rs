//! What stands behind the routes.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use accord_base::{Clock, LogTime, Row, Subject, SystemClock};
use accord_engine::{Category, Engine, Failure, Live, Outcome, Request};
use accord_spec::SearchParam;
use tokio::sync::watch;

/// Answers FHIR interactions. The engine in production, a script in tests.
/// Clones share everything.
pub trait Backend: Clone + Send + Sync + 'static {
    /// Answers one request: computes in the caller's thread and waits for the commit of a write.
    fn handle(&self, request: Request) -> impl Future<Output = Outcome> + Send;

    /// The same, blocking; for Bundles, searches and histories.
    fn handle_blocking(&self, request: Request) -> Outcome;

    /// Answers a search in the caller's thread if it takes no longer than some time; gives back
    /// one that takes longer, as if it had not been asked.
    fn handle_brief(
        &self,
        request: Request,
        _time: Duration,
    ) -> impl Future<Output = Result<Outcome, Request>> + Send {
        std::future::ready(Err(request))
    }

    /// Tells of each commit, by the row after its last.
    fn commits(&self) -> watch::Receiver<Row>;

    /// The row from which on something may concern searches that go on, and whether anything does.
    fn next_concerning(&self, live: &Live, from: Row) -> (Row, bool);

    /// Records a request that is refused before it becomes an interaction: no good token, no such
    /// route, unreadable. `interaction` is the route's code.
    ///
    /// # Errors
    /// If it cannot be recorded; the request is then answered with this failure.
    fn record_refusal(
        &self,
        who: Option<&Subject>,
        request_id: &str,
        interaction: &str,
        raw_query: &str,
        category: Category,
    ) -> Result<(), Failure>;

    /// Records something about identity: a sign-in, a token, a change to accounts. `refused` says
    /// why it did not happen.
    ///
    /// # Errors
    /// If it cannot be recorded.
    fn record_identity(
        &self,
        who: Option<&Subject>,
        request_id: &str,
        what: &str,
        refused: Option<Category>,
    ) -> Result<(), Failure>;

    /// Whether requests can be answered now, and why not.
    fn readiness(&self) -> (bool, &'static str);

    /// The time by which what is due is told.
    fn now(&self) -> LogTime {
        SystemClock.now()
    }

    /// Search parameters beside the official ones that work now.
    fn search_parameters(&self) -> Vec<&'static SearchParam>;

    /// Counters and gauges for the metrics: name (`snake_case`, no prefix) and value.
    fn stats(&self) -> Vec<(&'static str, u64)>;
}

impl Backend for Arc<Engine> {
    fn handle(&self, request: Request) -> impl Future<Output = Outcome> + Send {
        Engine::handle(self, request)
    }

    fn handle_blocking(&self, request: Request) -> Outcome {
        Engine::handle_blocking(self, request)
    }

    fn handle_brief(
        &self,
        request: Request,
        time: Duration,
    ) -> impl Future<Output = Result<Outcome, Request>> + Send {
        Engine::handle_brief(self, request, time)
    }

    fn commits(&self) -> watch::Receiver<Row> {
        Engine::commits(self)
    }

    fn next_concerning(&self, live: &Live, from: Row) -> (Row, bool) {
        Engine::next_concerning(self, live, from)
    }

    fn record_refusal(
        &self,
        who: Option<&Subject>,
        request_id: &str,
        interaction: &str,
        raw_query: &str,
        category: Category,
    ) -> Result<(), Failure> {
        Engine::record_refusal(self, who, request_id, interaction, raw_query, category)
    }

    fn record_identity(
        &self,
        who: Option<&Subject>,
        request_id: &str,
        what: &str,
        refused: Option<Category>,
    ) -> Result<(), Failure> {
        Engine::record_identity(self, who, request_id, what, refused)
    }

    fn readiness(&self) -> (bool, &'static str) {
        let readiness = Engine::readiness(self);
        (readiness.ready, readiness.reason)
    }

    fn now(&self) -> LogTime {
        Engine::now(self)
    }

    fn search_parameters(&self) -> Vec<&'static SearchParam> {
        Engine::search_parameters(self)
    }

    fn stats(&self) -> Vec<(&'static str, u64)> {
        Engine::stats(self)
    }
}
