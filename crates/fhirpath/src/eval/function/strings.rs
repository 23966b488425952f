//! Texts (FHIRPath N1 §5.6). Places and lengths count characters.

use std::borrow::Cow;

use super::{Calling, truth, value};
use crate::compile::Function;
use crate::error::EvalError;
use crate::eval::Items;
use crate::item::Item;

pub(super) fn call<'a>(c: Calling<'_, '_, 'a>) -> Items<'a> {
    if c.call.function == Function::Join {
        return join(c);
    }
    let Some(text) = c.text()? else { return Ok(Vec::new()) };
    c.env.pay(text.len())?;
    let item = match c.call.function {
        Function::ToChars => {
            c.env.pay(text.len().saturating_mul(8))?;
            return Ok(text.chars().map(|c| Item::String(Cow::Owned(c.to_string()))).collect());
        }
        Function::Split => return split(c, &text),
        Function::Length => Some(count(text.chars().count())),
        Function::Upper => Some(c.made(text.to_uppercase())?),
        Function::Lower => Some(c.made(text.to_lowercase())?),
        Function::Trim => Some(c.made(text.trim().to_owned())?),
        Function::Substring => substring(c, &text)?,
        Function::Replace => replace(c, &text)?,
        Function::Matches | Function::MatchesFull => matches(c, &text)?,
        Function::ReplaceMatches => replace_matches(c, &text)?,
        _ => search(c, &text)?,
    };
    Ok(item.into_iter().collect())
}

fn count<'a>(number: usize) -> Item<'a> {
    Item::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// The functions that look for a text.
fn search<'a>(c: Calling<'_, '_, 'a>, text: &str) -> Result<Option<Item<'a>>, EvalError> {
    let Some(part) = c.arg_text(0)? else { return Ok(None) };
    let place = |found: Option<usize>| {
        let before = found.and_then(|at| text.get(..at)).map(|before| before.chars().count());
        Ok(Some(before.map_or(Item::Integer(-1), count)))
    };
    match c.call.function {
        Function::StartsWith => truth(Some(text.starts_with(&*part))),
        Function::EndsWith => truth(Some(text.ends_with(&*part))),
        Function::Contains => truth(Some(text.contains(&*part))),
        Function::IndexOf => place(text.find(&*part)),
        _ => place(text.rfind(&*part)),
    }
}

fn substring<'a>(c: Calling<'_, '_, 'a>, text: &str) -> Result<Option<Item<'a>>, EvalError> {
    let Some(start) = c.arg_integer(0)? else { return Ok(None) };
    let length = c.arg_integer(1)?.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(0));
    let Ok(start) = usize::try_from(start) else { return Ok(None) };
    if start >= text.chars().count() {
        return Ok(None);
    }
    c.made(text.chars().skip(start).take(length).collect()).map(Some)
}

fn replace<'a>(c: Calling<'_, '_, 'a>, text: &str) -> Result<Option<Item<'a>>, EvalError> {
    let (Some(part), Some(by)) = (c.arg_text(0)?, c.arg_text(1)?) else { return Ok(None) };
    // Counted before it is made.
    let places = if part.is_empty() { text.len() + 1 } else { text.matches(&*part).count() };
    c.env.pay(places.saturating_mul(by.len()))?;
    c.made(text.replace(&*part, &by)).map(Some)
}

fn matches<'a>(c: Calling<'_, '_, 'a>, text: &str) -> Result<Option<Item<'a>>, EvalError> {
    let Some(pattern) = c.arg_text(0)? else { return Ok(None) };
    let flags = c.arg_text(1)?.unwrap_or_default();
    let whole = c.call.function == Function::MatchesFull;
    // With the flag `m` a line is a whole.
    let pattern = match whole {
        true if flags.contains('m') => format!("^(?:{pattern})$"),
        true => format!(r"\A(?:{pattern})\z"),
        false => pattern.into_owned(),
    };
    truth(Some(c.env.pattern(pattern, &flags)?.is_match(text)))
}

fn replace_matches<'a>(c: Calling<'_, '_, 'a>, text: &str) -> Result<Option<Item<'a>>, EvalError> {
    let (Some(pattern), Some(by)) = (c.arg_text(0)?, c.arg_text(1)?) else { return Ok(None) };
    if pattern.is_empty() {
        return c.made(text.to_owned()).map(Some);
    }
    let flags = c.arg_text(2)?.unwrap_or_default();
    let regex = c.env.pattern(pattern.into_owned(), &flags)?;
    // Every group can hold the whole text, at every place.
    let groups = by.matches('$').count();
    let found = regex.find_iter(text).count();
    let most = by.len().saturating_add(groups.saturating_mul(text.len()));
    c.env.pay(found.saturating_mul(most.min(1 << 20)))?;
    c.made(regex.replace_all(text, grouped(&by).as_str()).into_owned()).map(Some)
}

/// `$1x` means the first group and an x, not a group of the name `1x`.
fn grouped(by: &str) -> String {
    let mut out = String::with_capacity(by.len());
    let mut rest = by;
    while let Some(at) = rest.find('$') {
        let (before, after) = rest.split_at_checked(at + 1).unwrap_or((rest, ""));
        out.push_str(before);
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = after.split_at_checked(digits).unwrap_or_default();
        if number.is_empty() {
            rest = after;
            continue;
        }
        out.push_str(&format!("{{{number}}}"));
        rest = after;
    }
    out.push_str(rest);
    out
}

fn split<'a>(c: Calling<'_, '_, 'a>, text: &str) -> Items<'a> {
    let Some(separator) = c.arg_text(0)? else { return Ok(Vec::new()) };
    if separator.is_empty() {
        return Err(EvalError::WrongArgument);
    }
    let parts: Vec<&str> = text.split(&*separator).collect();
    c.env.pay(parts.len().saturating_mul(8))?;
    Ok(parts.into_iter().map(|part| Item::String(Cow::Owned(part.to_owned()))).collect())
}

fn join<'a>(c: Calling<'_, '_, 'a>) -> Items<'a> {
    let input = c.input()?;
    let separator = c.arg_text(0)?.unwrap_or_default();
    let mut joined: Option<String> = None;
    for item in input {
        match value(Some(item))? {
            None => {}
            Some(Item::String(text)) => {
                c.env.pay(text.len() + separator.len())?;
                match &mut joined {
                    Some(joined) => {
                        joined.push_str(&separator);
                        joined.push_str(&text);
                    }
                    None => joined = Some(text.into_owned()),
                }
            }
            Some(_) => return Err(EvalError::WrongType),
        }
    }
    Ok(joined.map(|text| Item::String(Cow::Owned(text))).into_iter().collect())
}
