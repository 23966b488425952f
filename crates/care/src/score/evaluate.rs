//! A score from what was taken.

use accord_fhir::Decimal;

use super::support::on_oxygen;
use super::{Level, On, Parameter, Rule, ScoreScheme};
use crate::number::{places, rounded};
use crate::{Reading, Value, Vitals};

/// What a score is made of.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Age in completed months.
    pub age_months: u32,
    /// Scale of oxygen saturation: 1, or 2 where somebody switched to it for this patient.
    pub scale: u32,
    /// What was taken. Of several readings of one vital sign, the last counts.
    pub readings: &'a [Reading],
    /// Concerns that somebody stated, by their ids.
    pub concerns: &'a [String],
}

/// A score.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Score {
    /// The total.
    pub total: Total,
    /// Each parameter, in the scheme's order.
    pub parts: Vec<Part>,
    /// Place of the level among the scheme's: the highest of what the total means and what
    /// triggers raise it to. `None` if nothing is known yet that means one.
    pub level: Option<usize>,
    /// Triggers that were set off.
    pub triggers: Vec<Triggered>,
    /// Vital signs whose values are not plausible and not confirmed: they do not count.
    pub to_confirm: Vec<String>,
}

/// A total.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Total {
    /// Of all parameters.
    Complete(u32),
    /// Something is missing: what there is adds up to this.
    Incomplete(u32),
}

impl Total {
    /// The total, if it is complete.
    pub fn complete(self) -> Option<u32> {
        match self {
            Total::Complete(total) => Some(total),
            Total::Incomplete(_) => None,
        }
    }

    /// What the total is at least.
    pub fn at_least(self) -> u32 {
        match self {
            Total::Complete(total) | Total::Incomplete(total) => total,
        }
    }
}

/// A parameter of a score.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// Id of the parameter.
    pub parameter: String,
    /// What people call it.
    pub title: String,
    /// Code of the sub-score, where there is one.
    pub code: Option<String>,
    /// The sub-score; `None` if it is missing.
    pub score: Option<u32>,
    /// The value, for people; empty if it is missing.
    pub value: String,
}

/// A trigger that was set off.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Triggered {
    /// Its id.
    pub id: String,
    /// What it says.
    pub title: String,
    /// Place of the level it asks for at least.
    pub level: Option<usize>,
}

/// Why there is no score.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotScored {
    /// The scheme is for others.
    #[error("`{0}` is not meant for this age")]
    Age(String),
    /// It has no such scale.
    #[error("`{0}` has no scale `{1}` of oxygen saturation")]
    Scale(String, u32),
    /// It has no such trigger.
    #[error("`{0}` knows no concern `{1}`")]
    Concern(String, String),
}

/// The readings that count.
pub(super) struct Taken<'a>(&'a [Reading]);

impl<'a> Taken<'a> {
    pub(super) fn value(&self, vital: &str) -> Option<&'a Value> {
        let of = |reading: &&Reading| reading.vital == vital;
        let last = self.0.iter().rev().find(of)?;
        last.counts().then_some(&last.value)
    }

    pub(super) fn number(&self, vital: &str) -> Option<Decimal> {
        match self.value(vital) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }
}

impl ScoreScheme {
    /// The score of what was taken.
    ///
    /// # Errors
    /// If the scheme is not for this patient or does not know what was stated.
    pub fn score(&self, asked: &Asked<'_>, vitals: &Vitals) -> Result<Score, NotScored> {
        let id = || self.header.id.clone();
        if !self.is_for(asked.age_months) {
            return Err(NotScored::Age(id()));
        }
        if !self.has_scale(asked.scale) {
            return Err(NotScored::Scale(id(), asked.scale));
        }
        let known = |concern: &&String| self.concerns().any(|(own, _)| own == *concern);
        if let Some(concern) = asked.concerns.iter().find(|concern| !known(concern)) {
            return Err(NotScored::Concern(id(), concern.clone()));
        }
        let taken = Taken(asked.readings);
        let part = |parameter: &Parameter| parameter.part(asked, &taken, vitals);
        let parts: Vec<Part> = self.parameters.iter().map(part).collect();
        let sum = parts.iter().filter_map(|part| part.score).sum();
        let missing = parts.iter().any(|part| part.score.is_none());
        let total = if missing { Total::Incomplete(sum) } else { Total::Complete(sum) };
        let triggers = self.triggered(asked, &taken, &parts);
        let by_total = self.levels.iter().position(|level| level.means(total));
        let level = triggers.iter().map(|trigger| trigger.level).fold(by_total, Option::max);
        let to_confirm = unconfirmed(asked.readings);
        Ok(Score { total, parts, level, triggers, to_confirm })
    }

