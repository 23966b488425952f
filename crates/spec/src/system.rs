//! Code systems.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Code systems that others define and that FHIR names an address for (FHIR R4
/// terminologies-systems §4.3.0.1, external code systems; those of national authorities by their
/// own publications: dm+d and SNOMED extensions of the NHS, the ICD-10-GM, OPS and ATC of the
/// BfArM).
const EXTERNAL: &[&str] = &[
    "http://cdsystem.org/ndfrt",
    "http://clinicaltrials.gov",
    "http://dicom.nema.org/resources/ontology/DCM",
    "http://fdasis.nlm.nih.gov",
    "http://fhir.de/CodeSystem/bfarm/atc",
    "http://fhir.de/CodeSystem/bfarm/icd-10-gm",
    "http://fhir.de/CodeSystem/bfarm/ops",
    "http://hl7.org/fhir/ndfrt",
    "http://hl7.org/fhir/sid/atc",
    "http://hl7.org/fhir/sid/cpt",
    "http://hl7.org/fhir/sid/cvx",
    "http://hl7.org/fhir/sid/ex-icd-10-procedures",
    "http://hl7.org/fhir/sid/icd-10",
    "http://hl7.org/fhir/sid/icd-10-cm",
    "http://hl7.org/fhir/sid/icd-10-de",
    "http://hl7.org/fhir/sid/icd-10-gm",
    "http://hl7.org/fhir/sid/icd-10-nl",
    "http://hl7.org/fhir/sid/icd-9-cm",
    "http://hl7.org/fhir/sid/icd-9-cm/diagnosis",
    "http://hl7.org/fhir/sid/icd-9-cm/procedure",
    "http://hl7.org/fhir/sid/icpc-1",
    "http://hl7.org/fhir/sid/icpc-1-nl",
    "http://hl7.org/fhir/sid/icpc-2",
    "http://hl7.org/fhir/sid/mvx",
    "http://hl7.org/fhir/sid/ndc",
    "http://hl7.org/fhir/sid/icf-nl",
    "http://id.who.int/icd11/mms",
    "http://loinc.org",
    "http://radlex.org",
    "http://snomed.info/sct",
    "http://unitsofmeasure.org",
    "http://va.gov/terminology/medrt",
    "http://varnomen.hgvs.org",
    "http://www.ada.org/cdt",
    "http://www.ada.org/snodent",
    "http://www.ama-assn.org/go/cpt",
    "http://www.cms.gov/Medicare/Coding/ICD10",
    "http://www.genenames.org",
    "http://www.nlm.nih.gov/research/umls/rxnorm",
    "http://www.nubc.org/patient-discharge",
    "http://www.whocc.no/atc",
    "https://dmd.nhs.uk",
    "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "urn:ietf:bcp:13",
    "urn:ietf:bcp:47",
    "urn:ietf:rfc:3986",
    "urn:iso:std:iso:11073:10101",
    "urn:iso:std:iso:3166",
    "urn:iso:std:iso:3166:-2",
    "urn:iso:std:iso:4217",
];

static SYSTEMS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let table = include_str!("../data/systems.tsv").lines();
    table.filter(|line| !line.starts_with('#')).chain(EXTERNAL.iter().copied()).collect()
});

/// Whether the definitions know a code system by this address: one of R4's own and HL7's
/// terminology, or one that FHIR names an address for. Says nothing about its codes.
pub fn is_code_system(system: &str) -> bool {
    SYSTEMS.contains(system)
}
