//! What is in use, against a look at every document.

use std::collections::BTreeSet;

use accord_engine::{Answer, Category, Interaction};
use serde_json::Value;

use super::{Shelf, World};

impl World<'_> {
    /// Compares the profiles, labels and tags of each type, for everyone.
    pub fn compare_metas(&self) {
        let mut told = 0;
        for (subject, shelves) in &self.askers {
            for (kind, shelf) in shelves {
                let asked = Interaction::get(&format!("{kind}/$meta")).unwrap();
                let meta = match self.store.ask(subject, asked) {
                    Ok(Answer::Resource(text)) => {
                        let parameters: Value = serde_json::from_str(&text).unwrap();
                        parameters["parameter"][0]["valueMeta"].clone()
                    }
                    Err(failure) if failure.category == Category::Forbidden => {
                        assert!(shelf.ids.is_empty(), "{kind}");
                        continue;
                    }
                    other => panic!("{kind}: {other:?}"),
                };
                let expected = used(&self.everything[kind], &shelf.ids);
                assert_eq!(values(&meta), expected, "{:?}: {kind}", subject.role);
                told += expected.len();
            }
        }
        assert!(told >= 4, "something is in use");
    }
}

/// The values in the documents of these ids, as they are stored.
fn used(all: &Shelf, ids: &[String]) -> BTreeSet<String> {
    let seen: BTreeSet<&String> = ids.iter().collect();
    let both = all.ids.iter().zip(&all.documents);
    both.filter(|(id, _)| seen.contains(id)).flat_map(|(_, d)| values(&d["meta"])).collect()
}

fn values(meta: &Value) -> BTreeSet<String> {
    let items = |set: &str| meta[set].as_array().cloned().unwrap_or_default();
    let profiles = items("profile").into_iter().map(|url| format!("profile {url}"));
    let coded = ["security", "tag"].into_iter().flat_map(|set| {
        let one = move |coding: Value| format!("{set} {} {}", coding["system"], coding["code"]);
        items(set).into_iter().map(one)
    });
    profiles.chain(coded).collect()
}
