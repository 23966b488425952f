//! FHIRPath Patch (FHIR R4 fhirpatch): operations in a Parameters resource, each of which names
//! what it changes by an expression.

use accord_fhir::json::{self, Kind, Tape, Value};
use accord_fhirpath::{self as fhirpath, Element, Env, Item};
use accord_spec::TypeId;

use crate::edit::{occupied, put, remove, replace_item, set};
use crate::locate::{path_to, twin};
use crate::part::{self, Made};
use crate::tree::{Key, Node};
use crate::{Limits, PatchError};

/// Applies the operations of a Parameters resource to a resource.
///
/// # Errors
/// A malformed patch, an operation that cannot be applied, limits.
pub fn fhirpath_patch(
    document: Value<'_>,
    parameters: Value<'_>,
    limits: Limits,
) -> Result<String, PatchError> {
    if parameters.get_str("resourceType").as_deref() != Some("Parameters") {
        return Err(PatchError::Malformed("expected a Parameters resource"));
    }
    let mut text = document.raw().to_owned();
    let all = parameters.get("parameter");
    let count = all.into_iter().flat_map(Value::items).count().max(1);
    let mut work = Work {
        steps: (MOST_STEPS / u32::try_from(count).unwrap_or(MOST_STEPS))
            .clamp(FEWEST_STEPS_EACH, MOST_STEPS_EACH),
        bytes: limits.work,
    };
    for (before, parameter) in all.into_iter().flat_map(Value::items).enumerate() {
        if before >= limits.operations {
            return Err(PatchError::TooLarge);
        }
        let at = before + 1;
        if parameter.get_str("name").as_deref() != Some("operation") {
            let why = "parameter is not named `operation`".to_owned();
            return Err(PatchError::Operation { at, why });
        }
        work.spend(text.len())?;
        let tape = json::parse(text.as_bytes(), json::Limits::default())
            .map_err(|_| PatchError::NotApplicable { at })?;
        text = Operation { at, parts: parameter }.apply(&tape, &mut work)?;
        if text.len() > limits.bytes {
            return Err(PatchError::TooLarge);
        }
    }
    Ok(text)
}

/// Steps of all expressions together, roughly; of each at most and at least.
const MOST_STEPS: u32 = 10_000_000;
const MOST_STEPS_EACH: u32 = 1_000_000;
const FEWEST_STEPS_EACH: u32 = 10_000;

/// What may yet be gone through.
struct Work {
    /// Steps of each expression.
    steps: u32,
    /// Bytes, for all operations together.
    bytes: usize,
}

impl Work {
    fn spend(&mut self, bytes: usize) -> Result<(), PatchError> {
        self.bytes = self.bytes.checked_sub(bytes).ok_or(PatchError::TooLarge)?;
        Ok(())
    }
}

struct Operation<'p> {
    at: usize,
    parts: Value<'p>,
}

/// An element that a path found, and where it stands.
struct Found {
    ty: TypeId,
    definition: Option<&'static accord_spec::Element>,
    path: Vec<Key>,
}

impl<'p> Operation<'p> {
    fn apply(&self, tape: &Tape, work: &mut Work) -> Result<String, PatchError> {
        let kind = self.text("type")?;
        let path = self.text("path")?;
        let mut root = Node::Raw(tape.root());
        match &*kind {
            "add" => self.add(self.one(&self.found(tape, &path, work)?)?, &mut root)?,
            "insert" => self.insert(&self.found(tape, &path, work)?, &mut root)?,
            "delete" => match self.found(tape, &path, work)?.as_slice() {
                // Nothing there is nothing to do.
                [] => {}
                found => remove(&mut root, &self.one(found)?.path).ok_or(self.no())?,
            },
            "replace" => self.replace(self.one(&self.found(tape, &path, work)?)?, &mut root)?,
            "move" => self.reorder(&self.found(tape, &path, work)?, &mut root)?,
            _ => return Err(self.wrong("`type` is none of add, insert, delete, replace, move")),
        }
        Ok(root.text())
    }

