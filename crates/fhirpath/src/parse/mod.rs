//! A Pratt parser of the FHIRPath N1 grammar.

mod dates;
mod literal;
#[cfg(test)]
mod tests;
mod token;

use std::ops::Range;

use crate::Limits;
use crate::ast::{BinaryOp, Expr, ExprKind, PATH_POWER, POLARITY_POWER, TYPE_POWER};
use crate::ast::{TypeName, TypeOp, Variable};
use crate::error::{ParseError, ParseErrorKind};
use token::Token;

/// Reads an expression.
///
/// # Errors
/// The first fault with its byte offset: grammar, escapes, limits.
pub fn parse(text: &str, limits: Limits) -> Result<Expr, ParseError> {
    if text.len() > limits.bytes {
        return Err(ParseError { offset: limits.bytes, kind: ParseErrorKind::TooLong });
    }
    let (token, span) = token::next(text, 0)?;
    let mut parser = Parser { text, token, span, end: 0, limit: limits.depth, open: 0 };
    let expr = parser.expression(0)?;
    match parser.token {
        Token::End => Ok(expr),
        _ => Err(parser.fault(ParseErrorKind::UnexpectedToken)),
    }
}

/// Whether the text has the form of an identifier without delimiters.
pub(crate) fn is_word(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    !text.starts_with(|c: char| c.is_ascii_digit()) && !text.is_empty() && text.bytes().all(word)
}

/// Words that are no identifiers. `as`, `is`, `in` and `contains` are.
pub(crate) fn is_keyword(word: &str) -> bool {
    matches!(word, "and" | "or" | "xor" | "implies" | "div" | "mod" | "true" | "false")
}

struct Parser<'a> {
    text: &'a str,
    /// The token not taken yet, and its place.
    token: Token,
    span: Range<usize>,
    /// Where the last taken token ended.
    end: usize,
    limit: u16,
    open: u16,
}

impl<'a> Parser<'a> {
    /// An expression whose operators bind at least as strongly as `power`.
    fn expression(&mut self, power: u8) -> Result<Expr, ParseError> {
        self.open += 1;
        if self.open > self.limit {
            return Err(self.fault(ParseErrorKind::TooDeep));
        }
        let start = self.span.start;
        let mut left = self.prefix()?;
        while let Some(longer) = self.suffix(power) {
            left = self.suffixed(left, longer, start)?;
            if left.height() > self.limit {
                return Err(self.fault(ParseErrorKind::TooDeep));
            }
        }
        self.open -= 1;
        Ok(left)
    }

    /// What follows an operand, if it binds at least as strongly as `power`.
    fn suffix(&self, power: u8) -> Option<Suffix> {
        let suffix = match self.token {
            Token::Sign(".") => Suffix::Dot,
            Token::Sign("[") => Suffix::Bracket,
            Token::Sign(sign) => Suffix::Binary(operator(sign)?),
            Token::Word => match self.word() {
                "is" => Suffix::Type(TypeOp::Is),
                "as" => Suffix::Type(TypeOp::As),
                word => Suffix::Binary(operator(word)?),
            },
            _ => return None,
        };
        let own = match suffix {
            Suffix::Dot | Suffix::Bracket => PATH_POWER,
            Suffix::Type(_) => TYPE_POWER,
            Suffix::Binary(op) => op.power(),
        };
        (own >= power).then_some(suffix)
    }

    fn suffixed(&mut self, left: Expr, suffix: Suffix, start: usize) -> Result<Expr, ParseError> {
        self.advance()?;
        let left = Box::new(left);
        let kind = match suffix {
            Suffix::Dot => return self.invocation(Some(left), start),
            Suffix::Bracket => {
                let index = Box::new(self.expression(0)?);
                self.expect("]")?;
                ExprKind::Index { on: left, index }
            }
            Suffix::Type(op) => ExprKind::Type { op, on: left, name: self.type_name()? },
            Suffix::Binary(op) => {
                let right = Box::new(self.expression(op.power() + 1)?);
                ExprKind::Binary { op, left, right }
            }
        };
        Ok(self.node(kind, start))
    }

