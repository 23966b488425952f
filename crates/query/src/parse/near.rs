//! `near` (FHIR R4 location §8.8.6).

use accord_ucum::{Unit, convert, decimal};

use super::fault::{Fault, cut};
use crate::escape::{split, unescape};
use crate::query::Test;
use crate::value::NearValue;

/// How far is near where nobody says: kilometres. The specification leaves it to the server.
const NEAR_KM: &str = "10";

/// Every alternative: `latitude|longitude[|distance[|units]]`.
pub(super) fn near(parts: &[&str]) -> Result<Test, Fault> {
    Ok(Test::Near(parts.iter().map(|part| one(part)).collect::<Result<_, _>>()?))
}

fn one(part: &str) -> Result<NearValue, Fault> {
    let pieces: Vec<String> = split(part, '|').into_iter().map(unescape).collect();
    let piece = |at: usize| pieces.get(at).map(String::as_str).filter(|text| !text.is_empty());
    let (Some(latitude), Some(longitude), false) = (piece(0), piece(1), pieces.len() > 4) else {
        let form = "`latitude|longitude|distance|units`";
        return Err(Fault::value(format!("`{}` is not a place: {form}", cut(part))));
    };
    if latitude.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err(Fault::value(format!("`near` takes no prefix: `{}`", cut(part))));
    }
    Ok(NearValue {
        latitude: degrees("latitude", latitude, 90.0)?,
        longitude: degrees("longitude", longitude, 180.0)?,
        metres: metres(piece(2).unwrap_or(NEAR_KM), piece(3).unwrap_or("km"))?,
        text: part.to_owned(),
    })
}

fn degrees(name: &str, text: &str, most: f64) -> Result<f64, Fault> {
    let number = decimal::read(text).and_then(|_| text.parse::<f64>().ok());
    number.filter(|number| number.abs() <= most).ok_or_else(|| {
        Fault::value(format!("`{}` is no {name}: degrees from -{most} to {most}", cut(text)))
    })
}

/// A distance in any unit of length (UCUM).
fn metres(distance: &str, unit: &str) -> Result<f64, Fault> {
    let no = || Fault::value(format!("`{}` is no distance from 0", cut(distance)));
    let number = decimal::read(distance).ok_or_else(no)?;
    let wrong = || Fault::value(format!("`{}` is not a unit of length (UCUM)", cut(unit)));
    let from = Unit::parse(unit).map_err(|_| wrong())?;
    let metre = Unit::parse("m").map_err(|_| wrong())?;
    let there = convert(&number, &from, &metre).map_err(|_| wrong())?;
    let metres = decimal::show(&there, 17).parse::<f64>().map_err(|_| no())?;
    if metres.is_finite() && metres >= 0.0 { Ok(metres) } else { Err(no()) }
}
