//! `_explain=true`: how a search is answered, told to those who answer for the server or its data.
//!
//! **Invariant:** every number is the total of a search that whoever asks could have asked, through
//! their own view: of what does not exist for them nothing is counted. What tells of the store as a
//! whole is for the system alone.

use std::time::Instant;

use accord_base::Role;
use accord_fhir::{Issue, IssueCode, Severity};
use accord_index::{Paging, View};
use accord_query::{Clause, Query, Shape, Target, Test, TextMode};

use crate::words::DocumentReader;
use crate::{Category, Engine, Failure, Request};

/// The parameter.
const NAME: &str = "_explain";

/// Takes the parameter out of those of a search; whether the plan is asked for.
///
/// # Errors
/// If it says neither yes nor no, or the role is not one that is told.
pub(super) fn asks(request: &Request, params: &mut Vec<(String, String)>) -> Result<bool, Failure> {
    let mut asked = false;
    for (_, value) in params.iter().filter(|(name, _)| name == NAME) {
        asked |= match value.as_str() {
            "true" => true,
            "false" => false,
            _ => {
                let text = format!("`{NAME}` is `true` or `false`");
                return Err(Failure::new(Category::Invalid, IssueCode::Value, text));
            }
        };
    }
    params.retain(|(name, _)| name != NAME);
    let told =
        matches!(request.subject.role, Role::System | Role::Administrator | Role::PrivacyOfficer);
    if asked && !told {
        let text = "how searches are answered is told to operators and privacy officers alone";
        return Err(Failure::new(Category::Forbidden, IssueCode::Forbidden, text));
    }
    Ok(asked)
}

/// What a condition finds, how, and in how many microseconds.
struct Step {
    rows: u64,
    us: u128,
    name: String,
    how: &'static str,
}

impl Engine {
    /// What is told of a search: each condition with what it finds by itself, fewest first, and the
    /// whole; each with the time it takes.
    ///
    /// # Errors
    /// Those of the search.
    pub(super) fn explained(
        &self,
        request: &Request,
        view: &View,
        query: &Query,
    ) -> Result<Vec<Issue>, Failure> {
        let view = View::new(view.snapshot().clone(), view.scope().clone());
        let (view, reader) = self.reading(request, view.until(request.deadline.clone()), query);
        let reader = reader.as_deref();
        let (cursor, shape) = (None, Shape::Whole);
        let (sort, includes) = (Vec::new(), Vec::new());
        let mut plain = Query { cursor, sort, includes, shape, ..query.clone() };
        self.put_codes(&view, &mut plain)?;
        let mut steps = Vec::new();
        for (asked, clause) in query.clauses.iter().zip(&plain.clauses) {
            let clauses = vec![clause.clone()];
            let alone = Query { clauses, member_of: None, ..plain.clone() };
            steps.push(self.step(&view, reader, &alone, (named(asked), how(clause)))?);
        }
        if plain.member_of.is_some() {
            let alone = Query { clauses: Vec::new(), ..plain.clone() };
            steps.push(self.step(&view, reader, &alone, ("the compartment".to_owned(), "keys"))?);
        }
        steps.sort_by_key(|step| step.rows);
        let each = steps.iter().map(|Step { rows, us, name, how }| {
            line(format!("{name}: {rows} by {how}, in {us} µs"))
        });
        let mut told: Vec<Issue> = each.collect();
        let Step { rows, us, .. } = self.step(&view, reader, &plain, Default::default())?;
        told.push(line(format!("all together: {rows}, in {us} µs")));
        if view.scope().is_unrestricted() {
            let rows = view.snapshot().watermark().0;
            told.push(line(format!("looked for among {rows} versions")));
        }
        Ok(told)
    }

    fn step(
        &self,
        view: &View,
        reader: Option<&DocumentReader>,
        query: &Query,
        (name, how): (String, &'static str),
    ) -> Result<Step, Failure> {
        let began = Instant::now();
        let paging = Paging { after: None, count: 0, total: true };
        let found = view.search(query, &paging);
        let found = found.map_err(|error| self.index_failure("explaining", &error))?;
        reader.map_or(Ok(()), DocumentReader::check)?;
        let us = began.elapsed().as_micros();
        Ok(Step { rows: found.total.unwrap_or_default(), us, name, how })
    }
}

fn line(text: String) -> Issue {
    Issue::error(IssueCode::Informational, text).with_severity(Severity::Information)
}

/// The parameter as it was asked, without its value.
fn named(clause: &Clause) -> String {
    let text = Query { clauses: vec![clause.clone()], ..Query::on(None) }.to_query_string();
    let name = text.split('=').next().unwrap_or_default();
    format!("`{name}`")
}

/// By what a condition is found.
fn how(clause: &Clause) -> &'static str {
    match (clause.target, &clause.test) {
        (Target::Id | Target::LastUpdated, _) => "columns",
        (_, Test::Date(_) | Test::Number(_) | Test::Quantity(_) | Test::Near(_)) => "ranges",
        (_, Test::Text { mode: TextMode::Exact, .. }) => "keys",
        (_, Test::Text { .. } | Test::Label(_) | Test::UriTree { above: false, .. }) => {
            "a scan of texts"
        }
        (_, Test::Words { .. }) => "words, and documents in doubt",
        (_, Test::Composite(_)) => "keys and ranges of each element",
        (_, Test::Chain(_)) => "a join",
        _ => "keys",
    }
}
