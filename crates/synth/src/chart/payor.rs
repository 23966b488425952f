//! What the payor records: the patient's cover and the charges of their visits.

use super::Chart;
use crate::moment::{DAY, Moment};
use crate::person::Person;
use crate::profile::PAYOR;
use crate::resource::claim::{self, Charge};
use crate::resource::coverage;
use crate::resource::encounter::Visit;

/// Most visits of one patient that are charged, the latest ones.
const MOST_CHARGES: usize = 8;

impl Chart {
    /// Writes the cover and the claims of an insured patient.
    pub(super) fn payor(&mut self) {
        let visits = std::mem::take(&mut self.visits);
        if !self.profile.insured {
            return;
        }
        self.organization = PAYOR;
        let since = self.end().plus(-self.draw.between(300, 2000) * DAY);
        let since = since.max(self.profile.person.birth.start());
        let id = self.draw.id();
        let number = self.profile.index;
        let (subject, subscriber) = (&self.subject, self.subscriber());
        self.out.put(("Coverage", id.as_str()), "", since, |j| {
            coverage::write(j, subject, &subscriber, number, since);
        });
        let coverage = format!("Coverage/{id}");
        let mut charged: Vec<&Visit> =
            visits.iter().filter(|visit| visit.end.is_some_and(|end| end > since)).collect();
        charged.sort_by_key(|visit| std::cmp::Reverse(visit.start));
        for visit in charged.into_iter().take(MOST_CHARGES) {
            self.charge(visit, &coverage);
        }
    }

    /// Who holds the plan: the patient, or the adult of a child's household.
    fn subscriber(&self) -> String {
        match self.profile.person.guardian {
            Some(adult) => format!("Patient/{}", Person::new(self.seed, adult, self.until).id),
            None => self.subject.clone(),
        }
    }

    fn charge(&mut self, visit: &Visit, coverage: &str) {
        let Some(end) = visit.end else { return };
        let minutes = (end.0 - visit.start.0) / 60;
        let amount = 4_500 + minutes * self.draw.between(60, 110);
        let charge = Charge { visit, subject: &self.subject, coverage, amount, end };
        let claim = self.draw.id();
        let before = |at: Moment| at < self.until;
        if !before(charge.claimed()) {
            return;
        }
        self.out.put(("Claim", claim.as_str()), "", charge.claimed(), |j| {
            claim::write_claim(j, &charge);
        });
        if before(charge.settled()) {
            let (id, reference) = (self.draw.id(), format!("Claim/{claim}"));
            let place = ("ExplanationOfBenefit", id.as_str());
            self.out.put(place, "", charge.settled(), |j| {
                claim::write_benefit(j, &charge, &reference);
            });
        }
    }
}
