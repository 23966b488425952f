//! The first acuity of an attendance: what was stored before any other, as it was stored.
//!
//! Other clients can write observations that call themselves first, date them back, or change the
//! first. When something was stored, and as what, they cannot change.

use accord_base::LogTime;
use accord_care::{Acuity, Library};

use crate::attended::Attended;
use crate::codes::ACUITY;
use crate::input::{codings, items, text_at};
use crate::observed;
use crate::store::Found;

impl<'a> Attended<'a> {
    /// The first acuity, and when it was given: the one stored before the others, if it says that
    /// it is the first; else the one that says so, else the oldest. Where that is a later one, the
    /// first is not known.
    pub(crate) fn first_acuity(&self, library: &Library) -> Option<(LogTime, Acuity)> {
        self.first(library).and_then(|first| acuity(first.origin(), library))
    }

    /// Whether an acuity was given, also where the asker does not see it.
    pub(crate) fn was_assessed(&self, library: &Library) -> bool {
        !self.acuities(library).is_empty() || self.states_acuity(library)
    }

    /// Whether treatment had begun.
    pub(crate) fn was_treated(&self) -> bool {
        let body = &self.encounter.body;
        let mut states = items(body, "statusHistory").chain([body]);
        states.any(|state| text_at(state, "/status") == Some("in-progress"))
    }

    /// What speaks against the first acuity, if anything does.
    pub(crate) fn first_contradicts(&self, library: &Library) -> Option<&'static str> {
        let first = self.first(library)?;
        if acuity(first.origin(), library).map(|(_, own)| own) != observed::acuity(first, library) {
            return Some("the first acuity was changed after it was stored");
        }
        let claims = |one: &&&Found| is(one.origin(), "initial") || is(one, "initial");
        let acuities = self.acuities(library);
        let others = acuities.iter().filter(|other| other.id != first.id);
        let mut claims = others.filter(claims);
        claims.next().map(|_| "more than one acuity says that it is the first")
    }

    fn first(&self, library: &Library) -> Option<&'a Found> {
        let stored = |one: &&Found| (one.origin().last_updated, observed::at(one.origin()));
        let all = self.acuities(library);
        let stored_first = all.iter().copied().min_by_key(stored)?;
        if is(stored_first.origin(), "initial") {
            return Some(stored_first);
        }
        let claim = all.iter().find(|one| is(one.origin(), "initial"));
        let oldest = || all.first().filter(|one| !is(one.origin(), "later"));
        claim.or_else(oldest).copied()
    }

    /// The acuities that stand, the oldest first.
    fn acuities(&self, library: &Library) -> Vec<&'a Found> {
        let stated = |one: &&Found| observed::acuity(one, library).is_some();
        self.observations.iter().copied().filter(stated).collect()
    }
}

fn acuity(one: &Found, library: &Library) -> Option<(LogTime, Acuity)> {
    Some((observed::at(one), observed::acuity(one, library)?))
}

/// Whether an acuity says that it is the `initial` one, or a `later`.
fn is(one: &Found, when: &str) -> bool {
    let mut categories = items(&one.body, "category");
    categories.any(|category| codings(category).contains(&(ACUITY, when)))
}
