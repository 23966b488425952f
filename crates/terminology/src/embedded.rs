//! R4's own code systems, value sets and concept maps, embedded in the program.
//!
//! `data/r4.bin` is made by `cargo xtask spec` from the official package. A resource is unpacked
//! and compiled when it is first asked for and kept from then on.

use std::sync::{Arc, LazyLock, OnceLock};

use accord_fhir::json::{self, Tape};
use hashbrown::HashMap;
use parking_lot::Mutex;

use crate::compose::{Compiled, compile};
use crate::concept_map::ConceptMap;
use crate::library::{Library, Origin};
use crate::{Canonical, CodeSet, CodeSystem, TermError, ValueSet};

static DATA: &[u8] = include_bytes!("../data/r4.bin");

/// R4's own definitions.
pub struct Embedded {
    frames: Vec<Frame>,
    entries: Vec<Entry>,
    by_url: HashMap<(Kind, &'static str), u32>,
    /// Code systems by the address of the value set of all their codes.
    by_value_set: HashMap<&'static str, u32>,
    made: Mutex<Made>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    System,
    Set,
    Map,
}

struct Frame {
    packed: &'static [u8],
    plain: usize,
}

struct Entry {
    kind: Kind,
    frame: usize,
    start: usize,
    end: usize,
    version: &'static str,
    /// Of a value set: its codes, once a binding asked for them; `None` if it cannot be told.
    bound: OnceLock<Option<Arc<Compiled>>>,
}

/// What was asked for before.
#[derive(Default)]
struct Made {
    systems: HashMap<u32, Arc<CodeSystem>>,
    sets: HashMap<u32, Arc<ValueSet>>,
    maps: Option<Vec<Arc<ConceptMap>>>,
    compiled: HashMap<u32, Arc<Compiled>>,
}

/// R4's own definitions, shared by everyone.
pub fn r4() -> &'static Embedded {
    static R4: LazyLock<Embedded> =
        LazyLock::new(|| Embedded::open(DATA).unwrap_or_else(Embedded::nothing));
    &R4
}

impl Embedded {
    fn nothing() -> Embedded {
        Embedded {
            frames: Vec::new(),
            entries: Vec::new(),
            by_url: HashMap::new(),
            by_value_set: HashMap::new(),
            made: Mutex::default(),
        }
    }

