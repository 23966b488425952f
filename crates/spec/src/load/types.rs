//! The table of types.

use super::{rows, stated};
use crate::name_table::NameTable;
use crate::types::{Primitive, TypeId, TypeInfo, TypeKind};

/// The types in table order, without elements yet, and the table of their names.
pub(super) fn load(table: &'static str) -> (Vec<TypeInfo>, NameTable) {
    let lines: Vec<[&str; 3]> = rows(table).collect();
    let names = NameTable::new(lines.iter().map(|[name, ..]| (0, *name)));
    let find = |name: &str| {
        let at = names.find(0, name, |at| lines.get(at).is_some_and(|[n, ..]| *n == name))?;
        u16::try_from(at).ok().map(TypeId)
    };
    let types = lines.iter().map(|[name, kind, base]| TypeInfo {
        name,
        kind: kind_of(kind),
        base: stated(base).and_then(find),
        primitive: Primitive::from_name(name),
        elements: Vec::new(),
        slots: Vec::new(),
        required: 0,
    });
    (types.collect(), names)
}

fn kind_of(cell: &str) -> TypeKind {
    match cell {
        "resource" => TypeKind::Resource,
        "complex" => TypeKind::Complex,
        "primitive" => TypeKind::Primitive,
        "backbone" => TypeKind::Backbone,
        _ => TypeKind::Abstract,
    }
}
