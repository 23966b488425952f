//! Parameters that say what to find.

use accord_spec::{ParamKind, ResourceType, SearchParam};

use super::Reader;
use super::fault::{Fault, cut};
use crate::escape::{split, unescape};
use crate::normalise::normalise;
use crate::query::{Clause, Target, Test};
use crate::value::{Text, TextMode, Token, TokenSystem};

/// Modifiers of the specification that are known and not supported, by kind (FHIR R4 search
/// §3.1.1.4.5).
const UNSUPPORTED_MODIFIERS: &[(ParamKind, &[&str])] = &[
    (ParamKind::Token, &["text", "in", "not-in", "above", "below", "of-type"]),
    (ParamKind::Reference, &["identifier", "above", "below", "text"]),
    (ParamKind::Uri, &["above", "below"]),
    (ParamKind::String, &["text"]),
];

/// A parameter as it is asked for.
pub(super) struct Asked<'a> {
    pub param: &'static SearchParam,
    pub modifier: Option<&'a str>,
}

impl Reader<'_> {
    /// Reads a filter; `None` if lenient handling leaves it out.
    pub(super) fn clause(&mut self, name: &str, value: &str) -> Result<Option<Clause>, Fault> {
        if name.contains('.') {
            return Err(Fault::unsupported(format!("chain `{}` is not supported", cut(name))));
        }
        let (code, modifier) = match name.split_once(':') {
            Some((code, modifier)) => (code, Some(modifier)),
            None => (name, None),
        };
        let asked = Asked { param: self.find(code)?, modifier };
        if value.is_empty() {
            return Err(Fault::unsupported(format!("parameter `{code}` has no value")));
        }
        let target = match code {
            "_id" => Target::Id,
            "_lastUpdated" => Target::LastUpdated,
            _ => Target::Param(asked.param.id),
        };
        let test = match modifier {
            Some("missing") if matches!(target, Target::Param(_)) => missing(&asked, value)?,
            _ => self.test(&asked, value)?,
        };
        if target == Target::Id && !codes_only(&test) {
            return Err(Fault::value("`_id` takes ids without a system"));
        }
        Ok(Some(Clause { target, test }))
    }

    fn find(&self, code: &str) -> Result<&'static SearchParam, Fault> {
        let (found, place) = match self.query.resource_type {
            Some(resource_type) => (accord_spec::param(resource_type, code), resource_type.name()),
            // Parameters common to all types are those of any one of them.
            None => {
                let any = accord_spec::param(ResourceType::PATIENT, code);
                (any.filter(|param| param.base.is_none()), "all types")
            }
        };
        let unknown =
            || Fault::unsupported(format!("parameter `{}` is not known for {place}", cut(code)));
        let param = found.ok_or_else(unknown)?;
        if matches!(param.kind, ParamKind::Composite | ParamKind::Special) {
            let kind = param.kind.name();
            let text = format!("{kind} parameter `{code}` is not supported");
            return Err(Fault::unsupported(text));
        }
        Ok(param)
    }

    fn test(&mut self, asked: &Asked<'_>, value: &str) -> Result<Test, Fault> {
        let parts = split(value, ',');
        self.spend(parts.len())?;
        if parts.iter().any(|part| part.is_empty()) {
            let code = asked.param.code;
            return Err(Fault::value(format!("parameter `{code}` has an empty alternative")));
        }
        let kind = asked.param.kind;
        Ok(match (kind, asked.modifier) {
            (ParamKind::Token, None) => Test::Token { negated: false, any_of: tokens(&parts)? },
            (ParamKind::Token, Some("not")) => {
                Test::Token { negated: true, any_of: tokens(&parts)? }
            }
            (ParamKind::String, None) => texts(TextMode::StartsWith, &parts)?,
            (ParamKind::String, Some("exact")) => texts(TextMode::Exact, &parts)?,
            (ParamKind::String, Some("contains")) => texts(TextMode::Contains, &parts)?,
            (ParamKind::Uri, None) => Test::Uri(parts.into_iter().map(unescape).collect()),
            (ParamKind::Date, None) => Test::Date(self.each(&parts, Self::date)?),
            (ParamKind::Number, None) => Test::Number(self.each(&parts, Self::number)?),
            (ParamKind::Quantity, None) => Test::Quantity(self.each(&parts, Self::quantity)?),
            (ParamKind::Reference, modifier) if self.is_reference_modifier(modifier) => {
                let types = modifier.and_then(ResourceType::from_name);
                let read = |part: &&str| self.reference(asked.param, types, part);
                Test::Reference(parts.iter().map(read).collect::<Result<_, _>>()?)
            }
            (kind, modifier) => return Err(bad_modifier(asked, kind, modifier.unwrap_or(""))),
        })
    }

    fn each<T>(
        &self,
        parts: &[&str],
        read: impl Fn(&Self, &str) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        parts.iter().map(|part| read(self, part)).collect()
    }

    /// None, or the name of a type.
    fn is_reference_modifier(&self, modifier: Option<&str>) -> bool {
        modifier.is_none_or(|name| ResourceType::from_name(name).is_some())
    }
}

fn bad_modifier(asked: &Asked<'_>, kind: ParamKind, modifier: &str) -> Fault {
    let code = asked.param.code;
    let known =
        UNSUPPORTED_MODIFIERS.iter().any(|(k, list)| *k == kind && list.contains(&modifier));
    if known {
        let text = format!("modifier `:{modifier}` of parameter `{code}` is not supported");
        return Fault::refused(text);
    }
    let (modifier, kind) = (cut(modifier), kind.name());
    Fault::value(format!("{kind} parameter `{code}` has no modifier `:{modifier}`"))
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

fn tokens(parts: &[&str]) -> Result<Vec<Token>, Fault> {
    parts.iter().map(|part| token(part)).collect()
}

/// `code`, `system|code`, `|code` or `system|` (FHIR R4 search §3.1.1.4.10).
fn token(part: &str) -> Result<Token, Fault> {
    let pieces: Vec<String> = split(part, '|').into_iter().map(unescape).collect();
    let bad = || Fault::value(format!("`{}` is not a token: `code` or `system|code`", cut(part)));
    match pieces.as_slice() {
        [code] => Ok(Token { system: TokenSystem::Any, code: Some(code.clone()) }),
        [system, code] if system.is_empty() && code.is_empty() => Err(bad()),
        [system, code] => Ok(Token {
            system: match system.as_str() {
                "" => TokenSystem::Absent,
                system => TokenSystem::Is(system.to_owned()),
            },
            code: Some(code.clone()).filter(|code| !code.is_empty()),
        }),
        _ => Err(bad()),
    }
}

fn texts(mode: TextMode, parts: &[&str]) -> Result<Test, Fault> {
    let text = |part: &&str| {
        let raw = unescape(part);
        let normal = normalise(&raw);
        if normal.is_empty() && mode != TextMode::Exact {
            return Err(Fault::value(format!("`{}` has no letters to search for", cut(part))));
        }
        Ok(Text { raw, normal })
    };
    let any_of = parts.iter().map(text).collect::<Result<_, _>>()?;
    Ok(Test::Text { mode, any_of })
}

fn codes_only(test: &Test) -> bool {
    match test {
        Test::Token { any_of, .. } => {
            any_of.iter().all(|token| token.system == TokenSystem::Any && token.code.is_some())
        }
        _ => false,
    }
}
