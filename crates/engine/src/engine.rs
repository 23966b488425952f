//! The engine: its parts, and the questions that every interaction asks.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;

use accord_access::{AccessRequest, ControllerRule, Decision, Names, PolicyIndex, Rule, Scope};
use accord_audit::note::SigningKey;
use accord_base::{
    ActorOrd, Clock, LogTime, NameSpace, OrgOrd, PatientOrd, ResourceId, Rng, Row, Subject,
};
use accord_fhir::{Issue, IssueCode};
use accord_index::{Found, Index, RowRef, Snapshot, View};
use accord_query::{Context, Handling, Limits, Query};
use accord_spec::ResourceType;
use accord_store::disk::Disk;
use accord_store::{KeyRing, Log};
use parking_lot::{Condvar, Mutex, RwLock};

use crate::cursor::Cursors;
use crate::documents::Documents;
use crate::interaction::AnswerLimits;
use crate::record::Recorder;
use crate::trees::LogTree;
use crate::writer::Job;
use crate::{Category, Failure, Request};

/// A running store. Made by [`Engine::open`]; shared behind an `Arc`.
pub struct Engine {
    pub(crate) log: Arc<dyn Log>,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) keys: Arc<KeyRing>,
    pub(crate) index: Index,
    pub(crate) policy: RwLock<PolicyIndex>,
    pub(crate) documents: Documents,
    pub(crate) recorder: Recorder,
    pub(crate) cursors: Cursors,
    pub(crate) tree: LogTree,
    pub(crate) signer: SigningKey,
    pub(crate) settings: Settings,
    pub(crate) answer_limits: AnswerLimits,
    pub(crate) jobs: Mutex<Option<Sender<Job>>>,
    pub(crate) state: State,
}

/// What a store was made with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Names the store in checkpoints.
    pub origin: String,
    /// Who answers for what the operator writes without naming anyone.
    pub default_controller: ResourceId,
    /// Whether tokens may be minted for any principal: demonstrations and tests only.
    pub test_principals: bool,
    /// Key with which tokens are signed.
    pub token_key: [u8; 32],
}

/// What threads tell each other.
#[derive(Default)]
pub(crate) struct State {
    /// Nothing more is written: stopping, or the log failed.
    pub read_only: AtomicBool,
    /// The engine is closing.
    pub closing: AtomicBool,
    /// Guards waiting for chunks to be sealed and for background work.
    pub turn: Mutex<()>,
    /// Woken when a chunk was sealed.
    pub room: Condvar,
    /// Woken when there may be something to seal.
    pub work: Condvar,
    /// Woken when the engine closes.
    pub closed: Condvar,
}

/// Who answers for a resource.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Controller {
    /// Shared reference data.
    Commons,
    /// An organisation.
    Organization(ResourceId),
}

impl Controller {
    /// The organisation's id; empty for the commons, which is no organisation.
    pub fn id(&self) -> &str {
        match self {
            Controller::Commons => "",
            Controller::Organization(id) => id.as_str(),
        }
    }
}

impl Engine {
    /// Decides on the newest published state, and gives that state: what is decided rests on the
    /// facts it holds, no more and no fewer.
    pub(crate) fn decide_now(
        &self,
        subject: &Subject,
        request: AccessRequest,
    ) -> (Decision, Snapshot) {
        loop {
            let policy = self.policy.read();
            let now = self.clock.now().max(policy.now());
            if policy.next_due().is_none_or(|due| due > now) {
                // The writer publishes facts and rows under this lock.
                let snapshot = self.index.snapshot();
                let decision = accord_access::decide(subject, request, &*policy, self, now);
                return (decision, snapshot);
            }
            drop(policy);
            self.advance_policy(now);
        }
    }

    /// Applies what time alone changes.
    pub(crate) fn advance_policy(&self, now: LogTime) {
        let due = self.policy.read().next_due().is_some_and(|due| due <= now);
        if due {
            self.policy.write().advance(now);
        }
    }

    /// The newest state as it exists in a scope.
    pub(crate) fn view(&self, scope: &Scope) -> View {
        View::new(self.index.snapshot(), scope.clone())
    }

    /// Reads search parameters.
    pub(crate) fn parse_query(
        &self,
        resource_type: Option<ResourceType>,
        params: Vec<(String, String)>,
        handling: Handling,
    ) -> Result<(Query, Vec<Issue>), Failure> {
        let context =
            Context { now: self.clock.now(), handling, base_url: None, limits: Limits::default() };
        accord_query::parse(resource_type, params, &context)
            .map(|parsed| (parsed.query, parsed.ignored))
            .map_err(|issues| {
                let costly = issues.iter().any(|issue| issue.code == IssueCode::TooCostly);
                let category = if costly { Category::TooCostly } else { Category::Invalid };
                Failure { category, issues }
            })
    }

