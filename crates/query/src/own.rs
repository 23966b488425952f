//! Search parameters that a store defines itself.

use std::sync::Arc;

use accord_spec::{ParamId, ResourceType, SearchParam, param_by_id};

/// The search parameters that a store has beside the official ones.
#[derive(Clone, Default, Debug)]
pub struct OwnParams(Option<Arc<[&'static SearchParam]>>);

impl OwnParams {
    /// None.
    pub const NONE: OwnParams = OwnParams(None);

    /// These.
    pub fn new(params: Vec<&'static SearchParam>) -> OwnParams {
        OwnParams((!params.is_empty()).then(|| params.into()))
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &'static SearchParam> {
        self.0.iter().flat_map(|params| params.iter().copied())
    }

    /// The one that a code names on a resource type.
    pub fn find(&self, on: ResourceType, code: &str) -> Option<&'static SearchParam> {
        self.iter().find(|param| param.base == Some(on) && param.code == code)
    }

    /// The parameter of this number, an official one or one of these.
    pub fn by_id(&self, id: ParamId) -> Option<&'static SearchParam> {
        if id.is_own() { self.iter().find(|param| param.id == id) } else { param_by_id(id) }
    }
}

/// A number is given to one definition only.
impl PartialEq for OwnParams {
    fn eq(&self, other: &OwnParams) -> bool {
        self.iter().map(|param| param.id).eq(other.iter().map(|param| param.id))
    }
}
