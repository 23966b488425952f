//! From a PlanDefinition to rules, or to what stands in the way of enforcing it.

use accord_fhir::json::Value;
use accord_fhir::reference::Reference;
use accord_spec::ResourceType;

use super::codes::{CodeTest, REFERENCE_SYSTEM, is_by_prefix};
use super::{Filter, Input, LabelRule};
use crate::consent::Unenforceable;
use crate::label::combine::raises;
use crate::label::{self, CONFIDENTIALITY, Level, SENSITIVITY};

/// Profile of a label rule.
pub const RULE_PROFILE: &str = "urn:accord:profile:label-rule";

/// Elements of the resource that would limit a rule, and cannot be enforced.
const LIMITING: &[&str] = &[
    "effectivePeriod",
    "implicitRules",
    "modifierExtension",
    "subjectCodeableConcept",
    "subjectReference",
];
/// Elements of an action that are enforced, or only explain.
const ACTION: &[&str] = &[
    "code",
    "description",
    "documentation",
    "extension",
    "id",
    "input",
    "prefix",
    "priority",
    "reason",
    "textEquivalent",
    "title",
];
const INPUT: &[&str] = &["codeFilter", "extension", "id", "mustSupport", "type"];
const FILTER: &[&str] = &["code", "extension", "id", "path", "valueSet"];
const VALUE_SET_RULES: &[&str] = &["extension", "id", "include", "inactive", "lockedDate"];
const INCLUDE: &[&str] = &["concept", "extension", "filter", "id", "system", "version"];

/// Whether a resource says that it is a label rule.
pub fn is_rule(resource: Value<'_>) -> bool {
    let profiles = resource.get("meta").and_then(|meta| meta.get("profile"));
    resource.get_str("resourceType").is_some_and(|name| name == "PlanDefinition")
        && profiles
            .into_iter()
            .flat_map(Value::each)
            .any(|one| one.as_str().is_some_and(|one| one == RULE_PROFILE))
}

/// The rules of a resource; none unless it is an active label rule.
///
/// # Errors
/// Every element that cannot be enforced exactly.
pub fn read(resource: Value<'_>) -> Result<Vec<LabelRule>, Vec<Unenforceable>> {
    let active = resource.get_str("status").is_some_and(|status| status == "active");
    if !active || !is_rule(resource) {
        return Ok(Vec::new());
    }
    let mut reader = Reader { resource, faults: Vec::new() };
    for name in LIMITING.iter().filter(|name| resource.get(name).is_some()) {
        reader.fault(format!("PlanDefinition.{name}"), "a rule holds while it is active");
    }
    let actions = resource.get("action").into_iter().flat_map(Value::each);
    let rules: Vec<LabelRule> = actions
        .enumerate()
        .map(|(at, action)| reader.action(action, format!("PlanDefinition.action[{at}]")))
        .collect();
    if rules.is_empty() {
        reader.fault("PlanDefinition.action".to_owned(), "it labels nothing");
    }
    if reader.faults.is_empty() { Ok(rules) } else { Err(reader.faults) }
}

struct Reader<'a> {
    resource: Value<'a>,
    faults: Vec<Unenforceable>,
}

