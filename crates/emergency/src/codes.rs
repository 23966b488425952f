//! Codes that the operations store and understand.

/// LOINC.
pub(crate) const LOINC: &str = "http://loinc.org";
/// SNOMED CT.
pub(crate) const SNOMED: &str = "http://snomed.info/sct";
/// UCUM.
pub(crate) const UCUM: &str = "http://unitsofmeasure.org";
/// Classes of encounters.
pub(crate) const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
/// Categories of observations.
pub(crate) const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
/// Why a value is not there.
pub(crate) const ABSENT: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";
/// Observations of ours: `acuity`.
pub(crate) const OBSERVATION: &str = "urn:accord:observation";
/// Whether an acuity is the first: `initial`, `later`.
pub(crate) const ACUITY: &str = "urn:accord:acuity";
/// Parameters of scores, and what else went into one: `spo2-scale`, `concern`.
pub(crate) const PARAMETER: &str = "urn:accord:score-parameter";
/// Concerns that went into a score.
pub(crate) const CONCERN: &str = "urn:accord:concern";
/// That somebody stands by a value that is not plausible: `measured-again`.
pub(crate) const CONFIRMATION: &str = "urn:accord:confirmation";
/// Score schemes, with their versions.
pub(crate) const SCHEME: &str = "urn:accord:score-scheme";
/// Levels of scores.
pub(crate) const LEVEL: &str = "urn:accord:score-level";
/// Flags of an attendance.
pub(crate) const FLAG: &str = "urn:accord:emergency-flag";
/// How somebody came.
pub(crate) const MODE: &str = "urn:accord:arrival-mode";
/// How an attendance ended.
pub(crate) const DISPOSITION: &str = "urn:accord:disposition";
/// What is due.
pub(crate) const TASK: &str = "urn:accord:emergency-task";
/// Names of Tasks that timers made.
pub(crate) const TIMER: &str = "urn:accord:emergency-timer";
/// Tickets that kiosks gave.
pub(crate) const TICKET: &str = "urn:accord:check-in-ticket";
/// NHS numbers (FHIR UK Core).
pub(crate) const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";
/// Numbers that somebody typed as their NHS number, and nobody has checked.
pub(crate) const NHS_TYPED: &str = "urn:accord:typed-nhs-number";
/// Extension: nobody has said yet who it is.
pub(crate) const UNCONFIRMED: &str = "urn:accord:extension:identity-unconfirmed";
/// Extension: why an arrival was entered later.
pub(crate) const ARRIVAL_REASON: &str = "urn:accord:extension:arrival-reason";
/// Roles that act.
pub(crate) const ROLE: &str = "urn:accord:emergency-role";
/// Requests: `bed`.
pub(crate) const REQUEST: &str = "urn:accord:emergency-request";
/// Why somebody overrode.
pub(crate) const ACTIVITY: &str = "urn:accord:emergency-activity";

/// Codes of modes that no data set has; those of one come beside them.
pub(crate) const MODES: [&str; 3] = ["walk-in", "self-check-in", "pre-alert"];

/// States of an attendance that goes on.
pub(crate) const OPEN: [&str; 4] = ["arrived", "triaged", "in-progress", "onleave"];

/// States of an attendance that has ended, or never was one.
pub(crate) const OVER: [&str; 3] = ["finished", "cancelled", "entered-in-error"];

/// States of a Task that is still to be done.
pub(crate) const AWAITED: [&str; 6] =
    ["requested", "received", "accepted", "ready", "in-progress", "on-hold"];