    /// The elements that an expression finds.
    fn found(&self, tape: &Tape, path: &str, work: &mut Work) -> Result<Vec<Found>, PatchError> {
        let on = Element::resource(tape.root()).ok_or(self.no())?;
        let limits = fhirpath::Limits { steps: work.steps, ..fhirpath::Limits::default() };
        let parsed = fhirpath::parse(path, limits).map_err(|e| self.wrong(&e.to_string()))?;
        let plan =
            fhirpath::compile(&parsed, on.ty, limits).map_err(|e| self.wrong(&e.to_string()))?;
        let root = tape.root();
        let mut found = Vec::new();
        let (mut sound, mut spent) = (true, Ok(()));
        // To find the place of an element takes as long as what lies before it.
        let search = root.raw().len() / 64;
        let env = Env::new(root, &|_| None);
        plan.each(&env, on, &mut |item| {
            let Item::Element(element) = item else {
                sound = false;
                return std::ops::ControlFlow::Break(());
            };
            spent = work.spend(search);
            if spent.is_err() {
                return std::ops::ControlFlow::Break(());
            }
            let span = element.value.or(element.sibling).map(Value::span);
            if let Some(path) = span.and_then(|span| path_to(root, &span)) {
                found.push((path, element.ty, element.definition));
            }
            std::ops::ControlFlow::Continue(())
        })
        .map_err(|_| self.no())?;
        spent?;
        if !sound {
            return Err(self.no());
        }
        let located = found.into_iter().map(|(path, ty, definition)| Found {
            ty,
            definition,
            path: plain(path),
        });
        Ok(located.collect())
    }