    fn triggered(&self, asked: &Asked<'_>, taken: &Taken<'_>, parts: &[Part]) -> Vec<Triggered> {
        let set_off = self.triggers.iter().filter(|trigger| match &trigger.on {
            On::Single(score) => parts.iter().any(|part| part.score >= Some(*score)),
            On::From(vital, from) => taken.number(vital).is_some_and(|number| number >= *from),
            On::Below(vital, below) => taken.number(vital).is_some_and(|number| number < *below),
            On::Codes(vital, codes) => match taken.value(vital) {
                Some(Value::Code(code)) => codes.contains(code),
                _ => false,
            },
            On::Concern => asked.concerns.contains(&trigger.id),
        });
        let told = |trigger: &super::Trigger| Triggered {
            id: trigger.id.clone(),
            title: trigger.title.clone(),
            level: trigger.level,
        };
        set_off.map(told).collect()
    }
}

/// The vital signs whose last reading awaits confirmation.
fn unconfirmed(readings: &[Reading]) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    for reading in readings {
        open.retain(|vital| *vital != reading.vital);
        if !reading.counts() {
            open.push(reading.vital.clone());
        }
    }
    open
}

impl Level {
    /// Whether a total means this level. An incomplete one means none before it has counted
    /// something: nobody is told that a patient is well by what nobody measured.
    fn means(&self, total: Total) -> bool {
        let sum = match total {
            Total::Complete(sum) => sum,
            Total::Incomplete(0) => return false,
            Total::Incomplete(sum) => sum,
        };
        self.totals.is_some_and(|(from, to)| from <= sum && sum <= to)
    }
}

impl Parameter {
    fn part(&self, asked: &Asked<'_>, taken: &Taken<'_>, vitals: &Vitals) -> Part {
        let score = self.score(asked, taken);
        let shown = |id: &str| Some(vitals.of(id)?.shown(taken.value(id)?));
        let value = match &self.rule {
            Rule::Bands { vital, .. } | Rule::Codes { vital, .. } => shown(vital),
            Rule::Support(_) => {
                let all = ["oxygen-device", "oxygen-flow", "inspired-oxygen"];
                let all: Vec<String> = all.into_iter().filter_map(shown).collect();
                Some(all.join(", "))
            }
        };
        let second = self.code_scale_2.as_ref().filter(|_| asked.scale == 2);
        Part {
            parameter: self.id.clone(),
            title: self.title.clone(),
            code: second.or(self.code.as_ref()).cloned(),
            score,
            value: value.unwrap_or_default(),
        }
    }

    fn score(&self, asked: &Asked<'_>, taken: &Taken<'_>) -> Option<u32> {
        match &self.rule {
            Rule::Bands { vital, step, round, tables } => {
                let number = taken.number(vital)?;
                let number = match places(*step).filter(|_| *round) {
                    Some(places) => rounded(number, places),
                    None => number,
                };
                let oxygen = on_oxygen(taken);
                let table = tables.iter().find(|t| t.is_for(asked.age_months, asked.scale, oxygen));
                Some(table?.bands.score(number))
            }
            Rule::Codes { vital, scores } => match taken.value(vital)? {
                Value::Code(code) => {
                    scores.iter().find(|(own, _)| own == code).map(|(_, score)| *score)
                }
                Value::Number(_) => None,
            },
            Rule::Support(support) => support.score(taken),
        }
    }
}