    fn prefix(&mut self) -> Result<Expr, ParseError> {
        let start = self.span.start;
        match self.token {
            Token::Sign(sign @ ("-" | "+")) => {
                self.advance()?;
                let on = Box::new(self.expression(POLARITY_POWER)?);
                Ok(self.node(ExprKind::Polarity { negative: sign == "-", on }, start))
            }
            Token::Sign("(") => {
                self.advance()?;
                let inner = self.expression(0)?;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Sign("%") => {
                self.advance()?;
                let name = match self.token {
                    Token::Text => self.quoted()?,
                    _ => self.identifier()?,
                };
                Ok(self.node(ExprKind::Constant(name), start))
            }
            Token::Sign("$") => {
                self.advance()?;
                let variable = match (self.token, self.word()) {
                    (Token::Word, "this") => Variable::This,
                    (Token::Word, "index") => Variable::Index,
                    (Token::Word, "total") => Variable::Total,
                    _ => return Err(self.fault(ParseErrorKind::UnexpectedToken)),
                };
                self.advance()?;
                Ok(self.node(ExprKind::Variable(variable), start))
            }
            Token::Delimited => self.invocation(None, start),
            Token::Word if !matches!(self.word(), "true" | "false") => self.invocation(None, start),
            _ => {
                let literal = self.literal()?;
                Ok(self.node(ExprKind::Literal(literal), start))
            }
        }
    }

    /// A member or a function call.
    fn invocation(&mut self, on: Option<Box<Expr>>, start: usize) -> Result<Expr, ParseError> {
        // Behind a point a name is meant, also one that is an operator elsewhere: `text.div`.
        let name = match self.token {
            Token::Word if on.is_some() => {
                let name = self.word().to_owned();
                self.advance()?;
                name
            }
            _ => self.identifier()?,
        };
        if self.token != Token::Sign("(") {
            return Ok(self.node(ExprKind::Member { on, name }, start));
        }
        self.advance()?;
        let mut args = Vec::new();
        if self.token != Token::Sign(")") {
            args.push(self.expression(0)?);
            while self.token == Token::Sign(",") {
                self.advance()?;
                args.push(self.expression(0)?);
            }
        }
        self.expect(")")?;
        Ok(self.node(ExprKind::Call { on, name, args }, start))
    }

    fn type_name(&mut self) -> Result<TypeName, ParseError> {
        let mut parts = vec![self.identifier()?];
        while self.token == Token::Sign(".") {
            self.advance()?;
            parts.push(self.identifier()?);
        }
        Ok(TypeName(parts))
    }

    fn identifier(&mut self) -> Result<String, ParseError> {
        match self.token {
            Token::Delimited => self.quoted(),
            Token::Word if !is_keyword(self.word()) => {
                let name = self.word().to_owned();
                self.advance()?;
                Ok(name)
            }
            _ => Err(self.fault(ParseErrorKind::UnexpectedToken)),
        }
    }

    fn quoted(&mut self) -> Result<String, ParseError> {
        let text = token::unescape(self.word(), self.span.start)?;
        self.advance()?;
        Ok(text)
    }

    fn expect(&mut self, sign: &str) -> Result<(), ParseError> {
        match self.token {
            Token::Sign(found) if found == sign => self.advance(),
            _ => Err(self.fault(ParseErrorKind::UnexpectedToken)),
        }
    }

    /// The text of the token not taken yet.
    fn word(&self) -> &'a str {
        self.text.get(self.span.clone()).unwrap_or_default()
    }

    fn advance(&mut self) -> Result<(), ParseError> {
        self.end = self.span.end;
        (self.token, self.span) = token::next(self.text, self.span.end)?;
        Ok(())
    }

    fn node(&self, kind: ExprKind, start: usize) -> Expr {
        Expr::new(kind, start..self.end)
    }

    fn fault(&self, kind: ParseErrorKind) -> ParseError {
        let kind = match (kind, self.token) {
            (ParseErrorKind::UnexpectedToken, Token::End) => ParseErrorKind::UnexpectedEnd,
            _ => kind,
        };
        ParseError { offset: self.span.start, kind }
    }
}

/// What continues an operand.
#[derive(Clone, Copy)]
enum Suffix {
    Dot,
    Bracket,
    Type(TypeOp),
    Binary(BinaryOp),
}

fn operator(sign: &str) -> Option<BinaryOp> {
    use BinaryOp::*;
    const ALL: [BinaryOp; 22] = [
        Multiply,
        Divide,
        Div,
        Mod,
        Add,
        Subtract,
        Concatenate,
        Union,
        LessOrEqual,
        Less,
        Greater,
        GreaterOrEqual,
        Equal,
        Equivalent,
        NotEqual,
        NotEquivalent,
        In,
        Contains,
        And,
        Or,
        Xor,
        Implies,
    ];
    ALL.into_iter().find(|op| op.sign() == sign)
}
