//! Forecasts of waits, tried on departments that are simulated: what they promise has to hold for
//! people who came after everything they were made of.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests stop at what they did not expect, and tell how well forecasts did"
)]

use accord_base::{LogTime, Rng, SeededRng};
use accord_care::{Acuity, Forecast, NoForecast, Past, forecast};

const MINUTE_US: u64 = 60_000_000;
const BEGIN: u64 = 1_790_000_000_000_000;

/// Chance from 0 to 1.
fn chance(rng: &SeededRng) -> f64 {
    let mut bytes = [0; 4];
    rng.fill(&mut bytes);
    f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
}

fn exponential(rng: &SeededRng, mean: f64) -> f64 {
    -mean * (1.0 - chance(rng) * 0.999_999).ln()
}

fn acuity(rng: &SeededRng) -> Acuity {
    let drawn = chance(rng);
    let level = [0.02, 0.17, 0.62, 0.92, 1.0].iter().position(|share| drawn <= *share);
    Acuity::new(u32::try_from(level.unwrap_or(4)).unwrap() + 1).unwrap()
}

fn department(seed: u64, people: usize, clinicians: usize, slower: f64) -> Vec<Past> {
    let all = Department { people, clinicians, slower, patience: None }.attended(seed);
    all.into_iter().map(|(past, _)| past).collect()
}

/// A department with so many clinicians: people come as by chance, more of them by day; the most
/// urgent is seen first, then who has waited longest.
struct Department {
    people: usize,
    clinicians: usize,
    /// How much longer treatment takes at the end than in the beginning.
    slower: f64,
    /// After how many minutes on average people leave by themselves, if they do.
    patience: Option<f64>,
}

impl Department {
    /// Its attendances, each with the time when they were called: who had left by then did not hear it.
    fn attended(&self, seed: u64) -> Vec<(Past, LogTime)> {
        let Department { people, clinicians, slower, patience } = *self;
        let rng = SeededRng::new(seed);
        let patience_of = SeededRng::new(seed + 1_000);
        let (mut now, mut coming) = (0.0, Vec::new());
        for _ in 0..people {
            let hour = (now / 60.0) % 24.0;
            let busy = if (9.0..23.0).contains(&hour) { 7.0 } else { 17.0 };
            now += exponential(&rng, busy);
            coming.push((now, acuity(&rng)));
        }
        let mut free = vec![0.0_f64; clinicians];
        let mut waiting: Vec<(f64, Acuity)> = Vec::new();
        let (mut next, mut seen) = (0, Vec::new());
        while seen.len() < people {
            free.sort_by(f64::total_cmp);
            let at = match waiting.is_empty() {
                true => free[0].max(coming[next].0),
                false => free[0],
            };
            while next < people && coming[next].0 <= at {
                waiting.push(coming[next]);
                next += 1;
            }
            let first = (0..waiting.len())
                .min_by(|a, b| {
                    let key = |at: &usize| waiting[*at];
                    key(a).1.cmp(&key(b).1).then(key(a).0.total_cmp(&key(b).0))
                })
                .unwrap();
            let (arrived, acuity) = waiting.remove(first);
            let progress = seen.len() as f64 / people as f64;
            let time = |minutes: f64| LogTime(BEGIN + (minutes * MINUTE_US as f64) as u64);
            let patience = patience.map_or(f64::MAX, |mean| exponential(&patience_of, mean));
            let stays = arrived + patience > at;
            let until = if stays { at } else { arrived + patience };
            free[0] = match stays {
                true => at + 5.0 + exponential(&rng, 27.0) * (1.0 + slower * progress),
                false => at,
            };
            let (arrived, waited_until) = (time(arrived), time(until));
            seen.push((
                Past { arrived, waited_until, seen: stays, acuity: Some(acuity) },
                time(at),
            ));
        }
        seen
    }
}

fn told(past: &[Past]) -> Result<Vec<Forecast>, NoForecast> {
    forecast(past, &[])
}

/// Whoever waits at an instant, as a board would know it then.
fn waiting(all: &[Past], at: LogTime) -> Vec<Option<Acuity>> {
    let here = |one: &&Past| one.arrived < at && one.waited_until > at;
    all.iter().filter(here).map(|one| one.acuity).collect()
}

/// How many forecasts were tried, and how many held, for those who came later to departments like
/// this; `known` is what they are made of. A wait is that until they were called, also of who left.
fn tried(department: &Department, known: impl Fn(&Past) -> bool) -> (u32, u32) {
    let (mut promised, mut held, mut off) = (0, 0, Vec::new());
    for seed in 1..=8 {
        let mut all = department.attended(seed);
        all.sort_by_key(|(one, _)| one.arrived);
        let everybody: Vec<Past> = all.iter().map(|(one, _)| *one).collect();
        let (mut own, mut own_held) = (0, 0);
        for (comes, called) in all.iter().skip(2_000).step_by(10) {
            let ended = everybody.iter().filter(|one| one.waited_until <= comes.arrived);
            let past: Vec<Past> = ended.copied().filter(&known).collect();
            let Ok(told) = forecast(&past, &waiting(&everybody, comes.arrived)) else { continue };
            let Some(told) = told.iter().find(|told| Some(told.acuity) == comes.acuity) else {
                continue;
            };
            let minutes = u32::try_from((called.0 - comes.arrived.0) / MINUTE_US).unwrap();
            own += 1;
            own_held += u32::from((told.from..=told.to).contains(&minutes));
            off.push(minutes.abs_diff((told.from + told.to) / 2));
        }
        println!("department {seed}: {own_held} of {own} within the range of 80 %");
        promised += own;
        held += own_held;
    }
    off.sort_unstable();
    let percent = held * 100 / promised;
    println!("all: {held} of {promised}, {percent} %; median error {} min", off[off.len() / 2]);
    (promised, percent)
}

