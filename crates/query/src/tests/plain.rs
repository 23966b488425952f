//! Tokens, references, strings and uris.

use accord_spec::{ParamKind, ResourceType, param_by_id};

use super::super::*;
use super::{check, query, refuse, test};

#[test]
fn tokens() {
    check("Patient", "gender=male,female", "gender=male,female");
    check("Patient", "gender:not=male", "gender:not=male");
    check("Observation", "code=http://loinc.org|8867-4", "code=http://loinc.org%7C8867-4");
    check("Observation", "code=%7C8867-4,http://loinc.org|", "code=%7C8867-4,http://loinc.org%7C");
    check("Patient", "identifier=a\\|b\\,c\\\\d", "identifier=a%5C%7Cb%5C,c%5C%5Cd");
    check("Patient", "gender:missing=true", "gender:missing=true");
    let token = |system, code: Option<&str>| Token { system, code: code.map(str::to_owned) };
    assert_eq!(
        test("Observation", "code=s|c,|c,s|,c\\|d"),
        Test::Token {
            negated: false,
            any_of: vec![
                token(TokenSystem::Is("s".into()), Some("c")),
                token(TokenSystem::Absent, Some("c")),
                token(TokenSystem::Is("s".into()), None),
                token(TokenSystem::Any, Some("c|d")),
            ]
        }
    );
    refuse("Patient", "gender=|", "`|` is not a token: `code` or `system|code`");
    refuse("Patient", "gender=a|b|c", "`a|b|c` is not a token: `code` or `system|code`");
    refuse("Patient", "gender=a,,b", "parameter `gender` has an empty alternative");
    refuse("Patient", "gender:below=x", "`x` needs a code system and a code: `system|code`");
    refuse("Patient", "gender:exact=x", "token parameter `gender` has no modifier `:exact`");
    refuse("Patient", "gender:missing=x", "`gender:missing` is `true` or `false`, not `x`");
}

#[test]
fn references() {
    let patient = |id: &str| ReferenceValue::Resource {
        resource_type: ResourceType::PATIENT,
        id: id.to_owned(),
    };
    for text in [
        "subject=Patient/1",
        "subject:Patient=1",
        "subject:Patient=Patient/1",
        "subject=http://own.example/fhir/Patient/1",
        "patient=1",
    ] {
        assert_eq!(test("Observation", text), Test::Reference(vec![patient("1")]), "{text}");
    }
    assert_eq!(
        test("Observation", "subject=1"),
        Test::Reference(vec![ReferenceValue::Id("1".into())])
    );
    check("Observation", "patient=1,2", "patient=Patient/1,Patient/2");
    check(
        "Observation",
        "subject=http://else.example/Patient/1",
        "subject=http://else.example/Patient/1",
    );
    check("MeasureReport", "measure=http://m.example/m|1.0", "measure=http://m.example/m%5C%7C1.0");
    refuse(
        "Observation",
        "subject=Patient/1/_history/2",
        "a search for the version `Patient/1/_history/2` is not supported",
    );
    refuse("Observation", "subject=Pat/1", "`Pat` is not a resource type");
    refuse("Observation", "subject=a b", "`a b` is not a reference: `id`, `Type/id` or a URL");
    refuse("Observation", "subject:Patient=Group/1", "`Group/1` is not a reference to Patient");
    refuse(
        "Observation",
        "subject:Patient=urn:oid:1.2",
        "`:Patient` takes an id, not the URL `urn:oid:1.2`",
    );
}

#[test]
fn strings_and_uris() {
    check("Patient", "name=An%20%20A", "name=An%20%20A");
    check("Patient", "name:exact=É", "name:exact=%C3%89");
    check("Patient", "name:contains=a\\,b", "name:contains=a%5C,b");
    check("ValueSet", "url=http://a.example/x,urn:b", "url=http://a.example/x,urn:b");
    check("Patient", "_source=urn:x:1", "_source=urn:x:1");
    refuse("Patient", "name=%20", "` ` has no letters to search for");
    refuse("Patient", "name:not=x", "string parameter `name` has no modifier `:not`");
}

#[test]
fn normalised_strings_ignore_case_accents_and_gaps() {
    for (text, normal) in [
        ("  Łódź \t Straße ", "lodz strasse"),
        ("ÅNGSTRÖM", "angstrom"),
        ("İstanbul", "istanbul"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("Ærø", "aero"),
        ("ﬁn", "fin"),
        ("O'Neill-Smith", "o'neill-smith"),
        ("", ""),
    ] {
        assert_eq!(normalise(text), normal);
    }
}

#[test]
fn tests_fit_their_parameters() {
    let kinds = [
        ("gender=x", ParamKind::Token),
        ("birthdate=2020", ParamKind::Date),
        ("name=x", ParamKind::String),
        ("general-practitioner=1", ParamKind::Reference),
        ("_profile=http://x", ParamKind::Uri),
    ];
    for (text, kind) in kinds {
        let Target::Param(id) = query("Patient", text).clauses[0].target else { panic!("{text}") };
        assert_eq!(param_by_id(id).unwrap().kind, kind, "{text}");
    }
}
