//! Conditions on what a search finds: `If-None-Exist`, conditional updates and deletes,
//! conditional references.

use accord_access::Interaction;
use accord_base::ResourceId;
use accord_fhir::IssueCode;
use accord_index::{IndexError, Paging, View};
use accord_query::{Contained, Handling, Query};
use accord_spec::ResourceType;

use crate::interaction::late::{indexing, late, older, too_costly, withdrawn};
use crate::prepare::{Assumption, Condition};
use crate::{Category, Engine, Failure, Request};

impl Engine {
    /// Evaluates a condition for a request: the match, if there is one, and the assumption that
    /// the writer checks again.
    ///
    /// # Errors
    /// If the condition cannot be read, is empty, or finds several: then 412, as FHIR R4
    /// §3.1.0.8.1 says.
    pub(crate) fn condition(
        &self,
        request: &Request,
        resource_type: ResourceType,
        condition: &str,
    ) -> Result<(Assumption, Option<ResourceId>), Failure> {
        self.condition_of(request, resource_type, crate::url::pairs(condition))
    }

    /// As [`Engine::condition`], of parameters that are decoded already.
    pub(crate) fn condition_of(
        &self,
        request: &Request,
        resource_type: ResourceType,
        pairs: Vec<(String, String)>,
    ) -> Result<(Assumption, Option<ResourceId>), Failure> {
        let (mut query, _) = self.parse_query(Some(resource_type), pairs, Handling::Strict)?;
        if query.clauses.is_empty() {
            let text = "the condition has no search parameter";
            return Err(Failure::new(Category::Invalid, IssueCode::Invalid, text));
        }
        if query.asks_words() {
            let text = "`_text` and `_content` are not supported in conditions of writes";
            return Err(Failure::new(Category::Invalid, IssueCode::NotSupported, text));
        }
        if query.contained != Contained::Outside {
            let text = "`_contained` is not supported in conditions of writes";
            return Err(Failure::new(Category::Invalid, IssueCode::NotSupported, text));
        }
        let view = self.view_for(request, Interaction::SearchType, Some(resource_type))?;
        let view = view.until(request.deadline.clone());
        self.put_codes(&view, &mut query)?;
        let found = only_match(&view, &query)?;
        let (scope, seen) = (view.scope().clone(), view.snapshot().watermark());
        let condition = Condition { query, found: found.clone(), scope, seen };
        Ok((Assumption::Matches(Box::new(condition)), found))
    }
}

/// The one resource a query finds, if it finds one.
///
/// # Errors
/// If it finds several.
pub(crate) fn only_match(view: &View, query: &Query) -> Result<Option<ResourceId>, Failure> {
    let unreadable = || {
        let text = "the server met a fault of its own";
        Failure::new(Category::Fault, IssueCode::Exception, text)
    };
    let paging = Paging { after: None, count: 2, total: false };
    let page = view.search(query, &paging).map_err(|error| {
        match &error {
            IndexError::Late => return late(),
            IndexError::Costly(condition) => return too_costly(condition),
            IndexError::Older(param) => return older(param),
            IndexError::Indexing(param, percent) => return indexing(param, *percent),
            IndexError::Withdrawn => return withdrawn(),
            _ => {}
        }
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "a condition cannot be evaluated"
        );
        unreadable()
    })?;
    let mut rows = page.rows.iter();
    let first = rows.next().map(|row| ResourceId::new(&row.id())).transpose();
    let first = first.map_err(|_| unreadable())?;
    if rows.next().is_some() {
        let text = "the condition matches more than one resource";
        return Err(Failure::new(Category::Precondition, IssueCode::MultipleMatches, text));
    }
    Ok(first)
}
