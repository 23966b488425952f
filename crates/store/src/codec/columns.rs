//! What an effect says in plain: policy columns, new names, facts, changes to earlier rows.

use std::sync::Arc;

use accord_access::consent::{decode, encode};
use accord_access::{Fact, FactParts, RowPolicy};
use accord_base::{ActorOrd, LogTime, NameSpace, OrgOrd, PatientOrd, Row};
use accord_index::{Change, NewName, RowChange, RowEffect};

use crate::StoreError;
use crate::bytes::{Reader, put_text, put_varint, put_zigzag};

const LABELS: u8 = 1;
const CONTROLLER: u8 = 2;
const PATIENTS: u8 = 3;

/// The plain part of an effect.
pub(super) struct Columns {
    pub policy: RowPolicy,
    pub names: Vec<NewName>,
    pub facts: Vec<Fact>,
    pub changes: Vec<RowChange>,
}

pub(super) fn write(effect: &RowEffect, out: &mut Vec<u8>) {
    let policy = &effect.policy;
    put_varint(out, policy.controller.0.into());
    put_varint(out, policy.source.0.into());
    put_list(out, policy.patients.iter().map(|patient| patient.0));
    put_varint(out, policy.labels);
    put_zigzag(out, policy.clinical_day.into());
    put_list(out, policy.authors.iter().map(|author| author.0));
    put_varint(out, effect.names.len() as u64);
    for name in &effect.names {
        out.push(name.space as u8);
        put_varint(out, name.ordinal.into());
        put_text(out, &name.name);
    }
    put_varint(out, effect.facts.len() as u64);
    for fact in &effect.facts {
        put_fact(out, fact);
    }
    write_changes(&effect.changes, out);
}

pub(super) fn write_changes(changes: &[RowChange], out: &mut Vec<u8>) {
    put_varint(out, changes.len() as u64);
    changes.iter().for_each(|change| put_change(out, change));
}

pub(super) fn read_changes(bytes: &[u8]) -> Result<Vec<RowChange>, StoreError> {
    let mut reader = Reader(bytes);
    let changes = many(&mut reader, change)?;
    reader.finish()?;
    Ok(changes)
}

pub(super) fn read(bytes: &[u8]) -> Result<Columns, StoreError> {
    let mut reader = Reader(bytes);
    let controller = OrgOrd(reader.varint32()?);
    let source = OrgOrd(reader.varint32()?);
    let patients = list(&mut reader)?.into_iter().map(PatientOrd).collect();
    let labels = reader.varint()?;
    let clinical_day = i32::try_from(reader.zigzag()?)
        .map_err(|_| StoreError::Damaged("a clinical day is out of range"))?;
    let authors = list(&mut reader)?.into_iter().map(ActorOrd).collect();
    let policy = RowPolicy { controller, source, patients, labels, clinical_day, authors };
    let columns = Columns {
        policy,
        names: many(&mut reader, name)?,
        facts: many(&mut reader, fact)?,
        changes: many(&mut reader, change)?,
    };
    reader.finish()?;
    Ok(columns)
}

fn put_list(out: &mut Vec<u8>, items: impl ExactSizeIterator<Item = u32>) {
    put_varint(out, items.len() as u64);
    items.for_each(|item| put_varint(out, item.into()));
}

fn list(reader: &mut Reader<'_>) -> Result<Vec<u32>, StoreError> {
    many(reader, Reader::varint32)
}

fn many<'a, T>(
    reader: &mut Reader<'a>,
    item: impl Fn(&mut Reader<'a>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let count = reader.count(1)?;
    (0..count).map(|_| item(reader)).collect()
}

fn name(reader: &mut Reader<'_>) -> Result<NewName, StoreError> {
    let space = NameSpace::from_u8(reader.u8()?);
    let space = space.ok_or(StoreError::Damaged("an unknown name space"))?;
    Ok(NewName { space, ordinal: reader.varint32()?, name: reader.text()? })
}

fn put_fact(out: &mut Vec<u8>, fact: &Fact) {
    if let Fact::Consent(consent) = fact {
        out.push(FactParts::CONSENT);
        let bytes = encode(consent);
        put_varint(out, bytes.len() as u64);
        return out.extend_from_slice(&bytes);
    }
    let FactParts { kind, about, other, more, from, until } = fact.parts();
    out.push(kind);
    put_varint(out, about.into());
    if kind != FactParts::CONSENT_DENIES_ALL {
        put_varint(out, other.into());
    }
    if kind >= FactParts::WITH_MORE {
        more.into_iter().for_each(|more| put_varint(out, more));
    }
    // The open end is by far the most frequent instant; moved to 0 it takes one byte.
    put_varint(out, from.0);
    put_varint(out, until.0.wrapping_add(1));
}

fn fact(reader: &mut Reader<'_>) -> Result<Fact, StoreError> {
    let kind = reader.u8()?;
    if kind == FactParts::CONSENT {
        let length = reader.count(1)?;
        let consent = decode(reader.take(length)?);
        let consent = consent.ok_or(StoreError::Damaged("an unknown form of consent"))?;
        return Ok(Fact::Consent(Arc::new(consent)));
    }
    let about = reader.varint32()?;
    let other = if kind == FactParts::CONSENT_DENIES_ALL { 0 } else { reader.varint32()? };
    let with_more = kind >= FactParts::WITH_MORE;
    let more = if with_more { [reader.varint()?, reader.varint()?] } else { [0; 2] };
    let from = LogTime(reader.varint()?);
    let until = LogTime(reader.varint()?.wrapping_sub(1));
    let parts = FactParts { kind, about, other, more, from, until };
    parts.fact().ok_or(StoreError::Damaged("an unknown fact"))
}

fn put_change(out: &mut Vec<u8>, change: &RowChange) {
    put_varint(out, change.row.0.into());
    match &change.change {
        Change::Labels(labels) => {
            out.push(LABELS);
            put_varint(out, *labels);
        }
        Change::Controller(controller) => {
            out.push(CONTROLLER);
            put_varint(out, controller.0.into());
        }
        Change::Patients(patients) => {
            out.push(PATIENTS);
            put_list(out, patients.iter().map(|patient| patient.0));
        }
    }
}

fn change(reader: &mut Reader<'_>) -> Result<RowChange, StoreError> {
    let row = Row(reader.varint32()?);
    let change = match reader.u8()? {
        LABELS => Change::Labels(reader.varint()?),
        CONTROLLER => Change::Controller(OrgOrd(reader.varint32()?)),
        PATIENTS => Change::Patients(list(reader)?.into_iter().map(PatientOrd).collect()),
        _ => return Err(StoreError::Damaged("an unknown change")),
    };
    Ok(RowChange { row, change })
}
