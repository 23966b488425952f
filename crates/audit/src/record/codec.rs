//! The binary form of an access record, format version 1.
//!
//! | bytes | field |
//! |---|---|
//! | 1 | format version, 1 |
//! | 8, 8 | `at`, `policy_as_of` in µs since 1970, little-endian |
//! | 2 | flags, bits as in [`flag`] |
//! | 2 | status |
//! | varint | `part` |
//! | varint | `following`; 0 where the flag says it is unknown |
//! | text, text | request id, interaction |
//! | 1, 1, 1, text, text | who: role, purpose, kind of principal, its id or reason, token id |
//! | text | organisation |
//! | text, text, text, text | grant: its id, client, scopes, patient in context |
//! | text, text, varint | target: type, id, version |
//! | varint, bytes | query |
//! | varint, texts | rules |
//! | varint, texts | patients |
//! | zeros | up to the next multiple of 256 bytes |
//!
//! Fields whose flag is not set are left out. Texts as in `wire`.

use std::borrow::Cow;
use std::sync::Arc;

use accord_base::{LogTime, ResourceId};

use super::bounds::{MAX_CODE, MAX_REQUEST_ID, MAX_RULES};
use super::who::{put_who, take_id, take_who};
use super::wire::{Reader, put_bytes, put_text, put_varint};
use super::{AccessRecord, Decision, MAX_PATIENTS, MAX_QUERY_BYTES, PAD_BYTES, Target};
use crate::AuditError;

pub(super) const VERSION: u8 = 1;

/// Bits of the flag field.
pub(super) mod flag {
    pub const PERMIT: u16 = 1;
    pub const OPEN_ENDED: u16 = 1 << 1;
    pub const WHO: u16 = 1 << 2;
    pub const TEST: u16 = 1 << 3;
    pub const ORGANIZATION: u16 = 1 << 4;
    pub const TARGET: u16 = 1 << 5;
    pub const ID: u16 = 1 << 6;
    pub const TARGET_VERSION: u16 = 1 << 7;
    pub const GRANT: u16 = 1 << 8;
    pub const GRANT_PATIENT: u16 = 1 << 9;
    pub const ALL: u16 = (1 << 10) - 1;
}

impl AccessRecord {
    /// Appends the padded binary form. Fails, and leaves `to` as it was, where a field exceeds its
    /// bound.
    pub fn encode_into(&self, to: &mut Vec<u8>) -> Result<(), AuditError> {
        self.check_bounds()?;
        let start = to.len();
        to.push(VERSION);
        to.extend_from_slice(&self.at.0.to_le_bytes());
        to.extend_from_slice(&self.policy_as_of.0.to_le_bytes());
        to.extend_from_slice(&self.flags().to_le_bytes());
        to.extend_from_slice(&self.status.to_le_bytes());
        put_varint(to, u64::from(self.part));
        put_varint(to, u64::from(self.following.unwrap_or(0)));
        put_text(to, &self.request_id);
        put_text(to, &self.interaction);
        if let Some(who) = &self.who {
            put_who(to, who);
        }
        if let Some(target) = &self.target {
            put_target(to, target);
        }
        put_bytes(to, &self.query);
        put_varint(to, self.decision.rules.len() as u64);
        self.decision.rules.iter().for_each(|rule| put_text(to, rule));
        put_varint(to, self.patients.len() as u64);
        self.patients.iter().for_each(|patient| put_text(to, patient.as_str()));
        to.resize(start + (to.len() - start).next_multiple_of(PAD_BYTES), 0);
        Ok(())
    }

