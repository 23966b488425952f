//! What is remembered of check-ins, in memory and for minutes: tickets that were given, so that a
//! second press makes no second attendance, and how many there were, so that a kiosk cannot flood a
//! board.
//!
//! **Absent:** what people typed; of it a keyed hash is kept, which nothing tells.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use accord_base::{LogTime, ResourceId};

/// How long what was typed gives the same ticket, in microseconds: ten minutes.
const SPAN_US: u64 = 600 * LogTime::SECOND_US;
/// Most check-ins of an organisation in that time.
const MOST: usize = 20;
/// One ticket in so many seconds on average: as many as there may be.
const SLOT_SECONDS: u64 = 30;
/// Letters that are not taken for digits or each other when they are called.
const LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPRSTUVWXYZ";
/// Tickets there are, 100 to 999 for each letter: no number comes again within a week.
const TICKETS: u64 = 23 * 900;
/// Has no factor in common with it: neighbours in time are far apart, so that nobody takes the
/// number for a place in a queue.
const STEP: u64 = 7_919;

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
        if own().count() >= MOST {
            return Given::TooMany;
        }
        let slot = now.seconds() / SLOT_SECONDS;
        let next = state.last.get(organization).map_or(slot, |last| slot.max(last + 1));
        state.last.insert(organization.clone(), next);
        let ticket = ticket(next);
        let organization = organization.clone();
        let written = false;
        state.recent.push(Recent { at: now, organization, typed, ticket: ticket.clone(), written });
        Given::New(ticket)
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

fn ticket(slot: u64) -> String {
    let number = slot % TICKETS * STEP % TICKETS;
    let letter = usize::try_from(number / 900).ok().and_then(|at| LETTERS.get(at));
    format!("{}{}", char::from(*letter.unwrap_or(&b'A')), 100 + number % 900)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn at(seconds: u64) -> LogTime {
        LogTime(1_795_341_600_000_000 + seconds * LogTime::SECOND_US)
    }

    fn id(text: &str) -> ResourceId {
        ResourceId::new(text).unwrap()
    }

    #[test]
    fn no_ticket_comes_again_within_a_week() {
        let all: HashSet<String> = (0..TICKETS).map(ticket).collect();
        assert_eq!(all.len() as u64, TICKETS);
        const { assert!(TICKETS * SLOT_SECONDS > 7 * 86_400) };
        assert!(all.iter().all(|ticket| ticket.len() == 4));
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
    fn a_restart_gives_no_ticket_twice_but_in_a_burst() {
        let (before, after) = (Kiosks::default(), Kiosks::default());
        let given = |kiosks: &Kiosks, turn: u64| match kiosks.give(
            &id("north"),
            ("", &[&turn.to_string()]),
            at(turn * 60),
        ) {
            Given::New(ticket) => ticket,
            other => panic!("{other:?}"),
        };
        let first: HashSet<String> = (0..50).map(|turn| given(&before, turn)).collect();
        assert!((50..100).all(|turn| !first.contains(&given(&after, turn))));
    }
}
