//! Parameters that say how to answer, not what to find.

use accord_spec::ResourceType;

use super::Reader;
use super::contained::{is_alone, which};
use super::fault::{Fault, cut};
use crate::context::MAX_COUNT;
use crate::query::{Shape, Total};

/// Parameters of the specification that are known and not supported: filters and results of
/// other kinds.
const UNSUPPORTED: &[&str] = &["_filter", "_query", "_score"];

impl Reader<'_> {
    /// Reads the parameter if it is one of these; whether it was.
    pub(super) fn control(&mut self, name: &str, value: &str) -> Result<bool, Fault> {
        let base = name.split(':').next().unwrap_or(name);
        match base {
            "_format" | "_pretty" => return Ok(true),
            "_count" => self.only_once("_count", name).and_then(|()| self.count(value))?,
            "_total" => self.only_once("_total", name).and_then(|()| self.total(value))?,
            "_summary" => self.only_once("_summary", name).and_then(|()| self.summary(value))?,
            "_elements" => {
                self.only_once("_elements", name).and_then(|()| self.elements(value))?;
            }
            "_sort" => self.only_once("_sort", name).and_then(|()| self.sort(value))?,
            "_type" => self.only_once("_type", name).and_then(|()| self.types(value))?,
            "_include" | "_revinclude" => self.include(name, value)?,
            "_cursor" => {
                self.only_once("_cursor", name)?;
                if value.is_empty() {
                    return Err(Fault::value("`_cursor` has no value"));
                }
                self.query.cursor = Some(value.to_owned());
            }
            "_contained" => {
                self.only_once("_contained", name)?;
                self.query.contained = which(value)?;
            }
            "_containedType" => {
                self.only_once("_containedType", name)?;
                self.query.alone = is_alone(value)?;
            }
            known if UNSUPPORTED.contains(&known) => {
                return Err(Fault::unsupported(format!("parameter `{known}` is not supported")));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn only_once(&mut self, known: &'static str, name: &str) -> Result<(), Fault> {
        if name != known {
            let modifier = cut(name.get(known.len()..).unwrap_or_default());
            return Err(Fault::value(format!("parameter `{known}` has no modifier `{modifier}`")));
        }
        if self.once.insert(known) {
            return Ok(());
        }
        Err(Fault::value(format!("parameter `{known}` is given more than once")))
    }

    fn count(&mut self, value: &str) -> Result<(), Fault> {
        let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
        if !digits {
            let text = format!("`_count` is a number from 0, not `{}`", cut(value));
            return Err(Fault::value(text));
        }
        // More digits than a number holds is still just very many.
        self.query.count = value.parse().unwrap_or(MAX_COUNT).min(MAX_COUNT);
        // FHIR R4 search §3.1.1.5.3: no matches wanted is the same as asking for the count.
        self.query.count_only |= self.query.count == 0;
        Ok(())
    }

    fn total(&mut self, value: &str) -> Result<(), Fault> {
        self.query.total = Some(match value {
            "none" => Total::None,
            "estimate" => Total::Estimate,
            "accurate" => Total::Accurate,
            other => {
                let text =
                    format!("`_total` is `none`, `estimate` or `accurate`, not `{}`", cut(other));
                return Err(Fault::value(text));
            }
        });
        Ok(())
    }

    fn summary(&mut self, value: &str) -> Result<(), Fault> {
        let shape = match value {
            "count" => {
                self.query.count_only = true;
                return Ok(());
            }
            "false" => Shape::Whole,
            "true" => Shape::Summary,
            "text" => Shape::Text,
            "data" => Shape::Data,
            other => {
                let text = format!("`_summary` has no value `{}`", cut(other));
                return Err(Fault::value(text));
            }
        };
        self.shape(shape)
    }

    /// Names of elements at the root of the resource, by commas.
    fn elements(&mut self, value: &str) -> Result<(), Fault> {
        let mut names: Vec<String> = Vec::new();
        for name in value.split(',') {
            let letters = name.chars().all(|c| c.is_ascii_alphanumeric());
            if name.is_empty() || !letters {
                let text = format!("`{}` is not an element at the root of a resource", cut(name));
                return Err(Fault::value(text));
            }
            names.push(name.to_owned());
        }
        names.sort_unstable();
        names.dedup();
        self.shape(Shape::Elements(names))
    }

    fn shape(&mut self, shape: Shape) -> Result<(), Fault> {
        if shape != Shape::Whole && self.query.shape != Shape::Whole {
            return Err(Fault::value("`_elements` and `_summary` do not go together"));
        }
        if shape != Shape::Whole {
            self.query.shape = shape;
        }
        Ok(())
    }

    fn types(&mut self, value: &str) -> Result<(), Fault> {
        if self.query.resource_type.is_some() {
            return Err(Fault::unsupported("`_type` belongs to a search over all types"));
        }
        let mut types = Vec::new();
        for name in value.split(',') {
            let resource_type = ResourceType::from_name(name);
            let unknown = || Fault::value(format!("`{}` is not a resource type", cut(name)));
            types.push(resource_type.ok_or_else(unknown)?);
        }
        types.sort_unstable();
        types.dedup();
        self.query.types = types;
        Ok(())
    }
}
