//! `Patient/$duplicates`: pairs of the own organisation's records that may be of one person, a page
//! at a time. A page looks at a bounded number of records, each compared with the few that the
//! index finds for it.

use accord_base::{NameSpace, OrgOrd, ResourceId, Role};
use accord_fhir::json::{Value, quoted};
use accord_index::{Paging, RowRef, View};
use accord_query::Handling;
use accord_spec::ResourceType;

use super::compare::score;
use super::describe::{Person, in_use, linked};
use super::weights::{Grade, Score};
use crate::cursor::Cursor;
use crate::interaction::{Drawn, late::in_time};
use crate::operation::Operation;
use crate::operation::person::parameters;
use crate::prepare::parse_json;
use crate::{Answer, Category, Engine, Failure, Request};

/// Records that one page looks at.
const RECORDS: usize = 100;
/// What a cursor is bound to.
const BOUND: &str = "Patient/$duplicates";

/// Two records, the one of the lesser id first.
struct Pair {
    one: ResourceId,
    other: ResourceId,
    grade: Grade,
    score: Score,
}

impl Engine {
    /// Answers `Patient/$duplicates`.
    pub(in super::super) fn duplicates(
        &self,
        request: &Request,
        operation: &Operation,
        view: View,
    ) -> Drawn {
        match self.try_duplicates(request, operation, view) {
            Ok((text, patients)) => (Ok(Answer::Resource(text)), patients),
            Err(failure) => (Err(failure), Vec::new()),
        }
    }

    fn try_duplicates(
        &self,
        request: &Request,
        operation: &Operation,
        view: View,
    ) -> Result<(String, Vec<ResourceId>), Failure> {
        let asked = parameters::read(&operation.body, &["cursor"])?;
        let cursor = parameters::parameter(asked.root(), "cursor")
            .and_then(|cursor| cursor.get_str("valueString"));
        let after = cursor.map(|text| self.open_cursor(request, &text, BOUND)).transpose()?;
        // The newest state: a list of work needs no older one, and whatever changed comes again.
        let view = view.until(request.deadline.clone());
        let (query, _) =
            self.parse_query(Some(ResourceType::PATIENT), Vec::new(), Handling::Strict)?;
        let after = after.map(|cursor| cursor.key);
        let paging = Paging { after, count: RECORDS, total: false };
        let page = view
            .search(&query, &paging)
            .map_err(|error| self.index_failure("listing duplicates", &error))?;
        let own = self.own_organization(request);
        let mut pairs = Vec::new();
        for row in page.rows.iter().filter(|row| is_own(row, own, request)) {
            in_time(request)?;
            self.pairs(&view, row, |other| is_own(other, own, request), &mut pairs)?;
        }
        pairs.sort_by(|a, b| b.score.order().total_cmp(&a.score.order()));
        let next = page.next.map(|key| Cursor { as_of: view.snapshot().t(), key });
        let seal = |cursor| {
            let sealed = self.cursors.seal(&cursor, &request.subject, BOUND, &*self.rng);
            sealed.ok_or_else(|| {
                let code = accord_fhir::IssueCode::Exception;
                Failure::new(Category::Fault, code, "the server met a fault of its own")
            })
        };
        let next = next.map(seal).transpose()?;
        let mut patients: Vec<ResourceId> =
            pairs.iter().flat_map(|pair| [pair.one.clone(), pair.other.clone()]).collect();
        patients.sort_unstable();
        patients.dedup();
        Ok((answer(&pairs, next.as_deref()), patients))
    }

    fn own_organization(&self, request: &Request) -> Option<OrgOrd> {
        let own = request.subject.organization.as_ref()?;
        self.index.ordinal(NameSpace::Organization, own.as_str()).map(OrgOrd)
    }

    /// The pairs that a record makes with those of a greater id, so that each pair is told once.
    fn pairs(
        &self,
        view: &View,
        row: &RowRef<'_>,
        is_own: impl Fn(&RowRef<'_>) -> bool,
        pairs: &mut Vec<Pair>,
    ) -> Result<(), Failure> {
        let version = self.version(view, row)?;
        let tape = parse_json(version.body.as_bytes())?;
        if !in_use(tape.root()) {
            return Ok(());
        }
        let person = Person::of(tape.root());
        for other in self.like(view, &person)? {
            if other.id().as_str() <= version.id.as_str() || !is_own(&other) {
                continue;
            }
            let candidate = self.version(view, &other)?;
            let body = parse_json(candidate.body.as_bytes())?;
            if !in_use(body.root())
                || compared(tape.root(), &version.id, body.root(), &candidate.id)
            {
                continue;
            }
            let score = score(&person, &Person::of(body.root()));
            let (one, other) = (version.id.clone(), candidate.id);
            pairs.extend(score.grade().map(|grade| Pair { one, other, grade, score }));
        }
        Ok(())
    }
}

/// Whether one of two records links to the other: somebody has compared them.
fn compared(one: Value<'_>, id: &ResourceId, other: Value<'_>, other_id: &ResourceId) -> bool {
    linked(one, other_id.as_str()) || linked(other, id.as_str())
}

fn is_own(row: &RowRef<'_>, own: Option<OrgOrd>, request: &Request) -> bool {
    request.subject.role == Role::System || own == Some(row.policy().controller)
}

fn answer(pairs: &[Pair], next: Option<&str>) -> String {
    let reference = |name: &str, id: &ResourceId| {
        format!(r#"{{"name":"{name}","valueReference":{{"reference":"Patient/{id}"}}}}"#)
    };
    let pair = |pair: &Pair| {
        let (one, other) = (reference("patient", &pair.one), reference("patient", &pair.other));
        let (grade, score) = (pair.grade.code(), pair.score.text());
        format!(
            r#"{{"name":"pair","part":[{one},{other},{{"name":"grade","valueCode":"{grade}"}},{{"name":"score","valueDecimal":{score}}}]}}"#
        )
    };
    let mut parts: Vec<String> = pairs.iter().map(pair).collect();
    parts.extend(next.map(|next| format!(r#"{{"name":"next","valueString":{}}}"#, quoted(next))));
    if parts.is_empty() {
        return r#"{"resourceType":"Parameters"}"#.to_owned();
    }
    format!(r#"{{"resourceType":"Parameters","parameter":[{}]}}"#, parts.join(","))
}
