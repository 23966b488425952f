//! The example consents of IHE PCF, as the scenario files tell them.

use std::path::Path;

use accord_access::consent::Verdict;
use accord_fhir::DateRange;
use serde_json::{Value, json};

use crate::compiled::Compiled;
use crate::reference::{Request, Resource, Says, together};

const THO: &str = "http://terminology.hl7.org/CodeSystem";

/// A request in the words of the scenarios, and what is expected.
struct Check<'a> {
    line: &'a str,
    expected: Verdict,
    request: Request,
    resource: Resource,
}

struct Scenario<'a> {
    title: &'a str,
    consent: Value,
    checks: Vec<Check<'a>>,
}

fn us(date: &str) -> i64 {
    DateRange::parse(date).unwrap().low
}

fn coding(code: &str) -> Value {
    let system = match code {
        "N" | "R" | "V" | "L" => "v3-Confidentiality",
        "PSY" | "SDV" | "HIV" | "ETH" | "SUD" => "v3-ActCode",
        _ => "v3-ActReason",
    };
    match code.split_once('|') {
        Some((system, code)) => json!({"system": system, "code": code}),
        None => json!({"system": format!("{THO}/{system}"), "code": code}),
    }
}

/// The system and code of content: `LOINC 8867-4` is written `LOINC/8867-4`.
fn content(text: &str) -> (String, String) {
    let (system, code) = text.split_once('/').unwrap();
    let system = match system {
        "LOINC" => "http://loinc.org",
        "SNOMED" => "http://snomed.info/sct",
        "ICD-10" => "http://hl7.org/fhir/sid/icd-10",
        other => panic!("not understood: {other}"),
    };
    (system.to_owned(), code.to_owned())
}

fn add(provision: &mut Value, condition: &str) {
    let words: Vec<&str> = condition.split(' ').collect();
    match words.as_slice() {
        [name @ ("purpose" | "securityLabel"), codes @ ..] => {
            provision[*name] = codes.iter().map(|code| coding(code)).collect::<Vec<_>>().into();
        }
        [name @ ("period" | "dataPeriod"), bound, date] => {
            provision[*name][*bound] = (*date).into()
        }
        ["action", code] => {
            let system = format!("{THO}/consentaction");
            provision["action"] = json!([{"coding": [{"system": system, "code": code}]}]);
        }
        ["actor", reference] => {
            let role = json!({"coding": [{"system": format!("{THO}/v3-ParticipationType"), "code": "IRCP"}]});
            provision["actor"] = json!([{"reference": {"reference": reference}, "role": role}]);
        }
        ["code", code] => {
            let (system, code) = content(code);
            provision["code"] = json!([{"coding": [{"system": system, "code": code}]}]);
        }
        ["class", name] => {
            let system = "http://hl7.org/fhir/resource-types";
            provision["class"] = json!([{"system": system, "code": name}]);
        }
        ["data", meaning, reference] => {
            provision["data"] =
                json!([{"meaning": meaning, "reference": {"reference": reference}}]);
        }
        other => panic!("not understood: {other:?}"),
    }
}

fn provision(line: &str) -> Value {
    let (kind, conditions) = line.split_once(' ').unwrap_or((line, ""));
    let mut provision = json!({"type": kind.to_lowercase()});
    conditions.split("; ").filter(|c| !c.is_empty()).for_each(|c| add(&mut provision, c));
    provision
}

fn check(line: &str) -> Check<'_> {
    let (verdict, rest) = line.split_once(' ').unwrap();
    let expected = match verdict {
        "permit" => Verdict::Permit,
        "deny" => Verdict::Deny,
        "silent" => Verdict::Silent,
        other => panic!("not understood: {other}"),
    };
    let (purpose, conditions) = rest.split_once(", ").unwrap_or((rest, ""));
    let reason = coding(purpose);
    let text = |name: &str| reason[name].as_str().unwrap().to_owned();
    let mut request = Request {
        references: vec!["Organization/ex-organization".to_owned()],
        perhaps: Vec::new(),
        treats: true,
        purpose: (text("system"), text("code")),
        action: "access".to_owned(),
        now: us("2022-07-01"),
        or_labels: false,
    };
    let mut resource = Resource {
        reference: "Observation/any".to_owned(),
        controller: Some("Organization/ex-organization".to_owned()),
        patients: vec!["Patient/ex-patient".to_owned()],
        labels: Vec::new(),
        day: Some(us("2022-03-01") / 86_400_000_000),
        authors: Vec::new(),
        codes: Vec::new(),
        related: Vec::new(),
        depends_on: Vec::new(),
    };
    for condition in conditions.split(", ").filter(|c| !c.is_empty()) {
        let words: Vec<&str> = condition.split(' ').collect();
        match words.as_slice() {
            ["by", organization] if organization.starts_with("Organization/") => {
                request.references = vec![(*organization).to_owned()];
            }
            ["by", who] => request.references.push((*who).to_owned()),
            ["who", "does", "not", "treat"] => request.treats = false,
            ["to", action] => request.action = (*action).to_owned(),
            ["on", date] => request.now = us(date) + 3_600_000_000,
            ["labels", "by", "or"] => request.or_labels = true,
            ["data", "labelled", labels @ ..] => {
                resource.labels = labels.iter().map(|l| (*l).to_owned()).collect();
            }
            ["data", "of", "no", "date"] => resource.day = None,
            ["data", "of", date] => resource.day = Some(us(date) / 86_400_000_000),
            ["data", "by", who] => resource.authors.push((*who).to_owned()),
            ["data", "with", code] => resource.codes.push(content(code)),
            ["data", "depending", "on", what] => resource.depends_on.push((*what).to_owned()),
            ["data", "related", "to", what] => resource.related.push((*what).to_owned()),
            ["data", "kept", "by", who] => resource.controller = Some((*who).to_owned()),
            ["data", what] => resource.reference = (*what).to_owned(),
            other => panic!("not understood: {other:?}"),
        }
    }
    Check { line, expected, request, resource }
}

