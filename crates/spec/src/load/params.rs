//! The table of search parameters.

use std::collections::HashMap;

use super::{Names, rows};
use crate::param::{Component, ParamId, ParamKind, SearchParam};
use crate::resource::ResourceType;
use crate::types::{TypeId, TypeInfo};

/// A line of the table: code, base, kind, expression, targets, address, components.
type Line = [&'static str; 7];

/// The parameters in table order.
pub(super) fn load(table: &'static str, names: &Names) -> &'static [SearchParam] {
    let lines: Vec<Line> = rows(table).collect();
    let by_address: HashMap<(&str, &str), ParamId> = lines
        .iter()
        .zip(0_u16..)
        .map(|([_, base, _, _, _, url, _], at)| ((*url, *base), ParamId(at)))
        .collect();
    let params = lines.iter().zip(0_u16..).filter_map(|(line, at)| {
        let [code, base, kind, expression, targets, url, components] = *line;
        let parts = components.split(';').filter_map(|part| {
            let (url, expression) = part.split_once('=')?;
            Some(Component { param: *by_address.get(&(url, base))?, expression })
        });
        Some(SearchParam {
            id: ParamId(at),
            code,
            base: resource(base, names),
            kind: ParamKind::from_name(kind)?,
            expression: if expression == "-" { "" } else { expression },
            targets: names.resources(targets),
            url,
            components: parts.collect::<Vec<_>>().leak(),
        })
    });
    params.collect::<Vec<_>>().leak()
}

fn resource(base: &str, names: &Names) -> Option<ResourceType> {
    if matches!(base, "Resource" | "DomainResource") {
        return None;
    }
    u8::try_from(names.find(base)?).ok().map(ResourceType)
}

/// For each resource type its own and the common parameters, sorted by code.
pub(super) fn by_type(
    params: &'static [SearchParam],
    types: &[TypeInfo],
    resources: usize,
) -> Vec<Vec<&'static SearchParam>> {
    let mut lists: Vec<Vec<&'static SearchParam>> = vec![Vec::new(); resources];
    for param in params {
        match param.base {
            Some(base) => {
                if let Some(list) = lists.get_mut(usize::from(base.0)) {
                    list.push(param);
                }
            }
            None => {
                // `_text` searches the narrative, which only domain resources have.
                let narrative = param.code == "_text";
                for (list, info) in lists.iter_mut().zip(types) {
                    if !narrative || info.base == Some(TypeId::DOMAIN_RESOURCE) {
                        list.push(param);
                    }
                }
            }
        }
    }
    lists
}
