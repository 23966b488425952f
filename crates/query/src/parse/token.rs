//! Token values.

use super::fault::{Fault, cut};
use crate::escape::{split, unescape};
use crate::value::{OfType, Token, TokenSystem};

/// Every alternative of a token parameter.
pub(super) fn tokens(parts: &[&str]) -> Result<Vec<Token>, Fault> {
    parts.iter().map(|part| token(part)).collect()
}

/// Every alternative of `:of-type`: `system|code|value`, all three (FHIR R4 search §3.1.1.4.10).
pub(super) fn types(parts: &[&str]) -> Result<Vec<OfType>, Fault> {
    let one = |part: &&str| {
        let pieces: Vec<String> = split(part, '|').into_iter().map(unescape).collect();
        match pieces.as_slice() {
            [system, code, value] if pieces.iter().all(|piece| !piece.is_empty()) => {
                Ok(OfType { system: system.clone(), code: code.clone(), value: value.clone() })
            }
            _ => Err(Fault::value(format!("`{}` is not `system|code|value`", cut(part)))),
        }
    };
    parts.iter().map(one).collect()
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
