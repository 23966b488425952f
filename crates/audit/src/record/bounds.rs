//! How long the fields of a record may be.

use accord_base::Principal;

use super::{AccessRecord, MAX_PATIENTS, MAX_QUERY_BYTES};
use crate::AuditError;

pub(super) const MAX_REQUEST_ID: usize = 128;
pub(super) const MAX_CODE: usize = 64;
pub(super) const MAX_RULES: usize = 16;
pub(super) const MAX_TOKEN_ID: usize = 128;
pub(super) const MAX_REASON: usize = 1024;
pub(super) const MAX_ID: usize = 64;
pub(super) const MAX_CLIENT: usize = 256;
pub(super) const MAX_SCOPES: usize = 4096;

fn bound(
    field: &'static str,
    len: usize,
    limit: usize,
    unit: &'static str,
) -> Result<(), AuditError> {
    if len > limit { Err(AuditError::TooLong { field, limit, unit }) } else { Ok(()) }
}

impl AccessRecord {
    /// Whether the record can be encoded; the decoder keeps to the same bounds.
    pub(super) fn check_bounds(&self) -> Result<(), AuditError> {
        bound("request id", self.request_id.len(), MAX_REQUEST_ID, "bytes")?;
        bound("interaction", self.interaction.len(), MAX_CODE, "bytes")?;
        bound("query", self.query.len(), MAX_QUERY_BYTES, "bytes")?;
        bound("patient list", self.patients.len(), MAX_PATIENTS, "entries")?;
        bound("rule list", self.decision.rules.len(), MAX_RULES, "entries")?;
        for rule in &self.decision.rules {
            bound("rule code", rule.len(), MAX_CODE, "bytes")?;
        }
        if let Some(target) = &self.target {
            bound("resource type", target.resource_type.len(), MAX_CODE, "bytes")?;
        }
        if let Some(who) = &self.who {
            bound("token id", who.token_id.len(), MAX_TOKEN_ID, "bytes")?;
            if let Some(grant) = &who.grant {
                bound("grant id", grant.id.len(), MAX_TOKEN_ID, "bytes")?;
                bound("client", grant.client.len(), MAX_CLIENT, "bytes")?;
                bound("scopes", grant.scopes.to_string().len(), MAX_SCOPES, "bytes")?;
            }
            if let Principal::System { reason } = &who.principal {
                bound("reason", reason.len(), MAX_REASON, "bytes")?;
            }
        }
        Ok(())
    }
}
