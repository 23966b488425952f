//! Requests that are refused, here or by the backend, and how that is told.

use accord_engine::{Category, Failure};
use accord_fhir::{Issue, IssueCode};
use hyper::StatusCode;
use hyper::header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};

use crate::params::ParamFault;

/// A request that will not be answered with what it asks for.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub status: StatusCode,
    /// What the access record says.
    pub category: Category,
    pub issues: Vec<Issue>,
    pub header: Option<(HeaderName, HeaderValue)>,
}

/// Result of anything that can refuse.
pub(crate) type Checked<T> = Result<T, Refusal>;

impl Refusal {
    /// A refusal with the status of its category.
    pub(crate) fn new(category: Category, code: IssueCode, text: impl Into<String>) -> Refusal {
        Failure::new(category, code, text).into()
    }

    pub(crate) fn invalid(text: impl Into<String>) -> Refusal {
        Refusal::new(Category::Invalid, IssueCode::Invalid, text)
    }

    pub(crate) fn unsupported(text: impl Into<String>) -> Refusal {
        Refusal::new(Category::Unsupported, IssueCode::NotSupported, text)
    }

    /// 401 (RFC 6750 §3): with an error code only if there was a token.
    pub(crate) fn unauthenticated(text: impl Into<String>, had_token: bool) -> Refusal {
        let challenge = if had_token { "Bearer error=\"invalid_token\"" } else { "Bearer" };
        let mut refusal = Refusal::new(Category::Unauthenticated, IssueCode::Login, text);
        refusal.header = Some((WWW_AUTHENTICATE, HeaderValue::from_static(challenge)));
        refusal
    }

    /// 404 for a path that is not there.
    pub(crate) fn no_route(code: IssueCode, text: impl Into<String>) -> Refusal {
        Refusal::new(Category::NotFound, code, text)
    }

    /// 405 with the methods that are possible.
    pub(crate) fn method(allowed: &str) -> Refusal {
        let text = format!("this path answers {allowed} only");
        let mut refusal = Refusal::unsupported(text).with_status(StatusCode::METHOD_NOT_ALLOWED);
        refusal.header = HeaderValue::from_str(allowed).ok().map(|value| (ALLOW, value));
        refusal
    }

    /// 406.
    pub(crate) fn not_acceptable(text: impl Into<String>) -> Refusal {
        Refusal::unsupported(text).with_status(StatusCode::NOT_ACCEPTABLE)
    }

    /// 415.
    pub(crate) fn media_type(text: impl Into<String>) -> Refusal {
        Refusal::unsupported(text).with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE)
    }

    /// 413.
    pub(crate) fn too_long(limit_bytes: usize) -> Refusal {
        let text = format!("the body is longer than {limit_bytes} bytes");
        Refusal::new(Category::TooCostly, IssueCode::TooLong, text)
            .with_status(StatusCode::PAYLOAD_TOO_LARGE)
    }

    /// 408.
    pub(crate) fn slow_body() -> Refusal {
        Refusal::invalid("the body did not arrive in time").with_status(StatusCode::REQUEST_TIMEOUT)
    }

    /// 503: other bodies take the memory there is.
    pub(crate) fn crowded() -> Refusal {
        let text = "the server is busy with the bodies of other requests; try again";
        Refusal::new(Category::Busy, IssueCode::Throttled, text)
    }

    fn with_status(self, status: StatusCode) -> Refusal {
        Refusal { status, ..self }
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Refusal {
        Refusal {
            status: status_of(failure.category),
            category: failure.category,
            issues: failure.issues,
            header: header_of(failure.category),
        }
    }
}

impl From<ParamFault> for Refusal {
    fn from(fault: ParamFault) -> Refusal {
        let text = format!("the query cannot be read: {fault}");
        match fault {
            ParamFault::TooMany => Refusal::new(Category::TooCostly, IssueCode::TooCostly, text),
            _ => Refusal::invalid(text),
        }
    }
}

/// The status of a category; the engine owns the table, for access records carry it too.
pub(crate) fn status_of(category: Category) -> StatusCode {
    StatusCode::from_u16(category.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn header_of(category: Category) -> Option<(HeaderName, HeaderValue)> {
    match category {
        Category::Unauthenticated => Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
        Category::Busy => Some((RETRY_AFTER, HeaderValue::from_static("1"))),
        _ => None,
    }
}
