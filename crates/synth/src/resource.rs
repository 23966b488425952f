//! How each kind of resource is written.

pub(crate) mod allergy;
pub(crate) mod care_team;
pub(crate) mod claim;
pub(crate) mod condition;
pub(crate) mod consent;
pub(crate) mod coverage;
pub(crate) mod document;
pub(crate) mod encounter;
pub(crate) mod immunization;
pub(crate) mod medication;
pub(crate) mod observation;
pub(crate) mod patient;
pub(crate) mod procedure;
pub(crate) mod report;
