//! DocumentReference.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::data::Document;
use crate::json::Json;
use crate::moment::Moment;
use crate::resource::encounter::Visit;

/// Writes a DocumentReference with its text inside.
pub(crate) fn write(j: &mut Json, document: &Document, subject: &str, visit: &Visit, at: Moment) {
    let organization = format!("Organization/{}", visit.organization);
    j.text("status", "current");
    j.text("docStatus", "final");
    j.concept("type", document.code);
    j.refer("subject", subject);
    j.show("date", at);
    j.refers("author", &[&visit.practitioner]);
    j.refer("custodian", &organization);
    j.list("content", |j| {
        j.item(|j| {
            j.object("attachment", |j| {
                j.text("contentType", "text/plain; charset=utf-8");
                j.text("language", "en-GB");
                j.text("data", &STANDARD.encode(document.text));
                j.text("title", document.code.display);
                j.show("creation", at);
            });
        });
    });
    j.object("context", |j| {
        j.refers("encounter", &[&visit.reference]);
        j.period("period", visit.start, visit.end);
    });
}
