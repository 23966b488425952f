//! The parser: RFC 8259, strict, with limits, in one pass and without recursion.
#![allow(
    clippy::indexing_slicing,
    reason = "hot loop; every index is checked against the length or was pushed by this parser"
)]

use super::{Node, NodeKind, Tape};

/// What a document may not exceed.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of input.
    pub bytes: usize,
    /// Depth of nesting.
    pub depth: usize,
}

impl Default for Limits {
    /// 256 MiB and 64 levels.
    fn default() -> Limits {
        Limits { bytes: 256 << 20, depth: 64 }
    }
}

/// Why bytes are not a JSON document, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{kind} at byte {offset}")]
pub struct ParseError {
    /// Offset into the input, in bytes.
    pub offset: usize,
    /// What is wrong there.
    pub kind: ParseErrorKind,
}

/// Kinds of JSON faults.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ParseErrorKind {
    /// The input ends too early.
    #[error("unexpected end of input")]
    UnexpectedEnd,
    /// A byte that cannot stand here.
    #[error("unexpected character")]
    UnexpectedByte,
    /// Not a number by the JSON grammar.
    #[error("malformed number")]
    Number,
    /// Not a string by the JSON grammar: control character or bad escape.
    #[error("malformed string")]
    String,
    /// The input is not UTF-8.
    #[error("invalid UTF-8")]
    Utf8,
    /// An object has two members of the same name.
    #[error("repeated member name")]
    RepeatedName,
    /// Deeper than the limit.
    #[error("nesting too deep")]
    TooDeep,
    /// Longer than the limit.
    #[error("document too large")]
    TooLarge,
}

/// Parses a document.
///
/// # Errors
/// The first fault with its byte offset: grammar, encoding, repeated member names, limits.
pub fn parse(input: &[u8], limits: Limits) -> Result<Tape, ParseError> {
    if input.len() > limits.bytes.min(u32::MAX as usize - 1) {
        return Err(ParseError { offset: limits.bytes, kind: ParseErrorKind::TooLarge });
    }
    let input = input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input);
    let mut parser = Parser {
        input,
        at: 0,
        out: Vec::with_capacity(input.len()),
        nodes: Vec::with_capacity(input.len() / 24 + 8),
        open: Vec::with_capacity(limits.depth.min(64)),
        names: Vec::new(),
        depth: limits.depth,
    };
    parser.document()?;
    let Parser { out, nodes, .. } = parser;
    let text = String::from_utf8(out).map_err(|e| ParseError {
        offset: e.utf8_error().valid_up_to(),
        kind: ParseErrorKind::Utf8,
    })?;
    Ok(Tape { text, nodes })
}

struct Parser<'a> {
    input: &'a [u8],
    at: usize,
    out: Vec<u8>,
    nodes: Vec<Node>,
    /// Containers that are not closed yet, innermost last.
    open: Vec<Open>,
    /// Name nodes of the open objects; each object owns those from its `names_from` on.
    names: Vec<u32>,
    depth: usize,
}

#[derive(Clone, Copy)]
struct Open {
    node: u32,
    names_from: u32,
    object: bool,
}

