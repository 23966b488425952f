//! What FHIRPath asks about codes, answered from R4's own terminology (FHIR R4 FHIRPath §2.9.1.1).

use std::borrow::Cow;

use accord_fhir::json::{Kind, Value};
use accord_fhirpath::{Item, Terminology};
use accord_spec::TypeId;
use accord_terminology::ops::{Relation, subsumes};
use accord_terminology::{Canonical, Library, Verdict, r4};

/// `memberOf`, `subsumes` and `subsumedBy` over R4's value sets and code systems. What these do not
/// hold is not known.
#[derive(Clone, Copy, Debug)]
pub struct Codes;

/// A system, where one is named, and a code.
type Coded<'a> = (Option<Cow<'a, str>>, Cow<'a, str>);

impl Terminology for Codes {
    fn member_of(&self, item: &Item<'_>, value_set: &str) -> Option<bool> {
        let set = r4().bound(Canonical::parse(value_set).url.as_str())?;
        let (mut out, mut unknown) = (false, false);
        for (system, code) in coded(item) {
            match set.verdict(system.as_deref(), &code) {
                Verdict::In(_) => return Some(true),
                Verdict::Out => out = true,
                Verdict::Unknown => unknown = true,
            }
        }
        // A concept without codes is a member of nothing.
        if unknown { None } else { Some(false).filter(|_| out || is_concept(item)) }
    }

    fn subsumes(&self, general: &Item<'_>, special: &Item<'_>) -> Option<bool> {
        let mut known = false;
        for (system, above) in coded(general) {
            for (other, below) in coded(special) {
                let Some(relation) = related((&system, &above), (&other, &below)) else { continue };
                if matches!(relation, Relation::Equivalent | Relation::Subsumes) {
                    return Some(true);
                }
                known = true;
            }
        }
        known.then_some(false)
    }
}

fn related(
    (system, above): (&Option<Cow<'_, str>>, &str),
    (other, below): (&Option<Cow<'_, str>>, &str),
) -> Option<Relation> {
    let url = system.as_deref().filter(|url| other.as_deref() == Some(url))?;
    let system = r4().code_system(&Canonical::parse(url)).ok()??;
    subsumes(&system, above, below).ok()
}

fn is_concept(item: &Item<'_>) -> bool {
    matches!(item, Item::Element(element) if element.ty == TypeId::CODEABLE_CONCEPT)
}

/// The codes of a code, a Coding or a CodeableConcept.
fn coded<'a>(item: &Item<'a>) -> Vec<Coded<'a>> {
    let of = |coding: Value<'a>| Some((coding.get_str("system"), coding.get_str("code")?));
    match item {
        Item::String(code) => vec![(None, code.clone())],
        Item::Element(element) => match element.value {
            Some(value) if value.kind() == Kind::String => {
                value.as_str().map(|code| (None, code)).into_iter().collect()
            }
            Some(value) if value.get("coding").is_some() => {
                value.get("coding").into_iter().flat_map(Value::items).filter_map(of).collect()
            }
            Some(value) => of(value).into_iter().collect(),
            None => Vec::new(),
        },
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use accord_fhir::json::{Limits, parse};
    use accord_fhirpath::{Element, Env, compile, parse as parse_path};
    use accord_spec::ResourceType;

    use super::*;

    fn asked(expression: &str) -> Option<bool> {
        const THO: &str = "http://terminology.hl7.org/CodeSystem";
        let json = format!(
            r#"{{"resourceType":"Observation","status":"final","valueString":"x",
            "category":[{{"coding":[{{"system":"{THO}/observation-category","code":"laboratory"}}]}}],
            "interpretation":[
                {{"coding":[{{"system":"{THO}/v3-ObservationInterpretation","code":"A"}}]}},
                {{"coding":[{{"system":"{THO}/v3-ObservationInterpretation","code":"HH"}}]}}],
            "code":{{"text":"x"}},"method":{{"coding":[{{"system":"urn:own","code":"1"}}]}}}}"#
        );
        let tape = parse(json.as_bytes(), Limits::default()).unwrap();
        let expr = parse_path(expression, Default::default()).unwrap();
        let ty = ResourceType::OBSERVATION.type_id();
        let plan = compile(&expr, ty, Default::default()).unwrap();
        let env = Env::new(tape.root(), &|_| None).with_terminology(&Codes);
        plan.truth(&env, Element::resource(tape.root()).unwrap()).unwrap()
    }

    #[test]
    fn members() {
        const SETS: &str = "http://hl7.org/fhir/ValueSet";
        let member = |of: &str, set: &str| asked(&format!("{of}.memberOf('{SETS}/{set}')"));
        assert_eq!(member("status", "observation-status"), Some(true));
        assert_eq!(member("status", "observation-status|4.0.1"), Some(true));
        assert_eq!(member("status", "administrative-gender"), Some(false));
        assert_eq!(member("category", "observation-category"), Some(true));
        assert_eq!(member("category.coding", "observation-category"), Some(true));
        assert_eq!(member("method", "observation-category"), Some(false));
        assert_eq!(member("code", "observation-category"), Some(false));
        assert_eq!(member("status", "no-such-set"), None);
        assert_eq!(asked("status.memberOf(%`vs-observation-status`)"), Some(true));
    }

    #[test]
    fn subsumption() {
        let (abnormal, critical) = ("interpretation[0].coding", "interpretation[1].coding");
        let subsumes = |a: &str, b: &str| asked(&format!("{a}.subsumes({b})"));
        assert_eq!(subsumes(abnormal, critical), Some(true));
        assert_eq!(subsumes(critical, abnormal), Some(false));
        assert_eq!(subsumes("interpretation[0]", "interpretation[1]"), Some(true));
        assert_eq!(asked(&format!("{critical}.subsumedBy({abnormal})")), Some(true));
        assert_eq!(subsumes(abnormal, "method.coding"), None);
        assert_eq!(subsumes("method.coding", "method.coding"), None);
    }
}
