//! Evaluating a plan in one part of the store.

use accord_spec::{ParamId, param_by_id};

use crate::error::IndexError;
use crate::key::{self, SearchKey, TYPE_PARAM, tag};
use crate::measured::Measured;
use crate::part::Part;
use crate::segment::StoredRows;
use crate::set::RowSet;
use crate::tail::Chunk;
use crate::value::{KEEPS_CONTAINED, KEEPS_PARTS, KEEPS_WORDS};
use crate::view::View;

use super::links::{Patients, Referring};
use super::ranges::{estimate, in_range, probe};
use super::{Clause, Finder, Plan, Source};

/// Candidates this few are tested one by one against a range column rather than intersected with
/// all of its rows.
const PROBE_ROWS: u64 = 256;
/// Keys of a tail chunk looked at under one lock.
const SCAN_STEP: usize = 256;

/// A source looked up in a part: its rows, or where they are and about how many.
#[derive(Clone)]
enum Found<'a> {
    Set(RowSet),
    Stored(StoredRows),
    Tail { place: u32, count: u32 },
    Range { prefix: &'a [u8], test: &'a Measured, estimate: u64 },
    Referring(&'a Referring, u64),
    Patients(&'a Patients, u64),
    By(&'a dyn Finder, u64),
}

impl Found<'_> {
    fn estimate(&self) -> u64 {
        match self {
            Found::Set(set) => set.len(),
            Found::Stored(stored) => stored.count(),
            Found::Tail { count, .. } => u64::from(*count),
            Found::Range { estimate, .. }
            | Found::Referring(_, estimate)
            | Found::Patients(_, estimate)
            | Found::By(_, estimate) => *estimate,
        }
    }
}

/// Places of a part, `from..to`.
pub(crate) type Window = (u32, u32);
/// All of a part.
pub(crate) const WHOLE: Window = (0, u32::MAX);

/// A share of a chunk's rows: a part is evaluated window by window if it leads to more.
const MANY: u64 = 16;

/// The rows of a part that satisfy every clause. Deletions, versions that have died and rows of
/// other types may be among them.
pub(crate) fn candidates(view: &View, part: &Part, plan: &Plan) -> Result<RowSet, IndexError> {
    match Asked::of(view, part, plan)? {
        Some(asked) => asked.rows(view, WHOLE),
        None => Ok(RowSet::empty()),
    }
}

/// A plan whose clauses were looked up in a part, which is done once however many windows of it
/// are evaluated.
pub(crate) struct Asked<'p> {
    part: &'p Part,
    plan: &'p Plan,
    /// Of each clause that is not negated; the one with the least rows first.
    found: Vec<Vec<Found<'p>>>,
    negated: Vec<Vec<Found<'p>>>,
    least: u64,
}

impl<'p> Asked<'p> {
    /// Looks the clauses up; `None` if nothing can match.
    pub fn of(
        view: &View,
        part: &'p Part,
        plan: &'p Plan,
    ) -> Result<Option<Asked<'p>>, IndexError> {
        let mut found = Vec::with_capacity(plan.clauses.len());
        for clause in plan.clauses.iter().filter(|clause| !clause.negated) {
            let sources = look_up(view, part, clause)?;
            let estimate: u64 = sources.iter().map(Found::estimate).sum();
            if estimate == 0 {
                return Ok(None);
            }
            found.push((estimate, sources));
        }
        found.sort_by_key(|(estimate, _)| *estimate);
        let least = found.first().map_or(u64::MAX, |(estimate, _)| *estimate);
        let found = found.into_iter().map(|(_, sources)| sources).collect();
        let negated = plan.clauses.iter().filter(|clause| clause.negated);
        let negated =
            negated.map(|clause| look_up(view, part, clause)).collect::<Result<_, _>>()?;
        Ok(Some(Asked { part, plan, found, negated, least }))
    }

    /// Whether so many rows may match that it is worth while to look at some of them first.
    pub fn is_broad(&self, view: &View) -> bool {
        // What references join is found in all of the part at once, and so are composites.
        let joins = |found: &Found<'_>| {
            matches!(found, Found::Referring(..) | Found::Patients(..) | Found::By(..))
        };
        let mut sources = self.found.iter().chain(&self.negated).flatten();
        self.least > u64::from(view.snapshot().chunk_rows()) / MANY && !sources.any(joins)
    }

    /// The rows of a window that satisfy every clause. Rows outside of it may be among them.
    pub fn rows(&self, view: &View, window: Window) -> Result<RowSet, IndexError> {
        let mut found = self.found.iter();
        let mut set = match found.next() {
            Some(sources) => load(view, self.part, sources, window)?,
            None => of_types(view, self.part, &self.plan.types, window)?,
        };
        for sources in found {
            set = narrow(view, self.part, set, sources, window)?;
            if set.is_empty() {
                return Ok(set);
            }
        }
        for sources in &self.negated {
            set = set.without(&load(view, self.part, sources, window)?);
        }
        Ok(set)
    }
}

