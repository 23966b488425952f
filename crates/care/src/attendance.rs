//! One attendance as a state machine: what happened, what is due, and who acts next.

use accord_base::LogTime;

use crate::targets::MINUTE_US;
use crate::{Acuity, Running, Targets, TriageScheme};

/// An attendance from arrival to its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attendance {
    arrived: LogTime,
    assessments: Vec<Assessment>,
    started: Option<LogTime>,
    ended: Option<(Disposition, LogTime)>,
}

/// Somebody was looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assessment {
    /// When.
    pub at: LogTime,
    /// How urgent they are.
    pub acuity: Acuity,
    /// Within how many minutes the score asks for observations again; `None` if it does not say,
    /// 0 where they are watched without pause.
    pub observe_minutes: Option<u32>,
    /// Whether that score had all its values. One that had not may ask for observations sooner
    /// than the last complete one, never later.
    pub complete: bool,
}

/// How an attendance ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Disposition {
    /// Went home.
    Home,
    /// Went to a ward.
    Admitted,
    /// Went to another organisation.
    Transferred,
    /// Left before anyone saw them.
    LeftWithoutBeingSeen,
    /// Died.
    Died,
}

impl Disposition {
    /// Every one with its code.
    pub const ALL: [(Disposition, &'static str); 5] = [
        (Disposition::Home, "home"),
        (Disposition::Admitted, "admitted"),
        (Disposition::Transferred, "transferred"),
        (Disposition::LeftWithoutBeingSeen, "left-without-being-seen"),
        (Disposition::Died, "died"),
    ];

    /// Its code.
    pub fn code(self) -> &'static str {
        Disposition::ALL.iter().find(|(own, _)| *own == self).map_or("", |(_, code)| code)
    }

    /// The one with this code.
    pub fn from_code(code: &str) -> Option<Disposition> {
        Disposition::ALL.iter().find(|(_, own)| *own == code).map(|(own, _)| *own)
    }
}

/// What happens to an attendance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// Assessed, for the first time or again.
    Assessed(Assessment),
    /// Treatment began.
    Started(LogTime),
    /// It ended.
    Disposed(Disposition, LogTime),
}

/// Why something cannot happen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotNow {
    /// It is over.
    #[error("the attendance has ended")]
    Ended,
    /// It would be before what happened already.
    #[error("that was before what happened already")]
    Earlier,
    /// Treatment began before.
    #[error("treatment begins once")]
    Start,
}

/// Where somebody is in their attendance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Arrived, and nobody has looked at them.
    AssessmentDue,
    /// Assessed, and waits.
    Waiting,
    /// What was due is overdue.
    Escalated,
    /// Being treated.
    InTreatment,
    /// Over.
    Ended,
}

impl Phase {
    /// Its code in answers.
    pub fn code(self) -> &'static str {
        match self {
            Phase::AssessmentDue => "assessment-due",
            Phase::Waiting => "waiting",
            Phase::Escalated => "escalated",
            Phase::InTreatment => "in-treatment",
            Phase::Ended => "ended",
        }
    }
}

/// What has to be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// The first assessment.
    Assessment,
    /// Another look at who waits.
    Retriage,
    /// Observations that the score asks for.
    Observations,
}

