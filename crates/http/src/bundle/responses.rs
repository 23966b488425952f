//! Answers to batches and transactions (FHIR R4 http §3.1.0.11).

use std::borrow::Cow;
use std::fmt::Write as _;

use accord_base::LogTime;
use accord_engine::{Answer, Outcome, Version};
use accord_fhir::json::{Limits, parse};
use accord_fhir::outcome::operation_outcome;

use super::page::full_url;
use super::{ENTRY_BYTES, Links, comma, open, page};
use crate::negotiate::Returns;
use crate::refusal::status_of;
use crate::render::{Context, told};

/// The Bundle that answers a Bundle, entry by entry. Without a preference the resources written
/// are not sent back: their ids and versions stand in the locations.
pub(crate) fn responses(transaction: bool, entries: Vec<Outcome>, context: &Context) -> String {
    let mut out =
        String::with_capacity(entries.iter().map(|e| size(e, context)).sum::<usize>() + 64);
    open(&mut out, if transaction { "transaction-response" } else { "batch-response" });
    let paths = if entries.iter().any(is_page) { request_paths(context) } else { Vec::new() };
    if !entries.is_empty() {
        out.push_str(r#","entry":["#);
        let mut first = true;
        for (at, outcome) in entries.into_iter().enumerate() {
            comma(&mut out, &mut first);
            let path = paths.get(at).and_then(Option::as_deref);
            entry(&mut out, outcome, path, context);
        }
        out.push(']');
    }
    out.push('}');
    out
}

fn entry(out: &mut String, outcome: Outcome, path: Option<&str>, context: &Context) {
    out.push('{');
    match outcome {
        Err(failure) => {
            respond(out, status_of(failure.category));
            outcome_part(out, &operation_outcome(&failure.issues));
        }
        Ok(answer) => success(out, &answer, path, context),
    }
    out.push_str("}}");
}

/// Writes an entry up to the inside of its `response`.
fn success(out: &mut String, answer: &Answer, path: Option<&str>, context: &Context) {
    let status = hyper::StatusCode::from_u16(answer.status()).unwrap_or_default();
    match answer {
        Answer::Read(version) => {
            with_resource(out, version, context);
            respond(out, status);
            validators(out, version.version, version.last_updated);
        }
        Answer::NotModified { version, last_updated } => {
            respond(out, status);
            validators(out, *version, *last_updated);
        }
        Answer::Created(version) | Answer::Existing(version) | Answer::Updated(version) => {
            // The engine leaves out what has no room beside the other answers.
            let wanted = context.wants.returns == Some(Returns::Representation);
            if wanted && !version.body.is_empty() {
                with_resource(out, version, context);
            }
            respond(out, status);
            let Version { resource_type, id, version: number, .. } = version;
            let _ = write!(out, r#","location":"{resource_type}/{id}/_history/{number}""#);
            validators(out, *number, version.last_updated);
            stored(out, context);
        }
        Answer::Deleted { version } => {
            respond(out, status);
            if let Some(version) = version {
                let _ = write!(out, r#","etag":"W/\"{version}\"""#);
            }
            stored(out, context);
        }
        Answer::Page(found) => {
            out.push_str(r#""resource":"#);
            page(out, found, Links { base: &context.base, path, shaping: &[] });
            out.push(',');
            respond(out, status);
        }
        // A Bundle inside a Bundle is not run, imports do not come over HTTP, and streams are none
        // of an entry's answers.
        Answer::Bundle { .. }
        | Answer::AlreadyImported
        | Answer::Changes(_)
        | Answer::Resource(_) => respond(out, status),
    }
}

fn with_resource(out: &mut String, version: &Version, context: &Context) {
    full_url(out, &context.base, version);
    out.push_str(r#","resource":"#);
    out.push_str(&version.body);
    out.push(',');
}

fn respond(out: &mut String, status: hyper::StatusCode) {
    let reason = status.canonical_reason().unwrap_or_default();
    let _ = write!(out, r#""response":{{"status":"{} {reason}""#, status.as_u16());
}

fn validators(out: &mut String, version: u32, last_updated: LogTime) {
    let _ = write!(out, r#","etag":"W/\"{version}\"","lastModified":"{last_updated}""#);
}

fn stored(out: &mut String, context: &Context) {
    if context.wants.returns == Some(Returns::Outcome) {
        outcome_part(out, &told("done"));
    }
}

fn outcome_part(out: &mut String, outcome: &str) {
    out.push_str(r#","outcome":"#);
    out.push_str(outcome);
}

fn size(outcome: &Outcome, context: &Context) -> usize {
    let body = match outcome {
        Ok(Answer::Read(version)) => version.body.len(),
        Ok(Answer::Created(version) | Answer::Existing(version) | Answer::Updated(version))
            if context.wants.returns == Some(Returns::Representation) =>
        {
            version.body.len()
        }
        _ => 0,
    };
    body + ENTRY_BYTES
}

fn is_page(outcome: &Outcome) -> bool {
    matches!(outcome, Ok(Answer::Page(_)))
}

/// The paths that the entries of the request asked for, without base and query: the links of a
/// page inside a Bundle lead there. Read only when there is such a page.
fn request_paths(context: &Context) -> Vec<Option<String>> {
    let Some(Ok(tape)) = context.bundle.as_deref().map(|b| parse(b, Limits::default())) else {
        return Vec::new();
    };
    let Some(entries) = tape.root().get("entry") else { return Vec::new() };
    let path = |url: Cow<'_, str>| {
        let url = url.strip_prefix(&context.base).unwrap_or(&url);
        let path = url.split('?').next().unwrap_or_default().trim_matches('/');
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._/".contains(&b);
        path.bytes().all(plain).then(|| path.to_owned())
    };
    entries.items().map(|e| e.get("request")?.get_str("url").and_then(path)).collect()
}
