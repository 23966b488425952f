//! Patient.

use crate::code::hl7;
use crate::json::Json;
use crate::moment::Moment;
use crate::person::Person;

/// What a registration says beside the person's demographics.
#[derive(Default)]
pub(crate) struct Registration<'a> {
    /// The organisation's id; empty for none.
    pub manager: &'a str,
    /// A practitioner's reference; empty for none.
    pub practitioner: &'a str,
    /// The reference of another record of the same person; empty for none.
    pub same_as: &'a str,
    /// Number of the record at the organisation.
    pub number: u32,
    /// An address that replaces the person's.
    pub moved_to: Option<&'a str>,
}

/// Writes a Patient.
pub(crate) fn write(j: &mut Json, person: &Person, registration: &Registration<'_>) {
    write_identifiers(j, person, registration);
    j.flag("active", true);
    write_name(j, person);
    j.list("telecom", |j| {
        j.contact("phone", &person.phone, "home");
        if person.age >= 16 {
            j.contact("email", &person.email, "home");
        }
    });
    j.text("gender", person.gender);
    j.show("birthDate", person.birth);
    if let Some(at) = person.deceased {
        j.show("deceasedDateTime", at);
    }
    let street = registration.moved_to.unwrap_or(&person.street);
    j.list("address", |j| j.address("home", street, person.city, &person.postcode));
    if person.age >= 18 {
        let (code, display) =
            if person.married { ("M", "Married") } else { ("S", "Never Married") };
        j.concept("maritalStatus", hl7!("v3-MaritalStatus", code, display));
    }
    j.refers("generalPractitioner", &[registration.practitioner]);
    if !registration.manager.is_empty() {
        j.refer("managingOrganization", &format!("Organization/{}", registration.manager));
    }
    if !registration.same_as.is_empty() {
        j.list("link", |j| {
            j.item(|j| {
                j.refer("other", registration.same_as);
                j.text("type", "seealso");
            });
        });
    }
}

fn write_identifiers(j: &mut Json, person: &Person, registration: &Registration<'_>) {
    let first = registration.same_as.is_empty();
    if !first && registration.manager.is_empty() {
        return;
    }
    j.list("identifier", |j| {
        // A second registration is one where the number was not known.
        if first {
            j.item(|j| {
                j.text("use", "official");
                j.text("system", "https://fhir.nhs.uk/Id/nhs-number");
                j.text("value", &person.nhs);
            });
        }
        if !registration.manager.is_empty() {
            j.item(|j| {
                j.text("use", "usual");
                j.concept("type", hl7!("v2-0203", "MR", "Medical record number"));
                j.show("system", format_args!("https://{}.example/mrn", registration.manager));
                j.show("value", format_args!("M{:07}", registration.number));
            });
        }
    });
}

fn write_name(j: &mut Json, person: &Person) {
    j.list("name", |j| {
        j.item(|j| {
            j.text("use", "official");
            j.text("family", &person.family);
            j.texts("given", &person.given);
            let prefix = match (person.age, person.gender) {
                (18.., "female") => "Ms",
                (18.., "male") => "Mr",
                (18.., _) => "Mx",
                _ => return,
            };
            j.texts("prefix", &[prefix]);
        });
    });
}

/// The instant at which the record was made: when the person was born or first seen.
pub(crate) fn since(person: &Person, first_seen: Moment) -> Moment {
    first_seen.max(person.birth.start())
}
