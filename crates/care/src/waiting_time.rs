//! Shares of people who still wait after so many minutes, where some left before they were seen.
//!
//! Who left would have waited longer than they did, and nobody knows for how long. Without them waits
//! look shorter than they are: those who would have waited longest leave. They count among those who
//! wait up to the minute when they left (the product-limit estimate: Kaplan EL, Meier P, J Am Stat
//! Assoc 1958;53:457), as if who goes on waiting stood for who left. Without any, these are shares and
//! nearest ranks as anywhere else.

/// How far a share may be off by the computer's arithmetic.
pub(crate) const SLIP: f64 = 1e-9;

/// A wait: for how many minutes, and whether they were seen then or had left.
pub(crate) type Waited = (u32, bool);

/// How many still wait after so many minutes.
pub(crate) struct WaitingTime {
    /// Each minute at which somebody was seen, in order.
    steps: Vec<Step>,
}

struct Step {
    minutes: u32,
    /// Share of all that waits longer.
    longer: f64,
    /// What each who was seen then stands for: themselves, and their part of who left before.
    weight: f64,
}

impl WaitingTime {
    /// Of these waits, in whatever order.
    pub(crate) fn of(mut waits: Vec<Waited>) -> WaitingTime {
        waits.sort_unstable();
        let (mut steps, mut longer) = (Vec::new(), 1.0);
        let mut there = waits.len();
        // Who left in the same minute as another was seen was still there then.
        for same in waits.chunk_by(|one, other| one.0 == other.0) {
            let seen = same.iter().filter(|(_, seen)| *seen).count();
            if let Some((minutes, _)) = same.first().filter(|_| seen > 0) {
                let weight = longer / there as f64;
                longer *= (there - seen) as f64 / there as f64;
                steps.push(Step { minutes: *minutes, longer, weight });
            }
            there -= same.len();
        }
        WaitingTime { steps }
    }

    /// Share that waits longer than so many minutes.
    pub(crate) fn longer(&self, minutes: u32) -> f64 {
        let until = self.steps.partition_point(|step| step.minutes <= minutes);
        until.checked_sub(1).and_then(|at| self.steps.get(at)).map_or(1.0, |step| step.longer)
    }

    /// The minutes within which so many per cent are seen; `None` if so many left that the waits
    /// known end before.
    pub(crate) fn within(&self, percent: usize) -> Option<u32> {
        let rest = 1.0 - percent as f64 / 100.0;
        self.steps.iter().find(|step| step.longer <= rest + SLIP).map(|step| step.minutes)
    }

    /// What somebody stands for who was seen after so many minutes; all of them together are 1
    /// where the longest wait is of somebody who was seen, and less otherwise.
    pub(crate) fn weight(&self, minutes: u32) -> f64 {
        let at = self.steps.binary_search_by_key(&minutes, |step| step.minutes).ok();
        at.and_then(|at| self.steps.get(at)).map_or(0.0, |step| step.weight)
    }

    /// How likely somebody who left after so many minutes would have been seen from one minute to
    /// another.
    pub(crate) fn chance(&self, left: u32, (from, to): (u32, u32)) -> f64 {
        let before = from.checked_sub(1).map_or(1.0, |before| self.longer(before));
        let (then, still) = (self.longer(to), self.longer(left));
        if still <= SLIP { 0.0 } else { ((before.min(still) - then) / still).max(0.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(waits: &[(u32, char)]) -> WaitingTime {
        WaitingTime::of(waits.iter().map(|(minutes, how)| (*minutes, *how == 's')).collect())
    }

    fn near(one: f64, other: f64) {
        assert!((one - other).abs() < 1e-6, "{one} {other}");
    }

    /// Remissions of leukaemia under 6-mercaptopurine in weeks (Freireich EJ et al., Blood
    /// 1963;21:699): the textbooks' example, with the estimates that they print.
    #[test]
    fn a_known_example() {
        let seen = [6, 6, 6, 7, 10, 13, 16, 22, 23].map(|weeks| (weeks, 's'));
        let left = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map(|weeks| (weeks, 'l'));
        let curve = of(&[seen.as_slice(), left.as_slice()].concat());
        for (weeks, longer) in [
            (5, 1.0),
            (6, 0.857_143),
            (7, 0.806_723),
            (10, 0.752_941),
            (13, 0.690_196),
            (16, 0.627_451),
            (22, 0.537_815),
            (23, 0.448_179),
            (99, 0.448_179),
        ] {
            near(curve.longer(weeks), longer);
        }
        assert_eq!((curve.within(50), curve.within(10)), (Some(23), Some(6)));
        assert_eq!(curve.within(90), None, "nobody knows");
        let weights = [6, 7, 10, 13, 16, 22, 23].map(|at| curve.weight(at));
        near(weights.iter().sum::<f64>() + 2.0 * curve.weight(6), 1.0 - 0.448_179);
    }

    #[test]
    fn without_any_who_left_it_is_what_anybody_counts() {
        for count in 1..60_u32 {
            let curve = WaitingTime::of((0..count).rev().map(|minutes| (minutes, true)).collect());
            for percent in 1..=100_usize {
                let rank = (count as usize * percent).div_ceil(100).max(1);
                assert_eq!(curve.within(percent).map(|minutes| minutes as usize), Some(rank - 1));
            }
            near(curve.weight(count / 2), 1.0 / f64::from(count));
        }
    }

    #[test]
    fn who_left_has_the_chances_of_who_waited_on() {
        let curve = of(&[(10, 's'), (20, 'l'), (30, 's'), (40, 's'), (50, 's')]);
        near(curve.chance(20, (30, 40)), 2.0 / 3.0);
        near(curve.chance(20, (5, 29)), 0.0);
        near(curve.chance(35, (30, 40)), 0.5);
        near(curve.chance(45, (30, 40)), 0.0);
        near(curve.chance(5, (0, 50)), 1.0);
        let nobody = of(&[(10, 'l')]);
        near(nobody.chance(10, (0, 90)), 0.0);
        assert_eq!(nobody.within(1), None);
        assert_eq!(of(&[]).within(50), None);
    }
}
