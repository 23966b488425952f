//! The grammar of unit expressions (UCUM §2–§12), read and reduced in one pass.

use num_traits::{One, Pow};

use crate::canonical::{Canonical, Dimension};
use crate::special::Scale;
use crate::table::{Atom, Prefix, tables};
use crate::{Error, Ratio, decimal};

/// Bytes of a unit's text.
const MOST_BYTES: usize = 200;
/// Depth of brackets.
const MOST_DEPTH: u8 = 10;
/// Size of an exponent; the tables need 2, the suites 23.
const MOST_EXPONENT: i32 = 60;
/// Bits of a factor's numerator and denominator together.
const MOST_BITS: u64 = 4096;

/// A unit.
#[derive(Clone, Debug)]
pub struct Unit {
    canonical: Canonical,
    /// The scale and the factor of its prefix, where the unit is nothing but a scale.
    pub(crate) scale: Option<(Scale, Ratio)>,
    display: String,
}

impl Unit {
    /// Reads a unit by its case-sensitive code. The empty text is the unity, as FHIR has it.
    ///
    /// # Errors
    /// Grammar, unknown symbols, limits; a scale such as `Cel` as part of a product is read, and
    /// counts there by the size of its degree.
    pub fn parse(text: &str) -> Result<Unit, Error> {
        if text.is_empty() {
            return Ok(Unit { scale: None, ..Unit::number(Ratio::one(), "(unity)".to_owned()) });
        }
        if text.len() > MOST_BYTES {
            return Err(Error::TooLarge);
        }
        let mut parser = Parser { rest: text, depth: 0 };
        let unit = match text.strip_prefix('/') {
            Some(rest) => {
                parser.rest = rest;
                let one = Unit::number(Ratio::one(), String::new());
                parser.term(Some(one))?
            }
            None => parser.term(None)?,
        };
        if parser.rest.is_empty() { Ok(unit) } else { Err(Error::Syntax) }
    }

    /// Its factor and dimension: one of it is so many of the base units. Of a scale those of its
    /// degree.
    pub fn canonical(&self) -> &Canonical {
        &self.canonical
    }

    /// Its name in English: `(milligram) / (deciliter)`.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// Whether it is a scale (degrees Celsius, pH), of which sums and multiples mean nothing.
    pub fn is_special(&self) -> bool {
        self.scale.is_some()
    }

    fn number(factor: Ratio, display: String) -> Unit {
        let canonical = Canonical { factor, dimension: Dimension::default() };
        Unit { canonical, scale: None, display }
    }

    fn then(self, divide: bool, right: Unit) -> Result<Unit, Error> {
        let sign = if divide { " / " } else { " * " };
        let right = if divide { right.power(-1)? } else { right };
        let mut canonical = self.canonical;
        canonical.factor *= right.canonical.factor;
        canonical.dimension.add(&right.canonical.dimension, 1).ok_or(Error::TooLarge)?;
        bounded(&canonical.factor)?;
        let display = match self.display.is_empty() {
            true if divide => format!("1 / {}", right.display),
            true => right.display,
            false => format!("{}{sign}{}", self.display, right.display),
        };
        Ok(Unit { canonical, scale: None, display })
    }

    fn power(mut self, exponent: i32) -> Result<Unit, Error> {
        if exponent.abs() > MOST_EXPONENT {
            return Err(Error::TooLarge);
        }
        let bits = self.canonical.factor.numer().bits() + self.canonical.factor.denom().bits();
        if bits.saturating_mul(exponent.unsigned_abs().into()) > MOST_BITS {
            return Err(Error::TooLarge);
        }
        self.canonical.factor = Pow::pow(self.canonical.factor, exponent);
        let mut dimension = Dimension::default();
        dimension.add(&self.canonical.dimension, exponent).ok_or(Error::TooLarge)?;
        Ok(Unit { canonical: Canonical { dimension, ..self.canonical }, scale: None, ..self })
    }
}

fn bounded(factor: &Ratio) -> Result<(), Error> {
    let bits = factor.numer().bits() + factor.denom().bits();
    if bits > MOST_BITS { Err(Error::TooLarge) } else { Ok(()) }
}

struct Parser<'a> {
    rest: &'a str,
    depth: u8,
}