#[test]
fn what_is_promised_holds_for_those_who_come_later() {
    let department = Department { people: 3_000, clinicians: 5, slower: 0.0, patience: None };
    let (promised, percent) = tried(&department, |_| true);
    assert!(promised > 500, "{promised} promises");
    assert!((70..=95).contains(&percent), "{percent} % of {promised}");
}

#[test]
fn it_holds_where_some_leave_and_would_not_without_them() {
    let department =
        Department { people: 3_000, clinicians: 3, slower: 0.0, patience: Some(180.0) };
    let left = department.attended(1).iter().filter(|(one, _)| !one.seen).count();
    println!("{left} left");
    assert!((150..900).contains(&left), "{left} of 3,000 left");
    let (promised, percent) = tried(&department, |_| true);
    assert!(promised > 500, "{promised} promises");
    assert!((70..=95).contains(&percent), "{percent} % of {promised}");
    let (_, without) = tried(&department, |one| one.seen);
    assert!(without < percent, "{without} % if who left is left out, {percent} % otherwise");
}

#[test]
fn where_nobody_waits_longer_the_longest_waits_are_not_known() {
    // Whoever would wait for more than half an hour, of an hour at most, leaves then.
    let mut all = department(1, 400, 5, 0.0);
    all.sort_by_key(|one| one.arrived);
    for (turn, one) in all.iter_mut().enumerate() {
        let minutes = turn as u64 * 37 % 60;
        one.waited_until = one.arrived.plus_us(minutes.min(30) * MINUTE_US);
        one.seen = minutes <= 30;
        one.acuity = Acuity::new(3);
    }
    assert_eq!(told(&all), Err(NoForecast::Left));
    all.retain(|one| one.seen);
    assert!(told(&all).is_ok_and(|told| told[0].to <= 30), "as if nobody had waited longer");
}

#[test]
fn too_few_are_told_nothing() {
    assert_eq!(told(&[]), Err(NoForecast::Few(0)));
    let few = department(1, 199, 5, 0.0);
    assert_eq!(told(&few), Err(NoForecast::Few(199)));
    assert_eq!(
        NoForecast::Few(199).to_string(),
        "199 attendances tell how long they waited; at least 200 are needed"
    );
    let all = told(&department(1, 1_000, 5, 0.0)).unwrap();
    assert!(all.iter().all(|told| told.acuity.level() != 1), "one in fifty has acuity 1");
    assert!(all.iter().all(|told| told.attendances >= 50 && told.from <= told.to));
    assert!(all.iter().all(|told| (70..=95).contains(&told.coverage_percent)));
}

#[test]
fn a_department_that_got_slower_is_told_nothing_of() {
    let mut all = department(3, 600, 5, 0.0);
    all.sort_by_key(|one| one.arrived);
    for late in &mut all[420..] {
        late.waited_until = late.waited_until.plus_us(400 * MINUTE_US);
    }
    assert_eq!(told(&all), Err(NoForecast::Drift));
}

#[test]
fn nonsense_is_left_out_and_breaks_nothing() {
    let mut all = department(5, 400, 5, 0.0);
    let one = all[0];
    all.push(Past { waited_until: LogTime(0), ..one });
    all.push(Past { waited_until: LogTime(u64::MAX), ..one });
    all.push(Past { arrived: LogTime(u64::MAX), waited_until: LogTime(u64::MAX), ..one });
    let ends = told(&all).map(|told| told.iter().map(|one| one.to).max());
    assert!(ends.is_ok_and(|to| to.is_some_and(|to| to <= 24 * 60)));
    let shuffled: Vec<Past> = all.iter().rev().copied().collect();
    assert_eq!(told(&shuffled), told(&all), "in whatever order they are found");
}

#[test]
fn who_waits_for_more_than_a_day_makes_the_range_no_shorter() {
    let mut all = department(9, 400, 5, 0.0);
    all.iter_mut().step_by(13).for_each(|one| {
        one.waited_until = one.arrived.plus_us(30 * 3_600 * LogTime::SECOND_US);
    });
    let without: Vec<Past> = all
        .iter()
        .filter(|one| one.waited_until.0 - one.arrived.0 < 24 * 3_600 * LogTime::SECOND_US)
        .copied()
        .collect();
    assert!(without.len() < all.len());
    let longest =
        |all: &[Past]| forecast(all, &[]).unwrap().iter().map(|one| one.to).max().unwrap();
    assert!(longest(&all) > longest(&without), "they wait longest, for how long does not count");
}
