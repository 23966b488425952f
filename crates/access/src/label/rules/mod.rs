//! Label rules: what a resource says, read as the labels that it must carry at least.
//!
//! A rule is a `PlanDefinition` of the profile [`RULE_PROFILE`] (docs/labels.md). [`read`] makes
//! [`LabelRule`]s of it or tells what cannot be enforced; a [`RuleSet`] holds those in force;
//! [`RuleSet::assess`] tells what a resource says of itself and what the rules say of it.
//!
//! **Invariant:** rules only raise; what a compiled set says equals a direct reading (a property).

mod assess;
mod codes;
mod read;
mod set;
#[cfg(test)]
mod tests;

pub use assess::{Assessed, INLINE_LABEL};
pub use codes::REFERENCE_SYSTEM;
pub use read::{RULE_PROFILE, is_rule, read};
pub use set::RuleSet;

use accord_spec::ResourceType;

use codes::CodeTest;

/// One action of a rule resource: what is labelled, and how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LabelRule {
    /// The labels given.
    labels: u64,
    /// What is labelled: whatever meets one of these.
    inputs: Vec<Input>,
}

/// A kind of resource.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Input {
    /// Its type; `None` for any.
    of: Option<ResourceType>,
    /// Each must be met by a coding.
    filters: Vec<Filter>,
}

/// A coding somewhere in the resource, or at or below an element.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Filter {
    /// Names of elements from the resource down; empty for anywhere.
    path: Vec<String>,
    /// One of these.
    codes: Vec<CodeTest>,
}

impl LabelRule {
    /// The labels given.
    pub fn labels(&self) -> u64 {
        self.labels
    }
}
