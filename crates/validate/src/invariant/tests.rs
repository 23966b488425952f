//! Every invariant of the table has its place, and outlines agree with evaluation.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use accord_fhir::json::{Kind, Limits, Value, parse};
use accord_fhirpath::{Element, Env};
use accord_spec::{ResourceType, TypeId, invariants};
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::Value as Json;

use super::lists::{CORRECTED, Entry, HANDMADE, LEFT_OUT, MET_BY_NOTHING, WALKED};
use super::outline::Truth;
use super::rules::{self, Check, Rule, is_listed};

/// The rules that stand for an invariant.
fn rules_of(at: &str, key: &str) -> usize {
    let all = (0..u16::MAX).map(TypeId).take_while(|ty| !ty.name().is_empty());
    let is_it = |rule: &Rule| rule.invariant.at == at && rule.invariant.key == key;
    all.filter_map(rules::of)
        .map(|rules| {
            let own = rules.errors.iter().chain(&rules.warnings).filter(|rule| is_it(rule));
            own.count() + rules.elements.iter().filter(|e| is_it(&e.rule)).count()
        })
        .sum()
}

#[test]
fn no_invariant_is_lost() {
    assert_eq!(invariants().len(), 296);
    let lost = invariants().iter().filter(|invariant| {
        let asked = rules_of(invariant.at, invariant.key) > 0;
        asked == (is_listed(WALKED, invariant) || is_listed(LEFT_OUT, invariant))
    });
    let lost: Vec<(&str, &str)> = lost.map(|invariant| (invariant.at, invariant.key)).collect();
    assert_eq!(lost, []);
}

#[test]
fn lists_name_invariants() {
    fn known<T>(list: &[Entry<T>]) {
        for (at, key, _) in list {
            let found = invariants().iter().filter(|i| i.at == *at && i.key == *key).count();
            assert_eq!(found, 1, "{key} at {at}");
        }
    }
    known(WALKED);
    known(HANDMADE);
    known(CORRECTED);
    known(MET_BY_NOTHING);
    known(LEFT_OUT);
}

#[test]
fn a_simple_quantity_is_one_wherever_the_definitions_say_so() {
    // One rule for each element; none for the other types of a choice.
    let simple = invariants().iter().filter(|i| i.key == "sqty-1");
    for invariant in simple {
        assert_eq!(rules_of(invariant.at, "sqty-1"), 1, "{}", invariant.at);
    }
}

/// What outlines told, over all objects of the official examples, some with members taken away.
#[derive(Default)]
struct Tally {
    told: usize,
    open: usize,
}

#[test]
fn outlines_agree_with_evaluation() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fhir");
    let path = path.join("r4-examples.tar.zst");
    if !path.exists() {
        println!("skipped: ../shared is not there");
        return;
    }
    let mut decoder = zstd::Decoder::new(std::fs::File::open(path).unwrap()).unwrap();
    decoder.window_log_max(27).unwrap();
    let mut rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut tally = Tally::default();
    for entry in tar::Archive::new(decoder).entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_string_lossy().into_owned();
        // Bundles of definitions are large, and their entries have no other types.
        if !path.ends_with(".json") || path.contains("openapi") || entry.size() > 300_000 {
            continue;
        }
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        compare(&text, &mut tally);
        let mut json: Json = serde_json::from_str(&text).unwrap();
        thin(&mut json, &mut rng);
        compare(&json.to_string(), &mut tally);
    }
    assert!(tally.told > tally.open, "{} told, {} open", tally.told, tally.open);
}

/// Takes away one member in four.
fn thin(json: &mut Json, rng: &mut TestRng) {
    use proptest::prelude::Rng as _;
    match json {
        Json::Object(members) => {
            members.retain(|name, _| name == "resourceType" || !rng.next_u32().is_multiple_of(4));
            members.values_mut().for_each(|value| thin(value, rng));
        }
        Json::Array(items) => items.iter_mut().for_each(|item| thin(item, rng)),
        _ => {}
    }
}