impl Parser<'_> {
    /// Components joined by `.` and `/`, from the left; `over` is what the first one divides.
    fn term(&mut self, over: Option<Unit>) -> Result<Unit, Error> {
        let first = self.component()?;
        let mut unit = match over {
            Some(over) => over.then(true, first)?,
            None => first,
        };
        loop {
            let divide = match self.rest.as_bytes().first() {
                Some(b'.') => false,
                Some(b'/') => true,
                _ => return Ok(unit),
            };
            self.skip(1);
            let next = self.component()?;
            unit = unit.then(divide, next)?;
        }
    }

    fn component(&mut self) -> Result<Unit, Error> {
        let unit = match self.rest.as_bytes().first().ok_or(Error::Syntax)? {
            b'(' => {
                self.depth += 1;
                if self.depth > MOST_DEPTH {
                    return Err(Error::TooLarge);
                }
                self.skip(1);
                let inner = self.term(None)?;
                self.rest = self.rest.strip_prefix(')').ok_or(Error::Syntax)?;
                self.depth -= 1;
                return Ok(Unit { scale: None, ..inner });
            }
            b'{' => {
                let text = self.annotation()?;
                return Ok(Unit::number(Ratio::one(), format!("({text})")));
            }
            b'0'..=b'9' if !self.rest.starts_with("10*") && !self.rest.starts_with("10^") => {
                let digits = self.digits();
                let value = decimal::read(digits).filter(|_| digits.len() <= 30);
                let value = value.filter(|v| *v != Ratio::from_integer(0.into()));
                // A number has no power: `10+3` is none.
                Unit::number(value.ok_or(Error::Syntax)?, digits.to_owned())
            }
            _ => self.simple()?,
        };
        if self.rest.starts_with('{') {
            self.annotation()?;
        }
        Ok(unit)
    }

    /// A symbol with its prefix and power.
    fn simple(&mut self) -> Result<Unit, Error> {
        let length = symbol_length(self.rest).ok_or(Error::Syntax)?;
        let (symbol, rest) = self.rest.split_at_checked(length).ok_or(Error::Syntax)?;
        let (prefix, atom) = find(symbol).ok_or(Error::Unknown)?;
        self.rest = rest;
        let mut canonical = atom.canonical()?.clone();
        let factor = prefix.map_or_else(Ratio::one, |p| p.factor.clone());
        canonical.factor *= &factor;
        let name = format!("{}{}", prefix.map_or("", |p| p.name), atom.name);
        let scale = atom.scale().map(|scale| (scale, factor));
        let unit = Unit { canonical, scale, display: format!("({name})") };
        match self.exponent()? {
            None => Ok(unit),
            Some(exponent) => {
                let unit = unit.power(exponent)?;
                Ok(Unit { display: format!("({name} ^ {exponent})"), ..unit })
            }
        }
    }

    fn exponent(&mut self) -> Result<Option<i32>, Error> {
        let signed = self.rest.strip_prefix(['+', '-']);
        let negative = self.rest.starts_with('-');
        if let Some(rest) = signed {
            self.rest = rest;
        }
        let digits = self.digits();
        match (digits.is_empty(), signed) {
            (true, Some(_)) => Err(Error::Syntax),
            (true, None) => Ok(None),
            (false, _) => {
                let size: i32 = digits.parse().map_err(|_| Error::TooLarge)?;
                Ok(Some(if negative { -size } else { size }))
            }
        }
    }

    /// What stands in `{…}`: visible characters of ASCII (UCUM §12).
    fn annotation(&mut self) -> Result<&str, Error> {
        let inner = self.rest.strip_prefix('{').ok_or(Error::Syntax)?;
        let (text, rest) = inner.split_once('}').ok_or(Error::Syntax)?;
        let good = text.bytes().all(|b| b.is_ascii_graphic() && b != b'{');
        self.rest = rest;
        if good { Ok(text) } else { Err(Error::Syntax) }
    }

    fn digits(&mut self) -> &str {
        let length = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at_checked(length).unwrap_or_default();
        self.rest = rest;
        digits
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }
}

/// Bytes of the symbol at the start: up to a digit or sign outside of square brackets.
fn symbol_length(text: &str) -> Option<usize> {
    if text.starts_with("10*") || text.starts_with("10^") {
        return Some(3);
    }
    let mut inside = false;
    let end = text.bytes().position(|b| {
        match b {
            b'[' => inside = true,
            b']' => inside = false,
            _ => {}
        }
        !inside && (b.is_ascii_digit() || b"./(){}+-".contains(&b))
    });
    Some(end.unwrap_or(text.len())).filter(|length| *length > 0 && !inside)
}

/// A symbol as it stands in the table, or with a prefix before it.
fn find(symbol: &str) -> Option<(Option<&'static Prefix>, &'static Atom)> {
    let tables = tables();
    if let Some(atom) = tables.atoms.get(symbol) {
        return Some((None, atom));
    }
    tables.prefixes.iter().find_map(|prefix| {
        let atom = tables.atoms.get(symbol.strip_prefix(prefix.code)?)?;
        atom.metric.then_some((Some(prefix), atom))
    })
}