/// The number of rows that the smallest clause leads to, where nothing has to be scanned; `None`
/// where it has.
pub(crate) fn keyed(view: &View, part: &Part, plan: &Plan) -> Result<Option<u64>, IndexError> {
    let scans = |clause: &Clause| {
        clause
            .sources
            .iter()
            .any(|s| !matches!(s, Source::Key(_) | Source::Rows(_) | Source::Range { .. }))
    };
    if plan.clauses.iter().any(scans) {
        return Ok(None);
    }
    let ranged = |clause: &Clause| clause.sources.iter().any(|s| matches!(s, Source::Range { .. }));
    let mut least = None;
    for clause in plan.clauses.iter().filter(|clause| !clause.negated && !ranged(clause)) {
        let rows: u64 = look_up(view, part, clause)?.iter().map(Found::estimate).sum();
        least = Some(least.map_or(rows, |least: u64| least.min(rows)));
    }
    Ok(least)
}

/// Versions of the types that are not deletions, dead ones among them.
pub(crate) fn of_types(
    view: &View,
    part: &Part,
    types: &[u8],
    window: Window,
) -> Result<RowSet, IndexError> {
    let mut sources: Vec<Source> =
        types.iter().map(|t| Source::Key(key::of_type(*t).into())).collect();
    if types.is_empty() {
        sources.push(Source::Key(key::present(TYPE_PARAM).into()));
    }
    let clause = Clause { sources, negated: false };
    load(view, part, &look_up(view, part, &clause)?, window)
}

fn narrow(
    view: &View,
    part: &Part,
    set: RowSet,
    found: &[Found<'_>],
    window: Window,
) -> Result<RowSet, IndexError> {
    if found.iter().all(|f| matches!(f, Found::Referring(..))) {
        let narrowed = found.iter().map(|found| match found {
            Found::Referring(referring, _) => referring.among(view, part, set.clone()),
            _ => Ok(RowSet::empty()),
        });
        return Ok(RowSet::union(narrowed.collect::<Result<_, _>>()?));
    }
    let all_ranges = found.iter().all(|f| matches!(f, Found::Range { .. }));
    if set.len() > PROBE_ROWS || !all_ranges {
        return Ok(set.and(&load(view, part, found, window)?));
    }
    let mut kept = Vec::new();
    for row in set.to_vec() {
        for source in found {
            if let Found::Range { prefix, test, .. } = source
                && probe(part, prefix, test, row)?
            {
                kept.push(row);
                break;
            }
        }
    }
    Ok(RowSet::Few(kept))
}

fn look_up<'a>(view: &View, part: &Part, clause: &'a Clause) -> Result<Vec<Found<'a>>, IndexError> {
    let mut found = Vec::with_capacity(clause.sources.len());
    for source in &clause.sources {
        view.check_deadline()?;
        is_told(part, source)?;
        match source {
            Source::By(finder) => {
                let most = finder.most(part)?;
                found.extend((most > 0).then_some(Found::By(&**finder, most)));
            }
            Source::Key(key) => found.extend(look_up_key(part, key)?),
            Source::Texts { prefix, needle } => {
                found.push(Found::Set(texts(view, part, prefix, needle.as_deref())?));
            }
            Source::Range { prefix, test } => {
                let estimate = estimate(part, prefix, test);
                found.push(Found::Range { prefix, test, estimate });
            }
            Source::Rows(rows) => found.push(Found::Set(local_rows(part, rows))),
            Source::Words(test) => found.push(Found::Set(test.candidates(view, part)?)),
            // They may be all: whatever else is asked narrows first.
            Source::Referring(referring) => found.push(Found::Referring(referring, all(part))),
            Source::Patients(patients) => found.push(Found::Patients(patients, all(part))),
        }
    }
    Ok(found)
}

