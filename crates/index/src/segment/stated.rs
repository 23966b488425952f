//! Sections of what rows introduce, state and change: names, facts, changes.

use std::sync::Arc;

use accord_access::{Fact, FactParts};
use accord_base::{LogTime, NameSpace, OrgOrd, PatientOrd, Row};

use crate::effect::{Change, NewName, RowChange};
use crate::error::IndexError;

use super::wire::{Reader, put_bytes, put_varint};

/// Appends a name that `local` introduced.
pub(crate) fn put_name(out: &mut Vec<u8>, local: u32, name: &NewName) {
    put_varint(out, u64::from(local));
    out.push(name.space as u8);
    put_varint(out, u64::from(name.ordinal));
    put_bytes(out, name.name.as_bytes());
}

/// Reads the names section.
pub(crate) fn names(bytes: &[u8]) -> Result<Vec<(u32, NewName)>, IndexError> {
    let (mut reader, mut out) = (Reader(bytes), Vec::new());
    while !reader.is_empty() {
        let local = reader.varint32()?;
        let space = NameSpace::from_u8(reader.u8()?)
            .ok_or(IndexError::Corrupt("a name is of no known space"))?;
        let ordinal = reader.varint32()?;
        out.push((local, NewName { space, ordinal, name: reader.text()?.to_owned() }));
    }
    Ok(out)
}

/// Appends a fact that `local` states.
pub(crate) fn put_fact(out: &mut Vec<u8>, local: u32, fact: &Fact) {
    put_varint(out, u64::from(local));
    if let Fact::Consent(consent) = fact {
        out.push(FactParts::CONSENT);
        return put_bytes(out, &accord_access::consent::encode(consent));
    }
    let FactParts { kind, about, other, more, from, until } = fact.parts();
    // Of denials, the other party is 0 for "everyone", else its ordinal plus one.
    let (kind, other) = match kind {
        FactParts::CONSENT_DENIES_ALL => (FactParts::CONSENT_DENIES, 0),
        kind => (kind, u64::from(other) + 1),
    };
    out.push(kind);
    put_varint(out, u64::from(about));
    put_varint(out, other);
    if kind >= FactParts::WITH_MORE {
        more.into_iter().for_each(|more| put_varint(out, more));
    }
    put_varint(out, from.0);
    put_varint(out, until.0);
}

/// Reads the facts section.
pub(crate) fn facts(bytes: &[u8]) -> Result<Vec<(u32, Fact)>, IndexError> {
    let (mut reader, mut out) = (Reader(bytes), Vec::new());
    while !reader.is_empty() {
        let (local, kind) = (reader.varint32()?, reader.u8()?);
        if kind == FactParts::CONSENT {
            let consent = accord_access::consent::decode(reader.bytes()?).ok_or(UNKNOWN_FACT)?;
            out.push((local, Fact::Consent(Arc::new(consent))));
            continue;
        }
        let about = reader.varint32()?;
        let (kind, other) = match (kind, reader.varint()?) {
            (FactParts::CONSENT_DENIES, 0) => (FactParts::CONSENT_DENIES_ALL, 0),
            (FactParts::CONSENT_DENIES_ALL, _) | (_, 0) => return Err(UNKNOWN_FACT),
            (kind, one_more) => (kind, u32::try_from(one_more - 1).map_err(|_| UNKNOWN_FACT)?),
        };
        let with_more = kind >= FactParts::WITH_MORE;
        let more = if with_more { [reader.varint()?, reader.varint()?] } else { [0; 2] };
        let (from, until) = (LogTime(reader.varint()?), LogTime(reader.varint()?));
        let parts = FactParts { kind, about, other, more, from, until };
        out.push((local, parts.fact().ok_or(UNKNOWN_FACT)?));
    }
    Ok(out)
}

const UNKNOWN_FACT: IndexError = IndexError::Corrupt("a fact is of no known kind");

/// Appends a change that `local` makes to another row.
pub(crate) fn put_change(out: &mut Vec<u8>, local: u32, change: &RowChange) {
    put_varint(out, u64::from(local));
    put_varint(out, u64::from(change.row.0));
    match &change.change {
        Change::Labels(labels) => {
            out.push(1);
            put_varint(out, *labels);
        }
        Change::Controller(controller) => {
            out.push(2);
            put_varint(out, u64::from(controller.0));
        }
        Change::Patients(patients) => {
            out.push(3);
            put_varint(out, patients.len() as u64);
            patients.iter().for_each(|patient| put_varint(out, u64::from(patient.0)));
        }
    }
}

/// Reads the changes section.
pub(crate) fn changes(bytes: &[u8]) -> Result<Vec<(u32, RowChange)>, IndexError> {
    let (mut reader, mut out) = (Reader(bytes), Vec::new());
    while !reader.is_empty() {
        let (local, row) = (reader.varint32()?, Row(reader.varint32()?));
        let change = match reader.u8()? {
            1 => Change::Labels(reader.varint()?),
            2 => Change::Controller(OrgOrd(reader.varint32()?)),
            3 => {
                let length = reader.varint32()?;
                let patients = (0..length).map(|_| Ok(PatientOrd(reader.varint32()?)));
                Change::Patients(patients.collect::<Result<_, IndexError>>()?)
            }
            _ => return Err(IndexError::Corrupt("a change is of no known kind")),
        };
        out.push((local, RowChange { row, change }));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use accord_access::consent::{ConsentRule, Provision};

    use super::*;

    #[test]
    fn consents_come_back_among_other_facts() {
        let rule = ConsentRule {
            patient: PatientOrd(7),
            id: "c".to_owned(),
            seal: None,
            held: false,
            custodians: vec![OrgOrd(1)],
            key: String::new(),
            supersedes: Some("b".to_owned()),
            given: LogTime(5),
            provisions: vec![Provision::bare(true)],
        };
        let (organization, until) = (OrgOrd(1), LogTime::NEVER);
        let (patient, from) = (PatientOrd(7), LogTime(5));
        let cares = Fact::OrganizationCares { patient, organization, from, until };
        let stated = [(3, cares.clone()), (3, Fact::Consent(Arc::new(rule))), (9, cares)];
        let mut bytes = Vec::new();
        stated.iter().for_each(|(local, fact)| put_fact(&mut bytes, *local, fact));
        assert_eq!(facts(&bytes).unwrap(), stated);
        assert!(facts(&bytes[..bytes.len() - 1]).is_err());
    }
}
