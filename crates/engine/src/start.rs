//! One request through the engine: decide, do, record, answer.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use accord_access::{AccessRequest, Decision};
use accord_audit::AccessRecord;
use accord_base::{LogTime, ResourceId, Subject};
use accord_fhir::IssueCode;
use tokio::sync::oneshot;

use crate::interaction::bundle::is_batch;
use crate::interaction::late::in_time;
use crate::prepare::{ParsedBundle, Prepared};
use crate::record::{Draft, Ending};
use crate::writer::{Commit, Job, Reply};
use crate::{Answer, BundleOptions, Category, Engine, Failure, Interaction, Outcome, Request};

/// How often a request is prepared anew when others change what it rests on.
const MOST_TRIES: u32 = 20;

/// A request on its way.
pub enum Started {
    /// It is answered.
    Done(Outcome),
    /// Its writes wait for the group commit.
    Waiting(Box<Pending>),
}

/// A request whose writes wait for the group commit.
pub struct Pending {
    engine: Arc<Engine>,
    request: Request,
    reply: oneshot::Receiver<Reply>,
    tries: u32,
}

impl Pending {
    /// Waits for the commit.
    pub async fn finish(self) -> Outcome {
        let mut pending = self;
        loop {
            let reply = (&mut pending.reply).await.ok();
            match pending.engine.clone().settle(pending, reply) {
                Started::Done(outcome) => return outcome,
                Started::Waiting(again) => pending = *again,
            }
        }
    }

