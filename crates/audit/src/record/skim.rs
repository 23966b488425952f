//! Reading of a record what lists of records need, without making the rest.

use accord_base::{LogTime, ResourceId};

use super::bounds::{MAX_CLIENT, MAX_CODE, MAX_ID, MAX_REASON, MAX_REQUEST_ID, MAX_RULES};
use super::bounds::{MAX_SCOPES, MAX_TOKEN_ID};
use super::codec::{VERSION, flag, take_patients};
use super::wire::Reader;
use super::{MAX_QUERY_BYTES, PAD_BYTES};
use crate::AuditError;

/// When an access was, and whom its record names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Skimmed {
    /// When the decision was taken.
    pub at: LogTime,
    /// Logical ids of the patients named.
    pub patients: Vec<ResourceId>,
}

impl Skimmed {
    /// Reads a record that was sealed here: what is passed over is not checked.
    pub(crate) fn read(bytes: &[u8]) -> Result<Skimmed, AuditError> {
        let from = &mut Reader(bytes);
        match from.u8()? {
            VERSION => {}
            other => return Err(AuditError::RecordVersion(other)),
        }
        let at = LogTime(from.u64()?);
        from.u64()?;
        let flags = from.u16()?;
        from.u16()?;
        from.varint()?;
        from.varint()?;
        let texts = |when: u16, limits: &[usize], from: &mut Reader<'_>| {
            let limits = if flags & when == when { limits } else { &[] };
            limits.iter().try_for_each(|limit| from.skip_text(*limit))
        };
        texts(0, &[MAX_REQUEST_ID, MAX_CODE], from)?;
        if flags & flag::WHO != 0 {
            from.array::<3>()?;
            texts(flag::WHO, &[MAX_REASON, MAX_TOKEN_ID], from)?;
        }
        texts(flag::ORGANIZATION, &[MAX_ID], from)?;
        texts(flag::GRANT, &[MAX_TOKEN_ID, MAX_CLIENT, MAX_SCOPES], from)?;
        texts(flag::GRANT_PATIENT, &[MAX_ID], from)?;
        texts(flag::TARGET, &[MAX_CODE], from)?;
        texts(flag::ID, &[MAX_ID], from)?;
        if flags & flag::TARGET_VERSION != 0 {
            from.varint()?;
        }
        from.bytes(MAX_QUERY_BYTES)?;
        for _ in 0..from.count(MAX_RULES)? {
            from.skip_text(MAX_CODE)?;
        }
        let patients = take_patients(from)?;
        if from.0.len() >= PAD_BYTES {
            return Err(AuditError::Record("its padding is wrong"));
        }
        Ok(Skimmed { at, patients })
    }
}
