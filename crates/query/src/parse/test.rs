//! Values by kind of parameter and modifier.

use accord_spec::{ParamKind, ResourceType};

use super::Reader;
use super::clause::Asked;
use super::coded::coded;
use super::fault::{Fault, cut};
use super::near::near;
use super::token::{tokens, types};
use crate::escape::{split, unescape};
use crate::normalise::normalise;
use crate::query::Test;
use crate::value::{Text, TextMode};

/// Modifiers of the specification that are known and not supported, by kind (FHIR R4 search
/// §3.1.1.4.5).
const UNSUPPORTED_MODIFIERS: &[(ParamKind, &[&str])] =
    &[(ParamKind::Reference, &["above", "below", "text"]), (ParamKind::String, &["text"])];

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
            (ParamKind::Token, Some("text")) => Test::Label(words(TextMode::StartsWith, &parts)?),
            (ParamKind::Token, Some("of-type")) => Test::OfType(types(&parts)?),
            (ParamKind::Composite, None) => self.composite(asked.param, &parts)?,
            (ParamKind::Special, None) => near(&parts)?,
            (ParamKind::String, None) => texts(TextMode::StartsWith, &parts)?,
            (ParamKind::String, Some("exact")) => texts(TextMode::Exact, &parts)?,
            (ParamKind::String, Some("contains")) => texts(TextMode::Contains, &parts)?,
            (ParamKind::Uri, None) => Test::Uri(parts.into_iter().map(unescape).collect()),
            (ParamKind::Uri, Some(modifier @ ("above" | "below"))) => {
                Test::UriTree { above: modifier == "above", any_of: addresses(&parts)? }
            }
            (ParamKind::Date, None) => Test::Date(self.each(&parts, Self::date)?),
            (ParamKind::Number, None) => Test::Number(self.each(&parts, Self::number)?),
            (ParamKind::Quantity, None) => Test::Quantity(self.each(&parts, Self::quantity)?),
            (ParamKind::Reference, Some("identifier")) => Test::Identifier(tokens(&parts)?),
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

/// Deepest uri that `:above` and `:below` take, in slashes.
const DEEPEST: usize = 64;

fn addresses(parts: &[&str]) -> Result<Vec<String>, Fault> {
    let address = |part: &&str| {
        let address = unescape(part);
        match address.matches('/').count() > DEEPEST {
            true => Err(Fault::too_many("slashes in a uri", DEEPEST)),
            false => Ok(address),
        }
    };
    parts.iter().map(address).collect()
}

fn texts(mode: TextMode, parts: &[&str]) -> Result<Test, Fault> {
    Ok(Test::Text { mode, any_of: words(mode, parts)? })
}

fn words(mode: TextMode, parts: &[&str]) -> Result<Vec<Text>, Fault> {
    let text = |part: &&str| {
        let raw = unescape(part);
        let normal = normalise(&raw);
        if normal.is_empty() && mode != TextMode::Exact {
            return Err(Fault::value(format!("`{}` has no letters to search for", cut(part))));
        }
        Ok(Text { raw, normal })
    };
    parts.iter().map(text).collect()
}
