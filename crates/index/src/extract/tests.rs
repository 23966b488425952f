use accord_base::ResourceId;
use accord_fhir::{Decimal, json};
use accord_spec::{ParamKind, ResourceType, TypeId, TypeKind, param, param_by_id, params_of};

use super::fields::Fields;
use super::*;
use crate::value::Datum;

fn resolve(text: &str) -> Option<String> {
    match text {
        "urn:uuid:11111111-1111-1111-1111-111111111111" => Some("Patient/new".to_owned()),
        "Practitioner?identifier=s|1" => Some("Practitioner/found".to_owned()),
        _ => None,
    }
}

fn key(text: &str) -> u128 {
    Decimal::parse(text).unwrap().order_key()
}

fn end(key: u128) -> String {
    match key {
        u128::MIN => "-".to_owned(),
        u128::MAX => "+".to_owned(),
        _ => {
            let known = (-100..=1000).find(|n| self::key(&n.to_string()) == key);
            known.map_or("?".to_owned(), |n| n.to_string())
        }
    }
}

fn date(us: i64) -> String {
    match us {
        i64::MIN => "-".to_owned(),
        i64::MAX => "+".to_owned(),
        _ => accord_base::LogTime(us as u64).to_string().replace(".000000Z", ""),
    }
}

fn show(datum: &Datum) -> String {
    let or_none = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
    match datum {
        Datum::Token { system, code } => format!("{}|{code}", or_none(system)),
        Datum::Reference { resource_type, id } => {
            format!("{}/{id}", ResourceType(*resource_type).name())
        }
        Datum::Url(text) => format!("url {text}"),
        Datum::Uri(text) => format!("uri {text}"),
        Datum::Text(text) => text.clone(),
        Datum::Date { low, high } => format!("{} {}", date(*low), date(*high)),
        Datum::Number { key } => end(*key),
        Datum::Quantity { low, high, system, code, unit } => {
            let units = [or_none(system), or_none(code), or_none(unit)].join(" ");
            format!("{}..{} {units}", end(*low), end(*high))
        }
    }
}

fn read(document: &str) -> (json::Tape, ResourceType) {
    let tape = json::parse(document.as_bytes(), json::Limits::default()).unwrap();
    let name = tape.root().get_str("resourceType").unwrap().into_owned();
    (tape, ResourceType::from_name(&name).unwrap())
}

