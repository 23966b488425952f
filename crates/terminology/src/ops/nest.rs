//! Nested expansions: codes below those that are above them.

use roaring::RoaringBitmap;

use crate::CodeSystem;

/// Deepest nesting; what is deeper stands at this depth.
const MOST_NESTED: usize = 20;

/// A concept in its place.
pub(super) struct Node {
    pub at: u32,
    pub below: Vec<Node>,
}

/// The concepts of a part as a forest: each once, below the first of its parents that is there.
pub(super) fn forest(system: &CodeSystem, bits: &RoaringBitmap) -> Vec<Node> {
    let mut placed = RoaringBitmap::new();
    let is_root = |at: &u32| system.parents(*at).iter().all(|parent| !bits.contains(*parent));
    let roots: Vec<u32> = bits.iter().filter(is_root).collect();
    placed.extend(roots.iter().copied());
    let mut nodes: Vec<Node> =
        roots.into_iter().map(|at| grow(system, bits, at, 1, &mut placed)).collect();
    // Parents in a circle have no root.
    for at in bits {
        if placed.insert(at) {
            nodes.push(grow(system, bits, at, 1, &mut placed));
        }
    }
    nodes
}

fn grow(
    system: &CodeSystem,
    bits: &RoaringBitmap,
    at: u32,
    depth: usize,
    placed: &mut RoaringBitmap,
) -> Node {
    let mut below = Vec::new();
    if depth >= MOST_NESTED {
        // All that is further down, side by side.
        let mut next = vec![at];
        while let Some(above) = next.pop() {
            for child in system.children(above) {
                if bits.contains(*child) && placed.insert(*child) {
                    below.push(Node { at: *child, below: Vec::new() });
                    next.push(*child);
                }
            }
        }
        return Node { at, below };
    }
    for child in system.children(at) {
        if bits.contains(*child) && placed.insert(*child) {
            below.push(grow(system, bits, *child, depth + 1, placed));
        }
    }
    Node { at, below }
}
