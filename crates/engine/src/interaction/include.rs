//! What comes with the matches of a search: `_include` and `_revinclude` (FHIR R4 search
//! §3.1.1.5.4).

use std::collections::HashSet;

use accord_base::{ResourceId, Row};
use accord_fhir::IssueCode;
use accord_fhir::document::Stamp;
use accord_fhir::json::Value;
use accord_index::extract::{self, Source};
use accord_index::{Found, RowRef, View};
use accord_query::{Include, OwnParams};
use accord_spec::{ParamId, ResourceType};

use super::late::in_time;
use crate::prepare::parse_json;
use crate::{Category, Engine, Failure, Request};

/// Most resources that come with the matches of one page.
const MOST_INCLUDED: usize = 2_000;

/// What was found for the includes of a page.
pub(crate) enum Included<'a> {
    /// All of it.
    All(Vec<RowRef<'a>>),
    /// More than there is room for, by this include.
    TooMany(Include),
}

impl Engine {
    /// The resources that come with some matches: each once, none that is a match, none that does
    /// not exist for the asker.
    pub(crate) fn included<'a>(
        &self,
        request: &Request,
        view: &'a View,
        includes: &[Include],
        matches: &[RowRef<'a>],
    ) -> Result<Included<'a>, Failure> {
        let mut seen: HashSet<Row> = matches.iter().map(RowRef::row).collect();
        let (mut all, mut from) = (Vec::new(), 0);
        let mut sources: Vec<RowRef<'a>> = matches.to_vec();
        let mut wanted: Vec<Include> = includes.to_vec();
        while !sources.is_empty() && !wanted.is_empty() {
            for include in &wanted {
                for source in &sources {
                    in_time(request)?;
                    for row in self.joined(view, include, source)? {
                        if seen.insert(row.row()) {
                            all.push(row);
                        }
                    }
                    if all.len() > MOST_INCLUDED {
                        return Ok(Included::TooMany(*include));
                    }
                }
            }
            wanted.retain(|include| include.iterate);
            sources = all.get(from..).unwrap_or_default().to_vec();
            from = all.len();
        }
        Ok(Included::All(all))
    }

    /// What an include joins to one resource.
    fn joined<'a>(
        &self,
        view: &'a View,
        include: &Include,
        to: &RowRef<'a>,
    ) -> Result<Vec<RowRef<'a>>, Failure> {
        let fits = |of, wanted: Option<_>| wanted.is_none_or(|wanted| wanted == of);
        let resource_type = to.resource_type();
        if include.reverse {
            if !fits(resource_type, include.target) {
                return Ok(Vec::new());
            }
            let (of, by) = (include.source, include.param);
            return view
                .referrers((resource_type, &to.id()), of, by, MOST_INCLUDED + 1)
                .map_err(|error| self.index_failure("finding what refers", &error));
        }
        if !fits(resource_type, include.source) {
            return Ok(Vec::new());
        }
        let stored = self.document_of(to)?;
        let tape = parse_json(stored.as_bytes())?;
        let named = referenced(view, tape.root(), resource_type, include.param);
        let outside = |of: ResourceType| !include.outside.is_some_and(|kind| kind.holds(of));
        let wanted = named.into_iter();
        let wanted = wanted.filter(|(of, _)| fits(*of, include.target) && outside(*of));
        let live = wanted.filter_map(|(of, id)| match view.read(of, &id) {
            Found::Live(row) | Found::Known(row) => Some(row).filter(|row| !row.deleted()),
            Found::Deleted(_) | Found::Absent => None,
        });
        Ok(live.collect())
    }

    /// A row's document as it is stored, or its marker: whoever reads it here shows nothing of it.
    pub(crate) fn document_of(&self, row: &RowRef<'_>) -> Result<std::sync::Arc<str>, Failure> {
        let id = ResourceId::new(&row.id())
            .map_err(|error| self.fault("reading an id of the index", &error))?;
        let stamp = Stamp { id: &id, version: row.version(), last_updated: row.born() };
        if row.is_marker() {
            return Ok(self.marker(row, stamp).0);
        }
        let stored = self.documents.fetch(row.row(), stamp);
        stored.map_err(|error| self.fault("reading a document", &error))
    }
}

/// What a resource refers to, by an official parameter, one of the store's own, or any official one.
fn referenced(
    view: &View,
    resource: Value<'_>,
    resource_type: ResourceType,
    param: Option<ParamId>,
) -> Vec<(ResourceType, String)> {
    match param.filter(|param| param.is_own()) {
        Some(own) => {
            let source = Source { resource, resource_type, resolve: &|_| None, base: None };
            view.snapshot().own().referenced(&source, own)
        }
        None => extract::referenced(resource, resource_type, param),
    }
}

/// The failure of a page that cannot be made smaller.
pub(crate) fn too_much(include: &Include, own: &OwnParams) -> Failure {
    let (name, text) = (include.name(), include.text(own));
    let text = format!("`{name}={text}` finds more for one match than a page holds");
    Failure::new(Category::TooCostly, IssueCode::TooCostly, text)
}
