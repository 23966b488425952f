//! What the pharmacy records: dispensing of what others prescribed.

use super::Chart;
use crate::moment::{DAY, HOUR, Moment};
use crate::resource::medication::{self, Prescription, days};

/// Most dispensings of one repeated prescription.
const MOST_REPEATS: i64 = 6;

impl Chart {
    /// Writes the dispensings of the patient's prescriptions, if the patient comes here.
    pub(super) fn pharmacy(&mut self) {
        let prescriptions = std::mem::take(&mut self.prescriptions);
        if !self.profile.at_pharmacy || prescriptions.is_empty() {
            return;
        }
        self.care_team("Community pharmacy team", 700);
        for prescription in &prescriptions {
            self.dispense(prescription);
        }
    }

    /// Hands over the supplies of the last months, or the one course.
    fn dispense(&mut self, prescription: &Prescription) {
        let every = days(prescription.medication) * DAY;
        let times = if prescription.repeat { self.draw.between(1, MOST_REPEATS) } else { 1 };
        let first = self.end().plus(-every * times).max(prescription.at);
        let start = if prescription.repeat { first } else { prescription.at };
        for time in 0..times {
            let at = self.opening_hours(start.plus(every * time + self.draw.between(1, 20) * HOUR));
            if at.plus(HOUR) > self.end() {
                break;
            }
            let (id, pharmacist) = (self.draw.id(), self.clinician());
            let subject = &self.subject;
            let place = ("MedicationDispense", id.as_str());
            self.out.put(place, prescription.label, at, |j| {
                medication::write_dispense(j, subject, prescription, &pharmacist, at);
            });
        }
    }

    /// The next instant at which the shop is open, 8 to 18 o'clock UTC.
    fn opening_hours(&self, at: Moment) -> Moment {
        let into_day = at.0 - at.day().start().0;
        if (8 * HOUR..18 * HOUR).contains(&into_day) { at } else { at.plus(14 * HOUR) }
    }
}
