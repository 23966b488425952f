use accord_spec::{ParamKind, param_by_id, params_of};

use super::super::fields::Fields;
use super::*;

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
fn every_composite_is_compiled() {
    for ty in ResourceType::ALL {
        let compiled = &Fields::of(ty).unwrap().composites;
        for p in params_of(ty).iter().filter(|p| p.kind == ParamKind::Composite) {
            assert!(compiled.iter().any(|composite| composite.id == p.id.0), "{ty}.{}", p.code);
        }
    }
}

#[test]
fn what_stands_together() {
    let pressure = r#""code":{"coding":[{"code":"bp","display":"x"}]},"component":[
        {"code":{"coding":[{"code":"sys"}]},"valueQuantity":{"value":140,"code":"mm[Hg]"}},
        {"code":{"coding":[{"code":"note"}]},"valueString":"x"},
        {"code":{"coding":[{"code":"dia"}]},"valueQuantity":{"value":90,"code":"mm[Hg]"}}]"#;
    let parts = ["0.0 -|sys", "0.1 140..140 - mm[Hg] -", "1.0 -|dia", "1.1 90..90 - mm[Hg] -"];
    check("Observation", pressure, "component-code-value-quantity", &parts);
    check("Observation", pressure, "combo-code-value-quantity", &parts);
    check("Observation", pressure, "code-value-quantity", &[]);
    let context = r#""useContext":[{"code":{"code":"age"},"valueRange":{"low":{"value":1}}},
        {"code":{"code":"focus"},"valueCodeableConcept":{"coding":[{"code":"c"}],"text":"t"}}]"#;
    check("ValueSet", context, "context-type-quantity", &["0.0 -|age", "0.1 1..+ - - -"]);
    check("ValueSet", context, "context-type-value", &["0.0 -|focus", "0.1 -|c"]);
    let relates =
        r#""relatesTo":[{"code":"replaces","target":{"reference":"DocumentReference/1"}}]"#;
    let system = "http://hl7.org/fhir/document-relationship-type";
    let code = format!("0.1 {system}|replaces");
    check("DocumentReference", relates, "relationship", &["0.0 DocumentReference/1", &code]);
    let sequence = r#""referenceSeq":{"chromosome":{"coding":[{"code":"1"}]}},
        "variant":[{"start":3,"end":4}]"#;
    let parts = ["0.0 -|1", "0.1 3", "0.2 4"];
    check("MolecularSequence", sequence, "chromosome-variant-coordinate", &parts);
    let place = r#""position":{"latitude":2,"longitude":-3.0}"#;
    check("Location", place, "near", &["0.0 2", "0.1 -3"]);
}

#[test]
fn what_modifiers_ask_for() {
    let code = r#""code":{"coding":[{"code":"1","display":"Head"},{"code":"2"}],"text":"Ache"}"#;
    check_modified("Observation", code, "code", &["text Head", "text Ache"]);
    let identifier = r#""identifier":[{"system":"s","value":"1","type":{"coding":[
        {"system":"t","code":"MR"},{"code":"XX"}],"text":"Record"}}]"#;
    check_modified("Patient", identifier, "identifier", &["type t|MR|1", "text Record"]);
    let logical = r#""subject":{"identifier":{"system":"s","value":"1"}}"#;
    check("Observation", logical, "subject", &["id s|1"]);
    let both = r#""subject":{"reference":"Patient/1","identifier":{"value":"1"}}"#;
    check("Observation", both, "subject", &["Patient/1"]);
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
    check("Observation", logical, "subject", &["id -|1"]);
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
fn values_carry_parameters_of_their_type() {
    let (tape, ty) =
        read(r#"{"resourceType":"Observation","status":"final","meta":{"tag":[{"code":"t"}]}}"#);
    for value in extract(tape.root(), ty, &resolve).0 {
        let base = param_by_id(accord_spec::ParamId(value.param)).unwrap().base;
        assert!(base.is_none() || base == Some(ty));
    }
}
