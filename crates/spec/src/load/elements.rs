//! The table of elements, with inheritance and choices spelled out.

use super::{Names, rows, stated};
use crate::element::{Binding, Element, Slot, Strength};
use crate::types::{TypeId, TypeInfo};

/// A line of the table: type, element, min, max, types, flags, strength, value set, system.
type Line = [&'static str; 9];

/// Fills in the elements of all types.
pub(super) fn load(table: &'static str, types: &mut [TypeInfo], names: &Names) {
    let mut lines: Vec<Line> = Vec::with_capacity(table.len() / 64);
    lines.extend(rows::<9>(table));
    let mut own: Vec<&[Line]> = vec![&[]; types.len()];
    for block in lines.chunk_by(|[a, ..], [b, ..]| a == b) {
        let holder = block.first().and_then(|[holder, ..]| names.find(holder));
        if let Some(place) = holder.and_then(|at| own.get_mut(usize::from(at))) {
            *place = block;
        }
    }
    let bases: Vec<Option<TypeId>> = types.iter().map(|t| t.base).collect();
    for (info, at) in types.iter_mut().zip(0_u16..) {
        fill(info, &chain(TypeId(at), &bases, &own), names);
    }
}

/// The lines of a type's ancestors, topmost first, then its own.
fn chain<'l>(ty: TypeId, bases: &[Option<TypeId>], own: &[&'l [Line]]) -> Vec<&'l [Line]> {
    let base_of = |t: &TypeId| bases.get(usize::from(t.0)).copied().flatten();
    let types = std::iter::successors(Some(ty), base_of);
    let mut chain: Vec<&[Line]> =
        types.filter_map(|t| own.get(usize::from(t.0)).copied()).collect();
    chain.reverse();
    chain
}

fn fill(info: &mut TypeInfo, chain: &[&[Line]], names: &Names) {
    let lines = || chain.iter().copied().flatten();
    let types_of =
        |[_, _, _, _, types, ..]: &Line| types.bytes().filter(|b| *b == b',').count() + 1;
    info.elements.reserve_exact(lines().map(types_of).sum());
    info.slots.reserve_exact(lines().count());
    for (line, slot) in lines().zip(0_u8..) {
        let [_, name, min, max, types, ..] = *line;
        let path_name = name.strip_suffix("[x]").unwrap_or(name);
        let min = min.parse().unwrap_or(0);
        info.slots.push(Slot { name, path_name, min, many: max == "*" });
        if min > 0 && slot < 64 {
            info.required |= 1 << slot;
        }
        for cell in types.split(',') {
            info.elements.extend(element(line, slot, cell, names));
        }
    }
}

fn element(line: &Line, slot: u8, cell: &'static str, names: &Names) -> Option<Element> {
    let [_, name, min, max, _, flags, strength, value_set, system] = *line;
    let (type_name, targets) = match cell.split_once('(') {
        Some((type_name, rest)) => (type_name, names.resources(rest.trim_end_matches(')'))),
        None => (cell, [].as_slice()),
    };
    let choice = name.strip_suffix("[x]");
    Some(Element {
        name: choice.map_or(name, |stem| joined(stem, type_name)),
        path_name: choice.unwrap_or(name),
        ty: TypeId(names.find(type_name)?),
        slot,
        min: min.parse().ok()?,
        many: max == "*",
        is_choice: choice.is_some(),
        is_summary: flags.contains('S'),
        is_modifier: flags.contains('M'),
        is_attribute: flags.contains('A'),
        targets,
        binding: binding(strength, value_set),
        system: stated(system).filter(|_| type_name == "code"),
    })
}

/// `value` and `dateTime` make `valueDateTime`.
fn joined(stem: &str, type_name: &str) -> &'static str {
    let mut name = String::with_capacity(stem.len() + type_name.len());
    name.push_str(stem);
    let mut rest = type_name.chars();
    name.extend(rest.next().map(|first| first.to_ascii_uppercase()));
    name.push_str(rest.as_str());
    name.leak()
}

fn binding(strength: &str, value_set: &'static str) -> Option<Binding> {
    let strength = match strength {
        "required" => Strength::Required,
        "extensible" => Strength::Extensible,
        "preferred" => Strength::Preferred,
        "example" => Strength::Example,
        _ => return None,
    };
    Some(Binding { strength, value_set })
}