/// The values of the parameter `code` of a `resource_type` with these members.
fn check(resource_type: &str, members: &str, code: &str, expect: &[&str]) {
    let (tape, ty) = read(&format!(r#"{{"resourceType":"{resource_type}",{members}}}"#));
    let base = Some("http://me/fhir");
    let source = Source { resource: tape.root(), resource_type: ty, resolve: &resolve, base };
    let (values, _) = extract_all(&source, &ResourceId::new("me").unwrap());
    let id = param(ty, code).unwrap_or_else(|| panic!("{resource_type} has no {code}")).id.0;
    let found = values.0.iter().filter(|v| v.param == id).map(|v| show(&v.datum));
    assert_eq!(found.collect::<Vec<_>>(), expect, "{resource_type}.{code} of {members}");
}

#[test]
fn every_parameter_is_compiled() {
    for ty in ResourceType::ALL {
        let compiled = &Fields::of(ty).unwrap().params;
        let wanted = params_of(ty).iter().filter(|p| {
            !matches!(p.kind, ParamKind::Composite | ParamKind::Special)
                && !matches!(p.code, "_id" | "_lastUpdated")
        });
        for p in wanted {
            assert!(compiled.iter().any(|field| field.id == p.id.0), "{ty}.{}", p.code);
        }
    }
}

#[test]
fn tokens() {
    let gender = "http://hl7.org/fhir/administrative-gender|male";
    check("Patient", r#""gender":"male""#, "gender", &[gender]);
    check("Patient", r#""active":false"#, "active", &["-|false"]);
    check("Patient", r#""deceasedBoolean":true"#, "deceased", &["-|true"]);
    check("Patient", r#""deceasedBoolean":false"#, "deceased", &["-|false"]);
    check("Patient", r#""deceasedDateTime":"2020""#, "deceased", &["-|true"]);
    check("Patient", r#""active":true"#, "deceased", &["-|false"]);
    let identifiers = r#""identifier":[{"system":"s","value":"1"},{"value":"2"},{"system":"t"},
        {"use":"old"},{"system":"s","value":"1"}]"#;
    check("Patient", identifiers, "identifier", &["s|1", "-|2", "t|"]);
    let telecom = r#""telecom":[{"system":"phone","value":"5"},{"system":"email","value":"a@b"}]"#;
    check("Patient", telecom, "phone", &["-|5"]);
    check("Patient", telecom, "telecom", &["-|5", "-|a@b"]);
    let code = r#""code":{"coding":[{"system":"l","code":"1","display":"x"},{"code":"2"}],
        "text":"only for :text"},"component":[{"code":{"coding":[{"code":"3"}]}}]"#;
    check("Observation", code, "code", &["l|1", "-|2"]);
    check("Observation", code, "combo-code", &["l|1", "-|2", "-|3"]);
    check("Observation", r#""code":{"text":"t"}"#, "code", &[]);
    let coded = r#""meta":{"tag":[{"system":"a","code":"b"}],"security":[{"code":"R"}]}"#;
    check("Observation", coded, "_tag", &["a|b"]);
    check("Observation", coded, "_security", &["-|R"]);
    check("MessageHeader", r#""eventUri":"urn:e""#, "event", &["-|urn:e"]);
    check("MessageHeader", r#""eventCoding":{"code":"e"}"#, "event", &["-|e"]);
    check("Group", r#""characteristic":[{"valueBoolean":true}]"#, "value", &["-|true"]);
}

#[test]
fn references_by_form() {
    let subject = |text: &str| format!(r#""subject":{{"reference":"{text}"}}"#);
    for (text, expect) in [
        ("Patient/1", "Patient/1"),
        ("Patient/1/_history/2", "Patient/1"),
        ("http://me/fhir/Patient/1", "Patient/1"),
        ("http://you/fhir/Patient/1", "url http://you/fhir/Patient/1"),
        ("http://you/fhir/Patient/1/_history/2", "url http://you/fhir/Patient/1"),
        ("urn:uuid:11111111-1111-1111-1111-111111111111", "Patient/new"),
    ] {
        check("Observation", &subject(text), "subject", &[expect]);
        check("Observation", &subject(text), "patient", &[expect]);
    }
    let unknown = "urn:uuid:22222222-2222-2222-2222-222222222222";
    check("Observation", &subject(unknown), "subject", &[&format!("url {unknown}")]);
    check("Observation", &subject(unknown), "patient", &[]);
    check("Observation", &subject("Group/1"), "patient", &[]);
    for nothing in ["#p", "Nothing/1", "", "Patient/a b", "Patient?identifier=9"] {
        check("Observation", &subject(nothing), "subject", &[]);
    }
    let logical = r#""subject":{"identifier":{"value":"1"},"display":"x"}"#;
    check("Observation", logical, "subject", &[]);
    let performers = r#""performer":[{"reference":"Practitioner?identifier=s|1"},
        {"reference":"Organization/o"},{"reference":"Practitioner/found"}]"#;
    let found = ["Practitioner/found", "Organization/o"];
    check("Observation", performers, "performer", &found);
    let plan = r##""instantiatesCanonical":["http://x/PlanDefinition/1|2.0","#c"]"##;
    check("CarePlan", plan, "instantiates-canonical", &["url http://x/PlanDefinition/1|2.0"]);
    check("ConceptMap", r#""sourceUri":"http://v""#, "source-uri", &["url http://v"]);
    let map = r#""sourceCanonical":"ValueSet/v""#;
    check("ConceptMap", map, "source", &["ValueSet/v"]);
    check(
        "MedicationRequest",
        r#""medicationReference":{"reference":"Medication/1"}"#,
        "medication",
        &["Medication/1"],
    );
}

#[test]
fn strings_and_uris() {
    let name = r#""name":[{"use":"official","family":"Ng","given":["An","B"],"prefix":["Dr"],
        "suffix":["MD"],"text":"Dr An Ng"},{"given":["An"]}]"#;
    check("Patient", name, "name", &["Ng", "An", "B", "Dr", "MD", "Dr An Ng"]);
    check("Patient", name, "given", &["An", "B"]);
    let address = r#""address":[{"use":"home","line":["1 Way","2nd"],"city":"X","district":"D",
        "state":"S","postalCode":"9","country":"C","text":"T","period":{"start":"2020"}}]"#;
    check("Patient", address, "address", &["1 Way", "2nd", "X", "D", "S", "9", "C", "T"]);
    check("Patient", address, "address-city", &["X"]);
    check("Observation", r#""valueString":"A é""#, "value-string", &["A é"]);
    check("Observation", r#""valueCodeableConcept":{"text":"t"}"#, "value-string", &["t"]);
    check("ValueSet", r#""description":"*m*""#, "description", &["*m*"]);
    check("ValueSet", r#""url":"http://v""#, "url", &["uri http://v"]);
    check(
        "Patient",
        r#""meta":{"profile":["http://p|1"],"source":"s"}"#,
        "_profile",
        &["uri http://p|1"],
    );
    check("Patient", r#""meta":{"source":"http://a#s"}"#, "_source", &["uri http://a#s"]);
}

#[test]
fn dates() {
    let day = "2020-02-29T00:00:00 2020-03-01T00:00:00";
    check("Patient", r#""birthDate":"2020-02-29""#, "birthdate", &[day]);
    check("Patient", r#""birthDate":"2021-02-29""#, "birthdate", &[]);
    let minute = "2020-01-01T08:00:00 2020-01-01T08:00:01";
    let time = r#""effectiveDateTime":"2020-01-01T10:00:00+02:00""#;
    check("Observation", time, "date", &[minute]);
    check("Observation", r#""effectiveInstant":"2020-01-01T08:00:00Z""#, "date", &[minute]);
    let period = |text: &str| format!(r#""effectivePeriod":{text}"#);
    let year = "2020-01-01T00:00:00 2021-01-01T00:00:00";
    for (text, expect) in [
        (r#"{"start":"2020","end":"2020"}"#, &[year][..]),
        (r#"{"start":"2020"}"#, &["2020-01-01T00:00:00 +"]),
        (r#"{"end":"2020"}"#, &["- 2021-01-01T00:00:00"]),
        ("{}", &[]),
        (r#"{"start":"2021","end":"2020"}"#, &[]),
        (r#"{"start":"soon","end":"2020"}"#, &[]),
    ] {
        check("Observation", &period(text), "date", expect);
    }
    let timing = |text: &str| format!(r#""effectiveTiming":{text}"#);
    for (text, expect) in [
        (r#"{"event":["2020-06","2020-02-29"]}"#, &["2020-02-29T00:00:00 2020-07-01T00:00:00"][..]),
        (r#"{"event":["2020"],"repeat":{"boundsPeriod":{"start":"2019"}}}"#, {
            &["2019-01-01T00:00:00 +"]
        }),
        (r#"{"repeat":{"boundsDuration":{"value":3}}}"#, &[]),
    ] {
        check("Observation", &timing(text), "date", expect);
    }
    check("Immunization", r#""occurrenceString":"2020""#, "date", &[]);
}

#[test]
fn numbers_and_quantities() {
    let probability = |text: &str| format!(r#""prediction":[{{{text}}}]"#);
    check("RiskAssessment", &probability(r#""probabilityDecimal":10.0"#), "probability", &["10"]);
    let range = probability(r#""probabilityRange":{"low":{"value":1}}"#);
    check("RiskAssessment", &range, "probability", &[]);
    let value = |text: &str| format!(r#""valueQuantity":{{{text}"unit":"U"}}"#);
    for (text, expect) in [
        (r#""value":5.0,"system":"u","code":"mg","#, "5..5 u mg U"),
        (r#""value":-5,"comparator":"<","#, "-..-5 - - U"),
        (r#""value":5,"comparator":">=","#, "5..+ - - U"),
    ] {
        check("Observation", &value(text), "value-quantity", &[expect]);
    }
    check("Observation", &value(r#""code":"mg","#), "value-quantity", &[]);
    check("Observation", &value(r#""value":"5","#), "value-quantity", &[]);
    let sampled = r#""valueSampledData":{"origin":{"value":1},"period":1,"dimensions":1}"#;
    check("Observation", sampled, "value-quantity", &[]);
    let onset = |text: &str| format!(r#""onsetRange":{text}"#);
    for (text, expect) in [
        (r#"{"low":{"value":1,"code":"a"},"high":{"value":2,"code":"a"}}"#, &["1..2 - a -"][..]),
        (r#"{"low":{"value":1,"code":"a"},"high":{"value":2,"code":"m"}}"#, {
            &["1..+ - a -", "-..2 - m -"]
        }),
        (r#"{"low":{"value":1}}"#, &["1..+ - - -"]),
        (r#"{"high":{"value":2}}"#, &["-..2 - - -"]),
        (r#"{"low":{"value":3},"high":{"value":2}}"#, &[]),
    ] {
        check("Condition", &onset(text), "onset-age", expect);
    }
    check("Condition", r#""onsetAge":{"value":7,"code":"a"}"#, "onset-age", &["7..7 - a -"]);
    let money = r#""totalNet":{"value":7,"currency":"EUR"}"#;
    check("Invoice", money, "totalnet", &["7..7 urn:iso:std:iso:4217 EUR -"]);
}

#[test]
fn many_values_are_distinct_too() {
    let concept = |n: usize| format!(r#"{{"code":"c{}"}}"#, n % 400);
    let concepts: Vec<String> = (0..1000).map(concept).collect();
    let (tape, ty) =
        read(&format!(r#"{{"resourceType":"CodeSystem","concept":[{}]}}"#, concepts.join(",")));
    let values = extract(tape.root(), ty, &resolve);
    assert_eq!(values.0.len(), 400);
    assert_eq!(show(&values.0[7].datum), "-|c7");
}

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
fn authors_are_those_of_the_table() {
    let found = columns(
        r#"{"resourceType":"Procedure","recorder":{"reference":"Practitioner/b"},
        "asserter":{"reference":"Patient/a"},"performer":[{"actor":{"reference":"CareTeam/c"}},
        {"actor":{"reference":"Practitioner?identifier=s|1"}},{"actor":{"reference":"Practitioner/b"}}]}"#,
    );
    assert_eq!(found.authors, ["Patient/a", "Practitioner/b", "Practitioner/found"]);
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
    let authors = names(include_str!("authors.tsv"));
    let days = names(include_str!("clinical_days.tsv"));
    assert!(authors.is_sorted_by(|a, b| a < b) && days.is_sorted_by(|a, b| a < b));
    assert!(authors.iter().all(|ty| Fields::of(*ty).unwrap().authors.is_some()));
    for row in rows(include_str!("clinical_days.tsv")) {
        let row: Vec<&str> = row;
        let ty = ResourceType::from_name(row[0]).unwrap();
        assert_eq!(Fields::of(ty).unwrap().days.len(), row.len() - 1, "{ty}");
    }
    let labels: Vec<Vec<&str>> = rows(include_str!("labels.tsv")).collect();
    for (bit, row) in labels.iter().enumerate() {
        assert_eq!((row.len(), row[0]), (4, bit.to_string().as_str()));
        let broader = row[3].split(' ').filter(|code| *code != "-");
        broader.for_each(|code| assert!(labels.iter().any(|l| l[1] == row[1] && l[2] == code)));
    }
    assert!(labels.len() <= 64);
}

#[test]
fn values_carry_parameters_of_their_type() {
    let (tape, ty) =
        read(r#"{"resourceType":"Observation","status":"final","meta":{"tag":[{"code":"t"}]}}"#);
    for value in extract(tape.root(), ty, &resolve).0 {
        let base = param_by_id(accord_spec::ParamId(value.param)).unwrap().base;
        assert!(base.is_none() || base == Some(ty));
    }
}
