//! The first page: the patient, the Consent, lasting conditions, allergies.

use super::Chart;
use crate::data::{ALLERGIES, Condition};
use crate::moment::{DAY, Day, Moment};
use crate::profile::PRACTICE;
use crate::resource::condition::{self, Diagnosed};
use crate::resource::patient::{self, Registration};
use crate::resource::{allergy, consent};

impl Chart {
    /// What the present organisation writes when it first meets the patient.
    pub(super) fn register(&mut self) {
        if self.organization == self.profile.manager {
            self.patient();
            self.consent();
        } else if self.profile.twice && self.at_hospital() {
            self.second_registration();
        }
        // The practice keeps the problem list; without one, whoever registered the patient does.
        let keeper = if self.profile.knows(PRACTICE) { PRACTICE } else { self.profile.manager };
        if self.organization == keeper {
            for condition in self.profile.conditions.clone() {
                self.problem(condition);
            }
            self.allergies();
        }
    }

    /// When the present organisation first met the patient: some eight years back at most.
    fn met(&self) -> Moment {
        let back = 2920 - i64::from(self.profile.index % 97) * 7;
        let early = Moment(self.end().0 - back * DAY);
        patient::since(&self.profile.person, early)
    }

    fn patient(&mut self) {
        let practitioner =
            if self.organization == PRACTICE { self.clinician() } else { String::new() };
        let registration = Registration {
            manager: self.organization,
            practitioner: &practitioner,
            number: self.profile.index,
            ..Registration::default()
        };
        let (person, at) = (&self.profile.person, self.met());
        self.out.put(("Patient", &person.id), "", at, |j| {
            patient::write(j, person, &registration);
        });
        self.later.patient(person, registration);
    }

    /// The same person under another id, with a visit of their own.
    fn second_registration(&mut self) {
        let first = std::mem::take(&mut self.subject);
        let id = self.draw.id();
        let registration = Registration {
            manager: self.organization,
            same_as: &first,
            number: self.profile.index + 5_000_000,
            ..Registration::default()
        };
        let person = &self.profile.person;
        self.out.put(("Patient", id.as_str()), "", self.end(), |j| {
            patient::write(j, person, &registration);
        });
        self.subject = format!("Patient/{id}");
        self.profile.twice = false;
        let end = self.end().plus(-self.draw.between(20, 400) * DAY);
        if end > self.profile.person.birth.start().plus(DAY) {
            let (visits, prescriptions) = (self.visits.len(), self.prescriptions.len());
            let visit = self.visit("AMB", Some(end), None);
            self.record(visit);
            // Charges and dispensings are of the first registration only.
            self.visits.truncate(visits);
            self.prescriptions.truncate(prescriptions);
        }
        self.subject = first;
    }

    fn consent(&mut self) {
        let Some(choice) = self.profile.consent else { return };
        let at = self.end().plus(-self.draw.between(60, 900) * DAY).max(self.met());
        // One that ran out must have had the time to.
        let withdrawn = self.draw.permille(500) || at.plus(31 * DAY) > self.until;
        let id = self.draw.id();
        let subject = &self.subject;
        self.out.put(("Consent", id.as_str()), "", at, |j| {
            consent::write(j, choice, subject, (at, withdrawn));
        });
    }

    fn problem(&mut self, what: &'static Condition) {
        let asserter = self.clinician();
        let person = &self.profile.person;
        let years = self.draw.between(0, (person.age / 2).max(1));
        let onset = Day(self.end().day().0 - years * 365 - self.draw.between(30, 365));
        let onset = patient::since(person, onset.start());
        let id = self.draw.id();
        let diagnosed = Diagnosed {
            code: what.code,
            problem: true,
            subject: &self.subject,
            encounter: "",
            asserter: &asserter,
            onset,
            over: None,
        };
        self.out.put(("Condition", id.as_str()), what.label, onset, |j| {
            condition::write(j, &diagnosed);
        });
        self.problems.push((what.code.code, format!("Condition/{id}")));
        self.prescribe(what, None, onset.max(self.met()));
    }

    /// A third of the patients have one to three allergies, a sixth the statement that they have
    /// none.
    fn allergies(&mut self) {
        let none = ALLERGIES.first(|allergy| allergy.kind.is_empty());
        let found = match self.draw.below(6) {
            0 => vec![none],
            1 | 2 => {
                let count = self.draw.zipf(3);
                let real = (0..count).filter_map(|_| {
                    ALLERGIES.draw_fit(&self.draw, |allergy| !allergy.kind.is_empty())
                });
                let mut real: Vec<_> = real.collect();
                real.dedup_by_key(|allergy| allergy.code.code);
                real
            }
            _ => Vec::new(),
        };
        for allergy in found {
            let (id, recorder, at) = (self.draw.id(), self.clinician(), self.met());
            let subject = &self.subject;
            self.out.put(("AllergyIntolerance", id.as_str()), "", at, |j| {
                allergy::write(j, allergy, subject, &recorder, at);
            });
        }
    }
}
