//! All consents of one patient.

use std::sync::Arc;

use accord_base::{OrgOrd, Row};

use super::evaluate::{Asking, Verdict};
use super::rule::{ConsentRule, Seal};
use crate::scope::RowView;

/// The consents of one patient that hold or will hold, by the rows that state them.
#[derive(Clone, Debug, Default)]
pub struct Roll {
    rules: Vec<Listed>,
}

#[derive(Clone, Debug)]
struct Listed {
    row: Row,
    /// Who answers for the consent itself.
    keeper: OrgOrd,
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

impl Decided<'_> {
    /// The stricter of what is said at two instants: only what both permit is permitted.
    pub(super) fn stricter(self, other: Self) -> Self {
        match (self.verdict, other.verdict) {
            (Verdict::Deny, _) | (Verdict::Permit, Verdict::Permit) => self,
            (_, Verdict::Deny) => other,
            _ => Decided { verdict: Verdict::Silent, by: None },
        }
    }
}

impl Roll {
    /// Adds a consent that `keeper` answers for.
    pub fn insert(&mut self, row: Row, keeper: OrgOrd, rule: Arc<ConsentRule>) {
        self.rules.push(Listed { row, keeper, rule, superseded_by: Vec::new() });
        self.rules.sort_by(|a, b| (a.row, &a.rule.id).cmp(&(b.row, &b.rule.id)));
        self.supersede();
    }

    /// Takes out a consent that a row states.
    pub fn remove(&mut self, row: Row, rule: &ConsentRule) {
        let is = |listed: &Listed| listed.row == row && *listed.rule == *rule;
        if let Some(at) = self.rules.iter().position(is) {
            self.rules.remove(at);
        }
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

    /// The consents with the rows that state them and who answers for those.
    pub(super) fn listed(&self) -> impl Iterator<Item = (Row, OrgOrd, &Arc<ConsentRule>)> {
        self.rules.iter().map(|listed| (listed.row, listed.keeper, &listed.rule))
    }

    /// Finds what supersedes what (D5): a later consent, kept by the same organisation, of the same
    /// custodians, policies and categories that names the earlier one.
    fn supersede(&mut self) {
        let rules: Vec<(OrgOrd, Arc<ConsentRule>)> =
            self.rules.iter().map(|l| (l.keeper, l.rule.clone())).collect();
        for listed in &mut self.rules {
            let (kept, old) = (listed.keeper, &listed.rule);
            let later = |keeper: OrgOrd, new: &ConsentRule| {
                keeper == kept
                    && new.supersedes.as_ref() == Some(&old.id)
                    && new.id != old.id
                    && new.given > old.given
                    && new.key == old.key
                    && new.custodians == old.custodians
                    && !new.held
            };
            let places = rules.iter().enumerate().filter(|(_, (keeper, new))| later(*keeper, new));
            listed.superseded_by = places.map(|(at, _)| at).collect();
        }
    }

    /// What the consents say together: one that denies decides, else one that permits (D5).
    pub fn verdict(&self, asking: &Asking<'_>, row: &RowView<'_>) -> Verdict {
        self.decide(asking, row).verdict
    }

    /// Whether a seal that nothing opens closes the row.
    pub fn locks(&self, asking: &Asking<'_>, row: &RowView<'_>) -> bool {
        let mut locks = self.rules().filter(|rule| rule.seal == Some(Seal::Locked));
        locks.any(|rule| rule.seals(asking, row))
    }

    /// How many are seals that an emergency opens.
    pub(super) fn seals(&self) -> usize {
        self.rules().filter(|rule| rule.seal == Some(Seal::Sealed)).count()
    }

    /// What the consents would say if there were no seals but locked ones.
    pub fn beneath_seals(&self, asking: &Asking<'_>, row: &RowView<'_>) -> Decided<'_> {
        self.decide_by(asking, row, |rule| rule.seal != Some(Seal::Sealed))
    }

    /// The same as [`Roll::verdict`], with what decided.
    pub fn decide(&self, asking: &Asking<'_>, row: &RowView<'_>) -> Decided<'_> {
        self.decide_by(asking, row, |_| true)
    }

    fn decide_by(
        &self,
        asking: &Asking<'_>,
        row: &RowView<'_>,
        counts: impl Fn(&ConsentRule) -> bool,
    ) -> Decided<'_> {
        let mut decided = Decided { verdict: Verdict::Silent, by: None };
        for listed in self.rules.iter().filter(|listed| counts(&listed.rule)) {
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

    /// Whether any names the asker and denies, or cannot be told.
    pub(super) fn names(&self, asking: &Asking<'_>, row: &RowView<'_>) -> bool {
        self.rules.iter().any(|listed| {
            !listed.superseded_by.iter().any(|at| self.holds(*at, asking))
                && listed.rule.names(asking, row)
        })
    }

    fn holds(&self, at: usize, asking: &Asking<'_>) -> bool {
        self.rules.get(at).is_some_and(|listed| listed.rule.root_holds(asking.now))
    }
}
