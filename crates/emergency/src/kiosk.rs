//! What is remembered of check-ins, in memory and for minutes: tickets that were given, so that a
//! second press makes no second attendance, and how many there were, so that a kiosk cannot flood a
//! board. After a restart the record tells which tickets were given last ([`Kiosks::after_restart`]).
//!
//! **Absent:** what people typed; of it a keyed hash is kept, which nothing tells.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use accord_base::{LogTime, ResourceId, Subject};
use accord_engine::{Failure, Outcome, Request};

use crate::codes::TICKET;
use crate::input::{items, text_at};
use crate::store::{Found, Store};
use crate::ticket;

/// How long what was typed gives the same ticket, in microseconds: ten minutes.
const SPAN_US: u64 = 600 * LogTime::SECOND_US;
/// Most check-ins of an organisation in that time.
const MOST: usize = 20;
/// The check-ins of the last minutes.
#[derive(Debug, Default)]
pub struct Kiosks {
    hasher: RandomState,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    recent: Vec<Recent>,
    last: HashMap<ResourceId, u64>,
}

#[derive(Debug)]
struct Recent {
    at: LogTime,
    organization: ResourceId,
    typed: u64,
    ticket: String,
    /// Whether the attendance is on disk.
    written: bool,
}

/// What becomes of a check-in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Given {
    /// The first with what was typed.
    New(String),
    /// The same attempt, a moment ago.
    Again(String),
    /// The same attempt, which is being written.
    Written,
    /// There were too many.
    TooMany,
}

impl Kiosks {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A ticket for what was typed at an organisation; the same again only for the same attempt, by
    /// the page's own name for it: two people may type the same, and one may learn from a ticket that
    /// the other is here.
    pub(crate) fn give(
        &self,
        organization: &ResourceId,
        (attempt, typed): (&str, &[&str]),
        now: LogTime,
    ) -> Given {
        let typed = self.hasher.hash_one((attempt, typed));
        let mut state = self.state();
        state.recent.retain(|one| one.at.plus_us(SPAN_US) > now);
        let own = || state.recent.iter().filter(|one| one.organization == *organization);
        if let Some(again) = own().find(|one| one.typed == typed && !attempt.is_empty()) {
            return match again.written {
                true => Given::Again(again.ticket.clone()),
                false => Given::Written,
            };
        }
        let slot = ticket::slot(now);
        let next = state.last.get(organization).map_or(slot, |last| slot.max(last + 1));
        // INVARIANT: no ticket is of a time more than `SPAN_US` ahead, which a restart relies on,
        // however many of those who checked in were met and forgotten.
        if own().count() >= MOST || next >= slot + MOST as u64 {
            return Given::TooMany;
        }
        state.last.insert(organization.clone(), next);
        let ticket = ticket::of(next);
        let organization = organization.clone();
        let written = false;
        state.recent.push(Recent { at: now, organization, typed, ticket: ticket.clone(), written });
        Given::New(ticket)
    }

    /// What the record still tells of the check-ins before a restart at `now`: the tickets that were
    /// given last, so that none of them comes again. What was typed it does not tell: an attempt from
    /// before is another attendance. `send` answers one interaction of the engine.
    ///
    /// # Errors
    /// If the record cannot be asked.
    pub fn after_restart(
        now: LogTime,
        send: &dyn Fn(Request) -> Outcome,
    ) -> Result<Kiosks, Failure> {
        let kiosks = Kiosks::default();
        let subject = Arc::new(Subject::system("tickets of kiosks before a restart"));
        // One that is of a time ahead was given in the last minutes; the span is taken twice.
        let since = format!("ge{}", now.minus_us(2 * SPAN_US));
        let ticketed = format!("{TICKET}|");
        let params = [
            ("class", "EMER"),
            ("identifier", ticketed.as_str()),
            ("_lastUpdated", since.as_str()),
        ];
        let store = Store::system(&subject, "kiosks", None, send);
        store.pages("Encounter", &params, |page| {
            let mut state = kiosks.state();
            for (organization, slot) in page.iter().filter_map(|one| given_at(one, now)) {
                let last = state.last.entry(organization).or_insert(slot);
                *last = slot.max(*last);
            }
            true
        })?;
        Ok(kiosks)
    }

