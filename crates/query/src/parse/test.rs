//! Values by kind of parameter and modifier.

use accord_spec::{ParamKind, ResourceType};

use super::Reader;
use super::clause::Asked;
use super::coded::coded;
use super::fault::{Fault, cut};
use super::token::tokens;
use crate::escape::{split, unescape};
use crate::normalise::normalise;
use crate::query::Test;
use crate::value::{Text, TextMode};

/// Modifiers of the specification that are known and not supported, by kind (FHIR R4 search
/// §3.1.1.4.5).
const UNSUPPORTED_MODIFIERS: &[(ParamKind, &[&str])] = &[
    (ParamKind::Token, &["text", "of-type"]),
    (ParamKind::Reference, &["identifier", "above", "below", "text"]),
    (ParamKind::Uri, &["above", "below"]),
    (ParamKind::String, &["text"]),
];

impl Reader<'_> {
    /// What must hold of a parameter, from its modifier and its value.
    pub(super) fn test(&mut self, asked: &Asked<'_>, value: &str) -> Result<Test, Fault> {
        let parts = split(value, ',');
        self.spend(parts.len())?;
        if parts.iter().any(|part| part.is_empty()) {
            let code = asked.param.code;
            return Err(Fault::value(format!("parameter `{code}` has an empty alternative")));
        }
        let kind = asked.param.kind;
        if kind == ParamKind::Token
            && let Some(read) = asked.modifier.and_then(|modifier| coded(modifier, &parts))
        {
            return read;
        }
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
