//! Search.

use accord_base::ResourceId;
use accord_fhir::IssueCode;
use accord_index::{Key, Paging, RowRef, View};
use accord_query::{Handling, Include, Member, Query, Shape, Total};
use accord_spec::{Compartment, ResourceType};

use super::contained;
use super::include::{Included, too_much};
use super::plan;
use super::read::Drawn;
use super::shape::shaped;
use crate::cursor::Cursor;
use crate::{Answer, Category, Engine, Failure, Page, PageKind, Request, Version};

/// A search as it was asked.
pub(crate) struct Asked<'a> {
    /// The type searched; `None` for all.
    pub resource_type: Option<ResourceType>,
    /// The resource in whose compartment is searched.
    pub owner: Option<(ResourceType, &'a ResourceId)>,
    pub params: &'a [(String, String)],
    pub lenient: bool,
}

impl Asked<'_> {
    /// The compartment that is searched.
    fn member(&self) -> Result<Option<Member>, Failure> {
        let Some((owner, id)) = self.owner else { return Ok(None) };
        let no = |text: String| Failure::new(Category::Invalid, IssueCode::NotSupported, text);
        let compartment = Compartment::from_name(owner.name())
            .ok_or_else(|| no(format!("there are no compartments of `{owner}`")))?;
        match self.resource_type.filter(|of| !compartment.holds(*of)) {
            Some(of) => Err(no(format!("`{of}` is in no compartment of a `{owner}`"))),
            None => Ok(Some(Member { compartment, id: id.to_string() })),
        }
    }

    /// Its address below the base.
    fn path(&self) -> String {
        let of = self.resource_type.map_or("", ResourceType::name);
        match self.owner {
            Some((owner, id)) => format!("{owner}/{id}/{of}"),
            None => of.to_owned(),
        }
    }
}

/// What comes with matches, as rows and as they are served.
type Beside<'a> = (Vec<RowRef<'a>>, Vec<Version>);

impl Engine {
    /// Answers a search.
    pub(crate) fn search(&self, request: &Request, view: View, asked: &Asked<'_>) -> Drawn {
        match self.try_search(request, view, asked) {
            Ok((page, patients)) => (Ok(Answer::Page(page)), patients),
            Err(failure) => (Err(failure), Vec::new()),
        }
    }

    fn try_search(
        &self,
        request: &Request,
        view: View,
        asked: &Asked<'_>,
    ) -> Result<(Page, Vec<ResourceId>), Failure> {
        let handling = if asked.lenient { Handling::Lenient } else { Handling::Strict };
        let mut params = asked.params.to_vec();
        let explain = plan::asks(request, &mut params)?;
        let (query, mut warnings) = self.parse_query(asked.resource_type, params, handling)?;
        let query = Query { member_of: asked.member()?, ..query };
        contained::check(&query)?;
        if query.shape == Shape::Text && !query.includes.is_empty() {
            let text = "`_summary=text` and includes do not go together";
            return Err(Failure::new(Category::Invalid, IssueCode::Value, text));
        }
        let text = Query { cursor: None, ..query.clone() }.to_query_string();
        // What is searched is part of what a cursor is bound to.
        let own: Vec<u16> = query.own_numbers().collect();
        let bound = format!("{}?{text}{own:?}", asked.path());
        if explain {
            warnings.extend(self.explained(request, &view, &query)?);
        }
        let (mut page, patients) = self.page_of(request, view, &query, &bound)?;
        (page.query, page.warnings) = (text, warnings);
        Ok((page, patients))
    }

