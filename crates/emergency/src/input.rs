//! What was asked: a Parameters resource, or the query of a URL.

use accord_base::{LogTime, ResourceId};
use accord_engine::Failure;
use accord_fhir::{DateRange, Decimal};
use serde_json::Value;

use crate::invalid;

/// Parameters by their names.
#[derive(Debug, Default)]
pub(crate) struct Input {
    parameters: Vec<Value>,
}

impl Input {
    /// Reads the body, or where there is none the query.
    pub(crate) fn read(body: &[u8], params: &[(String, String)]) -> Result<Input, Failure> {
        if body.is_empty() {
            let named = |(name, value): &(String, String)| serde_json::json!({"name": name, "valueString": value});
            return Ok(Input { parameters: params.iter().map(named).collect() });
        }
        let parsed: Value = serde_json::from_slice(body)
            .map_err(|e| invalid(format!("not JSON: line {} column {}", e.line(), e.column())))?;
        if text_at(&parsed, "/resourceType") != Some("Parameters") {
            return Err(invalid("a Parameters resource is needed"));
        }
        Ok(Input { parameters: items(&parsed, "parameter").cloned().collect() })
    }

    /// Refuses names that are not known: a misspelt one must not be skipped.
    pub(crate) fn only(&self, names: &[&str]) -> Result<(), Failure> {
        for parameter in &self.parameters {
            let name = text_at(parameter, "/name").unwrap_or_default();
            if !names.contains(&name) && !name.starts_with('_') {
                return Err(invalid(format!("the parameter `{name}` is not known")));
            }
        }
        Ok(())
    }

    /// Every parameter of the name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Value> {
        self.parameters.iter().filter(move |one| text_at(one, "/name") == Some(name))
    }

    /// The value of the only parameter of the name.
    fn one<'a>(&'a self, name: &'a str) -> Result<Option<&'a Value>, Failure> {
        let mut all = self.all(name);
        match (all.next(), all.next()) {
            (_, Some(_)) => Err(invalid(format!("`{name}` stands more than once"))),
            (Some(one), None) => {
                value(one).map(Some).ok_or_else(|| invalid(format!("`{name}` has no value")))
            }
            (None, None) => Ok(None),
        }
    }

    /// A text or code.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Failure> {
        let Some(value) = self.one(name)? else { return Ok(None) };
        let text = value.as_str().map(str::trim).filter(|text| !text.is_empty());
        let text = text.ok_or_else(|| invalid(format!("`{name}` is a text")))?;
        Ok(Some(text.to_owned()))
    }

    /// Texts or codes, of every parameter of the name.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>, Failure> {
        let text = |one| value(one).and_then(Value::as_str).map(str::to_owned);
        let all = self.all(name).map(text);
        all.map(|text| text.ok_or_else(|| invalid(format!("`{name}` is a code")))).collect()
    }

    /// `true` or `false`; without the parameter `false`.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Failure> {
        match self.one(name)? {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(Value::String(text)) if text == "true" || text == "false" => Ok(text == "true"),
            Some(_) => Err(invalid(format!("`{name}` is true or false"))),
        }
    }

    /// A whole number.
    pub(crate) fn count(&self, name: &str) -> Result<Option<u32>, Failure> {
        let Some(value) = self.one(name)? else { return Ok(None) };
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.parse().map(Some).map_err(|_| invalid(format!("`{name}` is a whole number")))
    }

    /// The id that a reference to the type names, or a bare id.
    pub(crate) fn reference(&self, name: &str, to: &str) -> Result<Option<ResourceId>, Failure> {
        let Some(value) = self.one(name)? else { return Ok(None) };
        let text = value.as_str().or_else(|| text_at(value, "/reference")).unwrap_or_default();
        let id = text.strip_prefix(to).and_then(|rest| rest.strip_prefix('/'));
        let id = id.or_else(|| Some(text).filter(|text| !text.contains('/')));
        let id = id.and_then(|id| ResourceId::new(id).ok());
        id.map(Some).ok_or_else(|| invalid(format!("`{name}` is a reference to a {to}")))
    }

    /// An instant.
    pub(crate) fn instant(&self, name: &str) -> Result<Option<LogTime>, Failure> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let at = instant(&text).filter(|_| text.len() > 10);
        at.map(Some).ok_or_else(|| invalid(format!("`{name}` is a date with a time")))
    }

    /// A CodeableConcept, or one of a text.
    pub(crate) fn concept(&self, name: &str) -> Result<Option<Value>, Failure> {
        match self.one(name)? {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(serde_json::json!({"text": text}))),
            Some(concept @ Value::Object(_)) => Ok(Some(concept.clone())),
            Some(_) => Err(invalid(format!("`{name}` is a text or a CodeableConcept"))),
        }
    }
}

/// The value of a parameter or part, whatever its type.
pub(crate) fn value(parameter: &Value) -> Option<&Value> {
    let members = parameter.as_object()?;
    members.iter().find(|(name, _)| name.starts_with("value")).map(|(_, value)| value)
}

/// The value of the part of this name.
pub(crate) fn part<'a>(parameter: &'a Value, name: &str) -> Option<&'a Value> {
    let mut parts = items(parameter, "part");
    parts.find(|part| text_at(part, "/name") == Some(name)).and_then(value)
}

/// The items of the array of this name; none if there is none.
pub(crate) fn items<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    of.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// The text at a JSON pointer.
pub(crate) fn text_at<'a>(of: &'a Value, pointer: &str) -> Option<&'a str> {
    of.pointer(pointer).and_then(Value::as_str)
}

/// The number as it was written.
pub(crate) fn decimal(value: &Value) -> Option<Decimal> {
    value.as_number().and_then(|number| Decimal::parse(&number.to_string()))
}

/// The first instant of a date or dateTime.
pub(crate) fn instant(text: &str) -> Option<LogTime> {
    let low = DateRange::parse(text)?.low;
    u64::try_from(low).ok().map(LogTime)
}

/// The codings of a CodeableConcept, a Coding or a code: system and code.
pub(crate) fn codings(value: &Value) -> Vec<(&str, &str)> {
    let coding = |one| Some((text_at(one, "/system").unwrap_or(""), text_at(one, "/code")?));
    match value {
        Value::String(code) => vec![("", code)],
        _ if value.get("code").is_some() => coding(value).into_iter().collect(),
        _ => items(value, "coding").filter_map(coding).collect(),
    }
}
