//! OperationOutcome: how every fault is told to a client.

use crate::json;

/// One issue of an OperationOutcome (FHIR R4 §2.32).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Issue {
    /// How bad it is.
    pub severity: Severity,
    /// What kind of fault.
    pub code: IssueCode,
    /// For people: lower case, no full stop, user's input in backticks, no patient data.
    pub diagnostics: String,
    /// FHIRPath of the element at fault, where there is one.
    pub expression: Option<String>,
}

/// Severity of an issue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Severity {
    /// The server is at fault.
    Fatal,
    /// The request failed.
    Error,
    /// Something was set aside.
    Warning,
    /// For information.
    Information,
}

/// Codes of http://hl7.org/fhir/issue-type that Accord uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IssueCode {
    /// Content that is not FHIR.
    Invalid,
    /// Not JSON, or not of the right structure.
    Structure,
    /// A required element is missing.
    Required,
    /// A value out of its domain.
    Value,
    /// A rule is broken.
    Invariant,
    /// Something the server does not do.
    NotSupported,
    /// No such resource, or none that may be seen.
    NotFound,
    /// The resource was deleted.
    Deleted,
    /// Several resources match where one is needed.
    MultipleMatches,
    /// Not authenticated.
    Login,
    /// Not allowed.
    Forbidden,
    /// The state of the resource conflicts.
    Conflict,
    /// A limit was met.
    TooCostly,
    /// Too long.
    TooLong,
    /// The server is busy; try again.
    Throttled,
    /// A fault inside the server.
    Exception,
    /// An operation was done.
    Informational,
}

impl Severity {
    /// The FHIR code.
    pub fn code(self) -> &'static str {
        match self {
            Severity::Fatal => "fatal",
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Information => "information",
        }
    }
}

impl IssueCode {
    /// The FHIR code.
    pub fn code(self) -> &'static str {
        match self {
            IssueCode::Invalid => "invalid",
            IssueCode::Structure => "structure",
            IssueCode::Required => "required",
            IssueCode::Value => "value",
            IssueCode::Invariant => "invariant",
            IssueCode::NotSupported => "not-supported",
            IssueCode::NotFound => "not-found",
            IssueCode::Deleted => "deleted",
            IssueCode::MultipleMatches => "multiple-matches",
            IssueCode::Login => "login",
            IssueCode::Forbidden => "forbidden",
            IssueCode::Conflict => "conflict",
            IssueCode::TooCostly => "too-costly",
            IssueCode::TooLong => "too-long",
            IssueCode::Throttled => "throttled",
            IssueCode::Exception => "exception",
            IssueCode::Informational => "informational",
        }
    }
}

impl Issue {
    /// An error without a place.
    pub fn error(code: IssueCode, diagnostics: impl Into<String>) -> Issue {
        let diagnostics = diagnostics.into();
        Issue { severity: Severity::Error, code, diagnostics, expression: None }
    }

    /// An error at an element.
    pub fn at(code: IssueCode, path: impl Into<String>, diagnostics: impl Into<String>) -> Issue {
        Issue { expression: Some(path.into()), ..Issue::error(code, diagnostics) }
    }

    /// The same issue with another severity.
    pub fn with_severity(self, severity: Severity) -> Issue {
        Issue { severity, ..self }
    }
}

/// The OperationOutcome resource with these issues, as JSON.
pub fn operation_outcome(issues: &[Issue]) -> String {
    let mut out = String::from(r#"{"resourceType":"OperationOutcome","issue":["#);
    for (at, issue) in issues.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(&format!(
            r#"{{"severity":"{}","code":"{}","diagnostics":{}"#,
            issue.severity.code(),
            issue.code.code(),
            json::quoted(&issue.diagnostics)
        ));
        if let Some(path) = &issue.expression {
            out.push_str(&format!(r#","expression":[{}]"#, json::quoted(path)));
        }
        out.push('}');
    }
    out.push_str("]}");
    out
}
