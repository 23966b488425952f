//! Records worth comparing: those that share something which the index finds at once.

use accord_index::{Paging, RowRef, View};
use accord_query::Handling;
use accord_spec::ResourceType;

use super::describe::Person;
use crate::operation::trace::{escaped, token};
use crate::{Engine, Failure};

/// Rows that one search for candidates gives at most.
const MOST_ROWS: usize = 50;
/// Searches made for one person.
const MOST_SEARCHES: usize = 12;

impl Engine {
    /// Patients that exist in a view and match the parameters of a search.
    pub(in super::super) fn candidates<'a>(
        &self,
        view: &'a View,
        params: Vec<(String, String)>,
        most: usize,
    ) -> Result<Vec<RowRef<'a>>, Failure> {
        let (query, _) = self.parse_query(Some(ResourceType::PATIENT), params, Handling::Strict)?;
        let paging = Paging { after: None, count: most, total: false };
        let page = view.search(&query, &paging);
        Ok(page.map_err(|error| self.index_failure("looking for a person", &error))?.rows)
    }

    /// Patients that exist in a view and may be the person, each once.
    pub(super) fn like<'a>(
        &self,
        view: &'a View,
        person: &Person,
    ) -> Result<Vec<RowRef<'a>>, Failure> {
        let mut rows: Vec<RowRef<'a>> = Vec::new();
        for params in searches(person).into_iter().take(MOST_SEARCHES) {
            rows.extend(self.candidates(view, params, MOST_ROWS)?);
        }
        rows.sort_by_key(RowRef::row);
        rows.dedup_by_key(|row| row.row());
        Ok(rows)
    }
}

type Params = Vec<(String, String)>;

/// The searches: an identifier; birth date with a name; names together; nothing broader, so that
/// none of them finds a good part of the store.
fn searches(person: &Person) -> Vec<Params> {
    let pair = |name: &str, value: String| (name.to_owned(), value);
    let identifier =
        |(system, value): &(String, String)| vec![pair("identifier", token(system, value))];
    let mut all: Vec<Params> = person.identifiers.iter().map(identifier).collect();
    let family = |name: &String| pair("family", escaped(name));
    let given = |name: &String| pair("given", escaped(name));
    if let Some(date) = &person.birth_date {
        let born = || pair("birthdate", format!("eq{date}"));
        all.extend(person.families.iter().map(|name| vec![born(), family(name)]));
        all.extend(person.givens.iter().map(|name| vec![born(), given(name)]));
    }
    for name in &person.families {
        all.extend(person.givens.iter().map(|first| vec![family(name), given(first)]));
    }
    all
}
