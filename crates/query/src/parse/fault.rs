//! What can be wrong with a parameter, in words.

use accord_fhir::IssueCode;

/// What is wrong with a parameter.
pub(super) struct Fault {
    pub code: IssueCode,
    pub text: String,
    /// Whether lenient handling sets the parameter aside instead.
    pub ignorable: bool,
}

impl Fault {
    /// A parameter that is not known, or not supported, as a whole.
    pub fn unsupported(text: impl Into<String>) -> Fault {
        Fault { code: IssueCode::NotSupported, text: text.into(), ignorable: true }
    }

    /// A part of a known parameter that is not supported. Never ignored: the search would find
    /// something else than asked (FHIR R4 search §3.1.1.4.5 for modifiers).
    pub fn refused(text: impl Into<String>) -> Fault {
        Fault { code: IssueCode::NotSupported, text: text.into(), ignorable: false }
    }

    /// A value that cannot be read.
    pub fn value(text: impl Into<String>) -> Fault {
        Fault { code: IssueCode::Value, text: text.into(), ignorable: false }
    }

    /// A limit was met.
    pub fn too_many(what: &str, limit: usize) -> Fault {
        let text = format!("a search has at most {limit} {what}");
        Fault { code: IssueCode::TooCostly, text, ignorable: false }
    }
}

/// User's input for an error text: at most 64 characters, without control characters and
/// backticks.
pub(super) fn cut(text: &str) -> String {
    let clean = |c: char| if c.is_control() || c == '`' { '\u{fffd}' } else { c };
    let mut out: String = text.chars().take(64).map(clean).collect();
    if text.chars().nth(64).is_some() {
        out.push('…');
    }
    out
}
