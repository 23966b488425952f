//! Conditions on codes that a terminology answers: `:in`, `:not-in`, `:below`, `:above`
//! (FHIR R4 search §3.1.1.4.5). Whoever searches puts the codes in their place.

use crate::query::{Query, Test};
use crate::value::Token;

/// Which codes are meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Coded {
    /// Those of value sets (`:in`), or all others (`:not-in`).
    Set {
        /// Whether all others are meant.
        negated: bool,
        /// Addresses of value sets, with or without a version, or `ValueSet/id`.
        any_of: Vec<String>,
    },
    /// Those below concepts (`:below`) or above them (`:above`), themselves included.
    Hierarchy {
        /// Whether those above are meant.
        above: bool,
        /// The concepts, each with its code system.
        any_of: Vec<Token>,
    },
}

impl Coded {
    /// The modifier, with its colon.
    pub(crate) fn modifier(&self) -> &'static str {
        match self {
            Coded::Set { negated: false, .. } => ":in",
            Coded::Set { negated: true, .. } => ":not-in",
            Coded::Hierarchy { above: false, .. } => ":below",
            Coded::Hierarchy { above: true, .. } => ":above",
        }
    }
}

impl Query {
    /// Puts another condition in the place of each that a terminology answers, behind references
    /// too.
    ///
    /// # Errors
    /// The first that `codes` returns.
    pub fn replace_coded<E>(
        &mut self,
        codes: &mut dyn FnMut(&Coded) -> Result<Test, E>,
    ) -> Result<(), E> {
        self.clauses.iter_mut().try_for_each(|clause| replace(&mut clause.test, codes))
    }
}

fn replace<E>(test: &mut Test, codes: &mut dyn FnMut(&Coded) -> Result<Test, E>) -> Result<(), E> {
    match test {
        Test::Coded(coded) => *test = codes(coded)?,
        Test::Chain(chain) => {
            for link in &mut chain.links {
                replace(&mut link.clause.test, codes)?;
            }
        }
        _ => {}
    }
    Ok(())
}
