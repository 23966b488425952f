//! What is taken out of documents.

use accord_fhir::json::{Limits, parse};
use proptest::prelude::*;

use super::{Links, Marks};

const META: &str = r#""resourceType":"Observation","id":"o","meta":{"versionId":"1"}"#;

/// What is left of a document if nothing that it names is there, without the label.
fn check(sent: &str, left: &str) {
    let text = format!("{{{META},{sent}}}");
    let links = Links::of(&text).unwrap();
    let seen = links.seen(&text, Marks::NONE, |_| false);
    let label = format!(r#"{{"versionId":"1","security":[{}]}}"#, Marks::REDACTED.labels());
    let marked = META.replace(r#"{"versionId":"1"}"#, &label);
    let expected = (sent != left).then(|| (format!("{{{marked},{left}}}"), Marks::REDACTED));
    assert_eq!(seen, expected);
    assert_eq!(links.seen(&text, Marks::NONE, |_| true), None);
}

#[test]
fn what_tells_of_targets_goes_and_their_address_stays() {
    check(
        r#""encounter":{"reference":"Encounter/e","display":"at the clinic"}"#,
        r#""encounter":{"reference":"Encounter/e"}"#,
    );
    check(
        r#""encounter":{"display":"at","identifier":{"value":"7"},"reference":"Encounter/e/_history/2","type":"Encounter"}"#,
        r#""encounter":{"reference":"Encounter/e/_history/2","type":"Encounter"}"#,
    );
    check(
        r#""hasMember":[{"_display":{"id":"d"},"display":"a","reference":"Observation/a"},{"reference":"Observation/b"}],"status":"final""#,
        r#""hasMember":[{"reference":"Observation/a"},{"reference":"Observation/b"}],"status":"final""#,
    );
    // A reference within what is taken out goes with it.
    check(
        r#""subject":{"reference":"Patient/p","identifier":{"assigner":{"reference":"Patient/q","display":"q"},"value":"1"}}"#,
        r#""subject":{"reference":"Patient/p"}"#,
    );
    check(
        r#""contained":[{"resourceType":"List","id":"c","subject":{"display":"x","reference":"Patient/p"}}]"#,
        r#""contained":[{"resourceType":"List","id":"c","subject":{"reference":"Patient/p"}}]"#,
    );
}

#[test]
fn narratives_repeat_what_references_say() {
    let narrative = r#""text":{"status":"generated","div":"<div>at the clinic</div>"}"#;
    check(
        &format!(r#"{narrative},"encounter":{{"reference":"Encounter/e"}}"#),
        r#""encounter":{"reference":"Encounter/e"}"#,
    );
    check(
        &format!(r#"{narrative},"code":{{"text":"x"}}"#),
        &format!(r#"{narrative},"code":{{"text":"x"}}"#),
    );
}

#[test]
fn the_directory_and_what_lies_elsewhere_stay() {
    for kept in [
        r##""performer":[{"reference":"Practitioner/x","display":"Dr X"}]"##,
        r##""performer":[{"reference":"#c","display":"Dr X"}]"##,
        r##""subject":{"reference":"https://else.where/fhir/Patient/p","display":"P"}"##,
        r##""subject":{"identifier":{"value":"1"},"display":"P"}"##,
        r##""code":{"text":"x","coding":[{"display":"x"}]}"##,
    ] {
        check(kept, kept);
    }
}

#[test]
fn labels_join_those_there_are() {
    let owed = Marks::NO_REDISCLOSURE.with(Marks::NOTICE);
    let with = |security: &str| {
        format!(
            r#"{{"resourceType":"Basic","id":"b","meta":{{"versionId":"1"{security}}},"code":{{}}}}"#
        )
    };
    let seen = |text: &str| Links::of(text).unwrap().seen(text, owed, |_| true).unwrap().0;
    let all = owed.labels();
    assert_eq!(seen(&with("")), with(&format!(r#","security":[{all}]"#)));
    let other = r#"{"system":"s","code":"R"}"#;
    let joined = with(&format!(r#","security":[{other},{all}]"#));
    assert_eq!(seen(&with(&format!(r#","security":[{other}]"#))), joined);
    assert_eq!(seen(&joined), joined, "none stands there twice");
}

proptest! {
    /// What is left is JSON, whatever is there, and has lost nothing but what may go.
    #[test]
    fn what_is_left_is_a_document(
        order in Just(vec![
            r#""reference":"Encounter/e""#, r#""display":"SECRET""#, r#""type":"Encounter""#,
            r#""identifier":{"assigner":{"display":"SECRET","reference":"Patient/z"}}"#,
            r#""extension":[{"url":"u","valueReference":{"reference":"Patient/z","display":"SECRET"}}]"#,
        ]).prop_shuffle(),
        taken in 1usize..=5,
        text_first in any::<bool>(),
    ) {
        let mut members: Vec<&str> = order.into_iter().take(taken).collect();
        if !members.contains(&r#""reference":"Encounter/e""#) {
            members.push(r#""reference":"Encounter/e""#);
        }
        let narrative = r#""text":{"status":"generated","div":"<div>SECRET</div>"}"#;
        let link = format!(r#""encounter":{{{}}}"#, members.join(","));
        let (one, two) = if text_first { (narrative, &*link) } else { (&*link, narrative) };
        let text = format!("{{{one},{META},{two}}}");
        let links = Links::of(&text).unwrap();
        let (seen, marks) = links.seen(&text, Marks::NONE, |_| false).unwrap();
        prop_assert_eq!(marks, Marks::REDACTED);
        prop_assert!(!seen.contains("SECRET"), "{}", seen);
        let tape = parse(seen.as_bytes(), Limits::default()).unwrap();
        let encounter = tape.root().get("encounter").unwrap();
        prop_assert_eq!(encounter.get_str("reference").unwrap(), "Encounter/e");
    }
}
