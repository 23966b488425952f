//! What of a Patient is compared.

use accord_fhir::json::Value;

/// Most values of an element that are looked at.
const MOST_VALUES: usize = 20;

/// What a Patient resource tells of a person, in the form in which it is compared.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Person {
    /// System and value, those that have both.
    pub identifiers: Vec<(String, String)>,
    /// A whole date, else nothing.
    pub birth_date: Option<String>,
    pub families: Vec<String>,
    /// First given names.
    pub givens: Vec<String>,
    pub gender: Option<String>,
    pub postal_codes: Vec<String>,
    /// Phone numbers by their last nine digits, addresses of mail as they are.
    pub telecoms: Vec<String>,
}

impl Person {
    /// Reads a Patient.
    pub fn of(patient: Value<'_>) -> Person {
        let names = || each(patient, "name");
        let text = |of: Value<'_>, name| of.get_str(name).map(|text| folded(&text));
        let identifiers = each(patient, "identifier")
            .filter_map(|of| Some((of.get_str("system")?, of.get_str("value")?)));
        Person {
            identifiers: identifiers
                .filter(|(system, value)| !system.is_empty() && !value.is_empty())
                .map(|(system, value)| (system.into_owned(), value.into_owned()))
                .collect(),
            birth_date: text(patient, "birthDate").filter(|date| date.len() == 10),
            families: filled(names().filter_map(|name| text(name, "family"))),
            givens: filled(names().filter_map(first_given)),
            gender: text(patient, "gender").filter(|g| matches!(g.as_str(), "male" | "female")),
            postal_codes: filled(
                each(patient, "address")
                    .filter_map(|address| address.get_str("postalCode"))
                    .map(|code| folded(&code).split_whitespace().collect()),
            ),
            telecoms: filled(each(patient, "telecom").filter_map(telecom)),
        }
    }
}

/// Whether a record is in use: neither merged into another nor given up.
pub(super) fn in_use(patient: Value<'_>) -> bool {
    patient.get("active").and_then(Value::as_bool) != Some(false)
}

/// Whether a record says, by a link to another, that somebody has compared the two.
pub(super) fn linked(patient: Value<'_>, other: &str) -> bool {
    let other = format!("Patient/{other}");
    let target =
        |link: Value<'_>| link.get("other")?.get_str("reference").map(|text| *text == *other);
    each(patient, "link").any(|link| target(link) == Some(true))
}

fn first_given(name: Value<'_>) -> Option<String> {
    Some(folded(&name.get("given")?.items().next()?.as_str()?))
}

fn telecom(contact: Value<'_>) -> Option<String> {
    let value = contact.get_str("value")?;
    if contact.get_str("system").as_deref() == Some("email") {
        return Some(folded(&value));
    }
    let digits: Vec<char> = value.chars().filter(char::is_ascii_digit).collect();
    let last = digits.len().checked_sub(9).and_then(|from| digits.get(from..));
    last.map(|last| last.iter().collect())
}

fn each<'a>(value: Value<'a>, name: &str) -> impl Iterator<Item = Value<'a>> {
    value.get(name).into_iter().flat_map(Value::items).take(MOST_VALUES)
}

fn filled(texts: impl Iterator<Item = String>) -> Vec<String> {
    texts.filter(|text| !text.is_empty()).collect()
}

/// Without case and white space around it.
fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}
