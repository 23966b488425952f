//! Procedure.

use crate::code::Code;
use crate::json::Json;
use crate::moment::{MINUTE, Moment};
use crate::resource::encounter::Visit;

/// Writes a Procedure done in a visit.
pub(crate) fn write(j: &mut Json, code: Code, subject: &str, visit: &Visit, at: Moment) {
    j.text("status", "completed");
    j.concept("code", code);
    j.refer("subject", subject);
    j.refer("encounter", &visit.reference);
    j.period("performedPeriod", at, Some(at.plus(25 * MINUTE)));
    j.list("performer", |j| {
        j.item(|j| {
            j.refer("actor", &visit.practitioner);
            j.refer("onBehalfOf", &format!("Organization/{}", visit.organization));
        });
    });
    j.refer("location", &visit.location);
}
