//! A resource as it is kept: the text as received and a list of edits that turn it into what is
//! served.
//!
//! What was sent stays readable exactly; what the server owns (id, `meta.versionId`,
//! `meta.lastUpdated`) and references it resolved are laid over it when the resource is read.
#![allow(
    clippy::indexing_slicing,
    reason = "edits are made from spans of the text they are applied to, in order; decode checks them"
)]

use std::fmt::Write;
use std::ops::Range;

use accord_base::{LogTime, ResourceId};

use crate::json::{Value, quoted};

/// One replacement in the text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// Bytes replaced; an empty range inserts.
    pub range: Range<usize>,
    /// What stands there instead.
    pub insert: Insert,
}

/// What an edit puts in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Insert {
    /// These bytes.
    Text(String),
    /// The logical id, as a JSON string.
    Id,
    /// `"versionId":"…","lastUpdated":"…"`.
    Version,
}

/// What the server owns about a version.
#[derive(Clone, Copy, Debug)]
pub struct Stamp<'a> {
    /// Logical id.
    pub id: &'a ResourceId,
    /// Version number.
    pub version: u32,
    /// When it was born.
    pub last_updated: LogTime,
}

/// The edits that lay the server's own elements over a resource, in order. `resource` must be an
/// object; ranges count from its first byte.
pub fn stamp_edits(resource: Value<'_>) -> Vec<Edit> {
    let base = resource.span().start;
    let mut members = resource.members();
    let mut edits = Vec::with_capacity(3);
    let (mut after_type, mut id, mut meta) = (1, None, None);
    while let Some((name_span, name, value)) = members.next_spanned() {
        match &*name {
            "resourceType" => after_type = value.span().end - base,
            "id" => id = Some(value.span()),
            "meta" => meta = Some((name_span, value)),
            _ => {}
        }
    }
    // The insertion point follows a member (`after_type` > 1) or opens the object.
    let lead = |text: &str| Insert::Text(format!(",{text}"));
    if let Some(span) = id.clone() {
        edits.push(Edit { range: span.start - base..span.end - base, insert: Insert::Id });
    } else {
        edits.push(Edit { range: after_type..after_type, insert: lead("\"id\":") });
        edits.push(Edit { range: after_type..after_type, insert: Insert::Id });
    }
    match meta {
        Some((_, value)) => meta_edits(value, base, &mut edits),
        None => {
            let at = id.map_or(after_type, |span| span.end - base);
            edits.push(Edit { range: at..at, insert: lead("\"meta\":{") });
            edits.push(Edit { range: at..at, insert: Insert::Version });
            edits.push(Edit { range: at..at, insert: Insert::Text("}".into()) });
        }
    }
    edits.sort_by_key(|edit| edit.range.start);
    edits
}

/// Puts the version at the head of `meta` and takes out what the client sent in its place.
fn meta_edits(meta: Value<'_>, base: usize, edits: &mut Vec<Edit>) {
    let open = meta.span().start - base + 1;
    edits.push(Edit { range: open..open, insert: Insert::Version });
    let mut members = meta.members();
    let mut kept_before = false;
    while let Some((name_span, name, value)) = members.next_spanned() {
        let owned = matches!(&*name, "versionId" | "lastUpdated" | "_versionId" | "_lastUpdated");
        if !owned {
            if !kept_before {
                let at = name_span.start - base;
                edits.push(Edit { range: at..at, insert: Insert::Text(",".into()) });
                kept_before = true;
            }
            continue;
        }
        // The comma between members goes with the removed one: before it once something is kept,
        // after it while nothing is.
        let (start, end) = (name_span.start - base, value.span().end - base);
        let is_last = end == meta.span().end - base - 1;
        let range = match (kept_before, is_last) {
            (true, _) => start - 1..end,
            (false, false) => start..end + 1,
            (false, true) => start..end,
        };
        edits.push(Edit { range, insert: Insert::Text(String::new()) });
    }
}

