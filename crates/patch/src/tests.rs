use accord_fhir::json;
use proptest::prelude::*;

use crate::*;

const PATIENT: &str = r#"{"resourceType":"Patient","id":"p","name":[{"family":"A","given":["B",null],"_given":[null,{"id":"g"}]}],"_birthDate":{"id":"d"},"multipleBirthInteger":1.0e0}"#;

fn tape(text: &str) -> json::Tape {
    json::parse(text.as_bytes(), json::Limits::default()).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn patched(document: &str, patch: &str) -> Result<String, PatchError> {
    let (document, patch) = (tape(document), tape(patch));
    json_patch(document.root(), patch.root(), Limits::default())
}

fn check(document: &str, patch: &str, expect: &str) {
    assert_eq!(patched(document, patch).as_deref(), Ok(expect), "{patch}");
}

fn fails(document: &str, patch: &str, message: &str) {
    assert_eq!(patched(document, patch).unwrap_err().to_string(), message, "{patch}");
}

#[test]
fn untouched_parts_keep_their_bytes() {
    check(
        r#"{"a":1.500,"b":[1e2,{"c":"\u00e9"}],"d":true}"#,
        r#"[{"op":"replace","path":"/d","value":false},{"op":"add","path":"/b/-","value":0.10}]"#,
        r#"{"a":1.500,"b":[1e2,{"c":"\u00e9"},0.10],"d":false}"#,
    );
    check(r#"{"a":{"b":1}}"#, r#"[{"op":"move","from":"/a/b","path":"/c"}]"#, r#"{"a":{},"c":1}"#);
    check("[1,2]", r#"[{"op":"copy","from":"/0","path":"/2"}]"#, "[1,2,1]");
    check("{}", r#"[{"op":"add","path":"","value":[1]}]"#, "[1]");
    check(r#"{"a":1.0}"#, r#"[{"op":"test","path":"/a","value":1}]"#, r#"{"a":1.0}"#);
}

#[test]
fn errors_tell_nothing_of_the_document() {
    let no = "operation 1 of the patch cannot be applied";
    fails(r#"{"a":"secret"}"#, r#"[{"op":"test","path":"/a","value":"guess"}]"#, no);
    fails(r#"{"a":"secret"}"#, r#"[{"op":"test","path":"/b","value":"guess"}]"#, no);
    fails("{}", r#"[{"op":"remove","path":"/a"}]"#, no);
    fails("[1]", r#"[{"op":"remove","path":"/01"}]"#, no);
    fails("[1]", r#"[{"op":"remove","path":"/1"}]"#, no);
    fails(r#"{"a":{}}"#, r#"[{"op":"move","from":"/a","path":"/a/b"}]"#, no);
    fails("{}", r#"[{"op":"add","path":"a","value":1}]"#, {
        "operation 1 of the patch: `path` is no JSON pointer"
    });
    fails("{}", r#"[{"op":"add","path":"/~2","value":1}]"#, {
        "operation 1 of the patch: `path` is no JSON pointer"
    });
    fails("{}", r#"{"op":"add"}"#, "malformed patch: expected an array of operations");
}

#[test]
fn a_patch_cannot_grow_without_end() {
    let copy = |at| format!(r#"{{"op":"copy","from":"","path":"/a{at}"}}"#);
    let copies: Vec<String> = (0..60).map(copy).collect();
    let patch = format!("[{}]", copies.join(","));
    assert_eq!(patched(r#"{"x":"0123456789"}"#, &patch), Err(PatchError::TooLarge));
}

fn operation(parts: &str) -> String {
    format!(
        r#"{{"resourceType":"Parameters","parameter":[{{"name":"operation","part":[{parts}]}}]}}"#
    )
}

fn changes(parts: &str) -> Result<String, PatchError> {
    let (document, patch) = (tape(PATIENT), tape(&operation(parts)));
    fhirpath_patch(document.root(), patch.root(), Limits::default())
}

#[test]
fn siblings_of_primitives_go_with_them() {
    let delete = r#"{"name":"type","valueCode":"delete"},{"name":"path","valueString":"PATH"}"#;
    let deleted = |path: &str| changes(&delete.replace("PATH", path)).unwrap();
    assert!(!deleted("birthDate").contains("birthDate"));
    assert!(deleted("name.given[0]").contains(r#""given":[null],"_given":[{"id":"g"}]"#));
    assert!(deleted("name.given[1]").contains(r#""given":["B"],"_given":[null]"#));
    assert_eq!(deleted("gender"), PATIENT);
    let replace = r#"{"name":"type","valueCode":"replace"},{"name":"path","valueString":"multipleBirth"},
        {"name":"value","valueBoolean":true}"#;
    let replaced = changes(replace).unwrap();
    assert!(replaced.ends_with(r#""multipleBirthBoolean":true}"#), "{replaced}");
}

#[test]
fn an_element_that_does_not_repeat_is_added_once() {
    let add = r#"{"name":"type","valueCode":"add"},{"name":"path","valueString":"Patient"},
        {"name":"name","valueString":"NAME"},{"name":"value","valueBoolean":true}"#;
    let no = Err(PatchError::NotApplicable { at: 1 });
    assert_eq!(changes(&add.replace("NAME", "multipleBirth")), no);
    assert!(changes(&add.replace("NAME", "active")).unwrap().ends_with(r#""active":true}"#));
    let unknown = changes(&add.replace("NAME", "nothing")).unwrap_err();
    assert_eq!(unknown.to_string(), "operation 1 of the patch: `name` is no element there");
}

/// JSON of a few short names.
fn some_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![any::<u8>().prop_map(serde_json::Value::from), Just("x".into())];
    leaf.prop_recursive(3, 20, 4, |inner| {
        let names = prop::sample::select(vec!["a", "b", "op", "path"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map(names, inner, 0..4).prop_map(|members| {
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }),
        ]
    })
}

fn some_operation() -> impl Strategy<Value = serde_json::Value> {
    let kinds = prop::sample::select(vec!["add", "remove", "replace", "move", "copy", "test"]);
    let paths = || prop::sample::select(vec!["", "/a", "/b", "/a/b", "/0", "/a/0", "/b/-", "/-"]);
    (kinds, paths(), paths(), some_json()).prop_map(|(op, path, from, value)| {
        serde_json::json!({"op": op, "path": path, "from": from, "value": value})
    })
}

proptest! {
    #[test]
    fn what_comes_out_is_json(document in some_json(), patch in prop::collection::vec(some_operation(), 0..6)) {
        let patch = serde_json::Value::from(patch).to_string();
        if let Ok(text) = patched(&document.to_string(), &patch) {
            tape(&text);
        }
        // Alone, operations come to the same as together.
        let mut alone = Ok(document.to_string());
        let operations: Vec<serde_json::Value> = serde_json::from_str(&patch).unwrap();
        for operation in operations {
            alone = alone.and_then(|text| patched(&text, &format!("[{operation}]")));
        }
        let together = patched(&document.to_string(), &patch);
        prop_assert_eq!(together.is_ok(), alone.is_ok());
        if let (Ok(together), Ok(alone)) = (together, alone) {
            prop_assert_eq!(together, alone);
        }
    }

    #[test]
    fn no_patch_panics(patch in some_json()) {
        let patch = patch.to_string();
        let _ = patched(PATIENT, &patch);
        let parameters = format!(r#"{{"resourceType":"Parameters","parameter":{patch}}}"#);
        let (document, patch) = (tape(PATIENT), tape(&parameters));
        let _ = fhirpath_patch(document.root(), patch.root(), Limits::default());
    }
}
