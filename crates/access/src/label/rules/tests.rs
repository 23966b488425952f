use accord_fhir::json::{Limits, parse};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::label::{CONFIDENTIALITY, SENSITIVITY, bits};

const ICD: &str = "http://hl7.org/fhir/sid/icd-10";

fn rule(input: Json, code: Json) -> Json {
    json!({"resourceType": "PlanDefinition", "id": "r", "status": "active",
        "meta": {"profile": [RULE_PROFILE]},
        "contained": [{"resourceType": "ValueSet", "id": "icd", "status": "active",
            "compose": {"include": [{"system": ICD,
                "filter": [{"property": "concept", "op": "is-a", "value": "F1"}]},
                {"system": ICD, "concept": [{"code": "B20"}]}]}}],
        "action": [{"code": [{"coding": [code]}], "input": [input]}]})
}

fn sensitivity(code: &str) -> Json {
    json!({"system": SENSITIVITY, "code": code})
}

fn read_json(rule: &Json) -> Result<Vec<LabelRule>, Vec<String>> {
    let text = rule.to_string();
    let tape = parse(text.as_bytes(), Limits::default()).unwrap();
    read(tape.root()).map_err(|faults| faults.into_iter().map(|fault| fault.element).collect())
}

fn assess(rules: &RuleSet, controller: &str, resource: &Json) -> Assessed {
    let text = resource.to_string();
    let tape = parse(text.as_bytes(), Limits::default()).unwrap();
    rules.assess(tape.root(), controller, &|text| text.strip_prefix("urn:").map(str::to_owned))
}

fn set(rules: &[(&str, Json)]) -> RuleSet {
    rules.iter().enumerate().fold(RuleSet::default(), |set, (at, (controller, rule))| {
        set.with(&format!("r{at}"), controller, read_json(rule).unwrap())
    })
}

#[test]
fn what_cannot_be_enforced_is_named() {
    let good = json!({"type": "Condition", "codeFilter": [{"path": "code", "valueSet": "#icd"}]});
    assert_eq!(read_json(&rule(good.clone(), sensitivity("PSY"))).unwrap().len(), 1);
    for (input, code, element) in [
        (good.clone(), sensitivity("XYZ"), "PlanDefinition.action[0].code[0].coding[0]"),
        (
            good.clone(),
            json!({"system": CONFIDENTIALITY, "code": "L"}),
            "PlanDefinition.action[0].code[0].coding[0]",
        ),
        (json!({"type": "Nothing"}), sensitivity("PSY"), "PlanDefinition.action[0].input[0].type"),
        (
            json!({"type": "Resource"}),
            sensitivity("PSY"),
            "PlanDefinition.action[0].input[0].codeFilter",
        ),
        (
            json!({"type": "Condition", "dateFilter": [{"path": "onset"}]}),
            sensitivity("PSY"),
            "PlanDefinition.action[0].input[0].dateFilter",
        ),
        (
            json!({"type": "Condition", "codeFilter": [{"path": "code.where(true)", "valueSet": "#icd"}]}),
            sensitivity("PSY"),
            "PlanDefinition.action[0].input[0].codeFilter[0].path",
        ),
        (
            json!({"type": "Condition", "codeFilter": [{"path": "code", "valueSet": "http://x"}]}),
            sensitivity("PSY"),
            "PlanDefinition.action[0].input[0].codeFilter[0].valueSet",
        ),
        (
            json!({"type": "Condition", "codeFilter": [{"path": "code", "code": [{"code": "1"}]}]}),
            sensitivity("PSY"),
            "PlanDefinition.action[0].input[0].codeFilter[0].code[0]",
        ),
    ] {
        let faults = read_json(&rule(input, code)).unwrap_err();
        assert!(faults.contains(&element.to_owned()), "{element}: {faults:?}");
    }
    let mut limited = rule(good, sensitivity("PSY"));
    limited["effectivePeriod"] = json!({"start": "2030"});
    limited["action"][0]["condition"] = json!([]);
    limited["contained"][0]["compose"]["exclude"] = json!([{"system": ICD}]);
    let expected = [
        "PlanDefinition.effectivePeriod",
        "PlanDefinition.action[0].condition",
        "PlanDefinition.action[0].input[0].codeFilter[0].valueSet.exclude",
    ];
    assert_eq!(read_json(&limited).unwrap_err(), expected);
    limited["status"] = "draft".into();
    assert_eq!(read_json(&limited).unwrap(), []);
}

