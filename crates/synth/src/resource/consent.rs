//! Consent.

use crate::code::{ACT, Code, LOINC, hl7};
use crate::json::Json;
use crate::moment::{DAY, Moment};
use crate::profile::{Choice, Decision};

/// Writes a privacy Consent given at `at`, for the data of every organisation: it names none that
/// it is limited to. One that no longer holds is inactive, or active with a
/// period that has passed.
pub(crate) fn write(j: &mut Json, choice: Choice, subject: &str, (at, withdrawn): (Moment, bool)) {
    j.text("status", if choice.holds || !withdrawn { "active" } else { "inactive" });
    j.concept("scope", hl7!("consentscope", "patient-privacy", "Privacy Consent"));
    j.concepts("category", &[Code::new(LOINC, "59284-0", "Patient Consent")]);
    j.refer("patient", subject);
    j.show("dateTime", at);
    j.refers("performer", &[subject]);
    let rule = match choice.decision {
        Decision::DenyAll => Code::new(ACT, "OPTOUT", "op-out"),
        Decision::Deny(_) | Decision::Permit => Code::new(ACT, "OPTIN", "opt-in"),
    };
    j.concept("policyRule", rule);
    j.object("provision", |j| {
        j.text("type", if choice.decision == Decision::Permit { "permit" } else { "deny" });
        if !choice.holds && !withdrawn {
            j.period("period", at.day(), Some(at.plus(30 * DAY)));
        }
        if let Decision::Deny(denied) = choice.decision {
            j.list("actor", |j| {
                j.item(|j| {
                    let recipient =
                        hl7!("v3-ParticipationType", "PRCP", "primary information recipient");
                    j.concept("role", recipient);
                    j.refer("reference", &format!("Organization/{denied}"));
                });
            });
        }
    });
}
