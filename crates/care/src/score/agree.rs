//! A stored score against the values it says it was made from.

use accord_fhir::Decimal;

use super::{Score, ScoreScheme, Total};

/// A score as somebody stored it.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// The total, if it has one.
    pub total: Option<Decimal>,
    /// Sub-scores by their codes.
    pub parts: Vec<(String, Decimal)>,
}

/// What the values say of a stored score.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Agreement {
    /// They give the same.
    Agrees,
    /// They cannot give this.
    Contradicts,
    /// Not all of them are there to tell.
    CannotTell,
}

/// Compares a stored score with the one that its values give.
pub fn agreement(scheme: &ScoreScheme, stored: &Stored, computed: &Score) -> Agreement {
    let same = |stored: Decimal, score: u32| stored == whole(score);
    let of_part = |(code, score): &(String, Decimal)| {
        let part = computed.parts.iter().find(|part| part.code.as_ref() == Some(code));
        part.and_then(|part| part.score).is_some_and(|own| !same(*score, own))
    };
    if stored.parts.iter().any(of_part) {
        return Agreement::Contradicts;
    }
    match (stored.total, computed.total) {
        (Some(total), Total::Complete(own)) if same(total, own) => Agreement::Agrees,
        (Some(_), Total::Complete(_)) => Agreement::Contradicts,
        (Some(total), Total::Incomplete(least)) => {
            let missing = computed.parts.iter().zip(&scheme.parameters);
            let missing = missing.filter(|(part, _)| part.score.is_none());
            let more: u32 = missing.map(|(_, parameter)| super::check::most(parameter)).sum();
            let possible = whole(least)..=whole(least.saturating_add(more));
            let possible = possible.contains(&total);
            if possible { Agreement::CannotTell } else { Agreement::Contradicts }
        }
        // One that says it is incomplete, of values that are not.
        (None, Total::Complete(_)) if !stored.parts.is_empty() => Agreement::Contradicts,
        (None, _) => Agreement::CannotTell,
    }
}

fn whole(number: u32) -> Decimal {
    Decimal::of_parts(false, u128::from(number), 0)
}