/// Refuses what cannot be told of rows that an earlier release indexed.
fn is_told(part: &Part, source: &Source) -> Result<(), IndexError> {
    let key = match source {
        Source::Key(key) => key.bytes.as_slice(),
        Source::Texts { prefix, .. } | Source::Range { prefix, .. } => prefix.as_slice(),
        Source::Words(test) if !keeps(part, KEEPS_WORDS) => {
            return Err(IndexError::Older(test.code().to_owned()));
        }
        _ => return Ok(()),
    };
    is_kept(part, key)
}

/// Whether keys of this kind are known of a part, or why not.
fn is_kept(part: &Part, key: &[u8]) -> Result<(), IndexError> {
    let (parts, contained) = (key::needs_parts(key), key::needs_contained(key));
    if (!parts || keeps(part, KEEPS_PARTS)) && (!contained || keeps(part, KEEPS_CONTAINED)) {
        return Ok(());
    }
    let param = key::kind_of(key).and_then(|(param, _)| param_by_id(ParamId(param)));
    Err(IndexError::Older(param.map_or(String::new(), |param| param.code.to_owned())))
}

/// Refuses what cannot be told of a part in which contained resources were not read.
pub(super) fn keeps_contained(part: &Part, name: &str) -> Result<(), IndexError> {
    let kept = keeps(part, KEEPS_CONTAINED);
    if kept { Ok(()) } else { Err(IndexError::Older(name.to_owned())) }
}

/// Whether an extractor of this version or a later one made the values of a part.
fn keeps(part: &Part, since: u16) -> bool {
    part.extractor_version().is_none_or(|version| version >= since)
}

fn all(part: &Part) -> u64 {
    u64::from(part.end() - part.first())
}

/// The rows of a key.
pub(crate) fn rows_of(part: &Part, key: &SearchKey) -> Result<RowSet, IndexError> {
    is_kept(part, &key.bytes)?;
    match (look_up_key(part, key)?, part) {
        (Some(Found::Stored(stored)), Part::Segment(segment)) => {
            stored.load(segment.dictionary().1, WHOLE)
        }
        (Some(Found::Tail { place, .. }), Part::Chunk(chunk)) => {
            Ok(RowSet::from(chunk.keys().rows(place)))
        }
        _ => Ok(RowSet::empty()),
    }
}

fn look_up_key(part: &Part, key: &SearchKey) -> Result<Option<Found<'static>>, IndexError> {
    match part {
        Part::Chunk(chunk) => {
            let keys = chunk.keys();
            let place = keys.find(key.hash, &key.bytes);
            Ok(place.map(|place| Found::Tail { place, count: keys.count(place) }))
        }
        Part::Segment(segment) => Ok(segment.find(key)?.map(Found::Stored)),
    }
}

