//! Searches: a query as sources of rows, evaluated part by part.
//!
//! In each part the smallest clause is read first and the others narrow it; what is left is tested
//! row by row: live in the snapshot, of the right type, admitted by the scope. For whom markers
//! stand for some rows, those are found by what a marker says (`marked`).

mod compile;
mod composite;
mod evaluate;
mod front;
mod holding;
mod in_use;
mod indexed;
mod links;
mod marked;
mod matched;
mod near;
mod order;
mod places;
mod ranges;
mod scan;
mod sorted;
mod sources;
mod uris;
mod values;
mod walk;
mod within;
mod words;

use std::sync::Arc;

use accord_query::{Contained, Query, Record};

use crate::error::IndexError;
use crate::key::SearchKey;
use crate::measured::Measured;
use crate::part::Part;
use crate::set::RowSet;
use crate::view::{Page, Paging, View};

use links::{Patients, Referring};
use words::WordTest;

use compile::compile;
pub(crate) use compile::compile_plain;
pub(crate) use evaluate::{candidates, rows_of};
pub(crate) use holding::Holding;
pub(crate) use in_use::in_use;
pub(crate) use marked::{naming, refers};
pub(crate) use places::location;

/// A query as the index answers it.
pub(crate) struct Plan {
    /// Types searched, ascending; empty means all.
    pub types: Vec<u8>,
    /// Conditions that must all hold.
    pub clauses: Vec<Clause>,
    /// Whether rows that satisfy them are of those types: a parameter belongs to one type.
    pub implies_types: bool,
    /// Whether it asks where somebody is or lives, or how to reach them.
    pub places: bool,
    /// The same for markers, if any can match; `None` for whom there are none.
    pub marked: Option<Box<Plan>>,
    /// What else is asked of each row.
    pub record: Record,
    /// What is asked of words; each stands among the clauses too.
    pub words: Vec<Arc<WordTest>>,
}

impl Plan {
    /// Finds nothing.
    fn nothing() -> Plan {
        let none = Clause { sources: Vec::new(), negated: false };
        let (types, clauses, record) = (Vec::new(), vec![none], Record::default());
        let (implies_types, places, words, marked) = (true, false, Vec::new(), None);
        Plan { types, clauses, implies_types, places, record, words, marked }
    }

    /// Rows that satisfy conditions, of any type.
    fn of(clauses: Vec<Clause>) -> Plan {
        Plan { clauses, ..Plan::nothing() }
    }

    /// Whether more is asked of a row than its keys, and whether it is admitted, tell.
    fn looks_at_rows(&self) -> bool {
        self.places || self.record != Record::default() || !self.words.is_empty()
    }
}

/// Alternatives, or none of them.
pub(crate) struct Clause {
    pub sources: Vec<Source>,
    pub negated: bool,
}

/// Where rows come from.
pub(crate) enum Source {
    /// Rows of one key.
    Key(SearchKey),
    /// Rows of the string keys with this front whose text contains the needle, if there is one.
    Texts { prefix: Vec<u8>, needle: Option<Vec<u8>> },
    /// Rows with a range that passes, in the columns with this front whose unit is meant.
    Range { prefix: Vec<u8>, test: Box<Measured> },
    /// These rows, by number in the store; `from..to`, ascending.
    Rows(Vec<(u32, u32)>),
    /// Rows that refer to one of many resources.
    Referring(Box<Referring>),
    /// The Patient resources of many patients.
    Patients(Patients),
    /// Rows that may have certain words.
    Words(Arc<WordTest>),
    /// What takes more than a look-up.
    By(Box<dyn Finder>),
}

/// Finds rows of a part by several look-ups.
pub(crate) trait Finder: Send + Sync {
    /// At most so many rows.
    fn most(&self, part: &Part) -> Result<u64, IndexError>;
    /// All of them.
    fn rows(&self, view: &View, part: &Part) -> Result<RowSet, IndexError>;
}

/// Answers a query.
pub(crate) fn search<'a>(
    view: &'a View,
    query: &Query,
    paging: &Paging,
) -> Result<Page<'a>, IndexError> {
    if query.contained != Contained::Outside {
        return within::page(view, query, paging);
    }
    let plan = compile(view, query)?;
    order::page(view, &plan, &query.sort, paging)
}

/// The rows that a search would look at, if keys lead to few of them.
pub(crate) fn cost(view: &View, query: &Query) -> Result<Option<u64>, IndexError> {
    // To find what references join is work already.
    if query.follows_references() || query.contained != Contained::Outside {
        return Ok(None);
    }
    let plan = compile(view, query)?;
    let mut rows = 0;
    for part in view.snapshot().parts() {
        for plan in std::iter::once(&plan).chain(plan.marked.as_deref()) {
            match evaluate::keyed(view, part, plan)? {
                Some(few) => rows += few,
                None => return Ok(None),
            }
        }
    }
    Ok(Some(rows))
}