fn compare(text: &str, tally: &mut Tally) {
    let tape = parse(text.as_bytes(), Limits::default()).unwrap();
    resource(tape.root(), tally);
}

fn resource(value: Value<'_>, tally: &mut Tally) {
    let ty = value.get_str("resourceType").and_then(|name| ResourceType::from_name(&name));
    let Some(ty) = ty else { return };
    let env = Env::new(value, &|_| None);
    object(value, ty.type_id(), &env, tally);
}

fn object<'a>(value: Value<'a>, ty: TypeId, env: &Env<'a>, tally: &mut Tally) {
    let Some(rules) = rules::of(ty) else { return };
    let filled = super::filled(value, ty);
    for rule in rules.errors.iter().chain(&rules.warnings) {
        let told = rule.outline.truth(filled);
        let on = Element { value: Some(value), ty, definition: None, sibling: None };
        let found = match &rule.check {
            Check::Hand(holds) => Ok(Some(holds(value))),
            Check::Plan(plan) => plan.truth(env, on),
        };
        *(if told == Truth::Open { &mut tally.open } else { &mut tally.told }) += 1;
        let agree = match (told, found) {
            (Truth::Open, _) | (_, Err(_)) => true,
            (Truth::True, Ok(truth)) => truth == Some(true),
            (Truth::False, Ok(truth)) => truth == Some(false),
            (Truth::Nothing, Ok(truth)) => truth.is_none(),
        };
        assert!(agree, "{} of {ty:?}: {told:?}, {found:?}\n{}", rule.invariant.key, value.raw());
    }
    for (name, member) in value.members() {
        let Some(element) = ty.element(&name) else { continue };
        for item in member.each().filter(|item| item.kind() == Kind::Object) {
            if element.ty == TypeId::RESOURCE {
                resource(item, tally);
            } else {
                object(item, element.ty, env, tally);
            }
        }
    }
}

/// Invariants whose expression can yield nothing while all required elements are there: what is
/// absent breaks them, because a comparison that must be true cannot be.
const BROKEN_BY_NOTHING: [&str; 4] = ["drt-1", "opd-2", "opd-3", "vsd-9"];

#[test]
fn what_nothing_means_is_said() {
    let mut rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut found = BTreeSet::new();
    for invariant in invariants().iter().filter(|i| i.is_error && !is_listed(WALKED, i)) {
        let Some(ty) = TypeId::from_name(invariant.at) else { continue };
        let Some(rule) = Rule::of(invariant, ty).filter(|rule| !rule.met_by_nothing) else {
            continue;
        };
        let mut nothing = |_| {
            use proptest::prelude::Rng as _;
            rule.outline.truth(rng.next_u64() | ty.required()) == Truth::Nothing
        };
        if (0..10_000).any(&mut nothing) {
            found.insert(invariant.key);
        }
    }
    assert_eq!(found, BTreeSet::from(BROKEN_BY_NOTHING));
}

/// Patterns of `matches()` in an expression.
fn patterns(expression: &str) -> impl Iterator<Item = &str> {
    let after = expression.split("matches('").skip(1);
    after.filter_map(|rest| rest.split_once("')").map(|(pattern, _)| pattern))
}

#[test]
fn every_pattern_can_be_matched() {
    let text = r#"{"resourceType":"Patient","gender":"x"}"#;
    let tape = parse(text.as_bytes(), Limits::default()).unwrap();
    let ty = ResourceType::PATIENT.type_id();
    let on = Element { value: Some(tape.root()), ty, definition: None, sibling: None };
    let mut found = 0;
    for invariant in invariants() {
        for pattern in patterns(invariant.expression) {
            found += 1;
            let expression = format!("gender.matches('{pattern}').exists()");
            let limits = accord_fhirpath::Limits::default();
            let parsed = accord_fhirpath::parse(&expression, limits).unwrap();
            let plan = accord_fhirpath::compile(&parsed, ty, limits).unwrap();
            let env = Env::new(tape.root(), &|_| None);
            assert_eq!(plan.truth(&env, on), Ok(Some(true)), "{}: {pattern}", invariant.key);
        }
    }
    assert!(found > 0);
}
