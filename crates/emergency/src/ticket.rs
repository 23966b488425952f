//! Tickets of check-ins: short, called aloud, and each of its own time.

use accord_base::LogTime;

/// One ticket in so many seconds on average: as many as there may be.
const SLOT_SECONDS: u64 = 30;
/// Letters that are not taken for digits or each other when they are called.
const LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPRSTUVWXYZ";
/// Tickets there are, 100 to 999 for each letter: no number comes again within a week.
const TICKETS: u64 = 23 * 900;
/// Has no factor in common with it: neighbours in time are far apart, so that nobody takes the
/// number for a place in a queue.
const STEP: u64 = 7_919;

/// The number of the half minute that an instant is in.
pub(crate) fn slot(at: LogTime) -> u64 {
    at.seconds() / SLOT_SECONDS
}

/// The ticket of a half minute.
pub(crate) fn of(slot: u64) -> String {
    let number = slot % TICKETS * STEP % TICKETS;
    let letter = usize::try_from(number / 900).ok().and_then(|at| LETTERS.get(at));
    format!("{}{}", char::from(*letter.unwrap_or(&b'A')), 100 + number % 900)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_ticket_comes_again_within_a_week() {
        let all: HashSet<String> = (0..TICKETS).map(of).collect();
        assert_eq!(all.len() as u64, TICKETS);
        const { assert!(TICKETS * SLOT_SECONDS > 7 * 86_400 + 2 * 600) };
        assert!(all.iter().all(|ticket| ticket.len() == 4));
    }
}
