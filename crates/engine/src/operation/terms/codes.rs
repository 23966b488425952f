//! `$validate-code` and `$subsumes`.

use accord_fhir::IssueCode;
use accord_fhir::json::Value;
use accord_terminology::ops::{self, Coding, Verdict};
use accord_terminology::{Canonical, Compiler, Grammar, Versions};

use super::super::parameters::{code, invalid, parameters, text};
use super::Question;
use super::asked::coding;
use crate::Failure;
use crate::terms::refused;

/// Parameters of `ValueSet/$validate-code` that are understood.
pub(super) const IN_SET: &[&str] = &[
    "url",
    "context",
    "valueSet",
    "valueSetVersion",
    "code",
    "system",
    "systemVersion",
    "display",
    "coding",
    "codeableConcept",
    "abstract",
    "displayLanguage",
    "tx-resource",
];
/// Parameters of `CodeSystem/$validate-code` that are understood.
pub(super) const IN_SYSTEM: &[&str] = &[
    "url",
    "codeSystem",
    "code",
    "version",
    "display",
    "coding",
    "codeableConcept",
    "abstract",
    "displayLanguage",
];
/// Parameters of `$subsumes`.
pub(super) const SUBSUMES: &[&str] = &["codeA", "codeB", "system", "version", "codingA", "codingB"];

impl Question<'_> {
    /// Whether a code belongs to a value set.
    pub fn validate_in_set(&self) -> Result<String, Failure> {
        let codings = self.codings("system", "systemVersion")?;
        let definition = self.value_set()?;
        let compiled = Compiler::new(&self.library, Versions::default()).compile(&definition);
        let compiled = compiled.map_err(|error| refused(&error))?;
        let abstracts = self.asked.flag("abstract")?.unwrap_or(true);
        let language = self.asked.text("displayLanguage");
        let set = &compiled.set;
        Ok(told(&ops::validate_in_set(set, &codings, abstracts, language.as_deref())))
    }

    /// Whether a code belongs to a code system.
    pub fn validate_in_system(&self) -> Result<String, Failure> {
        let abstracts = self.asked.flag("abstract")?.unwrap_or(true);
        let language = self.asked.text("displayLanguage");
        let mut last = None;
        for one in self.codings("url", "version")? {
            let url = self.asked.text("url").or(one.system.clone()).map(|url| {
                let mut url = Canonical::parse(&url);
                url.version = one.version.clone().or(url.version);
                url
            });
            let grammar = match &url {
                Some(url) => self.grammar(url)?,
                None => None,
            };
            let verdict = match grammar {
                Some(grammar) => by_form(grammar, &one),
                None => {
                    let system = self.code_system(url.as_ref())?;
                    let other = one.system.as_deref().is_some_and(|own| own != system.url());
                    match other {
                        true => Verdict {
                            message: Some("the code is of another code system".to_owned()),
                            ..Verdict::default()
                        },
                        false => {
                            ops::validate_in_system(&system, &one, abstracts, language.as_deref())
                        }
                    }
                }
            };
            let good = verdict.result;
            last = Some(verdict);
            if good {
                break;
            }
        }
        Ok(told(&last.unwrap_or_default()))
    }

    /// The codes that are asked about; `system` and `version` are what the parameters beside
    /// `code` are called.
    pub fn codings(&self, system: &str, version: &str) -> Result<Vec<Coding>, Failure> {
        if let Some(concept) = self.asked.value("codeableConcept", "valueCodeableConcept") {
            let all = concept.get("coding").into_iter().flat_map(Value::items);
            return Ok(all.map(coding).collect());
        }
        if let Some(coding) = self.asked.coding("coding") {
            return Ok(vec![coding]);
        }
        let code = self.asked.text("code").ok_or_else(|| {
            let text = "one of `code`, `coding` and `codeableConcept` is needed";
            invalid(IssueCode::Required, text)
        })?;
        Ok(vec![Coding {
            system: self.asked.text(system),
            version: self.asked.text(version),
            code,
            display: self.asked.text("display"),
        }])
    }

    /// How two codes relate.
    pub fn subsumes(&self) -> Result<String, Failure> {
        let (a, b) = match (self.asked.coding("codingA"), self.asked.coding("codingB")) {
            (Some(a), Some(b)) => (a, b),
            (None, None) => {
                let one = |name| -> Result<Coding, Failure> {
                    let system = self.asked.text("system");
                    Ok(Coding { system, code: self.asked.needed(name)?, ..Coding::default() })
                };
                (one("codeA")?, one("codeB")?)
            }
            _ => return Err(invalid(IssueCode::Required, "`codingA` and `codingB` go together")),
        };
        if a.system != b.system {
            return Err(invalid(IssueCode::Value, "both codes must be of one code system"));
        }
        let version = self.asked.text("version").or(a.version);
        let url = a.system.map(|url| Canonical::new(&url, version.as_deref()));
        let system = self.code_system(url.as_ref())?;
        let relation = ops::subsumes(&system, &a.code, &b.code).map_err(|error| refused(&error))?;
        Ok(parameters(&[code("outcome", relation.code())]))
    }
}

fn by_form(grammar: Grammar, coding: &Coding) -> Verdict {
    let result = grammar.permits(&coding.code);
    let text = || format!("the code `{}` has not the form of `{}`", coding.code, grammar.url());
    Verdict { result, message: (!result).then(text), display: coding.display.clone() }
}

/// A verdict as a Parameters resource.
fn told(verdict: &Verdict) -> String {
    let mut parts = vec![format!(r#"{{"name":"result","valueBoolean":{}}}"#, verdict.result)];
    parts.extend(verdict.message.as_deref().map(|message| text("message", message)));
    parts.extend(verdict.display.as_deref().map(|display| text("display", display)));
    parameters(&parts)
}