    /// Who will answer for a resource that a request writes: whoever does already, else as the
    /// subject's role says. What the operator adds to the directory is shared reference data.
    pub(crate) fn controller(
        &self,
        request: &Request,
        resource_type: ResourceType,
        id: &ResourceId,
        patients: &[ResourceId],
    ) -> Result<Controller, Failure> {
        if let Some(standing) = self.standing_controller(resource_type, id) {
            return Ok(standing);
        }
        let directory = accord_access::Class::of(resource_type) == accord_access::Class::Directory;
        match accord_access::controller_for(&request.subject) {
            Some(ControllerRule::Own(id)) => Ok(Controller::Organization(id)),
            Some(ControllerRule::Stated) if directory && patients.is_empty() => {
                Ok(Controller::Commons)
            }
            Some(ControllerRule::Stated) => Ok(Controller::Organization(
                request.controller.clone().unwrap_or(self.settings.default_controller.clone()),
            )),
            Some(ControllerRule::OfPatient) => Ok(self.controller_of_patient(request)),
            None => Err(denied(&[Rule::OrganizationMissing])),
        }
    }

    /// Who answers for a patient's own Patient resource; the default controller where there is
    /// none.
    fn controller_of_patient(&self, request: &Request) -> Controller {
        let own = match &request.subject.principal {
            accord_base::Principal::Patient(id) => {
                self.standing_controller(ResourceType::PATIENT, id)
            }
            _ => None,
        };
        own.unwrap_or_else(|| Controller::Organization(self.settings.default_controller.clone()))
    }

    /// Who answers for a resource now, whoever asks; never part of an answer.
    fn standing_controller(
        &self,
        resource_type: ResourceType,
        id: &ResourceId,
    ) -> Option<Controller> {
        let view = self.view(&Scope::system("who answers for a resource that is written"));
        let (Found::Live(row) | Found::Deleted(row)) = view.read(resource_type, id.as_str()) else {
            return None;
        };
        match row.policy().controller {
            OrgOrd::COMMONS => Some(Controller::Commons),
            OrgOrd(ordinal) => {
                let name = self.index.name(NameSpace::Organization, ordinal)?;
                ResourceId::new(&name).ok().map(Controller::Organization)
            }
        }
    }

    /// The patients that rows name, by id, ascending.
    pub(crate) fn patients_of<'a>(
        &self,
        rows: impl IntoIterator<Item = &'a RowRef<'a>>,
    ) -> Vec<ResourceId> {
        let mut ordinals: Vec<PatientOrd> = Vec::new();
        for row in rows {
            ordinals.extend_from_slice(&row.policy().patients);
        }
        ordinals.sort_unstable();
        ordinals.dedup();
        ordinals.into_iter().filter_map(|ordinal| self.patient_name(ordinal)).collect()
    }

    /// The id of a patient.
    pub(crate) fn patient_name(&self, ordinal: PatientOrd) -> Option<ResourceId> {
        ResourceId::new(&self.index.name(NameSpace::Patient, ordinal.0)?).ok()
    }

    /// Writes a fault to the server's log and gives the client's side of it.
    pub(crate) fn fault(&self, doing: &str, error: &dyn std::error::Error) -> Failure {
        let cause = error.source().map(ToString::to_string).unwrap_or_default();
        tracing::error!(doing, %error, cause, "a fault inside the server");
        Failure::new(Category::Fault, IssueCode::Exception, "the server met a fault of its own")
    }

    /// Nothing more will be written.
    pub(crate) fn stop_writing(&self) {
        self.state.read_only.store(true, Ordering::SeqCst);
    }

    /// Whether the store takes writes.
    pub(crate) fn is_read_only(&self) -> bool {
        self.state.read_only.load(Ordering::SeqCst)
    }

    /// Rows in the newest published state.
    pub(crate) fn watermark(&self) -> Row {
        self.index.snapshot().watermark()
    }
}

impl Names for Engine {
    fn organization(&self, id: &str) -> Option<OrgOrd> {
        self.index.ordinal(NameSpace::Organization, id).map(OrgOrd)
    }

    fn patient(&self, id: &str) -> Option<PatientOrd> {
        self.index.ordinal(NameSpace::Patient, id).map(PatientOrd)
    }

    fn actor(&self, reference: &str) -> Option<ActorOrd> {
        self.index.ordinal(NameSpace::Actor, reference).map(ActorOrd)
    }
}

/// The scope of a permit, or the refusal.
pub(crate) fn permitted(decision: Decision) -> Result<Scope, Failure> {
    match decision {
        Decision::Permit(scope) => Ok(scope),
        Decision::Deny { reasons } => Err(denied(&reasons)),
    }
}

/// The refusal that these rules stand for: what the token alone decides is told openly.
pub(crate) fn denied(reasons: &[Rule]) -> Failure {
    let fault = reasons.iter().any(|rule| rule.kind() == accord_access::RuleKind::Fault);
    let (category, code) = if fault {
        (Category::Busy, IssueCode::Throttled)
    } else {
        (Category::Forbidden, IssueCode::Forbidden)
    };
    let issues = reasons.iter().map(|rule| Issue::error(code, rule.sentence())).collect();
    Failure { category, issues }
}

/// The refusal of someone who is not known.
pub(crate) fn unauthenticated() -> Failure {
    Failure::new(Category::Unauthenticated, IssueCode::Login, "a bearer token is needed")
}

/// The codes of the rules that decided, for the access record.
pub(crate) fn rule_codes(decision: &Decision) -> Vec<Cow<'static, str>> {
    decision.rules().iter().map(|rule| Cow::Borrowed(rule.code())).collect()
}
