//! References of a transaction that name other entries.

use std::collections::HashMap;

use accord_base::ResourceId;
use accord_spec::ResourceType;

/// What each `fullUrl` and each conditional reference of a transaction stands for.
#[derive(Default)]
pub(crate) struct Resolver {
    targets: HashMap<String, Target>,
    /// Whether any of them is a `fullUrl`.
    has_entries: bool,
}

struct Target {
    reference: String,
    is_entry: bool,
}

impl Resolver {
    /// Lets a conditional reference stand for `resource_type/id`. False if it stands for something
    /// already.
    pub fn add(&mut self, text: &str, resource_type: ResourceType, id: &ResourceId) -> bool {
        let reference = format!("{}/{id}", resource_type.name());
        self.targets.insert(text.to_owned(), Target { reference, is_entry: false }).is_none()
    }

    /// The same for the `fullUrl` of an entry.
    pub fn add_entry(&mut self, url: &str, resource_type: ResourceType, id: &ResourceId) -> bool {
        let reference = format!("{}/{id}", resource_type.name());
        self.has_entries = true;
        self.targets.insert(url.to_owned(), Target { reference, is_entry: true }).is_none()
    }

    /// Whether any entry has a `fullUrl`.
    pub fn has_entries(&self) -> bool {
        self.has_entries
    }

    /// The relative reference to the entry with this `fullUrl`.
    pub fn entry(&self, url: &str) -> Option<&str> {
        self.targets.get(url).filter(|target| target.is_entry).map(|t| t.reference.as_str())
    }

    /// The relative reference that a reference's text stands for, if it names another entry.
    pub fn resolve(&self, text: &str) -> Option<&str> {
        if self.targets.is_empty() {
            return None;
        }
        self.targets.get(text).map(|target| target.reference.as_str())
    }
}
