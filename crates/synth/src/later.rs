//! What changes after the first telling: amended values, closed encounters, deletions.
//!
//! **Invariant:** changes are drawn from a stream of their own, so the first telling is the same
//! with and without them; nothing that another resource refers to is deleted.

use crate::bundle::{Finished, Outbox, Style};
use crate::draw::Draw;
use crate::moment::{DAY, Moment};
use crate::person::Person;
use crate::resource::condition::{self, Diagnosed};
use crate::resource::encounter::{self, Visit};
use crate::resource::observation::{self, Finding, Observed};
use crate::resource::patient::{self, Registration};

/// The purpose of the streams that draw changes.
const LATER: u64 = 4;

/// The changes of one patient's records at one organisation.
pub(crate) struct Later {
    draw: Draw,
    /// Nothing where changes are not wanted.
    out: Option<Outbox>,
    until: Moment,
}

impl Later {
    /// No changes yet, and none ever unless they are `wanted`.
    pub fn new(seed: u64, index: u32, until: Moment, wanted: bool, limit: usize) -> Later {
        let out = wanted.then(|| Outbox::new(Style::Put, limit));
        Later { draw: Draw::new(seed, LATER, u64::from(index)), out, until }
    }

    /// Takes the bundles of changes so far.
    pub fn finish(&mut self) -> Vec<Finished> {
        self.out.as_mut().map(Outbox::finish).unwrap_or_default()
    }

    /// Two in a hundred Observations are corrected; one in a hundred is deleted unless something
    /// refers to it.
    pub fn observation(&mut self, id: &str, label: &str, first: &Observed<'_>, referred: bool) {
        let Some(out) = &mut self.out else { return };
        let at = self.until.min(first.at.plus(DAY));
        match self.draw.below(100) {
            0..2 => {
                let by = self.draw.between(1, 6);
                let finding = match first.finding {
                    Finding::Value(what, value) => {
                        Finding::Value(what, (value + by).clamp(what.min, what.max))
                    }
                    Finding::Pressure(systolic, diastolic) => {
                        Finding::Pressure(systolic + by, diastolic)
                    }
                    Finding::Smoking(answer) => Finding::Smoking(answer),
                };
                let amended = Observed { finding, status: "corrected", ..*first };
                out.put(("Observation", id), label, at, |j| observation::write(j, &amended));
            }
            2 if !referred => out.delete("Observation", id, at),
            _ => {}
        }
    }

    /// Half of the open encounters end.
    pub fn encounter(&mut self, subject: &str, label: &str, visit: &Visit) {
        let Some(out) = &mut self.out else { return };
        if visit.end.is_none() && self.draw.permille(500) {
            let end = self.until;
            out.put(("Encounter", &visit.id), label, end, |j| {
                encounter::write(j, subject, visit, Some(end));
            });
        }
    }

    /// A third of the conditions that came with an encounter and are not over go away.
    pub fn condition(&mut self, id: &str, label: &str, first: &Diagnosed<'_>) {
        let Some(out) = &mut self.out else { return };
        if !first.problem && first.over.is_none() && self.draw.permille(330) {
            let over = Diagnosed { over: Some(self.until), ..*first };
            out.put(("Condition", id), label, self.until, |j| condition::write(j, &over));
        }
    }

    /// Three in a hundred patients move house.
    pub fn patient(&mut self, person: &Person, first: Registration<'_>) {
        let Some(out) = &mut self.out else { return };
        if self.draw.permille(30) && person.deceased.is_none() {
            let street = format!("{} Newhaven Lane", self.draw.between(1, 90));
            let moved = Registration { moved_to: Some(&street), ..first };
            out.put(("Patient", &person.id), "", self.until, |j| {
                patient::write(j, person, &moved);
            });
        }
    }
}
