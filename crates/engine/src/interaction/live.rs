//! Searches that go on: what changed for an asker since a position (decision 38).

use std::sync::Arc;

use accord_access::{AccessRequest, Decision, Interaction as Code};
use accord_base::{LogTime, ResourceId, Row, Subject};
use accord_fhir::IssueCode;
use accord_index::{Changed, Key, RowRef, View};
use accord_query::{Handling, Query};
use accord_spec::ResourceType;
use tokio::sync::watch;

use crate::cursor::Cursor;
use crate::recorded::Finding;
use crate::{Answer, Category, Change, Changes, Engine, Failure, Marks, Request, Version};

/// Most searches that go on together.
pub const MAX_CRITERIA: usize = 16;
/// Longest of them, in bytes.
const MAX_CRITERION_BYTES: usize = 2048;
/// Most versions told at once.
const MOST_TOLD: usize = 256;
/// Bytes of the bodies told at once, if more than one: many may be on their way at a time.
const MOST_BODY_BYTES: usize = 1 << 20;
/// Rows looked at in one go: it takes some milliseconds.
const MOST_ROWS: u32 = 1 << 16;
/// How long after it was given a position leads on. Time alone decides: how much happened since
/// is nobody's to learn.
const POSITION_US: u64 = 3600 * LogTime::SECOND_US;

/// Searches that go on.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Live {
    /// Each a type with conditions: `Encounter?class=EMER&status=arrived`.
    pub criteria: Vec<String>,
    /// From where on.
    pub since: Since,
    /// Up to which row; up to the newest state if it is not said.
    pub upto: Option<Row>,
    /// The rows to which it is confined, in their order: what was told before.
    pub among: Option<Arc<[Row]>>,
    /// Versions at most; as many as there is room for if it is not said.
    pub most: Option<usize>,
    /// Whether bodies are wanted.
    pub bodies: bool,
}

/// From where on changes are told.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Since {
    /// From now on.
    #[default]
    Now,
    /// From a position that was told, sealed.
    Position(String),
    /// From a row on, up to which it was told already: the start is recorded.
    Row(Row),
}

impl Live {
    /// Whether it goes on, rather than beginning.
    pub(crate) fn goes_on(&self) -> bool {
        matches!(self.since, Since::Row(_))
    }

    /// What a position is bound to.
    fn bound(&self) -> String {
        format!("$live\n{}", self.criteria.join("\n"))
    }

    /// The types that are searched.
    fn types(&self) -> Vec<ResourceType> {
        self.criteria.iter().filter_map(|text| split(text).map(|(of, _)| of)).collect()
    }
}

impl Engine {
    /// Tells of each commit, by the row after its last.
    pub fn commits(&self) -> watch::Receiver<Row> {
        self.commits.subscribe()
    }

    /// The row from which on something may concern these searches, and whether anything does: what
    /// is before it need not be looked at. Cheap, and tells of what the asker may not see: only for
    /// deciding whether to look.
    pub fn next_concerning(&self, live: &Live, from: Row) -> (Row, bool) {
        let snapshot = self.index.snapshot();
        let found = snapshot.first_of_types(&live.types(), from);
        (found, found < snapshot.watermark())
    }

    /// Whether searches can go on at all.
    ///
    /// # Errors
    /// Why not; the text may repeat what was asked.
    pub fn check_live(&self, criteria: &[String]) -> Result<(), Failure> {
        for (resource_type, params) in read(criteria)? {
            self.listened_for(resource_type, params)?;
        }
        Ok(())
    }

    /// What changed since a position.
    pub(crate) fn changes(&self, request: &Request, live: &Live) -> Finding {
        let mut finding = Finding {
            outcome: Err(crate::interaction::not_found()),
            rules: Vec::new(),
            permit: true,
            patients: Vec::new(),
            as_of: self.index.snapshot().t(),
        };
        finding.outcome = self.find_changes(request, live, &mut finding).map(Answer::Changes);
        finding
    }

