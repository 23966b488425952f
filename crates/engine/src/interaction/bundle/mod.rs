//! Transactions: from a Bundle to prepared writes.

mod identifier;
mod targets;

use std::collections::HashSet;

use accord_fhir::IssueCode;

use super::late::in_time;
use super::matching::Aim;
use super::write::delete;
use crate::prepare::{
    Act, By, Demand, Entry, EntryRequest, Parsed, ParsedBundle, Plan, Prepared, Write,
};
use crate::{BundleOptions, Category, Engine, Failure, Patch, Request};

use targets::{Target, TargetHow, Targets};

impl Engine {
    /// Prepares a transaction: ids, then references, then content, then the order of FHIR R4
    /// §3.1.0.11.2: deletes, creates, updates. Reads are answered after the commit.
    pub(crate) fn prepare_transaction(
        &self,
        request: &Request,
        plan: &Plan<'_>,
        options: &BundleOptions,
    ) -> Result<Prepared, Failure> {
        let entries: Vec<&Entry<'_>> = plan.entries.iter().flatten().collect();
        let mut targets = self.targets(request, &entries, options)?;
        let mut writes: Vec<(usize, Write)> = Vec::with_capacity(entries.len());
        for (at, entry) in entries.iter().enumerate() {
            in_time(request)?;
            match self.entry_write(request, entry, at, &mut targets, options) {
                Ok(Some(write)) => writes.push((at, write)),
                Ok(None) => {}
                Err(failure) => return Err(in_entry(failure, at)),
            }
        }
        if let Some((_, first)) = writes.first_mut() {
            first.assumes.append(&mut targets.assumes);
        }
        check_once_each(&writes)?;
        writes.sort_by_key(|(at, write)| (order(write), *at));
        let (order, writes) = writes.into_iter().unzip();
        let (entries, repeats) = (Some(order), targets.repeats);
        Ok(Prepared { mark: options.mark, entries, repeats, ..self.prepared(writes) })
    }

    fn entry_write(
        &self,
        request: &Request,
        entry: &Entry<'_>,
        at: usize,
        targets: &mut Targets,
        options: &BundleOptions,
    ) -> Result<Option<Write>, Failure> {
        let target = targets.assigned.get_mut(at).and_then(Option::take);
        match (&entry.request, entry.resource, target) {
            (EntryRequest::Delete { resource_type, id, if_match }, ..) => {
                Ok(Some(delete(*resource_type, id, *if_match)))
            }
            (EntryRequest::Create { resource_type, .. }, Some(resource), Some(target)) => {
                let parsed = Parsed::of_type(resource, *resource_type, &resource_path(at))?;
                let Target { id, assumes, how } = target;
                let (resource_type, demand) = (*resource_type, Demand::Any);
                let act = match how {
                    TargetHow::Fresh => {
                        let to = self.destination(request, &id, &targets.resolver);
                        let content = Box::new(self.content(&parsed, &to)?);
                        Act::Store { content, create: true }
                    }
                    TargetHow::Matched => Act::Keep,
                    TargetHow::Repeated(_) => return Ok(None),
                };
                let by = By::Asker;
                Ok(Some(Write { resource_type, id, act, demand, assumes, by }))
            }
            (EntryRequest::Update { resource_type, id, if_match }, Some(resource), Some(_)) => {
                let parsed = Parsed::of_type(resource, *resource_type, &resource_path(at))?;
                let skip = options.skip_unchanged;
                self.update(request, &parsed, id, *if_match, &targets.resolver, skip).map(Some)
            }
            (
                EntryRequest::ConditionalUpdate { resource_type, if_match, .. },
                Some(resource),
                Some(target),
            ) => {
                let parsed = Parsed::of_type(resource, *resource_type, &resource_path(at))?;
                let Target { id, assumes, how } = target;
                let found = (how == TargetHow::Matched).then_some(id.clone());
                let to = Aim { found, fresh: id, assumes, if_match: *if_match };
                self.update_where(request, &parsed, to, &targets.resolver).map(Some)
            }
            (EntryRequest::ConditionalDelete { resource_type, condition, if_match }, ..) => {
                let condition = (condition.as_slice(), *if_match);
                let (assumption, delete) = self.delete_where(request, *resource_type, condition)?;
                targets.assumes.push(assumption);
                Ok(delete)
            }
            (EntryRequest::Patch { resource_type, of, if_match }, ..) => {
                let (format, body) = entry.patch()?;
                let (resource_type, of, if_match) = (*resource_type, of.clone(), *if_match);
                let patch = Patch { resource_type, of, format, body, if_match };
                self.patch(request, &patch, &targets.resolver).map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// FHIR R4 §3.1.0.11.2: no two entries write the same resource, whether they name it or their
/// condition finds it.
fn check_once_each(writes: &[(usize, Write)]) -> Result<(), Failure> {
    let mut seen = HashSet::new();
    for (at, write) in writes {
        if !seen.insert((write.resource_type, &write.id)) {
            let text = "another entry of the transaction names or finds the same resource";
            let failure = Failure::new(Category::Invalid, IssueCode::Invalid, text);
            return Err(in_entry(failure, *at));
        }
    }
    Ok(())
}

/// Where the resource of an entry stands.
fn resource_path(at: usize) -> String {
    format!("Bundle.entry[{at}].resource")
}

/// Whether the body is a batch; a transaction or no Bundle at all is not.
pub(crate) fn is_batch(bundle: &ParsedBundle) -> bool {
    bundle.tape.root().get_str("type").as_deref() == Some("batch")
}

/// The order of processing: deletes, creates, updates.
fn order(write: &Write) -> u8 {
    match &write.act {
        Act::Delete => 0,
        Act::Store { create: true, .. } | Act::Keep => 1,
        Act::Store { .. } => 2,
    }
}

/// Puts the entry in front of issues that name no place yet.
pub(crate) fn in_entry(mut failure: Failure, at: usize) -> Failure {
    for issue in &mut failure.issues {
        match &mut issue.expression {
            Some(path) if path.starts_with("Bundle") => {}
            Some(path) => *path = format!("Bundle.entry[{at}].resource.{path}"),
            none => *none = Some(format!("Bundle.entry[{at}]")),
        }
    }
    failure
}
