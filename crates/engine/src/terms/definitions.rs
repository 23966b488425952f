//! The library of one asker.

use std::cmp::Ordering;
use std::sync::Arc;

use accord_base::ResourceId;
use accord_fhir::document::Stamp;
use accord_fhir::json::Tape;
use accord_index::{Paging, RowRef, View};
use accord_query::Handling;
use accord_spec::ResourceType;
use accord_terminology::{
    Canonical, CodeSystem, Compiled, ConceptMap, Library, Origin, TermError, ValueSet, r4, still,
};

use super::{Made, Terms};
use crate::Engine;
use crate::prepare::parse_json;

/// Definitions of one kind that are looked at for one question.
const MOST_FOUND: usize = 200;

/// Definitions as one asker may use them.
pub(crate) struct Definitions<'a> {
    engine: &'a Engine,
    view: &'a View,
    /// Those that came with the question.
    pub passing: Passing,
}

/// Definitions that came with a question; they come before all others.
#[derive(Default)]
pub(crate) struct Passing {
    pub systems: Vec<Arc<CodeSystem>>,
    pub sets: Vec<Arc<ValueSet>>,
    pub maps: Vec<Arc<ConceptMap>>,
}

impl Passing {
    fn is_empty(&self) -> bool {
        self.systems.is_empty() && self.sets.is_empty()
    }
}

impl<'a> Definitions<'a> {
    /// What can be used by whoever has this view.
    pub fn new(engine: &'a Engine, view: &'a View) -> Definitions<'a> {
        Definitions { engine, view, passing: Passing::default() }
    }

    fn terms(&self) -> &Terms {
        &self.engine.terms
    }

    /// The resources of a type that have an address in a parameter.
    fn rows(
        &self,
        resource_type: ResourceType,
        param: Option<(&str, &str)>,
    ) -> Result<Vec<RowRef<'_>>, TermError> {
        let unreadable = || TermError::Unreadable(param.map_or("", |(_, url)| url).to_owned());
        let params = param.map(|(name, url)| (name.to_owned(), escaped(url)));
        let params = params.into_iter().collect();
        // What no search can ask for is in no resource that one finds.
        let parsed = self.engine.parse_query(Some(resource_type), params, Handling::Strict);
        let Ok((query, _)) = parsed else { return Ok(Vec::new()) };
        let paging = Paging { after: None, count: MOST_FOUND, total: false };
        let page = self.view.search(&query, &paging).map_err(|error| {
            self.engine.fault("looking for a definition", &error);
            unreadable()
        })?;
        Ok(page.rows)
    }

    /// The document of a row.
    fn tape(&self, row: &RowRef<'_>) -> Result<Tape, TermError> {
        let unreadable = |_| TermError::Unreadable(row.id());
        // A marker defines nothing.
        if row.is_marker() {
            return Err(TermError::Unreadable(row.id()));
        }
        let id = ResourceId::new(&row.id()).map_err(|error| {
            self.engine.fault("reading an id of the index", &error);
            TermError::Unreadable(row.id())
        })?;
        let stamp = Stamp { id: &id, version: row.version(), last_updated: row.born() };
        let text = self.engine.documents.fetch(row.row(), stamp).map_err(|error| {
            self.engine.fault("reading a definition", &error);
            TermError::Unreadable(row.id())
        })?;
        parse_json(text.as_bytes()).map_err(unreadable)
    }

    /// A code system by the row of its resource.
    pub fn system_at(&self, row: &RowRef<'_>) -> Result<Arc<CodeSystem>, TermError> {
        let origin = Origin::Row(row.row().0);
        if let Some(made) = self.terms().system(origin) {
            return Ok(made);
        }
        let made = Arc::new(CodeSystem::read(self.tape(row)?.root(), origin));
        self.terms().keep(origin, Made::System(made.clone()));
        Ok(made)
    }

    /// A value set by the row of its resource.
    pub fn set_at(&self, row: &RowRef<'_>) -> Result<Arc<ValueSet>, TermError> {
        let origin = Origin::Row(row.row().0);
        if let Some(made) = self.terms().set(origin) {
            return Ok(made);
        }
        let made = Arc::new(ValueSet::read(self.tape(row)?.root(), origin));
        self.terms().keep(origin, Made::Set(made.clone()));
        Ok(made)
    }

    /// A concept map by the row of its resource.
    pub fn map_at(&self, row: &RowRef<'_>) -> Result<Arc<ConceptMap>, TermError> {
        let origin = Origin::Row(row.row().0);
        if let Some(made) = self.terms().map(origin) {
            return Ok(made);
        }
        let made = Arc::new(ConceptMap::read(self.tape(row)?.root(), origin));
        self.terms().keep(origin, Made::Map(made.clone()));
        Ok(made)
    }

    /// What supplements a code system.
    pub fn supplements(&self, url: &str) -> Result<Vec<Arc<CodeSystem>>, TermError> {
        let rows = self.rows(ResourceType::CODE_SYSTEM, Some(("supplements", url)))?;
        rows.iter().map(|row| self.system_at(row)).collect()
    }
}

