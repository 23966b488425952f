//! How long somebody who comes now waits until they are seen: from the attendances before, and only
//! as far as it held on newer ones.
//!
//! For each acuity the range is from the 10th to the 90th percentile of the waits before, of those
//! who found about as many people ahead of them where that helps. Whether it holds is tried on the
//! newest attendances, which had no part in it: ranges that held too few or too many of them are
//! not told. Sources: conditional quantiles by triage category and queue, Sun Y et al., Ann Emerg
//! Med 2012;60:299; calibration on a later period as in Emerg Med J 2022;39:386. The limits are our
//! own.

use std::collections::HashMap;

use accord_base::LogTime;

use crate::Acuity;
use crate::targets::MINUTE_US;

/// Fewest attendances.
const FEWEST: usize = 200;
/// Fewest of an acuity that a range is made of, and that it is tried on.
const FEWEST_OF_ACUITY: (usize, usize) = (30, 20);
/// Fewest of those with about the same queue.
const FEWEST_ALIKE: usize = 30;
/// Share of the attendances that a range is tried on, the newest, in per cent.
const HELD_OUT_PERCENT: usize = 30;
/// Ends of the range, in per cent.
const RANGE: (usize, usize) = (10, 90);
/// Per cent of the held-out attendances that are in a range that holds.
const HOLDS: std::ops::RangeInclusive<usize> = 70..=95;
/// The queue is looked at where that makes the loss less by a twentieth.
const HELPS: (u64, u64) = (95, 100);
/// Longest wait that is believed, in minutes.
const LONGEST: u32 = 24 * 60;

/// An attendance that was seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Past {
    /// When they arrived.
    pub arrived: LogTime,
    /// When treatment began.
    pub seen: LogTime,
    /// Their acuity.
    pub acuity: Acuity,
}

/// What is to be expected of an acuity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Forecast {
    /// The acuity.
    pub acuity: Acuity,
    /// From so many minutes after arrival.
    pub from: u32,
    /// To so many.
    pub to: u32,
    /// Median of how far the middle of the range was off, on the attendances it was tried on, in
    /// minutes.
    pub typical_error: u32,
    /// How many of those were in the range, in per cent.
    pub coverage_percent: u32,
    /// Attendances of this acuity.
    pub attendances: u32,
    /// When the newest of them arrived.
    pub until: LogTime,
}

/// Why nothing is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoForecast {
    /// Too few attendances.
    #[error("{0} attendances tell how long they waited; at least {FEWEST} are needed")]
    Few(usize),
    /// Too few of every acuity.
    #[error("there are too few attendances of each acuity to try a range on")]
    FewOfEach,
    /// What was, is not what comes.
    #[error("the range of the earlier attendances did not hold for the newest ones")]
    Drift,
}

/// What is to be expected now, for each acuity of which it can be told; `waiting` are those who
/// wait, `None` for who has no acuity yet.
///
/// # Errors
/// Why it can be told of none.
pub fn forecast(past: &[Past], waiting: &[Option<Acuity>]) -> Result<Vec<Forecast>, NoForecast> {
    let waits = waits(past);
    if waits.len() < FEWEST {
        return Err(NoForecast::Few(waits.len()));
    }
    let cut = waits.len() * (100 - HELD_OUT_PERCENT) / 100;
    let (earlier, newest) = waits.split_at(cut);
    let (mut told, mut tried) = (Vec::new(), false);
    for acuity in (1..=5).filter_map(Acuity::new) {
        let of = |all: &[Wait]| -> Vec<Wait> {
            all.iter().copied().filter(|wait| wait.acuity == acuity).collect()
        };
        let (earlier, newest) = (of(earlier), of(newest));
        let (made_of, tried_on) = FEWEST_OF_ACUITY;
        if earlier.len() < made_of || newest.len() < tried_on {
            continue;
        }
        tried = true;
        let by_queue = queue_helps(&earlier);
        let trial = Model { waits: &earlier, by_queue }.tried_on(&newest);
        if !HOLDS.contains(&trial.coverage_percent) {
            continue;
        }
        let all = [earlier, newest].concat();
        let ahead =
            waiting.iter().filter(|other| other.is_none_or(|other| other <= acuity)).count();
        let (from, _, to) = Model { waits: &all, by_queue }.range(ahead);
        told.push(Forecast {
            acuity,
            from,
            to,
            typical_error: trial.typical_error,
            coverage_percent: u32::try_from(trial.coverage_percent).unwrap_or(100),
            attendances: u32::try_from(all.len()).unwrap_or(u32::MAX),
            until: all.last().map_or(LogTime(0), |last| last.arrived),
        });
    }
    match (told.is_empty(), tried) {
        (false, _) => Ok(told),
        (true, true) => Err(NoForecast::Drift),
        (true, false) => Err(NoForecast::FewOfEach),
    }
}

