//! A number's axis cut into bands, each with a score.

use accord_fhir::Decimal;

use crate::SchemeError;
use crate::number::{places, plus, rounded};
use crate::reader::Reader;

/// Bands that cover their axis: in order, without gap or overlap at the step of the axis.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Bands(Vec<Band>);

/// From and to, both included, as published; open at the ends of the axis.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Band {
    from: Option<Decimal>,
    to: Option<Decimal>,
    score: u32,
}

impl Bands {
    /// Reads and checks a list of bands on an axis of this step.
    pub(crate) fn load(list: &Reader<'_>, step: Decimal) -> Result<Bands, SchemeError> {
        let items = list.items()?;
        let mut bands: Vec<Band> = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let band = Band::load(item, step)?;
            match (bands.last(), band.from) {
                (None, None) => {}
                (None, Some(_)) => return Err(item.wrong("the first band has no `from`")),
                (Some(_), None) => return Err(item.wrong("`from` is missing")),
                (Some(before), Some(from)) => {
                    let next = before.to.and_then(|to| plus(to, step));
                    if next != Some(from) {
                        return Err(item.wrong("there is a gap or an overlap with the band before"));
                    }
                }
            }
            let last = at + 1 == items.len();
            if last != band.to.is_none() {
                let text = if last { "the last band has no `to`" } else { "`to` is missing" };
                return Err(item.wrong(text));
            }
            bands.push(band);
        }
        Ok(Bands(bands))
    }

    /// The score of a value. One between two bands (2.5 s between "to 2" and "from 3") has the
    /// higher of their scores.
    pub(crate) fn score(&self, value: Decimal) -> u32 {
        let above = |band: &&Band| band.from.is_none_or(|from| from <= value);
        let below = |band: &&Band| band.to.is_none_or(|to| to >= value);
        let lower = self.0.iter().rev().find(above);
        let upper = self.0.iter().find(below);
        lower.into_iter().chain(upper).map(|band| band.score).max().unwrap_or_default()
    }

    /// The highest score there is.
    pub(crate) fn most(&self) -> u32 {
        self.0.iter().map(|band| band.score).max().unwrap_or_default()
    }

    /// Every published edge.
    #[cfg(test)]
    pub(crate) fn edges(&self) -> Vec<Decimal> {
        self.0.iter().flat_map(|band| [band.from, band.to]).flatten().collect()
    }
}

impl Band {
    fn load(item: &Reader<'_>, step: Decimal) -> Result<Band, SchemeError> {
        item.only(&["from", "to", "score"])?;
        let end = |name| {
            let Some(end) = item.optional(name) else { return Ok(None) };
            let number = end.number()?;
            let fits = places(step).is_some_and(|places| rounded(number, places) == number);
            if fits { Ok(Some(number)) } else { Err(end.wrong("finer than the step of its axis")) }
        };
        let (from, to) = (end("from")?, end("to")?);
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            return Err(item.wrong("the band ends before it begins"));
        }
        Ok(Band { from, to, score: item.member("score")?.count()? })
    }
}
