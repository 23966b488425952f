//! Code systems, value sets and concept maps as one asker may use them: those in the store that
//! they see, then R4's own.
//!
//! **Invariant:** a definition is found through the asker's view, each time; what is kept is what
//! was made of a version, under its row.

mod definitions;
mod failure;
mod files;
mod search;

use std::sync::Arc;

use accord_terminology::{CodeSystem, Compiled, ConceptMap, Origin, ValueSet};
use parking_lot::Mutex;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

pub(crate) use definitions::Definitions;
pub(crate) use failure::refused;

/// Most memory for what is made of definitions.
const MOST_BYTES: u64 = 64 << 20;
/// About how many definitions that is.
const ITEMS: usize = 1024;

/// What was made of definitions.
pub(crate) struct Terms {
    made: Cache<(Kind, Origin), Made, Bytes>,
    /// Code systems loaded from files, once somebody asked for one.
    files: Mutex<Option<Arc<[Arc<CodeSystem>]>>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    System,
    Set,
    Map,
    Compiled,
}

#[derive(Clone)]
enum Made {
    System(Arc<CodeSystem>),
    Set(Arc<ValueSet>),
    Map(Arc<ConceptMap>),
    Compiled(Arc<Compiled>),
}

#[derive(Clone)]
struct Bytes;

impl Weighter<(Kind, Origin), Made> for Bytes {
    fn weight(&self, _: &(Kind, Origin), made: &Made) -> u64 {
        let bytes = match made {
            Made::System(system) => system.bytes(),
            Made::Set(set) => set.bytes(),
            Made::Map(map) => map.bytes(),
            Made::Compiled(compiled) => compiled.bytes(),
        };
        bytes as u64 + 256
    }
}

impl Default for Terms {
    fn default() -> Terms {
        Terms { made: Cache::with_weighter(ITEMS, MOST_BYTES, Bytes), files: Mutex::new(None) }
    }
}

impl Terms {
    fn system(&self, origin: Origin) -> Option<Arc<CodeSystem>> {
        match self.made.get(&(Kind::System, origin))? {
            Made::System(made) => Some(made),
            _ => None,
        }
    }

    fn set(&self, origin: Origin) -> Option<Arc<ValueSet>> {
        match self.made.get(&(Kind::Set, origin))? {
            Made::Set(made) => Some(made),
            _ => None,
        }
    }

    fn map(&self, origin: Origin) -> Option<Arc<ConceptMap>> {
        match self.made.get(&(Kind::Map, origin))? {
            Made::Map(made) => Some(made),
            _ => None,
        }
    }

    fn compiled(&self, origin: Origin) -> Option<Arc<Compiled>> {
        match self.made.get(&(Kind::Compiled, origin))? {
            Made::Compiled(made) => Some(made),
            _ => None,
        }
    }

    fn keep(&self, origin: Origin, made: Made) {
        let kind = match made {
            Made::System(_) => Kind::System,
            Made::Set(_) => Kind::Set,
            Made::Map(_) => Kind::Map,
            Made::Compiled(_) => Kind::Compiled,
        };
        self.made.insert((kind, origin), made);
    }
}
