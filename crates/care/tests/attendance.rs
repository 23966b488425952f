//! An attendance from arrival to its end: what is due, who acts, which clocks run, in what order
//! people stand on the board.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at what they did not expect"
)]

use accord_base::LogTime;
use accord_care::{
    Acuity, Assessment, Attendance, Disposition, Due, Event, Library, NotNow, Phase, Place,
    Targets, Trend, TriageScheme, trend,
};
use proptest::prelude::*;

/// 2026-01-01T00:00:00Z.
const START_US: u64 = 1_767_225_600_000_000;

fn at(minutes: u64) -> LogTime {
    LogTime(START_US + minutes * 60_000_000)
}

fn acuity(level: u32) -> Acuity {
    Acuity::new(level).unwrap()
}

fn assessed(minutes: u64, level: u32, observe_minutes: Option<u32>) -> Event {
    let (at, acuity) = (at(minutes), acuity(level));
    Event::Assessed(Assessment { at, acuity, observe_minutes, review: None, complete: true })
}

/// The same with a score that lacks a value, or none.
fn glanced(minutes: u64, level: u32, observe_minutes: Option<u32>) -> Event {
    let (at, acuity) = (at(minutes), acuity(level));
    Event::Assessed(Assessment { at, acuity, observe_minutes, review: None, complete: false })
}

fn rules() -> (&'static TriageScheme, &'static Targets) {
    let library = Library::built_in().unwrap();
    (library.triage("ats").unwrap(), library.targets())
}

fn told(due: Option<Due>) -> String {
    due.map_or("nothing".into(), |due| {
        let minutes = (due.at.0 - START_US) / 60_000_000;
        let late = if due.overdue { " overdue" } else { "" };
        format!("{} at {minutes} by {}{late}", due.what.code(), due.who)
    })
}

#[test]
fn what_is_due_follows_what_happened() {
    let (scheme, targets) = rules();
    let due = |attendance: &Attendance, now| told(attendance.due(scheme, targets, at(now)));
    let phase = |attendance: &Attendance, now| attendance.phase(scheme, targets, at(now));
    let waiting = Attendance::arrived(at(0));
    assert_eq!(due(&waiting, 5), "assessment at 15 by triage-nurse");
    assert_eq!(phase(&waiting, 15), Phase::AssessmentDue);
    assert_eq!(due(&waiting, 16), "assessment at 15 by nurse-in-charge overdue");
    assert_eq!(due(&waiting, 31), "assessment at 15 by emergency-physician-in-charge overdue");
    assert_eq!(phase(&waiting, 16), Phase::Escalated);
    let triaged = waiting.then(assessed(10, 3, Some(360))).unwrap();
    assert_eq!(due(&triaged, 11), "re-triage at 70 by triage-nurse");
    assert_eq!(phase(&triaged, 70), Phase::Waiting);
    assert_eq!(phase(&triaged, 71), Phase::Escalated);
    let worse = triaged.then(assessed(60, 2, Some(60))).unwrap();
    assert_eq!(due(&worse, 61), "re-triage at 75 by triage-nurse");
    assert_eq!(worse.acuity(), Some((acuity(2), at(60))));
    let same = worse.then(assessed(70, 2, None)).unwrap();
    assert_eq!(same.acuity(), Some((acuity(2), at(60))), "since it was 2");
    let treated = same.then(Event::Started(at(80))).unwrap();
    assert_eq!(due(&treated, 500), "nothing", "no score asks for anything");
    let observed = treated.then(assessed(90, 2, Some(30))).unwrap();
    assert_eq!(due(&observed, 91), "observations at 120 by registered-nurse");
    assert_eq!(phase(&observed, 91), Phase::InTreatment);
    let gone = observed.then(Event::Disposed(Disposition::Admitted, at(200))).unwrap();
    assert_eq!(due(&gone, 900), "nothing");
    assert_eq!(phase(&gone, 900), Phase::Ended);
    assert_eq!(gone.ended(), Some((Disposition::Admitted, at(200))));
    assert!(gone.schedule(scheme, targets).is_empty());
}

