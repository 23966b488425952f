//! Compiled = slow, on random systems and definitions.

use proptest::prelude::*;

use super::naive::{Tree, World};
use super::*;
use crate::value_set::{Compose, Filter};
use crate::{Builder, Content, Head, PropertyValue};

const CODES: usize = 9;

fn name(at: usize) -> String {
    format!("c{at}")
}

/// Parents of each code (circles may be among them) and colours.
fn tree() -> impl Strategy<Value = Tree> {
    let concept = (prop::collection::vec(0..CODES, 0..3), prop::option::of("red|blue"));
    prop::collection::vec(concept, CODES).prop_map(|all| {
        let own = all.into_iter().enumerate();
        own.map(|(at, (parents, colour))| {
            let parents = parents.into_iter().filter(|p| *p != at).map(name).collect();
            (name(at), (parents, colour))
        })
        .collect()
    })
}

fn filter() -> impl Strategy<Value = Filter> {
    let code = || (0..CODES).prop_map(name);
    let make = |property: &str, op: &str, value: String| Filter {
        property: property.to_owned(),
        op: op.to_owned(),
        value,
    };
    prop_oneof![
        ("is-a|descendent-of|is-not-a|generalizes", code())
            .prop_map(move |(op, code)| make("concept", &op, code)),
        ("in|not-in", prop::collection::vec(code(), 1..4)).prop_map(move |(op, codes)| make(
            "concept",
            &op,
            codes.join(",")
        )),
        "red|blue".prop_map(move |value| make("colour", "=", value)),
        "true|false".prop_map(move |value| make("colour", "exists", value)),
    ]
}

/// A rule of the value set of this number, which may refer to those before it.
fn rule(number: usize) -> impl Strategy<Value = Rule> {
    let system = prop::option::weighted(0.8, (0..2usize).prop_map(|s| format!("urn:s{s}")));
    let concepts = prop::collection::vec(0..CODES + 2, 0..4);
    let imports = prop::collection::vec(0..number.max(1), 0..=number.min(2));
    (system, concepts, prop::collection::vec(filter(), 0..3), imports).prop_map(
        move |(system, concepts, filters, imports)| {
            let listed =
                concepts.into_iter().map(|c| Listed { code: name(c), ..Listed::default() });
            let alone = system.is_none() && imports.is_empty();
            let system = if alone { Some("urn:s0".to_owned()) } else { system };
            let none = system.is_none();
            Rule {
                system,
                version: None,
                concepts: if none { Vec::new() } else { listed.collect() },
                filters: if none { Vec::new() } else { filters },
                value_sets: imports
                    .into_iter()
                    .map(|i| Canonical::parse(&format!("urn:v{i}")))
                    .collect(),
            }
        },
    )
}

fn set(number: usize) -> impl Strategy<Value = ValueSet> {
    let (include, exclude) =
        (prop::collection::vec(rule(number), 1..4), prop::collection::vec(rule(number), 0..3));
    (include, exclude).prop_map(move |(include, exclude)| {
        let url = format!("urn:v{number}");
        let mut set = ValueSet::of_rules(&url, Origin::Row(number as u32), Vec::new());
        set.compose = Compose { inactive: None, include, exclude };
        set
    })
}

fn table(url: &str, tree: &Tree) -> CodeSystem {
    let mut builder = Builder::new(Head {
        origin: Origin::Passing,
        url: url.to_owned(),
        version: None,
        name: String::new(),
        content: Content::Complete,
        case_sensitive: true,
        value_set: None,
        supplements: None,
    });
    builder.declare("colour", "string");
    for code in tree.keys() {
        builder.concept(code, "", None);
    }
    for (code, (parents, colour)) in tree {
        let at = builder.find(code).unwrap();
        for parent in parents {
            let parent = builder.find(parent).unwrap();
            builder.below(at, parent);
        }
        if let Some(colour) = colour {
            builder.property(at, "colour", PropertyValue::Text(colour));
        }
    }
    builder.finish()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn compiled_sets_are_what_their_definitions_say(
        trees in prop::collection::vec(tree(), 2),
        sets in (set(0), set(1), set(2)),
    ) {
        let sets = [sets.0, sets.1, sets.2];
        let url = |s: usize| format!("urn:s{s}");
        let shelf = Shelf {
            systems: trees.iter().enumerate().map(|(s, t)| Arc::new(table(&url(s), t))).collect(),
            sets: sets.iter().cloned().map(Arc::new).collect(),
            maps: Vec::new(),
        };
        let world = World {
            systems: trees.into_iter().enumerate().map(|(s, t)| (url(s), t)).collect(),
            sets: sets.iter().map(|s| (s.url.clone(), s.clone())).collect(),
        };
        for set in &sets {
            let expect = world.set(set);
            let compiled = compile(&shelf, set).unwrap();
            let mut found = std::collections::BTreeSet::new();
            for entry in compiled.set.entries() {
                let Entry::Concept { system, at, .. } = entry else { panic!() };
                // Each code once.
                prop_assert!(found.insert((system.url().to_owned(), system.code(at).to_owned())));
            }
            prop_assert_eq!(&found, &expect, "{:?}", set);
            prop_assert_eq!(compiled.set.count(), Ok(expect.len() as u64));
            for (s, tree) in &world.systems {
                for code in tree.keys() {
                    let inside = expect.contains(&(s.clone(), code.clone()));
                    prop_assert_eq!(compiled.set.entry(Some(s), code).is_some(), inside);
                }
            }
        }
        for table in &shelf.systems {
            for above in 0..table.len() {
                let below = table.descendants(above);
                for at in 0..table.len() {
                    prop_assert_eq!(table.subsumes(above, at), below.contains(at));
                    prop_assert_eq!(table.ancestors(at).contains(above), below.contains(at));
                }
            }
        }
    }
}
