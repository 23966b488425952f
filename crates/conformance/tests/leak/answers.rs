//! Answers as texts that can be compared: everything that a client could see.

use accord_engine::{Answer, Change, Failure, Outcome, Page, Version};
use accord_fhir::Issue;

/// An outcome with everything a client sees, but for the bytes of cursors.
pub fn told(outcome: &Outcome) -> String {
    match outcome {
        Ok(answer) => answered(answer),
        Err(failure) => refused(failure),
    }
}

fn refused(failure: &Failure) -> String {
    format!("{:?} {:?}", failure.category, failure.issues)
}

fn answered(answer: &Answer) -> String {
    match answer {
        Answer::Read(version) => format!("read {}", one(version)),
        Answer::Created(version) => format!("created {}", one(version)),
        Answer::Existing(version) => format!("existing {}", one(version)),
        Answer::Updated(version) => format!("updated {}", one(version)),
        Answer::NotModified { version, last_updated } => {
            format!("not modified {version} {last_updated}")
        }
        Answer::Deleted { version } => format!("deleted {version:?}"),
        Answer::Page(page) => paged(page),
        Answer::Bundle { transaction, entries } => {
            let entries: Vec<String> = entries.iter().map(told).collect();
            format!("bundle {transaction}\n{}", entries.join("\n"))
        }
        Answer::AlreadyImported => "imported".to_owned(),
        Answer::Changes(changes) => {
            let change = |change: &Change| format!("{} {}", one(&change.version), change.matches);
            let entries: Vec<String> = changes.entries.iter().map(change).collect();
            // Where the store ends is sealed in positions.
            let upto = (changes.more.then_some(changes.upto), changes.reset);
            format!("changes {upto:?}\n{}", entries.join("\n"))
        }
        Answer::Resource(text) => text.clone(),
    }
}

fn paged(page: &Page) -> String {
    let mut entries: Vec<String> = page.entries.iter().map(one).collect();
    entries.extend(page.included.iter().map(|version| format!("with {}", one(version))));
    let Page { kind, total, query, next, warnings, .. } = page;
    let more = next.as_ref().map(String::len);
    let warnings: Vec<String> = warnings.iter().filter_map(timeless).collect();
    format!("{kind:?} {total:?} {query} {more:?} {warnings:?}\n{}", entries.join("\n"))
}

/// How long something took, and how much the store holds, is not the same in two.
fn timeless(issue: &Issue) -> Option<String> {
    let text = format!("{issue:?}");
    let text = text.split(", in ").next().unwrap_or_default();
    (!text.contains("looked for among")).then(|| text.to_owned())
}

/// A version as it is told.
pub fn one(version: &Version) -> String {
    let Version {
        resource_type,
        id,
        version,
        last_updated,
        body,
        deleted,
        put,
        fragment,
        marks: _,
    } = version;
    let id = format!("{id}{}", fragment.as_deref().unwrap_or_default());
    format!("{}/{id} {version} {last_updated} {deleted} {put} {body}", resource_type.name())
}