impl What {
    /// Its code in answers and tasks.
    pub fn code(self) -> &'static str {
        match self {
            What::Assessment => "assessment",
            What::Retriage => "re-triage",
            What::Observations => "observations",
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
    /// One that begins.
    pub fn arrived(at: LogTime) -> Attendance {
        Attendance { arrived: at, assessments: Vec::new(), started: None, ended: None }
    }

    /// The attendance after something happened.
    ///
    /// # Errors
    /// If it cannot happen now.
    pub fn then(mut self, event: Event) -> Result<Attendance, NotNow> {
        if self.ended.is_some() {
            return Err(NotNow::Ended);
        }
        let seen = self.assessments.last().map_or(self.arrived, |last| last.at);
        let at = match &event {
            Event::Assessed(assessment) => assessment.at,
            Event::Started(at) | Event::Disposed(_, at) => *at,
        };
        if at < seen || self.started.is_some_and(|started| at < started) {
            return Err(NotNow::Earlier);
        }
        match event {
            Event::Assessed(assessment) => self.assessments.push(assessment),
            Event::Started(_) if self.started.is_some() => return Err(NotNow::Start),
            Event::Started(at) => self.started = Some(at),
            Event::Disposed(disposition, at) => self.ended = Some((disposition, at)),
        }
        Ok(self)
    }

    /// When they arrived.
    pub fn arrived_at(&self) -> LogTime {
        self.arrived
    }

    /// When they were first assessed.
    pub fn assessed_at(&self) -> Option<LogTime> {
        self.assessments.first().map(|first| first.at)
    }

    /// The acuity of the first assessment, which nothing changes.
    pub fn initial_acuity(&self) -> Option<Acuity> {
        self.assessments.first().map(|first| first.acuity)
    }

    /// The acuity now, and since when.
    pub fn acuity(&self) -> Option<(Acuity, LogTime)> {
        let last = self.assessments.last()?;
        let same = self.assessments.iter().rev().take_while(|one| one.acuity == last.acuity);
        same.last().map(|first| (first.acuity, first.at))
    }

    /// How and when it ended.
    pub fn ended(&self) -> Option<(Disposition, LogTime)> {
        self.ended
    }

    /// What is due next, by whom, as of an instant; `None` if nothing is.
    pub fn due(&self, scheme: &TriageScheme, targets: &Targets, now: LogTime) -> Option<Due> {
        let (what, at) = self.next(scheme, targets)?;
        let overdue = now > at;
        let passed = |step: &&(u32, String)| now > after(at, step.0);
        let escalated = targets.escalation.iter().rev().find(passed).filter(|_| overdue);
        let who = escalated.map_or_else(|| targets.owner(what.code()), |(_, who)| who);
        Some(Due { what, at, who: who.to_owned(), overdue })
    }

    /// Everything that time alone will ask for, in order: what is due and each escalation of it,
    /// if nothing happens before. What a timer has to be set for.
    pub fn schedule(&self, scheme: &TriageScheme, targets: &Targets) -> Vec<Due> {
        let Some((what, at)) = self.next(scheme, targets) else { return Vec::new() };
        let due = Due { what, at, who: targets.owner(what.code()).to_owned(), overdue: false };
        let steps = targets.escalation.iter().map(|(minutes, who)| Due {
            what,
            at: after(at, *minutes),
            who: who.clone(),
            overdue: true,
        });
        std::iter::once(due).chain(steps).collect()
    }

    fn next(&self, scheme: &TriageScheme, targets: &Targets) -> Option<(What, LogTime)> {
        if self.ended.is_some() {
            return None;
        }
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
            let due = one.observe_minutes.filter(|minutes| *minutes > 0);
            let due = due.map(|minutes| after(one.at, minutes));
            soonest = soonest.into_iter().chain(due).min();
            if one.complete {
                break;
            }
        }
        soonest
    }

    /// Where they are as of an instant.
    pub fn phase(&self, scheme: &TriageScheme, targets: &Targets, now: LogTime) -> Phase {
        let overdue = self.due(scheme, targets, now).is_some_and(|due| due.overdue);
        match self {
            Attendance { ended: Some(_), .. } => Phase::Ended,
            _ if overdue => Phase::Escalated,
            Attendance { started: Some(_), .. } => Phase::InTreatment,
            _ if self.assessments.is_empty() => Phase::AssessmentDue,
            _ => Phase::Waiting,
        }
    }

    /// The clocks that run, as of an instant. One that has stopped says whether it ran out before.
    pub fn clocks(&self, targets: &Targets, now: LogTime) -> Vec<Running> {
        let end = self.ended.map_or(now, |(_, at)| at);
        let running = targets.of(self.arrived).map(|clock| {
            let at = after(self.arrived, clock.minutes);
            let until = self.assessed_at().filter(|_| clock.until_assessed).unwrap_or(end);
            Running { id: clock.id.clone(), at, breached: until > at }
        });
        running.collect()
    }
}

fn after(at: LogTime, minutes: u32) -> LogTime {
    at.plus_us(u64::from(minutes) * MINUTE_US)
}