    fn find_changes(
        &self,
        request: &Request,
        live: &Live,
        finding: &mut Finding,
    ) -> Result<Changes, Failure> {
        let searches = read(&live.criteria)?;
        let mut views: Vec<(ResourceType, View)> = Vec::new();
        for (resource_type, _) in &searches {
            if views.iter().all(|(known, _)| known != resource_type) {
                let view = self.listening_view(request, *resource_type, finding)?;
                views.push((*resource_type, view));
            }
        }
        let of = |wanted: ResourceType| views.iter().find(|(of, _)| *of == wanted).map(|(_, v)| v);
        let newest = views.iter().map(|(_, view)| view.snapshot().watermark()).min();
        let newest = newest.unwrap_or_default();
        let (from, reset) = self.begin(request, live, newest)?;
        let newest = live.upto.map_or(newest, |upto| newest.min(upto));
        let to = newest.min(Row(from.0.saturating_add(MOST_ROWS)));
        let (mut found, mut end) = (Vec::new(), to);
        for (resource_type, params) in searches {
            let Some(view) = of(resource_type) else { continue };
            let query = self.listened_for(resource_type, params)?;
            if from >= to {
                continue;
            }
            let (mut rows, upto) = view
                .versions_between(resource_type, (from, to), MOST_TOLD)
                .map_err(|error| self.index_failure("reading changes", &error))?;
            end = end.min(upto);
            if let Some(among) = &live.among {
                rows.retain(|row| among.binary_search(&row.row()).is_ok());
            }
            found.extend(self.concerned(view, query, &rows)?);
        }
        found.retain(|changed| changed.row.row() < end);
        if let Some(next) =
            live.most.and_then(|most| once(found.clone()).get(most).map(|it| it.row.row()))
        {
            end = next;
            found.retain(|changed| changed.row.row() < end);
        }
        let (entries, end) = match live.bodies {
            true => self.with_bodies(&of, &once(found.clone()), end)?,
            false => (once(found.clone()).iter().filter_map(told).collect(), end),
        };
        found.retain(|changed| changed.row.row() < end);
        finding.patients = self.patients_of(found.iter().map(|changed| &changed.row));
        let marker = found.iter().any(|changed| changed.row.is_marker());
        let marks = if marker { Marks::SEALED } else { Marks::NONE };
        let marks = entries.iter().fold(marks, |all, change| all.with(change.version.marks));
        finding.rules.extend(marks.codes().map(std::borrow::Cow::Borrowed));
        let position = self.position(request, live, end)?;
        let begins = self.position(request, live, from)?;
        Ok(Changes { entries, begins, position, upto: end, more: end < newest, reset })
    }

    /// The newest state as the asker may search it for a type.
    fn listening_view(
        &self,
        request: &Request,
        resource_type: ResourceType,
        finding: &mut Finding,
    ) -> Result<View, Failure> {
        let asked =
            AccessRequest { interaction: Code::SearchType, resource_type: Some(resource_type) };
        let (decision, snapshot) = self.decide_now(&request.subject, asked);
        finding.as_of = finding.as_of.max(snapshot.t());
        finding.permit &= matches!(decision, Decision::Permit(_));
        for rule in crate::rule_codes(&decision) {
            if !finding.rules.contains(&rule) {
                finding.rules.push(rule);
            }
        }
        let scope = crate::permitted(decision)?;
        Ok(View::new(snapshot, scope).until(request.deadline.clone()))
    }

    /// Where to begin, and whether that is not where the asker left off.
    fn begin(&self, request: &Request, live: &Live, newest: Row) -> Result<(Row, bool), Failure> {
        let position = match &live.since {
            Since::Now => return Ok((newest, false)),
            Since::Row(row) => return Ok((*row, false)),
            Since::Position(position) => position,
        };
        let known = self.cursors.open(position, &request.subject, &live.bound());
        let fresh =
            |cursor: &Cursor| self.clock.now().0.saturating_sub(cursor.as_of.0) <= POSITION_US;
        Ok(match known.filter(fresh).map(|cursor| cursor.key) {
            Some(Key::Row(row)) if row <= newest => (row, false),
            _ => (newest, true),
        })
    }

    /// A position, with the instant at which it is told.
    fn position(&self, request: &Request, live: &Live, row: Row) -> Result<String, Failure> {
        let cursor = Cursor { as_of: self.clock.now(), key: Key::Row(row) };
        let sealed = self.cursors.seal(&cursor, &request.subject, &live.bound(), &*self.rng);
        sealed.ok_or_else(|| {
            let text = "the server met a fault of its own";
            Failure::new(Category::Fault, IssueCode::Exception, text)
        })
    }