/// The resource as served: `text` with `edits` (ordered, not overlapping) applied.
pub fn render(text: &str, edits: &[Edit], stamp: Stamp<'_>) -> String {
    let mut out = String::with_capacity(text.len() + 160);
    let mut at = 0;
    for edit in edits {
        out.push_str(&text[at..edit.range.start]);
        match &edit.insert {
            Insert::Text(text) => out.push_str(text),
            Insert::Id => {
                out.push('"');
                out.push_str(stamp.id.as_str());
                out.push('"');
            }
            Insert::Version => {
                let Stamp { version, last_updated, .. } = stamp;
                // Writing to a string does not fail.
                let _ = write!(out, r#""versionId":"{version}","lastUpdated":"{last_updated}""#);
            }
        }
        at = edit.range.end;
    }
    out.push_str(&text[at..]);
    out
}

/// An edit that replaces the text of a string value, quotes included.
pub fn replace_string(value: Value<'_>, base: usize, text: &str) -> Edit {
    let span = value.span();
    Edit { range: span.start - base..span.end - base, insert: Insert::Text(quoted(text)) }
}

/// Encodes edits for the log: per edit `start, length, kind, text length` as varints, then text.
pub fn encode_edits(edits: &[Edit]) -> Vec<u8> {
    let mut out = Vec::with_capacity(edits.len() * 8);
    for edit in edits {
        let (kind, text) = match &edit.insert {
            Insert::Text(text) => (0, text.as_str()),
            Insert::Id => (1, ""),
            Insert::Version => (2, ""),
        };
        for number in [edit.range.start, edit.range.len(), kind, text.len()] {
            varint(&mut out, number as u64);
        }
        out.extend_from_slice(text.as_bytes());
    }
    out
}

/// Decodes what [`encode_edits`] made and checks that it fits `text`; `None` if it does not.
pub fn decode_edits(mut bytes: &[u8], text: &str) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    let mut floor = 0;
    while !bytes.is_empty() {
        let mut number = || read_varint(&mut bytes);
        let (start, length, kind, size) = (number()?, number()?, number()?, number()?);
        let end = start.checked_add(length)?;
        let fits = start >= floor && text.is_char_boundary(start) && text.is_char_boundary(end);
        let inserted = std::str::from_utf8(bytes.get(..size)?).ok()?;
        bytes = bytes.get(size..)?;
        let insert = match kind {
            0 => Insert::Text(inserted.to_owned()),
            1 => Insert::Id,
            2 => Insert::Version,
            _ => return None,
        };
        if !fits {
            return None;
        }
        floor = end;
        edits.push(Edit { range: start..end, insert });
    }
    Some(edits)
}

fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn read_varint(bytes: &mut &[u8]) -> Option<usize> {
    let mut number = 0u64;
    for shift in (0..63).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return usize::try_from(number).ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Limits, parse};

    fn check(sent: &str, served: &str) {
        let tape = parse(sent.as_bytes(), Limits::default()).unwrap();
        let edits = stamp_edits(tape.root());
        let id = ResourceId::new("i1").unwrap();
        let stamp = Stamp { id: &id, version: 7, last_updated: LogTime(0) };
        let out = render(tape.text(), &edits, stamp);
        let served =
            served.replace("VER", r#""versionId":"7","lastUpdated":"1970-01-01T00:00:00.000000Z""#);
        assert_eq!(out, served);
        assert_eq!(decode_edits(&encode_edits(&edits), tape.text()), Some(edits));
    }

    #[test]
    fn the_servers_elements_replace_the_clients() {
        check(
            r#"{"resourceType":"Patient","active":true}"#,
            r#"{"resourceType":"Patient","id":"i1","meta":{VER},"active":true}"#,
        );
        check(
            r#"{"resourceType":"Patient","id":"x","active":true}"#,
            r#"{"resourceType":"Patient","id":"i1","meta":{VER},"active":true}"#,
        );
        check(
            r#"{"id":"x","meta":{},"resourceType":"Patient"}"#,
            r#"{"id":"i1","meta":{VER},"resourceType":"Patient"}"#,
        );
        check(
            r#"{"meta":{"profile":["p"]},"id":"x","resourceType":"Patient"}"#,
            r#"{"meta":{VER,"profile":["p"]},"id":"i1","resourceType":"Patient"}"#,
        );
        for meta in [
            r#"{"versionId":"1","lastUpdated":"2020-01-01T00:00:00Z","profile":["p"],"tag":[]}"#,
            r#"{"versionId":"1","profile":["p"],"lastUpdated":"2020-01-01T00:00:00Z","tag":[]}"#,
            r#"{"profile":["p"],"tag":[],"versionId":"1","lastUpdated":"2020-01-01T00:00:00Z"}"#,
        ] {
            check(
                &format!(r#"{{"resourceType":"Patient","id":"x","meta":{meta}}}"#),
                r#"{"resourceType":"Patient","id":"i1","meta":{VER,"profile":["p"],"tag":[]}}"#,
            );
        }
        check(
            r#"{"resourceType":"Patient","meta":{"versionId":"1","lastUpdated":"x"}}"#,
            r#"{"resourceType":"Patient","id":"i1","meta":{VER}}"#,
        );
    }

    #[test]
    fn edits_that_do_not_fit_are_refused() {
        let edits = encode_edits(&[Edit { range: 3..9, insert: Insert::Id }]);
        assert!(decode_edits(&edits, "short").is_none());
        assert!(decode_edits(&[1, 2, 9, 0], "longer text").is_none());
        assert!(decode_edits(&[0xff; 12], "longer text").is_none());
    }
}
