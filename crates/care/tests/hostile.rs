//! Scheme files of a site that are wrong are refused with the place and the reason; no bytes crash
//! the loader.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at what they did not expect"
)]

use accord_care::{Library, SchemeError};
use proptest::prelude::*;

const NEWS2: &str = include_str!("../data/news2.json");
const PEWS: &str = include_str!("../data/pews.json");
const FIVE: &str = include_str!("../data/five-level.json");

fn load(text: &str) -> Result<Library, SchemeError> {
    Library::built_in().unwrap().clone().with("site.json", text)
}

/// What is said of a scheme with something exchanged for something else.
fn check(text: &str, from: &str, to: &str, expected: &str) {
    assert!(text.contains(from), "{from}");
    let fault = load(&text.replacen(from, to, 1)).map(|_| ()).unwrap_err();
    assert_eq!(fault.to_string(), format!("site.json: {expected}"));
}

#[test]
fn faults_are_told_with_their_place() {
    check(
        NEWS2,
        r#"{"from": 9, "to": 11, "score": 1}"#,
        r#"{"from": 10, "to": 11, "score": 1}"#,
        "parameters[0].tables[0].bands[1]: there is a gap or an overlap with the band before",
    );
    check(
        NEWS2,
        r#"{"from": 9, "to": 11, "score": 1}"#,
        r#"{"from": 8, "to": 11, "score": 1}"#,
        "parameters[0].tables[0].bands[1]: there is a gap or an overlap with the band before",
    );
    check(
        NEWS2,
        r#"{"from": 9, "to": 11"#,
        r#"{"from": 9, "to": 9.5"#,
        "parameters[0].tables[0].bands[1].to: finer than the step of its axis",
    );
    check(
        NEWS2,
        r#"{"from": 25, "score": 3}"#,
        r#"{"from": 25, "to": 60, "score": 3}"#,
        "parameters[0].tables[0].bands[4]: the last band has no `to`",
    );
    check(
        NEWS2,
        r#"{"to": 8, "score": 3}"#,
        r#"{"from": 0, "to": 8, "score": 3}"#,
        "parameters[0].tables[0].bands[0]: the first band has no `from`",
    );
    check(NEWS2, r#""maximum": 20"#, r#""maximum": 21"#, "maximum: the parameters allow 20");
    check(NEWS2, r#""maximum""#, r#""maximun""#, ".: `maximun` is not known here");
    check(
        NEWS2,
        r#"{"scale": 2, "oxygen": false"#,
        r#"{"scale": 2, "oxygen": true"#,
        "parameters[1].tables: no table for 192 months of age, scale 2, on air",
    );
    check(
        NEWS2,
        r#""vital": "pulse""#,
        r#""vital": "heart""#,
        "parameters[4].vital: `heart` is no vital sign that is known",
    );
    check(
        NEWS2,
        r#""vital": "pulse""#,
        r#""vital": "consciousness""#,
        "parameters[4].vital: the vital sign is of another kind",
    );
    check(NEWS2, r#""A": 0, "#, "", "parameters[5].values: `A` has no score");
    check(
        NEWS2,
        r#""from": 1, "to": 4"#,
        r#""from": 1, "to": 3"#,
        "levels[3]: the totals do not follow those of the level before",
    );
    check(
        NEWS2,
        r#""level": "low-medium""#,
        r#""level": "purple""#,
        "triggers[0].level: there is no such level",
    );
    check(NEWS2, r#""confirm": false"#, r#""confirm": "no""#, "confirm: true or false is needed");
    check(
        NEWS2,
        r#""kind": "score""#,
        r#""kind": "poem""#,
        ".: `kind` is `score`, `triage` or `targets`",
    );
}

#[test]
fn ages_and_acuities_are_without_gap() {
    check(
        PEWS,
        r#"{"from-months": 12, "to-months": 60"#,
        r#"{"from-months": 13, "to-months": 60"#,
        "parameters[0].tables: no table for 12 months of age, scale 1, on air",
    );
    check(
        PEWS,
        r#"{"from-months": 12, "to-months": 60"#,
        r#"{"from-months": 11, "to-months": 60"#,
        "parameters[0].tables: more than one table for 11 months of age, scale 1, on air",
    );
    check(
        FIVE,
        r#""from-months": 36"#,
        r#""from-months": 40"#,
        "danger.ages[2]: there is a gap or an overlap with the age before",
    );
    check(FIVE, r#""acuity": 4"#, r#""acuity": 5"#, "levels[3]: acuity 4 is next");
    check(
        FIVE,
        r#""retriage-minutes": 15"#,
        r#""retriage-minutes": 0"#,
        "levels[1]: a share is at most 100, an interval at least 1",
    );
}

#[test]
fn what_is_to_be_confirmed_is_for_demonstrations() {
    let library = Library::built_in().unwrap();
    assert!(library.triage("five-level-2023").is_none());
    assert!(library.clone().for_demonstration().triage("five-level-2023").is_some());
    let site = NEWS2.replace(r#""id": "news2""#, r#""id": "ours""#);
    let open = load(&site).unwrap();
    assert!(open.score("ours").is_some() && open.score("news2").is_some());
    let site = site.replace(r#""confirm": false"#, r#""confirm": true"#);
    let closed = load(&site).unwrap();
    assert!(closed.score("ours").is_none());
    assert!(closed.headers().all(|header| header.id != "ours"));
}

#[test]
fn every_scheme_names_its_source_and_none_a_trade_mark() {
    let library = Library::built_in().unwrap().clone().for_demonstration();
    assert_eq!(library.headers().count(), 5);
    for header in library.headers() {
        assert!(header.source.len() > 30 && !header.licence.is_empty(), "{}", header.id);
        assert!(!header.title.contains("ESI") && !header.title.contains("Manchester"));
    }
}

proptest! {
    #[test]
    fn no_bytes_crash_the_loader(at in 0usize..9000, to in any::<char>(), which in 0usize..3, cut in any::<bool>()) {
        let text = [NEWS2, PEWS, FIVE][which];
        let Some((at, _)) = text.char_indices().nth(at) else { return Ok(()) };
        let mut changed = text[..at].to_owned();
        if !cut {
            changed.push(to);
            changed.extend(text[at..].chars().skip(1));
        }
        let _ = load(&changed);
    }

    #[test]
    fn no_number_crashes_the_loader(number in "-?[0-9]{1,40}(\\.[0-9]{1,40})?([eE]-?[0-9]{1,9})?") {
        for from in [r#""to": 8"#, r#""from": 9"#, r#""step": 0.1"#, r#""maximum": 20"#] {
            let name = from.split(' ').next().unwrap_or_default();
            let _ = load(&NEWS2.replacen(from, &format!("{name} {number}"), 1));
        }
    }
}
