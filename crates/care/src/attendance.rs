//! One attendance as a state machine: what happened, what is due, and who acts next.

use accord_base::LogTime;

use crate::due::after;
use crate::{Acuity, Level, Running, Targets, TriageScheme};

/// An attendance from arrival to its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attendance {
    pub(crate) arrived: LogTime,
    pub(crate) assessments: Vec<Assessment>,
    pub(crate) started: Option<LogTime>,
    /// Up to when a clinician reviewed what asked for it.
    pub(crate) reviewed: Option<LogTime>,
    pub(crate) ended: Option<(Disposition, LogTime)>,
}

/// Somebody was looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assessment {
    /// When.
    pub at: LogTime,
    /// How urgent they are.
    pub acuity: Acuity,
    /// Within how many minutes the score asks for observations again; `None` if it does not say.
    /// Who is watched without pause is looked at again all the same.
    pub observe_minutes: Option<u32>,
    /// Within how many minutes it asks for a review, 0 for at once, and by whom.
    pub review: Option<(u32, String)>,
    /// Whether that score had all its values. One that had not may ask for observations sooner
    /// than the last complete one, never later.
    pub complete: bool,
}

impl Assessment {
    /// One whose score means this level; `None` where no score was made.
    pub fn of(at: LogTime, acuity: Acuity, level: Option<&Level>, complete: bool) -> Assessment {
        let review = level.and_then(|level| Some((level.review_minutes?, level.who.clone())));
        let observe_minutes = level.and_then(Level::observed_after);
        Assessment { at, acuity, observe_minutes, review, complete }
    }
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

impl Attendance {
    /// One that begins.
    pub fn arrived(at: LogTime) -> Attendance {
        Attendance {
            arrived: at,
            assessments: Vec::new(),
            started: None,
            reviewed: None,
            ended: None,
        }
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

    /// The attendance after a clinician reviewed what assessments up to an instant asked for.
    pub fn reviewed(mut self, at: LogTime) -> Attendance {
        self.reviewed = self.reviewed.max(Some(at));
        self
    }

    /// When they arrived.
    pub fn arrived_at(&self) -> LogTime {
        self.arrived
    }

    /// When they were first assessed.
    fn assessed_at(&self) -> Option<LogTime> {
        self.assessments.first().map(|first| first.at)
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
