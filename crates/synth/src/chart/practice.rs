//! What the practice records: consultations, prescriptions, immunisations.

use super::Chart;
use crate::data::{Condition, MEDICATIONS, VACCINES};
use crate::moment::{DAY, Moment};
use crate::resource::encounter::Visit;
use crate::resource::immunization;
use crate::resource::medication::{self, Prescription, used_up};
use crate::resource::observation::{Finding, SMOKING};

/// Most consultations of one patient.
const MOST_VISITS: u64 = 70;
/// How far back consultations go at most, in days.
const HORIZON_DAYS: i64 = 2400;

impl Chart {
    /// Writes the patient's records at the practice, the oldest first.
    pub(super) fn practice(&mut self) {
        self.immunizations();
        let visits = self.consultations();
        if let Some(first) = visits.first()
            && self.profile.person.age >= 16
        {
            let answer = self.draw.one_of(&SMOKING);
            self.observe(None, (first.start, first.start), Finding::Smoking(answer), "", false);
        }
        for visit in visits {
            self.record(visit);
        }
        if self.draw.permille(250) {
            self.care_team("Practice team", HORIZON_DAYS / 2);
        }
    }

    fn consultations(&mut self) -> Vec<Visit> {
        let most = if self.profile.featured { 18 } else { self.draw.zipf(MOST_VISITS) };
        let recent = if self.draw.permille(450) { 28 } else { HORIZON_DAYS };
        let mut end = self.end().plus(-self.draw.between(1, recent) * DAY);
        let gap = 2 * HORIZON_DAYS / (most as i64 + 1);
        let mut visits = Vec::new();
        for _ in 0..most {
            let reason = self.draw.permille(550).then(|| self.reason()).flatten();
            let visit = self.visit("AMB", Some(self.by_day(end)), reason);
            if visit.start <= self.profile.person.birth.start().plus(DAY) {
                break;
            }
            end = visit.start.plus(-self.draw.between(2, gap) * DAY);
            visits.push(visit);
        }
        visits.reverse();
        visits
    }

    fn immunizations(&mut self) {
        let age = self.profile.person.age;
        for _ in 0..self.draw.between(0, 2) {
            let suits = |age: i64, from: i64, to: i64| (from..=to).contains(&age);
            let fit = VACCINES.draw_fit(&self.draw, |v| suits(age, v.min_age, v.max_age));
            let Some(vaccine) = fit else { continue };
            let mut at = self.first_dose(vaccine.first_age);
            for dose in 1..=vaccine.doses {
                if at >= self.end() {
                    break;
                }
                let (id, performer) = (self.draw.id(), self.clinician());
                let (subject, given) = (&self.subject, self.by_day(at));
                self.out.put(("Immunization", id.as_str()), "", given, |j| {
                    immunization::write(j, (vaccine.code, dose), subject, &performer, given);
                });
                at = at.plus(self.draw.between(60, 200) * DAY);
            }
        }
    }

    /// When someone was first given a vaccine offered from an age on: at that age, but not before
    /// the records begin.
    fn first_dose(&self, from_age: i64) -> Moment {
        let birth = self.profile.person.birth.start();
        let due = birth.plus((from_age * 365 + self.draw.between(60, 300)) * DAY);
        due.max(self.end().plus(-self.draw.between(200, HORIZON_DAYS) * DAY))
    }

    /// Prescribes something for a condition, if there is anything for it.
    pub(super) fn prescribe(&mut self, what: &Condition, visit: Option<&Visit>, at: Moment) {
        let Some(medication) = MEDICATIONS.draw_fit(&self.draw, |m| m.treats(what)) else { return };
        let reason = self.problems.iter().find(|(code, _)| *code == what.code.code);
        let requester = visit.map_or_else(|| self.clinician(), |v| v.practitioner.clone());
        let prescription = Prescription {
            id: self.draw.id().to_string(),
            medication,
            label: what.label,
            encounter: visit.map_or_else(String::new, |visit| visit.reference.clone()),
            requester,
            reason: reason.map_or_else(String::new, |(_, reference)| reference.clone()),
            at,
            repeat: what.long,
            active: self.profile.person.deceased.is_none()
                && (what.long || used_up(medication, at) > self.until),
        };
        let subject = &self.subject;
        let place = ("MedicationRequest", prescription.id.as_str());
        self.out.put(place, what.label, at, |j| {
            medication::write_request(j, subject, &prescription);
        });
        self.prescriptions.push(prescription);
    }
}
