//! `htmlChecks()`: the rules of narrative (FHIR R4 narrative §2.4.0.1, invariants txt-1, txt-2).

/// Elements that a narrative may have.
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "b",
    "big",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "q",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "ul",
    "var",
];

/// Attributes that a narrative may have.
const ATTRIBUTES: &[&str] = &[
    "abbr",
    "accesskey",
    "align",
    "alt",
    "axis",
    "bgcolor",
    "border",
    "cellhalign",
    "cellpadding",
    "cellspacing",
    "cellvalign",
    "char",
    "charoff",
    "charset",
    "cite",
    "class",
    "colspan",
    "compact",
    "coords",
    "dir",
    "frame",
    "headers",
    "height",
    "href",
    "hreflang",
    "hspace",
    "id",
    "lang",
    "longdesc",
    "name",
    "nowrap",
    "rel",
    "rev",
    "rowspan",
    "rules",
    "scope",
    "shape",
    "span",
    "src",
    "start",
    "style",
    "summary",
    "tabindex",
    "title",
    "type",
    "valign",
    "value",
    "vspace",
    "width",
    "xml:lang",
    "xmlns",
];

/// Whether a text is one `div` of allowed elements and attributes with some content. Tags must be
/// closed in order.
pub(super) fn is_narrative(html: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let (mut rest, mut content) = (html.trim(), false);
    if !rest.starts_with("<div") {
        return false;
    }
    while !rest.is_empty() {
        let Some(at) = rest.find('<') else { return false };
        let (text, tag) = rest.split_at_checked(at).unwrap_or_default();
        content |= !text.trim().is_empty();
        if let Some(comment) = tag.strip_prefix("<!--") {
            let Some((_, after)) = comment.split_once("-->") else { return false };
            rest = after;
            continue;
        }
        let Some((tag, after)) = tag.get(1..).and_then(|tag| tag.split_once('>')) else {
            return false;
        };
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name.trim()) || open.is_empty() && !rest.is_empty() {
                return false;
            }
            continue;
        }
        let (tag, closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        if !ELEMENTS.contains(&name) || !attributes_are_good(attributes) {
            return false;
        }
        content |= name == "img";
        if !closed {
            open.push(name);
        }
    }
    open.is_empty() && content
}

fn attributes_are_good(mut rest: &str) -> bool {
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return true;
        }
        let Some((name, after)) = rest.split_once('=') else { return false };
        let after = after.trim_start();
        let Some(quote) = after.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            return false;
        };
        let Some((value, after)) = after.get(1..).and_then(|a| a.split_once(quote)) else {
            return false;
        };
        let script = value.trim_start().to_ascii_lowercase().starts_with("javascript:");
        if !ATTRIBUTES.contains(&name.trim()) || script {
            return false;
        }
        rest = after;
    }
}
