//! Giving up what nobody waits for any more.

use accord_fhir::IssueCode;
use accord_index::IndexError;
use accord_query::Query;

use crate::{Category, Engine, Failure, Request};

/// What long work asks between its steps.
///
/// # Errors
/// If nobody waits for the answer any more.
pub(crate) fn in_time(request: &Request) -> Result<(), Failure> {
    if request.deadline.has_passed() { Err(late()) } else { Ok(()) }
}

/// The failure of a request that is given up half way.
pub(crate) fn late() -> Failure {
    let text = "the request took too long and was given up";
    Failure::new(Category::Busy, IssueCode::TooCostly, text)
}

/// The failure of a search that is given up half way.
fn late_search(query: &Query) -> Failure {
    let because = query.costliest().map(|name| format!("; of its conditions `{name}` costs most"));
    let text = format!("the search took too long and was given up{}", because.unwrap_or_default());
    Failure::new(Category::TooCostly, IssueCode::TooCostly, text)
}

/// The failure of a search one of whose conditions, as it was asked, leads to too much.
pub(crate) fn too_costly(condition: &str) -> Failure {
    let text = format!("`{condition}` leads to too many resources; ask for fewer");
    Failure::new(Category::TooCostly, IssueCode::TooCostly, text)
}

/// The failure of a search for what was not kept of all resources when they were indexed.
pub(crate) fn older(param: &str) -> Failure {
    let text = format!(
        "`{param}` cannot be asked so: an earlier release indexed some resources without it; \
         the server indexes them anew"
    );
    Failure::new(Category::Invalid, IssueCode::NotSupported, text)
}

/// The failure of a search by a parameter of the store's own that not all has been asked for yet.
pub(crate) fn indexing(param: &str, percent: u8) -> Failure {
    let text =
        format!("`{param}` is being indexed, {percent} % are done; until then it finds nothing");
    Failure::new(Category::Invalid, IssueCode::NotSupported, text)
}

/// The failure of a search by one that went while it was read.
pub(crate) fn withdrawn() -> Failure {
    let text = "a search parameter is not known any more; search again";
    Failure::new(Category::Invalid, IssueCode::NotSupported, text)
}

impl Engine {
    /// What a failure of the index means to whoever asked for this search.
    pub(crate) fn search_failure(&self, query: &Query, error: &IndexError) -> Failure {
        match error {
            IndexError::Late => late_search(query),
            error => self.index_failure("searching", error),
        }
    }

    /// What a failure of the index means to whoever asked.
    pub(crate) fn index_failure(&self, doing: &str, error: &IndexError) -> Failure {
        match error {
            IndexError::Late => late(),
            IndexError::Costly(condition) => too_costly(condition),
            IndexError::Older(param) => older(param),
            IndexError::Indexing(param, percent) => indexing(param, *percent),
            IndexError::Withdrawn => withdrawn(),
            error => self.fault(doing, error),
        }
    }
}
