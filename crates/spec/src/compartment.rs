//! Compartments: logical groups of resources around one resource.

use crate::resource::ResourceType;
use crate::tables::tables;

/// The compartments that R4 defines.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the names are those of the resource types")]
pub enum Compartment {
    Device,
    Encounter,
    Patient,
    Practitioner,
    RelatedPerson,
}

impl Compartment {
    /// Whether resources of a type can be in one: it is named after them, or the definition has
    /// parameters of theirs.
    pub fn holds(self, of: ResourceType) -> bool {
        self.name() == of.name() || !compartment_params(self, of).is_empty()
    }

    /// All compartments, alphabetically.
    pub const ALL: [Compartment; 5] = [
        Compartment::Device,
        Compartment::Encounter,
        Compartment::Patient,
        Compartment::Practitioner,
        Compartment::RelatedPerson,
    ];

    /// The compartment named after this resource type.
    pub fn from_name(name: &str) -> Option<Compartment> {
        Compartment::ALL.into_iter().find(|c| c.name() == name)
    }

    /// The name of the resource type that it is named after.
    pub fn name(self) -> &'static str {
        match self {
            Compartment::Device => "Device",
            Compartment::Encounter => "Encounter",
            Compartment::Patient => "Patient",
            Compartment::Practitioner => "Practitioner",
            Compartment::RelatedPerson => "RelatedPerson",
        }
    }
}

/// Codes of the search parameters through which a resource of type `resource` is a member.
///
/// Empty if resources of that type are never members through a reference. The resource that the
/// compartment is named after belongs to it without any.
pub fn compartment_params(
    compartment: Compartment,
    resource: ResourceType,
) -> &'static [&'static str] {
    let lists = tables().compartments.get(compartment as usize);
    let list = lists.and_then(|l| l.get(usize::from(resource.0)));
    list.map(Vec::as_slice).unwrap_or_default()
}
