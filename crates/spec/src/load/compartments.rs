//! The table of compartments.

use super::{Names, rows};
use crate::compartment::Compartment;

/// By compartment, then resource type: parameter codes.
pub(super) fn load(
    table: &'static str,
    names: &Names,
    resources: usize,
) -> Vec<Vec<Vec<&'static str>>> {
    let mut all = vec![vec![Vec::new(); resources]; Compartment::ALL.len()];
    for [compartment, resource, params] in rows::<3>(table) {
        let Some(compartment) = Compartment::from_name(compartment) else { continue };
        let list = all
            .get_mut(compartment as usize)
            .and_then(|lists| lists.get_mut(usize::from(names.find(resource)?)));
        if let Some(list) = list {
            list.extend(params.split(' '));
        }
    }
    all
}
