//! Words: what is read, and what holds.

use proptest::prelude::*;

use super::*;
use crate::{Query, Test, Words, words_of};

fn read(value: &str) -> Result<Query, Vec<String>> {
    let context = Context::strict(accord_base::LogTime(0));
    let parsed = parse(Some(ResourceType::PATIENT), [("_content", value)], &context);
    let texts = |issues: Vec<accord_fhir::Issue>| {
        issues.into_iter().map(|issue| issue.diagnostics.to_string()).collect()
    };
    parsed.map(|parsed| parsed.query).map_err(texts)
}

fn holds(asked: &str, text: &str) -> bool {
    let query = read(asked).unwrap();
    let Test::Words { words, .. } = &query.clauses[0].test else { panic!("{asked}") };
    words.hold(&text.split('/').map(words_of).collect::<Vec<_>>())
}

#[test]
fn words_phrases_beginnings_and_operators() {
    let text = "Metastases of the liver, X-ray 2026/Élan vital/straße";
    for asked in [
        "liver",
        "LIVER",
        "metasta*",
        "elan",
        "strasse",
        "(bone OR liver) and metastases",
        "bone,liver",
        "metastases liver",
        "\"of the liver\"",
        "x-ray",
        "\"élan VITAL\"",
        "bone or (heart or liver elan) ",
        "li*",
        "2026",
        "bone or liver and metastases",
    ] {
        assert!(holds(asked, text), "{asked}");
    }
    for asked in [
        "live",
        "bone",
        "(bone or liver) and heart",
        "\"liver of\"",
        "\"2026 elan\"",
        "xray",
        "liver and bone",
        "iver*",
        "bone or heart",
    ] {
        assert!(!holds(asked, text), "{asked}");
    }
}

#[test]
fn what_is_no_expression_is_refused() {
    for wrong in [
        "",
        " ",
        "()",
        "(liver",
        "liver)",
        "\"liver",
        "and",
        "liver and",
        "or liver",
        "*",
        "a*",
        "x-ra*",
        "liver,",
        "--",
        "((((((((( liver )))))))))",
        "\"\"",
        "liver or or bone",
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
    assert!(read(&"a1 ".repeat(65)).is_err());
    let context = Context::strict(accord_base::LogTime(0));
    let modified = parse(Some(ResourceType::PATIENT), [("_text:exact", "a")], &context);
    assert!(modified.is_err());
}

proptest! {
    #[test]
    fn reading_never_fails_otherwise_and_gives_its_text_again(value in "[ab*()\", \\\\orndé-]{0,40}") {
        if let Ok(query) = read(&value) {
            let text = query.to_query_string();
            prop_assert!(text.starts_with("_content="), "{}", text);
            let Test::Words { text, .. } = &query.clauses[0].test else { panic!() };
            prop_assert_eq!(text, &value);
        }
    }

    #[test]
    fn every_word_of_a_text_is_found_in_it(text in "\\PC{0,60}") {
        let words = words_of(&text);
        let texts = [words.clone()];
        for word in &words {
            let asked = Words::Word { word: word.clone(), prefix: false };
            prop_assert!(asked.hold(&texts));
        }
        prop_assert!(words.iter().all(|word| words_of(word) == [word.clone()]));
    }
}
