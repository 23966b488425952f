//! Sets of codes, compiled: a bitmap for each code system.

mod parts;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::grammar::Grammar;
use crate::value_set::Listed;
use crate::{CodeSystem, TermError};

/// A set of codes.
#[derive(Clone, Default)]
pub struct CodeSet {
    parts: Vec<Part>,
}

/// The codes of one code system.
#[derive(Clone)]
pub struct Part {
    /// Which codes.
    pub codes: Codes,
    /// Whether the system has further codes that may belong here: its content is not whole.
    pub open: bool,
}

/// Codes of one code system.
#[derive(Clone)]
pub enum Codes {
    /// Concepts of a table.
    Table {
        /// The table. For a system whose content is not here, made of the codes that were listed.
        system: Arc<CodeSystem>,
        /// Their numbers.
        bits: RoaringBitmap,
        /// What the value set says of some of them.
        told: Arc<HashMap<u32, Listed>>,
    },
    /// All that a grammar permits, but for some.
    Grammar {
        /// The grammar.
        grammar: Grammar,
        /// What is left out.
        except: BTreeSet<String>,
    },
}

/// Whether a code belongs to a set.
#[derive(Clone, Copy, Debug)]
pub enum Verdict<'a> {
    /// It does.
    In(Entry<'a>),
    /// It does not.
    Out,
    /// It may: the content of its code system is not whole here.
    Unknown,
}

/// A code that belongs to a set.
#[derive(Clone, Copy)]
pub enum Entry<'a> {
    /// A concept of a table.
    Concept {
        /// The table.
        system: &'a CodeSystem,
        /// Its number there.
        at: u32,
        /// What the value set says of it.
        told: Option<&'a Listed>,
    },
    /// A code that a grammar permits.
    Form(Grammar),
}

impl std::fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Entry::Concept { system, at, .. } => write!(f, "{}|{}", system.url(), system.code(*at)),
            Entry::Form(grammar) => write!(f, "{}", grammar.url()),
        }
    }
}

impl Part {
    /// The address of its code system.
    pub fn url(&self) -> &str {
        match &self.codes {
            Codes::Table { system, .. } => system.url(),
            Codes::Grammar { grammar, .. } => grammar.url(),
        }
    }

    /// Some concepts of a table.
    pub(crate) fn table(system: Arc<CodeSystem>, bits: RoaringBitmap, open: bool) -> Part {
        Part { codes: Codes::Table { system, bits, told: Arc::default() }, open }
    }

    /// Whether a code is in it.
    pub fn entry(&self, code: &str) -> Option<Entry<'_>> {
        match &self.codes {
            Codes::Table { system, bits, told } => {
                let at = system.find(code).filter(|at| bits.contains(*at))?;
                Some(Entry::Concept { system, at, told: told.get(&at) })
            }
            Codes::Grammar { grammar, except } => {
                let permitted = grammar.permits(code) && !except.contains(code);
                permitted.then_some(Entry::Form(*grammar))
            }
        }
    }

    fn is_empty(&self) -> bool {
        matches!(&self.codes, Codes::Table { bits, .. } if bits.is_empty()) && !self.open
    }
}

impl CodeSet {
    /// Its parts; a code system may have several where versions differ. No code is in two of them.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether a code is in it; without a system, in any.
    pub fn entry(&self, system: Option<&str>, code: &str) -> Option<Entry<'_>> {
        let fits = |part: &&Part| system.is_none_or(|system| part.url() == system);
        self.parts.iter().filter(fits).find_map(|part| part.entry(code))
    }

    /// Whether a code is in it, as far as can be told; without a system, in any.
    pub fn verdict(&self, system: Option<&str>, code: &str) -> Verdict<'_> {
        match self.entry(system, code) {
            Some(entry) => Verdict::In(entry),
            None if self.is_open(system) => Verdict::Unknown,
            None => Verdict::Out,
        }
    }

    /// Whether it may hold codes of this system that are not known here.
    pub fn is_open(&self, system: Option<&str>) -> bool {
        self.parts.iter().any(|part| part.open && system.is_none_or(|system| part.url() == system))
    }

    /// How many codes are in it; the grammar that makes them too many to list, if there is one.
    pub fn count(&self) -> Result<u64, Grammar> {
        self.parts.iter().try_fold(0, |sum, part| match &part.codes {
            Codes::Table { bits, .. } => Ok(sum + bits.len()),
            Codes::Grammar { grammar, .. } => Err(*grammar),
        })
    }

    /// Whether it holds nothing that is known.
    pub fn is_empty(&self) -> bool {
        self.parts.iter().all(Part::is_empty)
    }

    /// Its codes, in the order of its parts and of their code systems. What a grammar describes is
    /// not among them.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.parts.iter().flat_map(|part| {
            let (table, told) = match &part.codes {
                Codes::Table { system, bits, told } => (Some((system, bits)), Some(told)),
                Codes::Grammar { .. } => (None, None),
            };
            table.into_iter().flat_map(move |(system, bits)| {
                bits.iter().map(move |at| Entry::Concept {
                    system,
                    at,
                    told: told.and_then(|told| told.get(&at)),
                })
            })
        })
    }

    /// Adds the codes of another set.
    pub(crate) fn add(&mut self, other: CodeSet) {
        for part in other.parts {
            self.add_part(part);
        }
    }

    /// Adds the codes of a part.
    pub(crate) fn add_part(&mut self, mut part: Part) {
        for own in &mut self.parts {
            if own.url() == part.url() && own.unite(&mut part) {
                return;
            }
        }
        if !part.is_empty() {
            self.parts.push(part);
        }
    }

    /// Keeps what is in another set too.
    pub(crate) fn keep(&mut self, other: &CodeSet) {
        for part in &mut self.parts {
            part.intersect(other);
        }
        self.parts.retain(|part| !part.is_empty());
    }

    /// Takes out what is in another set.
    pub(crate) fn remove(&mut self, other: &CodeSet) -> Result<(), TermError> {
        for part in &mut self.parts {
            for taken in &other.parts {
                if taken.url() == part.url() {
                    part.subtract(taken)?;
                }
            }
        }
        self.parts.retain(|part| !part.is_empty());
        Ok(())
    }

    /// Takes out every code of a system.
    pub(crate) fn remove_system(&mut self, url: &str) {
        self.parts.retain(|part| part.url() != url);
    }

    /// Takes out what is no longer to be used.
    pub(crate) fn remove_inactive(&mut self) {
        for part in &mut self.parts {
            if let Codes::Table { system, bits, .. } = &mut part.codes {
                *bits -= system.inactive();
            }
        }
        self.parts.retain(|part| !part.is_empty());
    }
}
