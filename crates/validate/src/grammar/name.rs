//! id, uri, url, canonical, oid and uuid.

use accord_base::ResourceId;

pub(super) fn id(text: &str) -> Option<&'static str> {
    let good = ResourceId::is_valid(text);
    (!good).then_some("must be an id: 1 to 64 letters, digits, `-` or `.`")
}

/// Characters but white space and controls; whether they form a URI is left to who resolves it.
pub(super) fn uri(text: &str) -> Option<&'static str> {
    let bad = text.bytes().any(|b| b <= b' ' || b == 0x7f);
    bad.then_some("must be a URI without white space")
}

/// `urn:oid:` and arcs: the first is 0, 1 or 2, none has leading zeros.
pub(super) fn oid(text: &str) -> Option<&'static str> {
    const REASON: &str = "must be `urn:oid:` and an OID";
    let Some(oid) = text.strip_prefix("urn:oid:") else { return Some(REASON) };
    let mut arcs = oid.split('.');
    let root = matches!(arcs.next(), Some("0" | "1" | "2"));
    let mut count = 0;
    let rest = arcs.all(|arc| {
        count += 1;
        let digits = !arc.is_empty() && arc.bytes().all(|b| b.is_ascii_digit());
        digits && (arc == "0" || !arc.starts_with('0'))
    });
    (!root || !rest || count == 0).then_some(REASON)
}

/// `urn:uuid:` and a UUID in lower case.
pub(super) fn uuid(text: &str) -> Option<&'static str> {
    let good = text.strip_prefix("urn:uuid:").is_some_and(|uuid| {
        uuid.len() == 36
            && uuid.bytes().enumerate().all(|(at, b)| match at {
                8 | 13 | 18 | 23 => b == b'-',
                _ => matches!(b, b'0'..=b'9' | b'a'..=b'f'),
            })
    });
    (!good).then_some("must be `urn:uuid:` and a UUID in lower case")
}