impl Parser<'_> {
    fn document(&mut self) -> Result<(), ParseError> {
        self.space();
        self.value()?;
        while let Some(&open) = self.open.last() {
            if open.object { self.in_object(open)? } else { self.in_array(open)? }
        }
        self.space();
        if self.at < self.input.len() {
            return Err(self.fault(ParseErrorKind::UnexpectedByte));
        }
        Ok(())
    }

    /// Goes on inside an object: a comma and a member, the first member, or the end.
    fn in_object(&mut self, open: Open) -> Result<(), ParseError> {
        self.space();
        match self.peek()? {
            b'}' => return self.close(open, b'}'),
            b',' if !self.is_empty(open) => {
                self.take(b',');
                self.space();
            }
            b'"' if self.is_empty(open) => {}
            _ => return Err(self.fault(ParseErrorKind::UnexpectedByte)),
        }
        if self.peek()? != b'"' {
            return Err(self.fault(ParseErrorKind::UnexpectedByte));
        }
        let name_at = self.at;
        let node = self.nodes.len() as u32;
        self.string()?;
        if self.repeats(open, node) {
            return Err(ParseError { offset: name_at, kind: ParseErrorKind::RepeatedName });
        }
        self.names.push(node);
        self.space();
        if self.peek()? != b':' {
            return Err(self.fault(ParseErrorKind::UnexpectedByte));
        }
        self.take(b':');
        self.space();
        self.value()
    }

    fn in_array(&mut self, open: Open) -> Result<(), ParseError> {
        self.space();
        match self.peek()? {
            b']' => return self.close(open, b']'),
            b',' if !self.is_empty(open) => {
                self.take(b',');
                self.space();
            }
            _ if self.is_empty(open) => {}
            _ => return Err(self.fault(ParseErrorKind::UnexpectedByte)),
        }
        self.value()
    }

    fn value(&mut self) -> Result<(), ParseError> {
        match self.peek()? {
            b'{' => self.begin(NodeKind::Object, b'{'),
            b'[' => self.begin(NodeKind::Array, b'['),
            b'"' => self.string(),
            b't' => self.literal(b"true", NodeKind::True),
            b'f' => self.literal(b"false", NodeKind::False),
            b'n' => self.literal(b"null", NodeKind::Null),
            b'-' | b'0'..=b'9' => self.number(),
            _ => Err(self.fault(ParseErrorKind::UnexpectedByte)),
        }
    }

    fn begin(&mut self, kind: NodeKind, byte: u8) -> Result<(), ParseError> {
        if self.open.len() >= self.depth {
            return Err(self.fault(ParseErrorKind::TooDeep));
        }
        let node = self.nodes.len() as u32;
        let start = self.out.len() as u32;
        self.nodes.push(Node { start, end: start, next: 0, kind });
        let object = kind == NodeKind::Object;
        self.open.push(Open { node, names_from: self.names.len() as u32, object });
        self.take(byte);
        Ok(())
    }

    fn close(&mut self, open: Open, byte: u8) -> Result<(), ParseError> {
        self.take(byte);
        let (end, next) = (self.out.len() as u32, self.nodes.len() as u32);
        let node = &mut self.nodes[open.node as usize];
        node.end = end;
        node.next = next;
        self.names.truncate(open.names_from as usize);
        self.open.pop();
        Ok(())
    }

    fn is_empty(&self, open: Open) -> bool {
        self.nodes.len() == open.node as usize + 1
    }

    /// Whether the object has a member of this name already. Names are compared as written unless
    /// one of them has escapes. Objects are small, so a scan is faster than a set.
    fn repeats(&self, open: Open, name: u32) -> bool {
        let names = &self.names[open.names_from as usize..];
        let new = self.nodes[name as usize];
        let text = |node: Node| &self.out[node.start as usize..node.end as usize];
        if new.kind == NodeKind::Plain {
            let new_text = text(new);
            names.iter().any(|&n| {
                let old = self.nodes[n as usize];
                (old.kind == NodeKind::Plain && text(old) == new_text)
                    || (old.kind == NodeKind::Escaped && same(text(old), new_text))
            })
        } else {
            names.iter().any(|&n| same(text(self.nodes[n as usize]), text(new)))
        }
    }

    fn string(&mut self) -> Result<(), ParseError> {
        let begin = self.at;
        let bytes = self.input;
        let mut at = begin + 1;
        let mut kind = NodeKind::Plain;
        loop {
            while at < bytes.len() && !STOPS[bytes[at] as usize] {
                at += 1;
            }
            match bytes.get(at) {
                None => {
                    self.at = at;
                    return Err(self.fault(ParseErrorKind::UnexpectedEnd));
                }
                Some(b'"') => break,
                Some(b'\\') => {
                    kind = NodeKind::Escaped;
                    match super::string::escape_length(&bytes[at..]) {
                        Some(length) => at += length,
                        None => {
                            return Err(ParseError { offset: at, kind: ParseErrorKind::String });
                        }
                    }
                }
                Some(_) => return Err(ParseError { offset: at, kind: ParseErrorKind::String }),
            }
        }
        self.at = at + 1;
        self.leaf(begin, kind);
        Ok(())
    }

    fn number(&mut self) -> Result<(), ParseError> {
        let begin = self.at;
        let bytes = self.input;
        let digits = |mut at: usize| {
            let from = at;
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                at += 1;
            }
            (at, at > from)
        };
        let fault = ParseError { offset: begin, kind: ParseErrorKind::Number };
        let mut at = begin + usize::from(bytes[begin] == b'-');
        let zero = bytes.get(at) == Some(&b'0');
        let whole = at;
        let (end, some) = digits(at);
        if !some || (zero && end > whole + 1) {
            return Err(fault);
        }
        at = end;
        if bytes.get(at) == Some(&b'.') {
            let (end, some) = digits(at + 1);
            if !some {
                return Err(fault);
            }
            at = end;
        }
        if matches!(bytes.get(at), Some(b'e' | b'E')) {
            at += 1;
            at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
            let (end, some) = digits(at);
            if !some {
                return Err(fault);
            }
            at = end;
        }
        self.at = at;
        self.leaf(begin, NodeKind::Number);
        Ok(())
    }

    fn literal(&mut self, word: &[u8], kind: NodeKind) -> Result<(), ParseError> {
        if !self.input[self.at..].starts_with(word) {
            return Err(self.fault(ParseErrorKind::UnexpectedByte));
        }
        let begin = self.at;
        self.at += word.len();
        self.leaf(begin, kind);
        Ok(())
    }

    /// Copies the token that ends at the cursor and adds its node.
    fn leaf(&mut self, begin: usize, kind: NodeKind) {
        let start = self.out.len() as u32;
        self.out.extend_from_slice(&self.input[begin..self.at]);
        let next = self.nodes.len() as u32 + 1;
        self.nodes.push(Node { start, end: self.out.len() as u32, next, kind });
    }

    fn take(&mut self, byte: u8) {
        self.out.push(byte);
        self.at += 1;
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.input.get(self.at) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Result<u8, ParseError> {
        self.input.get(self.at).copied().ok_or(self.fault(ParseErrorKind::UnexpectedEnd))
    }

    fn fault(&self, kind: ParseErrorKind) -> ParseError {
        ParseError { offset: self.at, kind }
    }
}

/// Whether two names, quotes included, decode to the same text.
fn same(a: &[u8], b: &[u8]) -> bool {
    let decode = |name: &[u8]| {
        std::str::from_utf8(&name[1..name.len() - 1]).ok().map(super::string::unescape)
    };
    decode(a) == decode(b)
}

/// Bytes at which the scan of a string stops: the quote, the backslash and control characters.
const STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        stops[byte] = true;
        byte += 1;
    }
    stops[b'"' as usize] = true;
    stops[b'\\' as usize] = true;
    stops
};
