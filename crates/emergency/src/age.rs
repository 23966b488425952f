//! How old somebody is, and what that rests on.

use accord_base::LogTime;
use accord_care::{Asked, Library, Reading, Score, ScoreScheme};
use accord_engine::Failure;

use crate::attended::Attended;
use crate::child::ages;
use crate::input::{Input, text_at};
use crate::{Context, invalid, unfit};

/// Greatest age that is understood, in months.
const OLDEST: u32 = 150 * 12;

/// An age that is taken where there is no birth date and an adults' score was named.
pub(crate) const ADULT_MONTHS: u32 = 50 * 12;

/// How old somebody may be, in completed months.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Age {
    /// The least and the greatest that it may be.
    pub(crate) range: Option<(u32, u32)>,
    /// Whether somebody stated it because the birth date does not say.
    pub(crate) stated: bool,
}

/// A score with the scheme and the age that it rests on.
pub(crate) struct Scored<'l> {
    pub(crate) scheme: &'l ScoreScheme,
    pub(crate) score: Score,
    pub(crate) months: u32,
}

impl Age {
    /// By the birth date and the department's day; as stated where that leaves it open.
    ///
    /// # Errors
    /// A stated age that cannot be, or where the birth date says it.
    pub(crate) fn of(
        context: &Context<'_>,
        input: &Input,
        attended: &Attended<'_>,
        at: LogTime,
    ) -> Result<Age, Failure> {
        let provider = text_at(&attended.encounter.body, "/serviceProvider/reference");
        let zone = context.zone(provider);
        let range = attended.patient.and_then(|patient| ages(&patient.body, at, zone));
        let Some(months) = input.count("age-months")? else {
            return Ok(Age { range, stated: false });
        };
        if months > OLDEST {
            return Err(invalid("`age-months` is an age in months"));
        }
        match range {
            Some((least, most)) if least == most && months != least => {
                Err(unfit("the birth date says the age: correct it there, not by `age-months`"))
            }
            Some((least, most)) if months < least || months > most => Err(unfit(format!(
                "by the birth date the age is {least} to {most} months: `age-months` contradicts it"
            ))),
            Some((least, most)) if least == most => Ok(Age { range, stated: false }),
            _ => Ok(Age { range: Some((months, months)), stated: true }),
        }
    }

    /// What is noted of it beside a score.
    pub(crate) fn note(self) -> Option<&'static str> {
        let open = self.range.is_some_and(|(least, most)| least != most);
        match self.stated {
            true => Some("the age was stated; the birth date does not say it"),
            false if open => {
                Some("the birth date leaves the age open; the age that asks for most counts")
            }
            false => None,
        }
    }

    /// Every age that it may be; none if it is not known.
    pub(crate) fn all(self) -> impl Iterator<Item = u32> + Clone {
        let (least, most) = self.range.unwrap_or((1, 0));
        least..=most
    }

    /// The score of the scheme that is named, or of the one for the age. Of several that the age
    /// may ask for, the one that asks for the quickest answer.
    ///
    /// # Errors
    /// If no scheme fits, or what was taken cannot be scored.
    pub(crate) fn score<'l>(
        self,
        library: &'l Library,
        named: Option<&str>,
        (scale, readings, concerns): (u32, &[Reading], &[String]),
    ) -> Result<Scored<'l>, Failure> {
        let named = named.map(|id| {
            let scheme = library.score(id);
            scheme.ok_or_else(|| unfit(format!("the scheme `{id}` is not known here")))
        });
        let named = named.transpose()?;
        let ages: Vec<u32> = match (self.range, named) {
            (Some(_), _) => self.all().collect(),
            (None, Some(scheme)) if scheme.is_for(ADULT_MONTHS) => vec![ADULT_MONTHS],
            (None, Some(scheme)) => {
                let id = &scheme.header.id;
                return Err(unfit(format!("`{id}` needs a birth date, or the `age-months`")));
            }
            (None, None) => {
                let text = "the age is not known: give `age-months`, as well as it can be judged";
                return Err(unfit(text));
            }
        };
        let (mut best, mut refused): (Option<Scored<'l>>, Option<Failure>) = (None, None);
        for months in ages {
            let Some(scheme) = named.or_else(|| library.score_for(months)) else { continue };
            let asked = Asked { age_months: months, scale, readings, concerns };
            match scheme.score(&asked, library.vitals()) {
                Ok(score) => {
                    let next = Scored { scheme, score, months };
                    if best.as_ref().is_none_or(|best| next.urgency() > best.urgency()) {
                        best = Some(next);
                    }
                }
                Err(error) => refused = Some(unfit(error.to_string())),
            }
        }
        let none = || refused.unwrap_or_else(|| unfit("there is no score for this age"));
        best.ok_or_else(none)
    }
}

impl Scored<'_> {
    /// The more, the sooner somebody has to look again.
    fn urgency(&self) -> (u32, u32, u32) {
        let level = self.score.level.and_then(|at| self.scheme.levels.get(at));
        let soon = |minutes: Option<u32>| minutes.map_or(0, |minutes| u32::MAX - minutes);
        let of = |minutes: fn(&accord_care::Level) -> Option<u32>| soon(level.and_then(minutes));
        let (review, observe) = (of(|one| one.review_minutes), of(|one| one.observe_minutes));
        (observe, review, self.score.total.at_least())
    }
}
