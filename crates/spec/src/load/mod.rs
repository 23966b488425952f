//! Parsing of the embedded tables.
//!
//! **Invariant:** the tables are generated, and tests check that every line is taken; a line that
//! cannot be read is passed over rather than stopping a server.

mod compartments;
mod elements;
mod params;
mod types;

use crate::name_table::NameTable;
use crate::resource::ResourceType;
use crate::tables::Tables;
use crate::types::{TypeInfo, TypeKind};

/// Parses all tables.
pub(crate) fn load() -> Tables {
    let (mut types, type_names) = types::load(include_str!("../../data/types.tsv"));
    let names = Names { table: type_names, types: types.iter().map(|t| t.name).collect() };
    elements::load(include_str!("../../data/elements.tsv"), &mut types, &names);
    let element_places = places(&types);
    let keys: Vec<(u16, &str)> = types
        .iter()
        .zip(0_u16..)
        .flat_map(|(t, holder)| t.elements.iter().map(move |e| (holder, e.name)))
        .collect();
    let resources = types.iter().filter(|t| t.kind == TypeKind::Resource).count();
    let params = params::load(include_str!("../../data/params.tsv"), &names);
    let params_by_type = params::by_type(params, &types, resources);
    let compartments =
        compartments::load(include_str!("../../data/compartments.tsv"), &names, resources);
    Tables {
        element_names: NameTable::new(keys.into_iter()),
        element_places,
        types,
        type_names: names.table,
        params,
        params_by_type,
        compartments,
    }
}

fn places(types: &[TypeInfo]) -> Vec<(u16, u16)> {
    let lists = types.iter().zip(0_u16..);
    lists
        .flat_map(|(t, holder)| (0_u16..).zip(&t.elements).map(move |(p, _)| (holder, p)))
        .collect()
}

/// Type names while the tables are being made.
struct Names {
    table: NameTable,
    types: Vec<&'static str>,
}

impl Names {
    fn find(&self, name: &str) -> Option<u16> {
        let at = self.table.find(0, name, |at| self.types.get(at) == Some(&name))?;
        u16::try_from(at).ok()
    }

    /// The resource types in a cell such as `Group|Patient`; `-` is none.
    fn resources(&self, cell: &str) -> &'static [ResourceType] {
        if cell == "-" {
            return &[];
        }
        let numbers = cell.split('|').filter_map(|name| u8::try_from(self.find(name)?).ok());
        numbers.map(ResourceType).collect::<Vec<_>>().leak()
    }
}

/// The lines of a table without its heading, split into exactly `N` cells.
pub(crate) fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut cells = [""; N];
        let mut parts = line.split('\t');
        for cell in &mut cells {
            *cell = parts.next()?;
        }
        parts.next().is_none().then_some(cells)
    })
}

/// A cell's text, `-` being none.
fn stated(cell: &'static str) -> Option<&'static str> {
    (cell != "-").then_some(cell)
}
