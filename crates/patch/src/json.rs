//! JSON Patch (RFC 6902) with JSON Pointer (RFC 6901).

use std::collections::HashMap;

use accord_fhir::Decimal;
use accord_fhir::json::{self, Kind, Value};

use crate::tree::{Key, Node};
use crate::{Limits, PatchError};

/// An operation whose parts were read.
struct Operation<'p> {
    at: usize,
    kind: String,
    path: Vec<String>,
    from: Option<Vec<String>>,
    value: Option<Value<'p>>,
}

/// Applies a JSON Patch to a document.
///
/// # Errors
/// A malformed patch, an operation that cannot be applied, limits.
pub fn json_patch(
    document: Value<'_>,
    patch: Value<'_>,
    limits: Limits,
) -> Result<String, PatchError> {
    if patch.kind() != Kind::Array {
        return Err(PatchError::Malformed("expected an array of operations"));
    }
    let mut root = Node::Raw(document);
    let (mut size, mut work) = (document.raw().len(), limits.work);
    for (before, operation) in patch.items().enumerate() {
        if before >= limits.operations {
            return Err(PatchError::TooLarge);
        }
        let kind = operation.get_str("op").unwrap_or_default();
        let operation = Operation::read(before + 1, &kind, operation)?;
        if operation.kind == "test" {
            // What was changed is written out to be compared.
            work = work.checked_sub(size).ok_or(PatchError::TooLarge)?;
        }
        size = size.saturating_add(operation.apply(&mut root)?);
        if size > limits.bytes {
            // What was added may have replaced something.
            size = root.size();
        }
        if size > limits.bytes {
            return Err(PatchError::TooLarge);
        }
    }
    Ok(root.text())
}

impl<'p> Operation<'p> {
    fn read(at: usize, kind: &str, body: Value<'p>) -> Result<Operation<'p>, PatchError> {
        let wrong = |why: &str| PatchError::Operation { at, why: why.to_owned() };
        let path = |name: &str| match body.get(name) {
            None => Ok(None),
            Some(value) => match value.as_str().and_then(|text| pointer(&text)) {
                Some(path) => Ok(Some(path)),
                None => Err(wrong(&format!("`{name}` is no JSON pointer"))),
            },
        };
        let (own, from, value) = (path("path")?, path("from")?, body.get("value"));
        let own = own.ok_or_else(|| wrong("`path` is missing"))?;
        match kind {
            "add" | "replace" | "test" if value.is_none() => {
                return Err(wrong("`value` is missing"));
            }
            "move" | "copy" if from.is_none() => return Err(wrong("`from` is missing")),
            "add" | "replace" | "test" | "move" | "copy" | "remove" => {}
            _ => return Err(wrong("`op` is none of add, remove, replace, move, copy, test")),
        }
        Ok(Operation { at, kind: kind.to_owned(), path: own, from, value })
    }

    /// Applies it; gives the bytes that it added at most.
    fn apply<'a>(&self, root: &mut Node<'a>) -> Result<usize, PatchError>
    where
        'p: 'a,
    {
        let no = PatchError::NotApplicable { at: self.at };
        let raw = self.value.map(Node::Raw);
        let from = self.from.as_deref().unwrap_or_default();
        let done = match (self.kind.as_str(), raw) {
            ("add", Some(value)) => put(root, &self.path, value),
            ("remove", _) => take(root, &self.path).map(|_| 0),
            ("replace", Some(value)) => find(root, &self.path).map(|node| {
                let size = value.size();
                *node = value;
                size
            }),
            ("copy", _) => match find(root, from).map(|node| node.clone()) {
                Some(value) => put(root, &self.path, value),
                None => None,
            },
            // A value cannot be moved into itself.
            ("move", _) if self.path.len() > from.len() && self.path.starts_with(from) => None,
            ("move", _) => match take(root, from) {
                Some(value) => put(root, &self.path, value).map(|_| 0),
                None => None,
            },
            ("test", Some(_)) => self.test(root).then_some(0),
            _ => None,
        };
        done.ok_or(no)
    }

    fn test(&self, root: &mut Node<'_>) -> bool {
        let (Some(node), Some(value)) = (find(root, &self.path), self.value) else { return false };
        match node {
            Node::Raw(own) => same(*own, value),
            other => {
                let text = other.text();
                let parsed = json::parse(text.as_bytes(), json::Limits::default());
                parsed.is_ok_and(|tape| same(tape.root(), value))
            }
        }
    }
}

/// The steps of a pointer; `None` if it is none.
fn pointer(text: &str) -> Option<Vec<String>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let steps = text.strip_prefix('/')?.split('/');
    let decoded = |step: &str| {
        let good = step.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        good.then(|| step.replace("~1", "/").replace("~0", "~"))
    };
    steps.map(decoded).collect()
}

/// A step as it is meant for this value. `-` is the place behind the last item.
fn key(node: &mut Node<'_>, step: &str) -> Option<Key> {
    match node.open() {
        Node::Object(_) => Some(Key::Name(step.to_owned())),
        Node::Array(items) if step == "-" => Some(Key::Index(items.len())),
        Node::Array(_) => {
            let plain = step == "0" || !step.starts_with(['0', '+']);
            step.parse().ok().filter(|_| plain).map(Key::Index)
        }
        _ => None,
    }
}

fn find<'t, 'a>(root: &'t mut Node<'a>, path: &[String]) -> Option<&'t mut Node<'a>> {
    path.iter().try_fold(root, |node, step| {
        let key = key(node, step)?;
        node.child(&key)
    })
}

fn take<'a>(root: &mut Node<'a>, path: &[String]) -> Option<Node<'a>> {
    let (last, path) = path.split_last()?;
    let parent = find(root, path)?;
    let key = key(parent, last)?;
    parent.take(&key)
}

/// Adds a value; gives its size.
fn put<'a>(root: &mut Node<'a>, path: &[String], value: Node<'a>) -> Option<usize> {
    let size = value.size();
    let Some((last, path)) = path.split_last() else {
        *root = value;
        return Some(size);
    };
    let parent = find(root, path)?;
    match key(parent, last)? {
        Key::Name(name) => parent.set(&name, value)?,
        Key::Index(at) => {
            let items = parent.items().filter(|items| at <= items.len())?;
            items.insert(at, value);
        }
    }
    Some(size + last.len())
}

/// Equality of JSON (RFC 6902 §4.6): numbers by value, members in any order.
fn same(left: Value<'_>, right: Value<'_>) -> bool {
    match (left.kind(), right.kind()) {
        (Kind::Object, Kind::Object) => {
            // Looked up by name: both may have as many members as a patch has room for.
            let members: HashMap<_, _> = right.members().collect();
            let within = |name: &str, value| members.get(name).is_some_and(|r| same(value, *r));
            left.members().count() == members.len()
                && left.members().all(|(name, value)| within(&name, value))
        }
        (Kind::Array, Kind::Array) => {
            left.items().count() == right.items().count()
                && left.items().zip(right.items()).all(|(l, r)| same(l, r))
        }
        (Kind::Number, Kind::Number) => {
            match (Decimal::parse(left.raw()), Decimal::parse(right.raw())) {
                (Some(l), Some(r)) => l == r,
                _ => left.raw() == right.raw(),
            }
        }
        (Kind::String, Kind::String) => left.as_str() == right.as_str(),
        (l, r) => l == r && left.raw() == right.raw(),
    }
}
