//! `Patient/$trace`: finding one person whom one has no relationship with yet.
//!
//! It needs what only somebody with the person before them knows: an identifier and the birth
//! date, or family and given name, birth date and postcode, all exactly. It answers with at most
//! one person and with no more than it takes to recognise them; several matches are no match. What
//! is asked travels in the body, never in the URL, and stands in the sealed access record.

use accord_base::{LogTime, ResourceId};
use accord_fhir::IssueCode;
use accord_fhir::json::{Value, quoted};
use accord_index::{Paging, View};
use accord_query::Handling;
use accord_spec::ResourceType;

use super::Operation;
use super::parameters::unknown;
use crate::interaction::Drawn;
use crate::prepare::{parse_json, valid};
use crate::{Answer, Category, Engine, Failure, Request};

/// Traces somebody may do in [`TRACE_SPAN_US`].
pub(super) const MOST_TRACES: u32 = 30;
/// Ten minutes.
pub(super) const TRACE_SPAN_US: u64 = 600 * LogTime::SECOND_US;
/// Candidates looked at; whoever is among more is not found.
const MOST_CANDIDATES: usize = 50;

/// What is known of the person.
#[derive(Default)]
struct Known {
    birth_date: String,
    identifier: Option<(String, String)>,
    family: String,
    given: String,
    postal_code: String,
}

impl Engine {
    /// Answers `Patient/$trace`.
    pub(super) fn trace(&self, request: &Request, operation: &Operation, view: View) -> Drawn {
        match self.try_trace(request, operation, &view) {
            Ok(Some((text, patient))) => (Ok(Answer::Resource(text)), vec![patient]),
            Ok(None) => (Ok(Answer::Resource(NOBODY.to_owned())), Vec::new()),
            Err(failure) => (Err(failure), Vec::new()),
        }
    }

    fn try_trace(
        &self,
        request: &Request,
        operation: &Operation,
        view: &View,
    ) -> Result<Option<(String, ResourceId)>, Failure> {
        if !self.traces.admits(&request.subject.reference(), self.clock.now()) {
            let text = "too many people were looked for; try again later";
            return Err(Failure::new(Category::Busy, IssueCode::Throttled, text));
        }
        let tape = parse_json(&operation.body)?;
        valid(tape.root())?;
        let known = Known::read(tape.root())?;
        let (query, _) =
            self.parse_query(Some(ResourceType::PATIENT), known.params(), Handling::Strict)?;
        let paging = Paging { after: None, count: MOST_CANDIDATES, total: false };
        let page = view
            .search(&query, &paging)
            .map_err(|error| self.index_failure("tracing a person", &error))?;
        if page.next.is_some() {
            return Ok(None);
        }
        let mut matches = Vec::new();
        for row in &page.rows {
            let version = self.version(view, row)?;
            let tape = parse_json(version.body.as_bytes())?;
            if known.is(tape.root()) {
                matches.push((recognisable(&version.id, tape.root()), version.id));
            }
        }
        let one = matches.pop();
        Ok(one.filter(|_| matches.is_empty()))
    }
}

/// A Parameters resource that names nobody.
const NOBODY: &str = r#"{"resourceType":"Parameters"}"#;

impl Known {
    fn read(parameters: Value<'_>) -> Result<Known, Failure> {
        let mut known = Known::default();
        for parameter in parameters.get("parameter").iter().flat_map(|list| list.items()) {
            let name = parameter.get_str("name").unwrap_or_default();
            let text = |element| parameter.get_str(element).unwrap_or_default().into_owned();
            match name.as_ref() {
                "birthDate" => known.birth_date = text("valueDate"),
                "family" => known.family = folded(&text("valueString")),
                "given" => known.given = folded(&text("valueString")),
                "postalCode" => known.postal_code = compact(&text("valueString")),
                "identifier" => {
                    let value = parameter.get("valueIdentifier");
                    let part = |name| value.and_then(|v| v.get_str(name)).unwrap_or_default();
                    known.identifier =
                        Some((part("system").into_owned(), part("value").into_owned()));
                }
                _ => return Err(unknown(&name)),
            }
        }
        known.is_enough().then_some(known).ok_or_else(too_little)
    }

