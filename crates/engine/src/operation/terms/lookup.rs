//! `CodeSystem/$lookup`.

use accord_fhir::IssueCode;
use accord_fhir::json::quoted;
use accord_terminology::ops::{self, Found, FoundDesignation, FoundProperty};
use accord_terminology::{Canonical, TermError, Use};

use super::super::parameters::{code, group, invalid, parameters, text};
use super::Question;
use crate::Failure;
use crate::terms::refused;

/// Parameters of the operation that are understood.
pub(super) const PARAMETERS: &[&str] =
    &["code", "system", "version", "coding", "displayLanguage", "property", "tx-resource"];

/// Names of the answer's own parameters, which `property` may ask for too.
const OWN: [&str; 4] = ["name", "version", "display", "url"];

impl Question<'_> {
    /// What is known of a code.
    pub fn lookup(&self) -> Result<String, Failure> {
        let coding = self.codings("system", "version")?.into_iter().next().unwrap_or_default();
        let needs = || invalid(IssueCode::Required, "a code and its system are needed");
        let system = coding.system.as_deref().ok_or_else(needs)?;
        let version = coding.version.as_deref().map(str::to_owned);
        let url = Canonical::new(system, version.or(self.asked.text("version")).as_deref());
        if let Some(grammar) = self.grammar(&url)? {
            if !grammar.permits(&coding.code) {
                let (code, system) = (coding.code, url.url);
                return Err(refused(&TermError::UnknownCode { code, system }));
            }
            let parts = [text("name", grammar.url()), text("display", &coding.code)];
            return Ok(parameters(&parts));
        }
        let system = self.code_system(Some(&url))?;
        let more = self.library.supplements(system.url()).map_err(|error| refused(&error))?;
        let language = self.asked.text("displayLanguage");
        let mut wanted = self.asked.texts("property");
        let any = wanted.is_empty();
        wanted.retain(|name| !OWN.contains(&name.as_str()));
        if !any && wanted.is_empty() {
            // Only what is told anyway.
            wanted.push("name".to_owned());
        }
        let found = ops::lookup(&system, &more, &coding.code, language.as_deref(), &wanted);
        found.map(|found| told(&found)).map_err(|error| refused(&error))
    }
}

fn told(found: &Found) -> String {
    let mut parts = vec![text("name", &found.name)];
    parts.extend(found.version.as_deref().map(|version| text("version", version)));
    parts.push(text("display", &found.display));
    parts.extend(found.designations.iter().map(designation));
    parts.extend(found.properties.iter().map(property));
    parameters(&parts)
}

fn designation(found: &FoundDesignation) -> String {
    let mut parts = Vec::new();
    parts.extend(found.language.as_deref().map(|language| code("language", language)));
    parts.extend(found.usage.as_ref().map(|usage| coding("use", usage)));
    parts.push(text("value", &found.value));
    group("designation", &parts)
}

fn property(found: &FoundProperty) -> String {
    let value = match (found.kind, &found.system) {
        ("Coding", Some(system)) => {
            let (system, code) = (system.clone(), found.value.clone());
            coding("value", &Use { system, code, display: String::new() })
        }
        ("boolean", _) => format!(r#"{{"name":"value","valueBoolean":{}}}"#, found.value),
        ("integer", _) => format!(r#"{{"name":"value","valueInteger":{}}}"#, found.value),
        ("decimal", _) => format!(r#"{{"name":"value","valueDecimal":{}}}"#, found.value),
        ("dateTime", _) => {
            format!(r#"{{"name":"value","valueDateTime":{}}}"#, quoted(&found.value))
        }
        ("code", _) => code("value", &found.value),
        _ => text("value", &found.value),
    };
    let mut parts = vec![code("code", &found.code), value];
    parts.extend(found.description.as_deref().map(|words| text("description", words)));
    group("property", &parts)
}

/// A parameter with a Coding.
pub(super) fn coding(name: &str, usage: &Use) -> String {
    let members = [("system", &usage.system), ("code", &usage.code), ("display", &usage.display)];
    let told = members.iter().filter(|(_, text)| !text.is_empty());
    let told: Vec<String> =
        told.map(|(name, text)| format!(r#""{name}":{}"#, quoted(text))).collect();
    format!(r#"{{"name":"{name}","valueCoding":{{{}}}}}"#, told.join(","))
}
