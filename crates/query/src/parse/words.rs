//! `_text` and `_content`: words, beginnings of words, phrases, *and*, *or*, parentheses (FHIR R4
//! search §3.1.1.4, text search parameters).

use super::Reader;
use super::fault::{Fault, cut};
use crate::escape::{split, unescape};
use crate::query::{Clause, Target, Test};
use crate::words::{Words, words_of};

/// Most words and phrases in one parameter.
const MOST_WORDS: usize = 64;
/// As how many values of a search each counts: what it finds may be large.
const VALUES_OF_WORD: usize = 4;
/// Most parentheses in each other.
const DEEPEST: usize = 8;
/// Fewest letters of the beginning of a word.
const SHORTEST_PREFIX: usize = 2;

/// A piece of what is asked.
enum Piece<'a> {
    Open,
    Close,
    Quoted(&'a str),
    Bare(&'a str),
}

impl Reader<'_> {
    /// Reads one of the two; `None` if it is another parameter.
    pub(super) fn words(&mut self, name: &str, value: &str) -> Option<Result<Clause, Fault>> {
        let (code, modifier) = name.split_once(':').map_or((name, None), |(c, m)| (c, Some(m)));
        let target = match code {
            "_text" => Target::Narrative,
            "_content" => Target::Content,
            _ => return None,
        };
        if let Some(modifier) = modifier {
            let text = format!("parameter `{code}` has no modifier `:{}`", cut(modifier));
            return Some(Err(Fault::value(text)));
        }
        Some(self.expression(code, value).map(|words| {
            let test = Test::Words { words, text: value.to_owned() };
            Clause { target, test }
        }))
    }

    fn expression(&mut self, code: &str, value: &str) -> Result<Words, Fault> {
        let parts = split(value, ',');
        self.spend(parts.len())?;
        let (mut any, mut words) = (Vec::new(), 0);
        for part in parts {
            let part = unescape(part);
            let pieces = pieces(&part).ok_or_else(|| unreadable(code, &part))?;
            self.spend(pieces.len() * VALUES_OF_WORD)?;
            words += pieces.len();
            if words > MOST_WORDS {
                return Err(Fault::too_many("words", MOST_WORDS));
            }
            let mut asked = Asked { pieces: pieces.into_iter().peekable() };
            let one = asked.any(0).ok_or_else(|| unreadable(code, &part))?;
            if asked.pieces.next().is_some() {
                return Err(unreadable(code, &part));
            }
            any.push(one);
        }
        Ok(one_or(any, Words::Any))
    }
}

fn unreadable(code: &str, part: &str) -> Fault {
    let text = format!(
        "`{}` of `{code}` is not words, beginnings of words of {SHORTEST_PREFIX} letters or more \
         with `*`, phrases in quotes, `and`, `or` and parentheses",
        cut(part)
    );
    Fault::value(text)
}

/// The pieces of a text; `None` if a quote does not end.
fn pieces(text: &str) -> Option<Vec<Piece<'_>>> {
    let (mut pieces, mut rest) = (Vec::new(), text.trim_start());
    while let Some(first) = rest.chars().next() {
        let (piece, after) = match first {
            '(' => (Piece::Open, rest.get(1..)?),
            ')' => (Piece::Close, rest.get(1..)?),
            '"' => {
                let (quoted, after) = rest.get(1..)?.split_once('"')?;
                (Piece::Quoted(quoted), after)
            }
            _ => {
                let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"');
                let end = rest.find(ends).unwrap_or(rest.len());
                let (bare, after) = rest.split_at_checked(end)?;
                (Piece::Bare(bare), after)
            }
        };
        pieces.push(piece);
        rest = after.trim_start();
    }
    Some(pieces)
}

/// What is left to be read of a text.
struct Asked<'a> {
    pieces: std::iter::Peekable<std::vec::IntoIter<Piece<'a>>>,
}

impl Asked<'_> {
    /// Alternatives with `or` between them.
    fn any(&mut self, depth: usize) -> Option<Words> {
        let mut any = vec![self.all(depth)?];
        while self.comes("or") {
            self.pieces.next();
            any.push(self.all(depth)?);
        }
        Some(one_or(any, Words::Any))
    }

    /// Conditions with `and`, or nothing, between them.
    fn all(&mut self, depth: usize) -> Option<Words> {
        let mut all = vec![self.one(depth)?];
        loop {
            if self.comes("and") {
                self.pieces.next();
            } else if self.comes("or") || matches!(self.pieces.peek(), None | Some(Piece::Close)) {
                return Some(one_or(all, Words::All));
            }
            all.push(self.one(depth)?);
        }
    }

    fn one(&mut self, depth: usize) -> Option<Words> {
        match self.pieces.next()? {
            Piece::Open if depth < DEEPEST => {
                let inner = self.any(depth + 1)?;
                matches!(self.pieces.next(), Some(Piece::Close)).then_some(inner)
            }
            Piece::Open | Piece::Close => None,
            Piece::Quoted(text) => phrase(words_of(text)),
            Piece::Bare(text) if is(text, "and") || is(text, "or") => None,
            Piece::Bare(text) => match text.strip_suffix('*') {
                Some(beginning) => {
                    let [word] = <[String; 1]>::try_from(words_of(beginning)).ok()?;
                    let long = word.chars().count() >= SHORTEST_PREFIX;
                    long.then_some(Words::Word { word, prefix: true })
                }
                None => phrase(words_of(text)),
            },
        }
    }

    fn comes(&mut self, operator: &str) -> bool {
        matches!(self.pieces.peek(), Some(Piece::Bare(text)) if is(text, operator))
    }
}

fn is(text: &str, operator: &str) -> bool {
    text.eq_ignore_ascii_case(operator)
}

fn phrase(mut words: Vec<String>) -> Option<Words> {
    match words.len() {
        0 => None,
        1 => words.pop().map(|word| Words::Word { word, prefix: false }),
        _ => Some(Words::Phrase(words)),
    }
}

fn one_or(mut many: Vec<Words>, or: impl FnOnce(Vec<Words>) -> Words) -> Words {
    match many.pop() {
        Some(one) if many.is_empty() => one,
        last => {
            many.extend(last);
            or(many)
        }
    }
}
