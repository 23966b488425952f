//! From an element that an expression found to its place in the document.

use std::ops::Range;

use accord_fhir::json::{Kind, Value};

use crate::tree::Key;

/// The path to the value that stands at these bytes of the document's text.
pub(crate) fn path_to(root: Value<'_>, span: &Range<usize>) -> Option<Vec<Key>> {
    let mut path = Vec::new();
    let mut at = root;
    while at.span() != *span {
        let holds =
            |value: &Value<'_>| value.span().start <= span.start && span.end <= value.span().end;
        let (key, next) = match at.kind() {
            Kind::Object => {
                let (name, value) = at.members().find(|(_, value)| holds(value))?;
                (Key::Name(name.into_owned()), value)
            }
            Kind::Array => {
                let (place, value) = at.items().enumerate().find(|(_, value)| holds(value))?;
                (Key::Index(place), value)
            }
            _ => return None,
        };
        path.push(key);
        at = next;
    }
    Some(path)
}

/// Of a place in `_name` or `name`, the same place in the other one.
pub(crate) fn twin(path: &[Key]) -> Option<Vec<Key>> {
    let at = path.iter().rposition(|key| matches!(key, Key::Name(_)))?;
    let mut twin = path.to_vec();
    if let Some(Key::Name(name)) = twin.get_mut(at) {
        *name = match name.strip_prefix('_') {
            Some(plain) => plain.to_owned(),
            None => format!("_{name}"),
        };
    }
    Some(twin)
}
