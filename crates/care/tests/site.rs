//! The scheme of a site that the documentation gives to copy.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests stop at what they did not expect"
)]

use accord_base::LogTime;
use accord_care::{Acuity, Library};

const DOCS: &str = include_str!("../../../docs/triage.md");

fn example() -> &'static str {
    let (_, part) = DOCS.split_once("\n## A scheme of a site\n").unwrap();
    let (_, block) = part.split_once("\n```json\n").unwrap();
    block.split_once("\n```\n").unwrap().0
}

fn clocks() -> &'static str {
    let (_, part) = DOCS.split_once("\n## Clocks of a site\n").unwrap();
    let (_, block) = part.split_once("\n```json\n").unwrap();
    block.split_once("\n```\n").unwrap().0
}

fn built_in() -> Library {
    Library::built_in().unwrap().clone()
}

#[test]
fn the_example_of_the_documentation_loads_and_says_what_it_says() {
    let library = built_in().with_own("our-triage.json", example()).unwrap();
    let scheme = library.triage("our-triage").unwrap();
    let retriage: Vec<u32> = scheme.intervals.iter().map(|one| one.retriage_minutes).collect();
    assert_eq!(retriage, [5, 10, 30, 60, 120]);
    assert_eq!(scheme.interval(Acuity::new(5).unwrap()).unwrap().wait_minutes, None);
    assert!(scheme.computes());
    assert!(library.triage("ats").is_some(), "beside those that come along");
    for member in ["kind", "id", "version", "title", "source", "licence", "confirm", "levels"] {
        assert!(DOCS.contains(&format!("`{member}`")), "{member}");
        let without = example().replace(&format!("\"{member}\""), "\"other\"");
        let wrong = built_in().with_own("f", &without).unwrap_err();
        assert!(wrong.reason.contains(member) || wrong.reason.contains("other"), "{wrong}");
    }
}

#[test]
fn what_is_to_be_confirmed_is_for_demonstrations() {
    let open = example().replace("\"confirm\": false", "\"confirm\": true");
    assert_eq!(built_in().with_own("f", &open).unwrap_err().path, "confirm");
    let library = built_in().for_demonstration().with_own("f", &open).unwrap();
    assert!(library.triage("our-triage").is_some());
}

#[test]
fn an_id_stands_in_one_file_of_a_site() {
    let library = built_in().with_own("a", example()).unwrap();
    assert_eq!(library.clone().with_own("b", example()).unwrap_err().file, "b");
    assert!(library.is_own("our-triage") && !library.is_own("ats"));
}

#[test]
fn no_file_of_a_site_takes_the_place_of_a_table_that_comes_along() {
    for id in ["ats", "five-level", "five-level-2023", "news2", "pews"] {
        let own = example().replace("our-triage", id);
        let wrong = built_in().with_own("a", &own).unwrap_err();
        assert_eq!(wrong.path, "id");
        assert!(wrong.reason.contains("give it another one"), "{wrong}");
    }
}

/// 2026-11-22T10:00:00Z.
const NOW: LogTime = LogTime(1_795_341_600_000_000);

