//! Coverage.

use crate::code::hl7;
use crate::json::Json;
use crate::moment::Moment;

/// Writes a Coverage; `subscriber` is the patient, or the adult whose plan covers a child.
pub(crate) fn write(j: &mut Json, beneficiary: &str, subscriber: &str, number: u32, since: Moment) {
    j.text("status", "active");
    j.concept("type", hl7!("v3-ActCode", "EHCPOL", "extended healthcare"));
    j.refer("policyHolder", subscriber);
    j.refer("subscriber", subscriber);
    j.show("subscriberId", format_args!("MHP-{number:07}"));
    j.refer("beneficiary", beneficiary);
    let (code, display) =
        if subscriber == beneficiary { ("self", "Self") } else { ("child", "Child") };
    j.concept("relationship", hl7!("subscriber-relationship", code, display));
    j.period("period", since.day(), None);
    j.refers("payor", &["Organization/meadow-health-plan"]);
    j.list("class", |j| {
        j.item(|j| {
            j.concept("type", hl7!("coverage-class", "plan", "Plan"));
            j.text("value", "meadow-standard");
            j.text("name", "Meadow Standard");
        });
    });
}
