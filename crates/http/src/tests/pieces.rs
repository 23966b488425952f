//! Small parts against slow, obvious references.

use std::io::Read;

use proptest::prelude::*;

use crate::encode::squeeze;
use crate::negotiate::Wants;
use crate::params::{decode_into, decode_segment};
use crate::pretty::pretty;

/// Percent-encodes every byte: the form any decoder must undo.
fn encoded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02x}")).collect()
}

fn json_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i32>().prop_map(Into::into),
        "\\PC{0,8}".prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::btree_map("[a-z\"\\\\]{0,4}", inner, 0..5)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn forms_are_decoded(pairs in prop::collection::vec(("\\PC{1,8}", "\\PC{0,8}"), 0..6)) {
        let text: Vec<String> =
            pairs.iter().map(|(n, v)| format!("{}={}", encoded(n), encoded(v))).collect();
        let mut decoded = Vec::new();
        decode_into(&mut decoded, &text.join("&")).unwrap();
        prop_assert_eq!(decoded, pairs);
    }

    #[test]
    fn segments_are_decoded_and_never_panic(text in "\\PC{0,12}", wild in "[%0-9a-f+é]{0,12}") {
        let encoded = encoded(&text);
        prop_assert_eq!(decode_segment(&encoded).unwrap(), text.as_str());
        if let Ok(decoded) = decode_segment(&wild) {
            prop_assert!(wild.contains('%') || decoded == wild.as_str());
        }
    }

    #[test]
    fn indenting_is_what_others_do(value in json_value()) {
        let minified = serde_json::to_string(&value).unwrap();
        let expect = serde_json::to_string_pretty(&value).unwrap() + "\n";
        prop_assert_eq!(pretty(minified), expect);
    }

    #[test]
    fn gzip_is_readable_and_the_same(
        bytes in prop::collection::vec(any::<u8>(), 1024..20_000),
        repeat in 1usize..20,
    ) {
        let bytes = bytes.repeat(repeat);
        let wants = Wants { gzip: true, ..Wants::default() };
        let payload = squeeze(bytes.clone().into(), &wants);
        prop_assert!(payload.gzip);
        let mut back = Vec::new();
        flate2::read::GzDecoder::new(&payload.bytes[..]).read_to_end(&mut back).unwrap();
        prop_assert_eq!(back, bytes);
    }
}

#[test]
fn what_cannot_be_indented_stays() {
    let deep = "[".repeat(300) + &"]".repeat(300);
    for text in ["", "{", "not json", &deep] {
        assert_eq!(pretty(text.to_owned()), *text);
    }
}
