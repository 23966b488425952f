//! What an expression may not exceed.

/// Bounds of parsing and evaluation.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of text.
    pub bytes: usize,
    /// Height of the expression's tree, and depth of brackets.
    pub depth: u16,
    /// Elements visited by one evaluation. An item that is collected, a text that is made and a
    /// pattern that is matched count as steps too, so that this bounds the memory as well.
    pub steps: u32,
}

impl Default for Limits {
    /// 16 KiB, 100 levels, ten million steps.
    fn default() -> Limits {
        Limits { bytes: 16 << 10, depth: 100, steps: 10_000_000 }
    }
}
