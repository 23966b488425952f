//! What a hospital records: attendances, admissions, clinics.

use super::Chart;
use crate::moment::{DAY, MINUTE, Moment};
use crate::profile::NORTHGATE;
use crate::resource::care_team;
use crate::resource::encounter::Visit;

/// Most visits of one patient to one hospital.
const MOST_VISITS: u64 = 45;
/// How far back visits go at most, in days.
const HORIZON_DAYS: i64 = 1800;

impl Chart {
    /// Writes the patient's visits to the present hospital, the oldest first.
    pub(super) fn hospital(&mut self) {
        let visits = self.hospital_visits();
        for visit in visits {
            self.record(visit);
        }
        if !self.profile.conditions.is_empty() && self.draw.permille(280) {
            self.care_team("Long-term conditions team", HORIZON_DAYS / 3);
        }
    }

    fn hospital_visits(&mut self) -> Vec<Visit> {
        let most = if self.profile.featured { 14 } else { self.draw.zipf(MOST_VISITS) };
        let alive = self.profile.person.deceased.is_none();
        // An eighth of the patients are there now, a quarter have left within four weeks.
        let state = match (self.profile.featured, self.organization) {
            (true, NORTHGATE) => 0,
            (true, _) => 20,
            _ => self.draw.below(100),
        };
        let mut visits = Vec::new();
        let mut end = match state {
            0..12 if alive => None,
            0..38 => Some(self.end().plus(-self.draw.between(60, 27 * 1440) * MINUTE)),
            _ => Some(self.end().plus(-self.draw.between(30, HORIZON_DAYS) * DAY)),
        };
        let gap = 2 * HORIZON_DAYS / (most as i64 + 1);
        for _ in 0..most {
            let visit = self.hospital_visit(end);
            if visit.start <= self.profile.person.birth.start().plus(DAY) {
                break;
            }
            end = Some(visit.start.plus(-self.draw.between(1, gap) * DAY));
            visits.push(visit);
        }
        visits.reverse();
        visits
    }

    /// A visit that ends at `end`: at any hour in emergencies, by day in clinics.
    fn hospital_visit(&self, end: Option<Moment>) -> Visit {
        let class = match (self.draw.below(100), end) {
            (0..42, _) => "EMER",
            (42..62, _) => "IMP",
            (_, Some(_)) => "AMB",
            (_, None) => "EMER",
        };
        let certain = if class == "AMB" { 400 } else { 900 };
        let reason = self.draw.permille(certain).then(|| self.reason()).flatten();
        let end = if class == "AMB" { end.map(|end| self.by_day(end)) } else { end };
        self.visit(class, end, reason)
    }

    /// The same day or the one before, at an hour when clinics are open.
    pub(super) fn by_day(&self, at: Moment) -> Moment {
        let open = at.day().start().plus(self.draw.between(9 * 60, 17 * 60) * 60);
        if open <= at { open } else { open.plus(-DAY) }
    }

    /// A team of the present organisation around the patient, for `days` at most so far.
    pub(super) fn care_team(&mut self, name: &str, days: i64) {
        let since = self.end().plus(-self.draw.between(1, days) * DAY);
        let since = since.max(self.profile.person.birth.start());
        let (id, practitioner) = (self.draw.id(), self.clinician());
        let organization = format!("Organization/{}", self.organization);
        let (subject, over) = (&self.subject, self.profile.person.deceased);
        self.out.put(("CareTeam", id.as_str()), "", since, |j| {
            care_team::write(j, name, subject, (&organization, &practitioner), since, over);
        });
    }
}