#[test]
fn clocks_of_a_site_take_the_place_of_those_that_come_along() {
    let library = built_in().with_own("our-clocks.json", clocks()).unwrap();
    let minutes = |library: &Library| -> Vec<(String, u32)> {
        library.targets().of(NOW).map(|clock| (clock.id.clone(), clock.minutes)).collect()
    };
    let shown = |all: &[(String, u32)]| {
        all.iter().map(|(id, minutes)| format!("{id} {minutes}")).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(shown(&minutes(&library)), "assessment 10, 2h 120, 4h 240, 12h 720");
    assert_eq!(shown(&minutes(&built_in())), "assessment 15, 1h 60, 4h 240, 12h 720");
    assert!(library.is_own(&library.targets().header.id));
    assert!(!built_in().is_own(&built_in().targets().header.id));
    let twice = clocks().replace("our-clocks", "other-clocks");
    let wrong = library.with_own("two", &twice).unwrap_err();
    assert_eq!(wrong.to_string(), "two: kind: another file of the site has its clocks");
}

#[test]
fn clocks_that_are_wrong_say_where() {
    let one = r#""minutes": 10, "until-assessed": true"#;
    let assessment = format!(r#"{{"id": "assessment", "title": "Assessment", {one}}},"#);
    for (was, is, expected) in [
        (
            r#""our-clocks""#,
            r#""targets""#,
            "id: a scheme that comes along has this id: give it another one, as `our-triage`",
        ),
        (
            r#""confirm": false"#,
            r#""confirm": true"#,
            "confirm: what is still to be confirmed is used in demonstrations alone",
        ),
        (
            r#""minutes": 120"#,
            r#""minutes": 0"#,
            "clocks[1].minutes: a whole number from 1 to 10080 is needed",
        ),
        (
            r#""minutes": 120"#,
            r#""minutes": 10081"#,
            "clocks[1].minutes: a whole number from 1 to 10080 is needed",
        ),
        (
            r#""minutes": 120"#,
            r#""minutes": 10"#,
            "clocks[1].minutes: longer than the clock before is needed",
        ),
        (
            r#""minutes": 240"#,
            r#""minutes": 300"#,
            "clocks[2]: `4h` is a clock of 240 minutes that comes along: give yours another id",
        ),
        (
            r#""percent": 95"#,
            r#""percent": 79"#,
            "clocks[3].percent: a longer clock holds for no fewer than a shorter one",
        ),
        (
            r#""percent": 95"#,
            r#""percent": 101"#,
            "clocks[3].percent: a whole number from 1 to 100 is needed",
        ),
        (
            assessment.as_str(),
            "",
            "clocks: at every time there is an `assessment`, or nobody is due who arrives then",
        ),
        (
            one,
            r#""minutes": 10, "until-assessed": true, "from": "2026-11-01""#,
            "clocks: at every time there is an `assessment`, or nobody is due who arrives then",
        ),
        (one, r#""minutes": 10"#, "clocks[0]: `assessment` alone is `until-assessed`"),
        (
            r#""id": "2h""#,
            r#""id": "2 h""#,
            "clocks[1].id: an id has small letters, digits and hyphens",
        ),
        (r#""minutes": 120"#, r#""minute": 120"#, "clocks[1]: `minute` is not known here"),
        (
            r#""after-minutes": 10"#,
            r#""after-minutes": 1441"#,
            "escalation[1].after-minutes: a whole number from 0 to 1440 is needed",
        ),
        (r#", "re-triage": "triage-nurse""#, "", "owners: `re-triage` is missing"),
        (
            r#""untriaged-after": 2"#,
            r#""untriaged-after": 6"#,
            "untriaged-after: a whole number from 0 to 5 is needed",
        ),
    ] {
        let own = clocks().replacen(was, is, 1);
        assert_ne!(own, clocks(), "{was}");
        let wrong = built_in().with_own("f", &own).unwrap_err();
        assert_eq!(wrong.to_string(), format!("f: {expected}"));
    }
}

#[test]
fn a_clock_may_change_on_a_day_without_a_gap() {
    let two = r#""minutes": 10, "until-assessed": true, "to": "2026-11-21"},
        {"id": "assessment", "title": "Assessment", "minutes": 20, "until-assessed": true, "from": "DAY""#;
    let own = |day: &str| {
        let two = two.replace("DAY", day);
        let own = clocks().replacen(r#""minutes": 10, "until-assessed": true"#, &two, 1);
        built_in().with_own("f", &own)
    };
    let library = own("2026-11-22").unwrap();
    assert_eq!(library.targets().of(NOW).next().map(|clock| clock.minutes), Some(20));
    assert_eq!(own("2026-11-23").unwrap_err().path, "clocks");
    assert_eq!(own("2026-11-21").unwrap_err().reason, "two clocks of this id are valid at once");
}

#[test]
fn nobody_more_urgent_waits_longer_by_a_scheme_of_a_site() {
    for (was, is, expected) in [
        (
            r#""retriage-minutes": 30"#,
            r#""retriage-minutes": 9"#,
            "levels[2].retriage-minutes: who is more urgent does not wait longer",
        ),
        (
            r#""wait-minutes": 60"#,
            r#""wait-minutes": 9"#,
            "levels[2].wait-minutes: who is more urgent does not wait longer",
        ),
        (
            r#""retriage-minutes": 120"#,
            r#""retriage-minutes": 1441"#,
            "levels[4].retriage-minutes: a day at most: 1440 minutes",
        ),
    ] {
        let own = example().replacen(was, is, 1);
        let wrong = built_in().with_own("f", &own).unwrap_err();
        assert_eq!(wrong.to_string(), format!("f: {expected}"));
    }
}
