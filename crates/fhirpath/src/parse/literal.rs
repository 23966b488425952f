//! Literals.

use super::Parser;
use super::token::Token;
use crate::ast::Literal;
use crate::error::{ParseError, ParseErrorKind};

/// Calendar units (FHIRPath N1 §2.5.2).
const UNITS: [&str; 16] = [
    "year",
    "month",
    "week",
    "day",
    "hour",
    "minute",
    "second",
    "millisecond",
    "years",
    "months",
    "weeks",
    "days",
    "hours",
    "minutes",
    "seconds",
    "milliseconds",
];

impl Parser<'_> {
    pub(super) fn literal(&mut self) -> Result<Literal, ParseError> {
        let token = self.token;
        let text = self.word().to_owned();
        let without = |sign: &str| text.strip_prefix(sign).unwrap_or(&text).to_owned();
        let literal = match token {
            Token::Text => return self.quoted().map(Literal::String),
            Token::Number => {
                self.advance()?;
                return self.number(text);
            }
            Token::Sign("{") => {
                self.advance()?;
                return self.expect("}").map(|()| Literal::Empty);
            }
            Token::Word if text == "true" => Literal::Boolean(true),
            Token::Word if text == "false" => Literal::Boolean(false),
            Token::Date => Literal::Date(without("@")),
            Token::DateTime => Literal::DateTime(without("@")),
            Token::Time => Literal::Time(without("@T")),
            _ => return Err(self.fault(ParseErrorKind::UnexpectedToken)),
        };
        self.advance()?;
        Ok(literal)
    }

    /// A number, with its unit if one follows.
    fn number(&mut self, value: String) -> Result<Literal, ParseError> {
        if let Some(whole) = value.strip_suffix('L') {
            return Ok(Literal::Long(whole.to_owned()));
        }
        match self.token {
            Token::Text => Ok(Literal::Quantity { value, unit: self.quoted()? }),
            Token::Word if UNITS.contains(&self.word()) => {
                let unit = self.word().to_owned();
                self.advance()?;
                Ok(Literal::Duration { value, unit })
            }
            _ => Ok(Literal::Number(value)),
        }
    }
}
