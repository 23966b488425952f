//! The grammar of each primitive type (FHIR R4 datatypes §2.24.0.1).
//!
//! Each check takes the decoded text and returns why it is malformed, or `None`.

mod date;
mod name;
mod text;
mod xhtml;

#[cfg(test)]
mod tests;

use accord_spec::Primitive;

/// The JSON type that a primitive has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum JsonType {
    Boolean,
    Number,
    String,
}

impl JsonType {
    /// What to say where another type stands.
    pub fn reason(self) -> &'static str {
        match self {
            JsonType::Boolean => "must be `true` or `false`",
            JsonType::Number => "must be a JSON number",
            JsonType::String => "must be a JSON string",
        }
    }
}

/// The JSON type of a primitive.
pub(crate) fn json_type(primitive: Primitive) -> JsonType {
    match primitive {
        Primitive::Boolean => JsonType::Boolean,
        Primitive::Decimal
        | Primitive::Integer
        | Primitive::PositiveInt
        | Primitive::UnsignedInt => JsonType::Number,
        _ => JsonType::String,
    }
}

/// Checks a number as written.
///
/// A decimal's grammar is that of a JSON number, of any precision.
pub(crate) fn number(primitive: Primitive, text: &str) -> Option<&'static str> {
    let whole = |least| text.parse::<i32>().is_ok_and(|n| n >= least);
    let (good, reason) = match primitive {
        Primitive::Integer => (whole(i32::MIN), "must be a whole number of 32 bits"),
        Primitive::UnsignedInt => {
            (whole(0) && text != "-0", "must be a whole number from 0 to 2147483647")
        }
        Primitive::PositiveInt => (whole(1), "must be a whole number from 1 to 2147483647"),
        _ => return None,
    };
    (!good).then_some(reason)
}

/// Checks a string's text.
pub(crate) fn text(primitive: Primitive, text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return Some("must not be empty");
    }
    match primitive {
        Primitive::String | Primitive::Markdown => text::string(text),
        Primitive::Code => text::code(text),
        Primitive::Base64Binary => text::base64(text),
        Primitive::Xhtml => xhtml::xhtml(text),
        Primitive::Id => name::id(text),
        Primitive::Uri | Primitive::Url | Primitive::Canonical => name::uri(text),
        Primitive::Oid => name::oid(text),
        Primitive::Uuid => name::uuid(text),
        Primitive::Date => date::date(text),
        Primitive::DateTime => date::date_time(text),
        Primitive::Instant => date::instant(text),
        Primitive::Time => date::time(text),
        Primitive::Boolean
        | Primitive::Decimal
        | Primitive::Integer
        | Primitive::PositiveInt
        | Primitive::UnsignedInt => None,
    }
}
