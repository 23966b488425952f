use super::*;
use proptest::prelude::*;

fn fails(input: &str, kind: ParseErrorKind) {
    match parse(input.as_bytes(), Limits { bytes: 1000, depth: 4 }) {
        Err(e) => assert_eq!(e.kind, kind, "{input}"),
        Ok(_) => panic!("{input} was taken"),
    }
}

#[test]
fn text_is_kept_but_for_white_space() {
    let input = " { \"a\" : [ 1.50 , -0e10, \"x\\u00e9\\n\" ] ,\n\"b\":{ },\"c\" : null } ";
    let tape = parse(input.as_bytes(), Limits::default()).unwrap();
    assert_eq!(tape.text(), r#"{"a":[1.50,-0e10,"x\u00e9\n"],"b":{},"c":null}"#);
    let a: Vec<_> = tape.root().get("a").unwrap().items().collect();
    assert_eq!(a[0].as_number(), Some("1.50"));
    assert_eq!(a[2].as_str().unwrap(), "xé\n");
    assert_eq!(tape.root().members().count(), 3);
    assert_eq!(tape.root().get("b").unwrap().raw(), "{}");
}

#[test]
fn faults_are_named() {
    use ParseErrorKind::*;
    for (input, kind) in [
        ("", UnexpectedEnd),
        ("{\"a\":1", UnexpectedEnd),
        ("[1,]", UnexpectedByte),
        ("{,}", UnexpectedByte),
        ("[1 2]", UnexpectedByte),
        ("{\"a\" 1}", UnexpectedByte),
        ("1 2", UnexpectedByte),
        ("nul", UnexpectedByte),
        ("01", Number),
        ("1.", Number),
        ("-", Number),
        ("1e", Number),
        ("\"\u{1}\"", String),
        ("\"\\x\"", String),
        ("\"\\ud800\"", String),
        ("\"abc", UnexpectedEnd),
        ("[[[[[1]]]]]", TooDeep),
        ("{\"a\":1,\"b\":2,\"a\":3}", RepeatedName),
        ("{\"a\":1,\"\\u0061\":3}", RepeatedName),
    ] {
        fails(input, kind);
    }
    let not_utf8 = parse(b"\"\xff\"", Limits::default()).unwrap_err();
    assert_eq!(not_utf8.kind, Utf8);
}

#[test]
fn surrogate_pairs_decode() {
    let tape = parse(br#""\ud83d\ude00\/""#, Limits::default()).unwrap();
    assert_eq!(tape.root().as_str().unwrap(), "😀/");
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        ".*".prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map(".*", inner, 0..6)
                .prop_map(|m| serde_json::Value::Object(m.into_iter().collect())),
        ]
    })
}

fn rebuild(value: Value<'_>) -> serde_json::Value {
    match value.kind() {
        Kind::Object => serde_json::Value::Object(
            value.members().map(|(n, v)| (n.into_owned(), rebuild(v))).collect(),
        ),
        Kind::Array => value.items().map(rebuild).collect(),
        Kind::String => value.as_str().unwrap().into_owned().into(),
        Kind::Bool => value.as_bool().unwrap().into(),
        Kind::Null => serde_json::Value::Null,
        Kind::Number => serde_json::from_str(value.raw()).unwrap(),
    }
}

proptest! {
    #[test]
    fn agrees_with_an_independent_parser(json in any_json()) {
        let pretty = serde_json::to_string_pretty(&json).unwrap();
        let tape = parse(pretty.as_bytes(), Limits::default()).unwrap();
        prop_assert_eq!(rebuild(tape.root()), json.clone());
        prop_assert_eq!(tape.text(), serde_json::to_string(&json).unwrap());
    }

    #[test]
    fn takes_what_an_independent_parser_takes(bytes in "[\\[\\]{},:\"a0-9.eE+\\\\ un-]{0,24}") {
        let ours = parse(bytes.as_bytes(), Limits::default());
        let theirs = serde_json::from_str::<serde_json::Value>(&bytes);
        match (ours, theirs) {
            (Ok(tape), Ok(json)) => prop_assert_eq!(rebuild(tape.root()), json),
            (Err(e), Ok(_)) => prop_assert_eq!(e.kind, ParseErrorKind::RepeatedName),
            (Ok(_), Err(e)) => prop_assert!(false, "{} taken, but {}", bytes, e),
            (Err(_), Err(_)) => {}
        }
    }
}
