//! A slow reading of definitions, without tables and bitmaps: sets of pairs of texts.

use std::collections::{BTreeMap, BTreeSet};

use crate::value_set::{Filter, Rule, ValueSet};

/// A code system: parents and colour of each code.
pub type Tree = BTreeMap<String, (Vec<String>, Option<String>)>;

pub struct World {
    pub systems: BTreeMap<String, Tree>,
    pub sets: BTreeMap<String, ValueSet>,
}

pub type Pairs = BTreeSet<(String, String)>;

impl World {
    pub fn set(&self, set: &ValueSet) -> Pairs {
        let union = |rules: &[Rule]| -> Pairs { rules.iter().flat_map(|r| self.rule(r)).collect() };
        &union(&set.compose.include) - &union(&set.compose.exclude)
    }

    fn rule(&self, rule: &Rule) -> Pairs {
        let mut all: Vec<Pairs> = Vec::new();
        if let Some(url) = &rule.system {
            let tree = &self.systems[url];
            let keep = |code: &&String| {
                let listed = rule.concepts.iter().any(|c| c.code == **code);
                (rule.concepts.is_empty() || listed)
                    && rule.filters.iter().all(|filter| passes(tree, code, filter))
            };
            all.push(tree.keys().filter(keep).map(|code| (url.clone(), code.clone())).collect());
        }
        all.extend(rule.value_sets.iter().map(|url| self.set(&self.sets[&url.url])));
        all.into_iter().reduce(|a, b| &a & &b).unwrap()
    }
}

fn above(tree: &Tree, code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::from([code.to_owned()]);
    loop {
        let more: BTreeSet<String> =
            found.iter().flat_map(|code| tree[code].0.iter().cloned()).collect();
        let size = found.len();
        found.extend(more);
        if found.len() == size {
            return found;
        }
    }
}

fn passes(tree: &Tree, code: &str, filter: &Filter) -> bool {
    let value = filter.value.as_str();
    let colour = tree[code].1.as_deref();
    match (filter.property.as_str(), filter.op.as_str()) {
        ("concept", "is-a") => above(tree, code).contains(value),
        ("concept", "descendent-of") => code != value && above(tree, code).contains(value),
        ("concept", "is-not-a") => !above(tree, code).contains(value),
        ("concept", "generalizes") => above(tree, value).contains(code),
        ("concept", "in") => value.split(',').any(|v| v == code),
        ("concept", "not-in") => value.split(',').all(|v| v != code),
        ("colour", "=") => colour == Some(value),
        ("colour", "exists") => colour.is_some() == (value == "true"),
        other => panic!("{other:?}"),
    }
}
