//! The engine: its parts, and what every interaction asks of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

use accord_access::PolicyIndex;
use accord_audit::note::SigningKey;
use accord_base::{NameSpace, PatientOrd, ResourceId, Rng, Row};
use accord_fhir::{Issue, IssueCode};
use accord_index::{Index, RowRef, Tiers};
use accord_query::{Context, Handling, Limits, Query};
use accord_spec::ResourceType;
use accord_store::disk::Disk;
use accord_store::{KeyRing, Log};
use parking_lot::{Condvar, Mutex, RwLock};
use tokio::sync::watch;

use crate::cursor::Cursors;
use crate::documents::Documents;
use crate::integrity::Suspects;
use crate::interaction::AnswerLimits;
use crate::labels::Labels;
use crate::merge::Retired;
use crate::operation::Throttle;
use crate::own::OwnSearch;
use crate::record::Recorder;
use crate::terms::Terms;
use crate::time::SteadyClock;
use crate::trees::LogTree;
use crate::who::Who;
use crate::writer::Job;
use crate::zones::Zones;
use crate::{Category, Failure};

/// A running store. Made by [`Engine::open`]; shared behind an `Arc`.
pub struct Engine {
    pub(crate) log: Arc<dyn Log>,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) clock: SteadyClock,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) keys: Arc<KeyRing>,
    pub(crate) index: Index,
    pub(crate) policy: RwLock<PolicyIndex>,
    pub(crate) documents: Arc<Documents>,
    pub(crate) labels: Labels,
    pub(crate) own: OwnSearch,
    pub(crate) terms: Terms,
    pub(crate) recorder: Recorder,
    pub(crate) who: Who,
    pub(crate) cursors: Cursors,
    pub(crate) tree: LogTree,
    pub(crate) signer: SigningKey,
    pub(crate) settings: Settings,
    pub(crate) tiers: Tiers,
    pub(crate) answer_limits: AnswerLimits,
    /// Whether what is referred to must exist.
    pub(crate) integrity: bool,
    pub(crate) suspects: Suspects,
    pub(crate) zones: Zones,
    pub(crate) traces: Throttle,
    pub(crate) claims: Throttle,
    pub(crate) jobs: Mutex<Option<Sender<Job>>>,
    /// The row after the last one published, for whoever waits for commits.
    pub(crate) commits: watch::Sender<Row>,
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
    /// Claims of access written since the store was opened.
    pub claims: AtomicU64,
    /// Merges of segments since the store was opened.
    pub merges: AtomicU64,
    /// Files of segments that were merged, until nobody reads them.
    pub retired: Mutex<Vec<Retired>>,
    /// Guards waiting for chunks to be sealed and for background work.
    pub turn: Mutex<()>,
    /// Woken when a chunk was sealed.
    pub room: Condvar,
    /// Woken when there may be something to seal.
    pub work: Condvar,
    /// Woken when the engine closes.
    pub closed: Condvar,
    /// The threads of background work, for closing to wait for.
    pub threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Engine {
    /// Reads search parameters.
    pub(crate) fn parse_query(
        &self,
        resource_type: Option<ResourceType>,
        params: Vec<(String, String)>,
        handling: Handling,
    ) -> Result<(Query, Vec<Issue>), Failure> {
        let (now, own, limits) = (self.clock.now(), self.index.own(), Limits::default());
        let context = Context { now, handling, base_url: None, own: own.params(), limits };
        accord_query::parse(resource_type, params, &context)
            .map(|parsed| (parsed.query, parsed.ignored))
            .map_err(|issues| {
                let costly = issues.iter().any(|issue| issue.code == IssueCode::TooCostly);
                let category = if costly { Category::TooCostly } else { Category::Invalid };
                Failure { category, issues }
            })
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
