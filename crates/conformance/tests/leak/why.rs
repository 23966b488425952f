//! What a privacy officer is told of why, against the naive reading of the rules.

use std::sync::Arc;

use accord_base::{Role, Subject};
use accord_conformance::Store;
use accord_engine::{Answer, Category, Interaction, OPERATIONS, Operation};
use serde_json::{Value, json};

use crate::requests::Requests;
use crate::rules::Rules;
use crate::world::subjects;

/// Resources asked about for each person.
const ROWS: usize = 25;

/// Asks, as an officer, why people of the same organisation see resources or do not. Gives the
/// number of cases.
pub fn explained(
    store: &Store,
    officer: &Arc<Subject>,
    rules: &Rules<'_>,
    asking: &Requests<'_>,
    case: &str,
) -> u64 {
    let own = officer.organization.as_ref().unwrap().as_str();
    let mut cases = 0;
    for named in subjects().into_iter().filter(|named| named.grant.is_none()) {
        let patient = named.role == Role::Patient;
        if named.role == Role::System || !patient && named.organization != officer.organization {
            continue;
        }
        let (visible, known) = match rules.has_left(&named) {
            true => Default::default(),
            false => (rules.visible(&named), rules.known(&named)),
        };
        for _ in 0..ROWS {
            let row = asking.row();
            if row.superseded || row.deleted {
                continue;
            }
            cases += 1;
            let what = format!("{case}: {}/{} for {}", row.kind, row.id, named.reference());
            match store.ask(officer, why(&format!("{}/{}", row.kind, row.id), &named)) {
                Ok(Answer::Resource(text)) => {
                    let told: Value = serde_json::from_str(&text).unwrap();
                    let name = (row.kind.clone(), row.id.clone(), row.version);
                    let expected = match (visible.contains(&name), known.contains_key(&name)) {
                        (true, _) => "permit",
                        (false, true) => "known",
                        (false, false) => "deny",
                    };
                    assert_eq!(told["parameter"][0]["valueCode"], expected, "{what}: {text}");
                    assert!(!text.contains("\"remark\""), "{what}: {text}");
                }
                Err(failure) => {
                    assert_eq!(failure.category, Category::NotFound, "{what}");
                    assert_ne!(row.controller, own, "{what}");
                }
                other => panic!("{what}: {other:?}"),
            }
        }
    }
    cases
}

fn why(resource: &str, named: &Subject) -> Interaction {
    let mut parameters = vec![
        json!({"name": "resource", "valueReference": {"reference": resource}}),
        json!({"name": "subject", "valueReference": {"reference": named.reference()}}),
        json!({"name": "role", "valueCode": named.role.code()}),
        json!({"name": "purpose", "valueCode": named.purpose.code()}),
    ];
    parameters.extend(named.organization.as_ref().map(|id| {
        json!({"name": "organization",
            "valueReference": {"reference": format!("Organization/{id}")}})
    }));
    let body = json!({"resourceType": "Parameters", "parameter": parameters});
    let signature = OPERATIONS.iter().find(|o| o.name() == "$explain-access").unwrap();
    let body = Arc::from(body.to_string().into_bytes());
    Interaction::Operation(Box::new(Operation { signature, id: None, params: Vec::new(), body }))
}
