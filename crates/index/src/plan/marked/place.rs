//! Markers among what is sorted: by the values that they have themselves.

use accord_query::{Sort, SortKey};
use accord_spec::ResourceType;

use super::super::values::{Value, born, id_of};
use crate::marker;
use crate::part::Part;
use crate::value::Datum;
use crate::view::View;

/// The value that counts for a criterion, of the marker that stands for a row of a part; the lowest,
/// or the highest where those come first.
pub(in super::super) fn place(view: &View, part: &Part, local: u32, sort: &Sort) -> Option<Value> {
    let param = match sort.key {
        SortKey::Param(param) => param,
        SortKey::Id => return Some(id_of(part, local)),
        SortKey::LastUpdated => return born(part, local),
    };
    let of = ResourceType(part.columns(local)?.meta.resource_type);
    let found = marker::values(of).0.iter().filter(|value| value.param == param.0);
    let values = found.filter_map(|value| match &value.datum {
        Datum::Token { code, .. } => Some(Value::text(code)),
        Datum::Reference { .. } => {
            let policy = view.snapshot().policy(part, local)?;
            let patient = view.snapshot().patient_name(policy.patients.first()?.0)?;
            Some(Value::text(&format!("Patient/{patient}")))
        }
        _ => None,
    });
    if sort.descending { values.max() } else { values.min() }
}
