//! Where definitions are found: what is embedded, what was loaded, what lies in a store.

use std::sync::Arc;

use crate::compose::Compiled;
use crate::concept_map::ConceptMap;
use crate::grammar::Grammar;
use crate::{Canonical, CodeSystem, TermError, ValueSet};

/// Which definition something is: two with the same origin are the same for ever.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Origin {
    /// It came with the question and is kept nowhere.
    Passing,
    /// Embedded, by number.
    Embedded(u32),
    /// Loaded from a file, by number.
    File(u32),
    /// A version of a resource, by its row.
    Row(u32),
}

/// Something that a definition refers to, with what was found for it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Dependency {
    /// A code system.
    System(Canonical, Option<Origin>),
    /// A value set.
    Set(Canonical, Option<Origin>),
}

/// Definitions as one asker may use them.
///
/// **Invariant:** what the asker may not see is not found here.
pub trait Library {
    /// A code system; the newest version if none is asked for. One whose content is not here is
    /// found too, unless another one with content fits.
    ///
    /// # Errors
    /// If a definition cannot be read.
    fn code_system(&self, wanted: &Canonical) -> Result<Option<Arc<CodeSystem>>, TermError>;

    /// A value set; the newest version if none is asked for.
    ///
    /// # Errors
    /// If a definition cannot be read.
    fn value_set(&self, wanted: &Canonical) -> Result<Option<Arc<ValueSet>>, TermError>;

    /// Concept maps: that of an address, or all of them.
    ///
    /// # Errors
    /// If a definition cannot be read.
    fn concept_maps(&self, wanted: Option<&Canonical>) -> Result<Vec<Arc<ConceptMap>>, TermError>;

    /// The grammar of a code system that has one.
    fn grammar(&self, url: &str) -> Option<Grammar> {
        Grammar::of(url)
    }

    /// The set as it was compiled before, if it would be compiled so again: see [`still`].
    ///
    /// # Errors
    /// If a definition cannot be read.
    fn kept(&self, _: &ValueSet) -> Result<Option<Arc<Compiled>>, TermError> {
        Ok(None)
    }

    /// Keeps a compiled set.
    fn keep(&self, _: &ValueSet, _: &Arc<Compiled>) {}
}

/// Whether what a set rests on is found again as it was.
///
/// # Errors
/// If a definition cannot be read.
pub fn still(library: &dyn Library, dependencies: &[Dependency]) -> Result<bool, TermError> {
    for dependency in dependencies {
        let same = match dependency {
            Dependency::System(wanted, origin) => {
                library.code_system(wanted)?.map(|found| found.head().origin) == *origin
            }
            Dependency::Set(wanted, origin) => {
                let found = library.value_set(wanted)?.map(|found| found.origin);
                found.filter(|found| *found != Origin::Passing) == *origin
            }
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}
