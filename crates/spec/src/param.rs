//! Search parameters.

use crate::resource::ResourceType;
use crate::tables::tables;

/// A search parameter's number: its place in the list sorted by code, then base type.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ParamId(pub u16);

impl ParamId {
    /// The numbers of parameters that a store defines itself.
    pub const OWN: std::ops::Range<u16> = 0x8000..0xf000;

    /// Whether it is the number of a parameter that a store defines itself: the official tables do
    /// not know it.
    pub fn is_own(self) -> bool {
        ParamId::OWN.contains(&self.0)
    }
}

/// How a parameter's values are compared (FHIR R4 search §3.1.1.4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the names are those of the specification")]
pub enum ParamKind {
    Composite,
    Date,
    Number,
    Quantity,
    Reference,
    /// Matched by a rule of its own: `_text`, `_content`, `_filter`, `_query`, `near`.
    Special,
    String,
    Token,
    Uri,
}

impl ParamKind {
    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<ParamKind> {
        Some(match name {
            "composite" => ParamKind::Composite,
            "date" => ParamKind::Date,
            "number" => ParamKind::Number,
            "quantity" => ParamKind::Quantity,
            "reference" => ParamKind::Reference,
            "special" => ParamKind::Special,
            "string" => ParamKind::String,
            "token" => ParamKind::Token,
            "uri" => ParamKind::Uri,
            _ => return None,
        })
    }

    /// Its name in the specification.
    pub fn name(self) -> &'static str {
        match self {
            ParamKind::Composite => "composite",
            ParamKind::Date => "date",
            ParamKind::Number => "number",
            ParamKind::Quantity => "quantity",
            ParamKind::Reference => "reference",
            ParamKind::Special => "special",
            ParamKind::String => "string",
            ParamKind::Token => "token",
            ParamKind::Uri => "uri",
        }
    }
}

/// A search parameter of one resource type, or of all.
#[derive(Debug)]
pub struct SearchParam {
    /// Its number.
    pub id: ParamId,
    /// Its name in a search.
    pub code: &'static str,
    /// The resource type it belongs to; `None` if common to all (`_id`, `_lastUpdated`, ...).
    pub base: Option<ResourceType>,
    /// How its values are compared.
    pub kind: ParamKind,
    /// FHIRPath of its values, reduced to the alternatives for its base; empty if it has none.
    pub expression: &'static str,
    /// Types that its references can name, narrowed by the elements behind the expression; empty
    /// means any type (or that it holds no references).
    pub targets: &'static [ResourceType],
    /// Canonical address of its definition.
    pub url: &'static str,
    /// Of a composite: its parts, in order.
    pub components: &'static [Component],
}

/// One part of a composite parameter.
#[derive(Debug)]
pub struct Component {
    /// The parameter that says how the part is compared.
    pub param: ParamId,
    /// FHIRPath of the part, from an item of the composite's own expression; `%resource` is the
    /// whole resource.
    pub expression: &'static str,
}

/// Every search parameter; [`ParamId`] is the place in this list.
pub fn params() -> &'static [SearchParam] {
    tables().params
}

/// The parameters of a resource type, common ones included, sorted by code.
pub fn params_of(resource: ResourceType) -> &'static [&'static SearchParam] {
    let lists = &tables().params_by_type;
    lists.get(usize::from(resource.0)).map(Vec::as_slice).unwrap_or_default()
}

/// The parameter that `code` names on a resource type, common ones included.
pub fn param(resource: ResourceType, code: &str) -> Option<&'static SearchParam> {
    let list = params_of(resource);
    let at = list.binary_search_by(|p| p.code.cmp(code)).ok()?;
    list.get(at).copied()
}

/// The parameter of this number.
pub fn param_by_id(id: ParamId) -> Option<&'static SearchParam> {
    params().get(usize::from(id.0))
}
