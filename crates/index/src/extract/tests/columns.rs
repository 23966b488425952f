use accord_spec::{TypeId, TypeKind};

use super::super::fields::Fields;
use super::*;

#[test]
fn literal_references_are_found_anywhere() {
    let (tape, _) = read(
        r##"{"resourceType":"Immunization","patient":{"display":"p","reference":"Patient/1"},
        "contained":[{"resourceType":"Location","id":"l","managingOrganization":{"reference":"Organization/1",
           "identifier":{"assigner":{"reference":"Organization/2"}}}},
           {"resourceType":"DetectedIssue","reference":"http://no"}],
        "extension":[{"url":"u","valueReference":{"reference":"#l","extension":[{"url":"v"}]}},
           {"url":"u","valueExpression":{"language":"text/cql","reference":"http://no"}}],
        "education":[{"reference":"http://no","extension":[{"url":"u","valueReference":{"reference":"Media/1"}}]}],
        "reaction":[{"detail":{"_display":{"id":"x"},"type":"Observation","reference":"Observation/1"}}],
        "instantiatesCanonical":["http://no"],"reference":{"reference":7}}"##,
    );
    let mut found: Vec<String> =
        references(tape.root()).iter().map(|v| v.as_str().unwrap().into_owned()).collect();
    found.sort();
    let expect =
        ["#l", "Media/1", "Observation/1", "Organization/1", "Organization/2", "Patient/1"];
    assert_eq!(found, expect);
}

#[test]
fn only_the_named_types_have_a_reference_of_text() {
    let types = (0..u16::MAX).map(TypeId).take_while(|ty| !ty.name().is_empty());
    let textual = types.filter(|ty| {
        let element = ty.element("reference");
        ty.kind() != TypeKind::Abstract && element.is_some_and(|e| e.ty.primitive().is_some())
    });
    let names: Vec<&str> = textual.map(TypeId::name).collect();
    assert_eq!(names, ["DetectedIssue", "Expression", "Reference", "Immunization.education"]);
    let expression = TypeId::from_name("Expression").unwrap();
    assert_eq!(expression.element("language").map(|e| e.min), Some(1));
}

fn columns(document: &str) -> Columns {
    let (tape, resource_type) = read(document);
    let id = ResourceId::new("me").unwrap();
    let source = Source { resource: tape.root(), resource_type, resolve: &resolve, base: None };
    let (_, columns) = extract_all(&source, &id);
    // Each function alone says the same.
    assert_eq!(columns.patients, patients(tape.root(), resource_type, &id, &resolve));
    assert_eq!(columns.authors, authors(tape.root(), resource_type, &resolve));
    assert_eq!(columns.clinical_day, clinical_day(tape.root(), resource_type));
    columns
}

fn names(columns: &Columns) -> Vec<&str> {
    columns.patients.iter().map(ResourceId::as_str).collect()
}

#[test]
fn patients_are_those_of_the_compartments() {
    let of = |document: &str| columns(document).patients.len();
    let two = columns(
        r#"{"resourceType":"Observation","subject":{"reference":"Patient/b"},
        "performer":[{"reference":"Patient/a"},{"reference":"Practitioner/p"},
        {"reference":"urn:uuid:11111111-1111-1111-1111-111111111111"}]}"#,
    );
    assert_eq!(names(&two), ["a", "b", "new"]);
    let own = r#"{"resourceType":"Patient","link":[{"other":{"reference":"Patient/x"}},
        {"other":{"reference":"RelatedPerson/r"}}]}"#;
    assert_eq!(names(&columns(own)), ["me", "x"]);
    assert_eq!(of(r#"{"resourceType":"Organization"}"#), 0);
    let elsewhere =
        r#"{"resourceType":"Observation","subject":{"reference":"http://y/Patient/1"}}"#;
    assert_eq!(of(elsewhere), 0);
    let group = r#"{"resourceType":"Group","member":[{"entity":{"reference":"Patient/1"}}]}"#;
    assert_eq!(of(group), 1);
}

#[test]
fn a_task_is_of_whom_it_is_for() {
    let task = columns(
        r#"{"resourceType":"Task","for":{"reference":"Patient/a"},
        "focus":{"reference":"Patient/b"},"requester":{"reference":"Practitioner/p"}}"#,
    );
    assert_eq!(names(&task), ["a"]);
    let elsewhere = r#"{"resourceType":"Task","for":{"reference":"http://y/Patient/1"}}"#;
    assert_eq!(columns(elsewhere).patients.len(), 0);
}

