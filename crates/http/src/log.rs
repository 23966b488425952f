//! One line per request, without anything personal: no URL, no query, no id, no token.

use tracing::{error, info};

use crate::routes::Code;

/// Target of the lines, so that an operator can turn them off alone.
const TARGET: &str = "accord::request";

/// Writes the line of one answered request.
pub(crate) fn request(code: Code, status: u16, duration_us: u64, request_id: &str) {
    let interaction = code.name();
    if status >= 500 {
        error!(target: TARGET, interaction, status, duration_us, request_id);
    } else {
        info!(target: TARGET, interaction, status, duration_us, request_id);
    }
}
