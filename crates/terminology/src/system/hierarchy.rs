//! What is above and below a concept.
//!
//! Ancestors are walked: a concept of a large system has some tens of them. Descendants are
//! gathered into a bitmap, which value sets keep. A circle among parents ends where it began.

use hashbrown::HashSet;
use roaring::RoaringBitmap;

use super::CodeSystem;

impl CodeSystem {
    /// Concepts right above one.
    pub fn parents(&self, at: u32) -> &[u32] {
        self.parents.get(at)
    }

    /// Concepts right below one.
    pub fn children(&self, at: u32) -> &[u32] {
        self.children.get(at)
    }

    /// Whether one concept is another or above it.
    pub fn subsumes(&self, above: u32, below: u32) -> bool {
        if above == below {
            return true;
        }
        let (mut seen, mut next) = (HashSet::new(), vec![below]);
        while let Some(at) = next.pop() {
            for parent in self.parents.get(at) {
                if *parent == above {
                    return true;
                }
                if seen.insert(*parent) {
                    next.push(*parent);
                }
            }
        }
        false
    }

    /// The concept and all above it.
    pub fn ancestors(&self, at: u32) -> RoaringBitmap {
        self.closure(at, CodeSystem::parents)
    }

    /// The concept and all below it.
    pub fn descendants(&self, at: u32) -> RoaringBitmap {
        self.closure(at, CodeSystem::children)
    }

    fn closure(
        &self,
        at: u32,
        step: impl for<'a> Fn(&'a CodeSystem, u32) -> &'a [u32],
    ) -> RoaringBitmap {
        let mut found = RoaringBitmap::new();
        let mut next = vec![at];
        found.insert(at);
        while let Some(at) = next.pop() {
            next.extend(step(self, at).iter().filter(|to| found.insert(**to)));
        }
        found
    }
}
