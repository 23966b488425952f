//! What the index and the policy columns hold of a resource, read from its JSON.
//!
//! Search values follow the official expressions (FHIR R4 search §3.1.1.4) for parameters of kind
//! token, reference, string, date, number, quantity, uri and composite, and for the positions of
//! places. `_id` and `_lastUpdated` are not among them: the index keeps those in columns.
//!
//! **Invariant:** total on any JSON: what has an unexpected shape yields nothing. The same
//! resource yields the same values in the same order.
//! **Absent:** special parameters other than `near`; identifiers of references that name a
//! resource as well; SampledData, Ratio and Attachment; the resources inside a Bundle. What
//! contained resources hold is read apart, from the document alone.

mod codes;
mod composite;
mod contained;
mod convert;
mod date;
mod distinct;
mod fields;
mod form;
mod links;
mod near;
mod own;
mod policy;
mod quantity;
mod reference;
mod references;
#[cfg(test)]
mod tests;
mod text;
mod token;
mod words;

use accord_base::ResourceId;
use accord_fhir::json;
use accord_spec::{ParamId, ResourceType};

use crate::value::{Datum, Values};

pub use codes::add_codes;
pub(crate) use contained::{Within, contained};
pub use links::{add_links, links, passes_labels};
pub(crate) use own::{OwnField, own_values, takes};
pub(crate) use policy::naming_params;
pub use policy::{Columns, authors, clinical_day, labels, patients};
pub use references::references;
pub use words::texts;
pub(crate) use words::{At, words};

/// A resource to extract from.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// Its JSON.
    pub resource: json::Value<'a>,
    /// Its type.
    pub resource_type: ResourceType,
    /// The relative reference that the text of a reference stands for, where the text is the name
    /// of an entry of the same transaction, a conditional reference, or another name of a resource
    /// of this server.
    pub resolve: &'a dyn Fn(&str) -> Option<String>,
    /// Base of this server's URLs without a slash at the end: absolute references below it are
    /// taken as relative.
    pub base: Option<&'a str>,
}

/// The search values of a resource, those of one parameter together; [`Source`] explains `resolve`.
pub fn extract(
    resource: json::Value<'_>,
    resource_type: ResourceType,
    resolve: &dyn Fn(&str) -> Option<String>,
) -> Values {
    fields::values(&Source { resource, resource_type, resolve, base: None })
}

/// The resources of this server, by type and id, that a resource as it is served refers to by
/// one of its reference parameters, or by any of them.
pub fn referenced(
    resource: json::Value<'_>,
    resource_type: ResourceType,
    param: Option<ParamId>,
) -> Vec<(ResourceType, String)> {
    let source = Source { resource, resource_type, resolve: &|_| None, base: None };
    let local = |datum| match datum {
        Datum::Reference { resource_type, id } => Some((ResourceType(resource_type), id)),
        _ => None,
    };
    fields::references(&source, param).into_iter().filter_map(local).collect()
}

/// The search values and the policy columns of a resource whose id is `id`; for a caller that
/// needs both, quicker than one after the other.
pub fn extract_all(source: &Source<'_>, id: &ResourceId) -> (Values, Columns) {
    let values = fields::values(source);
    let columns = Columns::of(source, id, &values);
    (values, columns)
}
