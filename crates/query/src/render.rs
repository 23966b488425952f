//! A query back to its text.

use std::fmt::Write;

use accord_spec::ResourceType;

use crate::coded::Coded;
use crate::context::DEFAULT_COUNT;
use crate::escape::escape;
use crate::own::OwnParams;
use crate::query::{Clause, Contained, Include, Query, Shape, SortKey, Target, Test, Total};
use crate::value::{
    NumberValue, OfType, Prefix, QuantityValue, ReferenceValue, TextMode, Token, TokenSystem, Unit,
};

impl Query {
    /// The query as the part of a URL behind the question mark: only what was understood, percent
    /// encoded, such that reading it at the same instant gives this query again.
    pub fn to_query_string(&self) -> String {
        let mut pairs: Vec<(String, String)> =
            self.clauses.iter().filter_map(|clause| pair(clause, &self.own)).collect();
        let mut control = |name: &str, value: String| pairs.push((name.to_owned(), value));
        if !self.types.is_empty() {
            let names: Vec<&str> = self.types.iter().map(|t| t.name()).collect();
            control("_type", names.join(","));
        }
        match self.contained {
            Contained::Outside => {}
            Contained::Inside => control("_contained", "true".to_owned()),
            Contained::Both => control("_contained", "both".to_owned()),
        }
        if self.alone {
            control("_containedType", "contained".to_owned());
        }
        if !self.sort.is_empty() {
            control("_sort", self.sort_text());
        }
        for include in &self.includes {
            control(include.name(), include.text(&self.own));
        }
        if self.count != DEFAULT_COUNT {
            control("_count", self.count.to_string());
        }
        if self.count_only && self.count != 0 {
            control("_summary", "count".to_owned());
        }
        match &self.shape {
            Shape::Whole => {}
            Shape::Elements(names) => control("_elements", names.join(",")),
            Shape::Summary => control("_summary", "true".to_owned()),
            Shape::Text => control("_summary", "text".to_owned()),
            Shape::Data => control("_summary", "data".to_owned()),
        }
        if let Some(total) = self.total {
            control("_total", total_text(total).to_owned());
        }
        if let Some(cursor) = &self.cursor {
            control("_cursor", cursor.clone());
        }
        let encoded =
            pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
        encoded.collect::<Vec<_>>().join("&")
    }

    /// The name of the condition that is likely to cost most, by its kind: what joins before what
    /// goes through texts, and that before ranges.
    pub fn costliest(&self) -> Option<String> {
        let cost = |clause: &&Clause| match &clause.test {
            Test::Chain(_) => 5,
            Test::Composite(_) | Test::Near(_) => 4,
            Test::Text { mode: TextMode::Contains, .. } => 4,
            Test::Label(_) | Test::UriTree { above: false, .. } | Test::Text { .. } => 3,
            Test::Date(_) | Test::Number(_) | Test::Quantity(_) => 2,
            _ => 1,
        };
        pair(self.clauses.iter().max_by_key(cost)?, &self.own).map(|(name, _)| name)
    }

    fn sort_text(&self) -> String {
        let criteria = self.sort.iter().map(|sort| {
            let name = match sort.key {
                SortKey::Id => "_id",
                SortKey::LastUpdated => "_lastUpdated",
                SortKey::Param(id) => self.own.by_id(id).map_or("", |param| param.code),
            };
            format!("{}{name}", if sort.descending { "-" } else { "" })
        });
        criteria.collect::<Vec<_>>().join(",")
    }
}

impl Include {
    /// The parameter that asks for it, with its modifier.
    pub fn name(&self) -> &'static str {
        match (self.reverse, self.iterate) {
            (false, false) => "_include",
            (false, true) => "_include:iterate",
            (true, false) => "_revinclude",
            (true, true) => "_revinclude:iterate",
        }
    }

    /// Its value; `own` are the parameters beside the official ones.
    pub fn text(&self, own: &OwnParams) -> String {
        let type_name = |t: Option<ResourceType>| t.map_or("*", ResourceType::name);
        let code = self.param.and_then(|id| own.by_id(id)).map_or("*", |param| param.code);
        let target = self.target.map(|t| format!(":{t}")).unwrap_or_default();
        format!("{}:{code}{target}", type_name(self.source))
    }
}

fn total_text(total: Total) -> &'static str {
    match total {
        Total::None => "none",
        Total::Estimate => "estimate",
        Total::Accurate => "accurate",
    }
}

