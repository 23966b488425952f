//! Conditions on what references join: chains and `_has`, in any mixture (FHIR R4 search
//! §3.1.1.4.13 and §3.1.1.4.14).

use accord_fhir::IssueCode;
use accord_spec::{ParamKind, ResourceType, SearchParam};

use super::Reader;
use super::fault::{Fault, cut};
use crate::query::{Chain, Clause, Link, Target, Test};

/// A parameter that goes on behind a reference.
pub(super) enum Hop<'a> {
    /// `code[:Type].rest`
    To { code: &'a str, only: Option<&'a str>, rest: &'a str },
    /// `_has:Type:code:rest`
    From { of: &'a str, code: &'a str, rest: &'a str },
}

impl<'a> Hop<'a> {
    /// The first hop of a parameter's name; `None` if it has none.
    pub fn first(name: &'a str) -> Option<Result<Hop<'a>, Fault>> {
        if let Some(rest) = name.strip_prefix("_has:") {
            let mut parts = rest.splitn(3, ':');
            let whole = (parts.next(), parts.next(), parts.next().filter(|rest| !rest.is_empty()));
            let (Some(of), Some(code), Some(rest)) = whole else {
                let form = "`_has:Type:reference:parameter`";
                return Some(Err(Fault::value(format!("`{}` is not {form}", cut(name)))));
            };
            return Some(Ok(Hop::From { of, code, rest }));
        }
        let (hop, rest) = name.split_once('.')?;
        let (code, only) = match hop.split_once(':') {
            Some((code, only)) => (code, Some(only)),
            None => (hop, None),
        };
        Some(Ok(Hop::To { code, only, rest }))
    }
}

impl Reader<'_> {
    /// Reads a condition behind a reference; `hops` were followed before it.
    pub(super) fn chain(
        &mut self,
        on: Option<ResourceType>,
        hop: Hop<'_>,
        (name, value): (&str, &str),
        hops: usize,
    ) -> Result<Clause, Fault> {
        if hops >= self.context.limits.hops {
            return Err(Fault::too_many("references in a chain", self.context.limits.hops));
        }
        let (target, links) = match hop {
            Hop::To { code, only, rest } => {
                let param = self.reference_of(on, code)?;
                let links = self.links(param, only, (rest, value), hops)?;
                (Target::Param(param.id), links)
            }
            Hop::From { of, code, rest } => {
                let param = self.referring(on, of, code)?;
                let of = param.base.into_iter();
                let read = |resource_type| {
                    let clause = self.clause(Some(resource_type), rest, value, hops + 1)?;
                    Ok(Link { resource_type, clause })
                };
                (Target::Referrer(param.id), of.map(read).collect::<Result<_, _>>()?)
            }
        };
        let chain = Chain { name: name.to_owned(), value: value.to_owned(), links };
        Ok(Clause { target, test: Test::Chain(chain) })
    }

    /// The types behind a reference that have the parameter: the one that is named, or all of
    /// them.
    fn links(
        &mut self,
        param: &'static SearchParam,
        only: Option<&str>,
        (rest, value): (&str, &str),
        hops: usize,
    ) -> Result<Vec<Link>, Fault> {
        let fits = |t: &ResourceType| param.targets.is_empty() || param.targets.contains(t);
        if let Some(name) = only {
            let named = ResourceType::from_name(name).filter(fits);
            let wrong = || {
                let text = format!("`{}` does not refer to a `{}`", param.code, cut(name));
                Fault::value(text)
            };
            let resource_type = named.ok_or_else(wrong)?;
            let clause = self.clause(Some(resource_type), rest, value, hops + 1)?;
            return Ok(vec![Link { resource_type, clause }]);
        }
        let all = if param.targets.is_empty() { &ResourceType::ALL[..] } else { param.targets };
        let (mut links, mut wrong): (Vec<Link>, Option<Fault>) = (Vec::new(), None);
        for resource_type in all {
            self.links += 1;
            if self.links > self.context.limits.links {
                return Err(Fault::too_many("types behind references", self.context.limits.links));
            }
            match self.clause(Some(*resource_type), rest, value, hops + 1) {
                Ok(clause) => links.push(Link { resource_type: *resource_type, clause }),
                Err(fault) if fault.code == IssueCode::TooCostly => return Err(fault),
                // That a type lacks the parameter tells less than what is wrong with the value.
                Err(fault) if wrong.as_ref().is_none_or(|wrong| wrong.ignorable) => {
                    wrong = Some(fault);
                }
                Err(_) => {}
            }
        }
        match wrong {
            Some(fault) if links.is_empty() && (!fault.ignorable || all.len() == 1) => Err(fault),
            _ if links.is_empty() => {
                let text = format!("nothing that `{}` refers to has `{}`", param.code, cut(rest));
                Err(Fault::unsupported(text))
            }
            _ => Ok(links),
        }
    }

    fn reference_of(
        &self,
        on: Option<ResourceType>,
        code: &str,
    ) -> Result<&'static SearchParam, Fault> {
        let param = self.find(on, code)?;
        if param.kind == ParamKind::Reference {
            return Ok(param);
        }
        let kind = param.kind.name();
        Err(Fault::value(format!("{kind} parameter `{code}` has nothing behind it: no reference")))
    }

    /// The parameter by which resources of a type refer to what is searched for.
    fn referring(
        &self,
        on: Option<ResourceType>,
        of: &str,
        code: &str,
    ) -> Result<&'static SearchParam, Fault> {
        let unknown = || Fault::value(format!("`{}` is not a resource type", cut(of)));
        let of = ResourceType::from_name(of).ok_or_else(unknown)?;
        let param = self.reference_of(Some(of), code)?;
        let fits = on.is_none_or(|on| param.targets.is_empty() || param.targets.contains(&on));
        match on {
            Some(on) if !fits => {
                Err(Fault::value(format!("`{code}` of {of} does not refer to a {on}")))
            }
            _ => Ok(param),
        }
    }
}