/// A wait, and how many of the same or a more urgent acuity were waiting when it began.
#[derive(Clone, Copy)]
struct Wait {
    arrived: LogTime,
    acuity: Acuity,
    minutes: u32,
    ahead: usize,
}

/// The waits in the order of arrival, without those that nobody believes.
fn waits(past: &[Past]) -> Vec<Wait> {
    let minutes = |one: &Past| {
        let waited = one.seen.0.checked_sub(one.arrived.0)? / MINUTE_US;
        u32::try_from(waited).ok().filter(|minutes| *minutes <= LONGEST)
    };
    let mut all: Vec<(&Past, u32)> =
        past.iter().filter_map(|one| Some((one, minutes(one)?))).collect();
    all.sort_by_key(|(one, _)| (one.arrived, one.seen, one.acuity));
    let (mut waiting, mut waits) = (Vec::<&Past>::new(), Vec::new());
    for (one, minutes) in all {
        waiting.retain(|other| other.seen > one.arrived);
        let ahead = waiting.iter().filter(|other| other.acuity <= one.acuity).count();
        let (arrived, acuity) = (one.arrived, one.acuity);
        waits.push(Wait { arrived, acuity, minutes, ahead });
        waiting.push(one);
    }
    waits
}

/// Waits of one acuity as a forecast.
struct Model<'a> {
    waits: &'a [Wait],
    by_queue: bool,
}

struct Trial {
    coverage_percent: usize,
    typical_error: u32,
    loss: u64,
}

impl Model<'_> {
    /// Low end, middle and high end in minutes, for somebody who finds so many ahead.
    fn range(&self, ahead: usize) -> (u32, u32, u32) {
        let mut alike: Vec<(usize, u32)> =
            self.waits.iter().map(|wait| (wait.ahead.abs_diff(ahead), wait.minutes)).collect();
        if self.by_queue {
            // Those whose queue was nearest to this one: a third of all, and all who are as near.
            alike.sort_unstable();
            let nearest = (alike.len() / 3).max(FEWEST_ALIKE).min(alike.len());
            let last = alike.get(nearest.saturating_sub(1)).map_or(0, |(distance, _)| *distance);
            alike.retain(|(distance, _)| *distance <= last);
        }
        let mut minutes: Vec<u32> = alike.into_iter().map(|(_, minutes)| minutes).collect();
        minutes.sort_unstable();
        let at = |percent| quantile(&minutes, percent);
        (at(RANGE.0), at(50), at(RANGE.1))
    }

    fn tried_on(&self, newest: &[Wait]) -> Trial {
        let (mut within, mut errors, mut loss) = (0, Vec::new(), 0);
        let mut known = HashMap::new();
        for wait in newest {
            let range = known.entry(wait.ahead).or_insert_with(|| self.range(wait.ahead));
            let (from, middle, to) = *range;
            within += usize::from((from..=to).contains(&wait.minutes));
            errors.push(wait.minutes.abs_diff(middle));
            loss += pinball(wait.minutes, from, RANGE.0) + pinball(wait.minutes, to, RANGE.1);
        }
        errors.sort_unstable();
        let coverage_percent = within * 100 / newest.len().max(1);
        Trial { coverage_percent, typical_error: quantile(&errors, 50), loss }
    }
}

/// Whether the queue makes the range better, tried within the earlier attendances.
fn queue_helps(earlier: &[Wait]) -> bool {
    let (first, then) = earlier.split_at(earlier.len() * (100 - HELD_OUT_PERCENT) / 100);
    let loss = |by_queue| Model { waits: first, by_queue }.tried_on(then).loss;
    loss(true) * HELPS.1 < loss(false) * HELPS.0
}

/// The value that so many per cent do not exceed (nearest rank).
fn quantile(sorted: &[u32], percent: usize) -> u32 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(0)
}

/// The loss of a quantile in hundredths of minutes (Koenker and Bassett 1978).
fn pinball(wait: u32, at: u32, percent: usize) -> u64 {
    let weight = if wait >= at { percent } else { 100 - percent };
    u64::from(wait.abs_diff(at)) * weight as u64
}
