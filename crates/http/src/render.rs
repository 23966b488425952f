//! Outcomes of the backend as answers.

use std::sync::Arc;

use accord_engine::{Answer, Marks, Outcome, Page, Version};
use accord_fhir::outcome::operation_outcome;
use accord_fhir::{Issue, IssueCode, Severity};
use hyper::StatusCode;

use crate::bundle::{Links, page, responses};
use crate::encode::encode_shared;
use crate::negotiate::{Returns, Shaping, Wants};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::routes::Code;

/// What the rendering of an outcome depends on.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub code: Code,
    pub wants: Wants,
    /// Base address of links and locations, without a slash at the end. Reads have none and
    /// leave it empty.
    pub base: String,
    /// Path of the request below the base, without slashes around it.
    pub path: String,
    /// Parameters that links repeat.
    pub shaping: Shaping,
    /// Whether any current version counts as not modified (`If-None-Match: *`).
    pub any_is_fresh: bool,
    /// The Bundle that is answered.
    pub bundle: Option<Arc<[u8]>>,
}

/// The answer that tells this outcome.
pub(crate) fn reply(outcome: Outcome, context: &Context) -> Reply {
    let answer = match outcome {
        Ok(answer) => answer,
        Err(failure) => return Reply::refused(Refusal::from(failure), &context.wants),
    };
    match answer {
        Answer::Read(version) => read(version, context),
        Answer::NotModified { version, last_updated } => Reply {
            etag: Some(version),
            last_modified: Some(last_updated),
            revalidates: true,
            ..Reply::empty(StatusCode::NOT_MODIFIED)
        },
        Answer::Created(version) => written(StatusCode::CREATED, version, context),
        Answer::Existing(version) | Answer::Updated(version) => {
            written(StatusCode::OK, version, context)
        }
        Answer::Deleted { version } => deleted(version, context),
        Answer::Page(found) => found_page(&found, context),
        Answer::Bundle { transaction, entries } => Reply {
            code: Some(if transaction { Code::Transaction } else { Code::Batch }),
            ..Reply::json(StatusCode::OK, responses(transaction, entries, context), &context.wants)
        },
        Answer::Changes(_) => Reply::refused(crate::work::fault(), &context.wants),
        Answer::Resource(text) => Reply::json(StatusCode::OK, text, &context.wants),
        Answer::AlreadyImported => {
            Reply::json(StatusCode::OK, told("this Bundle was committed before"), &context.wants)
        }
    }
}

fn read(version: Version, context: &Context) -> Reply {
    let validated = Reply {
        etag: Some(version.version),
        last_modified: Some(version.last_updated),
        // Once the glass is broken, the version that a marker stood for is not the one kept.
        revalidates: !version.marks.has(Marks::SEALED),
        ..Reply::empty(StatusCode::OK)
    };
    if context.any_is_fresh {
        return Reply { status: StatusCode::NOT_MODIFIED, ..validated };
    }
    Reply { payload: encode_shared(version.body, &context.wants), ..validated }
}

/// A create or update. Without a preference the client gets the resource back: the server gave it
/// an id and a version.
fn written(status: StatusCode, version: Version, context: &Context) -> Reply {
    let located = status == StatusCode::CREATED || context.code == Code::Create;
    let location = located.then(|| {
        let Version { resource_type, id, version, .. } = &version;
        format!("{}/{resource_type}/{id}/_history/{version}", context.base)
    });
    let (etag, last_modified) = (Some(version.version), Some(version.last_updated));
    let reply = match context.wants.returns {
        Some(Returns::Minimal) => Reply::empty(status),
        Some(Returns::Representation) | None => {
            let payload = encode_shared(version.body, &context.wants);
            Reply { payload, ..Reply::empty(status) }
        }
        Some(Returns::Outcome) => {
            let text = told(&format!("stored as version {}", version.version));
            Reply::json(status, text, &context.wants)
        }
    };
    Reply { location, etag, last_modified, ..reply }
}

fn deleted(version: Option<u32>, context: &Context) -> Reply {
    let reply = match context.wants.returns {
        Some(Returns::Outcome) => Reply::json(StatusCode::OK, told("deleted"), &context.wants),
        _ => Reply::empty(StatusCode::NO_CONTENT),
    };
    Reply { etag: version, ..reply }
}

fn found_page(found: &Page, context: &Context) -> Reply {
    let links = Links { base: &context.base, path: Some(&context.path), shaping: &context.shaping };
    let mut text = String::new();
    page(&mut text, found, links);
    Reply::json(StatusCode::OK, text, &context.wants)
}

/// An OperationOutcome that tells of a success.
pub(crate) fn told(text: &str) -> String {
    let issue = Issue::error(IssueCode::Informational, text);
    operation_outcome(&[issue.with_severity(Severity::Information)])
}
