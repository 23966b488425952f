//! The scores of an attendance as a row of the board tells them.

use accord_base::LogTime;
use accord_care::{Agreement, Score, ScoreScheme, trend};

use crate::Context;
use crate::attended::Attended;
use crate::observed::StoredScore;
use crate::report::Report;

/// The last score, beside it the last complete one where it is not, and which way these go. Each is
/// computed again from its vital signs.
pub(crate) fn tell(context: &Context<'_>, attended: &Attended<'_>, row: &mut Report) {
    let scores = attended.scores();
    let again = |one: &StoredScore<'_>| {
        let (scheme, score, agrees) = one.again(attended, context.library())?;
        // Another version may well have given something else.
        let made_with = one.version.filter(|version| *version != scheme.header.version);
        let contradicts = agrees == Agreement::Contradicts && made_with.is_none();
        let made_with = made_with.map(str::to_owned);
        Some(Again { at: one.at, scheme, scale: one.scale, score, contradicts, made_with })
    };
    if scores.last().is_some_and(|last| again(last).is_none()) {
        let why = "the newest score fits the age or the tables that are known here no longer";
        row.text("score-not-recomputed", why);
    }
    let mut all = scores.iter().rev().filter_map(again).peekable();
    let Some(last) = all.peek() else { return };
    row.parts("score", last.parts());
    let incomplete = last.score.total.complete().is_none();
    let mut complete = all.filter_map(|one| Some((one.score.total.complete()?, one)));
    let Some((total, last)) = complete.next() else { return };
    if incomplete {
        row.parts("last-complete", last.parts());
    }
    let same = |one: &(u32, Again<'_>)| {
        one.1.scheme.header.id == last.scheme.header.id && one.1.scale == last.scale
    };
    if let Some((before, _)) = complete.find(same) {
        row.count("previous-total", before);
        row.code("trend", trend(before, total).code());
    }
}

/// A score computed again.
struct Again<'l> {
    at: LogTime,
    scheme: &'l ScoreScheme,
    /// Scale of oxygen saturation: totals of two scales are not compared.
    scale: u32,
    score: Score,
    contradicts: bool,
    /// The version that it was stored with, where that is not the one it is computed with here.
    made_with: Option<String>,
}

impl Again<'_> {
    fn parts(&self) -> Report {
        let mut parts = Report::default();
        parts.code("scheme", &self.scheme.header.id);
        parts.total(self.scheme, &self.score);
        parts.instant("at", self.at);
        for part in self.score.parts.iter().filter(|part| part.score.is_none()) {
            parts.code("missing", &part.parameter);
        }
        parts.flag("contradicts", self.contradicts);
        if let Some(version) = &self.made_with {
            parts.text("made-with", version);
            parts.text("computed-with", &self.scheme.header.version);
        }
        parts
    }
}
