//! Bundles as they go over the wire, written around resources that are already JSON.
//!
//! - searchset, history: [`page`]
//! - batch-response, transaction-response: [`responses`]

mod page;
mod responses;

pub(crate) use page::{Links, page};
pub(crate) use responses::responses;

/// Bytes of an entry around its resource, about.
const ENTRY_BYTES: usize = 320;

/// Opens a Bundle of this type.
fn open(out: &mut String, bundle_type: &str) {
    out.push_str(r#"{"resourceType":"Bundle","type":""#);
    out.push_str(bundle_type);
    out.push('"');
}

/// Writes the comma between items.
pub(crate) fn comma(out: &mut String, first: &mut bool) {
    if !*first {
        out.push(',');
    }
    *first = false;
}