impl Library for Definitions<'_> {
    fn code_system(&self, wanted: &Canonical) -> Result<Option<Arc<CodeSystem>>, TermError> {
        let rows = self.rows(ResourceType::CODE_SYSTEM, Some(("url", &wanted.url)))?;
        let stored: Result<Vec<_>, _> = rows.iter().map(|row| self.system_at(row)).collect();
        let own = r4().code_system(wanted)?;
        let files = self.engine.loaded_systems()?;
        let all = self.passing.systems.iter().cloned().chain(stored?);
        let all = all.chain(files.iter().cloned()).chain(own);
        let fits =
            |s: &Arc<CodeSystem>| s.url() == wanted.url && of_version(wanted, &s.head().version);
        let mut fitting: Vec<Arc<CodeSystem>> = all.filter(fits).collect();
        // One with content before one without, then the place above, then the newest.
        fitting.sort_by(|a, b| {
            let place = |s: &CodeSystem| (s.is_empty(), rank(s.head().origin));
            place(a).cmp(&place(b)).then_with(|| newer(&a.head().version, &b.head().version))
        });
        Ok(fitting.into_iter().next())
    }

    fn value_set(&self, wanted: &Canonical) -> Result<Option<Arc<ValueSet>>, TermError> {
        let rows = self.rows(ResourceType::VALUE_SET, Some(("url", &wanted.url)))?;
        let stored: Result<Vec<_>, _> = rows.iter().map(|row| self.set_at(row)).collect();
        let all = self.passing.sets.iter().cloned().chain(stored?);
        let fits = |s: &Arc<ValueSet>| s.url == wanted.url && of_version(wanted, &s.version);
        let mut fitting: Vec<Arc<ValueSet>> = all.filter(fits).collect();
        fitting.sort_by(|a, b| {
            rank(a.origin).cmp(&rank(b.origin)).then_with(|| newer(&a.version, &b.version))
        });
        match fitting.into_iter().next() {
            Some(found) => Ok(Some(found)),
            None => r4().value_set(wanted),
        }
    }

    fn concept_maps(&self, wanted: Option<&Canonical>) -> Result<Vec<Arc<ConceptMap>>, TermError> {
        let param = wanted.map(|wanted| ("url", wanted.url.as_str()));
        let rows = self.rows(ResourceType::CONCEPT_MAP, param)?;
        let stored: Result<Vec<_>, _> = rows.iter().map(|row| self.map_at(row)).collect();
        let all = self.passing.maps.iter().cloned().chain(stored?);
        let all = all.chain(r4().concept_maps(wanted)?);
        Ok(all.filter(|map| wanted.is_none_or(|wanted| map.is(wanted))).collect())
    }

    fn kept(&self, set: &ValueSet) -> Result<Option<Arc<Compiled>>, TermError> {
        if !self.passing.is_empty() {
            return Ok(None);
        }
        let Some(kept) = self.terms().compiled(set.origin) else { return Ok(None) };
        Ok(still(self, &kept.dependencies)?.then_some(kept))
    }

    fn keep(&self, set: &ValueSet, compiled: &Arc<Compiled>) {
        if self.passing.is_empty() {
            self.terms().keep(set.origin, Made::Compiled(compiled.clone()));
        }
    }
}

fn of_version(wanted: &Canonical, own: &Option<String>) -> bool {
    wanted.version.is_none() || wanted.version == *own
}

/// What came with the question, then what is in the store, then R4's own.
fn rank(origin: Origin) -> u8 {
    match origin {
        Origin::Passing => 0,
        Origin::Row(_) => 1,
        Origin::File(_) => 2,
        Origin::Embedded(_) => 3,
    }
}

/// Versions, the newest first: numbers in them count as numbers.
fn newer(a: &Option<String>, b: &Option<String>) -> Ordering {
    let (a, b) = (a.as_deref().unwrap_or_default(), b.as_deref().unwrap_or_default());
    let parts = |text: &str| -> Vec<(u64, String)> {
        let part = |part: &str| (part.parse().unwrap_or_default(), part.to_owned());
        text.split(['.', '-']).map(part).collect()
    };
    parts(b).cmp(&parts(a))
}

/// A text as the value of a search parameter (FHIR R4 search §3.1.1.5.7).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | ',' | '$' | '|') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
