//! Coded values and the systems they come from.

/// SNOMED CT.
pub(crate) const SNOMED: &str = "http://snomed.info/sct";
/// LOINC.
pub(crate) const LOINC: &str = "http://loinc.org";
/// Units of measure.
pub(crate) const UCUM: &str = "http://unitsofmeasure.org";
/// Vaccines administered.
pub(crate) const CVX: &str = "http://hl7.org/fhir/sid/cvx";
/// HL7 v3 ActCode: encounter classes, sensitivities, consent policies.
pub(crate) const ACT: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

/// A code of HL7's own terminology: the last part of its system, the code and its display.
macro_rules! hl7 {
    ($system:literal, $code:expr, $display:expr) => {
        $crate::code::Code {
            system: concat!("http://terminology.hl7.org/CodeSystem/", $system),
            code: $code,
            display: $display,
        }
    };
}
pub(crate) use hl7;

/// A code with its system and display.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Code {
    pub system: &'static str,
    pub code: &'static str,
    pub display: &'static str,
}

impl Code {
    /// A code of this system.
    pub const fn new(system: &'static str, code: &'static str, display: &'static str) -> Code {
        Code { system, code, display }
    }
}
