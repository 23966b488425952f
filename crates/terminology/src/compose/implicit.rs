//! Value sets that exist without a definition: those of SNOMED CT and LOINC
//! (FHIR R4 snomedct §4.3.1.0.3, loinc §4.3.3.0.3).

use crate::value_set::{Filter, Rule, ValueSet};
use crate::{Canonical, Origin};

const SNOMED: &str = "http://snomed.info/sct";
const LOINC: &str = "http://loinc.org";

/// The value set that such an address stands for.
pub(super) fn value_set(wanted: &Canonical) -> Option<ValueSet> {
    let rule = snomed(&wanted.url).or_else(|| loinc(&wanted.url))?;
    let rule = Rule { version: rule.version.clone().or_else(|| wanted.version.clone()), ..rule };
    Some(ValueSet::of_rules(&wanted.url, Origin::Passing, vec![rule]))
}

/// `[edition]?fhir_vs`, `?fhir_vs=isa/[id]`, `?fhir_vs=refset/[id]`.
fn snomed(url: &str) -> Option<Rule> {
    let (edition, query) = url.split_once('?')?;
    let version = match edition.strip_prefix(SNOMED)? {
        "" => None,
        rest if rest.starts_with('/') => Some(edition.to_owned()),
        _ => return None,
    };
    let rest = query.strip_prefix("fhir_vs")?;
    let filters = match rest.strip_prefix('=') {
        None if rest.is_empty() => Vec::new(),
        Some(value) => match value.split_once('/')? {
            ("isa", id) => vec![concept("is-a", id)],
            ("refset", id) => vec![concept("in", id)],
            _ => return None,
        },
        None => return None,
    };
    Some(Rule { system: Some(SNOMED.to_owned()), version, filters, ..Rule::default() })
}

/// `http://loinc.org/vs`, and with the code of a part of the hierarchy or of an answer list.
fn loinc(url: &str) -> Option<Rule> {
    let rest = url.strip_prefix("http://loinc.org/vs")?;
    let filters = match rest.strip_prefix('/') {
        None if rest.is_empty() => Vec::new(),
        Some(id) if id.starts_with("LP") => vec![concept("is-a", id)],
        Some(id) if id.starts_with("LL") => vec![Filter {
            property: "answer-list".to_owned(),
            op: "=".to_owned(),
            value: id.to_owned(),
        }],
        _ => return None,
    };
    Some(Rule { system: Some(LOINC.to_owned()), filters, ..Rule::default() })
}

fn concept(op: &str, id: &str) -> Filter {
    Filter { property: "concept".to_owned(), op: op.to_owned(), value: id.to_owned() }
}
