//! Growing storage that never moves: no pause grows with its size.

/// Items in a full page of [`Paged`].
const PAGE_ITEMS: usize = 8192;
/// Bytes in a full page of [`Arena`].
const PAGE_BYTES: usize = 1 << PAGE_SHIFT;
const PAGE_SHIFT: u32 = 18;

/// A vector in pages.
pub(crate) struct Paged<T> {
    pages: Vec<Vec<T>>,
}

impl<T> Default for Paged<T> {
    fn default() -> Paged<T> {
        Paged { pages: Vec::new() }
    }
}

impl<T> Paged<T> {
    /// Number of items.
    pub fn len(&self) -> usize {
        let full = self.pages.len().saturating_sub(1) * PAGE_ITEMS;
        full + self.pages.last().map_or(0, Vec::len)
    }

    /// Adds an item and gives its place.
    pub fn push(&mut self, item: T) -> u32 {
        let at = self.len();
        match self.pages.last_mut() {
            Some(page) if page.len() < PAGE_ITEMS => page.push(item),
            _ => self.pages.push(vec![item]),
        }
        at as u32
    }

    /// The item at a place.
    pub fn get(&self, at: u32) -> Option<&T> {
        self.pages.get(at as usize / PAGE_ITEMS)?.get(at as usize % PAGE_ITEMS)
    }

    /// The item at a place, to change it.
    pub fn get_mut(&mut self, at: u32) -> Option<&mut T> {
        self.pages.get_mut(at as usize / PAGE_ITEMS)?.get_mut(at as usize % PAGE_ITEMS)
    }

    /// Bytes of memory, without what items own.
    pub fn memory(&self) -> usize {
        self.pages.iter().map(|page| page.capacity() * size_of::<T>()).sum()
    }
}

/// Byte strings one after the other, in pages; a string lies within one page.
#[derive(Default)]
pub(crate) struct Arena {
    pages: Vec<Vec<u8>>,
}

impl Arena {
    /// Adds a string and gives its address. Strings are much shorter than a page (256 KiB).
    pub fn push(&mut self, bytes: &[u8]) -> u32 {
        match self.pages.last_mut() {
            Some(page) if page.len() + bytes.len() <= PAGE_BYTES => {
                let at = page.len();
                page.extend_from_slice(bytes);
                address(self.pages.len() - 1, at)
            }
            _ => {
                self.pages.push(bytes.to_vec());
                address(self.pages.len() - 1, 0)
            }
        }
    }

    /// The string of this length at an address; empty if there is none.
    pub fn get(&self, at: u32, length: usize) -> &[u8] {
        let start = at as usize & (PAGE_BYTES - 1);
        let page = self.pages.get((at >> PAGE_SHIFT) as usize);
        page.and_then(|page| page.get(start..start + length)).unwrap_or_default()
    }

    /// Bytes of memory.
    pub fn memory(&self) -> usize {
        self.pages.iter().map(Vec::capacity).sum()
    }
}

fn address(page: usize, at: usize) -> u32 {
    (page as u32) << PAGE_SHIFT | at as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_across_pages() {
        let (mut arena, mut paged) = (Arena::default(), Paged::default());
        let text = |n: usize| vec![n as u8; n % 700];
        let places: Vec<(u32, u32)> =
            (0..20_000).map(|n| (arena.push(&text(n)), paged.push(n))).collect();
        for (n, (at, place)) in places.iter().enumerate() {
            assert_eq!(arena.get(*at, n % 700), text(n));
            assert_eq!(paged.get(*place), Some(&n));
        }
        assert_eq!(paged.len(), 20_000);
        assert_eq!(paged.get(20_000), None);
    }
}
