//! CareTeam.

use crate::code::{Code, SNOMED};
use crate::json::Json;
use crate::moment::Moment;

/// Writes a CareTeam of an organisation and one of its people.
pub(crate) fn write(
    j: &mut Json,
    name: &str,
    subject: &str,
    (organization, practitioner): (&str, &str),
    since: Moment,
    until: Option<Moment>,
) {
    let professional = Code::new(SNOMED, "223366009", "Healthcare professional");
    j.text("status", if until.is_some() { "inactive" } else { "active" });
    j.text("name", name);
    j.refer("subject", subject);
    j.period("period", since.day(), until);
    j.list("participant", |j| {
        j.item(|j| {
            j.concepts("role", &[professional]);
            j.refer("member", practitioner);
            j.refer("onBehalfOf", organization);
        });
        j.item(|j| j.refer("member", organization));
    });
    j.refers("managingOrganization", &[organization]);
}
