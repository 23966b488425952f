//! Visits: when they are, and what is recorded in one.

use super::Chart;
use crate::data::{
    CONDITIONS, Condition, DOCUMENTS, MEASURES, PANELS, PROCEDURES, VISITS, measure,
};
use crate::directory;
use crate::moment::{DAY, HOUR, MINUTE, Moment};
use crate::resource::condition::{self, Diagnosed};
use crate::resource::encounter::{self, Visit};
use crate::resource::observation::{self, Finding, Observed};
use crate::resource::report::{self, Reported};
use crate::resource::{document, procedure};

impl Chart {
    /// A visit of a class to the present organisation that ends at `end`, or is still open.
    pub(super) fn visit(
        &self,
        class: &str,
        end: Option<Moment>,
        reason: Option<&Condition>,
    ) -> Visit {
        let kind = VISITS
            .draw_fit(&self.draw, |kind| kind.class == class)
            .unwrap_or_else(|| VISITS.first(|kind| kind.class == class));
        let most = self.draw.between(kind.min_minutes, kind.max_minutes);
        let length = self.draw.between(kind.min_minutes, most) * MINUTE;
        let start = match end {
            Some(end) => end.plus(-length),
            None if class == "IMP" => self.until.plus(-self.draw.between(60, 8000) * MINUTE),
            None => self.until.plus(-self.draw.between(8, 460) * MINUTE),
        };
        let id = self.draw.id().to_string();
        Visit {
            reference: format!("Encounter/{id}"),
            id,
            organization: self.organization,
            kind,
            start,
            end,
            reason: reason.map(|reason| reason.code).unwrap_or_default(),
            practitioner: self.clinician(),
            location: format!(
                "Location/{}",
                directory::place(self.organization, class, &self.draw).id
            ),
        }
    }