fn load(
    view: &View,
    part: &Part,
    found: &[Found<'_>],
    window: Window,
) -> Result<RowSet, IndexError> {
    let load_one = |found: &Found<'_>| match (found, part) {
        (Found::Set(set), _) => Ok(set.clone()),
        (Found::Stored(stored), Part::Segment(segment)) => {
            stored.load(segment.dictionary().1, window)
        }
        (Found::Tail { place, .. }, Part::Chunk(chunk)) => {
            Ok(RowSet::from(chunk.keys().rows(*place)))
        }
        (Found::Range { prefix, test, .. }, part) => in_range(part, prefix, test, window),
        (Found::Referring(referring, _), part) => referring.rows(view, part),
        (Found::Patients(patients, _), part) => patients.rows(view, part),
        (Found::By(finder, _), part) => finder.rows(view, part),
        // A source is loaded in the part it was looked up in.
        (Found::Stored(_) | Found::Tail { .. }, _) => Ok(RowSet::empty()),
    };
    let sets = found.iter().map(|found| {
        view.check_deadline()?;
        load_one(found)
    });
    Ok(RowSet::union(sets.collect::<Result<_, IndexError>>()?))
}

fn texts(
    view: &View,
    part: &Part,
    prefix: &[u8],
    needle: Option<&[u8]>,
) -> Result<RowSet, IndexError> {
    match part {
        Part::Chunk(chunk) => tail_texts(view, chunk, prefix, needle),
        Part::Segment(segment) => {
            let (dictionary, blocks) = segment.dictionary();
            let mut stored = Vec::new();
            dictionary.scan(prefix, blocks, |key, rows| {
                view.check_deadline()?;
                if fits(key, prefix, needle) {
                    stored.push(rows);
                }
                Ok(())
            })?;
            let sets = stored.iter().map(|rows| rows.load(blocks, WHOLE));
            Ok(RowSet::union(sets.collect::<Result<_, _>>()?))
        }
    }
}

/// Looks at a few keys at a time, so that the writer waits for none of it for long.
fn tail_texts(
    view: &View,
    chunk: &Chunk,
    prefix: &[u8],
    needle: Option<&[u8]>,
) -> Result<RowSet, IndexError> {
    let places: Vec<u32> = match key::kind_of(prefix) {
        Some((param, kind @ (tag::PART | tag::WITHIN))) => {
            chunk.keys().listed(param, kind).to_vec()
        }
        _ => chunk.keys().texts(prefix).flatten().copied().collect(),
    };
    let mut sets = Vec::new();
    for step in places.chunks(SCAN_STEP) {
        view.check_deadline()?;
        let keys = chunk.keys();
        let fitting = step.iter().filter(|place| fits(keys.key(**place), prefix, needle));
        sets.extend(fitting.map(|place| RowSet::from(keys.rows(*place))));
    }
    Ok(RowSet::union(sets))
}

fn fits(key: &[u8], prefix: &[u8], needle: Option<&[u8]>) -> bool {
    let contains = |needle: &[u8]| {
        let text = key::normalised(key);
        needle.is_empty() || text.windows(needle.len()).any(|window| window == needle)
    };
    key.starts_with(prefix) && needle.is_none_or(contains)
}

fn local_rows(part: &Part, rows: &[(u32, u32)]) -> RowSet {
    let start = rows.partition_point(|(_, to)| *to <= part.first());
    let end = rows.partition_point(|(from, _)| *from < part.end()).max(start);
    let here = rows.get(start..end).unwrap_or_default();
    if here.iter().all(|(from, to)| to - from == 1) {
        return RowSet::Few(here.iter().map(|(row, _)| row - part.first()).collect());
    }
    let sets = here.iter().map(|(from, to)| {
        let within = |row: u32| row.clamp(part.first(), part.end()) - part.first();
        interval(within(*from), within(*to))
    });
    RowSet::union(sets.collect())
}

/// The rows `from..to` of a part.
pub(super) fn interval(from: u32, to: u32) -> RowSet {
    if to.saturating_sub(from) <= 64 {
        return RowSet::Few((from..to).collect());
    }
    let mut bits = roaring::RoaringBitmap::new();
    bits.insert_range(from..to);
    RowSet::Many(bits)
}
