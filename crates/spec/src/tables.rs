//! The parsed tables, made once.

use std::sync::LazyLock;

use crate::element::Element;
use crate::load;
use crate::name_table::NameTable;
use crate::param::SearchParam;
use crate::types::TypeInfo;

pub(crate) struct Tables {
    pub types: Vec<TypeInfo>,
    pub type_names: NameTable,
    /// For every element of every type: the type and the place in its list.
    pub element_places: Vec<(u16, u16)>,
    pub element_names: NameTable,
    /// Sorted by code, then base; a parameter's place is its `ParamId`.
    pub params: &'static [SearchParam],
    /// By resource type: its parameters and the common ones, sorted by code.
    pub params_by_type: Vec<Vec<&'static SearchParam>>,
    /// By compartment, then resource type: codes of the parameters that make it a member.
    pub compartments: Vec<Vec<Vec<&'static str>>>,
}

impl Tables {
    pub fn element_at(&'static self, holder: u16, place: u16) -> Option<&'static Element> {
        self.types.get(usize::from(holder))?.elements.get(usize::from(place))
    }
}

static TABLES: LazyLock<Tables> = LazyLock::new(load::load);

/// The tables; parsed at the first call.
pub(crate) fn tables() -> &'static Tables {
    &TABLES
}
