//! How long somebody who comes now waits until they are seen: from the attendances before, and only
//! as far as it held on newer ones.
//!
//! For each acuity the range is from the 10th to the 90th percentile of the waits before, of those
//! who found about as many people ahead of them where that helps. Whether it holds is tried on the
//! newest attendances, which had no part in it: ranges that held too few or too many of them are
//! not told. Who left before they were seen counts as somebody whose wait was longer than that
//! (`waiting_time.rs`). Sources: conditional quantiles by triage category and queue, Sun Y et al., Ann Emerg
//! Med 2012;60:299; calibration on a later period as in Emerg Med J 2022;39:386. The limits are our
//! own.

use std::collections::HashMap;

use accord_base::LogTime;

use crate::Acuity;
use crate::queue::{Wait, ahead_of, seen, waits};
use crate::waiting_time::{SLIP, WaitingTime};

/// Fewest attendances that were seen.
const FEWEST: usize = 200;
/// Fewest of an acuity, seen, that a range is made of, and that it is tried on.
const FEWEST_OF_ACUITY: (usize, usize) = (30, 20);
/// Fewest of those with about the same queue.
const FEWEST_ALIKE: usize = 30;
/// Share of the attendances that a range is tried on, the newest, in per cent.
const HELD_OUT_PERCENT: usize = 30;
/// Ends of the range, in per cent.
const RANGE: (usize, usize) = (10, 90);
/// Per cent of the held-out attendances that are in a range that holds.
const HOLDS: std::ops::RangeInclusive<u32> = 70..=95;
/// The queue is looked at where that makes the loss less by a twentieth.
const HELPS: f64 = 0.95;
/// An attendance whose wait is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Past {
    /// When they arrived.
    pub arrived: LogTime,
    /// When treatment began, or when they left before that.
    pub waited_until: LogTime,
    /// Whether they were seen; they left otherwise.
    pub seen: bool,
    /// The acuity that they waited with; `None` for who left, or was seen, without one. They have no
    /// wait to tell of, but others waited behind them.
    pub acuity: Option<Acuity>,
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
    /// How many of those were in the range, in per cent: of who left, as many as likely would have
    /// been.
    pub coverage_percent: u32,
    /// Attendances of this acuity.
    pub attendances: u32,
    /// How many of them left before they were seen, in per cent.
    pub left_percent: u32,
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
    /// Where the upper end of a range would be, nobody was left to be seen.
    #[error("so many left before they were seen that the longest waits are not known")]
    Left,
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
    if seen(&waits) < FEWEST {
        return Err(NoForecast::Few(seen(&waits)));
    }
    let cut = waits.len() * (100 - HELD_OUT_PERCENT) / 100;
    let (earlier, newest) = waits.split_at(cut);
    let (mut told, mut why) = (Vec::new(), NoForecast::FewOfEach);
    for acuity in (1..=5).filter_map(Acuity::new) {
        let of = |all: &[Wait]| -> Vec<Wait> {
            all.iter().copied().filter(|wait| wait.acuity == acuity).collect()
        };
        let ahead = ahead_of(acuity, waiting.iter().copied());
        match of_acuity(acuity, &of(earlier), &of(newest), ahead) {
            Ok(one) => told.push(one),
            Err(NoForecast::FewOfEach) => {}
            Err(NoForecast::Left) if why == NoForecast::Drift => {}
            Err(other) => why = other,
        }
    }
    if told.is_empty() { Err(why) } else { Ok(told) }
}

/// What is to be expected of one acuity, for who finds so many ahead.
fn of_acuity(
    acuity: Acuity,
    earlier: &[Wait],
    newest: &[Wait],
    ahead: usize,
) -> Result<Forecast, NoForecast> {
    let (made_of, tried_on) = FEWEST_OF_ACUITY;
    if seen(earlier) < made_of || seen(newest) < tried_on {
        return Err(NoForecast::FewOfEach);
    }
    let by_queue = queue_helps(earlier);
    let trial = Model { waits: earlier, by_queue }.tried_on(newest).ok_or(NoForecast::Left)?;
    if !HOLDS.contains(&trial.coverage_percent) {
        return Err(NoForecast::Drift);
    }
    let all = [earlier, newest].concat();
    let range = Model { waits: &all, by_queue }.range(ahead).ok_or(NoForecast::Left)?;
    let left = (all.len() - seen(&all)) * 100;
    Ok(Forecast {
        acuity,
        from: range.from,
        to: range.to,
        typical_error: trial.typical_error,
        coverage_percent: trial.coverage_percent,
        attendances: u32::try_from(all.len()).unwrap_or(u32::MAX),
        left_percent: u32::try_from((left + all.len() / 2) / all.len()).unwrap_or(100),
        until: all.last().map_or(LogTime(0), |last| last.arrived),
    })
}

