//! Resource types as small numbers.

use crate::tables::tables;
use crate::types::{TypeId, TypeKind};

/// A concrete resource type; the number is its place in the alphabetical list of all of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceType(pub u8);

/// Number of concrete resource types in R4.
const COUNT: usize = 146;

impl ResourceType {
    /// Every concrete resource type, alphabetically; `Resource` and `DomainResource` are not
    /// among them.
    pub const ALL: [ResourceType; COUNT] = all();

    /// `AuditEvent`
    pub const AUDIT_EVENT: ResourceType = ResourceType(6);
    /// `Binary`
    pub const BINARY: ResourceType = ResourceType(8);
    /// `Bundle`
    pub const BUNDLE: ResourceType = ResourceType(11);
    /// `CodeSystem`
    pub const CODE_SYSTEM: ResourceType = ResourceType(21);
    /// `ConceptMap`
    pub const CONCEPT_MAP: ResourceType = ResourceType(26);
    /// `Consent`
    pub const CONSENT: ResourceType = ResourceType(28);
    /// `Encounter`
    pub const ENCOUNTER: ResourceType = ResourceType(43);
    /// `Observation`
    pub const OBSERVATION: ResourceType = ResourceType(95);
    /// `OperationOutcome`
    pub const OPERATION_OUTCOME: ResourceType = ResourceType(98);
    /// `Organization`
    pub const ORGANIZATION: ResourceType = ResourceType(99);
    /// `Parameters`
    pub const PARAMETERS: ResourceType = ResourceType(101);
    /// `Patient`
    pub const PATIENT: ResourceType = ResourceType(102);
    /// `Practitioner`
    pub const PRACTITIONER: ResourceType = ResourceType(107);
    /// `ValueSet`
    pub const VALUE_SET: ResourceType = ResourceType(143);

    /// The resource type of this exact name.
    pub fn from_name(name: &str) -> Option<ResourceType> {
        TypeId::from_name(name)?.resource()
    }

    /// Its name, as in `resourceType`.
    pub fn name(self) -> &'static str {
        self.type_id().name()
    }

    /// The same type among all types.
    pub fn type_id(self) -> TypeId {
        TypeId(u16::from(self.0))
    }

    /// Whether it is a `DomainResource`: has text, contained resources and extensions.
    pub fn is_domain_resource(self) -> bool {
        self.type_id().base() == Some(TypeId::DOMAIN_RESOURCE)
    }
}

impl TypeId {
    /// The same type among the concrete resource types, if it is one.
    pub fn resource(self) -> Option<ResourceType> {
        let concrete = tables().types.get(usize::from(self.0))?.kind == TypeKind::Resource;
        u8::try_from(self.0).ok().filter(|_| concrete).map(ResourceType)
    }
}

impl std::fmt::Debug for ResourceType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::fmt::Display for ResourceType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[allow(clippy::indexing_slicing, reason = "the index runs over the array's own length")]
const fn all() -> [ResourceType; COUNT] {
    let mut list = [ResourceType(0); COUNT];
    let mut at = 0;
    while at < COUNT {
        list[at] = ResourceType(at as u8);
        at += 1;
    }
    list
}
