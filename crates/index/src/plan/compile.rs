//! From the typed query to sources of rows.

use std::sync::Arc;

use accord_access::Scope;
use accord_query::{
    Chain, Clause as Asked, DateValue, Member, Prefix, Query, ReferenceValue, Target, Test,
};
use accord_spec::{ParamId, ResourceType, compartment_params, param};

use crate::error::IndexError;
use crate::key::{self, Slot};
use crate::snapshot::Snapshot;
use crate::view::View;

use super::sources::of_param;
use super::within::Inside;
use super::words::WordTest;
use super::{Clause, Plan, Source};
use super::{indexed, links, marked, places};

/// What finds the rows of a condition on what references join, for the types searched.
type Chains<'a> = &'a dyn Fn(&[u8], &Asked, &Chain, Joins) -> Result<Vec<Source>, IndexError>;

/// What a reference may lead to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joins {
    /// Resources of the store, and those that the row contains.
    All,
    /// Resources of the store.
    Outside,
}

/// Makes the plan of a query. Conditions on ids and instants become rows at once: both are known
/// from columns in memory. So do conditions on what references join, seen as the view's asker
/// sees it. Whom the scope takes for one person is found by each of their names.
pub(crate) fn compile(view: &View, query: &Query) -> Result<Plan, IndexError> {
    indexed::check(view.snapshot(), query)?;
    let plan = plan((view.snapshot(), view.scope()), query, &|types, asked, chain, joins| {
        let mut sources = links::sources(view, types, asked, chain)?;
        let inside =
            (joins == Joins::All).then(|| Inside::of(view.snapshot(), asked)).transpose()?;
        sources.extend(inside.flatten().map(|inside| Source::By(Box::new(inside))));
        Ok(sources)
    })?;
    // For whom there are no markers, nothing more is looked at.
    let may_know = view.scope().may_know();
    let marked = if may_know { marked::compile(view, query, &plan)? } else { None };
    Ok(Plan { marked: marked.map(Box::new), ..plan })
}

/// The plan of a query by what is seen of a row itself: conditions on what references join hold
/// for none.
pub(crate) fn compile_plain(snapshot: &Snapshot, scope: &Scope, query: &Query) -> Plan {
    plan((snapshot, scope), query, &|_, _, _, _| Ok(Vec::new())).unwrap_or_else(|_| Plan::nothing())
}

fn plan(
    (snapshot, scope): (&Snapshot, &Scope),
    query: &Query,
    chains: Chains<'_>,
) -> Result<Plan, IndexError> {
    let mut types: Vec<u8> = match query.resource_type {
        Some(resource_type) => vec![resource_type.0],
        None => query.types.iter().map(|t| t.0).collect(),
    };
    types.sort_unstable();
    let clauses = query.clauses.iter().map(|asked| match &asked.test {
        Test::Chain(chain) => {
            let sources = chains(&types, asked, chain, Joins::All)?;
            Ok(Clause { sources, negated: false })
        }
        _ => Ok(clause(snapshot, scope, &types, asked)),
    });
    let mut clauses = clauses.collect::<Result<Vec<Clause>, IndexError>>()?;
    let belongs = |(asked, clause): (&Asked, &Clause)| match asked.target {
        Target::Param(id) => {
            let base = snapshot.param(id).and_then(|param| param.base);
            let of_types = types.is_empty() || base.is_some_and(|base| types.contains(&base.0));
            !clause.negated && of_types
        }
        // The newest version of what is referred to may be its deletion.
        Target::Referrer(_) | Target::Id | Target::LastUpdated => false,
        Target::Narrative | Target::Content => false,
    };
    let of_members = |member: &Member| {
        let owner = ResourceType::from_name(member.compartment.name());
        owner.is_some_and(|owner| !types.is_empty() && !types.contains(&owner.0))
    };
    // Without positive clauses the rows of the types themselves are where a search begins.
    let positive = clauses.iter().any(|clause| !clause.negated);
    let implies_types = !positive
        || query.member_of.as_ref().is_some_and(of_members)
        || query.clauses.iter().zip(&clauses).any(belongs);
    if let Some(member) = &query.member_of {
        clauses.push(compartment(snapshot, scope, &types, member));
    }
    // Scans of texts come last: they need not begin where another clause finds nothing.
    let scans = |source: &Source| matches!(source, Source::Texts { .. } | Source::Words(_));
    clauses.sort_by_key(|clause| clause.sources.iter().any(scans));
    let words: Vec<Arc<WordTest>> = clauses.iter().flat_map(word_tests).collect();
    // A text may tell a place as well.
    let mut places = !words.is_empty();
    for asked in &query.clauses {
        let outside = |chain: &Chain| chains(&types, asked, chain, Joins::Outside);
        places |= places::asks(snapshot, asked, &outside)?;
    }
    let record = query.record;
    Ok(Plan { types, clauses, implies_types, places, record, words, marked: None })
}

fn word_tests(clause: &Clause) -> impl Iterator<Item = Arc<WordTest>> + '_ {
    clause.sources.iter().filter_map(|source| match source {
        Source::Words(test) => Some(test.clone()),
        _ => None,
    })
}

