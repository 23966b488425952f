//! All consents of one patient.

use std::sync::Arc;

use accord_base::Row;

use super::evaluate::{Asking, Verdict};
use super::rule::ConsentRule;
use crate::scope::RowView;

/// The consents of one patient that hold or will hold, by the rows that state them.
#[derive(Clone, Debug, Default)]
pub struct Roll {
    rules: Vec<Listed>,
}

#[derive(Clone, Debug)]
struct Listed {
    row: Row,
    rule: Arc<ConsentRule>,
    /// Places of the consents that supersede it while they hold.
    superseded_by: Vec<usize>,
}

/// What decided.
#[derive(Clone, Debug)]
pub struct Decided<'a> {
    /// The verdict of all consents together.
    pub verdict: Verdict,
    /// The consent that decided and the place of its provision; `None` where none speaks.
    pub by: Option<(&'a ConsentRule, usize)>,
}

impl Roll {
    /// Adds a consent.
    pub fn insert(&mut self, row: Row, rule: Arc<ConsentRule>) {
        self.rules.push(Listed { row, rule, superseded_by: Vec::new() });
        self.rules.sort_by_key(|listed| listed.row);
        self.supersede();
    }

    /// Takes out the consent that a row states.
    pub fn remove(&mut self, row: Row) {
        self.rules.retain(|listed| listed.row != row);
        self.supersede();
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The consents.
    pub fn rules(&self) -> impl Iterator<Item = &ConsentRule> {
        self.rules.iter().map(|listed| &*listed.rule)
    }

    /// Finds what supersedes what (D5): a later consent of the same custodians, policies and
    /// categories that names the earlier one.
    fn supersede(&mut self) {
        let rules: Vec<Arc<ConsentRule>> = self.rules.iter().map(|l| l.rule.clone()).collect();
        for listed in &mut self.rules {
            let old = &listed.rule;
            let later = |new: &ConsentRule| {
                new.supersedes.as_ref() == Some(&old.id)
                    && new.id != old.id
                    && new.given > old.given
                    && new.key == old.key
                    && new.custodians == old.custodians
                    && !new.held
            };
            let places = rules.iter().enumerate().filter(|(_, new)| later(new));
            listed.superseded_by = places.map(|(at, _)| at).collect();
        }
    }

    /// What the consents say together: one that denies decides, else one that permits (D5).
    pub fn verdict(&self, asking: &Asking<'_>, row: &RowView<'_>) -> Verdict {
        self.decide(asking, row).verdict
    }

    /// The same, with what decided.
    pub fn decide(&self, asking: &Asking<'_>, row: &RowView<'_>) -> Decided<'_> {
        let mut decided = Decided { verdict: Verdict::Silent, by: None };
        for listed in &self.rules {
            if listed.superseded_by.iter().any(|at| self.holds(*at, asking)) {
                continue;
            }
            match listed.rule.find(asking, row) {
                (Verdict::Deny, at) => {
                    return Decided { verdict: Verdict::Deny, by: Some((&listed.rule, at)) };
                }
                (Verdict::Permit, at) if decided.by.is_none() => {
                    decided = Decided { verdict: Verdict::Permit, by: Some((&listed.rule, at)) };
                }
                _ => {}
            }
        }
        decided
    }

    fn holds(&self, at: usize, asking: &Asking<'_>) -> bool {
        self.rules.get(at).is_some_and(|listed| listed.rule.root_holds(asking.now))
    }
}