#[test]
fn a_code_labels_where_the_rule_says_so() {
    let psy = bits([(SENSITIVITY, "PSY")]);
    let rules = set(&[(
        "north",
        rule(
            json!({"type": "Condition", "codeFilter": [{"path": "code", "valueSet": "#icd"}]}),
            sensitivity("PSY"),
        ),
    )]);
    let condition = |code: &str, at: &str| json!({"resourceType": "Condition", at: {"coding": [{"system": ICD, "code": code}]}});
    let labels = |controller: &str, body: &Json| assess(&rules, controller, body).labels();
    assert_eq!(labels("north", &condition("F10.2", "code")), psy);
    assert_eq!(labels("north", &condition("B20", "code")), psy);
    // Not what is narrower than a listed code, another element, type or controller.
    assert_eq!(labels("north", &condition("B20.1", "code")), 0);
    assert_eq!(labels("north", &condition("F10.2", "severity")), 0);
    assert_eq!(labels("south", &condition("F10.2", "code")), 0);
    let mut other = condition("F10.2", "code");
    other["resourceType"] = "Procedure".into();
    assert_eq!(labels("north", &other), 0);
    // What is embedded labels what it stands in.
    let bundle =
        json!({"resourceType": "Bundle", "entry": [{"resource": condition("F10", "code")}]});
    assert_eq!(labels("north", &bundle), psy);
}

#[test]
fn places_and_people_label_by_reference() {
    let rules = set(&[(
        "",
        rule(
            json!({"type": "Encounter", "codeFilter": [{"path": "location.location",
                "code": [{"system": REFERENCE_SYSTEM, "code": "Location/clinic"}]}]}),
            sensitivity("SUD"),
        ),
    )]);
    let encounter = |to: &str| json!({"resourceType": "Encounter", "location": [{"location": {"reference": to}}]});
    let sud = bits([(SENSITIVITY, "SUD")]);
    assert_eq!(assess(&rules, "any", &encounter("Location/clinic")).by_rules, sud);
    assert_eq!(assess(&rules, "any", &encounter("urn:Location/clinic")).by_rules, sud);
    assert_eq!(assess(&rules, "any", &encounter("Location/other")).by_rules, 0);
}

#[test]
fn labels_of_elements_and_of_embedded_resources_count() {
    let inline = |code: &str| json!({"url": INLINE_LABEL, "valueCoding": sensitivity(code)});
    let body = json!({"resourceType": "Patient",
        "meta": {"security": [{"system": CONFIDENTIALITY, "code": "L"}]},
        "_birthDate": {"extension": [inline("HIV")]},
        "contained": [{"resourceType": "Observation", "meta": {"security": [sensitivity("PSY")]}}]});
    let stated = assess(&RuleSet::default(), "", &body).stated;
    assert_eq!(stated, bits([(CONFIDENTIALITY, "L"), (SENSITIVITY, "HIV"), (SENSITIVITY, "PSY")]));
}

/// Everything a resource codes, with the way to it; embedded resources apart.
fn codings(
    value: &Json,
    path: &mut Vec<String>,
    found: &mut Vec<(String, String, Vec<String>)>,
    embedded: &mut Vec<Json>,
) {
    match value {
        Json::Array(items) => {
            items.iter().for_each(|item| codings(item, path, found, embedded));
        }
        Json::Object(members) => {
            if !path.is_empty() && members.get("resourceType").is_some_and(Json::is_string) {
                return embedded.push(value.clone());
            }
            if let Some(code) =
                members.get("code").and_then(Json::as_str).filter(|_| !path.is_empty())
            {
                let system = members.get("system").and_then(Json::as_str).unwrap_or_default();
                found.push((system.to_owned(), code.to_owned(), path.clone()));
            }
            for (name, member) in members {
                path.push(name.clone());
                codings(member, path, found, embedded);
                path.pop();
            }
        }
        _ => {}
    }
}

/// What the rules say, read directly.
fn direct(rules: &[(String, Vec<LabelRule>)], controller: &str, resource: &Json) -> u64 {
    let (mut found, mut embedded) = (Vec::new(), Vec::new());
    codings(resource, &mut Vec::new(), &mut found, &mut embedded);
    let meets = |filter: &Filter| {
        found.iter().any(|(system, code, path)| {
            let names = |(name, step): (&String, &String)| {
                name == step
                    || name.starts_with(step.as_str())
                        && name.as_bytes()[step.len()].is_ascii_uppercase()
            };
            filter.codes.iter().any(|test| test.meets(system, code))
                && path.len() >= filter.path.len()
                && path.iter().zip(&filter.path).all(names)
        })
    };
    let mut labels = 0;
    for (whose, rules) in rules {
        for rule in rules.iter().filter(|_| whose.is_empty() || whose == controller) {
            let typed =
                |input: &&Input| input.of.is_none_or(|of| resource["resourceType"] == of.name());
            if rule.inputs.iter().filter(typed).any(|input| input.filters.iter().all(meets)) {
                labels |= rule.labels;
            }
        }
    }
    embedded.iter().fold(labels, |labels, one| labels | direct(rules, controller, one))
}

