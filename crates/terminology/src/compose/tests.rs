//! R4's own value sets; and every compiled set against a slow reading of its definition.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use accord_fhir::json;

use super::*;
use crate::{Embedded, Entry, Grammar, r4};

mod naive;
mod random;

/// A library of resources written as JSON.
pub(crate) struct Shelf {
    pub systems: Vec<Arc<CodeSystem>>,
    pub sets: Vec<Arc<ValueSet>>,
    pub maps: Vec<Arc<crate::ConceptMap>>,
}

impl Shelf {
    pub fn new(resources: &[&str]) -> Shelf {
        let mut shelf = Shelf { systems: Vec::new(), sets: Vec::new(), maps: Vec::new() };
        for (at, text) in resources.iter().enumerate() {
            let tape = json::parse(text.as_bytes(), Default::default()).unwrap();
            let (root, origin) = (tape.root(), Origin::Row(at as u32));
            match root.get_str("resourceType").unwrap().as_ref() {
                "CodeSystem" => shelf.systems.push(Arc::new(CodeSystem::read(root, origin))),
                "ValueSet" => shelf.sets.push(Arc::new(ValueSet::read(root, origin))),
                _ => shelf.maps.push(Arc::new(crate::ConceptMap::read(root, origin))),
            }
        }
        shelf
    }
}

impl Library for Shelf {
    fn code_system(&self, wanted: &Canonical) -> Result<Option<Arc<CodeSystem>>, TermError> {
        let fits = |s: &&Arc<CodeSystem>| {
            let version = &s.head().version;
            s.url() == wanted.url && (wanted.version.is_none() || wanted.version == *version)
        };
        Ok(self.systems.iter().find(fits).cloned())
    }

    fn value_set(&self, wanted: &Canonical) -> Result<Option<Arc<ValueSet>>, TermError> {
        Ok(self.sets.iter().find(|s| s.url == wanted.url).cloned())
    }

    fn concept_maps(
        &self,
        wanted: Option<&Canonical>,
    ) -> Result<Vec<Arc<crate::ConceptMap>>, TermError> {
        let fits = |map: &&Arc<crate::ConceptMap>| wanted.is_none_or(|wanted| map.is(wanted));
        Ok(self.maps.iter().filter(fits).cloned().collect())
    }
}

fn codes(set: &CodeSet) -> Vec<String> {
    set.entries()
        .map(|entry| match entry {
            Entry::Concept { system, at, .. } => system.code(at).to_owned(),
            Entry::Form(_) => panic!("not listed"),
        })
        .collect()
}

fn compiled(url: &str) -> Result<Arc<Compiled>, TermError> {
    compile_url(r4(), &Canonical::parse(url))
}

const TREE: &str = r#"{"resourceType":"CodeSystem","url":"urn:t","version":"1","content":"complete",
    "property":[{"code":"colour","type":"string"}],
    "concept":[{"code":"a","display":"Apple","concept":[{"code":"b","concept":[{"code":"d"}]},
        {"code":"c","property":[{"code":"colour","valueString":"red"},
            {"code":"inactive","valueBoolean":true}]}]},
        {"code":"e","display":"Egg","property":[{"code":"parent","valueCode":"b"}]}]}"#;

