//! The order of a board, and which way a score goes.

use accord_base::LogTime;

use crate::{Acuity, Targets};

/// Place on a board: the more urgent first, then who has waited longer. Somebody not assessed yet
/// could be anything, and stands behind those known to be very urgent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    rank: u32,
    arrived: LogTime,
}

impl Place {
    /// The place of somebody of this acuity who arrived then.
    pub fn of(acuity: Option<Acuity>, arrived: LogTime, targets: &Targets) -> Place {
        let rank = match acuity {
            Some(acuity) => 2 * u32::from(acuity.level()),
            None => 2 * targets.untriaged_after + 1,
        };
        Place { rank, arrived }
    }
}

/// Which way a score went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trend {
    /// Higher: worse.
    Up,
    /// Lower: better.
    Down,
    /// As before.
    Same,
}

impl Trend {
    /// Its code in answers.
    pub fn code(self) -> &'static str {
        match self {
            Trend::Up => "up",
            Trend::Down => "down",
            Trend::Same => "same",
        }
    }
}

/// Which way a total went; both must be complete and of the same scheme.
pub fn trend(before: u32, now: u32) -> Trend {
    match now.cmp(&before) {
        std::cmp::Ordering::Greater => Trend::Up,
        std::cmp::Ordering::Less => Trend::Down,
        std::cmp::Ordering::Equal => Trend::Same,
    }
}
