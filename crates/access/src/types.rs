//! Resource types by what they hold: the closed lists that rules speak of.

use std::sync::LazyLock;

use accord_spec::ResourceType;

/// What resources of a type hold.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Class {
    /// Who and what there is, what words mean, how things are defined: never about a patient.
    /// A resource of these types that names a patient all the same is patient data.
    Directory,
    /// Who a patient is, where and when they are seen, who looks after them.
    Administrative,
    /// What a patient permits and forbids.
    Consent,
    /// Everything else about patients. The class of every type that no list names.
    Clinical,
    /// Records of access; the server alone makes and reads them as resources.
    Audit,
    /// Who pays for a patient's care.
    Coverage,
    /// What was charged and paid, and for what.
    Claims,
    /// What organisations agreed on.
    Agreement,
    /// What someone is asked to do, the review of claims of access among it.
    Task,
}

/// Types of [`Class::Directory`].
const DIRECTORY: &[&str] = &[
    // Who and where.
    "Endpoint",
    "HealthcareService",
    "InsurancePlan",
    "Location",
    "Organization",
    "OrganizationAffiliation",
    "Practitioner",
    "PractitionerRole",
    // Products and substances.
    "CatalogEntry",
    "DeviceDefinition",
    "Medication",
    "MedicationKnowledge",
    "MedicinalProduct",
    "MedicinalProductAuthorization",
    "MedicinalProductContraindication",
    "MedicinalProductIndication",
    "MedicinalProductIngredient",
    "MedicinalProductInteraction",
    "MedicinalProductManufactured",
    "MedicinalProductPackaged",
    "MedicinalProductPharmaceutical",
    "MedicinalProductUndesirableEffect",
    "Substance",
    "SubstanceNucleicAcid",
    "SubstancePolymer",
    "SubstanceProtein",
    "SubstanceReferenceInformation",
    "SubstanceSourceMaterial",
    "SubstanceSpecification",
    // Words.
    "CodeSystem",
    "ConceptMap",
    "NamingSystem",
    "TerminologyCapabilities",
    "ValueSet",
    // Conformance.
    "CapabilityStatement",
    "CompartmentDefinition",
    "ExampleScenario",
    "GraphDefinition",
    "ImplementationGuide",
    "MessageDefinition",
    "OperationDefinition",
    "SearchParameter",
    "StructureDefinition",
    "StructureMap",
    "TestScript",
    // Definitions of care.
    "ActivityDefinition",
    "ChargeItemDefinition",
    "EffectEvidenceSynthesis",
    "EventDefinition",
    "Evidence",
    "EvidenceVariable",
    "Library",
    "Measure",
    "ObservationDefinition",
    "PlanDefinition",
    "Questionnaire",
    "ResearchDefinition",
    "ResearchElementDefinition",
    "RiskEvidenceSynthesis",
    "SpecimenDefinition",
];

/// Types of [`Class::Administrative`].
const ADMINISTRATIVE: &[&str] = &[
    "Account",
    "Appointment",
    "AppointmentResponse",
    "CareTeam",
    "Encounter",
    "EpisodeOfCare",
    "Patient",
    "Person",
    "RelatedPerson",
    "Schedule",
    "Slot",
];

/// Types of [`Class::Coverage`].
const COVERAGE: &[&str] = &[
    "Coverage",
    "CoverageEligibilityRequest",
    "CoverageEligibilityResponse",
    "EnrollmentRequest",
    "EnrollmentResponse",
];

/// Types of [`Class::Claims`].
const CLAIMS: &[&str] = &[
    "Claim",
    "ClaimResponse",
    "ExplanationOfBenefit",
    "Invoice",
    "PaymentNotice",
    "PaymentReconciliation",
];

impl Class {
    /// Every class with its code. Facts on disk name a class by its place here: add at the end.
    pub const ALL: [(Class, &'static str); 9] = [
        (Class::Directory, "directory"),
        (Class::Administrative, "administrative"),
        (Class::Consent, "consent"),
        (Class::Clinical, "clinical"),
        (Class::Audit, "audit"),
        (Class::Coverage, "coverage"),
        (Class::Claims, "claims"),
        (Class::Agreement, "agreement"),
        (Class::Task, "task"),
    ];

    /// The class of a type.
    pub fn of(resource_type: ResourceType) -> Class {
        static CLASSES: LazyLock<Vec<Class>> =
            LazyLock::new(|| ResourceType::ALL.into_iter().map(Class::listed).collect());
        CLASSES.get(usize::from(resource_type.0)).copied().unwrap_or(Class::Clinical)
    }

    /// The class by the lists above.
    fn listed(resource_type: ResourceType) -> Class {
        let name = resource_type.name();
        match name {
            "Consent" => Class::Consent,
            "AuditEvent" => Class::Audit,
            "Contract" => Class::Agreement,
            "Task" => Class::Task,
            _ if DIRECTORY.contains(&name) => Class::Directory,
            _ if ADMINISTRATIVE.contains(&name) => Class::Administrative,
            _ if COVERAGE.contains(&name) => Class::Coverage,
            _ if CLAIMS.contains(&name) => Class::Claims,
            _ => Class::Clinical,
        }
    }

    /// The class with this code.
    pub fn from_code(code: &str) -> Option<Class> {
        Class::ALL.iter().find(|(_, c)| *c == code).map(|(class, _)| *class)
    }

    /// The class's code.
    pub fn code(self) -> &'static str {
        Class::ALL.iter().find(|(class, _)| *class == self).map_or("", |(_, code)| code)
    }

    /// The types of the class.
    pub fn types(self) -> TypeSet {
        static SETS: LazyLock<[TypeSet; 9]> = LazyLock::new(|| {
            Class::ALL.map(|(class, _)| {
                ResourceType::ALL.into_iter().filter(|t| Class::of(*t) == class).collect()
            })
        });
        let at = Class::ALL.iter().position(|(class, _)| *class == self);
        at.and_then(|at| SETS.get(at)).copied().unwrap_or_default()
    }
}

/// A set of resource types, one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct TypeSet([u64; 4]);

impl TypeSet {
    /// Every type.
    pub const ALL: TypeSet = TypeSet([u64::MAX; 4]);

    /// Whether the type is in the set.
    pub fn contains(&self, resource_type: ResourceType) -> bool {
        let word = self.0.get(usize::from(resource_type.0 >> 6)).copied().unwrap_or_default();
        word >> (resource_type.0 & 63) & 1 == 1
    }

    /// The types in the set, in their order.
    pub fn iter(&self) -> impl Iterator<Item = ResourceType> + '_ {
        ResourceType::ALL.into_iter().filter(|resource_type| self.contains(*resource_type))
    }

    /// The types in either set.
    pub fn union(self, other: TypeSet) -> TypeSet {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        TypeSet([a | e, b | f, c | g, d | h])
    }
}

impl FromIterator<ResourceType> for TypeSet {
    fn from_iter<I: IntoIterator<Item = ResourceType>>(types: I) -> TypeSet {
        let mut set = TypeSet::default();
        for resource_type in types {
            if let Some(word) = set.0.get_mut(usize::from(resource_type.0 >> 6)) {
                *word |= 1 << (resource_type.0 & 63);
            }
        }
        set
    }
}
