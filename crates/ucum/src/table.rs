//! The tables of prefixes and units.

use std::collections::HashMap;
use std::sync::OnceLock;

use num_traits::One;

use crate::canonical::{Canonical, Dimension};
use crate::parse::Unit;
use crate::special::Scale;
use crate::{Error, Ratio, decimal};

/// A unit of the tables.
#[derive(Debug)]
pub(crate) struct Atom {
    pub code: &'static str,
    pub name: &'static str,
    /// Whether prefixes may stand before it.
    pub metric: bool,
    definition: Definition,
    resolved: OnceLock<Result<Canonical, Error>>,
}

#[derive(Debug)]
enum Definition {
    /// One of the seven; its place among them.
    Base(usize),
    /// A unit of its own: an arbitrary one, which no other can be compared with.
    Arbitrary,
    Derived {
        value: &'static str,
        unit: &'static str,
    },
    /// A scale over a proper unit.
    Special {
        scale: Scale,
        value: &'static str,
        unit: &'static str,
    },
}

/// A prefix.
pub(crate) struct Prefix {
    pub code: &'static str,
    pub name: &'static str,
    pub factor: Ratio,
}

/// Base units in the order of [`Dimension`]'s powers.
pub(crate) const BASE: [&str; 7] = ["m", "s", "g", "rad", "K", "C", "cd"];

#[derive(Default)]
pub(crate) struct Tables {
    pub prefixes: Vec<Prefix>,
    pub atoms: HashMap<&'static str, Atom>,
}

impl Atom {
    /// Its factor and dimension; of a scale those of the unit it is a scale of.
    pub fn canonical(&self) -> Result<&Canonical, Error> {
        self.resolved.get_or_init(|| self.resolve()).as_ref().map_err(|error| *error)
    }

    fn resolve(&self) -> Result<Canonical, Error> {
        match &self.definition {
            Definition::Base(place) => {
                Ok(Canonical { factor: Ratio::one(), dimension: Dimension::base(*place) })
            }
            Definition::Arbitrary => {
                Ok(Canonical { factor: Ratio::one(), dimension: Dimension::arbitrary(self.code) })
            }
            Definition::Derived { value, unit } | Definition::Special { value, unit, .. } => {
                let mut canonical = Unit::parse(unit)?.canonical().clone();
                canonical.factor *= decimal::read(value).ok_or(Error::Syntax)?;
                Ok(canonical)
            }
        }
    }

    /// The scale, if it is one.
    pub fn scale(&self) -> Option<Scale> {
        match self.definition {
            Definition::Special { scale, .. } => Some(scale),
            _ => None,
        }
    }
}

/// The tables, read at first use.
pub(crate) fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut tables = Tables::default();
        for line in include_str!("../data/units.tsv").lines().filter(|l| !l.starts_with('#')) {
            // A line that cannot be read would be missed by the tests, which look up all of them.
            let _ = tables.add(line);
        }
        tables
    })
}

impl Tables {
    fn add(&mut self, line: &'static str) -> Option<()> {
        let mut cells = line.split('\t');
        let (kind, code, flags) = (cells.next()?, cells.next()?, cells.next()?);
        let (value, unit, name) = (cells.next()?, cells.next()?, cells.next()?);
        let definition = match kind {
            "prefix" => {
                self.prefixes.push(Prefix { code, name, factor: decimal::read(value)? });
                return Some(());
            }
            "base" => Definition::Base(BASE.iter().position(|base| *base == code)?),
            _ if flags.contains('A') => Definition::Arbitrary,
            _ if flags.contains('S') => {
                let (function, unit) = unit.strip_suffix(')')?.split_once('(')?;
                Definition::Special { scale: Scale::from_name(function)?, value, unit }
            }
            _ => Definition::Derived { value, unit },
        };
        let metric = flags.contains('M');
        self.atoms.insert(code, Atom { code, name, metric, definition, resolved: OnceLock::new() });
        Some(())
    }
}
