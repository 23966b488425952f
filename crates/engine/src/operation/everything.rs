//! `Patient/$everything`, of one or of all, and `Encounter/[id]/$everything`: what is about them,
//! and what that refers to (<http://hl7.org/fhir/R4/patient-operation-everything.html>,
//! <http://hl7.org/fhir/R4/encounter-operation-everything.html>).

use accord_base::ResourceId;
use accord_fhir::{DateRange, IssueCode};
use accord_index::{Found, View};
use accord_query::{Handling, Include, Member, Query, Record};
use accord_spec::{Compartment, ResourceType};

use super::Operation;
use super::parameters::{Parameters, invalid, primitive, unknown};
use crate::interaction::{Drawn, not_found};
use crate::{Answer, Engine, Failure, Page, Request};

/// Parameters of the operation on patients; on encounters, all but the first two.
const KNOWN: [&str; 6] = ["start", "end", "_since", "_type", "_count", "_cursor"];
/// Microseconds in a day.
const DAY_US: i64 = 86_400_000_000;

impl Engine {
    /// Answers with a page of what is about the resource, itself included, and what that refers to
    /// outside its compartment.
    pub(super) fn everything(&self, request: &Request, operation: &Operation, view: View) -> Drawn {
        match self.try_everything(request, operation, view) {
            Ok((page, patients)) => (Ok(Answer::Page(page)), patients),
            Err(failure) => (Err(failure), Vec::new()),
        }
    }

    fn try_everything(
        &self,
        request: &Request,
        operation: &Operation,
        view: View,
    ) -> Result<(Page, Vec<ResourceId>), Failure> {
        let on = operation.resource_type().ok_or_else(not_found)?;
        let compartment = Compartment::from_name(on.name()).ok_or_else(not_found)?;
        let own = match &operation.id {
            None => Vec::new(),
            Some(id) => match view.read(on, id.as_str()) {
                Found::Live(row) => self.patients_of([&row]),
                Found::Known(row) if !row.deleted() => self.patients_of([&row]),
                _ => return Err(not_found()),
            },
        };
        let asked = Asked::read(operation, on)?;
        let (query, _) = self.parse_query(None, asked.search, Handling::Strict)?;
        let id = operation.id.as_ref();
        let member_of = id.map(|id| Member { compartment, id: id.to_string() });
        let record = Record { days: asked.days, of_patients: member_of.is_none() };
        let includes = outside(compartment, &query.types);
        let mut query = Query { member_of, record, includes, ..query };
        if query.types.is_empty() && query.member_of.is_none() {
            let inside = ResourceType::ALL.iter().filter(|of| compartment.holds(**of));
            query.types = inside.copied().collect();
        }
        let named = id.map(|id| format!("/{id}")).unwrap_or_default();
        let bound = format!("{on}{named}/$everything?{}", asked.text);
        let (page, mut patients) = self.page_of(request, view, &query, &bound)?;
        patients.extend(own);
        patients.sort_unstable();
        patients.dedup();
        Ok((Page { query: asked.text, ..page }, patients))
    }
}

/// What is referred to that is in no compartment of the kind; of certain types, if any were asked
/// for.
fn outside(compartment: Compartment, types: &[ResourceType]) -> Vec<Include> {
    let all = Include {
        reverse: false,
        iterate: false,
        source: None,
        param: None,
        target: None,
        outside: Some(compartment),
    };
    match types {
        [] => vec![all],
        types => {
            let types = types.iter().filter(|of| !compartment.holds(**of));
            types.map(|of| Include { target: Some(*of), ..all }).collect()
        }
    }
}

/// What is asked for.
struct Asked {
    /// As parameters of a search.
    search: Vec<(String, String)>,
    days: Option<(i32, i32)>,
    /// As it was asked, without cursor.
    text: String,
}

impl Asked {
    fn read(operation: &Operation, on: ResourceType) -> Result<Asked, Failure> {
        let known = if on == ResourceType::PATIENT { &KNOWN[..] } else { &KNOWN[2..] };
        let (mut search, mut texts) = (Vec::new(), Vec::new());
        let (mut days, mut dated) = ((i32::MIN, i32::MAX), false);
        for (name, value) in pairs(operation, known)? {
            match name.as_str() {
                "start" => (days.0, dated) = (day(&name, &value, |range| range.low)?, true),
                "end" => (days.1, dated) = (day(&name, &value, |range| range.high - 1)?, true),
                "_since" => search.push(("_lastUpdated".to_owned(), format!("ge{value}"))),
                _ => search.push((name.clone(), value.clone())),
            }
            // What is not a number, a date or a name of a type is refused before this is told.
            if name != "_cursor" {
                texts.push(format!("{name}={}", value.replace('+', "%2B")));
            }
        }
        Ok(Asked { search, days: dated.then_some(days), text: texts.join("&") })
    }
}

/// Names and values of the parameters, from the URL or from the body.
fn pairs(operation: &Operation, known: &[&str]) -> Result<Vec<(String, String)>, Failure> {
    let mut pairs = operation.params.clone();
    if !operation.body.is_empty() {
        let parameters = Parameters::parse(&operation.body, known)?;
        for name in known {
            let values = parameters.named(name).filter_map(primitive);
            pairs.extend(values.map(|value| ((*name).to_owned(), value)));
        }
    }
    match pairs.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((name, _)) => Err(unknown(name)),
        None => Ok(pairs),
    }
}

fn day(name: &str, value: &str, end: impl Fn(DateRange) -> i64) -> Result<i32, Failure> {
    let wrong = || invalid(IssueCode::Value, format!("the parameter `{name}` is not a date"));
    let us = DateRange::parse(value).map(end).ok_or_else(wrong)?;
    i32::try_from(us.div_euclid(DAY_US)).map_err(|_| wrong())
}
