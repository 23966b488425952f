//! Searches as markers meet them: a marker matches as its own document would in a store where it
//! stood in place of the row.
//!
//! A marker has an id, an instant, two labels and mostly a reference to its patient
//! ([`marker`](crate::marker)), so every condition is one on these, or holds for all markers, or
//! for none.

mod join;
mod place;
mod rows;

use accord_query::{Clause as Asked, Query, Target, Test, Token, TokenSystem, normalise};
use accord_spec::ResourceType;

use crate::error::IndexError;
use crate::marker;
use crate::value::Datum;
use crate::view::View;

use super::compile::clause;
use super::{Clause, Plan, links};

pub(super) use join::referred_to;
use join::{compartment, joined, of_patients};
pub(crate) use join::{naming, refers};
pub(super) use place::place;
pub(super) use rows::{Candidates, Lookup};

/// What a condition is to markers.
enum Met {
    All,
    None,
    By(Clause),
}

impl From<bool> for Met {
    fn from(met: bool) -> Met {
        if met { Met::All } else { Met::None }
    }
}

/// The plan by which markers match; `None` if none can. `plan` is that of all other rows.
///
/// # Errors
/// Those of what is at the other end of references.
pub(super) fn compile(view: &View, query: &Query, plan: &Plan) -> Result<Option<Plan>, IndexError> {
    let mut clauses = Vec::new();
    for asked in &query.clauses {
        match met(view, &plan.types, asked)? {
            Met::All => {}
            Met::None => return Ok(None),
            Met::By(clause) => clauses.push(clause),
        }
    }
    if let Some(member) = &query.member_of {
        clauses.push(compartment(view, &plan.types, member));
    }
    let (types, places, record) = (plan.types.clone(), plan.places, plan.record);
    let (implies_types, words, marked) = (false, Vec::new(), None);
    Ok(Some(Plan { types, clauses, implies_types, places, record, words, marked }))
}

fn met(view: &View, types: &[u8], asked: &Asked) -> Result<Met, IndexError> {
    let id = match (asked.target, &asked.test) {
        (Target::Id | Target::LastUpdated, _) => {
            return Ok(Met::By(clause(view.snapshot(), view.scope(), types, asked)));
        }
        // What refers to a resource refers to its marker.
        (Target::Referrer(_), Test::Chain(chain)) => {
            let sources = links::sources(view, types, asked, chain)?;
            return Ok(Met::By(Clause { sources, negated: false }));
        }
        // A marker has no texts.
        (Target::Referrer(_) | Target::Narrative | Target::Content, _) => return Ok(Met::None),
        (Target::Param(id), _) => id,
    };
    let base = view.snapshot().param(id).and_then(|param| param.base);
    // What is common to all types is the same in markers of all.
    let found = marker::values(base.unwrap_or(ResourceType::PATIENT)).0.iter();
    let found: Vec<&Datum> =
        found.filter(|value| value.param == id.0).map(|value| &value.datum).collect();
    Ok(match &asked.test {
        Test::Missing(missing) => (*missing == found.is_empty()).into(),
        Test::Token { negated, any_of } => {
            let is_one = |token: &Token| found.iter().any(|datum| is(datum, token));
            (*negated != any_of.iter().any(is_one)).into()
        }
        Test::Reference(values) => match base {
            Some(base) if !found.is_empty() => Met::By(of_patients(view, base, values)),
            _ => Met::None,
        },
        Test::Chain(chain) => match base {
            Some(base) if !found.is_empty() => {
                Met::By(Clause { sources: joined(view, (types, base), chain)?, negated: false })
            }
            _ => Met::None,
        },
        Test::Label(any_of) => {
            let begins = |label: &str| {
                let label = normalise(label);
                any_of.iter().any(|text| label.starts_with(&text.normal))
            };
            let labels = |datum: &&Datum| matches!(datum, Datum::Label(label) if begins(label));
            found.iter().any(labels).into()
        }
        Test::Coded(_)
        | Test::Words { .. }
        | Test::Text { .. }
        | Test::Date(_)
        | Test::Number(_)
        | Test::Quantity(_)
        | Test::Uri(_)
        | Test::UriTree { .. }
        | Test::OfType(_)
        | Test::Identifier(_)
        | Test::Composite(_)
        | Test::Near(_) => Met::None,
    })
}

/// Whether a value is one that a token means.
fn is(datum: &Datum, token: &Token) -> bool {
    let Datum::Token { system, code } = datum else { return false };
    let coded = token.code.as_deref().map(|wanted| wanted == code);
    match &token.system {
        TokenSystem::Any => coded.unwrap_or(true),
        TokenSystem::Absent => system.is_none() && coded.unwrap_or(false),
        TokenSystem::Is(wanted) => system.as_ref() == Some(wanted) && coded.unwrap_or(true),
    }
}