    /// A page of what a query finds, of which a cursor is bound to a text.
    pub(crate) fn page_of(
        &self,
        request: &Request,
        view: View,
        query: &Query,
        bound: &str,
    ) -> Result<(Page, Vec<ResourceId>), Failure> {
        let cursor = query.cursor.as_deref().map(|c| self.open_cursor(request, c, bound));
        let cursor = cursor.transpose()?;
        let view = self.view_at(request, view, cursor.as_ref())?;
        let (view, reader) = self.reading(request, view, query);
        let mut query = query.clone();
        self.put_codes(&view, &mut query)?;
        let query = &query;
        let mut paging = Paging {
            after: cursor.map(|cursor| cursor.key),
            count: if query.count_only { 0 } else { query.count as usize },
            total: query.count_only || query.total != Some(Total::None),
        };
        let (found, entries, more) = loop {
            let found =
                view.search(query, &paging).map_err(|error| self.search_failure(query, &error))?;
            reader.as_ref().map_or(Ok(()), |reader| reader.check())?;
            let entries = self.versions(request, &view, &found.rows)?;
            let entries = contained::alone(entries, &found.contained)?;
            // They have no room on one page: a shorter one, whose end the index knows.
            if entries.len() < found.rows.len() {
                paging.count = entries.len();
                continue;
            }
            match self.with_included(request, &view, &query.includes, &found.rows, &entries)? {
                Ok(more) => break (found, entries, more),
                Err(include) if entries.len() < 2 => return Err(too_much(&include, &query.own)),
                Err(_) => paging.count = entries.len() / 2,
            }
        };
        let next = found.next.filter(|_| !query.count_only);
        let next = self.next_cursor(request, &view, next, bound)?;
        let (rows, included) = more;
        let shaped = |versions: Vec<Version>| {
            versions.into_iter().map(|version| shaped(version, &query.shape)).collect()
        };
        let patients = self.patients_of(found.rows.iter().chain(&rows));
        let page = Page {
            kind: PageKind::Search,
            total: found.total,
            entries: shaped(entries),
            included: match query.shape {
                // The elements asked for are those of the matches.
                Shape::Elements(_) => included,
                _ => shaped(included),
            },
            query: String::new(),
            next,
            warnings: Vec::new(),
        };
        Ok((page, patients))
    }

    /// What comes with matches, as rows and as they are served; the include that finds more than
    /// there is room for beside them, if one does.
    fn with_included<'a>(
        &self,
        request: &Request,
        view: &'a View,
        includes: &[Include],
        matches: &[RowRef<'a>],
        entries: &[Version],
    ) -> Result<Result<Beside<'a>, Include>, Failure> {
        let Some(last) = includes.last() else { return Ok(Ok((Vec::new(), Vec::new()))) };
        let rows = match self.included(request, view, includes, matches)? {
            Included::All(rows) => rows,
            Included::TooMany(include) => return Ok(Err(include)),
        };
        let bytes = |versions: &[Version]| versions.iter().map(|v| v.body.len()).sum::<usize>();
        let versions = self.versions(request, view, &rows)?;
        let fits = bytes(entries) + bytes(&versions) <= self.answer_limits.page_bytes;
        let whole = versions.len() == rows.len() && (fits || rows.is_empty());
        Ok(if whole { Ok((rows, versions)) } else { Err(*last) })
    }

    /// Opens a cursor that this subject got for this query.
    pub(crate) fn open_cursor(
        &self,
        request: &Request,
        text: &str,
        bound: &str,
    ) -> Result<Cursor, Failure> {
        self.cursors.open(text, &request.subject, bound).ok_or_else(|| {
            let text = "the cursor is not one of this search";
            Failure::new(Category::Invalid, IssueCode::Value, text)
        })
    }

    /// Seals the place where a page ended.
    pub(crate) fn next_cursor(
        &self,
        request: &Request,
        view: &View,
        key: Option<Key>,
        bound: &str,
    ) -> Result<Option<String>, Failure> {
        let Some(key) = key else { return Ok(None) };
        let cursor = Cursor { as_of: view.snapshot().t(), key };
        let sealed = self.cursors.seal(&cursor, &request.subject, bound, &*self.rng);
        sealed.map(Some).ok_or_else(|| {
            let text = "the server met a fault of its own";
            Failure::new(Category::Fault, IssueCode::Exception, text)
        })
    }

    /// The state a page is answered from: that of its cursor, else the one at hand; for as long as
    /// the asker waits.
    pub(crate) fn view_at(
        &self,
        request: &Request,
        view: View,
        cursor: Option<&Cursor>,
    ) -> Result<View, Failure> {
        let view = view.until(request.deadline.clone());
        let Some(cursor) = cursor else { return Ok(view) };
        let snapshot = self.index.snapshot_at(cursor.as_of).map_err(|_| {
            let text = "the pages of this search are no longer kept; search again";
            Failure::new(Category::Gone, IssueCode::TooCostly, text)
        })?;
        Ok(View::new(snapshot, view.scope().clone()).until(request.deadline.clone()))
    }
}
