//! What finds the rows of a test on values.

use accord_query::{ReferenceValue, Test, Text, TextMode, Token, TokenSystem};
use accord_spec::ResourceType;

use crate::key::{self, Slot, tag};
use crate::measured::Measured;
use crate::range::RangeTest;

use super::Source;
use super::composite::Composite;
use super::near::Near;
use super::uris::{Below, above};

/// What finds the rows that have a value of a parameter which passes, were it not negated;
/// `targets` are the types that its references can name, if they are limited.
pub(super) fn of_param((param, targets): (Slot, &[ResourceType]), test: &Test) -> Vec<Source> {
    match test {
        Test::Missing(_) => {
            let keys = [key::present(param), key::present(key::identifiers(param))];
            keys.into_iter().map(|key| Source::Key(key.into())).collect()
        }
        Test::Label(any_of) => {
            let front = |text: &Text| key::label(param, &text.normal);
            let texts = any_of.iter().map(front);
            texts.map(|prefix| Source::Texts { prefix, needle: None }).collect()
        }
        Test::OfType(any_of) => {
            let typed =
                any_of.iter().map(|of| key::typed(param, (&of.system, &of.code), &of.value));
            typed.map(|key| Source::Key(key.into())).collect()
        }
        Test::Identifier(any_of) => {
            any_of.iter().filter_map(|token| self::token(key::identifiers(param), token)).collect()
        }
        Test::UriTree { above: false, any_of } => {
            any_of.iter().map(|uri| Source::By(Box::new(Below::new(param, uri)))).collect()
        }
        Test::UriTree { above: true, any_of } => {
            let keys = any_of.iter().flat_map(|uri| above(uri)).map(|uri| key::uri(param, uri));
            keys.map(|key| Source::Key(key.into())).collect()
        }
        Test::Composite(any_of) => {
            vec![Source::By(Box::new(Composite { param, any_of: any_of.clone() }))]
        }
        Test::Near(any_of) => vec![Source::By(Box::new(Near { param, any_of: any_of.clone() }))],
        plain => of_slot(param, targets, plain),
    }
}

/// The same of what a part can have: in a slot.
pub(super) fn of_slot(slot: Slot, targets: &[ResourceType], test: &Test) -> Vec<Source> {
    let mut sources = Vec::new();
    match test {
        Test::Token { any_of, .. } => {
            sources.extend(any_of.iter().filter_map(|value| token(slot, value)));
        }
        Test::Reference(values) => {
            values.iter().for_each(|value| reference(slot, targets, value, &mut sources));
        }
        Test::Text { mode, any_of } => {
            sources.extend(any_of.iter().map(|value| text(slot, *mode, value)));
        }
        Test::Date(values) => {
            sources.extend(values.iter().map(|v| range(slot, tag::DATE, RangeTest::date(v).into())))
        }
        Test::Number(values) => sources
            .extend(values.iter().map(|v| range(slot, tag::NUMBER, RangeTest::number(v).into()))),
        Test::Quantity(values) => sources.extend(values.iter().map(|v| {
            let test = Measured::new(v.unit.clone(), RangeTest::number(&v.number));
            range(slot, tag::QUANTITY, test)
        })),
        Test::Uri(values) => {
            sources.extend(values.iter().map(|uri| Source::Key(key::uri(slot, uri).into())));
        }
        // Codes not put in its place, and what references join, hold for none; the others are no
        // part's.
        _ => {}
    }
    sources
}

fn token(slot: Slot, token: &Token) -> Option<Source> {
    let key = match (&token.system, token.code.as_deref()) {
        (TokenSystem::Any, Some(code)) => key::code(slot, code),
        (TokenSystem::Any, None) => key::present(slot),
        (TokenSystem::Absent, Some(code)) => key::bare_code(slot, code),
        // A token with neither system nor code has nothing to be found by.
        (TokenSystem::Absent, None) => return None,
        (TokenSystem::Is(system), Some(code)) => key::system_code(slot, system, code),
        (TokenSystem::Is(system), None) => key::system(slot, system),
    };
    Some(Source::Key(key.into()))
}

fn reference(
    slot: Slot,
    targets: &[ResourceType],
    value: &ReferenceValue,
    sources: &mut Vec<Source>,
) {
    match value {
        ReferenceValue::Resource { resource_type, id } => {
            sources.push(Source::Key(key::local(slot, resource_type.0, id).into()));
        }
        ReferenceValue::Url(url) => sources.push(Source::Key(key::url(slot, url).into())),
        ReferenceValue::Id(id) => {
            let targets = if targets.is_empty() { &ResourceType::ALL[..] } else { targets };
            sources.extend(targets.iter().map(|t| Source::Key(key::local(slot, t.0, id).into())));
        }
    }
}

fn text(slot: Slot, mode: TextMode, value: &Text) -> Source {
    match mode {
        TextMode::Exact => Source::Key(key::exact(slot, &value.raw).into()),
        TextMode::StartsWith => {
            Source::Texts { prefix: key::starts_with(slot, &value.normal), needle: None }
        }
        TextMode::Contains => Source::Texts {
            prefix: key::starts_with(slot, ""),
            needle: Some(value.normal.clone().into_bytes()),
        },
    }
}

pub(super) fn range(slot: Slot, tag: u8, test: Measured) -> Source {
    Source::Range { prefix: key::front(slot, tag), test: Box::new(test) }
}
