use accord_fhir::json;
use proptest::prelude::*;

use crate::*;

const PATIENT: &str = r##"{"resourceType":"Patient","active":true,
  "name":[{"use":"official","given":["Ada","B"],"_given":[null,{"id":"g2"}],"family":"L"},
          {"use":"usual","given":[null],"_given":[{"extension":[{"url":"u","valueString":"?"}]}]}],
  "_birthDate":{"extension":[{"url":"http://x/t","valueDateTime":"1970-01-01T01:00:00Z"}]},
  "telecom":[{"system":"phone","value":"1"},{"system":"email","value":"a@b"}],
  "contained":[{"resourceType":"Practitioner","id":"p1"},{"resourceType":"Organization","id":"o1"}],
  "generalPractitioner":[{"reference":"#p1"},{"reference":"Organization/7"},
     {"reference":"http://a.org/fhir/Practitioner/2/_history/3"},
     {"reference":"urn:uuid:d67a0cff-8f7e-46f7-bb99-577a6623e59a"},
     {"reference":"Practitioner?identifier=x"},{"type":"Practitioner","display":"?"},
     {"reference":"urn:uuid:00000000-8f7e-46f7-bb99-577a6623e59a"},{"reference":"#none"}],
  "deceasedDateTime":"2020-01-01","multipleBirthInteger":2}"##;

fn resolver(urn: &str) -> Option<String> {
    urn.contains("d67a").then(|| "Practitioner/9".to_owned())
}

fn show(item: &Item<'_>) -> String {
    match item {
        Item::Element(Element { value: Some(value), .. }) => value.raw().to_owned(),
        Item::Element(Element { sibling, .. }) => format!("_{}", sibling.unwrap().raw()),
        Item::Elsewhere(ty) => format!("<{ty:?}>"),
        Item::Boolean(value) => value.to_string(),
        Item::Integer(value) | Item::Long(value) => value.to_string(),
        Item::Decimal(number) => number.to_string(),
        Item::String(text) => text.to_string(),
        Item::Moment(moment) => moment.to_string(),
        Item::Quantity(quantity) => quantity.to_string(),
        Item::Type(info) => format!("{info:?}"),
    }
}

fn on(document: &str, text: &str) -> Result<Vec<String>, EvalError> {
    let tape = json::parse(document.as_bytes(), json::Limits::default()).unwrap();
    let resource = Element::resource(tape.root()).unwrap();
    let expr = parse(text, Limits::default()).unwrap_or_else(|e| panic!("{text}: {e}"));
    let plan =
        compile(&expr, resource.ty, Limits::default()).unwrap_or_else(|e| panic!("{text}: {e}"));
    let env = Env::new(tape.root(), &resolver);
    Ok(plan.items(&env, resource)?.iter().map(show).collect())
}

fn check(text: &str, expect: &[&str]) {
    assert_eq!(on(PATIENT, text).unwrap(), expect, "{text}");
}

