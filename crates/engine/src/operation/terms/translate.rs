//! `ConceptMap/$translate`.

use accord_fhir::IssueCode;
use accord_fhir::json::{Value, quoted};
use accord_terminology::Other;
use accord_terminology::ops::{self, Match};

use super::super::parameters::primitive;
use super::super::parameters::{code, group, invalid, parameters, text};
use super::Question;
use crate::Failure;
use crate::terms::refused;

/// Parameters of the operation that are understood.
pub(super) const PARAMETERS: &[&str] = &[
    "url",
    "conceptMap",
    "conceptMapVersion",
    "code",
    "system",
    "version",
    "source",
    "coding",
    "codeableConcept",
    "target",
    "targetsystem",
    "dependency",
    "reverse",
];

impl Question<'_> {
    /// What a code is elsewhere.
    pub fn translate(&self) -> Result<String, Failure> {
        let question = ops::Question {
            codings: self.codings("system", "version")?,
            source: self.asked.text("source"),
            target: self.asked.text("target"),
            target_system: self.asked.text("targetsystem"),
            dependencies: self.asked.groups("dependency").into_iter().filter_map(other).collect(),
            reverse: self.asked.flag("reverse")?.unwrap_or_default(),
        };
        let addressed = self.operation.id.is_some()
            || self.asked.text("url").is_some()
            || self.asked.value("conceptMap", "resource").is_some();
        let narrowed = [&question.source, &question.target, &question.target_system];
        if !addressed && narrowed.iter().all(|text| text.is_none()) {
            let text =
                "one of `url`, `conceptMap`, `source`, `target` and `targetsystem` is needed";
            return Err(invalid(IssueCode::Required, text));
        }
        let maps = self.concept_maps()?;
        let found = ops::translate(&self.library, &maps, &question);
        let found = found.map_err(|error| refused(&error))?;
        let mut parts = vec![format!(r#"{{"name":"result","valueBoolean":{}}}"#, found.result)];
        parts.extend(found.message.as_deref().map(|message| text("message", message)));
        parts.extend(found.matches.iter().map(told));
        Ok(parameters(&parts))
    }
}

/// A `dependency`: its parts `element` and `concept`.
fn other(parameter: Value<'_>) -> Option<Other> {
    let part = |name: &str| {
        let mut parts = parameter.get("part").into_iter().flat_map(Value::items);
        parts.find(|part| part.get_str("name").as_deref() == Some(name))
    };
    let concept = part("concept")?.get("valueCodeableConcept")?;
    let coding = concept.get("coding").into_iter().flat_map(Value::items).next();
    let system = coding.and_then(|coding| coding.get_str("system")).map(|text| text.into_owned());
    let code = coding.and_then(|coding| coding.get_str("code")).or(concept.get_str("text"));
    Some(Other { property: primitive(part("element")?)?, system, value: code?.into_owned() })
}

fn told(found: &Match) -> String {
    let mut parts = vec![code("equivalence", &found.equivalence)];
    parts.extend(found.concept.as_ref().map(|concept| {
        let members = [
            ("system", concept.system.as_deref()),
            ("version", concept.version.as_deref()),
            ("code", Some(concept.code.as_str())),
            ("display", concept.display.as_deref()),
        ];
        coding("concept", &members)
    }));
    parts.extend(found.product.iter().map(|other| {
        let members = [("system", other.system.as_deref()), ("code", Some(other.value.as_str()))];
        group("product", &[text("element", &other.property), coding("concept", &members)])
    }));
    if !found.source.is_empty() {
        parts.push(format!(r#"{{"name":"source","valueUri":{}}}"#, quoted(&found.source)));
    }
    group("match", &parts)
}

fn coding(name: &str, members: &[(&str, Option<&str>)]) -> String {
    let told = members.iter().filter_map(|(name, text)| Some((name, (*text)?)));
    let told: Vec<String> =
        told.map(|(name, text)| format!(r#""{name}":{}"#, quoted(text))).collect();
    format!(r#"{{"name":"{name}","valueCoding":{{{}}}}}"#, told.join(","))
}
