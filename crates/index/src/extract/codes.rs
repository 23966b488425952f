//! The codes in a resource, wherever they stand: what consents about codes rest on.

use std::collections::BTreeSet;

use accord_fhir::json::{Kind, Value as Json};

use crate::key::CODE_PARAM;
use crate::value::{Datum, Value, Values};

/// Units stand in quantities, nearly everywhere, and are no content that anyone permits or denies.
const UNITS: &str = "http://unitsofmeasure.org";

/// A system and a code.
type Code = (String, String);

/// Adds those codes that no search parameter reads: of every Coding, at any depth, in contained
/// resources and extensions too. With them all codes of the resource are among its values.
pub fn add_codes(values: &mut Values, resource: Json<'_>) {
    let mut codes = BTreeSet::new();
    walk(resource, &mut codes);
    for value in &values.0 {
        if let Datum::Token { system: Some(system), code } = &value.datum {
            codes.remove(&(system.clone(), code.clone()));
        }
    }
    values.0.extend(codes.into_iter().map(|(system, code)| {
        let datum = Datum::Token { system: Some(system), code };
        Value { param: CODE_PARAM, datum }
    }));
}

/// As deep as the JSON, which the parser bounds.
fn walk(value: Json<'_>, codes: &mut BTreeSet<Code>) {
    match value.kind() {
        Kind::Array => value.items().for_each(|item| walk(item, codes)),
        Kind::Object => {
            let (mut system, mut code) = (None, None);
            for (name, member) in value.members() {
                match (&*name, member.kind()) {
                    ("system", Kind::String) => system = member.as_str(),
                    ("code", Kind::String) => code = member.as_str(),
                    (_, Kind::Object | Kind::Array) => walk(member, codes),
                    _ => {}
                }
            }
            if let (Some(system), Some(code)) = (system, code)
                && system != UNITS
            {
                codes.insert((system.into_owned(), code.into_owned()));
            }
        }
        _ => {}
    }
}
