//! Elements set, added, replaced and removed, with the siblings that primitives have.

use crate::locate::twin;
use crate::part::Made;
use crate::tree::{Key, Node};

/// Whether the element, or another type of its choice, is there.
pub(crate) fn occupied(node: &mut Node<'_>, element: &'static accord_spec::Element) -> bool {
    let Node::Object(members) = node.open() else { return false };
    let is = |name: &str| {
        let plain = name.strip_prefix('_').unwrap_or(name);
        let suffix = plain.strip_prefix(element.path_name);
        let choice = element.is_choice
            && suffix.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()));
        plain == element.name || choice
    };
    members.iter().any(|(name, _)| is(name))
}

pub(crate) fn set(node: &mut Node<'_>, name: &str, made: Made) -> Option<()> {
    match made.json {
        Some(json) => node.set(name, Node::Made(json))?,
        None => {
            node.take(&Key::Name(name.to_owned()));
        }
    }
    match made.sibling {
        Some(sibling) => node.set(&format!("_{name}"), Node::Made(sibling)),
        None => Some(()),
    }
}

/// Puts a value into the list of this name; the list of siblings keeps step.
pub(crate) fn put(node: &mut Node<'_>, name: &str, at: usize, made: Made) -> Option<()> {
    let null = || Node::Made("null".to_owned());
    let siblings = format!("_{name}");
    let value = made.json.map_or_else(null, Node::Made);
    match node.child(&Key::Name(name.to_owned())) {
        Some(list) => {
            let items = list.items()?;
            while items.len() < at {
                items.push(null());
            }
            items.insert(at, value);
        }
        None => node.set(name, Node::Array(vec![value]))?,
    }
    let sibling = made.sibling.map(Node::Made);
    match (node.child(&Key::Name(siblings.clone())), sibling) {
        (Some(list), sibling) => {
            let items = list.items()?;
            while items.len() < at {
                items.push(null());
            }
            items.insert(at, sibling.unwrap_or_else(null));
        }
        (None, Some(sibling)) => {
            let mut items: Vec<Node<'_>> = (0..at).map(|_| null()).collect();
            items.push(sibling);
            node.set(&siblings, Node::Array(items))?;
        }
        (None, None) => {}
    }
    Some(())
}

pub(crate) fn replace_item(node: &mut Node<'_>, name: &str, at: usize, made: Made) -> Option<()> {
    for member in [name.to_owned(), format!("_{name}")] {
        if let Some(list) = node.child(&Key::Name(member)) {
            let items = list.items()?;
            if at < items.len() {
                items.remove(at);
            }
        }
    }
    put(node, name, at, made)
}

/// Takes an element out with its sibling, and what holds nothing any more after it.
pub(crate) fn remove(root: &mut Node<'_>, path: &[Key]) -> Option<()> {
    if path.is_empty() {
        return None;
    }
    let mut removed = false;
    for path in std::iter::once(path.to_vec()).chain(twin(path)) {
        let mut at = Some(path);
        while let Some(path) = at {
            let took = take(root, &path);
            removed |= took;
            at = if took { hollow_parent(root, &path) } else { None };
        }
    }
    removed.then_some(())
}

fn take(root: &mut Node<'_>, path: &[Key]) -> bool {
    let Some((last, parent)) = path.split_last() else { return false };
    root.descend(parent).and_then(|node| node.take(last)).is_some()
}

/// The place that holds nothing any more; not the document itself.
fn hollow_parent(root: &mut Node<'_>, path: &[Key]) -> Option<Vec<Key>> {
    let (_, parent) = path.split_last()?;
    let hollow = !parent.is_empty() && root.descend(parent)?.is_hollow();
    hollow.then(|| parent.to_vec())
}
