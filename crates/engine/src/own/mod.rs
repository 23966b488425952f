//! Search parameters that the store defines itself: those in force, and the job that asks what was
//! written before one for its values.
//!
//! **Invariant:** what is in force is durable, with its number, before the resource that says so;
//! from that resource's row on every version is asked for its values when it is written. A number
//! is never given twice.

mod job;
mod kept;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use accord_base::Row;
use accord_fhir::{Issue, IssueCode};
use accord_index::{Definition, Fault, Index, Own, definitions};
use accord_spec::{ResourceType, SearchParam};
use accord_store::{KeyRing, Log, StoreError, decode_record};
use parking_lot::Mutex;

use crate::replay::served;
use crate::{Category, Engine, EngineError, Failure};

use kept::State;

pub(crate) use job::Progress;

/// Type of the resources that define search parameters.
const DEFINING: &str = "SearchParameter";
/// Most parameters that a store can define: each is asked of every version of its type.
const MOST: usize = 256;

/// What a transaction makes of resources that define parameters: each id with its definitions.
pub(crate) type Changes<'a> = Vec<(&'a str, &'a [Definition])>;

/// The parameters in force.
pub(crate) struct OwnSearch {
    log: Arc<dyn Log>,
    index: Index,
    state: Mutex<State>,
    /// Evaluations that failed since the store was opened: their resources have no value.
    failed: AtomicU64,
    progress: Progress,
}

impl OwnSearch {
    /// What was in force when the store was closed: to be known before the log is replayed, whose
    /// rows are asked for it.
    pub fn kept(log: &dyn Log) -> Result<Own, EngineError> {
        Ok(State::read(log)?.own(0))
    }

    /// Lets be in force what resources say; `end` is where the log ends. Where a crash came
    /// between a parameter and the resource that defines it, there is none.
    pub fn open(
        log: Arc<dyn Log>,
        keys: &KeyRing,
        index: &Index,
        end: Row,
    ) -> Result<OwnSearch, EngineError> {
        let before = State::read(&*log)?;
        let stated = stated(&*log, keys, index)?;
        let mut state = before.clone();
        let known: Vec<String> = state.resources().map(str::to_owned).collect();
        let gone = known.iter().filter(|id| !stated.iter().any(|(stated, _)| stated == *id));
        let gone = gone.map(|id| (id.as_str(), &[][..]));
        let there = stated.iter().map(|(id, all)| (id.as_str(), all.as_slice()));
        state.change(&gone.chain(there).collect(), end);
        if state != before {
            log.put_meta(kept::NAME, &state.encode())?;
        }
        index.set_own(state.own(1));
        let (failed, progress) = Default::default();
        Ok(OwnSearch { log, index: index.clone(), state: Mutex::new(state), failed, progress })
    }

    /// Whether what would be in force is unambiguous, and not too much.
    pub fn fits(&self, changes: &Changes<'_>) -> Result<(), Failure> {
        let mut state = self.state.lock().clone();
        state.change(changes, Row(0));
        if let Some((code, base, other)) = state.clash() {
            let text = format!("`{code}` of `{base}` is defined by SearchParameter/{other}");
            return Err(refused("SearchParameter.code", text));
        }
        if state.len() > MOST || !state.has_numbers() {
            let text = format!("the store has as many search parameters as it can have, {MOST}");
            return Err(refused("SearchParameter", text));
        }
        Ok(())
    }

    /// Lets them be in force for every row from `since` on. Durable when it returns.
    pub fn set(&self, changes: &Changes<'_>, since: Row) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        let mut next = state.clone();
        next.change(changes, since);
        if next == *state {
            return Ok(());
        }
        self.log.put_meta(kept::NAME, &next.encode())?;
        self.index.set_own(next.own(self.index.own().version() + 1));
        *state = next;
        tracing::info!("search parameters changed: what was written before is indexed by them");
        Ok(())
    }

    /// Notes evaluations that failed.
    pub fn note_failed(&self, failed: u64) {
        self.failed.fetch_add(failed, Ordering::Relaxed);
    }

    /// The store's own parameters; how many are not searchable yet, and rows that are left until
    /// all are; and evaluations that failed since it was opened.
    pub fn figures(&self) -> [(&'static str, u64); 4] {
        let (left, all, waiting) = self.index.indexing().unwrap_or_default();
        [
            ("search_parameters", all as u64),
            ("search_parameters_indexing", waiting as u64),
            ("search_rows_left", left),
            ("search_values_failed", self.failed.load(Ordering::Relaxed)),
        ]
    }
}

/// What a resource defines.
///
/// # Errors
/// 422, with everything that keeps it from being searched by as it says.
pub(crate) fn defined(resource: accord_fhir::json::Value<'_>) -> Result<Vec<Definition>, Failure> {
    let issue =
        |fault: &Fault| Issue::at(IssueCode::NotSupported, fault.element, fault.reason.clone());
    definitions(resource).map_err(|faults| Failure {
        category: Category::Unprocessable,
        issues: faults.iter().map(issue).collect(),
    })
}

/// Whether resources of a type can define parameters.
pub(crate) fn defines(resource_type: ResourceType) -> bool {
    resource_type.name() == DEFINING
}

fn refused(element: &str, text: String) -> Failure {
    let issues = vec![Issue::at(IssueCode::NotSupported, element, text)];
    Failure { category: Category::Unprocessable, issues }
}

/// What the resources there are define, by id.
fn stated(
    log: &dyn Log,
    keys: &KeyRing,
    index: &Index,
) -> Result<Vec<(String, Vec<Definition>)>, EngineError> {
    const UNREADABLE: EngineError = EngineError::Damaged("a search parameter cannot be read");
    let Some(defining) = ResourceType::from_name(DEFINING) else { return Ok(Vec::new()) };
    let (upkeep, mut stated) = (index.upkeep(), Vec::new());
    for row in upkeep.current(defining)? {
        let bytes = log.read(row)?.ok_or(UNREADABLE)?;
        let Some(tape) = served(&decode_record(&bytes)?, keys)? else { continue };
        // One that this release does not take, but an earlier one stored, defines nothing.
        let found = definitions(tape.root()).unwrap_or_default();
        if !found.is_empty() {
            stated.push((upkeep.id(row), found));
        }
    }
    Ok(stated)
}

impl Engine {
    /// The store's own search parameters that can be searched by.
    pub fn search_parameters(&self) -> Vec<&'static SearchParam> {
        self.index.searchable().unwrap_or_default()
    }
}
