//! Which resources the entries of a transaction write: ids first, then references.

use std::collections::HashMap;

use accord_base::ResourceId;
use accord_fhir::{Issue, IssueCode, Reference};
use accord_index::extract;
use accord_spec::ResourceType;

use super::identifier::identifier_condition;
use super::in_entry;
use crate::interaction::late::in_time;
use crate::prepare::{Assumption, Entry, EntryRequest, Resolver};
use crate::{BundleOptions, Category, Engine, Failure, PatchOf, Request};

/// What becomes of the entries of a Bundle when it is prepared as a transaction.
pub(super) struct Targets {
    /// For each entry that creates or updates: id and, for a conditional create that found a
    /// match or repeats an earlier one, that it is kept.
    pub assigned: Vec<Option<Target>>,
    /// What references to entries stand for.
    pub resolver: Resolver,
    /// Assumptions of conditional references; the first write carries them.
    pub assumes: Vec<Assumption>,
    /// Entries that repeat an earlier conditional create, each with the entry it repeats.
    pub repeats: Vec<(usize, usize)>,
}

/// The resource that an entry writes.
pub(super) struct Target {
    pub id: ResourceId,
    pub assumes: Vec<Assumption>,
    pub how: TargetHow,
}

/// How an entry came to its resource.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TargetHow {
    Fresh,
    Matched,
    /// Of the conditional create of this entry.
    Repeated(usize),
}

/// Conditional creates of a transaction.
#[derive(Default)]
struct Conditions {
    /// Entry and id by type and condition.
    stated: HashMap<(ResourceType, String), (usize, ResourceId)>,
    /// The first entry that found a resource.
    found: HashMap<(ResourceType, ResourceId), usize>,
}