pub(super) fn clause(snapshot: &Snapshot, scope: &Scope, types: &[u8], asked: &Asked) -> Clause {
    // Every resource has an id and an instant.
    if let (Target::Id | Target::LastUpdated, Test::Missing(missing)) = (asked.target, &asked.test)
    {
        let end = if *missing { 0 } else { snapshot.watermark().0 };
        return Clause { sources: vec![Source::Rows(vec![(0, end)])], negated: false };
    }
    let param = match asked.target {
        Target::Param(ParamId(param)) => param,
        Target::Id => return ids(snapshot, types, &asked.test),
        Target::LastUpdated => return last_updated(snapshot, &asked.test),
        Target::Narrative | Target::Content => return words(asked),
        Target::Referrer(_) => return Clause { sources: Vec::new(), negated: false },
    };
    of_values((snapshot, scope), param.into(), asked)
}

/// A condition on the values of a parameter, of a row's resource or of one that it contains.
pub(super) fn of_values(
    (snapshot, scope): (&Snapshot, &Scope),
    slot: Slot,
    asked: &Asked,
) -> Clause {
    let targets = snapshot.param(ParamId(slot.param())).map_or(&[][..], |param| param.targets);
    let mut sources = of_param((slot, targets), &asked.test);
    let negated = match &asked.test {
        Test::Missing(missing) => *missing,
        Test::Token { negated, .. } => *negated,
        _ => false,
    };
    if let Test::Reference(values) = &asked.test {
        let names = values.iter().flat_map(|value| snapshot.same_person(scope, value));
        let keys = names.map(|id| key::local(slot, ResourceType::PATIENT.0, &id));
        sources.extend(keys.map(|key| Source::Key(key.into())));
    }
    Clause { sources, negated }
}

/// What is in a compartment: what refers to its resource as the definitions say, and that resource.
fn compartment(snapshot: &Snapshot, scope: &Scope, types: &[u8], member: &Member) -> Clause {
    let mut sources = Vec::new();
    let Some(owner) = ResourceType::from_name(member.compartment.name()) else {
        return Clause { sources, negated: false };
    };
    let named = ReferenceValue::Resource { resource_type: owner, id: member.id.clone() };
    let mut ids: Vec<String> = snapshot.same_person(scope, &named).into_iter().collect();
    ids.push(member.id.clone());
    for of in ResourceType::ALL.iter().filter(|of| types.is_empty() || types.contains(&of.0)) {
        let codes = compartment_params(member.compartment, *of).iter();
        for param in codes.filter_map(|code| param(*of, code)) {
            let keys = ids.iter().map(|id| key::local(param.id.0, owner.0, id));
            sources.extend(keys.map(|key| Source::Key(key.into())));
        }
        if owner == *of
            && let Some(own) = snapshot.newest(of.0, &member.id)
        {
            sources.push(Source::Rows(vec![(own, own + 1)]));
        }
    }
    Clause { sources, negated: false }
}

/// `_text` and `_content`.
fn words(asked: &Asked) -> Clause {
    let narrative = asked.target == Target::Narrative;
    let test = match &asked.test {
        Test::Words { words, .. } => Some(Arc::new(WordTest::new(words, narrative))),
        _ => None,
    };
    Clause { sources: test.into_iter().map(Source::Words).collect(), negated: false }
}

/// `_id`: the newest versions of these ids, of every type searched.
fn ids(snapshot: &Snapshot, types: &[u8], test: &Test) -> Clause {
    let (any_of, negated) = match test {
        Test::Token { any_of, negated } => (any_of.as_slice(), *negated),
        _ => (&[][..], false),
    };
    let all: Vec<u8> = ResourceType::ALL.iter().map(|t| t.0).collect();
    let types = if types.is_empty() { &all } else { types };
    let codes = any_of.iter().filter_map(|token| token.code.as_deref());
    let pairs = codes.flat_map(|id| types.iter().map(move |t| (*t, id)));
    let mut rows: Vec<u32> = pairs.filter_map(|(t, id)| snapshot.newest(t, id)).collect();
    rows.sort_unstable();
    rows.dedup();
    let rows = rows.into_iter().map(|row| (row, row + 1)).collect();
    Clause { sources: vec![Source::Rows(rows)], negated }
}

/// `_lastUpdated`: rows are in the order of their births, so each comparison is a run of rows. The
/// target is the microsecond of the birth.
fn last_updated(snapshot: &Snapshot, test: &Test) -> Clause {
    let values = if let Test::Date(values) = test { values.as_slice() } else { &[] };
    let source = |value: &DateValue| {
        let end = snapshot.watermark().0;
        let from_low = snapshot.first_born_from(value.low);
        let from_high = snapshot.first_born_from(value.high).max(from_low);
        Source::Rows(match value.prefix {
            Prefix::Eq | Prefix::Ap => vec![(from_low, from_high)],
            Prefix::Ne => vec![(0, from_low), (from_high, end)],
            Prefix::Gt | Prefix::Sa => vec![(from_high, end)],
            Prefix::Ge => vec![(from_low, end)],
            Prefix::Lt | Prefix::Eb => vec![(0, from_low)],
            Prefix::Le => vec![(0, from_high)],
        })
    };
    Clause { sources: values.iter().map(source).collect(), negated: false }
}
