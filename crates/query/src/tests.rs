//! Queries as they are asked, and what becomes of them.

use accord_base::LogTime;
use accord_spec::{ParamKind, ResourceType, param_by_id, params_of};
use proptest::prelude::*;

use super::*;

/// 2026-01-01T00:00:00Z.
const NOW: LogTime = LogTime(1_767_225_600_000_000);

/// Name–value pairs of a query string.
fn decode(query: &str) -> Vec<(String, String)> {
    let plain = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(b) = rest.next() {
            bytes.push(match b {
                b'%' => {
                    let hex = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap()
                }
                other => other,
            });
        }
        String::from_utf8(bytes).unwrap()
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            (plain(name), plain(value))
        })
        .collect()
}

fn context(handling: Handling) -> Context<'static> {
    Context { handling, base_url: Some("http://own.example/fhir"), ..Context::strict(NOW) }
}

fn read(on: &str, query: &str, handling: Handling) -> Result<Parsed, Vec<accord_fhir::Issue>> {
    let resource_type = (on != "*").then(|| ResourceType::from_name(on).unwrap());
    parse(resource_type, decode(query), &context(handling))
}

fn query(on: &str, text: &str) -> Query {
    let parsed = read(on, text, Handling::Strict).unwrap_or_else(|e| panic!("{text}: {e:?}"));
    assert_eq!(parsed.ignored, []);
    parsed.query
}

/// The query is understood and written back as `canonical`.
fn check(on: &str, text: &str, canonical: &str) {
    let understood = query(on, text);
    assert_eq!(understood.to_query_string(), canonical, "{text}");
    assert_eq!(query(on, canonical), understood, "{text}");
}

/// The query is refused with this issue alone, even under lenient handling.
fn refuse(on: &str, text: &str, expect: &str) {
    for handling in [Handling::Strict, Handling::Lenient] {
        let issues = read(on, text, handling).unwrap_err();
        let texts: Vec<&str> = issues.iter().map(|issue| issue.diagnostics.as_str()).collect();
        assert_eq!(texts, [expect], "{text}");
    }
}

/// The query is refused with this issue under strict handling; lenient handling ignores the
/// parameter with the same words.
fn ignore(on: &str, text: &str, expect: &str) {
    let issues = read(on, text, Handling::Strict).unwrap_err();
    let texts: Vec<&str> = issues.iter().map(|issue| issue.diagnostics.as_str()).collect();
    assert_eq!(texts, [expect], "{text}");
    let parsed = read(on, text, Handling::Lenient).unwrap();
    assert_eq!(parsed.ignored.len(), 1, "{text}");
    assert_eq!(parsed.ignored[0].diagnostics, expect);
    assert_eq!(parsed.ignored[0].expression, issues[0].expression);
    assert_eq!(parsed.query, query(on, ""));
}

