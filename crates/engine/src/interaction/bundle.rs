//! Batch and transaction.

use std::collections::{HashMap, HashSet};

use accord_base::ResourceId;
use accord_fhir::json::{Kind, Value};
use accord_fhir::{Issue, IssueCode, Reference};
use accord_index::extract;
use accord_spec::ResourceType;

use super::write::delete;
use crate::prepare::{
    Act, Assumption, Demand, Entry, EntryRequest, Parsed, ParsedBundle, Plan, Prepared, Resolver,
    Write,
};
use crate::{BundleOptions, Category, Engine, Failure, Request};

/// What becomes of the entries of a Bundle when it is prepared as a transaction.
pub(crate) struct Targets {
    /// For each entry that creates or updates: id and, for a conditional create that found a
    /// match or repeats an earlier one, that it is kept.
    assigned: Vec<Option<Target>>,
    resolver: Resolver,
    /// Assumptions of conditional references; the first write carries them.
    assumes: Vec<Assumption>,
    /// Entries that repeat an earlier conditional create, each with the entry it repeats.
    repeats: Vec<(usize, usize)>,
}

struct Target {
    id: ResourceId,
    assumes: Vec<Assumption>,
    how: TargetHow,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum TargetHow {
    Fresh,
    Matched,
    /// Of the conditional create of this entry.
    Repeated(usize),
}

/// Conditional creates of a transaction: entry and id by type and condition.
type Conditions = HashMap<(ResourceType, String), (usize, ResourceId)>;

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
            match self.entry_write(request, entry, at, &mut targets, options) {
                Ok(Some(write)) => writes.push((at, write)),
                Ok(None) => {}
                Err(failure) => return Err(in_entry(failure, at)),
            }
        }
        if let Some((_, first)) = writes.first_mut() {
            first.assumes.append(&mut targets.assumes);
        }
        check_matched_alone(&writes)?;
        writes.sort_by_key(|(at, write)| (order(write), *at));
        let (order, writes) = writes.into_iter().unzip();
        Ok(Prepared { writes, mark: options.mark, entries: Some(order), repeats: targets.repeats })
    }

    /// Gives every create and update its id and lets its `fullUrl` stand for it.
    fn targets(
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
        let mut conditions: Conditions = HashMap::new();
        for (at, entry) in entries.iter().enumerate() {
            let target = self
                .target(request, (at, entry), options, &mut conditions)
                .map_err(|failure| in_entry(failure, at))?;
            if let Some((_, Target { how: TargetHow::Repeated(of), .. })) = &target {
                targets.repeats.push((at, *of));
            }
            if let (Some((resource_type, target)), Some(full_url)) = (&target, &entry.full_url)
                && !targets.resolver.add(full_url, *resource_type, &target.id)
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
            EntryRequest::Update { resource_type, id, .. } => {
                return Ok(Some((*resource_type, fresh(id.clone()))));
            }
            EntryRequest::Delete { .. } | EntryRequest::Get(_) => return Ok(None),
        };
        let by_identifier = || {
            let wanted = options.match_identifier.contains(&resource_type);
            wanted.then(|| entry.resource.and_then(identifier_condition)).flatten()
        };
        let Some(condition) = if_none_exist.or_else(by_identifier) else {
            return Ok(Some((resource_type, fresh(ResourceId::random(&*self.rng)))));
        };
        let key = (resource_type, condition);
        if let Some((first, id)) = conditions.get(&key) {
            let target = Target { how: TargetHow::Repeated(*first), ..fresh(id.clone()) };
            return Ok(Some((resource_type, target)));
        }
        let (assumption, found) = self.condition(request, resource_type, &key.1)?;
        let how = if found.is_some() { TargetHow::Matched } else { TargetHow::Fresh };
        let id = found.unwrap_or_else(|| ResourceId::random(&*self.rng));
        conditions.insert(key, (at, id.clone()));
        Ok(Some((resource_type, Target { id, assumes: vec![assumption], how })))
    }

    /// Resolves references of the form `Type?query` (FHIR R4 §3.1.0.11.4).
    fn conditional_references(
        &self,
        request: &Request,
        entries: &[&Entry<'_>],
        targets: &mut Targets,
    ) -> Result<(), Failure> {
        for (at, entry) in entries.iter().enumerate() {
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
                Ok(Some(Write { resource_type, id, act, demand, assumes }))
            }
            (EntryRequest::Update { resource_type, id, if_match }, Some(resource), Some(_)) => {
                let parsed = Parsed::of_type(resource, *resource_type, &resource_path(at))?;
                let skip = options.skip_unchanged;
                self.update(request, &parsed, id, *if_match, &targets.resolver, skip).map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// FHIR R4 §3.1.0.11.2: what a conditional create resolves to must not be written by another
/// entry.
fn check_matched_alone(writes: &[(usize, Write)]) -> Result<(), Failure> {
    let matched = writes.iter().filter(|(_, write)| matches!(write.act, Act::Keep));
    let matched: HashSet<_> = matched.map(|(_, write)| (write.resource_type, &write.id)).collect();
    for (at, write) in writes.iter().filter(|_| !matched.is_empty()) {
        let names_it = matched.contains(&(write.resource_type, &write.id));
        if names_it && !matches!(write.act, Act::Keep) {
            let text = "a conditional create of the transaction resolves to this resource";
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

/// The condition that finds a resource by its identifiers: any of those with system and value.
fn identifier_condition(resource: Value<'_>) -> Option<String> {
    let identifiers = resource.get("identifier").filter(|v| v.kind() == Kind::Array)?;
    let tokens: Vec<String> = identifiers
        .items()
        .filter_map(|identifier| {
            let system = identifier.get_str("system").unwrap_or_default();
            let value = identifier.get_str("value")?;
            Some(format!("{}%7C{}", escape(&system), escape(&value)))
        })
        .collect();
    (!tokens.is_empty()).then(|| format!("identifier={}", tokens.join(",")))
}

/// Escapes a token for a search parameter (FHIR R4 search §3.1.1.4.1), then for a URL.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | ',' | '|' | '$') {
            out.push_str("%5C");
        }
        match c {
            '%' | '&' | '+' | '#' | '=' | '\\' | ',' | '|' | '$' | ' ' => {
                out.push_str(&format!("%{:02X}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
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

#[cfg(test)]
mod tests {
    use super::*;
    use accord_fhir::json::{Limits, parse};

    #[test]
    fn identifiers_become_a_condition_that_reads_back() {
        let text = r#"{"identifier":[{"system":"http://x","value":"a,b|c 1%"},{"use":"old"}]}"#;
        let tape = parse(text.as_bytes(), Limits::default()).unwrap();
        let condition = identifier_condition(tape.root()).unwrap();
        let pairs = crate::url::pairs(&condition);
        assert_eq!(pairs, [("identifier".to_owned(), "http://x|a\\,b\\|c 1%".to_owned())]);
    }
}
