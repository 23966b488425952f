//! What asking about codes costs: testing one, and expanding a large value set with a filter.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use accord_terminology::ops::{Page, Wanted, expand};
use accord_terminology::{
    Builder, Canonical, CodeSet, CodeSystem, Compiled, Content, Filter, Head, Library, Origin,
    Rule, TermError, ValueSet, compile, r4,
};

/// Concepts of the large system: as many as SNOMED CT has.
const CONCEPTS: u32 = 500_000;
const TESTS: u32 = 1_000_000;
const EXPANSIONS: u32 = 20;
const URL: &str = "urn:bench";

/// One made-up system.
struct Shelf(Arc<CodeSystem>);

impl Library for Shelf {
    fn code_system(&self, _: &Canonical) -> Result<Option<Arc<CodeSystem>>, TermError> {
        Ok(Some(self.0.clone()))
    }

    fn value_set(&self, _: &Canonical) -> Result<Option<Arc<ValueSet>>, TermError> {
        Ok(None)
    }

    fn concept_maps(
        &self,
        _: Option<&Canonical>,
    ) -> Result<Vec<Arc<accord_terminology::ConceptMap>>, TermError> {
        Ok(Vec::new())
    }
}

/// Measures and prints, one line each: nanoseconds, milliseconds, mebibytes.
///
/// # Errors
/// If a set cannot be compiled.
pub fn run() -> Result<(), TermError> {
    let gender = "http://hl7.org/fhir/ValueSet/administrative-gender";
    if let Some(set) = r4().bound(gender) {
        println(
            "test a code of four, ns",
            per_test(set, |at| if at % 2 == 0 { "male" } else { "x" }),
        );
    }
    let begun = Instant::now();
    let system = Arc::new(large());
    println("make 500,000 concepts, ms", begun.elapsed().as_millis() as f64);
    println("their memory, MiB", system.bytes() as f64 / f64::from(1 << 20));
    let library = Shelf(system);
    let filter = Filter { property: "concept".into(), op: "is-a".into(), value: "c1".into() };
    let rule = Rule { system: Some(URL.into()), filters: vec![filter], ..Rule::default() };
    let definition = ValueSet::of_rules("urn:bench:vs", Origin::Passing, vec![rule]);
    let begun = Instant::now();
    let compiled: Arc<Compiled> = compile(&library, &definition)?;
    println("compile what is below one, ms", begun.elapsed().as_secs_f64() * 1e3);
    let codes: Vec<String> = (0..1024).map(|at| format!("c{}", at * 488)).collect();
    let pick = |at: u32| codes.get(at as usize % codes.len()).map_or("", String::as_str);
    println("test a code of many, ns", per_test(&compiled.set, pick));
    let page = Page { offset: 0, count: Some(20) };
    let wanted = Wanted { filter: Some("term 77".into()), page, ..Wanted::default() };
    let begun = Instant::now();
    for _ in 0..EXPANSIONS {
        black_box(expand(&definition, &compiled.set, &wanted, ("urn:x", "2026"), 10_000)?);
    }
    let each = begun.elapsed().as_secs_f64() * 1e3 / f64::from(EXPANSIONS);
    println("expand with a filter, ms", each);
    Ok(())
}

/// A tree, ten below each.
fn large() -> CodeSystem {
    let mut builder = Builder::new(Head {
        origin: Origin::Passing,
        url: URL.to_owned(),
        version: None,
        name: String::new(),
        content: Content::Complete,
        case_sensitive: true,
        value_set: None,
        supplements: None,
    });
    for at in 0..CONCEPTS {
        let display = format!("Made-up term {at} of some length (finding)");
        let concept = builder.concept(&format!("c{at}"), &display, None);
        if at > 0 {
            builder.below(concept, (at - 1) / 10);
        }
    }
    builder.finish()
}

/// Nanoseconds for one test.
fn per_test<'a>(set: &CodeSet, code: impl Fn(u32) -> &'a str) -> f64 {
    let begun = Instant::now();
    for at in 0..TESTS {
        black_box(set.entry(None, black_box(code(at))));
    }
    begun.elapsed().as_secs_f64() * 1e9 / f64::from(TESTS)
}

#[allow(clippy::print_stdout, reason = "this is what the command is for")]
fn println(what: &str, value: f64) {
    println!("{what}: {value:.1}");
}
