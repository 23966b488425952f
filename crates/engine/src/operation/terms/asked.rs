//! Parameters of an operation that is asked by URL or by a Parameters resource.

use accord_fhir::IssueCode;
use accord_fhir::json::Value;
use accord_terminology::ops::Coding;

use super::super::Operation;
use super::super::parameters::{Parameters, invalid, primitive, unknown};
use crate::Failure;

/// What was asked.
pub(super) enum Asked {
    /// Parameters of the URL.
    Url(Vec<(String, String)>),
    /// Parameters of the body.
    Body(Parameters),
}

impl Asked {
    /// Reads what was asked; `known` are the names that the operation has.
    pub fn read(operation: &Operation, known: &[&str]) -> Result<Asked, Failure> {
        if !operation.body.is_empty() {
            return Parameters::parse(&operation.body, known).map(Asked::Body);
        }
        match operation.params.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => Err(unknown(name)),
            None => Ok(Asked::Url(operation.params.clone())),
        }
    }

    /// The texts of a parameter: of any primitive type.
    pub fn texts(&self, name: &str) -> Vec<String> {
        match self {
            Asked::Url(pairs) => {
                pairs.iter().filter(|(n, _)| n == name).map(|(_, value)| value.clone()).collect()
            }
            Asked::Body(parameters) => parameters.named(name).filter_map(primitive).collect(),
        }
    }

    /// The first text of a parameter.
    pub fn text(&self, name: &str) -> Option<String> {
        self.texts(name).into_iter().next()
    }

    /// A parameter that must be there.
    pub fn needed(&self, name: &str) -> Result<String, Failure> {
        self.text(name).ok_or_else(|| {
            invalid(IssueCode::Required, format!("the parameter `{name}` is needed"))
        })
    }

    /// A parameter that says yes or no.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Failure> {
        match self.text(name).as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => {
                Err(invalid(IssueCode::Value, format!("the parameter `{name}` is true or false")))
            }
        }
    }

    /// A parameter that is a number.
    pub fn number(&self, name: &str) -> Result<Option<u64>, Failure> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let number = text.parse::<u32>().map_err(|_| {
            invalid(IssueCode::Value, format!("the parameter `{name}` is not a number from 0"))
        })?;
        Ok(Some(u64::from(number)))
    }

    /// The value of a parameter of the body in an element that is no primitive.
    pub fn value(&self, name: &str, element: &str) -> Option<Value<'_>> {
        match self {
            Asked::Url(_) => None,
            Asked::Body(parameters) => parameters.get(name)?.get(element),
        }
    }

    /// Parameters of the body of one name.
    pub fn groups(&self, name: &str) -> Vec<Value<'_>> {
        match self {
            Asked::Url(_) => Vec::new(),
            Asked::Body(parameters) => parameters.named(name).collect(),
        }
    }

    /// The Coding in a parameter.
    pub fn coding(&self, name: &str) -> Option<Coding> {
        self.value(name, "valueCoding").map(coding)
    }
}

/// A Coding as it is written.
pub(super) fn coding(value: Value<'_>) -> Coding {
    let text = |name: &str| value.get_str(name).map(|text| text.into_owned());
    Coding {
        system: text("system"),
        version: text("version"),
        code: text("code").unwrap_or_default(),
        display: text("display"),
    }
}
