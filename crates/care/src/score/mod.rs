//! Scores of vital signs: the scheme, its evaluation, and a stored score against its inputs.

mod agree;
mod check;
mod evaluate;
mod load;
mod support;
#[cfg(test)]
mod tests;

use accord_fhir::Decimal;

use crate::bands::Bands;
use crate::reader::Header;
use support::Support;

pub use agree::{Agreement, Stored, agreement};
pub use evaluate::{Asked, NotScored, Part, Score, Total, Triggered};

/// A score: parameters with a table each, levels with the response they ask for, and triggers that
/// raise the level whatever the total.
#[derive(Clone, Debug)]
pub struct ScoreScheme {
    /// What the scheme says of itself.
    pub header: Header,
    /// System of its codes.
    pub system: String,
    /// Code of the total.
    pub code: String,
    /// The highest total.
    pub maximum: u32,
    /// The parameters in their order.
    pub parameters: Vec<Parameter>,
    /// The levels, the least first.
    pub levels: Vec<Level>,
    ages: Ages,
    scales: Vec<u32>,
    triggers: Vec<Trigger>,
}

/// Ages in completed months: from, and up to but not with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Ages {
    pub(crate) from: u32,
    pub(crate) to: Option<u32>,
}

impl Ages {
    pub(crate) fn hold(self, months: u32) -> bool {
        self.from <= months && self.to.is_none_or(|to| months < to)
    }
}

/// A parameter of a score.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// What it is called in the scheme.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// Code of its sub-score, where there is one.
    pub code: Option<String>,
    /// Code of its sub-score on the second scale.
    pub code_scale_2: Option<String>,
    rule: Rule,
}

/// How a parameter is scored.
#[derive(Clone, Debug)]
enum Rule {
    /// By a number, cut into bands.
    Bands { vital: String, step: Decimal, round: bool, tables: Vec<Table> },
    /// By a code.
    Codes { vital: String, scores: Vec<(String, u32)> },
    /// By how much oxygen is given, and how.
    Support(Support),
}

/// Bands for some patients.
#[derive(Clone, Debug)]
struct Table {
    ages: Ages,
    scale: Option<u32>,
    oxygen: Option<bool>,
    bands: Bands,
}

/// A level of a score: how urgent it is and what it asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Level {
    /// What it is called in answers.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// Totals that mean it, both included; `None` for a level that only triggers mean.
    totals: Option<(u32, u32)>,
    /// Within how many minutes observations are repeated; 0: without pause; `None`: not stated.
    pub observe_minutes: Option<u32>,
    /// Within how many minutes who is watched without pause is scored again.
    pub recheck_minutes: Option<u32>,
    /// Within how many minutes it is reviewed; 0: at once.
    pub review_minutes: Option<u32>,
    /// Who responds.
    pub who: String,
    /// The response, for people.
    pub text: String,
}

/// What raises a level whatever the total, or has to be thought of.
#[derive(Clone, Debug)]
struct Trigger {
    id: String,
    title: String,
    on: On,
    /// Place among the levels; `None`: it is said and raises nothing.
    level: Option<usize>,
}

impl Level {
    /// Within how many minutes somebody has to be scored again, watched without pause or not.
    pub fn observed_after(&self) -> Option<u32> {
        self.observe_minutes.filter(|minutes| *minutes > 0).or(self.recheck_minutes)
    }
}

#[derive(Clone, Debug)]
enum On {
    /// A single parameter with this score or more.
    Single(u32),
    /// A number from some value on.
    From(String, Decimal),
    /// A number below some value.
    Below(String, Decimal),
    /// One of some codes.
    Codes(String, Vec<String>),
    /// Somebody says so.
    Concern,
}

impl ScoreScheme {
    /// Whether it is meant for this age, in completed months.
    pub fn is_for(&self, age_months: u32) -> bool {
        self.ages.hold(age_months)
    }

    /// The concerns that somebody may state: id and title.
    pub fn concerns(&self) -> impl Iterator<Item = (&str, &str)> {
        let stated = self.triggers.iter().filter(|trigger| matches!(trigger.on, On::Concern));
        stated.map(|trigger| (&*trigger.id, &*trigger.title))
    }

    /// Whether it has this scale of oxygen saturation.
    pub fn has_scale(&self, scale: u32) -> bool {
        self.scales.contains(&scale)
    }
}
