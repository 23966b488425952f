//! Values of a parameter that are in use: those that current versions have which exist for the
//! asker.

use std::collections::HashSet;

use accord_query::{Clause, Query, Target, Test, Token, TokenSystem};
use accord_spec::{ParamId, ResourceType};

use crate::error::IndexError;
use crate::key::{self, SearchKey, tag};
use crate::marker;
use crate::part::Part;
use crate::set::RowSet;
use crate::value::Datum;
use crate::view::{Paging, ROWS_PER_LOOK, View};

use super::evaluate::{WHOLE, of_types, rows_of};
use super::{scan, search};

/// Kinds of keys from which a value can be read.
const KINDS: [u8; 3] = [tag::SYSTEM_CODE, tag::BARE_CODE, tag::URI];
/// Rows of a key that are tested before it is asked which are known to be admitted: mostly one of
/// the newest is.
const FIRST: usize = 64;

/// The distinct values of a parameter common to all types, of resources of one type or of any; a
/// marker has those that it has itself. Ends once there are more than `most`.
pub(crate) fn in_use(
    view: &View,
    param: ParamId,
    of: Option<ResourceType>,
    most: usize,
) -> Result<Vec<Datum>, IndexError> {
    let mut found =
        Used { view, types: of.map(|of| of.0).into_iter().collect(), keys: HashSet::new() };
    for part in view.snapshot().parts() {
        let typed = match found.types.is_empty() {
            true => None,
            false => Some(of_types(view, part, &found.types, WHOLE)?),
        };
        for kind in KINDS {
            found.of_part((part, typed.as_ref()), (param, kind), most)?;
        }
        if found.keys.len() > most {
            break;
        }
    }
    let mut values: Vec<Datum> = found.keys.iter().filter_map(|key| key::value_of(key)).collect();
    for value in of_markers(view, param, of)? {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    Ok(values)
}

/// Keys that were found to be in use.
struct Used<'a> {
    view: &'a View,
    types: Vec<u8>,
    keys: HashSet<Vec<u8>>,
}

impl Used<'_> {
    /// Adds those of a part, of which these rows are of the types asked for.
    fn of_part(
        &mut self,
        (part, typed): (&Part, Option<&RowSet>),
        (ParamId(param), kind): (ParamId, u8),
        most: usize,
    ) -> Result<(), IndexError> {
        let mut waiting: Vec<Vec<u8>> = Vec::new();
        scan::each(self.view, part, (param, kind), |key, rows| {
            if self.keys.len() > most || self.keys.contains(key) {
                return Ok(());
            }
            match part {
                Part::Segment(_) => {
                    if self.is_used((part, typed), rows()?)? {
                        self.keys.insert(key.to_vec());
                    }
                }
                // To test rows takes locks that are held while keys are gone through.
                Part::Chunk(_) => waiting.push(key.to_vec()),
            }
            Ok(())
        })?;
        for key in waiting {
            let key = SearchKey::from(key);
            if self.keys.len() <= most && self.is_used((part, typed), rows_of(part, &key)?)? {
                self.keys.insert(key.bytes);
            }
        }
        Ok(())
    }

    /// Whether one of these rows is the current version of what exists for the asker and is seen.
    fn is_used(
        &self,
        (part, typed): (&Part, Option<&RowSet>),
        rows: RowSet,
    ) -> Result<bool, IndexError> {
        let rows = match typed {
            Some(typed) => rows.and(typed),
            None => rows,
        };
        let mut known = None;
        for (at, local) in rows.range(WHOLE, true).enumerate() {
            if at % ROWS_PER_LOOK == 0 {
                self.view.check_deadline()?;
            }
            if at == FIRST {
                known = self.view.admitted_rows(part, rows.len());
            }
            if known.as_ref().is_some_and(|known| !known.may_admit(local, part.marks())) {
                continue;
            }
            let row = self.view.current(part, local, &self.types);
            if row.is_some_and(|row| !row.is_marker()) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The values that markers have, if there are any that exist for the asker.
fn of_markers(
    view: &View,
    param: ParamId,
    of: Option<ResourceType>,
) -> Result<Vec<Datum>, IndexError> {
    let mut values = Vec::new();
    if !view.scope().may_know() {
        return Ok(values);
    }
    // What is common to all types is the same in markers of all.
    let all = marker::values(of.unwrap_or(ResourceType::PATIENT)).0.iter();
    for datum in all.filter(|value| value.param == param.0).map(|value| &value.datum) {
        let Datum::Token { system, code } = datum else { continue };
        let system = system.clone().map_or(TokenSystem::Absent, TokenSystem::Is);
        let token = Token { system, code: Some(code.clone()) };
        let test = Test::Token { any_of: vec![token], negated: false };
        let clauses = vec![Clause { target: Target::Param(param), test }];
        let query = Query { clauses, ..Query::on(of) };
        let first = Paging { after: None, count: 1, total: false };
        if !search(view, &query, &first)?.rows.is_empty() {
            values.push(datum.clone());
        }
    }
    Ok(values)
}