    /// Waits for the commit, blocking the thread.
    pub fn wait(self) -> Outcome {
        let mut pending = self;
        loop {
            let (_, closed) = oneshot::channel();
            let reply = std::mem::replace(&mut pending.reply, closed).blocking_recv().ok();
            match pending.engine.clone().settle(pending, reply) {
                Started::Done(outcome) => return outcome,
                Started::Waiting(again) => pending = *again,
            }
        }
    }
}

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
    /// Answers a request; writes are durable when it does. Not for batches: see
    /// [`Engine::start`].
    pub async fn handle(self: &Arc<Engine>, request: Request) -> Outcome {
        if matches!(request.interaction, Interaction::Read { .. } | Interaction::Vread { .. }) {
            return self.read_in_company(&request).await;
        }
        match self.start(request) {
            Started::Done(outcome) => outcome,
            Started::Waiting(pending) => pending.finish().await,
        }
    }

    /// Answers a read whose record shares a write with those of the reads that are ready at the
    /// same moment: between giving the record its place and writing it, the others have their turn.
    async fn read_in_company(self: &Arc<Engine>, request: &Request) -> Outcome {
        let mut finding = self.find(request);
        let records = self.records(Draft::of(request), &mut finding);
        let last = self.recorder.enqueue(&records)?;
        Turn::default().await;
        self.recorder.settle(last)?;
        finding.outcome
    }

    /// As [`Engine::handle`], blocking the thread.
    pub fn handle_blocking(self: &Arc<Engine>, request: Request) -> Outcome {
        match self.start(request) {
            Started::Done(outcome) => outcome,
            Started::Waiting(pending) => pending.wait(),
        }
    }

    /// Does everything that needs no waiting: reads whole, writes up to the commit. A batch waits
    /// here for the commits of its entries: it must come in a thread that may block.
    pub fn start(self: &Arc<Engine>, request: Request) -> Started {
        self.attempt(request, 0)
    }

    fn attempt(self: &Arc<Engine>, request: Request, tries: u32) -> Started {
        if let Some(refused) = self.refused_by_token(&request) {
            return Started::Done(refused);
        }
        if let Err(failure) = in_time(&request) {
            return Started::Done(self.refuse(&request, failure));
        }
        let prepared = match &request.interaction {
            Interaction::Create { resource_type, body, if_none_exist } => {
                self.prepare_create(&request, *resource_type, body, if_none_exist.as_deref())
            }
            Interaction::Update { resource_type, id, body, if_match } => {
                self.prepare_update(&request, *resource_type, id, body, *if_match)
            }
            Interaction::Delete { resource_type, id, if_match } => {
                Ok(self.prepare_delete(*resource_type, id, *if_match))
            }
            Interaction::Bundle { body, options } => {
                let bundle = match ParsedBundle::parse(body) {
                    Ok(bundle) => bundle,
                    Err(failure) => return Started::Done(self.refuse(&request, failure)),
                };
                if is_batch(&bundle) {
                    return Started::Done(self.recorded_batch(&request, &bundle));
                }
                self.prepare_bundle(&request, &bundle, options)
            }
            _ => return Started::Done(self.answer_read(&request)),
        };
        match prepared {
            Ok(prepared) => self.submit(request, prepared, tries),
            Err(failure) => Started::Done(self.refuse(&request, failure)),
        }
    }

    /// The refusal of a write that the token alone decides: before a body is looked at, so that
    /// nobody learns from faults in it, or spends work on it, who may not write it anyway. The
    /// writer decides again.
    fn refused_by_token(&self, request: &Request) -> Option<Outcome> {
        let interaction = request.interaction.code();
        let bundle = matches!(request.interaction, Interaction::Bundle { .. });
        if !interaction.writes() && !bundle {
            return None;
        }
        let resource_type = request.interaction.resource_type();
        let asked = AccessRequest { interaction, resource_type };
        let (decision, _) = self.decide_now(&request.subject, asked);
        let rules = crate::rule_codes(&decision);
        let Decision::Deny { reasons } = decision else { return None };
        let (outcome, patients) = (Err(crate::denied(&reasons)), Vec::new());
        let as_of = self.index.snapshot().t();
        let finding = Finding { outcome, rules, permit: false, patients, as_of };
        Some(self.record(Draft::of(request), finding))
    }

    /// A batch leaves a record of its own besides those of its entries: entries that cannot be
    /// read have none, and there may be no entries at all.
    fn recorded_batch(self: &Arc<Engine>, request: &Request, bundle: &ParsedBundle) -> Outcome {
        let as_of = self.index.snapshot().t();
        let outcome = self.batch(request, bundle);
        let interaction = accord_access::Interaction::Batch.code().into();
        let draft = Draft { interaction, ..Draft::of(request) };
        let (rules, patients) = (Vec::new(), Vec::new());
        self.record(draft, Finding { outcome, rules, permit: true, patients, as_of })
    }

    fn prepare_bundle(
        &self,
        request: &Request,
        bundle: &ParsedBundle,
        options: &BundleOptions,
    ) -> Result<Prepared, Failure> {
        let plan = bundle.plan()?;
        crate::prepare::valid(bundle.tape.root())?;
        self.prepare_transaction(request, &plan, options)
    }

    /// Hands prepared writes to the writer.
    fn submit(self: &Arc<Engine>, request: Request, prepared: Prepared, tries: u32) -> Started {
        let (sender, reply) = oneshot::channel();
        let commit = Commit { prepared, draft: Draft::of(&request), reply: sender };
        let jobs = self.jobs.lock();
        let sent = match jobs.as_ref() {
            Some(jobs) if !self.is_read_only() => jobs.send(Job::Commit(Box::new(commit))).is_ok(),
            _ => false,
        };
        drop(jobs);
        if !sent {
            return Started::Done(self.refuse(&request, stopping()));
        }
        Started::Waiting(Box::new(Pending { engine: self.clone(), request, reply, tries }))
    }

    /// Answers from the writer's reply, or tries again.
    fn settle(self: Arc<Engine>, pending: Pending, reply: Option<Reply>) -> Started {
        let Pending { request, tries, .. } = pending;
        match reply {
            None => Started::Done(self.refuse(&request, crate::writer::uncertain())),
            Some(Reply::Refused(failure)) => Started::Done(Err(failure)),
            Some(Reply::Failed(failure)) => Started::Done(self.refuse(&request, failure)),
            Some(Reply::AlreadyImported) => Started::Done(self.known_to_ledger(&request)),
            Some(Reply::Stale) if tries >= MOST_TRIES => {
                let text = "others keep changing what this request rests on; try again";
                let failure = Failure::new(Category::Busy, IssueCode::Throttled, text);
                Started::Done(self.refuse(&request, failure))
            }
            Some(Reply::Stale) => self.attempt(request, tries + 1),
            Some(Reply::Committed { prepared, written }) => {
                Started::Done(self.committed(&request, &prepared, &written))
            }
        }
    }

    /// The answer to a Bundle that was imported before: nothing is written, so its record goes
    /// where those of reads go.
    fn known_to_ledger(&self, request: &Request) -> Outcome {
        let outcome = Ok(Answer::AlreadyImported);
        let (rules, patients) = (Vec::new(), Vec::new());
        let as_of = self.index.snapshot().t();
        let finding = Finding { outcome, rules, permit: true, patients, as_of };
        self.record(Draft::of(request), finding)
    }

    /// Decides, answers and records a request that writes nothing.
    fn answer_read(self: &Arc<Engine>, request: &Request) -> Outcome {
        let finding = self.find(request);
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

fn stopping() -> Failure {
    let text = "the store takes no writes at the moment";
    Failure::new(Category::Busy, IssueCode::Throttled, text)
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