#[test]
fn authors_are_those_of_the_table() {
    let found = columns(
        r#"{"resourceType":"Procedure","recorder":{"reference":"Practitioner/b"},
        "asserter":{"reference":"Patient/a"},"performer":[{"actor":{"reference":"CareTeam/c"}},
        {"actor":{"reference":"Practitioner?identifier=s|1"}},{"actor":{"reference":"Practitioner/b"}}]}"#,
    );
    assert_eq!(found.authors, ["Patient/a", "Practitioner/b", "Practitioner/found"]);
    let subscription = columns(
        r#"{"resourceType":"Subscription","extension":[{"url":"urn:x","valueReference":{"reference":"Practitioner/x"}},
        {"url":"http://hl7.org/fhir/5.0/StructureDefinition/extension-Subscription.managingEntity",
            "valueReference":{"reference":"Practitioner/p"}}]}"#,
    );
    assert_eq!(subscription.authors, ["Practitioner/p"]);
}

#[test]
fn clinical_days() {
    let day = |document: &str| columns(document).clinical_day;
    let observation =
        |members: &str| day(&format!(r#"{{"resourceType":"Observation",{members}}}"#));
    assert_eq!(observation(r#""effectiveDateTime":"1970-01-03T23:00:00-02:00""#), 3);
    assert_eq!(observation(r#""effectivePeriod":{"end":"1970-01-03"}"#), 2);
    assert_eq!(observation(r#""issued":"1969-12-31T12:00:00Z""#), -1);
    assert_eq!(observation(r#""effectiveDateTime":"x","issued":"1970-01-02T00:00:00Z""#), 1);
    assert_eq!(observation(r#""status":"final""#), i32::MIN);
    assert_eq!(day(r#"{"resourceType":"Patient","birthDate":"1970-01-02"}"#), i32::MIN);
}

#[test]
fn labels_have_bits() {
    let of = |codes: &[(&str, &str)]| {
        let coding = |(system, code): &(&str, &str)| {
            format!(
                r#"{{"system":"http://terminology.hl7.org/CodeSystem/{system}","code":"{code}"}}"#
            )
        };
        let codings: Vec<String> = codes.iter().map(coding).collect();
        let security = codings.join(",");
        columns(&format!(r#"{{"resourceType":"Basic","meta":{{"security":[{security}]}}}}"#)).labels
    };
    let (sud, opioid) = (of(&[("v3-ActCode", "SUD")]), of(&[("v3-ActCode", "OPIOIDUD")]));
    assert!(sud & opioid == sud && sud != opioid && sud.count_ones() == 2);
    assert_eq!(of(&[("v3-Confidentiality", "R")]), 1);
    assert_eq!(of(&[("v3-Confidentiality", "V"), ("v3-Confidentiality", "N")]), 3);
    assert_eq!(of(&[("other", "R")]), 0);
}

#[test]
fn tables_are_sound() {
    let rows = |table: &'static str| table.lines().skip(1).map(|l| l.split('\t').collect());
    let names = |table: &'static str| -> Vec<ResourceType> {
        let types = rows(table).map(|row: Vec<&str>| ResourceType::from_name(row[0]).unwrap());
        types.collect()
    };
    let authors = names(include_str!("../authors.tsv"));
    let days = names(include_str!("../clinical_days.tsv"));
    assert!(authors.is_sorted_by(|a, b| a < b) && days.is_sorted_by(|a, b| a < b));
    assert!(authors.iter().all(|ty| Fields::of(*ty).unwrap().authors.is_some()));
    for row in rows(include_str!("../clinical_days.tsv")) {
        let row: Vec<&str> = row;
        let ty = ResourceType::from_name(row[0]).unwrap();
        assert_eq!(Fields::of(ty).unwrap().days.len(), row.len() - 1, "{ty}");
    }
}
