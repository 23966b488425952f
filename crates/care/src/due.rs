//! What is due at an attendance, and who is told when it is overdue.

use accord_base::LogTime;

use crate::targets::MINUTE_US;
use crate::{Attendance, Targets, TriageScheme};

/// What has to be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// The first assessment.
    Assessment,
    /// Another look at who waits.
    Retriage,
    /// Observations that the score asks for.
    Observations,
    /// A look by a clinician, as the response to the score asks for.
    Review,
}

impl What {
    /// Its code in answers and tasks.
    pub fn code(self) -> &'static str {
        match self {
            What::Assessment => "assessment",
            What::Retriage => "re-triage",
            What::Observations => "observations",
            What::Review => "review",
        }
    }
}

/// Something due.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Due {
    /// What.
    pub what: What,
    /// When it is, or was, due; of an escalation, when it is made.
    pub at: LogTime,
    /// The role that acts.
    pub who: String,
    /// Whether it is overdue.
    pub overdue: bool,
}

impl Attendance {
    /// What is due next, by whom, as of an instant; `None` if nothing is.
    pub fn due(&self, scheme: &TriageScheme, targets: &Targets, now: LogTime) -> Option<Due> {
        self.pending(scheme, targets, now).into_iter().next()
    }

    /// Everything that is due, the next first: one look at them, and a review.
    pub fn pending(&self, scheme: &TriageScheme, targets: &Targets, now: LogTime) -> Vec<Due> {
        let due = |(what, at, own)| {
            let overdue = now > at;
            let passed = |step: &&(u32, String)| now > after(at, step.0);
            let escalated = targets.escalation.iter().rev().find(passed).filter(|_| overdue);
            Due { what, at, who: escalated.map_or(own, |(_, who)| who.clone()), overdue }
        };
        self.asked(scheme, targets).into_iter().map(due).collect()
    }

    /// Everything that time alone will ask for: of all that is due each escalation of it, in
    /// order, if nothing happens before. What a timer has to be set for.
    pub fn schedule(&self, scheme: &TriageScheme, targets: &Targets) -> Vec<Vec<Due>> {
        let calls = |(what, at, who)| {
            let due = Due { what, at, who, overdue: false };
            let steps = targets.escalation.iter().map(|(minutes, who)| Due {
                what,
                at: after(at, *minutes),
                who: who.clone(),
                overdue: true,
            });
            std::iter::once(due).chain(steps).collect()
        };
        self.asked(scheme, targets).into_iter().map(calls).collect()
    }

    /// What is asked for, until when and of whom; the soonest first.
    fn asked(&self, scheme: &TriageScheme, targets: &Targets) -> Vec<(What, LogTime, String)> {
        if self.ended.is_some() {
            return Vec::new();
        }
        let look = self.look(scheme, targets);
        let look = look.map(|(what, at)| (what, at, targets.owner(what.code()).to_owned()));
        let review = self.review().map(|(at, who)| (What::Review, at, who));
        let mut all: Vec<_> = look.into_iter().chain(review).collect();
        // Of two that are due at once the one that calls somebody else stands first.
        all.sort_by_key(|(what, at, _)| (*at, *what != What::Review));
        all
    }

    /// The next look at them: whichever is asked for first.
    fn look(&self, scheme: &TriageScheme, targets: &Targets) -> Option<(What, LogTime)> {
        let Some(last) = self.assessments.last() else {
            // Who is treated at once is looked at already.
            if self.started.is_some() {
                return None;
            }
            let clock = targets.of(self.arrived).find(|clock| clock.until_assessed)?;
            return Some((What::Assessment, after(self.arrived, clock.minutes)));
        };
        let retriage = scheme.interval(last.acuity).filter(|_| self.started.is_none());
        let retriage =
            retriage.map(|interval| (What::Retriage, after(last.at, interval.retriage_minutes)));
        let observe = self.observe().map(|at| (What::Observations, at));
        retriage.into_iter().chain(observe).min_by_key(|(_, at)| *at)
    }

    /// When observations are due: as the last complete score says, or sooner if one after it does.
    fn observe(&self) -> Option<LogTime> {
        let mut soonest = None;
        for one in self.assessments.iter().rev() {
            let due = one.observe_minutes.map(|minutes| after(one.at, minutes));
            soonest = soonest.into_iter().chain(due).min();
            if one.complete {
                break;
            }
        }
        soonest
    }

    /// When a review is due, and by whom. Scores that ask for one again do not put it off; a
    /// complete one that asks for none ends it, and so does the review.
    fn review(&self) -> Option<(LogTime, String)> {
        let open = self.assessments.iter().rev().take_while(|one| Some(one.at) > self.reviewed);
        let open = open.take_while(|one| !one.complete || one.review.is_some());
        let asks = open.filter_map(|one| {
            let (minutes, who) = one.review.as_ref()?;
            Some((after(one.at, *minutes), who.clone()))
        });
        asks.min_by_key(|(at, _)| *at)
    }
}

/// An instant some minutes later.
pub(crate) fn after(at: LogTime, minutes: u32) -> LogTime {
    at.plus_us(u64::from(minutes) * MINUTE_US)
}