    /// The attendance of a ticket is on disk.
    pub(crate) fn wrote(&self, organization: &ResourceId, ticket: &str) {
        let mut state = self.state();
        let own = |one: &&mut Recent| one.organization == *organization && one.ticket == ticket;
        if let Some(one) = state.recent.iter_mut().find(own) {
            one.written = true;
        }
    }

    /// Forgets a ticket: nothing was written, or whom it was given to has been met or has gone.
    /// Whoever types the same again is received anew.
    pub(crate) fn forget(&self, organization: &str, ticket: &str) {
        let own = |one: &Recent| one.organization.as_str() == organization && one.ticket == ticket;
        self.state().recent.retain(|one| !own(one));
    }
}

/// Where an Encounter has its ticket from, and of which time that is; `None` if it is an old one.
fn given_at(encounter: &Found, now: LogTime) -> Option<(ResourceId, u64)> {
    let provider = text_at(&encounter.body, "/serviceProvider/reference")?;
    let organization = ResourceId::new(provider.strip_prefix("Organization/")?).ok()?;
    let mut all = items(&encounter.body, "identifier");
    let own = all.find(|one| text_at(one, "/system") == Some(TICKET))?;
    let (text, span) = (text_at(own, "/value")?, MOST as u64);
    let slot = ticket::slot(now);
    let mut near = slot.saturating_sub(2 * span)..=slot.saturating_add(span);
    near.find(|slot| ticket::of(*slot) == text).map(|slot| (organization, slot))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> LogTime {
        LogTime(1_795_341_600_000_000 + seconds * LogTime::SECOND_US)
    }

    fn id(text: &str) -> ResourceId {
        ResourceId::new(text).unwrap()
    }

    #[test]
    fn the_same_gives_the_same_for_ten_minutes_and_each_organisation_has_its_share() {
        let kiosks = Kiosks::default();
        let (north, south) = (id("north"), id("south"));
        let give = |at_: &ResourceId, typed: &[&str], now| kiosks.give(at_, ("one", typed), now);
        let Given::New(first) = give(&north, &["a"], at(0)) else { panic!() };
        assert_eq!(give(&north, &["a"], at(1)), Given::Written);
        kiosks.wrote(&north, &first);
        assert_eq!(give(&north, &["a"], at(599)), Given::Again(first.clone()));
        assert!(matches!(give(&south, &["a"], at(0)), Given::New(_)));
        assert!(matches!(give(&north, &["a", ""], at(0)), Given::New(_)));
        assert!(matches!(kiosks.give(&north, ("another", &["a"]), at(1)), Given::New(_)));
        assert!(matches!(kiosks.give(&north, ("", &["a"]), at(1)), Given::New(_)));
        assert!(matches!(kiosks.give(&north, ("", &["a"]), at(2)), Given::New(_)));
        kiosks.forget("south", &first);
        assert_eq!(give(&north, &["a"], at(599)), Given::Again(first.clone()));
        kiosks.forget("north", &first);
        assert!(matches!(give(&north, &["a"], at(599)), Given::New(_)));
        let kiosks = Kiosks::default();
        let give = |at_: &ResourceId, typed: &[&str], now| kiosks.give(at_, ("one", typed), now);
        assert!(matches!(give(&north, &["a"], at(601)), Given::New(_)));
        for turn in 0..19 {
            assert!(matches!(give(&north, &["b", &turn.to_string()], at(601)), Given::New(_)));
        }
        assert_eq!(give(&north, &["c"], at(602)), Given::TooMany);
        assert!(matches!(give(&south, &["c"], at(602)), Given::New(_)));
        assert!(matches!(give(&north, &["c"], at(1_202)), Given::New(_)));
    }

    #[test]
    fn no_ticket_is_far_ahead_of_its_time() {
        let (kiosks, north) = (Kiosks::default(), id("north"));
        let mut given = 0;
        for turn in 0..100_u64 {
            // Everybody is met at once, so that none of them counts any more.
            if let Given::New(ticket) = kiosks.give(&north, ("", &[]), at(turn)) {
                kiosks.forget("north", &ticket);
                given += 1;
            }
        }
        assert_eq!(given, 20 + 3, "and one for each half minute");
    }
}
