//! Tables of facts: tab-separated text compiled into the crate, `#` for comments, `-` for empty.

use crate::draw::Draw;

/// The fields of one line, read from left to right.
pub(crate) struct Fields(std::str::Split<'static, char>);

impl Fields {
    /// The next field; empty for `-` and past the end.
    pub fn text(&mut self) -> &'static str {
        match self.0.next() {
            None | Some("-") => "",
            Some(text) => text,
        }
    }

    /// The next field as a number; 0 when empty.
    pub fn number(&mut self) -> i64 {
        self.text().parse().unwrap_or(0)
    }

    /// The next field as a number, or nothing when empty.
    pub fn maybe(&mut self) -> Option<i64> {
        self.text().parse().ok()
    }
}

/// One line of a table.
pub(crate) trait Line: Default {
    /// Reads the line's fields in the order of the table's columns.
    fn read(fields: &mut Fields) -> Self;

    /// How often the line is drawn relative to the others.
    fn weight(&self) -> u64 {
        1
    }
}

/// The lines of a file of data, with what a weighted draw needs.
pub(crate) struct Table<T> {
    lines: Vec<T>,
    upto: Vec<u64>,
    none: T,
}

impl<T: Line> Table<T> {
    /// Reads a table. Malformed numbers read as 0; the tests check that there are none.
    pub fn parse(text: &'static str) -> Table<T> {
        let lines: Vec<T> =
            content(text).map(|line| T::read(&mut Fields(line.split('\t')))).collect();
        let mut total = 0;
        let upto = lines.iter().map(|line| {
            total += line.weight();
            total
        });
        let upto = upto.collect();
        Table { lines, upto, none: T::default() }
    }

    /// The lines in order.
    pub fn lines(&self) -> &[T] {
        &self.lines
    }

    /// The first line that fits, or an empty one.
    pub fn first(&self, fits: impl Fn(&T) -> bool) -> &T {
        self.lines.iter().find(|line| fits(line)).unwrap_or(&self.none)
    }

    /// A line, drawn by weight.
    pub fn draw(&self, draw: &Draw) -> &T {
        let mark = draw.below(self.upto.last().copied().unwrap_or(0));
        let at = self.upto.partition_point(|upto| *upto <= mark);
        self.lines.get(at).unwrap_or(&self.none)
    }

    /// A line that fits, drawn by weight; nothing when many draws in a row did not fit.
    pub fn draw_fit(&self, draw: &Draw, fits: impl Fn(&T) -> bool) -> Option<&T> {
        (0..40).map(|_| self.draw(draw)).find(|line| fits(line))
    }
}

/// The lines of a text that hold data.
pub(crate) fn content(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}
