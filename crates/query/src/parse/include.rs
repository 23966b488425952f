//! `_include` and `_revinclude` (FHIR R4 search §3.1.1.5.4).

use accord_spec::{ParamKind, ResourceType};

use super::Reader;
use super::fault::{Fault, cut};
use crate::query::Include;

impl Reader<'_> {
    /// `Source:param[:Target]`, `Source:*` or `*`, with `:iterate` behind the name where what is
    /// included counts too.
    pub(super) fn include(&mut self, name: &str, value: &str) -> Result<(), Fault> {
        let (base, modifier) = match name.split_once(':') {
            Some((base, modifier)) => (base, Some(modifier)),
            None => (name, None),
        };
        // `recurse` is what earlier releases of FHIR call it.
        if !matches!(modifier, None | Some("iterate" | "recurse")) {
            let modifier = cut(modifier.unwrap_or_default());
            return Err(Fault::value(format!("`{base}` has no modifier `:{modifier}`")));
        }
        let (reverse, iterate) = (base == "_revinclude", modifier.is_some());
        let mut parts = value.split(':');
        let (source, code, target) = (parts.next(), parts.next(), parts.next());
        let form = || {
            let forms = "`Type:reference`, `Type:reference:Type`, `Type:*` or `*`";
            Fault::value(format!("`{}` is not one of {forms}", cut(value)))
        };
        if parts.next().is_some() {
            return Err(form());
        }
        let source = any_or(source.unwrap_or_default(), of_type)?;
        let param = match (source, code) {
            (_, Some("*")) | (None, None) => None,
            (Some(source), Some(code)) => {
                let found = self.find(Some(source), code)?;
                if found.kind != ParamKind::Reference {
                    return Err(Fault::value(format!("`{}` is no reference", cut(value))));
                }
                Some(found)
            }
            _ => return Err(form()),
        };
        let target = target.map(|name| any_or(name, of_type)).transpose()?.flatten();
        let fits = |target: &ResourceType| {
            param.is_none_or(|p| p.targets.is_empty() || p.targets.contains(target))
        };
        if let Some(target) = target.filter(|target| !fits(target)) {
            return Err(Fault::value(format!("`{}` does not refer to a {target}", cut(value))));
        }
        let param = param.map(|param| param.id);
        let include = Include { reverse, iterate, source, param, target, outside: None };
        if !self.query.includes.contains(&include) {
            self.query.includes.push(include);
        }
        Ok(())
    }
}

fn any_or<T>(text: &str, read: impl Fn(&str) -> Result<T, Fault>) -> Result<Option<T>, Fault> {
    if text == "*" { Ok(None) } else { read(text).map(Some) }
}

fn of_type(name: &str) -> Result<ResourceType, Fault> {
    let unknown = || Fault::value(format!("`{}` is not a resource type", cut(name)));
    ResourceType::from_name(name).ok_or_else(unknown)
}
