//! `$check-in`: somebody says at a kiosk that they are here.
//!
//! Nothing is looked up: each check-in registers a provisional Patient of what was typed, and the
//! desk finds out who it is, by its own rights (`$confirm-identity`). So no answer can depend on who
//! is known, and a kiosk needs the right to create and no other.

use accord_base::{ResourceId, civil_from_days};
use accord_engine::{Answer, Category, Failure, Outcome};
use accord_fhir::{DateRange, IssueCode};
use serde_json::{Value, json};

use crate::arrive::received;
use crate::codes::{NHS_TYPED, TICKET, UNCONFIRMED};
use crate::entries::{name, set};
use crate::input::Input;
use crate::kiosk::Given;
use crate::report::Report;
use crate::{Context, invalid, unfit};

const PARAMETERS: &[&str] = &[
    "organization",
    "area",
    "family",
    "given",
    "birthDate",
    "postcode",
    "nhs-number",
    "complaint",
    "attempt",
];

/// Longest name, postcode or complaint, in characters.
const LONGEST: usize = 200;

/// Makes a provisional Patient and their Encounter; answers with a ticket, whoever they are.
pub(crate) fn check_in(context: &Context<'_>, input: &Input) -> Outcome {
    input.only(PARAMETERS)?;
    let organization = own(context, input)?;
    let typed = Typed::read(context, input)?;
    let kiosks = &context.asked.kiosks;
    let ticket = match kiosks.give(&organization, (&typed.attempt, &typed.all()), context.now()) {
        Given::Again(ticket) => ticket,
        Given::Written => {
            let text = "this is being stored: ask again in a moment";
            return Err(Failure::new(Category::Busy, IssueCode::Throttled, text));
        }
        Given::New(ticket) => {
            let written = write(context, input, (&organization, &ticket), &typed);
            if let Err(failure) = written {
                kiosks.forget(organization.as_str(), &ticket);
                return Err(failure);
            }
            kiosks.wrote(&organization, &ticket);
            ticket
        }
        Given::TooMany => {
            let text = "too many people checked in here just now: please go to the desk";
            return Err(Failure::new(Category::Busy, IssueCode::Throttled, text));
        }
    };
    let mut report = Report::default();
    report.text("ticket", &ticket);
    report.instant("arrived", context.now());
    Ok(Answer::Resource(report.resource()))
}

/// The organisation of the asker: a kiosk stands in one department.
fn own(context: &Context<'_>, input: &Input) -> Result<ResourceId, Failure> {
    let own = context.asked.subject.organization.clone();
    let own = own.ok_or_else(|| invalid("`organization` is missing"))?;
    match input.reference("organization", "Organization")? {
        Some(other) if other != own => {
            Err(unfit("people check in at the kiosk's own organisation"))
        }
        _ => Ok(own),
    }
}

fn write(
    context: &Context<'_>,
    input: &Input,
    (organization, ticket): (&ResourceId, &str),
    typed: &Typed,
) -> Result<(), Failure> {
    let organization = format!("Organization/{organization}");
    let patient = name(0);
    let now = context.now();
    let mut encounter = received(context, input, (&patient, &organization), now)?;
    let source = crate::entries::concept(crate::codes::MODE, "self-check-in", "self-check-in");
    set(&mut encounter, "hospitalization", json!({"admitSource": source}));
    set(&mut encounter, "identifier", json!([{"system": TICKET, "value": ticket}]));
    set(&mut encounter, "extension", json!([{"url": UNCONFIRMED, "valueBoolean": true}]));
    let entry = |at: usize, resource: Value| {
        let request = json!({"method": "POST", "url": resource.get("resourceType")});
        json!({"fullUrl": name(at), "resource": resource, "request": request})
    };
    let entries = vec![entry(0, typed.patient(&organization)), entry(1, encounter)];
    context.store.write(entries).map(drop)
}

/// What somebody typed of themselves.
struct Typed {
    family: String,
    given: String,
    birth_date: String,
    postcode: String,
    number: String,
    complaint: String,
    /// The page's own name for this check-in.
    attempt: String,
}

impl Typed {
    fn read(context: &Context<'_>, input: &Input) -> Result<Typed, Failure> {
        let text = |name: &str| {
            let text = input.text(name)?.unwrap_or_default();
            match text.chars().count() > LONGEST || text.chars().any(char::is_control) {
                true => Err(unfit(format!("`{name}` is one line of at most {LONGEST} characters"))),
                false => Ok(text),
            }
        };
        let typed = Typed {
            family: text("family")?,
            given: text("given")?,
            birth_date: text("birthDate")?,
            postcode: text("postcode")?,
            number: text("nhs-number")?.split_whitespace().collect(),
            complaint: text("complaint")?,
            attempt: text("attempt")?,
        };
        if typed.family.is_empty() || typed.birth_date.is_empty() {
            return Err(invalid("`family` and `birthDate` are needed"));
        }
        let born = DateRange::parse(&typed.birth_date).filter(|_| typed.birth_date.len() == 10);
        let year = born.map(|born| civil_from_days(born.low.div_euclid(86_400_000_000)).0);
        let past = born.is_some_and(|born| u64::try_from(born.low).unwrap_or(0) <= context.now().0);
        if !past || year.is_none_or(|year| year < 1880) {
            return Err(unfit("`birthDate` is a day that has been, as 1980-02-03"));
        }
        if !typed.number.is_empty() && !is_number(&typed.number) {
            return Err(unfit("an NHS number has ten digits; one of these is not right"));
        }
        Ok(typed)
    }

    /// What tells one check-in from another.
    fn all(&self) -> [&str; 6] {
        let Typed { family, given, birth_date, postcode, number, complaint, .. } = self;
        [family, given, birth_date, postcode, number, complaint]
    }

    /// A Patient of what was typed. The number is not an NHS number before somebody has checked it.
    fn patient(&self, organization: &str) -> Value {
        let mut name = json!({"use": "usual", "family": self.family});
        if !self.given.is_empty() {
            set(&mut name, "given", json!([self.given]));
        }
        let mut patient = json!({
            "resourceType": "Patient", "active": true, "name": [name],
            "extension": [{"url": UNCONFIRMED, "valueBoolean": true}],
            "birthDate": self.birth_date, "managingOrganization": {"reference": organization},
        });
        if !self.postcode.is_empty() {
            set(&mut patient, "address", json!([{"postalCode": self.postcode}]));
        }
        if !self.number.is_empty() {
            let typed = json!([{"use": "temp", "system": NHS_TYPED, "value": self.number}]);
            set(&mut patient, "identifier", typed);
        }
        patient
    }
}

/// Whether these are ten digits of which the last fits the others (NHS data dictionary: weights 10
/// to 2, modulus 11).
fn is_number(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let (Some((last, first)), 10, 10) = (digits.split_last(), digits.len(), text.len()) else {
        return false;
    };
    let sum: u32 = first.iter().zip((2..=10).rev()).map(|(digit, weight)| digit * weight).sum();
    (11 - sum % 11) % 11 == *last
}

#[cfg(test)]
mod tests {
    use super::is_number;

    #[test]
    fn the_last_digit_fits_the_others() {
        for (number, fits) in [
            ("9434765919", true),
            ("9434765918", false),
            ("943476591", false),
            ("94347659190", false),
            ("943476591x", false),
            ("9999999999", true),
            ("", false),
        ] {
            assert_eq!(is_number(number), fits, "{number}");
        }
    }
}
