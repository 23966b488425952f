use super::*;
use crate::value::{Datum, Value, Values};

fn keys_of(datum: Datum) -> Vec<Vec<u8>> {
    let prepared = Prepared::new(7, &Values(vec![Value { param: 300, datum }]));
    let skip = [present(TYPE_PARAM), of_type(7), present(300)];
    let keys = prepared.keys().map(|(_, key)| key.to_vec()).filter(|key| !skip.contains(key));
    keys.chain(prepared.ranges().map(|(_, key, _, _)| key.to_vec())).collect()
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn a_value_has_the_keys_that_searches_look_up() {
    let token = |system| Datum::Token { system, code: "c".into() };
    let expect = [code(300, "c"), system(300, "s"), system_code(300, "s", "c")];
    assert_eq!(keys_of(token(text("s"))), expect);
    assert_eq!(keys_of(token(None)), [code(300, "c"), bare_code(300, "c")]);
    let canonical = Datum::Url("http://a|1".into());
    assert_eq!(keys_of(canonical), [url(300, "http://a|1"), url(300, "http://a")]);
    let name = keys_of(Datum::Text("Åsa".into()));
    assert_eq!(name, [exact(300, "Åsa")]);
    assert!(name[0].starts_with(&starts_with(300, "as")));
    assert_eq!(normalised(&name[0]), b"asa");
}

#[test]
fn systems_and_codes_do_not_run_into_each_other() {
    assert_ne!(system_code(1, "a", "bc"), system_code(1, "ab", "c"));
    assert_ne!(code(1, "a"), bare_code(1, "a"));
}

#[test]
fn long_bodies_are_cut_but_stay_distinct() {
    let (a, b) = ("x".repeat(5000), "x".repeat(4999) + "y");
    assert_eq!(code(1, &a).len(), 3 + LONGEST_BODY);
    assert_ne!(code(1, &a), code(1, &b));
    assert!(exact(1, &a).starts_with(&starts_with(1, &a)));
}

#[test]
fn units_are_read_back() {
    let unit = |system, code, unit| Datum::Quantity { low: 0, high: 0, system, code, unit };
    let key = keys_of(unit(text("s"), None, text("mg"))).remove(0);
    let expect = UnitRef { system: Some("s"), code: None, unit: Some("mg") };
    assert_eq!(unit_of(&key), Some(expect));
    let long = keys_of(unit(text(&"s".repeat(3000)), None, None)).remove(0);
    assert_eq!(unit_of(&long), None);
    assert_eq!(kind_of(&key), Some((300, tag::QUANTITY)));
}
