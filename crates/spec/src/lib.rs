//! The R4 definitions as compact tables: types, elements, invariants, search parameters,
//! compartments.
//!
//! The tables are texts in `data/`, generated from the official package by `cargo xtask spec` and
//! embedded here; they are parsed once, at first use, in a few milliseconds. Lookups after that
//! do not allocate.
//!
//! **Invariant:** every lookup answers from the official definitions alone; nothing here knows
//! profiles, servers or stores.
//! **Absent:** descriptions, evaluation of invariants, value set contents, resource instances,
//! JSON.

mod compartment;
mod element;
mod invariant;
mod load;
mod name_table;
mod param;
mod resource;
mod system;
mod tables;
#[cfg(test)]
mod tests;
mod types;

pub use compartment::{Compartment, compartment_params};
pub use element::{Binding, Element, Slot, Strength, element};
pub use invariant::{Invariant, invariants};
pub use param::{
    Component, ParamId, ParamKind, SearchParam, param, param_by_id, params, params_of,
};
pub use resource::ResourceType;
pub use system::is_code_system;
pub use types::{Primitive, TypeId, TypeKind, is_subtype};

/// The FHIR version that the tables describe.
pub const FHIR_VERSION: &str = "4.0.1";
