//! Values read back from keys.

use super::{LONGEST_BODY, slot, tag};
use crate::value::Datum;

/// The value that a key of a token with its system, of one without, or of a uri stands for; `None`
/// for keys of other kinds and those that were cut.
pub(crate) fn value_of(key: &[u8]) -> Option<Datum> {
    let body = slot::body(key);
    // As long as this one may have been cut.
    if body.len() >= LONGEST_BODY {
        return None;
    }
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
    match slot::kind_of(key)?.1 {
        tag::SYSTEM_CODE => {
            let (length, rest) = body.split_first_chunk::<4>()?;
            let (system, code) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
            Some(Datum::Token { system: Some(text(system)?), code: text(code)? })
        }
        tag::BARE_CODE => Some(Datum::Token { system: None, code: text(body)? }),
        tag::URI => Some(Datum::Uri(text(body)?)),
        _ => None,
    }
}