    /// One of the searches, if it is one that can go on.
    fn listened_for(&self, resource_type: ResourceType, params: Params) -> Result<Query, Failure> {
        let (query, _) = self.parse_query(Some(resource_type), params, Handling::Strict)?;
        let plain = Query {
            clauses: query.clauses.clone(),
            own: query.own.clone(),
            ..Query::on(Some(resource_type))
        };
        if query != plain {
            return Err(unlistened("a search that goes on has conditions alone"));
        }
        if query.asks_words() {
            return Err(unlistened("a search that goes on has no words"));
        }
        Ok(query)
    }

    /// Versions as they are served: as many as have room, at least one; and the row after them.
    fn with_bodies<'a>(
        &self,
        of: &impl Fn(ResourceType) -> Option<&'a View>,
        found: &[Changed<'a>],
        end: Row,
    ) -> Result<(Vec<Change>, Row), Failure> {
        let (mut entries, mut bytes) = (Vec::with_capacity(found.len()), 0);
        let most = self.answer_limits.page_bytes.min(MOST_BODY_BYTES);
        for changed in found {
            let Some(view) = of(changed.row.resource_type()) else { continue };
            let version = self.version(view, &changed.row)?;
            bytes += version.body.len();
            if bytes > most && !entries.is_empty() {
                return Ok((entries, changed.row.row()));
            }
            let (matches, row) = (changed.matches, changed.row.row());
            entries.push(Change { version, matches, row });
        }
        Ok((entries, end))
    }

    /// Who wrote a version, from the access record that its transaction carries; `None` where
    /// there is none.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub fn writer_of(&self, row: Row) -> Result<Option<Arc<Subject>>, Failure> {
        self.who.writer_of(row).map_err(|error| self.fault("reading who wrote a version", &error))
    }

    /// Those of some versions that a search concerns.
    fn concerned<'a>(
        &self,
        view: &'a View,
        mut query: Query,
        rows: &[RowRef<'a>],
    ) -> Result<Vec<Changed<'a>>, Failure> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        self.put_codes(view, &mut query)?;
        view.concerned(&query, rows).map_err(|error| self.search_failure(&query, &error))
    }
}

/// Decoded parameters of a search.
type Params = Vec<(String, String)>;

/// The types and parameters of searches.
fn read(criteria: &[String]) -> Result<Vec<(ResourceType, Params)>, Failure> {
    if !(1..=MAX_CRITERIA).contains(&criteria.len()) {
        return Err(unlistened(&format!("between 1 and {MAX_CRITERIA} `criteria` are needed")));
    }
    let read = |text: &String| {
        let (of, query) = split(text)
            .filter(|(of, _)| *of != ResourceType::AUDIT_EVENT)
            .ok_or_else(|| unlistened("`criteria` is a search: a resource type with conditions"))?;
        if text.len() > MAX_CRITERION_BYTES {
            let text = format!("a search that goes on has at most {MAX_CRITERION_BYTES} bytes");
            return Err(unlistened(&text));
        }
        Ok((of, crate::url::pairs(query)))
    };
    criteria.iter().map(read).collect()
}

fn split(criterion: &str) -> Option<(ResourceType, &str)> {
    let (name, query) = criterion.split_once('?').unwrap_or((criterion, ""));
    Some((ResourceType::from_name(name)?, query))
}

fn unlistened(text: &str) -> Failure {
    Failure::new(Category::Invalid, IssueCode::NotSupported, text)
}

/// Versions in the order of rows, each once: it matches if one of the searches says so.
fn once(mut found: Vec<Changed<'_>>) -> Vec<Changed<'_>> {
    // Of those of one row, one that matches comes first.
    found.sort_by_key(|changed| (changed.row.row(), !changed.matches));
    found.dedup_by_key(|changed| changed.row.row());
    found
}

/// What is told of a version: that it is there. `None` cannot be: ids were checked when written.
fn told(changed: &Changed<'_>) -> Option<Change> {
    let row = &changed.row;
    let id = ResourceId::new(&row.id()).ok()?;
    let version = Version {
        resource_type: row.resource_type(),
        id,
        version: row.version(),
        last_updated: row.born(),
        body: "".into(),
        deleted: row.deleted(),
        put: row.put(),
        marks: Marks::NONE,
        fragment: None,
    };
    Some(Change { version, matches: changed.matches, row: row.row() })
}
