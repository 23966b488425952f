//! Answers that leave with a record: appended first, told then.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use accord_audit::AccessRecord;
use accord_base::{LogTime, ResourceId, Subject};

use crate::record::{Draft, Ending};
use crate::{Answer, Category, Engine, Failure, Interaction, Outcome, Request};

/// What was found out about a request, with what its access record says.
pub(crate) struct Finding {
    /// The answer.
    pub outcome: Outcome,
    /// The rules that decided.
    pub rules: Vec<std::borrow::Cow<'static, str>>,
    /// Whether access was granted, whatever became of it.
    pub permit: bool,
    /// Patients whose data the answer draws on.
    pub patients: Vec<ResourceId>,
    /// The state answered from.
    pub as_of: LogTime,
}

impl Engine {
    /// Answers a read whose record shares a write with those of the reads that are ready at the
    /// same moment: between giving the record its place and writing it, the others have their turn.
    pub(crate) async fn read_in_company(self: &Arc<Engine>, request: &Request) -> Outcome {
        let finding = self.find(request);
        self.record_in_company(request, finding).await
    }

    /// The same for a search that is answered by its deadline; `None` for one that is not, of
    /// which nothing is recorded yet.
    pub(crate) async fn search_in_company(
        self: &Arc<Engine>,
        request: &Request,
    ) -> Option<Outcome> {
        let finding = self.find(request);
        let given_up =
            |failure: &Failure| matches!(failure.category, Category::Busy | Category::TooCostly);
        if finding.outcome.as_ref().is_err_and(given_up) && request.deadline.has_passed() {
            return None;
        }
        Some(self.record_in_company(request, finding).await)
    }

    async fn record_in_company(&self, request: &Request, mut finding: Finding) -> Outcome {
        let records = self.records(Draft::of(request), &mut finding);
        let last = self.recorder.enqueue(&records)?;
        Turn::default().await;
        self.recorder.settle(last)?;
        finding.outcome
    }

    /// The answer to a Bundle that was imported before: nothing is written, so its record goes
    /// where those of reads go.
    pub(crate) fn known_to_ledger(&self, request: &Request) -> Outcome {
        let outcome = Ok(Answer::AlreadyImported);
        let (rules, patients) = (Vec::new(), Vec::new());
        let as_of = self.index.snapshot().t();
        let finding = Finding { outcome, rules, permit: true, patients, as_of };
        self.record(Draft::of(request), finding)
    }

    /// Decides, answers and records a request that writes nothing.
    pub(crate) fn answer_read(self: &Arc<Engine>, request: &Request) -> Outcome {
        let finding = self.find(request);
        // What goes on and has nothing new tells nothing of anybody; its start is recorded.
        if is_silent(&request.interaction, &finding.outcome) {
            return finding.outcome;
        }
        self.record(Draft::of(request), finding)
    }

    /// Records a refusal and gives it.
    pub(crate) fn refuse(&self, request: &Request, failure: Failure) -> Outcome {
        let permit = !matches!(failure.category, Category::Forbidden | Category::Unauthenticated);
        let as_of = self.index.snapshot().t();
        let (rules, patients) = (Vec::new(), Vec::new());
        let finding = Finding { outcome: Err(failure), rules, permit, patients, as_of };
        self.record(Draft::of(request), finding)
    }

    /// Appends the access record; only then is there an answer.
    pub(crate) fn record(&self, draft: Draft, mut finding: Finding) -> Outcome {
        let records = self.records(draft, &mut finding);
        self.recorder.append(&records)?;
        finding.outcome
    }

    /// The access records of a finding.
    fn records(&self, draft: Draft, finding: &mut Finding) -> Vec<AccessRecord> {
        let status = match &finding.outcome {
            Ok(answer) => answer.status(),
            Err(failure) => failure.category.status(),
        };
        draft.finish(Ending {
            at: self.clock.now(),
            policy_as_of: finding.as_of,
            patients: &finding.patients,
            permit: finding.permit,
            rules: std::mem::take(&mut finding.rules),
            status,
        })
    }

    /// Records a request that was refused before it reached the engine: no token, a bad one, or
    /// nothing that could be read as an interaction.
    ///
    /// # Errors
    /// If it cannot be recorded; the answer is then that failure.
    pub fn record_refusal(
        &self,
        who: Option<&Subject>,
        request_id: &str,
        interaction: &str,
        query: &str,
        category: Category,
    ) -> Result<(), Failure> {
        let draft = Draft {
            request_id: request_id.to_owned(),
            who: who.cloned().map(Arc::new),
            interaction: interaction.to_owned().into(),
            target: None,
            query: query.bytes().take(accord_audit::MAX_QUERY_BYTES).collect(),
        };
        let records = draft.finish(Ending {
            at: self.clock.now(),
            policy_as_of: self.index.snapshot().t(),
            patients: &[],
            permit: false,
            rules: Vec::new(),
            status: category.status(),
        });
        self.recorder.append(&records)
    }
}

/// Whether a search that goes on has nothing new to tell.
fn is_silent(interaction: &Interaction, outcome: &Outcome) -> bool {
    let goes_on = matches!(interaction, Interaction::Live(live) if live.goes_on());
    goes_on && matches!(outcome, Ok(Answer::Changes(changes)) if changes.entries.is_empty())
}

/// Lets whatever else is ready run first, once.
#[derive(Default)]
struct Turn {
    taken: bool,
}

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Turn>, context: &mut Context<'_>) -> Poll<()> {
        if self.taken {
            return Poll::Ready(());
        }
        self.taken = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
