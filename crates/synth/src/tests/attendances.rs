//! Attendances that ended.

use std::collections::{HashMap, HashSet};

use accord_base::LogTime;

use super::references::seconds;
use super::{Entry, parse};
use crate::{Attendances, Population};

fn attended(patients: &[String], count: u32, seed: u64) -> Vec<Entry> {
    let made = Attendances { patients, count, seed, until: Population::DEFAULT_UNTIL };
    let made = made.transactions();
    made.iter().flat_map(|one| parse(one.controller, one.entries, &one.body)).collect()
}

/// When an attendance was in a state, in seconds: from, to.
fn state(entry: &Entry, name: &str) -> Option<(i64, i64)> {
    let states = entry.resource["statusHistory"].as_array().unwrap();
    let one = states.iter().find(|one| one["status"] == name)?;
    let at = |end: &str| seconds(one["period"][end].as_str().unwrap());
    Some((at("start"), at("end")))
}

#[test]
fn they_wait_by_urgency_and_hour_and_some_leave() {
    let patients: Vec<String> = (0..40).map(|at| format!("p{at}")).collect();
    let all = attended(&patients, 600, 2026);
    assert_eq!(all.len(), 600);
    let (mut waits, mut left) = (HashMap::<(String, bool), Vec<i64>>::new(), 0);
    let now = Population::DEFAULT_UNTIL.seconds() as i64;
    for one in &all {
        let (begin, end) = (seconds(one.text("/period/start")), seconds(one.text("/period/end")));
        assert!(now - 60 * 86_400 < begin && begin < end && end < now, "{}", one.url);
        let (arrived, triaged) = (state(one, "arrived").unwrap(), state(one, "triaged").unwrap());
        assert_eq!((arrived.0, arrived.1), (begin, triaged.0));
        let how = one.text("/hospitalization/dischargeDisposition/coding/0/code");
        let Some((seen, until)) = state(one, "in-progress") else {
            assert_eq!((how, triaged.1), ("left-without-being-seen", end));
            left += 1;
            continue;
        };
        assert!(how != "left-without-being-seen" && triaged.1 == seen && until == end);
        let title = one.text("/priority/coding/0/display").to_owned();
        let evening = (16..22).contains(&(begin.rem_euclid(86_400) / 3_600));
        waits.entry((title, evening)).or_default().push(seen - begin);
    }
    assert!((15..90).contains(&left), "{left} of 600 left");
    let mean = |title: &str, evening: bool| {
        let own = &waits[&(title.to_owned(), evening)];
        own.iter().sum::<i64>() / 60 / own.len() as i64
    };
    for evening in [false, true] {
        assert!(mean("Very urgent", evening) < mean("Urgent", evening) / 2);
        assert!(mean("Urgent", evening) < mean("Standard", evening));
    }
    assert!(mean("Urgent", true) > mean("Urgent", false) + 10);
    let once: HashSet<(&str, &str)> =
        all.iter().map(|one| (one.patient(), one.text("/period/start"))).collect();
    assert!(once.len() == 600 && once.iter().all(|(who, _)| who.starts_with("Patient/p")));
}

#[test]
fn equal_parameters_give_equal_bytes() {
    let patients = ["a", "b", "c"].map(str::to_owned);
    let of = |seed, count| {
        let until = Population::DEFAULT_UNTIL;
        Attendances { patients: &patients, count, seed, until }.transactions()
    };
    assert_eq!(of(1, 300), of(1, 300));
    assert_ne!(of(1, 300), of(2, 300));
    assert!(of(1, 0).is_empty());
    let nobody = Attendances { patients: &[], count: 9, seed: 1, until: LogTime(0) };
    assert!(nobody.transactions().is_empty());
}
