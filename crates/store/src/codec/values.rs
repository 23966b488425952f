//! Search values as bytes, before compression.
//!
//! A count, then for each value: the parameter's number as the zigzag difference to the last one,
//! a kind byte, and the kind's fields. Texts are length-prefixed, UUIDs packed.

use accord_index::{Datum, Value, Values};

use crate::StoreError;
use crate::bytes::{Reader, put_text, put_varint, put_zigzag};

const TOKEN: u8 = 1;
const TOKEN_IN_SYSTEM: u8 = 2;
const REFERENCE: u8 = 3;
const URL: u8 = 4;
const TEXT: u8 = 5;
const URI: u8 = 6;
const DATE: u8 = 7;
const NUMBER: u8 = 8;
const QUANTITY: u8 = 9;
const LABEL: u8 = 10;
const IDENTIFIER: u8 = 11;
const IDENTIFIER_IN_SYSTEM: u8 = 12;
const OF_TYPE: u8 = 13;
const PART: u8 = 14;

/// Microseconds per unit of a date, finest first; the kind's second byte names the coarsest that
/// both ends are whole multiples of.
const UNITS_US: [i64; 4] = [1, 1_000, 1_000_000, 86_400_000_000];
const OPEN_LOW: u8 = 0x10;
const OPEN_HIGH: u8 = 0x20;

const HAS_HIGH: u8 = 1;
const HAS_SYSTEM: u8 = 2;
const HAS_CODE: u8 = 4;
const HAS_UNIT: u8 = 8;
const UNIT_IS_CODE: u8 = 16;

pub(super) fn encode(values: &Values, out: &mut Vec<u8>) {
    put_varint(out, values.0.len() as u64);
    let mut last = 0;
    for value in &values.0 {
        put_zigzag(out, i64::from(value.param) - i64::from(last));
        last = value.param;
        put_datum(out, &value.datum);
    }
}

pub(super) fn decode(bytes: &[u8]) -> Result<Values, StoreError> {
    let mut reader = Reader(bytes);
    let count = reader.count(3)?;
    let mut values = Vec::with_capacity(count);
    let mut last = 0i64;
    for _ in 0..count {
        last = last.wrapping_add(reader.zigzag()?);
        let param = u16::try_from(last);
        let param = param.map_err(|_| StoreError::Damaged("a parameter is out of range"))?;
        let datum = match reader.u8()? {
            PART => part(&mut reader)?,
            kind => datum(kind, &mut reader)?,
        };
        values.push(Value { param, datum });
    }
    reader.finish()?;
    Ok(Values(values))
}

fn put_datum(out: &mut Vec<u8>, datum: &Datum) {
    let mut text = |kind: u8, text: &str| {
        out.push(kind);
        put_text(out, text);
    };
    match datum {
        Datum::Token { system: None, code } => text(TOKEN, code),
        Datum::Token { system: Some(system), code } => {
            text(TOKEN_IN_SYSTEM, system);
            put_text(out, code);
        }
        Datum::Reference { resource_type, id } => {
            out.extend_from_slice(&[REFERENCE, *resource_type]);
            put_text(out, id);
        }
        Datum::Url(url) => text(URL, url),
        Datum::Text(string) => text(TEXT, string),
        Datum::Uri(uri) => text(URI, uri),
        Datum::Label(label) => text(LABEL, label),
        Datum::Identifier { system: None, value } => text(IDENTIFIER, value),
        Datum::Identifier { system: Some(system), value } => {
            text(IDENTIFIER_IN_SYSTEM, system);
            put_text(out, value);
        }
        Datum::OfType { system, code, value } => {
            text(OF_TYPE, system);
            put_text(out, code);
            put_text(out, value);
        }
        Datum::Part { item, component, datum } => {
            out.push(PART);
            put_varint(out, u64::from(*item));
            out.push(*component);
            put_datum(out, datum);
        }
        Datum::Date { low, high } => put_date(out, *low, *high),
        Datum::Number { key } => {
            out.push(NUMBER);
            put_key(out, *key);
        }
        Datum::Quantity { low, high, system, code, unit } => {
            put_quantity(out, (*low, *high), system.as_deref(), code.as_deref(), unit.as_deref());
        }
    }
}

/// A part holds a value of any other kind.
fn part(reader: &mut Reader<'_>) -> Result<Datum, StoreError> {
    const BAD: StoreError = StoreError::Damaged("a part is out of range");
    let item = u32::try_from(reader.varint()?).map_err(|_| BAD)?;
    let component = reader.u8()?;
    let kind = reader.u8()?;
    Ok(Datum::Part { item, component, datum: Box::new(datum(kind, reader)?) })
}

