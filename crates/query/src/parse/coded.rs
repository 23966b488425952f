//! Values of `:in`, `:not-in`, `:below` and `:above` on tokens.

use super::fault::{Fault, cut};
use super::token::tokens;
use crate::coded::Coded;
use crate::escape::unescape;
use crate::query::Test;
use crate::value::TokenSystem;

/// Reads the alternatives; `None` if the modifier is another one.
pub(super) fn coded(modifier: &str, parts: &[&str]) -> Option<Result<Test, Fault>> {
    let read = match modifier {
        "in" | "not-in" => Ok(Coded::Set {
            negated: modifier == "not-in",
            any_of: parts.iter().map(|part| unescape(part)).collect(),
        }),
        "below" | "above" => hierarchy(modifier == "above", parts),
        _ => return None,
    };
    Some(read.map(Test::Coded))
}

fn hierarchy(above: bool, parts: &[&str]) -> Result<Coded, Fault> {
    let any_of = tokens(parts)?;
    for (token, part) in any_of.iter().zip(parts) {
        if !matches!(token.system, TokenSystem::Is(_)) || token.code.is_none() {
            let text = format!("`{}` needs a code system and a code: `system|code`", cut(part));
            return Err(Fault::value(text));
        }
    }
    Ok(Coded::Hierarchy { above, any_of })
}
