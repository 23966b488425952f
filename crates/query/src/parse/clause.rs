//! Parameters that say what to find.

use accord_spec::{ParamKind, ResourceType, SearchParam};

use super::Reader;
use super::chain::Hop;
use super::fault::{Fault, cut};
use crate::query::{Clause, Target, Test};
use crate::value::TokenSystem;

/// A parameter as it is asked for.
pub(super) struct Asked<'a> {
    pub param: &'static SearchParam,
    pub modifier: Option<&'a str>,
}

impl Reader<'_> {
    /// Reads a filter on resources of a type, or of all types; `hops` references lead to them.
    pub(super) fn clause(
        &mut self,
        on: Option<ResourceType>,
        name: &str,
        value: &str,
        hops: usize,
    ) -> Result<Clause, Fault> {
        // What is on a list is what a List refers to as an item.
        if name == "_list" {
            let hop = Hop::From { of: "List", code: "item", rest: "_id" };
            return self.chain(on, hop, (name, value), hops);
        }
        if let Some(words) = self.words(name, value) {
            return words;
        }
        if let Some(hop) = Hop::first(name) {
            return self.chain(on, hop?, (name, value), hops);
        }
        let (code, modifier) = match name.split_once(':') {
            Some((code, modifier)) => (code, Some(modifier)),
            None => (name, None),
        };
        let asked = Asked { param: self.find(on, code)?, modifier };
        if value.is_empty() {
            return Err(Fault::unsupported(format!("parameter `{code}` has no value")));
        }
        let target = match code {
            "_id" => Target::Id,
            "_lastUpdated" => Target::LastUpdated,
            _ => Target::Param(asked.param.id),
        };
        let test = match modifier {
            // FHIR R4 search §3.1.1.4.5: for all parameters except combinations.
            Some("missing") if asked.param.kind != ParamKind::Composite => missing(&asked, value)?,
            _ => self.test(&asked, value)?,
        };
        if target == Target::Id && !codes_only(&test) {
            return Err(Fault::value("`_id` takes ids without a system"));
        }
        Ok(Clause { target, test })
    }

    /// The parameter of this code.
    pub(super) fn find(
        &self,
        on: Option<ResourceType>,
        code: &str,
    ) -> Result<&'static SearchParam, Fault> {
        let (found, place) = match on {
            Some(resource_type) => {
                let own = || self.context.own.find(resource_type, code);
                (accord_spec::param(resource_type, code).or_else(own), resource_type.name())
            }
            // Parameters common to all types are those of any one of them.
            None => {
                let any = accord_spec::param(ResourceType::PATIENT, code);
                (any.filter(|param| param.base.is_none()), "all types")
            }
        };
        let unknown =
            || Fault::unsupported(format!("parameter `{}` is not known for {place}", cut(code)));
        let param = found.ok_or_else(unknown)?;
        if param.kind == ParamKind::Special && param.code != "near" {
            let kind = param.kind.name();
            let text = format!("{kind} parameter `{code}` is not supported");
            return Err(Fault::unsupported(text));
        }
        Ok(param)
    }
}

fn missing(asked: &Asked<'_>, value: &str) -> Result<Test, Fault> {
    match value {
        "true" => Ok(Test::Missing(true)),
        "false" => Ok(Test::Missing(false)),
        other => {
            let (code, other) = (asked.param.code, cut(other));
            Err(Fault::value(format!("`{code}:missing` is `true` or `false`, not `{other}`")))
        }
    }
}

fn codes_only(test: &Test) -> bool {
    match test {
        Test::Token { any_of, .. } => {
            any_of.iter().all(|token| token.system == TokenSystem::Any && token.code.is_some())
        }
        Test::Missing(_) => true,
        _ => false,
    }
}
