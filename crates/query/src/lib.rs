//! A FHIR search URL as a typed query; no storage
