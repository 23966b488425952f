//! JSON text as documents: one, or one on each line.

use std::io::{self, BufRead, Read};

use super::{Document, Item};

/// One JSON document, or NDJSON: told apart by whether the first line is complete by itself. The
/// name can say NDJSON too, so that a broken first line does not take the others with it. A
/// document of more than `most_bytes` is named and not held; the lines after it go on.
pub(super) fn documents(
    name: &str,
    reader: Box<dyn BufRead + '_>,
    most_bytes: u64,
    sink: &mut dyn FnMut(Item) -> bool,
) -> bool {
    let mut lines = Lines { reader, most_bytes, number: 0 };
    let fault = |reason: String| Item::Fault { name: name.to_owned(), reason };
    let first = loop {
        match lines.next() {
            Ok(None) => return true,
            Ok(Some(line)) if line.is_blank() => {}
            Ok(Some(line)) => break line,
            Err(error) => return sink(fault(error.to_string())),
        }
    };
    let complete = match &first {
        Line::Whole(bytes) => ends_its_object(bytes),
        Line::TooLong { complete } => *complete,
    };
    if complete || name.contains(".ndjson") {
        return each(name, first, lines, sink);
    }
    match lines.with_the_rest(first) {
        Ok(Line::Whole(bytes)) => sink(Item::Document(Document { name: name.to_owned(), bytes })),
        Ok(Line::TooLong { .. }) => sink(fault(too_long("document", most_bytes))),
        Err(error) => sink(fault(error.to_string())),
    }
}

/// A document for each line, from the first that is not blank.
fn each(name: &str, first: Line, mut lines: Lines<'_>, sink: &mut dyn FnMut(Item) -> bool) -> bool {
    let mut line = first;
    let only = lines.reader.fill_buf().is_ok_and(<[u8]>::is_empty);
    loop {
        let named = |number: u64| if only { name.to_owned() } else { format!("{name}:{number}") };
        let blank = line.is_blank();
        let item = match line {
            Line::Whole(bytes) => Item::Document(Document { name: named(lines.number), bytes }),
            Line::TooLong { .. } => Item::Fault {
                name: named(lines.number),
                reason: too_long("line", lines.most_bytes),
            },
        };
        if !blank && !sink(item) {
            return false;
        }
        line = match lines.next() {
            Ok(None) => return true,
            Ok(Some(line)) => line,
            Err(error) => {
                let name = format!("{name}:{}", lines.number);
                return sink(Item::Fault { name, reason: error.to_string() });
            }
        };
    }
}

fn too_long(what: &str, most_bytes: u64) -> String {
    format!("the {what} has more than {most_bytes} bytes")
}

/// What a line holds.
enum Line {
    Whole(Vec<u8>),
    /// More than is held; and whether it closes every bracket it opens.
    TooLong {
        complete: bool,
    },
}

impl Line {
    fn is_blank(&self) -> bool {
        matches!(self, Line::Whole(bytes) if bytes.trim_ascii().is_empty())
    }
}

/// Lines of bounded length, counted from 1.
struct Lines<'a> {
    reader: Box<dyn BufRead + 'a>,
    most_bytes: u64,
    number: u64,
}

impl Lines<'_> {
    /// The next line, its end included; what is too long of it is passed over.
    fn next(&mut self) -> io::Result<Option<Line>> {
        self.number += 1;
        let mut bytes = Vec::new();
        // One more than may be there, which may be the end of the line.
        let room = self.most_bytes.saturating_add(1);
        if self.reader.by_ref().take(room).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        if (bytes.len() as u64) < room || bytes.last() == Some(&b'\n') {
            return Ok(Some(Line::Whole(bytes)));
        }
        let mut brackets = Brackets::default();
        brackets.take(&bytes);
        drop(bytes);
        self.pass_over(&mut brackets)?;
        Ok(Some(Line::TooLong { complete: brackets.closed() }))
    }

    /// Reads to the end of the line and keeps nothing but the count of brackets.
    fn pass_over(&mut self, brackets: &mut Brackets) -> io::Result<()> {
        loop {
            let there = self.reader.fill_buf()?;
            let end = there.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
            let length = end.unwrap_or(there.len());
            brackets.take(there.get(..length).unwrap_or_default());
            self.reader.consume(length);
            if end.is_some() || length == 0 {
                return Ok(());
            }
        }
    }

    /// All that follows, with what was read of it.
    fn with_the_rest(&mut self, first: Line) -> io::Result<Line> {
        let too_long = Line::TooLong { complete: false };
        let Line::Whole(mut bytes) = first else { return Ok(too_long) };
        let room = self.most_bytes.saturating_add(1).saturating_sub(bytes.len() as u64);
        self.reader.by_ref().take(room).read_to_end(&mut bytes)?;
        let fits = bytes.len() as u64 <= self.most_bytes;
        Ok(if fits { Line::Whole(bytes) } else { too_long })
    }
}

/// Whether a line closes every bracket it opens.
fn ends_its_object(line: &[u8]) -> bool {
    let mut brackets = Brackets::default();
    brackets.take(line);
    brackets.closed()
}

/// Brackets that are open, piece by piece of a text.
#[derive(Default)]
struct Brackets {
    depth: i64,
    in_string: bool,
    escaped: bool,
}

impl Brackets {
    fn take(&mut self, piece: &[u8]) {
        for byte in piece {
            match (self.in_string, byte) {
                (true, _) if self.escaped => self.escaped = false,
                (true, b'\\') => self.escaped = true,
                (_, b'"') => self.in_string = !self.in_string,
                (false, b'{' | b'[') => self.depth += 1,
                (false, b'}' | b']') => self.depth -= 1,
                _ => {}
            }
        }
    }

    fn closed(&self) -> bool {
        self.depth == 0 && !self.in_string
    }
}