    /// Why someone comes: usually something new, sometimes a lasting condition.
    pub(super) fn reason(&self) -> Option<&'static Condition> {
        let person = &self.profile.person;
        let lasting = self
            .draw
            .one_of(&self.profile.conditions.iter().copied().map(Some).collect::<Vec<_>>());
        if self.draw.permille(250) && lasting.is_some() {
            return lasting;
        }
        CONDITIONS.draw_fit(&self.draw, |c| !c.long && c.fits(person.age, person.gender))
    }

    /// Writes a visit and everything recorded in it.
    pub(super) fn record(&mut self, visit: Visit) {
        let reason = CONDITIONS.first(|c| c.code == visit.reason);
        let label = reason.label;
        let subject = &self.subject;
        self.out.put(("Encounter", &visit.id), label, visit.start, |j| {
            encounter::write(j, subject, &visit, visit.end);
        });
        self.later.encounter(subject, label, &visit);
        if !visit.reason.code.is_empty() && !reason.long {
            self.diagnosis(&visit, reason);
        }
        self.vitals(&visit, reason);
        let class = visit.kind.class;
        let (reports, procedures, prescriptions, documents) = match class {
            "IMP" => (900, 450, 500, 550),
            "EMER" => (480, 300, 330, 350),
            _ if self.at_hospital() => (260, 200, 180, 150),
            _ => (210, 80, 260, 30),
        };
        if self.draw.permille(reports) {
            self.report(&visit, reason);
        }
        if class == "IMP" && self.draw.permille(500) {
            self.report(&visit, reason);
        }
        if self.draw.permille(procedures) {
            self.procedure(&visit, label);
        }
        if self.draw.permille(prescriptions) && !visit.reason.code.is_empty() {
            self.prescribe(reason, Some(&visit), visit.last(self.until));
        }
        if self.draw.permille(documents) && visit.end.is_some() {
            self.document(&visit, label);
        }
        self.visits.push(visit);
    }

    fn diagnosis(&mut self, visit: &Visit, what: &Condition) {
        let over = visit.start.plus(self.draw.between(4, 40) * DAY);
        let id = self.draw.id();
        let diagnosed = Diagnosed {
            code: what.code,
            problem: false,
            subject: &self.subject,
            encounter: &visit.reference,
            asserter: &visit.practitioner,
            onset: visit.start.plus(-self.draw.between(0, 20) * HOUR),
            over: Some(over).filter(|over| *over < self.end() && visit.end.is_some()),
        };
        self.out.put(("Condition", id.as_str()), what.label, visit.start, |j| {
            condition::write(j, &diagnosed);
        });
        self.later.condition(id.as_str(), what.label, &diagnosed);
    }

    /// Sets of vital signs, more of them the longer and the more acute the visit.
    fn vitals(&mut self, visit: &Visit, reason: &Condition) {
        let hours = (visit.last(self.until).0 - visit.start.0) / HOUR;
        let sets = match visit.kind.class {
            "IMP" => (1 + hours / 24).min(4),
            "EMER" => (1 + hours / 4).min(3),
            _ => i64::from(self.draw.permille(620)),
        };
        for set in 0..sets {
            let span = (visit.last(self.until).0 - visit.start.0) / (sets + 1);
            let at = visit.start.plus(span * (set + 1) - span / 3);
            let at = Moment(at.0 - at.0.rem_euclid(MINUTE));
            let systolic = self.profile.value(&self.draw, measure("systolic"), Some(reason));
            let diastolic = self.profile.value(&self.draw, measure("diastolic"), Some(reason));
            let pressure = Finding::Pressure(systolic, diastolic.min(systolic - 15));
            self.observe(Some(visit), (at, at), pressure, "", false);
            let keys: &[&str] = match (visit.acute(), set) {
                (true, 0) => &["heart-rate", "respiratory-rate", "spo2", "temperature", "pain"],
                (true, _) => &["heart-rate", "respiratory-rate", "spo2", "temperature"],
                (false, _) => &["heart-rate"],
            };
            for key in keys {
                let what = measure(key);
                let value = self.profile.value(&self.draw, what, Some(reason));
                self.observe(Some(visit), (at, at), Finding::Value(what, value), "", false);
            }
        }
        if !visit.acute() && self.draw.permille(300) {
            self.body_size(visit, visit.start);
        }
    }

    fn body_size(&mut self, visit: &Visit, at: Moment) {
        let (height, weight) = self.profile.size(&self.draw);
        for (key, value) in [("height", height), ("weight", weight)] {
            let what = MEASURES.first(|m| m.key == key);
            self.observe(Some(visit), (at, at), Finding::Value(what, value), "", false);
        }
    }

    /// A laboratory report and its results.
    fn report(&mut self, visit: &Visit, reason: &Condition) {
        let panel = PANELS.draw(&self.draw);
        let last = (visit.last(self.until).0 - visit.start.0) / MINUTE;
        let at = visit.start.plus(self.draw.between(0, last / 2) * MINUTE);
        let issued = at.plus((last / 2).min(140) * MINUTE);
        let label = if reason.label == "HIV" { reason.label } else { "" };
        let mut results = Vec::new();
        for what in panel.members() {
            let value = self.profile.value(&self.draw, what, Some(reason));
            results.push(self.observe(
                Some(visit),
                (at, issued),
                Finding::Value(what, value),
                label,
                true,
            ));
        }
        let id = self.draw.id();
        let reported = Reported {
            code: panel.code,
            subject: &self.subject,
            encounter: &visit.reference,
            performer: &visit.practitioner,
            at,
            issued,
            results: &results,
        };
        self.out.put(("DiagnosticReport", id.as_str()), label, at, |j| {
            report::write(j, &reported);
        });
    }

    /// Writes an Observation and gives its reference; `referred` when another resource will name
    /// it.
    pub(super) fn observe(
        &mut self,
        visit: Option<&Visit>,
        (at, issued): (Moment, Moment),
        finding: Finding,
        label: &str,
        referred: bool,
    ) -> String {
        let id = self.draw.id();
        let observed = Observed {
            subject: &self.subject,
            encounter: visit.map_or("", |visit| &visit.reference),
            performer: visit.map_or("", |visit| &visit.practitioner),
            at,
            issued,
            status: "final",
            finding,
        };
        self.out.put(("Observation", id.as_str()), label, at, |j| {
            observation::write(j, &observed);
        });
        self.later.observation(id.as_str(), label, &observed, referred);
        format!("Observation/{id}")
    }

    fn procedure(&mut self, visit: &Visit, label: &str) {
        let class = visit.kind.class;
        let Some(what) = PROCEDURES.draw_fit(&self.draw, |p| p.fits(class)) else { return };
        let at = visit.start.plus(5 * MINUTE);
        let (id, subject) = (self.draw.id(), &self.subject);
        self.out.put(("Procedure", id.as_str()), label, at, |j| {
            procedure::write(j, what.code, subject, visit, at);
        });
    }

    /// A document of the visit; a few are restricted whatever they are about.
    fn document(&mut self, visit: &Visit, label: &str) {
        let what = DOCUMENTS.first(|d| d.class == visit.kind.class);
        let at = visit.last(self.until);
        let label = if label.is_empty() && self.draw.permille(40) { "R" } else { label };
        let (id, subject) = (self.draw.id(), &self.subject);
        self.out.put(("DocumentReference", id.as_str()), label, at, |j| {
            document::write(j, what, subject, visit, at);
        });
    }
}