fn test(on: &str, text: &str) -> Test {
    let mut query = query(on, text);
    assert_eq!(query.clauses.len(), 1, "{text}");
    query.clauses.remove(0).test
}

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
    refuse("Patient", "gender:in=x", "modifier `:in` of parameter `gender` is not supported");
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
    refuse(
        "Observation",
        "subject:identifier=x",
        "modifier `:identifier` of parameter `subject` is not supported",
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
    refuse(
        "ValueSet",
        "url:below=http://a",
        "modifier `:below` of parameter `url` is not supported",
    );
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
fn dates_match_by_the_specification() {
    // Each row: value, then targets that match and targets that do not.
    for (value, matching, other) in [
        ("2013-01-14", "2013-01-14 2013-01-14T10:00", "2013-01-15T00:00 2013-01 2013"),
        ("ne2013-01-14", "2013-01-15 2013-01", "2013-01-14T00:00"),
        ("gt2013-01-14", "2013-01-15 2013-01 2013", "2013-01-14 2013-01-13"),
        ("lt2013-01-14", "2013-01-13 2013", "2013-01-14 2013-01-15"),
        ("ge2013-03-14", "2013-03-14 2013-03-15 2013", "2013-03-13"),
        ("le2013-03-14", "2013-03-14 2013-03-13 2013", "2013-03-15"),
        ("sa2013-03-14", "2013-03-15 2014", "2013-03-14 2013"),
        ("eb2013-03-14", "2013-03-13 2012", "2013-03-14 2013"),
        ("ap2025-03", "2025-03 2025-02-15 2025-04-20", "2025-01-25 2025-05-15"),
    ] {
        let Test::Date(values) = test("Patient", &format!("birthdate={value}")) else { panic!() };
        let hit = |target: &str| {
            let range = accord_fhir::DateRange::parse(target).unwrap();
            values[0].matches(range.low, range.high)
        };
        assert!(matching.split(' ').all(hit), "{value} should match all of {matching}");
        assert!(!other.split(' ').any(hit), "{value} should match none of {other}");
    }
    check("Patient", "birthdate=eq2013,gt2014-01", "birthdate=2013,gt2014-01");
    check(
        "Patient",
        "_lastUpdated=ge2020-01-01T00:00:00%2002:00",
        "_lastUpdated=ge2020-01-01T00:00:00%2B02:00",
    );
    refuse("Patient", "birthdate=2013-13", "`2013-13` is not a date");
    refuse("Patient", "birthdate=xx2013", "`xx2013` does not begin with a known prefix");
    refuse(
        "Patient",
        "birthdate:exact=2013",
        "date parameter `birthdate` has no modifier `:exact`",
    );
    refuse(
        "Patient",
        "_lastUpdated:missing=true",
        "date parameter `_lastUpdated` has no modifier `:missing`",
    );
}

#[test]
fn numbers_match_by_their_precision() {
    for (value, matching, other) in [
        ("100", "100 99.5 100.4999", "99.4999 100.5"),
        ("100.00", "100 99.995", "100.005 99.99"),
        ("1e2", "95 149", "150 49"),
        ("ne100", "99.4 100.5", "100.2"),
        ("gt100", "100.1", "100 99"),
        ("ge100", "100 101", "99.9"),
        ("lt100", "99.9", "100"),
        ("le100", "100", "100.1"),
        ("ap100", "90 110", "89.9 110.1"),
        ("-5.4", "-5.4 -5.44", "5.4 -5.46"),
        ("0", "0 -0.5 0.49", "0.5 -0.51"),
    ] {
        let Test::Number(values) = test("RiskAssessment", &format!("probability={value}")) else {
            panic!()
        };
        let hit = |target: &str| {
            let key = accord_fhir::Decimal::parse(target).unwrap().order_key();
            values[0].matches(key, key)
        };
        assert!(matching.split(' ').all(hit), "{value} should match all of {matching}");
        assert!(!other.split(' ').any(hit), "{value} should match none of {other}");
    }
    refuse("RiskAssessment", "probability=abc", "`abc` does not begin with a known prefix");
    refuse("RiskAssessment", "probability=1.2.3", "`1.2.3` is not a number");
}

#[test]
fn quantities() {
    let ucum = "http://unitsofmeasure.org";
    check("Observation", "value-quantity=5.40", "value-quantity=5.40");
    check("Observation", "value-quantity=gt5||mg", "value-quantity=gt5%7C%7Cmg");
    check(
        "Observation",
        &format!("value-quantity=le5.4|{ucum}|mg"),
        &format!("value-quantity=le5.4%7C{ucum}%7Cmg"),
    );
    for bad in ["5|", "5|x", "5||", "5|x|", "5|a|b|c"] {
        let forms = "`number`, `number|system|code` or `number||code`";
        let text = format!("`{bad}` is not a quantity: {forms}");
        refuse("Observation", &format!("value-quantity={bad}"), &text);
    }
}

#[test]
fn control_parameters() {
    let default = query("Patient", "_format=json&_pretty=true");
    assert_eq!((default.count, default.total, default.count_only), (DEFAULT_COUNT, None, false));
    check("Patient", "_count=0", "_count=0");
    assert!(query("Patient", "_count=0").count_only);
    check("Patient", "_count=5&_summary=count&_total=none", "_count=5&_summary=count&_total=none");
    assert_eq!(query("Patient", "_count=99999999999999999999").count, MAX_COUNT);
    check("Patient", "_sort=-_lastUpdated,_id,-_id", "_sort=-_lastUpdated,_id");
    check("*", "_type=Patient,Observation,Patient&_id=1", "_id=1&_type=Observation,Patient");
    check("*", "_tag=a&_lastUpdated=2020", "_tag=a&_lastUpdated=2020");
    check("Patient", "_cursor=a%2Fb%3D", "_cursor=a/b%3D");
    refuse("Patient", "_count=-1", "`_count` is a number from 0, not `-1`");
    refuse("Patient", "_count=1&_count=2", "parameter `_count` is given more than once");
    refuse("Patient", "_sort:asc=_id", "parameter `_sort` has no modifier `:asc`");
    refuse("Patient", "_total=x", "`_total` is `none`, `estimate` or `accurate`, not `x`");
    refuse("*", "_type=Foo", "`Foo` is not a resource type");
    refuse("Patient", "_id=s|1", "`_id` takes ids without a system");
    ignore("Patient", "_type=Patient", "`_type` belongs to a search over all types");
    ignore("Patient", "_sort=name", "sorting by `name` is not supported");
    ignore("Patient", "_summary=text", "`_summary=text` is not supported");
}

#[test]
fn what_is_not_there_is_an_error_or_ignored() {
    ignore("Patient", "colour=red", "parameter `colour` is not known for Patient");
    ignore("*", "name=x", "parameter `name` is not known for all types");
    ignore("Patient", "name=", "parameter `name` has no value");
    ignore("Observation", "subject.name=x", "chain `subject.name` is not supported");
    ignore(
        "Observation",
        "subject:Patient.name=x",
        "chain `subject:Patient.name` is not supported",
    );
    ignore("Patient", "_has:Observation:patient:code=x", "parameter `_has` is not supported");
    ignore("Patient", "_include:iterate=x", "parameter `_include` is not supported");
    ignore("Patient", "_text=x", "parameter `_text` is not supported");
    ignore(
        "Observation",
        "code-value-quantity=x$1",
        "composite parameter `code-value-quantity` is not supported",
    );
    ignore("Location", "near=1|2", "special parameter `near` is not supported");
    let issues = read("Patient", "gender=|&birthdate=x&foo%60%0A=1", Handling::Strict).unwrap_err();
    let places: Vec<_> = issues.iter().map(|i| i.expression.as_deref().unwrap()).collect();
    assert_eq!(places, ["http.gender", "http.birthdate", "http.foo\u{fffd}\u{fffd}"]);
}

#[test]
fn a_search_has_bounds() {
    let many = |n: usize, pair: &str| vec![pair; n].join("&");
    refuse("Patient", &many(65, "gender=male"), "a search has at most 64 parameters");
    let list = format!("_id={}", vec!["x"; 2001].join(","));
    refuse("Patient", &list, "a search has at most 2000 values");
    let long = format!("name={}", "x".repeat(70_000));
    refuse("Patient", &long, "a search has at most 65536 bytes of parameters");
    assert_eq!(query("Patient", &many(64, "gender=male")).clauses.len(), 64);
}

/// A parameter of the type, well formed more often than not.
fn pair() -> impl Strategy<Value = (String, String)> {
    let names = prop_oneof![
        6 => prop::sample::select(vec![
            "code", "subject", "patient", "date", "value-quantity", "_id", "_lastUpdated", "_tag",
            "value-string", "_count", "_sort", "_total", "_summary", "_cursor", "_profile",
        ]).prop_map(str::to_owned),
        1 => ".{0,8}",
    ];
    let modifiers = prop_oneof![
        5 => Just(""), 1 => Just(":missing"), 1 => Just(":not"), 1 => Just(":exact"),
        1 => Just(":contains"), 1 => Just(":Patient"), 1 => Just(":x"),
    ];
    let values = prop_oneof![
        4 => prop::sample::select(vec![
            "true", "http://s.example|c", "|c", "Patient/1", "1", "http://e.example/a|2", "2020-01",
            "ap2019", "5.4||mg", "le5.4|u|c", "-_lastUpdated,_id", "count", "accurate", "x,y\\,z",
            "0", "300", "urn:oid:1.2.3",
        ]).prop_map(str::to_owned),
        1 => "[a-z|,$\\\\ 0-9é.:/-]{0,12}",
        1 => ".{0,12}",
    ];
    (names, modifiers, values).prop_map(|(name, modifier, value)| (name + modifier, value))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_understood_survives_being_written_and_read(
        pairs in prop::collection::vec(pair(), 0..6), lenient: bool,
    ) {
        let handling = if lenient { Handling::Lenient } else { Handling::Strict };
        let on = Some(ResourceType::OBSERVATION);
        // Faulty pairs are left out so that good ones are met together.
        let good: Vec<_> = pairs.into_iter()
            .filter(|pair| parse(on, [pair.clone()], &context(handling)).is_ok()).collect();
        if let Ok(parsed) = parse(on, good, &context(handling)) {
            let text = parsed.query.to_query_string();
            let again = parse(on, decode(&text), &context(Handling::Strict));
            prop_assert_eq!(again.map(|p| p.query), Ok(parsed.query), "{}", text);
        }
    }

    #[test]
    fn nothing_panics(pairs in prop::collection::vec((".{0,20}", ".{0,40}"), 0..4)) {
        for on in [None, Some(ResourceType::PATIENT)] {
            if let Err(issues) = parse(on, pairs.clone(), &context(Handling::Strict)) {
                prop_assert!(!issues.is_empty());
            }
        }
    }

    #[test]
    fn every_parameter_reads_any_value(
        which in any::<prop::sample::Index>(), at in 0usize..64, value in "\\PC{0,24}",
        prefix in prop::sample::select(vec!["", "ap", "sa", "1", "2020-02-", "a|", "Patient/"]),
    ) {
        let on = *which.get(&ResourceType::ALL);
        let params = params_of(on);
        let param = params[at % params.len()];
        let _ = parse(Some(on), [(param.code, format!("{prefix}{value}"))], &context(Handling::Strict));
    }

    #[test]
    fn normalising_twice_changes_nothing(text in "\\PC{0,24}") {
        let once = normalise(&text);
        prop_assert_eq!(normalise(&once), once);
    }

    #[test]
    fn a_text_begins_with_its_own_beginnings(words in "[a-zA-ZéÉłŁ ß]{1,20}", cut in 1usize..20) {
        let begin: String = words.chars().take(cut).collect();
        prop_assert!(normalise(&words).starts_with(&normalise(&begin)));
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