/// The codes of `{"compose": …}` over [`TREE`].
fn over_tree(compose: &str, others: &[&str]) -> Result<Vec<String>, TermError> {
    let own = format!(r#"{{"resourceType":"ValueSet","url":"urn:v","compose":{compose}}}"#);
    let shelf = Shelf::new(&[&[TREE, own.as_str()], others].concat());
    let mut found = codes(&compile_url(&shelf, &Canonical::parse("urn:v"))?.set);
    found.sort_unstable();
    Ok(found)
}

fn filtered(property: &str, op: &str, value: &str) -> Result<Vec<String>, TermError> {
    let filter = format!(r#"{{"property":"{property}","op":"{op}","value":"{value}"}}"#);
    over_tree(&format!(r#"{{"include":[{{"system":"urn:t","filter":[{filter}]}}]}}"#), &[])
}

#[test]
fn filters_select_as_r4_says() {
    for (property, op, value, expect) in [
        ("concept", "is-a", "b", "b d e"),
        ("concept", "descendent-of", "a", "b c d e"),
        ("concept", "is-not-a", "b", "a c"),
        ("concept", "generalizes", "e", "a b e"),
        ("code", "=", "d", "d"),
        ("code", "in", "a, e,x", "a e"),
        ("code", "not-in", "a,b", "c d e"),
        ("code", "regex", "[a-c]", "a b c"),
        ("code", "regex", "", ""),
        ("display", "regex", "E.*", "e"),
        ("display", "exists", "false", "b c d"),
        ("colour", "=", "red", "c"),
        ("colour", "exists", "false", "a b d e"),
        ("parent", "=", "b", "d e"),
        ("child", "exists", "true", "a b"),
        ("inactive", "=", "true", "c"),
    ] {
        let found = filtered(property, op, value).unwrap().join(" ");
        assert_eq!(found, expect, "{property} {op} {value}");
    }
    assert!(matches!(filtered("size", "=", "1"), Err(TermError::Filter { .. })));
    assert!(matches!(filtered("concept", "near", "a"), Err(TermError::Filter { .. })));
    assert!(matches!(filtered("concept", "is-a", "x"), Err(TermError::UnknownCode { .. })));
    let bomb = "(a{1000}){1000}";
    assert_eq!(filtered("code", "regex", bomb), Err(TermError::Pattern(bomb.to_owned())));
}

#[test]
fn includes_unite_and_their_parts_intersect() {
    let other = r#"{"resourceType":"ValueSet","url":"urn:w","compose":{"include":[
        {"system":"urn:t","concept":[{"code":"b"},{"code":"c"}]},
        {"system":"urn:elsewhere","concept":[{"code":"z"}]}]}}"#;
    let check = |compose: &str, expect: &str| {
        assert_eq!(over_tree(compose, &[other]).unwrap().join(" "), expect, "{compose}");
    };
    check(r#"{"include":[{"valueSet":["urn:w"]}]}"#, "b c z");
    check(r#"{"include":[{"system":"urn:t","valueSet":["urn:w"]}]}"#, "b c");
    check(
        r#"{"include":[{"system":"urn:t","concept":[{"code":"e"}]},{"valueSet":["urn:w"]}]}"#,
        "b c e z",
    );
    check(
        r#"{"include":[{"system":"urn:t"},{"valueSet":["urn:w"]}],"exclude":[{"valueSet":["urn:w"]}]}"#,
        "a d e",
    );
    check(r#"{"include":[{"valueSet":["urn:w"]}],"exclude":[{"system":"urn:elsewhere"}]}"#, "b c");
    check(r#"{"inactive":false,"include":[{"system":"urn:t"}]}"#, "a b d e");
    // A code that a whole system does not have is none.
    check(r#"{"include":[{"system":"urn:t","concept":[{"code":"a"},{"code":"q"}]}]}"#, "a");
}

#[test]
fn circles_and_what_is_not_here_are_refused() {
    let other = |inner: &str| {
        format!(
            r#"{{"resourceType":"ValueSet","url":"urn:w","compose":{{"include":[{{"valueSet":["{inner}"]}}]}}}}"#
        )
    };
    let include = r#"{"include":[{"valueSet":["urn:w"]}]}"#;
    let found = over_tree(include, &[&other("urn:v")]);
    assert!(matches!(found, Err(TermError::Cycle(url)) if url == "urn:v"));
    let found = over_tree(include, &[&other("urn:x")]);
    assert_eq!(found, Err(TermError::UnknownValueSet("urn:x".to_owned())));
    let absent = r#"{"resourceType":"CodeSystem","url":"urn:n","content":"not-present"}"#;
    for system in ["urn:n", "urn:nobody"] {
        let found = over_tree(&format!(r#"{{"include":[{{"system":"{system}"}}]}}"#), &[absent]);
        assert!(matches!(found, Err(TermError::NoContent { .. })), "{system}");
        let found = over_tree(
            &format!(r#"{{"include":[{{"system":"{system}","concept":[{{"code":"x"}}]}}]}}"#),
            &[absent],
        );
        assert_eq!(found.unwrap(), ["x"]);
    }
    let versioned = r#"{"include":[{"system":"urn:t","version":"2"}]}"#;
    assert!(matches!(over_tree(versioned, &[]), Err(TermError::NoContent { .. })));
}

#[test]
fn every_set_of_r4_compiles_or_says_why_not() {
    let (systems, sets) = r4().urls();
    assert_eq!((systems.len(), sets.len()), (1062, 1316));
    let mut reasons: Vec<String> = Vec::new();
    let (mut fine, mut endless) = (0, 0);
    for url in sets {
        match compiled(url) {
            Ok(compiled) if compiled.set.count().is_err() => endless += 1,
            Ok(compiled) => {
                assert!(!compiled.set.is_empty(), "{url}");
                fine += 1;
            }
            Err(error) => reasons.push(error.to_string()),
        }
    }
    let of = |part: &str| reasons.iter().filter(|reason| reason.contains(part)).count();
    let here = ["snomed.info", "loinc.org"].map(of);
    reasons.retain(|r| !r.contains("snomed.info") && !r.contains("loinc.org"));
    println!("{fine} compiled, {endless} endless, {here:?}\n{}", reasons.join("\n"));
    assert!(fine > 1150, "{fine}");
    assert!(reasons.iter().all(|r| r.contains("is not loaded")
        || r.contains("not supported")
        || r.contains("not known here")));
}

#[test]
fn codes_of_r4_belong_where_r4_says() {
    for (url, system, code, expect) in [
        ("administrative-gender", Some("http://hl7.org/fhir/administrative-gender"), "male", true),
        ("administrative-gender", None, "female", true),
        ("administrative-gender", None, "Male", false),
        ("administrative-gender", Some("http://other"), "male", false),
        ("mimetypes", None, "text/plain; charset=utf-8", true),
        ("mimetypes", None, "text", false),
        ("currencies", Some("urn:iso:std:iso:4217"), "EUR", true),
        ("languages", Some("urn:ietf:bcp:47"), "en-US", true),
        ("all-languages", Some("urn:ietf:bcp:47"), "de-CH-1996", true),
        ("event-timing", None, "MORN", true),
        ("event-timing", None, "WAKE", true),
        ("units-of-time", Some(Grammar::Ucum.url()), "min", true),
        ("units-of-time", None, "century", false),
        ("yesnodontknow", None, "asked-unknown", true),
    ] {
        let compiled = compiled(&format!("http://hl7.org/fhir/ValueSet/{url}")).unwrap();
        assert_eq!(compiled.set.entry(system, code).is_some(), expect, "{url} {code}");
    }
}

#[test]
fn expansions_that_r4_prints_are_made() {
    let set = |url: &str| codes(&compiled(url).unwrap().set);
    assert_eq!(set("http://hl7.org/fhir/ValueSet/yesnodontknow"), ["N", "Y", "asked-unknown"]);
    let listed = set("http://hl7.org/fhir/ValueSet/example-extensional");
    assert!(listed.contains(&"14647-2".to_owned()), "{listed:?}");
    // R4 prints no more of this one than the first level and what is below `EXPEC`.
    let inactive = compiled("http://hl7.org/fhir/ValueSet/inactive").unwrap();
    let told = codes(&inactive.set);
    for code in ["CRT", "EXPEC", "GOL", "RSK", "OPT"] {
        let at = told.iter().position(|own| own == code).unwrap();
        let Some(Entry::Concept { system, at, .. }) = inactive.set.entries().nth(at) else {
            panic!()
        };
        assert_eq!(system.is_inactive(at), code == "CRT");
    }
}

#[test]
fn implicit_value_sets_have_definitions() {
    for (url, property, op, value) in [
        ("http://snomed.info/sct?fhir_vs=isa/404684003", "concept", "is-a", "404684003"),
        ("http://snomed.info/sct?fhir_vs=refset/1", "concept", "in", "1"),
        ("http://loinc.org/vs/LP43571-6", "concept", "is-a", "LP43571-6"),
        ("http://loinc.org/vs/LL379-9", "answer-list", "=", "LL379-9"),
    ] {
        let set = implicit::value_set(&Canonical::parse(url)).unwrap();
        let filter = &set.compose.include[0].filters[0];
        assert_eq!((&*filter.property, &*filter.op, &*filter.value), (property, op, value));
    }
    for url in ["http://snomed.info/sct?fhir_vs", "http://loinc.org/vs"] {
        assert!(implicit::value_set(&Canonical::parse(url)).unwrap().compose.include[0].is_whole());
    }
    for url in ["http://snomed.info/sct", "http://snomed.info/scthing?fhir_vs", "http://loinc.org"]
    {
        assert!(implicit::value_set(&Canonical::parse(url)).is_none(), "{url}");
    }
    let _: &Embedded = r4();
}
