//! Many small things in few allocations.

/// Texts by number.
#[derive(Clone, Default)]
pub(crate) struct Texts {
    bytes: String,
    ends: Vec<u32>,
}

impl Texts {
    /// Adds a text and gives its number. What does not fit into 4 GiB is left empty.
    pub fn push(&mut self, text: &str) -> u32 {
        if self.bytes.len() + text.len() < u32::MAX as usize {
            self.bytes.push_str(text);
        }
        self.ends.push(self.bytes.len() as u32);
        self.ends.len() as u32 - 1
    }

    /// The text of a number; empty if there is none.
    pub fn get(&self, at: u32) -> &str {
        let at = at as usize;
        let end = self.ends.get(at).copied().unwrap_or_default() as usize;
        let start = at.checked_sub(1).and_then(|at| self.ends.get(at)).copied().unwrap_or_default();
        self.bytes.get(start as usize..end).unwrap_or_default()
    }

    /// How many there are.
    pub fn len(&self) -> u32 {
        self.ends.len() as u32
    }

    /// Bytes in memory.
    pub fn size(&self) -> usize {
        self.bytes.capacity() + 4 * self.ends.capacity()
    }

    /// Gives back what growing left over.
    pub fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

/// A list of things for each number.
#[derive(Clone)]
pub(crate) struct Lists<T> {
    ends: Vec<u32>,
    items: Vec<T>,
}

impl<T> Default for Lists<T> {
    fn default() -> Lists<T> {
        Lists { ends: Vec::new(), items: Vec::new() }
    }
}

impl<T> Lists<T> {
    /// From pairs in any order; those of one number keep theirs.
    pub fn new(mut pairs: Vec<(u32, T)>) -> Lists<T> {
        pairs.sort_by_key(|(at, _)| *at);
        let mut ends = Vec::new();
        let mut items = Vec::with_capacity(pairs.len());
        for (at, item) in pairs {
            if ends.len() <= at as usize {
                ends.resize(at as usize + 1, items.len() as u32);
            }
            items.push(item);
            if let Some(end) = ends.last_mut() {
                *end = items.len() as u32;
            }
        }
        ends.shrink_to_fit();
        Lists { ends, items }
    }

    /// Bytes in memory, but for what items point to.
    pub fn size(&self) -> usize {
        4 * self.ends.capacity() + size_of::<T>() * self.items.capacity()
    }

    /// The list of a number.
    pub fn get(&self, at: u32) -> &[T] {
        let at = at as usize;
        let Some(end) = self.ends.get(at) else { return &[] };
        let start = at.checked_sub(1).and_then(|at| self.ends.get(at)).copied().unwrap_or_default();
        self.items.get(start as usize..*end as usize).unwrap_or_default()
    }
}

/// Most texts that are told apart: there are few of them in what people write.
pub(crate) const MOST_SYMBOLS: usize = 1024;

/// Texts that come again and again, by number.
#[derive(Clone, Default)]
pub(crate) struct Symbols {
    texts: Vec<String>,
}

impl Symbols {
    /// The number of a text, which is added if it is new, or that of none if there are too many.
    pub fn add(&mut self, text: &str) -> u16 {
        if let Some(found) = self.find(text) {
            return found;
        }
        if self.texts.len() >= MOST_SYMBOLS {
            return u16::MAX;
        }
        self.texts.push(text.to_owned());
        u16::try_from(self.texts.len() - 1).unwrap_or(u16::MAX)
    }

    /// The number of a text.
    pub fn find(&self, text: &str) -> Option<u16> {
        self.texts.iter().rposition(|t| t == text).and_then(|at| u16::try_from(at).ok())
    }

    /// The text of a number.
    pub fn get(&self, at: u16) -> &str {
        self.texts.get(usize::from(at)).map_or("", String::as_str)
    }
}
