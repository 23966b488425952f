//! Who can sign in to a demonstration store.

use accord_base::{Purpose, Role};

/// A ready-made sign-in of a demonstration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SignIn {
    /// What to call the person in a table.
    pub label: &'static str,
    /// Relative reference of the person, `Practitioner/id` or `Patient/id`.
    pub principal: &'static str,
    /// The role of the session.
    pub role: Role,
    /// Id of the organisation acted for; none for patients.
    pub organization: Option<&'static str>,
    /// The purpose of the session.
    pub purpose: Purpose,
    /// What is worth seeing as this person.
    pub shows: &'static str,
}

/// The sign-ins, in the order to show them. Every principal is part of every population of at
/// least three patients.
pub const SIGN_INS: [SignIn; 9] = [
    SignIn {
        label: "emergency doctor at Northgate General Hospital",
        principal: "Practitioner/dr-alder",
        role: Role::Clinician,
        organization: Some("northgate-hospital"),
        purpose: Purpose::Treat,
        shows: "patients of Northgate; pat-willow among them",
    },
    SignIn {
        label: "emergency doctor at Riverside Hospital",
        principal: "Practitioner/dr-birch",
        role: Role::Clinician,
        organization: Some("riverside-hospital"),
        purpose: Purpose::Treat,
        shows: "patients of Riverside; pat-willow was there too, but denies Riverside",
    },
    SignIn {
        label: "general practitioner at Elm Street Practice",
        principal: "Practitioner/dr-elder",
        role: Role::Clinician,
        organization: Some("elm-street-practice"),
        purpose: Purpose::Treat,
        shows: "patients registered with the practice",
    },
    SignIn {
        label: "pharmacist at Harbour Pharmacy",
        principal: "Practitioner/pharmacist-clover",
        role: Role::Pharmacist,
        organization: Some("harbour-pharmacy"),
        purpose: Purpose::Treat,
        shows: "patients for whom the pharmacy dispenses",
    },
    SignIn {
        label: "patient who denies Riverside Hospital",
        principal: "Patient/pat-willow",
        role: Role::Patient,
        organization: None,
        purpose: Purpose::Patrqt,
        shows: "the own record from both hospitals, the practice and the pharmacy",
    },
    SignIn {
        label: "patient without a Consent",
        principal: "Patient/pat-rowan",
        role: Role::Patient,
        organization: None,
        purpose: Purpose::Patrqt,
        shows: "the own record; both hospitals see their part of it",
    },
    SignIn {
        label: "triage nurse at Northgate General Hospital",
        principal: "Practitioner/nurse-apple",
        role: Role::Clinician,
        organization: Some("northgate-hospital"),
        purpose: Purpose::Treat,
        shows: "patients of Northgate, the board of its emergency department",
    },
    SignIn {
        label: "receptionist at Northgate General Hospital",
        principal: "Practitioner/clerk-sedge",
        role: Role::Registration,
        organization: Some("northgate-hospital"),
        purpose: Purpose::Treat,
        shows: "who arrives at Northgate; no clinical data",
    },
    SignIn {
        label: "administrator at Northgate General Hospital",
        principal: "Practitioner/admin-sorrel",
        role: Role::Administrator,
        organization: Some("northgate-hospital"),
        purpose: Purpose::Hoperat,
        shows: "the directory, no clinical data",
    },
];
