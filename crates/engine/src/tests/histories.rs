//! Histories tell how each version came to be, also after sealing and opening anew.

use super::*;
use crate::HistoryOf;

fn put(name: &str) -> Interaction {
    let body = format!(r#"{{"resourceType":"Patient","id":"{name}"}}"#);
    let (resource_type, body) = (ResourceType::PATIENT, Arc::from(body.as_bytes()));
    Interaction::Update { resource_type, id: id(name), body, if_match: None }
}

fn delete(name: &str) -> Interaction {
    let resource_type = ResourceType::PATIENT;
    Interaction::Delete { resource_type, id: id(name), if_match: None }
}

/// Version, deletion, made by an update: newest first.
fn history(store: &Store, name: &ResourceId) -> Vec<(u32, bool, bool)> {
    let of = HistoryOf::Instance(ResourceType::PATIENT, name.clone());
    let Ok(Answer::Page(page)) =
        store.ask(system(), Interaction::History { of, params: Vec::new() })
    else {
        panic!("no history")
    };
    page.entries.iter().map(|version| (version.version, version.deleted, version.put)).collect()
}

#[test]
fn what_an_update_made_is_told_from_what_it_changed() {
    let parts = Store::parts();
    let mut store = Store::with(parts.clone(), AnswerLimits::default());
    for interaction in [put("a"), put("a"), delete("a"), put("a"), put("a")] {
        store.ask(system(), interaction).unwrap();
    }
    let Ok(Answer::Created(posted)) = store.ask(system(), create(PATIENT, "identifier=1")) else {
        panic!("not created");
    };
    let put = [
        (5, false, false),
        (4, false, true),
        (3, true, false),
        (2, false, false),
        (1, false, true),
    ];
    for opened_anew in [false, true] {
        if opened_anew {
            store.engine.close();
            store = Store::with(parts.clone(), AnswerLimits::default());
        }
        assert_eq!(history(&store, &id("a")), put);
        assert_eq!(history(&store, &posted.id), [(1, false, false)]);
    }
}