impl Reader<'_> {
    fn fault(&mut self, element: String, reason: &'static str) {
        self.faults.push(Unenforceable { element, reason });
    }

    /// Refuses members that are not understood: any of them might limit the rule.
    fn only(&mut self, value: Value<'_>, known: &[&str], path: &str) {
        for (name, _) in value.members() {
            if !known.contains(&name.trim_start_matches('_')) {
                self.fault(format!("{path}.{name}"), "it cannot be enforced");
            }
        }
    }

    fn action(&mut self, action: Value<'_>, path: String) -> LabelRule {
        self.only(action, ACTION, &path);
        let mut labels = 0;
        let concepts = action.get("code").into_iter().flat_map(Value::each);
        for (at, concept) in concepts.enumerate() {
            for (place, coding) in each(concept, "coding").enumerate() {
                match label_of(coding) {
                    Some(bits) => labels |= bits,
                    None => self.fault(
                        format!("{path}.code[{at}].coding[{place}]"),
                        "it is no label that raises anything",
                    ),
                }
            }
        }
        if labels == 0 {
            self.fault(format!("{path}.code"), "it gives no label");
        }
        let inputs: Vec<Input> = each(action, "input")
            .enumerate()
            .map(|(at, input)| self.input(input, format!("{path}.input[{at}]")))
            .collect();
        if inputs.is_empty() {
            self.fault(format!("{path}.input"), "it does not say what is labelled");
        }
        LabelRule { labels, inputs }
    }

    fn input(&mut self, input: Value<'_>, path: String) -> Input {
        self.only(input, INPUT, &path);
        let name = input.get_str("type").unwrap_or_default();
        let of = ResourceType::from_name(&name);
        if of.is_none() && name != "Resource" {
            self.fault(format!("{path}.type"), "it is no type of resources");
        }
        let filters: Vec<Filter> = each(input, "codeFilter")
            .enumerate()
            .map(|(at, filter)| self.filter(filter, format!("{path}.codeFilter[{at}]")))
            .collect();
        if filters.len() > 64 {
            self.fault(format!("{path}.codeFilter"), "there are too many of them");
        }
        if of.is_none() && filters.is_empty() {
            self.fault(format!("{path}.codeFilter"), "it would label everything");
        }
        Input { of, filters }
    }

    fn filter(&mut self, filter: Value<'_>, path: String) -> Filter {
        self.only(filter, FILTER, &path);
        // `$this` is the resource; so it is where an older rule has no path, which drq-1 demands.
        let steps = filter.get_str("path").filter(|path| path != "$this").unwrap_or_default();
        let plain =
            |step: &str| !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !steps.is_empty() && !steps.split('.').all(plain) {
            self.fault(format!("{path}.path"), "only names of elements are understood");
        }
        let mut codes = Vec::new();
        for (at, coding) in each(filter, "code").enumerate() {
            match code_of(coding) {
                Some(code) => codes.push(code),
                None => self.fault(format!("{path}.code[{at}]"), "it needs a system and a code"),
            }
        }
        if let Some(canonical) = filter.get_str("valueSet") {
            self.value_set(&canonical, &mut codes, format!("{path}.valueSet"));
        }
        if codes.is_empty() {
            self.fault(path, "it names no code");
        }
        let path = steps.split('.').filter(|step| !step.is_empty()).map(str::to_owned).collect();
        Filter { path, codes }
    }

    /// The codes of a contained value set that lists them.
    fn value_set(&mut self, canonical: &str, codes: &mut Vec<CodeTest>, path: String) {
        let id = canonical.strip_prefix('#');
        let mut contained = each(self.resource, "contained");
        let found = contained.find(|one| {
            one.get_str("resourceType").is_some_and(|name| name == "ValueSet")
                && id.is_some_and(|id| one.get_str("id").is_some_and(|own| own == id))
        });
        let Some(compose) = found.and_then(|set| set.get("compose")) else {
            return self.fault(path, "only contained value sets are understood");
        };
        let before = self.faults.len();
        self.only(compose, VALUE_SET_RULES, &path);
        for include in each(compose, "include") {
            self.only(include, INCLUDE, &path);
            if include_codes(include, codes).is_none() {
                self.fault(path.clone(), "it has a condition that cannot be enforced");
            }
        }
        // One fault per value set is enough to find it.
        self.faults.truncate(before + 1);
    }
}

/// The codes of one `include`; `None` if it says something that is not understood.
fn include_codes(include: Value<'_>, codes: &mut Vec<CodeTest>) -> Option<()> {
    let system = include.get_str("system")?;
    let before = codes.len();
    for concept in each(include, "concept") {
        let (system, code) = (system.clone().into_owned(), concept.get_str("code")?.into_owned());
        codes.push(CodeTest { system, code, narrower: false });
    }
    let listed = codes.len() > before;
    for (at, filter) in each(include, "filter").enumerate() {
        // Several filters must all be met, and so must a list: neither is needed here.
        let alone = at == 0 && !listed;
        let is_a = filter.get_str("op")? == "is-a" && filter.get_str("property")? == "concept";
        let value = filter.get_str("value")?.into_owned();
        if !alone || !is_a || !is_by_prefix(&system) || value.len() < 2 {
            return None;
        }
        codes.push(CodeTest { system: system.clone().into_owned(), code: value, narrower: true });
    }
    (codes.len() > before).then_some(())
}

/// The bits of a label that can raise something.
fn label_of(coding: Value<'_>) -> Option<u64> {
    let (system, code) = (coding.get_str("system")?, coding.get_str("code")?);
    let known = match &*system {
        CONFIDENTIALITY => raises(Some(Level::from_code(&code)?)),
        SENSITIVITY => label::sensitivity(&code).is_some(),
        _ => false,
    };
    known.then(|| label::bits([(&*system, &*code)]))
}

fn code_of(coding: Value<'_>) -> Option<CodeTest> {
    let (system, code) = (coding.get_str("system")?, coding.get_str("code")?);
    let plain = |text: &str| {
        matches!(Reference::relative(text), Some(Reference::Relative { version: None, .. }))
    };
    let good = system != REFERENCE_SYSTEM || plain(&code);
    let (system, code) = (system.into_owned(), code.into_owned());
    good.then_some(CodeTest { system, code, narrower: false })
}

fn each<'a>(value: Value<'a>, name: &str) -> impl Iterator<Item = Value<'a>> + use<'a> {
    value.get(name).into_iter().flat_map(Value::each)
}