    fn one<'f>(&self, found: &'f [Found]) -> Result<&'f Found, PatchError> {
        match found {
            [only] => Ok(only),
            _ => Err(self.no()),
        }
    }

    /// `add`: at the end of a list, or where nothing stands yet.
    fn add(&self, to: &Found, root: &mut Node<'_>) -> Result<(), PatchError> {
        let name = self.text("name")?;
        let part = self.part("value").ok_or_else(|| self.wrong("`value` is missing"))?;
        let suffix = part::value(part, None, 0).and_then(|made| made.suffix);
        let own = part::element(to.ty, &name, suffix.as_deref());
        let own = own.ok_or_else(|| self.wrong("`name` is no element there"))?;
        let made = self.made(own.ty)?;
        let node = root.descend(&to.path).ok_or(self.no())?;
        if own.many {
            let member = Key::Name(own.name.to_owned());
            let before = match node.child(&member) {
                Some(list) => list.items().map(|items| items.len()).ok_or(self.no())?,
                None => 0,
            };
            return put(node, own.name, before, made).ok_or(self.no());
        }
        if occupied(node, own) {
            return Err(self.no());
        }
        set(node, own.name, made).ok_or(self.no())
    }

    /// `replace`: the value with its id and extensions.
    fn replace(&self, what: &Found, root: &mut Node<'_>) -> Result<(), PatchError> {
        let made = self.made(what.ty)?;
        let (last, parent) = what.path.split_last().ok_or(self.no())?;
        match last {
            Key::Index(at) => {
                let (name, holder) = match parent.split_last() {
                    Some((Key::Name(name), holder)) => (name.clone(), holder),
                    _ => return Err(self.no()),
                };
                let node = root.descend(holder).ok_or(self.no())?;
                replace_item(node, &name, *at, made).ok_or(self.no())
            }
            Key::Name(name) => {
                let node = root.descend(parent).ok_or(self.no())?;
                // A choice can get a value of another of its types.
                let new = match (&made.suffix, what.definition) {
                    (Some(suffix), Some(own)) if own.is_choice => {
                        format!("{}{suffix}", own.path_name)
                    }
                    _ => name.clone(),
                };
                if new != *name {
                    node.take(&Key::Name(name.clone()));
                    node.take(&Key::Name(format!("_{name}")));
                }
                node.take(&Key::Name(format!("_{new}")));
                set(node, &new, made).ok_or(self.no())
            }
        }
    }

    fn insert(&self, found: &[Found], root: &mut Node<'_>) -> Result<(), PatchError> {
        let at = self.place("index")?;
        let (name, holder) = self.list(found)?;
        let made = self.made(found.first().ok_or(self.no())?.ty)?;
        let node = root.descend(&holder).ok_or(self.no())?;
        if at > found.len() {
            return Err(self.no());
        }
        // What was made owns its text, whatever the document's lifetime is.
        put(node, &name, at, made).ok_or(self.no())
    }

    fn reorder(&self, found: &[Found], root: &mut Node<'_>) -> Result<(), PatchError> {
        let (source, destination) = (self.place("source")?, self.place("destination")?);
        let (name, holder) = self.list(found)?;
        if source >= found.len() || destination >= found.len() {
            return Err(self.no());
        }
        let node = root.descend(&holder).ok_or(self.no())?;
        for name in [name.clone(), format!("_{name}")] {
            let Some(items) = node.child(&Key::Name(name)).and_then(Node::items) else { continue };
            while items.len() < found.len() {
                items.push(Node::Made("null".to_owned()));
            }
            let moved = items.remove(source);
            items.insert(destination, moved);
        }
        Ok(())
    }

    /// The list that the elements are all the items of: its name and what holds it.
    fn list(&self, found: &[Found]) -> Result<(String, Vec<Key>), PatchError> {
        let first = found.first().ok_or(self.no())?;
        let Some((Key::Index(0), list)) = first.path.split_last() else { return Err(self.no()) };
        let whole = found
            .iter()
            .enumerate()
            .all(|(at, one)| one.path.split_last() == Some((&Key::Index(at), list)));
        match list.split_last() {
            Some((Key::Name(name), holder)) if whole => Ok((name.clone(), holder.to_vec())),
            _ => Err(self.no()),
        }
    }

    fn made(&self, ty: TypeId) -> Result<Made, PatchError> {
        let part = self.part("value").ok_or_else(|| self.wrong("`value` is missing"))?;
        let ty = part::is_complex(ty).then_some(ty);
        part::value(part, ty, 0).ok_or_else(|| self.wrong("`value` does not fit the element"))
    }

    fn part(&self, name: &str) -> Option<Value<'p>> {
        let parts = self.parts.get("part").filter(|parts| parts.kind() == Kind::Array)?;
        parts.items().find(|part| part.get_str("name").as_deref() == Some(name))
    }

    /// A part that is a text or a code.
    fn text(&self, name: &str) -> Result<String, PatchError> {
        let part = self.part(name);
        let text = part.and_then(|part| part.get_str("valueString").or(part.get_str("valueCode")));
        text.map(|text| text.into_owned())
            .ok_or_else(|| self.wrong(&format!("`{name}` is missing")))
    }

    fn place(&self, name: &str) -> Result<usize, PatchError> {
        let value = self.part(name).and_then(|part| part.get("valueInteger"));
        let number = value.and_then(|value| value.as_number()?.parse().ok());
        number.ok_or_else(|| self.wrong(&format!("`{name}` is missing")))
    }

    fn no(&self) -> PatchError {
        PatchError::NotApplicable { at: self.at }
    }

    fn wrong(&self, why: &str) -> PatchError {
        PatchError::Operation { at: self.at, why: why.to_owned() }
    }
}

/// The path of the value, also where only its sibling is there.
fn plain(path: Vec<Key>) -> Vec<Key> {
    let own = path.iter().rfind(|key| matches!(key, Key::Name(_)));
    match own {
        Some(Key::Name(name)) if name.starts_with('_') => twin(&path).unwrap_or(path),
        _ => path,
    }
}
