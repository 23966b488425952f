//! Waits of the past, and how many were waiting when each began.

use accord_base::LogTime;

use crate::targets::MINUTE_US;
use crate::{Acuity, Past};

/// Waits that are longer count as this, in minutes: how long they really were changes no range.
const LONGEST: u32 = 24 * 60;

/// How many of those who wait are ahead of an acuity: who has none may be as urgent.
pub(crate) fn ahead_of(acuity: Acuity, waiting: impl Iterator<Item = Option<Acuity>>) -> usize {
    waiting.filter(|other| other.is_none_or(|other| other <= acuity)).count()
}

/// A wait, and how many were waiting when it began whose acuity was the same, more urgent or none.
#[derive(Clone, Copy)]
pub(crate) struct Wait {
    pub(crate) arrived: LogTime,
    pub(crate) acuity: Acuity,
    pub(crate) minutes: u32,
    pub(crate) seen: bool,
    pub(crate) ahead: usize,
}

/// How many of them were seen.
pub(crate) fn seen(waits: &[Wait]) -> usize {
    waits.iter().filter(|wait| wait.seen).count()
}

/// The waits in the order of arrival, without those that end before they begin. Who is ahead is
/// counted as of those who wait now.
pub(crate) fn waits(past: &[Past]) -> Vec<Wait> {
    let minutes = |one: &Past| {
        let waited = one.waited_until.0.checked_sub(one.arrived.0)? / MINUTE_US;
        Some(u32::try_from(waited).map_or(LONGEST, |minutes| minutes.min(LONGEST)))
    };
    let mut all: Vec<(&Past, u32)> =
        past.iter().filter_map(|one| Some((one, minutes(one)?))).collect();
    all.sort_by_key(|(one, _)| (one.arrived, one.waited_until, one.acuity));
    let (mut waiting, mut waits) = (Vec::<&Past>::new(), Vec::new());
    for (one, minutes) in all {
        waiting.retain(|other| other.waited_until > one.arrived);
        if let Some(acuity) = one.acuity {
            let ahead = ahead_of(acuity, waiting.iter().map(|other| other.acuity));
            let Past { arrived, seen, .. } = *one;
            waits.push(Wait { arrived, acuity, minutes, seen, ahead });
        }
        waiting.push(one);
    }
    waits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_left_without_an_acuity_was_ahead_of_those_behind_them() {
        let at = |minutes: u64| LogTime(minutes * MINUTE_US);
        let past = |arrived, until, seen, level: Option<u32>| Past {
            arrived: at(arrived),
            waited_until: at(until),
            seen,
            acuity: level.and_then(Acuity::new),
        };
        let all = [
            past(0, 60, false, None),
            past(1, 90, true, Some(4)),
            past(2, 30, true, Some(3)),
            past(61, 90, true, Some(3)),
        ];
        let ahead: Vec<usize> = waits(&all).iter().map(|wait| wait.ahead).collect();
        assert_eq!(ahead, [1, 1, 0], "a wait for each who had an acuity");
    }
}