    /// Reads the index; the file is documented where it is made.
    fn open(data: &'static [u8]) -> Option<Embedded> {
        let (length, rest) = data.split_first_chunk::<4>()?;
        let (index, mut rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let index = zstd::decode_all(index).ok()?;
        let index: &'static str = String::from_utf8(index).ok()?.leak();
        let mut embedded = Embedded::nothing();
        for line in index.lines() {
            let mut cells = line.split('\t');
            let mark = cells.next()?;
            let mut number = || cells.next()?.parse::<usize>().ok();
            if mark == "F" {
                let (packed, plain) = (number()?, number()?);
                let (packed, after) = rest.split_at_checked(packed)?;
                rest = after;
                embedded.frames.push(Frame { packed, plain });
                continue;
            }
            let kind = match mark {
                "C" => Kind::System,
                "V" => Kind::Set,
                _ => Kind::Map,
            };
            let (frame, start, end) = (number()?, number()?, number()?);
            let (url, version, whole) = (cells.next()?, cells.next()?, cells.next()?);
            let at = embedded.entries.len() as u32;
            embedded.by_url.insert((kind, url), at);
            if !whole.is_empty() {
                embedded.by_value_set.insert(whole, at);
            }
            let bound = OnceLock::new();
            embedded.entries.push(Entry { kind, frame, start, end, version, bound });
        }
        Some(embedded)
    }

    fn find(&self, kind: Kind, wanted: &Canonical) -> Option<u32> {
        let at = *self.by_url.get(&(kind, wanted.url.as_str()))?;
        let own = self.entries.get(at as usize)?.version;
        wanted.version.as_deref().is_none_or(|version| version == own).then_some(at)
    }

    fn tape(&self, at: u32) -> Result<Tape, TermError> {
        let unreadable = || TermError::Unreadable("R4".to_owned());
        let entry = self.entries.get(at as usize).ok_or_else(unreadable)?;
        let frame = self.frames.get(entry.frame).ok_or_else(unreadable)?;
        let plain = zstd::bulk::decompress(frame.packed, frame.plain).map_err(|_| unreadable())?;
        let text = plain.get(entry.start..entry.end).ok_or_else(unreadable)?;
        json::parse(text, json::Limits::default()).map_err(|_| unreadable())
    }

    fn system(&self, at: u32) -> Result<Arc<CodeSystem>, TermError> {
        if let Some(made) = self.made.lock().systems.get(&at) {
            return Ok(made.clone());
        }
        let made = Arc::new(CodeSystem::read(self.tape(at)?.root(), Origin::Embedded(at)));
        Ok(self.made.lock().systems.entry(at).or_insert(made).clone())
    }

    fn set(&self, at: u32) -> Result<Arc<ValueSet>, TermError> {
        if let Some(made) = self.made.lock().sets.get(&at) {
            return Ok(made.clone());
        }
        let made = Arc::new(ValueSet::read(self.tape(at)?.root(), Origin::Embedded(at)));
        Ok(self.made.lock().sets.entry(at).or_insert(made).clone())
    }

    fn maps(&self) -> Result<Vec<Arc<ConceptMap>>, TermError> {
        if let Some(made) = &self.made.lock().maps {
            return Ok(made.clone());
        }
        let mut maps = Vec::new();
        for (at, _) in self.entries.iter().enumerate().filter(|(_, e)| e.kind == Kind::Map) {
            let at = at as u32;
            maps.push(Arc::new(ConceptMap::read(self.tape(at)?.root(), Origin::Embedded(at))));
        }
        self.made.lock().maps = Some(maps.clone());
        Ok(maps)
    }

    /// The codes of a value set that elements of R4 are bound to, by its address without a version;
    /// `None` where they cannot be told.
    pub fn bound(&self, value_set: &str) -> Option<&CodeSet> {
        let at = *self.by_url.get(&(Kind::Set, value_set))?;
        let compiled = || compile(self, &*self.set(at).ok()?).ok();
        let entry = self.entries.get(at as usize)?;
        entry.bound.get_or_init(compiled).as_ref().map(|compiled| &compiled.set)
    }

    /// A set that was compiled before.
    pub fn compiled(&self, origin: Origin) -> Option<Arc<Compiled>> {
        let Origin::Embedded(at) = origin else { return None };
        self.made.lock().compiled.get(&at).cloned()
    }

    /// Addresses of R4's own definitions: code systems, value sets.
    pub fn urls(&self) -> (Vec<&'static str>, Vec<&'static str>) {
        let of = |kind| {
            let own = self.by_url.keys().filter(move |(k, _)| *k == kind).map(|(_, url)| *url);
            let mut urls: Vec<&str> = own.collect();
            urls.sort_unstable();
            urls
        };
        (of(Kind::System), of(Kind::Set))
    }

    /// Whether anything that could stand in the way of R4's own definition has this address.
    pub fn has_system(&self, url: &str) -> bool {
        self.by_url.contains_key(&(Kind::System, url))
    }
}

impl Library for Embedded {
    fn code_system(&self, wanted: &Canonical) -> Result<Option<Arc<CodeSystem>>, TermError> {
        self.find(Kind::System, wanted).map(|at| self.system(at)).transpose()
    }

    fn value_set(&self, wanted: &Canonical) -> Result<Option<Arc<ValueSet>>, TermError> {
        if let Some(at) = self.find(Kind::Set, wanted) {
            return self.set(at).map(Some);
        }
        let Some(at) = self.by_value_set.get(wanted.url.as_str()) else { return Ok(None) };
        let system = self.system(*at)?;
        Ok(Some(Arc::new(ValueSet::whole(&system, &wanted.url))))
    }

    fn concept_maps(&self, wanted: Option<&Canonical>) -> Result<Vec<Arc<ConceptMap>>, TermError> {
        let maps = self.maps()?;
        Ok(match wanted {
            Some(wanted) => maps.into_iter().filter(|map| map.is(wanted)).collect(),
            None => maps,
        })
    }

    fn kept(&self, set: &ValueSet) -> Result<Option<Arc<Compiled>>, TermError> {
        Ok(self.compiled(set.origin))
    }

    fn keep(&self, set: &ValueSet, compiled: &Arc<Compiled>) {
        if let Origin::Embedded(at) = set.origin {
            self.made.lock().compiled.insert(at, compiled.clone());
        }
    }
}
