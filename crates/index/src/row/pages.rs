//! Pages of a part: as many rows as a chunk has, so that parts are joined without being copied.

/// How places of a part are spread over pages of equal size, a power of two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pages {
    shift: u32,
}

impl Pages {
    /// Pages of this many rows; rounded up to a power of two.
    pub fn of(rows: u32) -> Pages {
        Pages { shift: rows.max(1).next_power_of_two().trailing_zeros() }
    }

    /// Rows of a page.
    pub fn rows(self) -> u32 {
        1 << self.shift
    }

    /// The page of a place, and where it is there.
    pub fn split(self, place: u32) -> (usize, usize) {
        ((place >> self.shift) as usize, (place & (self.rows() - 1)) as usize)
    }
}
