//! Histories.

use accord_base::{LogTime, ResourceId};
use accord_fhir::{DateRange, Issue, IssueCode};
use accord_index::{HistoryPage, HistoryRange, Key, View};
use accord_query::{DEFAULT_COUNT, MAX_COUNT};

use super::read::{Drawn, not_found};
use crate::{Answer, Category, Engine, Failure, HistoryOf, Page, PageKind, Request};

/// The parameters of a history.
struct Asked {
    since: Option<LogTime>,
    count: u32,
    cursor: Option<String>,
    /// The query without cursor.
    text: String,
}

impl Engine {
    /// Answers a history.
    pub(crate) fn history(
        &self,
        request: &Request,
        view: View,
        of: &HistoryOf,
        params: &[(String, String)],
    ) -> Drawn {
        match self.try_history(request, view, of, params) {
            Ok((page, patients)) => (Ok(Answer::Page(page)), patients),
            Err(failure) => (Err(failure), Vec::new()),
        }
    }

    fn try_history(
        &self,
        request: &Request,
        view: View,
        of: &HistoryOf,
        params: &[(String, String)],
    ) -> Result<(Page, Vec<ResourceId>), Failure> {
        let asked = read(params)?;
        let bound = format!("{of:?}/_history?{}", asked.text);
        let cursor = asked.cursor.as_deref().map(|text| self.open_cursor(request, text, &bound));
        let cursor = cursor.transpose()?;
        let view = self.view_at(request, view, cursor.as_ref())?;
        let before = cursor.and_then(|cursor| match cursor.key {
            Key::Row(row) => Some(row),
            Key::Id(..) | Key::Place(..) => None,
        });
        // Counting a whole history is for one resource; more would be a scan of the store.
        let total = matches!(of, HistoryOf::Instance(..));
        let mut range =
            HistoryRange { since: asked.since, before, count: asked.count as usize, total };
        let (found, entries) = loop {
            let found = self.history_page(&view, of, range)?;
            let entries = self.versions(request, &view, &found.rows)?;
            if entries.len() == found.rows.len() {
                break (found, entries);
            }
            // They have no room on one page: a shorter one, whose end the index knows.
            range.count = entries.len();
        };
        let next = self.next_cursor(request, &view, found.next.map(Key::Row), &bound)?;
        let patients = self.patients_of(&found.rows);
        let (kind, total, query) = (PageKind::History, found.total, asked.text);
        let (included, warnings) = (Vec::new(), Vec::new());
        Ok((Page { kind, total, entries, included, query, next, warnings }, patients))
    }

    fn history_page<'a>(
        &self,
        view: &'a View,
        of: &HistoryOf,
        range: HistoryRange,
    ) -> Result<HistoryPage<'a>, Failure> {
        let page = match of {
            HistoryOf::Instance(resource_type, id) => {
                view.history_of(*resource_type, id.as_str(), range)
            }
            HistoryOf::Type(resource_type) => view.history(&[*resource_type], range).map(Some),
            HistoryOf::System => view.history(&[], range).map(Some),
        };
        let page = page.map_err(|error| self.index_failure("reading a history", &error))?;
        page.ok_or_else(not_found)
    }
}

/// Reads `_count`, `_since` and the cursor; everything else is an error.
fn read(params: &[(String, String)]) -> Result<Asked, Failure> {
    let mut asked = Asked { since: None, count: DEFAULT_COUNT, cursor: None, text: String::new() };
    let mut issues = Vec::new();
    for (name, value) in params {
        let mut bad = |reason: &str| {
            let text = format!("parameter `{name}`: {reason}");
            issues.push(Issue::at(IssueCode::Value, format!("http.{name}"), text));
        };
        match name.as_str() {
            "_count" => match value.parse::<u32>() {
                Ok(count) => asked.count = count.clamp(1, MAX_COUNT),
                Err(_) => bad("not a number"),
            },
            "_since" => match DateRange::parse(value).and_then(|r| u64::try_from(r.low).ok()) {
                Some(since) => asked.since = Some(LogTime(since)),
                None => bad("not an instant"),
            },
            "_cursor" => asked.cursor = Some(value.clone()),
            "_format" | "_pretty" => {}
            _ => bad("not a parameter of histories"),
        }
    }
    if !issues.is_empty() {
        return Err(Failure { category: Category::Invalid, issues });
    }
    asked.text = format!("_count={}", asked.count);
    if let Some(since) = asked.since {
        asked.text.push_str(&format!("&_since={since}"));
    }
    Ok(asked)
}