fn datum(kind: u8, reader: &mut Reader<'_>) -> Result<Datum, StoreError> {
    Ok(match kind {
        TOKEN => Datum::Token { system: None, code: reader.text()? },
        TOKEN_IN_SYSTEM => Datum::Token { system: Some(reader.text()?), code: reader.text()? },
        REFERENCE => Datum::Reference { resource_type: reader.u8()?, id: reader.text()? },
        URL => Datum::Url(reader.text()?),
        TEXT => Datum::Text(reader.text()?),
        URI => Datum::Uri(reader.text()?),
        LABEL => Datum::Label(reader.text()?),
        IDENTIFIER => Datum::Identifier { system: None, value: reader.text()? },
        IDENTIFIER_IN_SYSTEM => {
            Datum::Identifier { system: Some(reader.text()?), value: reader.text()? }
        }
        OF_TYPE => {
            let (system, code) = (reader.text()?, reader.text()?);
            Datum::OfType { system, code, value: reader.text()? }
        }
        DATE => date(reader)?,
        NUMBER => Datum::Number { key: key(reader)? },
        QUANTITY => quantity(reader)?,
        _ => return Err(StoreError::Damaged("an unknown kind of value")),
    })
}

/// Low end in units, then the length in units; open ends are flags.
fn put_date(out: &mut Vec<u8>, low: i64, high: i64) {
    let (open_low, open_high) = (low == i64::MIN, high == i64::MAX);
    let start = if open_low { 0 } else { low };
    let end = if open_high { start } else { high };
    let whole = |unit: &(usize, &i64)| start % unit.1 == 0 && end % unit.1 == 0;
    let coarsest = UNITS_US.iter().enumerate().rev().find(whole);
    let (code, unit) = coarsest.map_or((0, 1), |(code, unit)| (code as u8, *unit));
    let flags = if open_low { OPEN_LOW } else { 0 } | if open_high { OPEN_HIGH } else { 0 };
    out.extend_from_slice(&[DATE, code | flags]);
    put_zigzag(out, start / unit);
    put_zigzag(out, (end / unit).wrapping_sub(start / unit));
}

fn date(reader: &mut Reader<'_>) -> Result<Datum, StoreError> {
    const BAD: StoreError = StoreError::Damaged("a date is out of range");
    let head = reader.u8()?;
    let unit = UNITS_US.get(usize::from(head & 0x0f)).filter(|_| head & 0xc0 == 0).ok_or(BAD)?;
    let start = reader.zigzag()?;
    let end = start.wrapping_add(reader.zigzag()?);
    let low = if head & OPEN_LOW != 0 { Some(i64::MIN) } else { start.checked_mul(*unit) };
    let high = if head & OPEN_HIGH != 0 { Some(i64::MAX) } else { end.checked_mul(*unit) };
    Ok(Datum::Date { low: low.ok_or(BAD)?, high: high.ok_or(BAD)? })
}

/// A 128-bit key: how many bytes up to the last that is not 0, and these, high byte first.
fn put_key(out: &mut Vec<u8>, key: u128) {
    let len = 16 - key.trailing_zeros() as usize / 8;
    out.push(len as u8);
    out.extend(key.to_be_bytes().iter().take(len));
}

fn key(reader: &mut Reader<'_>) -> Result<u128, StoreError> {
    let len = usize::from(reader.u8()?);
    let bytes = reader.take(len)?;
    let mut key = [0; 16];
    let head = key.get_mut(..len).ok_or(StoreError::Damaged("a number is too long"))?;
    head.copy_from_slice(bytes);
    Ok(u128::from_be_bytes(key))
}

fn put_quantity(
    out: &mut Vec<u8>,
    (low, high): (u128, u128),
    system: Option<&str>,
    code: Option<&str>,
    unit: Option<&str>,
) {
    let unit_is_code = unit.is_some() && unit == code;
    let flags = if low == high { 0 } else { HAS_HIGH }
        | if system.is_some() { HAS_SYSTEM } else { 0 }
        | if code.is_some() { HAS_CODE } else { 0 }
        | if unit.is_some() && !unit_is_code { HAS_UNIT } else { 0 }
        | if unit_is_code { UNIT_IS_CODE } else { 0 };
    out.extend_from_slice(&[QUANTITY, flags]);
    put_key(out, low);
    if low != high {
        put_key(out, high);
    }
    let unit = unit.filter(|_| !unit_is_code);
    [system, code, unit].into_iter().flatten().for_each(|text| put_text(out, text));
}

fn quantity(reader: &mut Reader<'_>) -> Result<Datum, StoreError> {
    let flags = reader.u8()?;
    if flags & 0xe0 != 0 {
        return Err(StoreError::Damaged("an unknown kind of quantity"));
    }
    let low = key(reader)?;
    let high = if flags & HAS_HIGH != 0 { key(reader)? } else { low };
    let mut text = |flag| if flags & flag != 0 { reader.text().map(Some) } else { Ok(None) };
    let (system, code, unit) = (text(HAS_SYSTEM)?, text(HAS_CODE)?, text(HAS_UNIT)?);
    let unit = if flags & UNIT_IS_CODE != 0 { code.clone() } else { unit };
    Ok(Datum::Quantity { low, high, system, code, unit })
}
