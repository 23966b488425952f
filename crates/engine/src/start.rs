//! One request through the engine: decide, do, record, answer.

use std::sync::Arc;
use std::time::Duration;

use accord_access::{AccessRequest, Decision, Rule};
use accord_audit::tree::Frontier;
use accord_base::Deadline;
use accord_fhir::IssueCode;
use tokio::sync::oneshot;

use crate::interaction::bundle::is_batch;
use crate::interaction::late::in_time;
use crate::operation::Ready;
use crate::prepare::{ParsedBundle, Prepared};
use crate::record::Draft;
use crate::recorded::Finding;
use crate::writer::{Commit, Job, Reply};
use crate::{BundleOptions, Category, Engine, Failure, Interaction, Outcome, Request};

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
    /// The log tree from before the write, where a receipt is to be given.
    before: Option<Frontier>,
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

    /// Answers a search that takes no longer than some time, in the caller's thread; gives back
    /// one that does, of which nothing is recorded yet, to be asked again where it may take long.
    ///
    /// # Errors
    /// The request, if it was not answered.
    pub async fn handle_brief(
        self: &Arc<Engine>,
        mut request: Request,
        time: Duration,
    ) -> Result<Outcome, Request> {
        if may_take_long_steps(&request.interaction) {
            return Err(request);
        }
        let deadline = std::mem::replace(&mut request.deadline, Deadline::within(time));
        match self.search_in_company(&request).await {
            Some(outcome) => Ok(outcome),
            None => Err(Request { deadline, ..request }),
        }
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
            Interaction::ConditionalUpdate { resource_type, condition, body, if_match } => {
                let condition = (condition.as_slice(), *if_match);
                self.prepare_update_where(&request, *resource_type, body, condition)
            }
            Interaction::ConditionalDelete { resource_type, condition, if_match } => {
                self.prepare_delete_where(&request, *resource_type, (condition, *if_match))
            }
            Interaction::Patch(patch) => self.prepare_patch(&request, patch),
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
            Interaction::Operation(operation) if operation.writes() => {
                match self.prepare_operation(&request, operation) {
                    Ok(Ready::Write(prepared)) => Ok(prepared),
                    Ok(Ready::Told(finding)) => {
                        return Started::Done(self.record(Draft::of(&request), finding));
                    }
                    Err(failure) => Err(failure),
                }
            }
            _ => return Started::Done(self.answer_read(&request)),
        };
        let prepared = prepared.and_then(|done| self.with_obligations(&request, done, tries > 0));
        let prepared = prepared.and_then(|done| self.with_integrity(&request, done));
        match prepared {
            Ok(prepared) => self.submit(request, prepared, tries),
            Err(failure) => Started::Done(self.refuse(&request, failure)),
        }
    }

    /// The refusal of a write that the token alone decides: before a body is looked at, so that
    /// nobody learns from faults in it, or spends work on it, who may not write it anyway. The
    /// writer decides again.
    fn refused_by_token(&self, request: &Request) -> Option<Outcome> {
        let (interaction, resource_type) =
            (request.interaction.code(), request.interaction.resource_type());
        let bundle = matches!(request.interaction, Interaction::Bundle { .. });
        let asked = match &request.interaction {
            // The write that it stands for is decided; the operation is the role's or is not.
            Interaction::Operation(operation) if !interaction.writes() => operation.stands_for()?,
            _ if !interaction.writes() && !bundle => return None,
            _ => AccessRequest { interaction, resource_type },
        };
        let (decision, _) = self.decide_now(&request.subject, asked);
        let may = bundle || accord_access::may(request.subject.role, interaction, resource_type);
        let reasons = match decision {
            Decision::Deny { reasons } => reasons,
            Decision::Permit(_) if !may => vec![Rule::InteractionNotAllowed],
            Decision::Permit(_) => return None,
        };
        let rules = reasons.iter().map(|rule| rule.code().into()).collect();
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
        let receipt =
            matches!(&request.interaction, Interaction::Operation(o) if o.gives_receipt());
        let before = receipt.then(|| self.tree.frontier());
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
        Started::Waiting(Box::new(Pending { engine: self.clone(), request, reply, tries, before }))
    }

    /// Answers from the writer's reply, or tries again.
    fn settle(self: Arc<Engine>, pending: Pending, reply: Option<Reply>) -> Started {
        let Pending { request, tries, before, .. } = pending;
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
                Started::Done(match request.interaction {
                    Interaction::Operation(ref operation) => {
                        let done = (&prepared, &written[..]);
                        self.operated((&request, operation), done, before.as_ref())
                    }
                    _ => self.committed(&request, &prepared, &written),
                })
            }
        }
    }
}

fn stopping() -> Failure {
    let text = "the store takes no writes at the moment";
    Failure::new(Category::Busy, IssueCode::Throttled, text)
}

/// Whether a search asks for words, or for codes by value set or hierarchy: compiling these, and
/// reading documents for words, does not look at the time.
fn may_take_long_steps(interaction: &Interaction) -> bool {
    let Interaction::Search { params, .. } = interaction else { return true };
    let long = |name: &str| {
        let modifier = name.rsplit_once(':').map_or("", |(_, modifier)| modifier);
        let words = name.contains("_text") || name.contains("_content");
        words || matches!(modifier, "in" | "not-in" | "below" | "above")
    };
    params.iter().any(|(name, _)| long(name))
}
