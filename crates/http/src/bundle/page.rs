//! Pages of searches (FHIR R4 search §3.1.1.3) and histories (http §3.1.0.13).

use std::fmt::Write as _;

use accord_engine::{Page, PageKind, Version};
use accord_fhir::json::escape_into;
use accord_fhir::outcome::operation_outcome;

use super::{ENTRY_BYTES, comma, open};

/// What links are made of.
#[derive(Clone, Copy)]
pub(crate) struct Links<'a> {
    /// Base address without a slash at the end.
    pub base: &'a str,
    /// Path below it; without one there are no links.
    pub path: Option<&'a str>,
    /// Parameters that links repeat.
    pub shaping: &'a [(&'static str, String)],
}

/// Writes a page as a Bundle.
pub(crate) fn page(out: &mut String, page: &Page, links: Links<'_>) {
    let versions = page.entries.iter().chain(&page.included);
    let bodies: usize = versions.map(|v| v.body.len() + ENTRY_BYTES).sum();
    out.reserve(bodies + 512);
    let search = page.kind == PageKind::Search;
    open(out, if search { "searchset" } else { "history" });
    if let Some(total) = page.total {
        let _ = write!(out, r#","total":{total}"#);
    }
    write_links(out, page, links);
    if !(page.entries.is_empty() && page.warnings.is_empty()) {
        out.push_str(r#","entry":["#);
        let mut first = true;
        for version in &page.entries {
            comma(out, &mut first);
            if search {
                found(out, links.base, version, "match")
            } else {
                past(out, links.base, version)
            }
        }
        for version in &page.included {
            comma(out, &mut first);
            found(out, links.base, version, "include");
        }
        // Warnings are resources of their own, told apart by the search mode; histories have none.
        if search && !page.warnings.is_empty() {
            comma(out, &mut first);
            out.push_str(r#"{"resource":"#);
            out.push_str(&operation_outcome(&page.warnings));
            out.push_str(r#","search":{"mode":"outcome"}}"#);
        }
        out.push(']');
    }
    out.push('}');
}

fn write_links(out: &mut String, page: &Page, links: Links<'_>) {
    let Some(path) = links.path else { return };
    let mut query = page.query.clone();
    for (name, value) in links.shaping {
        add_param(&mut query, name, value);
    }
    out.push_str(r#","link":["#);
    link(out, "self", links.base, path, &query);
    if let Some(cursor) = &page.next {
        add_param(&mut query, "_cursor", cursor);
        out.push(',');
        link(out, "next", links.base, path, &query);
    }
    out.push(']');
}

fn link(out: &mut String, relation: &str, base: &str, path: &str, query: &str) {
    let slash = if path.is_empty() { "" } else { "/" };
    let mark = if query.is_empty() { "" } else { "?" };
    let _ = write!(out, r#"{{"relation":"{relation}","url":"{base}{slash}{path}{mark}"#);
    escape_into(out, query);
    out.push_str("\"}");
}

/// Adds a parameter to a query, percent-encoded except for unreserved characters (RFC 3986 §2.3).
fn add_param(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.push_str(name);
    query.push('=');
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            query.push(char::from(byte));
        } else {
            let _ = write!(query, "%{byte:02X}");
        }
    }
}

fn found(out: &mut String, base: &str, version: &Version, mode: &str) {
    out.push('{');
    full_url(out, base, version);
    out.push_str(r#","resource":"#);
    out.push_str(&version.body);
    let _ = write!(out, r#","search":{{"mode":"{mode}"}}}}"#);
}

/// An entry of a history: the request that made the version and its answer (FHIR R4 http
/// §3.1.0.9).
fn past(out: &mut String, base: &str, version: &Version) {
    let Version { resource_type, id, .. } = version;
    out.push('{');
    full_url(out, base, version);
    if !version.deleted {
        out.push_str(r#","resource":"#);
        out.push_str(&version.body);
    }
    let (method, status) = version.made_by();
    let _ = write!(out, r#","request":{{"method":"{method}","url":"{resource_type}"#);
    if method != "POST" {
        let _ = write!(out, "/{id}");
    }
    let _ = write!(
        out,
        r#""}},"response":{{"status":"{status}","etag":"W/\"{}\"","lastModified":"{}"}}}}"#,
        version.version, version.last_updated
    );
}

pub(super) fn full_url(out: &mut String, base: &str, version: &Version) {
    let Version { resource_type, id, fragment, .. } = version;
    let _ = write!(out, r#""fullUrl":"{base}/{resource_type}/{id}"#);
    if let Some(fragment) = fragment {
        out.push('#');
        escape_into(out, fragment);
    }
    out.push('"');
}
