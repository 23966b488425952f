//! The scheme of a site that the documentation gives to copy.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests stop at what they did not expect"
)]

use accord_care::{Acuity, Library};

const DOCS: &str = include_str!("../../../docs/triage.md");

fn example() -> &'static str {
    let (_, part) = DOCS.split_once("\n## A scheme of a site\n").unwrap();
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
