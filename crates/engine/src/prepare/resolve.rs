//! References of a transaction that name other entries.

use std::collections::HashMap;

use accord_base::ResourceId;
use accord_spec::ResourceType;

/// What each `fullUrl` and each conditional reference of a transaction stands for.
#[derive(Default)]
pub(crate) struct Resolver {
    targets: HashMap<String, String>,
}

impl Resolver {
    /// Lets `text` (a `fullUrl`, or a conditional reference) stand for `resource_type/id`. False
    /// if it stands for something already.
    pub fn add(&mut self, text: &str, resource_type: ResourceType, id: &ResourceId) -> bool {
        let target = format!("{}/{id}", resource_type.name());
        self.targets.insert(text.to_owned(), target).is_none()
    }

    /// The relative reference that a reference's text stands for, if it names another entry.
    pub fn resolve(&self, text: &str) -> Option<&str> {
        if self.targets.is_empty() {
            return None;
        }
        self.targets.get(text).map(String::as_str)
    }
}
