//! `Observation/$lastn`: the last observations of each kind
//! (<http://hl7.org/fhir/R4/observation-operation-lastn.html>).

use std::collections::HashMap;

use accord_base::ResourceId;
use accord_fhir::IssueCode;
use accord_fhir::json::Value;
use accord_index::{Paging, RowRef, View};
use accord_query::{Contained, Handling, Query, Shape, Sort, SortKey, Target};
use accord_spec::{ParamId, ResourceType, param, param_by_id};

use super::Operation;
use super::parameters::invalid;
use crate::interaction::Drawn;
use crate::interaction::late::in_time;
use crate::prepare::parse_json;
use crate::{Answer, Category, Engine, Failure, Page, PageKind, Request};

/// Most observations that are looked at.
const MOST_SEEN: usize = 5_000;
/// Most of one kind that can be asked for.
const MOST_OF_EACH: usize = 100;
/// Parameters of pages, which there are none of.
const OF_PAGES: [&str; 4] = ["_count", "_total", "_cursor", "_sort"];

impl Engine {
    /// Answers with the last few observations of each code, the newest first.
    pub(super) fn last_n(&self, request: &Request, operation: &Operation, view: View) -> Drawn {
        match self.try_last_n(request, operation, view) {
            Ok((page, patients)) => (Ok(Answer::Page(page)), patients),
            Err(failure) => (Err(failure), Vec::new()),
        }
    }

    fn try_last_n(
        &self,
        request: &Request,
        operation: &Operation,
        view: View,
    ) -> Result<(Page, Vec<ResourceId>), Failure> {
        let view = view.until(request.deadline.clone());
        let (of_each, mut query) = self.asked(operation)?;
        let text = format!("max={of_each}&{}", query.to_query_string());
        query.sort = newest_first();
        self.put_codes(&view, &mut query)?;
        let (view, reader) = self.reading(request, view, &query);
        let paging = Paging { after: None, count: MOST_SEEN, total: false };
        let found =
            view.search(&query, &paging).map_err(|e| self.index_failure("searching", &e))?;
        reader.as_ref().map_or(Ok(()), |reader| reader.check())?;
        if found.next.is_some() {
            let text = format!("`$lastn` looks at no more than {MOST_SEEN} observations");
            return Err(Failure::new(Category::TooCostly, IssueCode::TooCostly, text));
        }
        let rows = self.last_of_each(request, &found.rows, of_each)?;
        let entries = self.versions(request, &view, &rows)?;
        if entries.len() < rows.len() {
            let text = "the observations found are more than a page holds; ask for fewer";
            return Err(Failure::new(Category::TooCostly, IssueCode::TooCostly, text));
        }
        let page = Page {
            kind: PageKind::Search,
            total: Some(entries.len() as u64),
            entries,
            included: Vec::new(),
            query: text,
            next: None,
            warnings: Vec::new(),
        };
        Ok((page, self.patients_of(&rows)))
    }

    /// The first few rows of each kind.
    fn last_of_each<'a>(
        &self,
        request: &Request,
        rows: &[RowRef<'a>],
        of_each: usize,
    ) -> Result<Vec<RowRef<'a>>, Failure> {
        let mut kinds = Kinds::default();
        for row in rows {
            in_time(request)?;
            let stored = self.document_of(row)?;
            kinds.add(codes(parse_json(stored.as_bytes())?.root()));
        }
        let mut seen: HashMap<usize, usize> = HashMap::new();
        let kept = rows.iter().enumerate().filter(|(at, _)| {
            let seen = seen.entry(kinds.kind(*at)).or_default();
            *seen += 1;
            *seen <= of_each
        });
        Ok(kept.map(|(_, row)| *row).collect())
    }

    /// How many of each kind, and among which observations.
    fn asked(&self, operation: &Operation) -> Result<(usize, Query), Failure> {
        let wrong = |text: String| invalid(IssueCode::Value, text);
        let mut of_each = 1;
        let mut search = operation.params.clone();
        if let Some(at) = search.iter().position(|(name, _)| name == "max") {
            let (_, value) = search.remove(at);
            let number = value.parse().ok().filter(|n| (1..=MOST_OF_EACH).contains(n));
            let text = || wrong(format!("`max` is a number from 1 to {MOST_OF_EACH}"));
            of_each = number.ok_or_else(text)?;
        }
        let paged = search.iter().any(|(name, _)| OF_PAGES.contains(&name.as_str()));
        let on = ResourceType::OBSERVATION;
        let (query, _) = self.parse_query(Some(on), search, Handling::Strict)?;
        let names_subject = query.clauses.iter().any(|clause| match clause.target {
            Target::Param(id) => is_subject(id),
            _ => false,
        });
        if !names_subject {
            return Err(wrong("`$lastn` needs a `patient` or a `subject`".to_owned()));
        }
        let contained = query.contained != Contained::Outside;
        let shaped = query.count_only || query.shape != Shape::Whole;
        if paged || !query.includes.is_empty() || shaped || contained {
            return Err(wrong("`$lastn` takes `max` and conditions on observations".to_owned()));
        }
        Ok((of_each, query))
    }
}

fn newest_first() -> Vec<Sort> {
    let date = param(ResourceType::OBSERVATION, "date");
    let by = |key| Sort { key, descending: true };
    let date = date.map(|date| by(SortKey::Param(date.id)));
    date.into_iter().chain([by(SortKey::LastUpdated)]).collect()
}

fn is_subject(id: ParamId) -> bool {
    param_by_id(id).is_some_and(|param| matches!(param.code, "patient" | "subject"))
}

/// Observations by what they are of: those that share a code are of one kind, and so are those
/// that are of one kind with the same third.
#[derive(Default)]
struct Kinds {
    /// By observation, one that is of its kind; itself if it is the first.
    of: Vec<usize>,
    /// By code, the first observation that has it.
    first: HashMap<String, usize>,
}

impl Kinds {
    fn add(&mut self, codes: Vec<String>) {
        let at = self.of.len();
        self.of.push(at);
        for code in codes {
            let other = *self.first.entry(code).or_insert(at);
            let (own, other) = (self.kind(at), self.kind(other));
            if let Some(place) = self.of.get_mut(own.max(other)) {
                *place = own.min(other);
            }
        }
    }

    fn kind(&self, mut at: usize) -> usize {
        // Each leads to one before it, or to itself.
        while let Some(next) = self.of.get(at).copied().filter(|next| *next < at) {
            at = next;
        }
        at
    }
}

/// What an observation is of: its codes with their systems, else its text.
fn codes(observation: Value<'_>) -> Vec<String> {
    let Some(code) = observation.get("code") else { return vec![String::new()] };
    let codings = code.get("coding").into_iter().flat_map(Value::items);
    let text = |coding: Value<'_>, name: &str| {
        coding.get_str(name).map(|text| text.into_owned()).unwrap_or_default()
    };
    let mut codes: Vec<String> = codings
        .map(|coding| format!("{}|{}", text(coding, "system"), text(coding, "code")))
        .collect();
    if codes.is_empty() {
        codes.push(text(code, "text"));
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shares_a_code_is_of_one_kind() {
        let mut kinds = Kinds::default();
        for codes in [&["a"][..], &["b"], &["c"], &["b", "a"], &["d"], &["c", "d"], &["e"]] {
            kinds.add(codes.iter().map(|code| (*code).to_owned()).collect());
        }
        let found: Vec<usize> = (0..7).map(|at| kinds.kind(at)).collect();
        assert_eq!(found, [0, 0, 2, 0, 2, 2, 6]);
    }
}
