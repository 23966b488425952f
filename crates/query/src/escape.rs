//! Backslash escapes in values (FHIR R4 search §3.1.1.4.2).