/// Name and value of a clause; a parameter that the specification lacks has none.
fn pair(clause: &Clause, own: &OwnParams) -> Option<(String, String)> {
    if let Test::Chain(chain) = &clause.test {
        return Some((chain.name.clone(), chain.value.clone()));
    }
    let code = match clause.target {
        Target::Id => "_id",
        Target::LastUpdated => "_lastUpdated",
        Target::Narrative => "_text",
        Target::Content => "_content",
        Target::Param(id) | Target::Referrer(id) => own.by_id(id)?.code,
    };
    let (modifier, values) = test_text(&clause.test);
    Some((format!("{code}{modifier}"), values.join(",")))
}

/// The modifier with its colon, and the alternatives, escaped.
fn test_text(test: &Test) -> (&'static str, Vec<String>) {
    match test {
        Test::UriTree { above, any_of } => {
            let modifier = if *above { ":above" } else { ":below" };
            (modifier, any_of.iter().map(|uri| escape(uri)).collect())
        }
        Test::Label(any_of) => (":text", any_of.iter().map(|text| escape(&text.raw)).collect()),
        Test::OfType(any_of) => (":of-type", any_of.iter().map(typed_text).collect()),
        Test::Identifier(any_of) => (":identifier", any_of.iter().map(token_text).collect()),
        Test::Composite(any_of) => ("", any_of.iter().map(|parts| composite_text(parts)).collect()),
        Test::Near(any_of) => ("", any_of.iter().map(|near| near.text.clone()).collect()),
        Test::Missing(missing) => (":missing", vec![missing.to_string()]),
        Test::Token { negated, any_of } => {
            (if *negated { ":not" } else { "" }, any_of.iter().map(token_text).collect())
        }
        Test::Reference(any_of) => ("", any_of.iter().map(reference_text).collect()),
        Test::Text { mode, any_of } => {
            let modifier = match mode {
                TextMode::StartsWith => "",
                TextMode::Exact => ":exact",
                TextMode::Contains => ":contains",
            };
            (modifier, any_of.iter().map(|text| escape(&text.raw)).collect())
        }
        Test::Date(any_of) => {
            ("", any_of.iter().map(|date| prefixed(date.prefix, &date.text)).collect())
        }
        Test::Number(any_of) => ("", any_of.iter().map(number_text).collect()),
        Test::Quantity(any_of) => ("", any_of.iter().map(quantity_text).collect()),
        Test::Coded(coded) => {
            let values = match coded {
                Coded::Set { any_of, .. } => any_of.iter().map(|url| escape(url)).collect(),
                Coded::Hierarchy { any_of, .. } => any_of.iter().map(token_text).collect(),
            };
            (coded.modifier(), values)
        }
        Test::Words { text, .. } => ("", vec![text.clone()]),
        // Written above, as it was read.
        Test::Chain(_) => ("", Vec::new()),
        Test::Uri(any_of) => ("", any_of.iter().map(|uri| escape(uri)).collect()),
    }
}

fn composite_text(parts: &[Test]) -> String {
    let parts: Vec<String> = parts.iter().map(|part| test_text(part).1.join(",")).collect();
    parts.join("$")
}

fn typed_text(of: &OfType) -> String {
    [&of.system, &of.code, &of.value].map(|part| escape(part)).join("|")
}

fn token_text(token: &Token) -> String {
    let code = token.code.as_deref().map(escape).unwrap_or_default();
    match &token.system {
        TokenSystem::Any => code,
        TokenSystem::Absent => format!("|{code}"),
        TokenSystem::Is(system) => format!("{}|{code}", escape(system)),
    }
}

fn reference_text(reference: &ReferenceValue) -> String {
    match reference {
        ReferenceValue::Id(id) => escape(id),
        ReferenceValue::Resource { resource_type, id } => format!("{resource_type}/{id}"),
        ReferenceValue::Url(url) => escape(url),
    }
}

fn number_text(number: &NumberValue) -> String {
    prefixed(number.prefix, &number.text)
}

fn quantity_text(quantity: &QuantityValue) -> String {
    let number = number_text(&quantity.number);
    match &quantity.unit {
        Unit::Any => number,
        Unit::CodeOrText(code) => format!("{number}||{}", escape(code)),
        Unit::Coded { system, code } => format!("{number}|{}|{}", escape(system), escape(code)),
    }
}

/// `eq` is left out: it is what no prefix means.
fn prefixed(prefix: Prefix, text: &str) -> String {
    let name = if prefix == Prefix::Eq { "" } else { prefix.name() };
    format!("{name}{text}")
}

/// Percent encoding for a query (RFC 3986 §3.4); commas, slashes, colons and stars stay readable.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/:,$*".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
