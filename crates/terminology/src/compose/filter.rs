//! Filters on the concepts of a table (FHIR R4 filter-operator).

use hashbrown::HashSet;
use roaring::RoaringBitmap;

use super::Pattern;
use crate::value_set::Filter;
use crate::{CodeSystem, TermError};

/// Properties that every code system has, besides its own.
const CODE: [&str; 2] = ["code", "concept"];

/// How the value of a property is tested.
enum Test<'f> {
    Is(&'f str),
    OneOf(HashSet<&'f str>),
    NoneOf(HashSet<&'f str>),
    Fits(Pattern),
    Exists(bool),
}

/// The concepts that pass.
///
/// # Errors
/// If the code system has no such property, or the operator is not known for it.
pub(super) fn select(table: &CodeSystem, filter: &Filter) -> Result<RoaringBitmap, TermError> {
    let property = filter.property.as_str();
    if CODE.contains(&property)
        && let Some(found) = by_hierarchy(table, filter)?
    {
        return Ok(found);
    }
    let test = test(table, filter)?;
    Ok(match property {
        _ if CODE.contains(&property) => {
            each(table, |at| passes(&test, std::iter::once(table.code(at))))
        }
        "display" => each(table, |at| passes(&test, table.display(at).into_iter())),
        "definition" => each(table, |at| passes(&test, table.definition(at).into_iter())),
        "inactive" if !table.has_property(property) => {
            let flag = |at| if table.is_inactive(at) { "true" } else { "false" };
            each(table, |at| passes(&test, std::iter::once(flag(at))))
        }
        "parent" => each(table, |at| {
            passes(&test, table.parents(at).iter().map(|parent| table.code(*parent)))
        }),
        "child" => each(table, |at| {
            passes(&test, table.children(at).iter().map(|child| table.code(*child)))
        }),
        _ if table.has_property(property) => each(table, |at| {
            let values = table.properties(at).filter(|(name, _)| *name == property);
            let values: Vec<_> = values.map(|(_, value)| value).collect();
            passes(&test, values.iter().map(|value| value.text()))
        }),
        _ => return Err(unsupported(table, filter)),
    })
}

/// Filters along the hierarchy; `None` if it is none of them.
fn by_hierarchy(table: &CodeSystem, filter: &Filter) -> Result<Option<RoaringBitmap>, TermError> {
    let at = || {
        table.find(&filter.value).ok_or_else(|| TermError::UnknownCode {
            code: filter.value.clone(),
            system: table.url().to_owned(),
        })
    };
    Ok(Some(match filter.op.as_str() {
        "is-a" => table.descendants(at()?),
        "descendent-of" => {
            let mut found = table.descendants(at()?);
            found.remove(at()?);
            found
        }
        "is-not-a" => table.all() - table.descendants(at()?),
        "generalizes" => table.ancestors(at()?),
        // A single concept in the place of a list is a reference set (SNOMED CT).
        "in" if table.has_property(MEMBER_OF) && !filter.value.contains(',') => {
            let wanted = filter.value.trim();
            let is = |at| {
                table
                    .properties(at)
                    .any(|(name, value)| name == MEMBER_OF && value.text() == wanted)
            };
            each(table, is)
        }
        _ => return Ok(None),
    }))
}

/// The property that names the reference sets a concept is in.
pub(crate) const MEMBER_OF: &str = "memberOf";

fn test<'f>(table: &CodeSystem, filter: &'f Filter) -> Result<Test<'f>, TermError> {
    let value = filter.value.as_str();
    let list = || value.split(',').map(str::trim).collect();
    Ok(match filter.op.as_str() {
        "=" => Test::Is(value),
        "in" => Test::OneOf(list()),
        "not-in" => Test::NoneOf(list()),
        "regex" => Test::Fits(Pattern::new(value)?),
        "exists" if value == "true" || value == "false" => Test::Exists(value == "true"),
        _ => return Err(unsupported(table, filter)),
    })
}

fn unsupported(table: &CodeSystem, filter: &Filter) -> TermError {
    TermError::Filter {
        system: table.url().to_owned(),
        property: filter.property.clone(),
        op: filter.op.clone(),
    }
}

fn each(table: &CodeSystem, keep: impl Fn(u32) -> bool) -> RoaringBitmap {
    (0..table.len()).filter(|at| keep(*at)).collect()
}

/// Whether one of the values passes; of `not-in`, whether none is in the list.
fn passes<'v>(test: &Test<'_>, mut values: impl Iterator<Item = &'v str>) -> bool {
    match test {
        Test::Is(wanted) => values.any(|value| value == *wanted),
        Test::OneOf(list) => values.any(|value| list.contains(value)),
        Test::NoneOf(list) => !values.any(|value| list.contains(value)),
        Test::Fits(pattern) => values.any(|value| pattern.fits(value)),
        Test::Exists(wanted) => values.next().is_some() == *wanted,
    }
}
