//! Whatever the input.

use accord_spec::{ResourceType, params_of};
use proptest::prelude::*;

use super::super::*;
use super::{context, decode};

/// A parameter of the type, well formed more often than not.
fn pair() -> impl Strategy<Value = (String, String)> {
    let names = prop_oneof![
        6 => prop::sample::select(vec![
            "code", "subject", "patient", "date", "value-quantity", "_id", "_lastUpdated", "_tag",
            "value-string", "subject.name", "subject:Patient.birthdate", "encounter.date",
            "_has:Provenance:target:recorded", "derived-from.code", "_count", "_sort", "_total", "_summary", "_cursor", "_profile",
        ]).prop_map(str::to_owned),
        1 => ".{0,8}",
    ];
    let modifiers = prop_oneof![
        5 => Just(""), 1 => Just(":missing"), 1 => Just(":not"), 1 => Just(":exact"),
        1 => Just(":contains"), 1 => Just(":Patient"), 1 => Just(":x"),
    ];
    let values = prop_oneof![
        4 => prop::sample::select(vec![
            "true", "http://s.example|c", "|c", "Patient/1", "1", "http://e.example/a|2", "2020-01",
            "ap2019", "5.4||mg", "le5.4|u|c", "-_lastUpdated,_id", "count", "accurate", "x,y\\,z",
            "0", "300", "urn:oid:1.2.3",
        ]).prop_map(str::to_owned),
        1 => "[a-z|,$\\\\ 0-9é.:/-]{0,12}",
        1 => ".{0,12}",
    ];
    (names, modifiers, values).prop_map(|(name, modifier, value)| (name + modifier, value))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_understood_survives_being_written_and_read(
        pairs in prop::collection::vec(pair(), 0..6), lenient: bool,
    ) {
        let handling = if lenient { Handling::Lenient } else { Handling::Strict };
        let on = Some(ResourceType::OBSERVATION);
        // Faulty pairs are left out so that good ones are met together.
        let good: Vec<_> = pairs.into_iter()
            .filter(|pair| parse(on, [pair.clone()], &context(handling)).is_ok()).collect();
        if let Ok(parsed) = parse(on, good, &context(handling)) {
            let text = parsed.query.to_query_string();
            let again = parse(on, decode(&text), &context(Handling::Strict));
            prop_assert_eq!(again.map(|p| p.query), Ok(parsed.query), "{}", text);
        }
    }

    #[test]
    fn nothing_panics(pairs in prop::collection::vec((".{0,20}", ".{0,40}"), 0..4)) {
        for on in [None, Some(ResourceType::PATIENT)] {
            if let Err(issues) = parse(on, pairs.clone(), &context(Handling::Strict)) {
                prop_assert!(!issues.is_empty());
            }
        }
    }

    #[test]
    fn every_parameter_reads_any_value(
        which in any::<prop::sample::Index>(), at in 0usize..64, value in "\\PC{0,24}",
        prefix in prop::sample::select(vec!["", "ap", "sa", "1", "2020-02-", "a|", "Patient/"]),
    ) {
        let on = *which.get(&ResourceType::ALL);
        let params = params_of(on);
        let param = params[at % params.len()];
        let _ = parse(Some(on), [(param.code, format!("{prefix}{value}"))], &context(Handling::Strict));
    }

    #[test]
    fn normalising_twice_changes_nothing(text in "\\PC{0,24}") {
        let once = normalise(&text);
        prop_assert_eq!(normalise(&once), once);
    }

    #[test]
    fn a_text_begins_with_its_own_beginnings(words in "[a-zA-ZéÉłŁ ß]{1,20}", cut in 1usize..20) {
        let begin: String = words.chars().take(cut).collect();
        prop_assert!(normalise(&words).starts_with(&normalise(&begin)));
    }
}
