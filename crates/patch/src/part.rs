//! The value of a FHIRPath Patch operation as the JSON of an element.

use accord_fhir::json::{Kind, Value, quoted};
use accord_spec::{TypeId, TypeKind};

/// A value: the JSON of the element and, for a primitive with an id or extensions, of its sibling.
pub(crate) struct Made {
    /// The JSON, if it has a value.
    pub json: Option<String>,
    /// Its `_name` sibling.
    pub sibling: Option<String>,
    /// The type as it stands behind `value`: `String`, `HumanName`; none for one built from parts.
    pub suffix: Option<String>,
}

/// Depth of parts in parts.
const DEPTH: usize = 16;

/// Reads `value[x]`, or parts that are the members of an element of type `ty`.
pub(crate) fn value(part: Value<'_>, ty: Option<TypeId>, depth: usize) -> Option<Made> {
    if depth > DEPTH {
        return None;
    }
    let mut made = Made { json: None, sibling: None, suffix: None };
    for (name, value) in part.members() {
        if let Some(suffix) = name.strip_prefix("value") {
            made.json = Some(value.raw().to_owned());
            made.suffix = Some(suffix.to_owned());
        } else if let Some(suffix) = name.strip_prefix("_value") {
            made.sibling = Some(value.raw().to_owned());
            made.suffix = Some(suffix.to_owned());
        } else if name == "resource" {
            made.json = Some(value.raw().to_owned());
        }
    }
    if made.json.is_some() || made.sibling.is_some() {
        return Some(made);
    }
    let parts = part.get("part").filter(|parts| parts.kind() == Kind::Array)?;
    made.json = Some(object(parts, ty?, depth)?);
    Some(made)
}

/// Parts as the members of an object: those of one name together, in an array where it repeats.
fn object(parts: Value<'_>, ty: TypeId, depth: usize) -> Option<String> {
    let mut members: Vec<(&'static str, bool, Vec<Made>)> = Vec::new();
    for part in parts.items() {
        let name = part.get_str("name")?;
        let peek = value(part, None, depth + 1);
        let suffix = peek.and_then(|made| made.suffix);
        let element = element(ty, &name, suffix.as_deref())?;
        let made = value(part, Some(element.ty), depth + 1)?;
        match members.iter_mut().find(|(own, ..)| *own == element.name) {
            Some((_, _, all)) => all.push(made),
            None => members.push((element.name, element.many, vec![made])),
        }
    }
    let mut out = Vec::new();
    for (name, many, all) in members {
        if !many && all.len() > 1 {
            return None;
        }
        let join = |texts: Vec<Option<String>>| {
            let texts: Vec<String> =
                texts.into_iter().map(|text| text.unwrap_or_else(|| "null".to_owned())).collect();
            if many { format!("[{}]", texts.join(",")) } else { texts.concat() }
        };
        let siblings = all.iter().any(|made| made.sibling.is_some());
        let valued = all.iter().any(|made| made.json.is_some());
        let (values, others): (Vec<_>, Vec<_>) =
            all.into_iter().map(|made| (made.json, made.sibling)).unzip();
        if valued {
            out.push(format!("{}:{}", quoted(name), join(values)));
        }
        if siblings {
            out.push(format!("{}:{}", quoted(&format!("_{name}")), join(others)));
        }
    }
    Some(format!("{{{}}}", out.join(",")))
}

/// The element of `ty` with this name: as in JSON, or as in FHIRPath with the type of the value.
pub(crate) fn element(
    ty: TypeId,
    name: &str,
    suffix: Option<&str>,
) -> Option<&'static accord_spec::Element> {
    if let Some(element) = ty.element(name) {
        return Some(element);
    }
    let mut choices = ty.elements_by_path_name(name);
    let only = choices.next()?;
    let suffixed = |e: &&'static accord_spec::Element| e.name.strip_prefix(name) == suffix;
    let more: Vec<_> = choices.collect();
    if more.is_empty() {
        return Some(only);
    }
    std::iter::once(only).chain(more).find(suffixed)
}

/// Whether a type holds members.
pub(crate) fn is_complex(ty: TypeId) -> bool {
    !matches!(ty.kind(), TypeKind::Primitive)
}