fn coding() -> impl Strategy<Value = Json> {
    (
        prop::sample::select(vec![ICD, "http://other"]),
        prop::sample::select(vec!["F10", "F10.1", "F2", "B20", "B"]),
    )
        .prop_map(|(system, code)| json!({"system": system, "code": code}))
}

fn resource() -> impl Strategy<Value = Json> {
    let element =
        || prop::sample::select(vec!["code", "category", "valueCodeableConcept", "component"]);
    let of = || prop::sample::select(vec!["Condition", "Observation"]);
    let part = move || (element(), prop::collection::vec(coding(), 0..3));
    let flat = move || {
        (of(), prop::collection::vec(part(), 0..4)).prop_map(|(of, parts)| {
            let mut body = json!({"resourceType": of});
            for (name, codings) in parts {
                body[name] = json!({"code": {"coding": codings}, "coding": codings});
            }
            body
        })
    };
    (flat(), prop::option::of(flat())).prop_map(|(mut body, inner)| {
        if let Some(inner) = inner {
            body["contained"] = json!([inner]);
        }
        body
    })
}

fn rules() -> impl Strategy<Value = (String, Json)> {
    let of = prop::sample::select(vec!["Condition", "Observation", "Resource"]);
    let path = prop::sample::select(vec!["", "code", "component.code", "value"]);
    let filter = (path, prop::option::of(coding())).prop_map(|(path, code)| {
        let mut filter = match code {
            Some(code) => json!({"code": [code]}),
            None => json!({"valueSet": "#icd"}),
        };
        if !path.is_empty() {
            filter["path"] = path.into();
        }
        filter
    });
    let label = prop::sample::select(vec!["PSY", "HIV", "SUD"]);
    let controller = prop::sample::select(vec!["", "north"]);
    (controller, of, prop::collection::vec(filter, 1..3), label).prop_map(
        |(controller, of, filters, label)| {
            let input = json!({"type": of, "codeFilter": filters});
            (controller.to_owned(), rule(input, sensitivity(label)))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn compiled_rules_say_what_a_direct_reading_says(
        rules in prop::collection::vec(rules(), 0..4),
        body in resource(),
        controller in prop::sample::select(vec!["north", "south"]),
    ) {
        let read: Vec<_> = rules.iter().map(|(whose, rule)| (whose.clone(), read_json(rule).unwrap())).collect();
        let set = read.iter().enumerate().fold(RuleSet::default(), |set, (at, (whose, rules))| {
            set.with(&at.to_string(), whose, rules.clone())
        });
        prop_assert_eq!(assess(&set, controller, &body).by_rules, direct(&read, controller, &body));
    }
}

#[test]
fn the_rules_that_are_delivered_are_enforced() {
    let rule: Json = serde_json::from_str(include_str!("../../../data/label-rules.json")).unwrap();
    let read = read_json(&rule).unwrap();
    assert_eq!(read.len(), rule["action"].as_array().unwrap().len());
    let set = RuleSet::default().with("delivered", "", read);
    let labels = |system: &str, code: &str| {
        let coding = json!({"coding": [{"system": system, "code": code}]});
        assess(&set, "any", &json!({"resourceType": "Observation", "valueCodeableConcept": coding}))
    };
    for (system, code, label) in [
        (ICD, "B20", "HIV"),
        ("http://hl7.org/fhir/sid/icd-10-cm", "F11.20", "OPIOIDUD"),
        ("http://www.whocc.no/atc", "N07BB03", "ETHUD"),
        (ICD, "F32.1", "PSY"),
        ("http://snomed.info/sct", "706893006", "SDV"),
    ] {
        assert_eq!(labels(system, code).by_rules, bits([(SENSITIVITY, label)]), "{code}");
    }
    for (system, code) in [(ICD, "F17.2"), (ICD, "I10"), ("http://snomed.info/sct", "38341003")] {
        assert_eq!(labels(system, code).by_rules, 0, "{code}");
    }
}

#[test]
fn the_documented_rule_is_enforced() {
    let text = include_str!("../../../../../docs/labels.md");
    let block = text.split("```json").nth(1).unwrap().split("```").next().unwrap();
    let rules = read_json(&serde_json::from_str(block).unwrap()).unwrap();
    assert_eq!((rules.len(), rules[0].inputs.len()), (1, 3));
}
