//! What operators ask: is it alive, is it ready, how much of what.

use accord_base::{Role, Subject};
use accord_engine::Category;
use accord_fhir::IssueCode;
use hyper::StatusCode;
use hyper::header::{HeaderValue, RETRY_AFTER};

use crate::encode::squeeze;
use crate::negotiate::Wants;
use crate::refusal::{Checked, Refusal};
use crate::reply::Reply;

const TEXT: &str = "text/plain; charset=utf-8";
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The process answers.
pub(crate) fn health() -> Reply {
    text(StatusCode::OK, TEXT, "ok\n".to_owned(), &Wants::default())
}

/// Whether requests can be answered now.
pub(crate) fn readiness((ready, reason): (bool, &'static str)) -> Reply {
    if ready {
        return text(StatusCode::OK, TEXT, "ready\n".to_owned(), &Wants::default());
    }
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let reply = text(status, TEXT, format!("not ready: {reason}\n"), &Wants::default());
    Reply { header: Some((RETRY_AFTER, HeaderValue::from_static("1"))), ..reply }
}

/// Counters and gauges.
pub(crate) fn metrics(counts: String, wants: &Wants) -> Reply {
    text(StatusCode::OK, PROMETHEUS, counts, wants)
}

/// Metrics are for those who run the server.
pub(crate) fn check_operator(subject: &Subject) -> Checked<()> {
    match subject.role {
        Role::System | Role::Administrator => Ok(()),
        _ => Err(Refusal::new(
            Category::Forbidden,
            IssueCode::Forbidden,
            "metrics need the role `system` or `administrator`",
        )),
    }
}

fn text(status: StatusCode, content_type: &'static str, text: String, wants: &Wants) -> Reply {
    Reply { payload: squeeze(text.into(), wants), content_type, ..Reply::empty(status) }
}