fn scenarios(text: &str) -> Vec<Scenario<'_>> {
    let mut scenarios: Vec<Scenario<'_>> = Vec::new();
    let lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
    for line in lines {
        if let Some(title) = line.strip_prefix("Scenario: ") {
            let consent = json!({
                "id": title, "resourceType": "Consent", "status": "active",
                "scope": {"coding": [{"code": "patient-privacy"}]},
                "patient": {"reference": "Patient/ex-patient"},
                "organization": [{"reference": "Organization/ex-organization"}],
                "policy": [{"uri": "http://example.org/policies/any"}],
            });
            scenarios.push(Scenario { title, consent, checks: Vec::new() });
            continue;
        }
        let scenario = scenarios.last_mut().unwrap();
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "Policy" => scenario.consent["policy"][0]["uri"] = rest.into(),
            "Permit" | "Deny" => scenario.consent["provision"] = provision(line),
            // A root that names conditions and no type.
            "Names" => {
                scenario.consent["provision"] = provision(line);
                scenario.consent["provision"].as_object_mut().unwrap().remove("type");
            }
            "Rule" => scenario.consent["policyRule"] = json!({"coding": [{"code": rest}]}),
            "Within" => {
                let above = scenario.consent["provision"]["provision"].as_array_mut().unwrap();
                above.last_mut().unwrap()["provision"] = json!([provision(rest)]);
            }
            "Except" => {
                let nested = provision(rest);
                let root = &mut scenario.consent["provision"]["provision"];
                match root.as_array_mut() {
                    Some(list) => list.push(nested),
                    None => *root = json!([nested]),
                }
            }
            "Then" | "And" => scenario.checks.push(check(rest)),
            other => panic!("not understood: {other}"),
        }
    }
    scenarios
}

/// Checks a consent against the scenario, by the compiled rules and by the reference.
fn holds(scenario: &Scenario<'_>, consent: &Value) {
    let mut compiled = Compiled::new();
    compiled.add(consent);
    for Check { line, expected, request, resource } in &scenario.checks {
        let found = compiled.verdict("Patient/ex-patient", request, resource);
        assert_eq!(found, *expected, "{}: {line}", scenario.title);
        let read = match together(std::slice::from_ref(consent), request, resource) {
            Says::Permit => Verdict::Permit,
            Says::Deny => Verdict::Deny,
            Says::Nothing => Verdict::Silent,
        };
        assert_eq!(read, *expected, "the reference, {}: {line}", scenario.title);
    }
}

#[test]
fn scenarios_of_content_give_their_verdicts() {
    for name in ["content", "decisions"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let path = root.join(format!("tests/scenarios/consents/{name}.txt"));
        for scenario in scenarios(&std::fs::read_to_string(path).unwrap()) {
            holds(&scenario, &scenario.consent);
        }
    }
}

#[test]
fn the_examples_of_pcf_give_their_verdicts() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut consents, mut checks) = (0, 0);
    let published = std::fs::read_to_string(root.join("../../../shared/suites/pcf-consents.json"));
    let published: Vec<Value> = match &published {
        Ok(text) => serde_json::from_str(text).unwrap(),
        Err(_) => {
            println!("the published consents are not there; their facts are in the scenarios");
            Vec::new()
        }
    };
    for name in ["basic", "intermediate", "advanced"] {
        let path = root.join(format!("tests/scenarios/pcf/{name}.txt"));
        for scenario in scenarios(&std::fs::read_to_string(path).unwrap()) {
            holds(&scenario, &scenario.consent);
            let original =
                published.iter().map(|p| &p["consent"]).find(|c| c["id"] == scenario.title);
            assert!(original.is_some() || published.is_empty(), "{}", scenario.title);
            if let Some(original) = original {
                assert_eq!(original["provision"], scenario.consent["provision"]);
                holds(&scenario, original);
            }
            consents += 1;
            checks += scenario.checks.len();
        }
    }
    // The page of scores (docs/conformance.md) tells of them.
    let scores = root.join("../conformance/tests/suites/scores.tsv");
    let kept = std::fs::read_to_string(scores).unwrap();
    assert!(kept.contains(&format!("pcf-consents\t{consents}\t{consents}\n")));
    println!("{checks} verdicts");
}