impl Engine {
    /// Gives every create and update its id and lets its `fullUrl` stand for it.
    pub(super) fn targets(
        &self,
        request: &Request,
        entries: &[&Entry<'_>],
        options: &BundleOptions,
    ) -> Result<Targets, Failure> {
        let mut targets = Targets {
            assigned: Vec::with_capacity(entries.len()),
            resolver: Resolver::default(),
            assumes: Vec::new(),
            repeats: Vec::new(),
        };
        let mut conditions = Conditions::default();
        for (at, entry) in entries.iter().enumerate() {
            in_time(request)?;
            let mut target = self
                .target(request, (at, entry), options, &mut conditions)
                .map_err(|failure| in_entry(failure, at))?;
            if let Some((_, Target { how: TargetHow::Repeated(of), assumes, .. })) = &mut target {
                targets.repeats.push((at, *of));
                targets.assumes.append(assumes);
            }
            if let (Some((resource_type, target)), Some(full_url)) = (&target, &entry.full_url)
                && !targets.resolver.add_entry(full_url, *resource_type, &target.id)
            {
                let text = "another entry has the same `fullUrl`";
                let issues = vec![Issue::error(IssueCode::Invalid, text)];
                return Err(in_entry(Failure { category: Category::Invalid, issues }, at));
            }
            targets.assigned.push(target.map(|(_, target)| target));
        }
        self.conditional_references(request, entries, &mut targets)?;
        Ok(targets)
    }

    fn target(
        &self,
        request: &Request,
        (at, entry): (usize, &Entry<'_>),
        options: &BundleOptions,
        conditions: &mut Conditions,
    ) -> Result<Option<(ResourceType, Target)>, Failure> {
        let fresh = |id| Target { id, assumes: Vec::new(), how: TargetHow::Fresh };
        let (resource_type, if_none_exist) = match &entry.request {
            EntryRequest::Create { resource_type, if_none_exist } => {
                (*resource_type, if_none_exist.clone())
            }
            EntryRequest::Update { resource_type, id, .. }
            | EntryRequest::Patch { resource_type, of: PatchOf::Id(id), .. } => {
                return Ok(Some((*resource_type, fresh(id.clone()))));
            }
            EntryRequest::ConditionalUpdate { resource_type, condition, .. } => {
                let resource_type = *resource_type;
                let target =
                    self.updated(request, (resource_type, condition), (at, entry), conditions)?;
                return Ok(Some((resource_type, target)));
            }
            EntryRequest::Delete { .. }
            | EntryRequest::ConditionalDelete { .. }
            | EntryRequest::Patch { .. }
            | EntryRequest::Get(_) => return Ok(None),
        };
        let by_identifier = || {
            let wanted = options.match_identifier.contains(&resource_type);
            wanted.then(|| entry.resource.and_then(identifier_condition)).flatten()
        };
        let stated = if_none_exist.is_some();
        let Some(condition) = if_none_exist.or_else(by_identifier) else {
            return Ok(Some((resource_type, fresh(ResourceId::random(&*self.rng)))));
        };
        let key = (resource_type, condition);
        if let Some((first, id)) = conditions.stated.get(&key) {
            let target = Target { how: TargetHow::Repeated(*first), ..fresh(id.clone()) };
            return Ok(Some((resource_type, target)));
        }
        let (assumption, found) = self.condition(request, resource_type, &key.1)?;
        // Copies of one resource in an import may share but some of their identifiers.
        let copy_of = found.as_ref().and_then(|id| {
            let first = *conditions.found.entry((resource_type, id.clone())).or_insert(at);
            (first != at && !stated).then_some(first)
        });
        let how = match (copy_of, &found) {
            (Some(first), _) => TargetHow::Repeated(first),
            (None, Some(_)) => TargetHow::Matched,
            (None, None) => TargetHow::Fresh,
        };
        let id = found.unwrap_or_else(|| ResourceId::random(&*self.rng));
        conditions.stated.insert(key, (copy_of.unwrap_or(at), id.clone()));
        Ok(Some((resource_type, Target { id, assumes: vec![assumption], how })))
    }

    /// The resource of a conditional update: the one it finds, the one it names, or a new one.
    fn updated(
        &self,
        request: &Request,
        (resource_type, condition): (ResourceType, &[(String, String)]),
        (at, entry): (usize, &Entry<'_>),
        conditions: &mut Conditions,
    ) -> Result<Target, Failure> {
        let (assumption, found) = self.condition_of(request, resource_type, condition.to_vec())?;
        let how = if found.is_some() { TargetHow::Matched } else { TargetHow::Fresh };
        let named = || {
            let id = entry.resource.and_then(|resource| resource.get_str("id"))?;
            ResourceId::new(&id).ok()
        };
        let id = found.or_else(named).unwrap_or_else(|| ResourceId::random(&*self.rng));
        let stated: Vec<String> = condition.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let key = (resource_type, stated.join("&"));
        if conditions.stated.insert(key, (at, id.clone())).is_some() {
            let text = "another entry of the transaction has the same condition";
            return Err(Failure::new(Category::Invalid, IssueCode::Invalid, text));
        }
        Ok(Target { id, assumes: vec![assumption], how })
    }

    /// Resolves references of the form `Type?query` (FHIR R4 §3.1.0.11.4).
    fn conditional_references(
        &self,
        request: &Request,
        entries: &[&Entry<'_>],
        targets: &mut Targets,
    ) -> Result<(), Failure> {
        for (at, entry) in entries.iter().enumerate() {
            in_time(request)?;
            for reference in entry.resource.map(extract::references).into_iter().flatten() {
                let Some(text) = reference.as_str() else { continue };
                let Some(Reference::Conditional { resource_type, query }) = Reference::parse(&text)
                else {
                    continue;
                };
                if targets.resolver.resolve(&text).is_some() {
                    continue;
                }
                let Some(resource_type) = ResourceType::from_name(resource_type) else { continue };
                let (assumption, found) = self
                    .condition(request, resource_type, query)
                    .map_err(|failure| in_entry(failure, at))?;
                let Some(id) = found else {
                    let text = format!("the conditional reference `{text}` matches nothing");
                    let failure = Failure::new(Category::Precondition, IssueCode::NotFound, text);
                    return Err(in_entry(failure, at));
                };
                targets.assumes.push(assumption);
                targets.resolver.add(&text, resource_type, &id);
            }
        }
        Ok(())
    }
}
