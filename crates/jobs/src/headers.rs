//! The headers that a channel sends along.

use accord_fhir::json::Value;

/// Headers of a channel at most.
const MOST: usize = 16;
/// Longest value, in bytes.
const MOST_BYTES: usize = 4096;
/// Longest name, in bytes.
const MOST_NAME_BYTES: usize = 64;

/// What frames a message, rules the connection or names the receiver (RFC 9110 §7.6, §10.1; RFC
/// 9112 §6): a receiver, or a proxy before it, could be led to see another message than was sent.
const OURS: [&str; 13] = [
    "connection",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "keep-alive",
    "max-forwards",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "accept-encoding",
];
/// Fronts of names of the same kind.
const FRONTS: [&str; 5] = ["content-", "proxy-", "sec-", "x-forwarded-", "x-http-method"];

/// Reads `Name: value` lines.
///
/// # Errors
/// In words which cannot be sent.
pub(crate) fn read(channel: Value<'_>) -> Result<Vec<(String, String)>, String> {
    let mut headers = Vec::new();
    for line in channel.get("header").map(Value::items).into_iter().flatten() {
        headers.push(header(&line.as_str().unwrap_or_default())?);
    }
    if headers.len() > MOST {
        return Err(format!("a channel has at most {MOST} headers"));
    }
    Ok(headers)
}

fn header(line: &str) -> Result<(String, String), String> {
    // Looked at before anything is cut off: the end of a line ends a header.
    if !line.bytes().all(|b| b == b'\t' || (b' '..=b'~').contains(&b)) {
        return Err("a header is one line of visible ASCII".to_owned());
    }
    let (name, value) = line.split_once(':').ok_or("a header has the form `Name: value`")?;
    // Some receivers read `_` as `-`.
    let (plain, value) = (name.to_ascii_lowercase().replace('_', "-"), value.trim());
    let token = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
    if !(1..=MOST_NAME_BYTES).contains(&name.len()) || !name.bytes().all(token) {
        return Err("a header's name is made of letters, digits, `-` and `_`".to_owned());
    }
    if OURS.contains(&&*plain) || FRONTS.iter().any(|front| plain.starts_with(front)) {
        return Err(format!("the header `{plain}` is not the subscription's to set"));
    }
    if value.len() > MOST_BYTES {
        return Err(format!("the header `{plain}` has more than {MOST_BYTES} bytes"));
    }
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_rule_the_message_are_refused() {
        let more = ["proxy-authorization", "Sec-WebSocket-Key", "TE", "Expect", "Content-MD5"];
        let folded = ["Transfer_Encoding", "X_Forwarded_For", "content_length"];
        for name in OURS.iter().chain(&more).chain(&folded) {
            let refused = header(&format!("{name}: 100-continue")).unwrap_err();
            let plain = name.to_ascii_lowercase().replace('_', "-");
            assert!(refused.contains(&format!("`{plain}`")), "{refused}");
        }
        for line in [
            "X-Key: a\r\nHost: other",
            "X-Key: a\nb",
            "X-Key\r: a",
            "X-Key: a\0",
            "X-Key: ä",
            "no colon",
            ": value",
            "X Key: a",
            " Host: a",
            "Host : a",
            "Transfer-Encoding\t: chunked",
        ] {
            assert!(header(line).is_err(), "{line:?}");
        }
        assert!(header(&format!("X-Key: {}", "a".repeat(MOST_BYTES + 1))).is_err());
        let good = ("Authorization".to_owned(), "Bearer a:b".to_owned());
        assert_eq!(header("Authorization: Bearer a:b"), Ok(good));
        assert_eq!(header("x_key:"), Ok(("x_key".to_owned(), String::new())));
    }
}
