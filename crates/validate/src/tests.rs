//! Hand-written cases: each a resource and the faults it has.

use accord_fhir::json::{Limits, parse};

use crate::{validate, validate_form};

/// Checks that `json` has exactly these faults of form: (path, part of the reason).
fn check(json: &str, expect: &[(&str, &str)]) {
    let tape = parse(json.as_bytes(), Limits::default()).expect("the case is JSON");
    let issues = validate_form(tape.root());
    let told: Vec<(&str, &str)> = issues
        .iter()
        .map(|i| (i.expression.as_deref().unwrap_or_default(), i.diagnostics.as_str()))
        .collect();
    assert_eq!(told.len(), expect.len(), "{json}\n{told:#?}");
    for ((path, reason), (expected_path, part)) in told.iter().zip(expect) {
        assert_eq!(path, expected_path, "{json}\n{reason}");
        assert!(reason.contains(part), "{json}\n`{reason}` lacks `{part}`");
    }
}

/// Checks the members of a Patient.
fn patient(members: &str, expect: &[(&str, &str)]) {
    check(&format!(r#"{{"resourceType":"Patient",{members}}}"#), expect);
}

/// Checks members of a valid Observation.
fn observation(members: &str, expect: &[(&str, &str)]) {
    let required = r#""status":"final","code":{"text":"x"}"#;
    check(&format!(r#"{{"resourceType":"Observation",{required},{members}}}"#), expect);
}

#[test]
fn a_resource_is_an_object_of_a_known_type() {
    check("1", &[("Resource", "must be a JSON object")]);
    check("{}", &[("Resource", "`resourceType` is missing")]);
    check(r#"{"resourceType":1}"#, &[("Resource", "`resourceType` is missing")]);
    check(r#"{"resourceType":"Patience"}"#, &[("Resource", "`Patience` is not a resource type")]);
    check(r#"{"resourceType":"DomainResource"}"#, &[("Resource", "not a resource type")]);
    check(r#"{"id":"1","resourceType":"Patient"}"#, &[]);
}

#[test]
fn unknown_names() {
    patient(r#""birthdate":"2000""#, &[("Patient.birthdate", "`birthdate` is not an element")]);
    let path = "Patient.contact[1].sex";
    patient(r#""contact":[{"gender":"male"},{"sex":"x"}]"#, &[(path, "Patient.contact")]);
    patient(r#""a b`\u0001":1"#, &[("Patient.`a b??`", "not an element of Patient")]);
    patient(r#""_nothing":{}"#, &[("Patient._nothing", "not an element")]);
    patient(r#""name":[{"resourceType":"x","text":"y"}]"#, &[("Patient.name[0].resourceType", "")]);
    observation(r#""value":1"#, &[("Observation.value", "`value` is not an element")]);
}

#[test]
fn arrays_where_elements_repeat_and_only_there() {
    patient(r#""name":{"text":"x"}"#, &[("Patient.name", "must be an array")]);
    patient(r#""gender":["male"]"#, &[("Patient.gender", "must not be an array")]);
    patient(r#""maritalStatus":[]"#, &[("Patient.maritalStatus", "must not be an array")]);
    patient(r#""name":[]"#, &[("Patient.name", "must not be an empty array")]);
    patient(r#""name":[[]]"#, &[("Patient.name[0]", "must be a JSON object")]);
    patient(r#""name":[{"given":["a",["b"]]}]"#, &[("Patient.name[0].given[1]", "JSON string")]);
}

#[test]
fn json_types() {
    patient(r#""active":"true""#, &[("Patient.active", "`true` or `false`")]);
    patient(r#""birthDate":2000"#, &[("Patient.birthDate", "JSON string")]);
    patient(r#""maritalStatus":"M""#, &[("Patient.maritalStatus", "JSON object")]);
    patient(r#""multipleBirthInteger":"2""#, &[("Patient.multipleBirth", "JSON number")]);
    patient(r#""multipleBirthInteger":2.0"#, &[("Patient.multipleBirth", "whole number")]);
    patient(r#""gender":null"#, &[("Patient.gender", "must not be null")]);
    patient(r#""name":[null]"#, &[("Patient.name[0]", "must not be null")]);
    patient(r#""name":null"#, &[("Patient.name", "must be an array")]);
}

#[test]
fn values_or_children() {
    patient(r#""maritalStatus":{}"#, &[("Patient.maritalStatus", "value or children")]);
    patient(r#""name":[{"id":"n"}]"#, &[("Patient.name[0]", "value or children")]);
    patient(r#""maritalStatus":{"x":1}"#, &[("Patient.maritalStatus.x", "not an element")]);
    patient(r#""gender":"""#, &[("Patient.gender", "must not be empty")]);
    check(r#"{"resourceType":"Patient"}"#, &[]);
}

#[test]
fn required_elements() {
    let both = [("Observation.status", "`status` is required"), ("Observation.code", "required")];
    check(r#"{"resourceType":"Observation"}"#, &both);
    let expect = [("Patient.communication[0].language", "required")];
    patient(r#""communication":[{"preferred":true}]"#, &expect);
    let absent = r#"{"extension":[{"url":"http://x.org","valueCode":"unknown"}]}"#;
    let coded = format!(r#"{{"resourceType":"Observation","_status":{absent},"code":{absent}}}"#);
    check(&coded, &[]);
    let request = r#"{"resourceType":"MedicationRequest","status":"active","intent":"order",
        "subject":{"reference":"Patient/1"}}"#;
    check(request, &[("MedicationRequest.medication", "`medication[x]` is required")]);
}

#[test]
fn one_type_of_a_choice() {
    observation(r#""valueString":"x","_valueString":{"id":"v"}"#, &[]);
    let expect = [("Observation.value", "only one of `valueBoolean`, `valueString` may be there")];
    observation(r#""valueString":"x","valueBoolean":true"#, &expect);
    observation(
        r#""valueString":"x","_valueBoolean":{"id":"v"}"#,
        &[
            ("Observation.value", "must have a value or children"),
            ("Observation.value", "only one of `valueBoolean`, `valueString`"),
        ],
    );
    observation(r#""valueMoney":{"value":1}"#, &[("Observation.valueMoney", "not an element")]);
}

#[test]
fn ids_and_extensions_of_primitives() {
    let extension = r#"{"extension":[{"url":"http://x.org","valueString":"y"}]}"#;
    patient(&format!(r#""_birthDate":{extension}"#), &[]);
    patient(r#""birthDate":"2000","_birthDate":{"id":"b"}"#, &[]);
    patient(r#""_birthDate":{"id":"b"}"#, &[("Patient.birthDate", "value or children")]);
    patient(r#""birthDate":"2000","_birthDate":{}"#, &[("Patient.birthDate", "value or children")]);
    patient(r#""birthDate":"2000","_birthDate":"x""#, &[("Patient.birthDate", "JSON object")]);
    let expect = [("Patient.birthDate.id", "JSON string")];
    patient(r#""birthDate":"2000","_birthDate":{"id":1}"#, &expect);
    let expect = [("Patient.birthDate.value", "`value` is not an element")];
    patient(r#""birthDate":"2000","_birthDate":{"value":1}"#, &expect);
    let expect = [("Patient.birthDate.extension[0].url", "required")];
    patient(r#""_birthDate":{"extension":[{"valueString":"y"}]}"#, &expect);
    patient(r#""_maritalStatus":{"id":"x"}"#, &[("Patient.maritalStatus", "no `_maritalStatus`")]);
    let expect = [("Patient.name[0].id", "no `_id`"), ("Patient.name[0]", "value or children")];
    patient(&format!(r#""name":[{{"id":"a","_id":{extension}}}]"#), &expect[..1]);
    patient(r#""name":[{"id":"a"}]"#, &expect[1..]);
}

#[test]
fn arrays_of_values_and_extensions_align() {
    let with = |given: &str, beside: &str| {
        let extension = r#"{"extension":[{"url":"http://x.org","valueString":"y"}]}"#;
        let beside = beside.replace('E', extension);
        format!(r#""name":[{{"given":{given},"_given":{beside}}}]"#)
    };
    patient(&with(r#"["a",null,"c"]"#, "[null,E,null]"), &[]);
    patient(&with(r#"["a",null]"#, "[E,E]"), &[]);
    patient(&with(r#"["a","b"]"#, r#"[{"id":"x"},null]"#), &[]);
    let at = "Patient.name[0].given";
    patient(&with(r#"["a","b"]"#, "[E]"), &[(at, "differ in length")]);
    patient(&with(r#"["a"]"#, "[null,E]"), &[(at, "differ in length")]);
    patient(&with(r#"["a"]"#, "E"), &[(at, "`_given` must be an array")]);
    patient(&with(r#"["a"]"#, "[]"), &[(at, "must not be an empty array")]);
    let item = "Patient.name[0].given[1]";
    patient(&with(r#"["a",null]"#, "[E,null]"), &[(item, "must have a value or an extension")]);
    patient(&with(r#"["a",null]"#, r#"[E,{"id":"x"}]"#), &[(item, "value or children")]);
    patient(&with(r#"["a","b"]"#, "[E,1]"), &[(item, "must be a JSON object")]);
    patient(r#""name":[{"given":["a",null]}]"#, &[(item, "null stands for a value only where")]);
    patient(r#""name":[{"_given":[{"extension":[{"url":"u:x","valueCode":"y"}]}]}]"#, &[]);
}

#[test]
fn extensions_have_a_url_and_one_content() {
    let at = "Patient.extension[0]";
    patient(r#""extension":[{"url":"http://x.org","valueString":"y"}]"#, &[]);
    patient(
        r#""extension":[{"url":"http://x.org","_valueString":{"extension":[
        {"url":"http://x.org","valueString":"y"}]}}]"#,
        &[],
    );
    patient(r#""extension":[{"url":"http://x.org"}]"#, &[(at, "must have a value or further")]);
    let both =
        r#"{"url":"http://x.org","valueCode":"y","extension":[{"url":"z","valueCode":"y"}]}"#;
    patient(&format!(r#""extension":[{both}]"#), &[(at, "not both")]);
    let expect = [("Patient.extension[0].url", "`url` is required")];
    patient(r#""extension":[{"valueCode":"y"}]"#, &expect);
    let expect = [("Patient.extension[0].value", "only one of `valueCode`, `valueString`")];
    patient(r#""extension":[{"url":"u:x","valueCode":"y","valueString":"z"}]"#, &expect);
    patient(r#""extension":["x"]"#, &[(at, "must be a JSON object")]);
}

#[test]
fn forms_of_references() {
    let at = "Patient.managingOrganization.reference";
    for good in [
        "Organization/1",
        "Organization/1/_history/2",
        "http://x.org/fhir/Organization/1",
        "urn:uuid:d67a0cff-8f7e-46f7-bb99-577a6623e59a",
        "urn:oid:2.16.840.1",
    ] {
        patient(&format!(r#""managingOrganization":{{"reference":"{good}"}}"#), &[]);
    }
    for (bad, reason) in [
        ("Organization", "must be `Type/id`"),
        ("Organization/a b", "must be `Type/id`"),
        ("Patient/1", "must not refer to `Patient`, only to Organization"),
        ("Organisation/1", "`Organisation` is not a resource type"),
        ("#o", "no contained resource has this id"),
        ("#", "only a contained resource"),
        ("Organization?name=x", "only in a transaction"),
        ("urn:uuid:1", "must be `Type/id`"),
    ] {
        let members = format!(r#""managingOrganization":{{"reference":"{bad}"}}"#);
        patient(&members, &[(at, reason)]);
    }
    patient(r#""managingOrganization":{"display":"x"}"#, &[]);
    observation(r#""focus":[{"reference":"Basic/1"}]"#, &[]);
}

#[test]
fn contained_resources() {
    let with = |contained: &str| {
        format!(r##""managingOrganization":{{"reference":"#o"}},"contained":[{contained}]"##)
    };
    let organization = r#"{"resourceType":"Organization","id":"o","name":"x"}"#;
    patient(&with(organization), &[]);
    let back = r##"{"resourceType":"Organization","id":"o","partOf":{"reference":"#p"}}"##;
    let expect = [("Patient.contained[0].partOf.reference", "no contained resource has this id")];
    patient(&with(back), &expect);
    let to_container = r##","contained":[{"resourceType":"Account","id":"a","status":"active",
        "subject":[{"reference":"#"}]}]"##;
    patient(&format!(r#""active":true{to_container}"#), &[]);
    let twice = format!("{organization},{organization}");
    patient(&with(&twice), &[("Patient.contained[1].id", "has the same id")]);
    let meta = r#"{"resourceType":"Organization","id":"o","name":"x",
        "meta":{"versionId":"1","lastUpdated":"2020-01-01T00:00:00Z","security":[{"code":"R"}]}}"#;
    patient(
        &with(meta),
        &[
            ("Patient.contained[0].meta.versionId", "must not have `meta.versionId`"),
            ("Patient.contained[0].meta.lastUpdated", ""),
            ("Patient.contained[0].meta.security", ""),
        ],
    );
    let nested = format!(
        r#"{{"resourceType":"List","id":"o","status":"current","mode":"working",
        "contained":[{organization}]}}"#
    );
    let expect = [("Patient.contained[0].contained[0]", "must not contain resources")];
    patient(&format!(r#""contained":[{nested}]"#), &expect);
    let nameless = r#"{"resourceType":"Organization","name":"x"}"#;
    patient(&format!(r#""contained":[{nameless}]"#), &[("Patient.contained[0].id", "have an id")]);
    let foreign = r#"{"resourceType":"X","id":"o"}"#;
    patient(&with(foreign), &[("Patient.contained[0]", "`X` is not a resource type")]);
}

#[test]
fn resources_inside_bundles_and_parameters() {
    let bundle = |ty: &str, resource: &str| {
        format!(
            r#"{{"resourceType":"Bundle","type":"{ty}","entry":[
            {{"fullUrl":"urn:uuid:d67a0cff-8f7e-46f7-bb99-577a6623e59a","resource":{resource}}}]}}"#
        )
    };
    let bad = r#"{"resourceType":"Patient","contact":[{"gender":1}]}"#;
    let expect = [("Bundle.entry[0].resource.contact[0].gender", "JSON string")];
    check(&bundle("collection", bad), &expect);
    let conditional = r#"{"resourceType":"Patient","managingOrganization":
        {"reference":"Organization?identifier=x"}}"#;
    check(&bundle("transaction", conditional), &[]);
    let at = "Bundle.entry[0].resource.managingOrganization.reference";
    check(&bundle("collection", conditional), &[(at, "only in a transaction")]);
    let fragment = r##"{"resourceType":"Patient","managingOrganization":{"reference":"#o"},
        "contained":[{"resourceType":"Organization","id":"o","name":"x"}]}"##;
    check(&bundle("collection", fragment), &[]);
    let parameters =
        format!(r#"{{"resourceType":"Parameters","parameter":[{{"name":"x","resource":{bad}}}]}}"#);
    let at = "Parameters.parameter[0].resource.contact[0].gender";
    check(&parameters, &[(at, "JSON string")]);
    check(&bundle("collection", "1"), &[("Bundle.entry[0].resource", "must be a JSON object")]);
}

#[test]
fn all_faults_are_told_in_order_up_to_a_limit() {
    patient(
        r#""id":"a b","active":1,"name":[{"use":""},{"text":2}]"#,
        &[
            ("Patient.id", "must be an id"),
            ("Patient.active", ""),
            ("Patient.name[0].use", ""),
            ("Patient.name[1].text", ""),
        ],
    );
    let many = vec!["1"; crate::MAX_ISSUES + 7].join(",");
    let json = format!(r#"{{"resourceType":"Patient","name":[{many}]}}"#);
    let tape = parse(json.as_bytes(), Limits::default()).expect("JSON");
    let issues = validate(tape.root());
    assert_eq!(issues.len(), crate::MAX_ISSUES + 1);
    assert!(issues[crate::MAX_ISSUES].diagnostics.starts_with("7 more faults"));
}

#[test]
fn nesting_has_an_end() {
    let (open, close) = (r#"{"url":"u:x","extension":["#.repeat(20_000), "]}".repeat(20_000));
    let json = format!(r#"{{"resourceType":"Patient","extension":[{open}{close}]}}"#);
    let limits = Limits { depth: 100_000, ..Limits::default() };
    let tape = parse(json.as_bytes(), limits).expect("JSON");
    let issues = validate(tape.root());
    assert_eq!(issues.len(), 1);
    assert_eq!(issues[0].diagnostics, "nested too deep");
}

#[test]
fn no_value_is_repeated_in_an_issue() {
    let json = r#"{"resourceType":"Patient","id":"SECRET ","birthDate":"SECRET","gender":" SECRET",
        "managingOrganization":{"reference":"SECRET"},"photo":[{"data":"SECRET!","size":-1}],
        "contained":[{"resourceType":"Basic","id":"SECRET"},{"resourceType":"Basic","id":"SECRET"}]}"#;
    let tape = parse(json.as_bytes(), Limits::default()).expect("JSON");
    let issues = validate(tape.root());
    assert!(issues.len() > 6);
    assert!(!format!("{issues:?}").contains("SECRET"));
}

#[test]
fn codes_of_required_bindings() {
    let found = |text: &str| -> Vec<String> {
        let tape = accord_fhir::json::parse(text.as_bytes(), Default::default()).unwrap();
        let issues = validate(tape.root());
        assert_eq!(validate_form(tape.root()), []);
        issues.into_iter().map(|issue| issue.expression.unwrap()).collect()
    };
    let patient = |gender: &str| {
        format!(
            r#"{{"resourceType":"Patient","gender":"{gender}","contact":[{{"name":{{"text":"x"}},"gender":"{gender}"}}]}}"#
        )
    };
    assert!(found(&patient("female")).is_empty());
    assert_eq!(found(&patient("Female")), ["Patient.gender", "Patient.contact[0].gender"]);
    let condition = |status: &str| {
        format!(
            r#"{{"resourceType":"Condition","subject":{{"reference":"Patient/p"}},"clinicalStatus":{status}}}"#
        )
    };
    const THO: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
    let concept = |system: &str, code: &str| {
        condition(&format!(
            r#"{{"coding":[{{"system":"urn:own","code":"1"}},{{"system":"{system}","code":"{code}"}}]}}"#
        ))
    };
    assert!(found(&concept(THO, "active")).is_empty());
    assert!(found(&condition(r#"{"text":"in remission"}"#)).is_empty());
    assert_eq!(found(&concept(THO, "acute")), ["Condition.clinicalStatus"]);
    assert_eq!(found(&concept("urn:other", "active")), ["Condition.clinicalStatus"]);
    let attachment = |kind: &str| {
        format!(
            r#"{{"resourceType":"Patient","photo":[{{"contentType":"{kind}","language":"de-AT"}}]}}"#
        )
    };
    assert!(found(&attachment("image/png")).is_empty());
    assert_eq!(found(&attachment("picture")), ["Patient.photo[0].contentType"]);
}