    /// The padded binary form.
    pub fn encode(&self) -> Result<Vec<u8>, AuditError> {
        let mut bytes = Vec::with_capacity(2 * PAD_BYTES);
        self.encode_into(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads the binary form from untrusted bytes, which must hold one record and its padding,
    /// exactly as [`AccessRecord::encode`] writes them.
    pub fn decode(bytes: &[u8]) -> Result<AccessRecord, AuditError> {
        let from = &mut Reader(bytes);
        match from.u8()? {
            VERSION => {}
            other => return Err(AuditError::RecordVersion(other)),
        }
        let (at, policy_as_of) = (LogTime(from.u64()?), LogTime(from.u64()?));
        let flags = from.u16()?;
        check_flags(flags)?;
        let status = from.u16()?;
        let (part, following) = (from.u32()?, from.u32()?);
        if flags & flag::OPEN_ENDED != 0 && following != 0 {
            return Err(AuditError::Record("an open end has a count"));
        }
        let record = AccessRecord {
            at,
            policy_as_of,
            part,
            following: (flags & flag::OPEN_ENDED == 0).then_some(following),
            request_id: from.text(MAX_REQUEST_ID)?,
            interaction: Cow::Owned(from.text(MAX_CODE)?),
            who: (flags & flag::WHO != 0)
                .then(|| take_who(from, flags).map(Arc::new))
                .transpose()?,
            target: (flags & flag::TARGET != 0).then(|| take_target(from, flags)).transpose()?,
            query: from.bytes(MAX_QUERY_BYTES)?.to_vec(),
            decision: Decision { permit: flags & flag::PERMIT != 0, rules: take_rules(from)? },
            patients: take_patients(from)?,
            status,
        };
        check_padding(bytes, from.0)?;
        Ok(record)
    }

    fn flags(&self) -> u16 {
        let mut flags = 0;
        let mut set = |when: bool, bit: u16| flags |= if when { bit } else { 0 };
        set(self.decision.permit, flag::PERMIT);
        set(self.following.is_none(), flag::OPEN_ENDED);
        if let Some(who) = &self.who {
            set(true, flag::WHO);
            set(who.test, flag::TEST);
            set(who.organization.is_some(), flag::ORGANIZATION);
            set(who.grant.is_some(), flag::GRANT);
            let context = who.grant.as_ref().and_then(|grant| grant.patient.as_ref());
            set(context.is_some(), flag::GRANT_PATIENT);
        }
        if let Some(target) = &self.target {
            set(true, flag::TARGET);
            set(target.id.is_some(), flag::ID);
            set(target.version.is_some(), flag::TARGET_VERSION);
        }
        flags
    }
}

fn check_flags(flags: u16) -> Result<(), AuditError> {
    let lone = |bits: u16, need: u16| flags & bits != 0 && flags & need == 0;
    if flags & !flag::ALL != 0
        || lone(flag::TEST | flag::ORGANIZATION | flag::GRANT, flag::WHO)
        || lone(flag::GRANT_PATIENT, flag::GRANT)
        || lone(flag::ID | flag::TARGET_VERSION, flag::TARGET)
    {
        return Err(AuditError::Record("its flags contradict each other"));
    }
    Ok(())
}

fn check_padding(all: &[u8], rest: &[u8]) -> Result<(), AuditError> {
    if !all.len().is_multiple_of(PAD_BYTES)
        || rest.len() >= PAD_BYTES
        || rest.iter().any(|b| *b != 0)
    {
        return Err(AuditError::Record("its padding is wrong"));
    }
    Ok(())
}

fn put_target(to: &mut Vec<u8>, target: &Target) {
    put_text(to, &target.resource_type);
    if let Some(id) = &target.id {
        put_text(to, id.as_str());
    }
    if let Some(version) = target.version {
        put_varint(to, u64::from(version));
    }
}

fn take_target(from: &mut Reader<'_>, flags: u16) -> Result<Target, AuditError> {
    Ok(Target {
        resource_type: Cow::Owned(from.text(MAX_CODE)?),
        id: (flags & flag::ID != 0).then(|| take_id(from)).transpose()?,
        version: (flags & flag::TARGET_VERSION != 0).then(|| from.u32()).transpose()?,
    })
}

fn take_rules(from: &mut Reader<'_>) -> Result<Vec<Cow<'static, str>>, AuditError> {
    (0..from.count(MAX_RULES)?).map(|_| from.text(MAX_CODE).map(Cow::Owned)).collect()
}

pub(super) fn take_patients(from: &mut Reader<'_>) -> Result<Vec<ResourceId>, AuditError> {
    (0..from.count(MAX_PATIENTS)?).map(|_| take_id(from)).collect()
}
