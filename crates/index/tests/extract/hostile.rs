//! Any JSON may come; none may break the extractor.

use accord_base::ResourceId;
use accord_fhir::json;
use accord_index::extract::{Source, extract, extract_all, labels, references};
use accord_spec::{ResourceType, TypeId};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use crate::archive;

fn scalar() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        prop::sample::select(vec![
            "",
            "#",
            "#x",
            "/",
            "Patient/1",
            "Patient?x=y",
            "urn:uuid:1",
            "http://a/b/Patient/1",
            "http://me",
            "http://me/",
            "2020",
            "2020-02-30",
            "9999-12-31T23:59:59.999999999Z",
            "0001-01-01",
            "é\u{0}\u{10ffff}",
            "<",
            "phone",
        ])
        .prop_map(Json::from),
    ]
}

/// A value for an element: of the right shape for its type, or of any other.
fn element(ty: TypeId, depth: u32) -> BoxedStrategy<Json> {
    let keys: Vec<_> = ty.elements().iter().filter(|e| e.name != "contained").collect();
    if depth == 0 || keys.is_empty() {
        return scalar().boxed();
    }
    let member = prop::sample::select(keys)
        .prop_flat_map(move |e| (Just(e.name), element(e.ty, depth - 1), any::<bool>()));
    let object = prop::collection::vec(member, 0..6).prop_map(|members| {
        let wrap = |(name, value, many): (&str, Json, bool)| {
            (name.to_owned(), if many { json!([value, null]) } else { value })
        };
        Json::Object(members.into_iter().map(wrap).collect::<Map<_, _>>())
    });
    prop_oneof![8 => object, 1 => scalar()].boxed()
}

fn survives(document: &Json, ty: ResourceType) {
    let tape = json::parse(document.to_string().as_bytes(), json::Limits::default()).unwrap();
    let resolve = |text: &str| text.starts_with("urn:").then(|| "Nothing//".to_owned());
    let id = ResourceId::new("x").unwrap();
    let base = Some("http://me");
    let source = Source { resource: tape.root(), resource_type: ty, resolve: &resolve, base };
    let once = extract_all(&source, &id);
    assert_eq!(once, extract_all(&source, &id), "the same again");
    let values = &once.0.0;
    assert!(values.is_sorted_by_key(|v| v.param), "{values:?}");
    let repeats = (0..values.len().min(200)).any(|at| values[..at].contains(&values[at]));
    assert!(!repeats, "{values:?}");
    let _ = (references(tape.root()), labels(tape.root()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn shapes_of_no_type_panic(
        (ty, document) in prop::sample::select(ResourceType::ALL.to_vec())
            .prop_flat_map(|ty| (Just(ty), element(ty.type_id(), 4)))
    ) {
        survives(&document, ty);
    }
}

/// Every example read as every one of some other types.
#[test]
fn resources_of_another_type_do_not_panic() {
    let types: Vec<ResourceType> = ResourceType::ALL.into_iter().step_by(29).collect();
    archive::files("fhir/r4-examples.tar.zst", 150, |text| {
        let document: Json = serde_json::from_str(text).unwrap();
        types.iter().for_each(|ty| survives(&document, *ty));
    });
}

#[test]
fn no_document_is_no_resource() {
    for text in ["null", "[]", "{}", "7", r#""x""#] {
        let tape = json::parse(text.as_bytes(), json::Limits::default()).unwrap();
        for ty in [ResourceType::PATIENT, ResourceType(255)] {
            let values = extract(tape.root(), ty, &|_| None);
            // A patient of whom nothing is known is not known to have died.
            let deceased = usize::from(ty == ResourceType::PATIENT);
            assert_eq!(values.0.len(), deceased, "{text}");
        }
    }
}
