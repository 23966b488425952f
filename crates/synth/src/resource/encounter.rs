//! Encounter.

use crate::code::{ACT, Code, hl7};
use crate::data::VisitKind;
use crate::json::Json;
use crate::moment::Moment;

/// A stay or contact and what happened around it. References are empty where there is none.
pub(crate) struct Visit {
    pub id: String,
    /// `Encounter/id`.
    pub reference: String,
    /// The organisation's id.
    pub organization: &'static str,
    pub kind: &'static VisitKind,
    pub start: Moment,
    /// Still open without one.
    pub end: Option<Moment>,
    /// Why the patient came.
    pub reason: Code,
    /// Reference of whoever was in charge.
    pub practitioner: String,
    /// Reference of the place.
    pub location: String,
}

impl Visit {
    /// The last instant of the visit, or of what is known of it.
    pub fn last(&self, until: Moment) -> Moment {
        self.end.unwrap_or(until)
    }

    /// Whether the patient was there in an emergency or as an inpatient.
    pub fn acute(&self) -> bool {
        self.kind.class != "AMB"
    }
}

/// Writes an Encounter of the subject; `end` may be later than the visit's own.
pub(crate) fn write(j: &mut Json, subject: &str, visit: &Visit, end: Option<Moment>) {
    j.text("status", if end.is_some() { "finished" } else { "in-progress" });
    let class = match visit.kind.class {
        "EMER" => "emergency",
        "IMP" => "inpatient encounter",
        _ => "ambulatory",
    };
    j.coding("class", Code::new(ACT, visit.kind.class, class));
    j.concepts("type", &[visit.kind.code]);
    j.refer("subject", subject);
    if !visit.practitioner.is_empty() {
        j.list("participant", |j| {
            j.item(|j| {
                j.concepts("type", &[hl7!("v3-ParticipationType", "ATND", "attender")]);
                j.refer("individual", &visit.practitioner);
            });
        });
    }
    j.period("period", visit.start, end);
    if !visit.reason.code.is_empty() {
        j.concepts("reasonCode", &[visit.reason]);
    }
    if visit.kind.class == "IMP" {
        write_stay(j, end.is_some());
    }
    if !visit.location.is_empty() {
        j.list("location", |j| {
            j.item(|j| {
                j.refer("location", &visit.location);
                j.text("status", if end.is_some() { "completed" } else { "active" });
            });
        });
    }
    if !visit.organization.is_empty() {
        j.refer("serviceProvider", &format!("Organization/{}", visit.organization));
    }
}

/// Where an inpatient came from and, once it is over, where to.
fn write_stay(j: &mut Json, over: bool) {
    j.object("hospitalization", |j| {
        let emergency = hl7!("admit-source", "emd", "From accident/emergency department");
        j.concept("admitSource", emergency);
        if over {
            j.concept("dischargeDisposition", hl7!("discharge-disposition", "home", "Home"));
        }
    });
}
