//! A hash table from (number, name) to positions in a list that the caller keeps.

/// Open addressing with linear probing at a load of at most one half.
///
/// **Invariant:** positions are below `u16::MAX`, which marks a free cell; keys are distinct.
pub(crate) struct NameTable {
    cells: Box<[u16]>,
}

const FREE: u16 = u16::MAX;

/// An odd number with no pattern: 2^64 divided by the golden ratio.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

impl NameTable {
    /// A table of the positions of `keys`.
    pub fn new<'a>(keys: impl ExactSizeIterator<Item = (u16, &'a str)>) -> NameTable {
        let size = (keys.len() * 2).next_power_of_two();
        let mut cells = vec![FREE; size].into_boxed_slice();
        for (position, (number, name)) in keys.enumerate() {
            let mut at = hash(number, name) as usize & (size - 1);
            while cells.get(at).is_some_and(|c| *c != FREE) {
                at = (at + 1) & (size - 1);
            }
            if let (Some(cell), Ok(position)) = (cells.get_mut(at), u16::try_from(position)) {
                *cell = position;
            }
        }
        NameTable { cells }
    }

    /// The position that `is_it` accepts among those that may hold (number, name).
    pub fn find(&self, number: u16, name: &str, is_it: impl Fn(usize) -> bool) -> Option<usize> {
        let mask = self.cells.len().checked_sub(1)?;
        let mut at = hash(number, name) as usize & mask;
        loop {
            let position = *self.cells.get(at)?;
            if position == FREE {
                return None;
            }
            let position = usize::from(position);
            if is_it(position) {
                return Some(position);
            }
            at = (at + 1) & mask;
        }
    }
}

/// Multiplication and folding, eight bytes at a time; names are short and not chosen by an attacker to
/// collide with each other, since only the table's own names are ever inserted.
fn hash(number: u16, name: &str) -> u64 {
    let mut state = u64::from(number).wrapping_add(name.len() as u64).wrapping_mul(SPREAD);
    let (words, rest) = name.as_bytes().as_chunks::<8>();
    for word in words {
        state = mixed(state, u64::from_le_bytes(*word));
    }
    let tail = rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
    mixed(state, tail)
}

fn mixed(state: u64, word: u64) -> u64 {
    let product = (state ^ word).wrapping_mul(SPREAD);
    product ^ product >> 32
}