#[test]
fn nothing_happens_out_of_order() {
    let arrived = Attendance::arrived(at(10));
    assert_eq!(arrived.clone().then(assessed(9, 3, None)), Err(NotNow::Earlier));
    let treated = arrived.clone().then(Event::Started(at(20))).unwrap();
    assert_eq!(treated.clone().then(Event::Started(at(21))), Err(NotNow::Start));
    let (scheme, targets) = rules();
    assert_eq!(treated.due(scheme, targets, at(90)), None, "who is treated at once is seen");
    assert_eq!(treated.phase(scheme, targets, at(90)), Phase::InTreatment);
    let left = arrived.then(Event::Disposed(Disposition::LeftWithoutBeingSeen, at(20))).unwrap();
    assert_eq!(left.then(assessed(30, 3, None)), Err(NotNow::Ended));
    for (disposition, code) in Disposition::ALL {
        assert_eq!(Disposition::from_code(code), Some(disposition));
    }
}

#[test]
fn timers_are_told_ahead() {
    let (scheme, targets) = rules();
    let ahead = Attendance::arrived(at(0)).schedule(scheme, targets);
    let told: Vec<_> = ahead.into_iter().flatten().map(|due| told(Some(due))).collect();
    let expected = [
        "assessment at 15 by triage-nurse",
        "assessment at 15 by nurse-in-charge overdue",
        "assessment at 30 by emergency-physician-in-charge overdue",
    ];
    assert_eq!(told, expected);
}

#[test]
fn clocks_stop_and_say_whether_they_ran_out() {
    let (_, targets) = rules();
    let clocks = |attendance: &Attendance, now| {
        let clocks = attendance.clocks(targets, at(now)).into_iter();
        clocks.filter(|clock| clock.breached).map(|clock| clock.id).collect::<Vec<_>>().join(" ")
    };
    let arrived = Attendance::arrived(at(0));
    assert_eq!(clocks(&arrived, 15), "");
    assert_eq!(clocks(&arrived, 16), "assessment");
    let seen = arrived.then(assessed(15, 3, None)).unwrap();
    assert_eq!(clocks(&seen, 60), "");
    assert_eq!(clocks(&seen, 241), "1h 4h");
    assert_eq!(clocks(&seen, 721), "1h 4h 12h");
    let gone = seen.then(Event::Disposed(Disposition::Home, at(239))).unwrap();
    assert_eq!(clocks(&gone, 10_000), "1h");
}

#[test]
fn targets_are_those_of_the_day_of_arrival() {
    let targets = Library::built_in().unwrap().targets();
    let share = |arrived| targets.of(arrived).find(|clock| clock.id == "4h").map(|c| c.percent);
    assert_eq!(share(at(0)), Some(Some(78)));
    assert_eq!(share(at(89 * 1440 + 1439)), Some(Some(78)), "2026-03-31");
    assert_eq!(
        share(at(90 * 1440)),
        Some(None),
        "2026-04-01: a share to be confirmed counts for nothing"
    );
}

#[test]
fn trends() {
    assert_eq!([trend(3, 5), trend(5, 3), trend(5, 5)], [Trend::Up, Trend::Down, Trend::Same]);
}

proptest! {
    /// The more urgent first, then who waits longer; who is not assessed behind 2, before 3.
    #[test]
    fn the_order_of_a_board(a in 0u32..6, b in 0u32..6, first in 0u64..600, second in 0u64..600) {
        let (_, targets) = rules();
        let place = |level, arrived| Place::of(Acuity::new(level), at(arrived), targets);
        let rank = |level| if level == 0 { 25 } else { level * 10 };
        let expected = (rank(a), first).cmp(&(rank(b), second));
        prop_assert_eq!(place(a, first).cmp(&place(b, second)), expected);
    }
}

#[test]
fn what_is_incomplete_silences_nothing() {
    let (scheme, targets) = rules();
    let seen = Attendance::arrived(at(0)).then(assessed(10, 3, Some(60))).unwrap();
    let seen = seen.then(Event::Started(at(15))).unwrap();
    let due = |attendance: &Attendance| told(attendance.due(scheme, targets, at(20)));
    let hourly = due(&seen);
    for minutes in [None, Some(360)] {
        let after = seen.clone().then(glanced(20, 3, minutes)).unwrap();
        assert_eq!(due(&after), hourly, "neither ended nor put off: {minutes:?}");
    }
    let sooner = seen.clone().then(glanced(20, 3, Some(30))).unwrap();
    assert_ne!(due(&sooner), hourly, "but sooner");
    let anew = seen.then(assessed(20, 3, Some(360))).unwrap();
    assert_ne!(due(&anew), hourly, "a complete one begins anew");
}