#[test]
fn paths_flatten() {
    check("Patient.name.family", &[r#""L""#]);
    check(
        "name.given",
        &[r#""Ada""#, r#""B""#, r#"_{"extension":[{"url":"u","valueString":"?"}]}"#],
    );
    check("name.given.id", &[r#""g2""#]);
    check("birthDate.extension('http://x/t').value", &[r#""1970-01-01T01:00:00Z""#]);
    check("birthDate.exists()", &["true"]);
    check("gender", &[]);
    check("Observation.code", &[]);
    check("Resource.id | DomainResource.language", &[]);
    check("name[1].use", &[r#""usual""#]);
    check("name[2].use", &[]);
    check("name.first().use", &[r#""official""#]);
    check("name.given.count()", &["3"]);
    check("%resource.active", &["true"]);
    check("contained.id", &[r#""p1""#, r#""o1""#]);
    check("contained.ofType(Organization).id", &[r#""o1""#]);
}

#[test]
fn choices_are_narrowed() {
    check("deceased", &[r#""2020-01-01""#]);
    check("deceased as dateTime", &[r#""2020-01-01""#]);
    check("deceased.ofType(boolean)", &[]);
    check("deceased is dateTime", &["true"]);
    check("deceased is FHIR.boolean", &["false"]);
    check("deceased.is(System.Boolean)", &["false"]);
    check("deceased.exists().is(System.Boolean)", &["true"]);
    check("multipleBirth = 2.0", &["true"]);
    check("birthDate.extension.value.is(dateTime)", &["true"]);
}

#[test]
fn filters_and_truth() {
    check("telecom.where(system='phone').value", &[r#""1""#]);
    check("telecom.where(system='fax')", &[]);
    check("name.where(use='usual' or given='Ada').use", &[r#""usual""#]);
    check("name.exists(use='old')", &["false"]);
    check("name.given.where($this='Ada')", &[r#""Ada""#]);
    check("Patient.deceased.exists() and Patient.deceased != false", &["true"]);
    check("active", &["true"]);
    check("active.not()", &["false"]);
    check("gender.not()", &[]);
    check("gender.empty() xor active", &["false"]);
    check("gender = 'male' and active", &[]);
    check("gender = 'male' and active.not()", &["false"]);
    check("gender = 'male' or active", &["true"]);
    check("gender = 'male' implies active", &["true"]);
    check("active implies gender = 'male'", &[]);
    check("extension.where(url = 'x')", &[]);
    check("hasExtension('x')", &["false"]);
    check("birthDate.hasExtension('http://x/t')", &["true"]);
    assert_eq!(on(PATIENT, "name.where(given)"), Err(EvalError::NotSingle));
}

#[test]
fn references_are_judged_by_their_text() {
    let of = "generalPractitioner.where(resolve() is Practitioner)";
    check(&format!("{of}.count()"), &["5"]);
    check(
        "generalPractitioner.where(resolve() is Organization).reference",
        &[r#""Organization/7""#],
    );
    check("generalPractitioner[0].resolve().id", &[r#""p1""#]);
    check("generalPractitioner[1].resolve()", &["<Organization>"]);
    check("generalPractitioner.resolve().count()", &["6"]);
}

#[test]
fn unions_are_sets() {
    let coding =
        |order: &str| format!(r#"{{"resourceType":"Observation","code":{{"coding":[{order}]}}}}"#);
    let document = coding(r#"{"system":"s","code":"c"},{"code":"c","system":"s"},{"code":"d"}"#);
    let found = on(&document, "code.coding | Observation.code.coding").unwrap();
    assert_eq!(found, [r#"{"system":"s","code":"c"}"#, r#"{"code":"d"}"#]);
}

#[test]
fn steps_are_bounded() {
    let tape = json::parse(PATIENT.as_bytes(), json::Limits::default()).unwrap();
    let resource = Element::resource(tape.root()).unwrap();
    let limits = Limits { steps: 3, ..Limits::default() };
    let few = compile(&parse("telecom.value", limits).unwrap(), resource.ty, limits).unwrap();
    let env = Env::new(tape.root(), &|_| None);
    assert_eq!(few.items(&env, resource).unwrap_err(), EvalError::TooManySteps);
    // The next evaluation in the same surroundings starts anew.
    let one = compile(&parse("active", limits).unwrap(), resource.ty, limits).unwrap();
    assert_eq!(one.truth(&env, resource), Ok(Some(true)));
}

/// The forest of all search parameters of a patient yields what each of them yields alone.
fn forest_agrees(document: &str) {
    let tape = json::parse(document.as_bytes(), json::Limits::default()).unwrap();
    let resource = Element::resource(tape.root()).unwrap();
    let env = Env::new(tape.root(), &resolver);
    let further = [
        "name.given[0]",
        "contained.id",
        "generalPractitioner.resolve().id",
        "name.given.id",
        "deceased",
        "deceased as dateTime",
        "telecom.where(system = 'email').value | name.family",
    ];
    let texts: Vec<&str> = accord_spec::params_of(accord_spec::ResourceType::PATIENT)
        .iter()
        .map(|p| p.expression)
        .filter(|e| !e.is_empty())
        .chain(further)
        .collect();
    let plan = |text: &&str| {
        let expr = parse(text, Limits::default()).unwrap();
        compile(&expr, resource.ty, Limits::default()).unwrap()
    };
    let plans: Vec<Plan> = texts.iter().map(plan).collect();
    let forest = Forest::new(plans.clone());
    let mut found = vec![Vec::new(); texts.len()];
    let together = forest.each(&env, resource, &mut |number, item| found[number].push(show(&item)));
    let mut alone = Ok(());
    for (number, plan) in plans.iter().enumerate() {
        match plan.items(&env, resource) {
            Ok(items) => {
                let mut expect: Vec<String> = items.iter().map(show).collect();
                let found = &mut found[number];
                for list in [&mut expect, found] {
                    list.sort();
                    list.dedup();
                }
                if together.is_ok() {
                    assert_eq!(*found, expect, "{}", texts[number]);
                }
            }
            Err(error) => alone = Err(error),
        }
    }
    assert_eq!(together, alone);
}

#[test]
fn a_forest_yields_what_its_expressions_yield() {
    forest_agrees(PATIENT);
}

/// JSON that looks a little like a patient and keeps none of its types.
fn odd_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i32>().prop_map(serde_json::Value::from),
        prop::sample::select(vec!["Patient/1", "#p1", "#", "urn:x", "phone", "Patient", "é"])
            .prop_map(serde_json::Value::from),
    ];
    let keys = vec![
        "name",
        "given",
        "_given",
        "telecom",
        "system",
        "value",
        "extension",
        "url",
        "reference",
        "link",
        "other",
        "contained",
        "resourceType",
        "id",
        "deceasedBoolean",
        "_deceasedDateTime",
        "meta",
        "generalPractitioner",
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map(prop::sample::select(keys.clone()), inner, 0..6).prop_map(
                |m| serde_json::Value::Object(
                    m.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
                )
            ),
        ]
    })
}

proptest! {
    #[test]
    fn no_document_panics(body in odd_json()) {
        let mut document = serde_json::json!({"resourceType": "Patient"});
        if let serde_json::Value::Object(members) = body {
            document.as_object_mut().unwrap().extend(members.into_iter().filter(|(k, _)| k != "resourceType"));
        }
        forest_agrees(&document.to_string());
        for text in ["name.given | name.family", "telecom.where(system = 'phone').value",
            "Patient.deceased.exists() and Patient.deceased != false",
            "link.other.where(resolve() is Patient).reference", "meta.tag | meta.security",
            "generalPractitioner.resolve().id", "extension('x').value.ofType(Coding).code"] {
            let _ = on(&document.to_string(), text);
        }
    }
}
