//! Kinds of flags: what ends with an attendance, and what a wrong table says.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use accord_care::{Flags, Library};

const SNOMED: &str = "http://snomed.info/sct";

#[test]
fn what_holds_of_the_person_outlives_an_attendance() {
    let flags = Library::built_in().unwrap().flags();
    let stays = flags.kinds().iter().filter(|kind| !kind.ends_with_attendance);
    let stays: Vec<&str> = stays.map(|kind| kind.id.as_str()).collect();
    assert_eq!(stays, ["safeguarding", "infection", "learning-disability"]);
    let kind = |system, code| flags.coded(system, code).map(|kind| kind.id.as_str());
    assert_eq!(kind(SNOMED, "432415000"), Some("infection"));
    assert_eq!(kind("urn:other", "432415000"), None);
    assert_eq!(kind(SNOMED, "sepsis"), None);
}

#[test]
fn a_table_that_is_wrong_says_where() {
    let table = |kinds: &str| {
        let text = format!(
            r#"{{"kind": "flags", "id": "flags", "version": "1", "title": "t", "source": "s",
                "licence": "l", "confirm": false, "kinds": [{kinds}]}}"#
        );
        Flags::load("f", &text).unwrap_err().to_string()
    };
    let one = r#"{"id": "a", "title": "A", "ends-with-attendance": true,
        "codes": [{"system": "s", "code": "1", "title": "one"}]}"#;
    let two = one.replace("\"a\"", "\"b\"");
    let twice = table(&format!("{one}, {two}"));
    assert_eq!(twice, "f: kinds[1].codes[0]: a kind has this code already");
    assert_eq!(table(&format!("{one}, {one}")), "f: kinds[1]: another kind has this id");
    let silent = r#"{"id": "a", "title": "A"}"#;
    assert_eq!(table(silent), "f: kinds[0]: `ends-with-attendance` is missing");
}