    /// Whether it is what only somebody with the person before them knows.
    fn is_enough(&self) -> bool {
        let identified =
            self.identifier.as_ref().is_some_and(|(s, v)| !s.is_empty() && !v.is_empty());
        let described =
            [&self.family, &self.given, &self.postal_code].iter().all(|t| !t.is_empty());
        // A whole date: years and months would let one try out birthdays.
        self.birth_date.len() == 10 && (identified || self.identifier.is_none() && described)
    }

    /// The search that finds candidates; they are compared exactly afterwards.
    fn params(&self) -> Vec<(String, String)> {
        let mut params = vec![("birthdate".to_owned(), format!("eq{}", self.birth_date))];
        match &self.identifier {
            Some((system, value)) => {
                params.push(("identifier".to_owned(), token(system, value)));
            }
            None => params.push(("family".to_owned(), escaped(&self.family))),
        }
        params
    }

    /// Whether a Patient is the person.
    fn is(&self, patient: Value<'_>) -> bool {
        let inactive = patient.get("active").and_then(Value::as_bool) == Some(false);
        if inactive || patient.get_str("birthDate").as_deref() != Some(self.birth_date.as_str()) {
            return false;
        }
        // The search has compared identifiers exactly.
        self.identifier.is_some() || self.has_name(patient) && self.lives_there(patient)
    }

    fn has_name(&self, patient: Value<'_>) -> bool {
        each(patient, "name").any(|name| {
            name.get_str("family").is_some_and(|family| folded(&family) == self.family)
                && each(name, "given")
                    .filter_map(Value::as_str)
                    .any(|given| folded(&given) == self.given)
        })
    }

    fn lives_there(&self, patient: Value<'_>) -> bool {
        each(patient, "address")
            .filter_map(|address| address.get_str("postalCode"))
            .any(|code| compact(&code) == self.postal_code)
    }
}

/// No more than it takes to recognise the person and to go on: who it is, name, birth date, sex,
/// and which organisation looks after the demographics.
fn recognisable(id: &ResourceId, patient: Value<'_>) -> String {
    let mut parts =
        vec![format!(r#"{{"name":"patient","valueReference":{{"reference":"Patient/{id}"}}}}"#)];
    if let Some(name) = each(patient, "name").next() {
        parts.push(format!(r#"{{"name":"name","valueHumanName":{}}}"#, name.raw()));
    }
    for (name, element) in [("birthDate", "valueDate"), ("gender", "valueCode")] {
        if let Some(text) = patient.get_str(name) {
            parts.push(format!(r#"{{"name":"{name}","{element}":{}}}"#, quoted(&text)));
        }
    }
    format!(
        r#"{{"resourceType":"Parameters","parameter":[{{"name":"match","part":[{}]}}]}}"#,
        parts.join(",")
    )
}

fn each<'a>(value: Value<'a>, name: &str) -> impl Iterator<Item = Value<'a>> {
    value.get(name).into_iter().flat_map(|list| list.items())
}

/// A name without case and white space around it.
fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}

/// A postcode as it is compared: without case and blanks.
fn compact(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect()
}

/// The token of an identifier.
pub(super) fn token(system: &str, value: &str) -> String {
    format!("{}|{}", escaped(system), escaped(value))
}

/// A value in which nothing means anything to a search (FHIR R4 §3.1.1.5.9).
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '|' | ',' | '$') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn too_little() -> Failure {
    let text = "a whole birth date is needed, with an identifier and its system, or with family \
                name, given name and postcode";
    Failure::new(Category::Invalid, IssueCode::Required, text)
}
