//! Elements of types, by the names they have in JSON.

use crate::resource::ResourceType;
use crate::tables::tables;
use crate::types::TypeId;

/// An element of a type under one of its JSON names; a choice has one such element per type.
#[derive(Debug)]
pub struct Element {
    /// Name in JSON: `birthDate`, `valueQuantity`.
    pub name: &'static str,
    /// Name in FHIRPath: `birthDate`, `value`.
    pub path_name: &'static str,
    /// The type of its value.
    pub ty: TypeId,
    /// Place in [`TypeId::slots`]; all types of a choice share one.
    pub slot: u8,
    /// Least number of occurrences.
    pub min: u8,
    /// Whether it repeats: an array in JSON.
    pub many: bool,
    /// Whether it is one type of a choice such as `value[x]`.
    pub is_choice: bool,
    /// Part of the summary view.
    pub is_summary: bool,
    /// Can change the meaning of what holds it.
    pub is_modifier: bool,
    /// An attribute in XML (`Element.id`, `Extension.url`): has no id or extensions of its own.
    pub is_attribute: bool,
    /// What a Reference or canonical may refer to; empty means anything.
    pub targets: &'static [ResourceType],
    /// The value set its codes come from.
    pub binding: Option<Binding>,
    /// For a `code` with a required binding to codes of exactly one system: that system.
    pub system: Option<&'static str>,
}

/// An element as its type defines it.
#[derive(Debug)]
pub struct Slot {
    /// Name as in the definition: `birthDate`, `value[x]`.
    pub name: &'static str,
    /// Name in FHIRPath: `birthDate`, `value`.
    pub path_name: &'static str,
    /// Least number of occurrences.
    pub min: u8,
    /// Whether it repeats.
    pub many: bool,
}

/// The value set that codes of an element come from.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// How strictly.
    pub strength: Strength,
    /// Canonical address without a version.
    pub value_set: &'static str,
}

/// How strictly a binding holds (FHIR R4 terminologies §4.1.5).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strength {
    /// Only codes of the set.
    Required,
    /// Codes of the set where one fits.
    Extensible,
    /// Codes of the set are encouraged.
    Preferred,
    /// The set only illustrates.
    Example,
}

/// The element of `ty` whose JSON name is `key`, inherited ones included.
///
/// `resourceType` and `_name` siblings are no elements.
pub fn element(ty: TypeId, key: &str) -> Option<&'static Element> {
    let tables = tables();
    let at = |found: usize| {
        let &(holder, place) = tables.element_places.get(found)?;
        if holder == ty.0 { tables.element_at(holder, place) } else { None }
    };
    let is_it = |found| at(found).is_some_and(|e| e.name == key);
    at(tables.element_names.find(ty.0, key, is_it)?)
}

impl TypeId {
    /// The element whose JSON name is `key`; see [`element`].
    pub fn element(self, key: &str) -> Option<&'static Element> {
        element(self, key)
    }

    /// The elements whose FHIRPath name is `name`: several for a choice, none if unknown.
    pub fn elements_by_path_name(self, name: &str) -> impl Iterator<Item = &'static Element> {
        self.elements().iter().filter(move |e| e.path_name == name)
    }
}