/// Waits of one acuity as a forecast.
struct Model<'a> {
    waits: &'a [Wait],
    by_queue: bool,
}

/// Low end, middle and high end in minutes.
#[derive(Clone, Copy)]
struct Range {
    from: u32,
    middle: u32,
    to: u32,
}

struct Trial {
    coverage_percent: u32,
    typical_error: u32,
    loss: f64,
}

impl Model<'_> {
    /// The range for somebody who finds so many ahead; `None` if so many left that it has no end.
    fn range(&self, ahead: usize) -> Option<Range> {
        let alike = |wait: &Wait| (wait.ahead.abs_diff(ahead), (wait.minutes, wait.seen));
        let mut alike: Vec<_> = self.waits.iter().map(alike).collect();
        if self.by_queue {
            // Those whose queue was nearest to this one: a third of all, and all who are as near.
            alike.sort_unstable();
            let nearest = (alike.len() / 3).max(FEWEST_ALIKE).min(alike.len());
            let last = alike.get(nearest.saturating_sub(1)).map_or(0, |(distance, _)| *distance);
            alike.retain(|(distance, _)| *distance <= last);
        }
        let waits = WaitingTime::of(alike.into_iter().map(|(_, waited)| waited).collect());
        let (from, middle) = (waits.within(RANGE.0)?, waits.within(50)?);
        Some(Range { from, middle, to: waits.within(RANGE.1)? })
    }

    /// How good ranges are for newer attendances; `None` if there is one without an end. Who left
    /// would have been in the range as likely as those who went on waiting, and never if they left
    /// after its end; what they would have waited stands for with those who did.
    fn tried_on(&self, newest: &[Wait]) -> Option<Trial> {
        let waits = WaitingTime::of(newest.iter().map(|wait| (wait.minutes, wait.seen)).collect());
        let (mut within, mut errors, mut loss) = (0.0, Vec::new(), 0.0);
        let mut known = HashMap::new();
        for wait in newest {
            let range = known.entry(wait.ahead).or_insert_with(|| self.range(wait.ahead));
            let Range { from, middle, to } = (*range)?;
            if !wait.seen {
                within += waits.chance(wait.minutes, (from, to));
                continue;
            }
            within += f64::from(u8::from((from..=to).contains(&wait.minutes)));
            let weight = waits.weight(wait.minutes);
            errors.push((wait.minutes.abs_diff(middle), weight));
            let ends = pinball(wait.minutes, from, RANGE.0) + pinball(wait.minutes, to, RANGE.1);
            loss += weight * ends as f64;
        }
        let coverage_percent = within * 100.0 / newest.len().max(1) as f64 + SLIP;
        Some(Trial {
            coverage_percent: coverage_percent as u32,
            typical_error: middle_of(errors),
            loss,
        })
    }
}

/// Whether the queue makes the range better, tried within the earlier attendances.
fn queue_helps(earlier: &[Wait]) -> bool {
    let (first, then) = earlier.split_at(earlier.len() * (100 - HELD_OUT_PERCENT) / 100);
    let tried = |by_queue| Model { waits: first, by_queue }.tried_on(then);
    let [with, without] = [true, false].map(|by_queue| tried(by_queue).map(|trial| trial.loss));
    with.zip(without).is_some_and(|(with, without)| with < without * HELPS)
}

/// The value that half of all do not exceed, each with its weight.
fn middle_of(mut all: Vec<(u32, f64)>) -> u32 {
    all.sort_unstable_by_key(|(value, _)| *value);
    let half = all.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0 - SLIP;
    let mut sum = 0.0;
    let middle = all.iter().find(|(_, weight)| {
        sum += weight;
        sum >= half
    });
    middle.map_or(0, |(value, _)| *value)
}

/// The loss of a quantile in hundredths of minutes (Koenker and Bassett 1978).
fn pinball(wait: u32, at: u32, percent: usize) -> u64 {
    let weight = if wait >= at { percent } else { 100 - percent };
    u64::from(wait.abs_diff(at)) * weight as u64
}
