//! When an assessment happened, which may be before it is entered.

use accord_base::LogTime;
use accord_care::{Acuity, Library};
use accord_engine::Failure;

use crate::attended::Attended;
use crate::input::Input;
use crate::{Context, observed, unfit};

/// How far an assessment may lie back without a reason, in microseconds.
const BACK_US: u64 = 10 * 60 * LogTime::SECOND_US;

/// How far the clock of a page may be ahead, in microseconds.
const AHEAD_US: u64 = 60 * LogTime::SECOND_US;

/// When somebody was assessed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Moment {
    pub(crate) at: LogTime,
    /// Why it is entered later.
    pub(crate) reason: Option<String>,
    /// Whether an acuity from after it is stored: then it tells of the past alone.
    pub(crate) is_past: bool,
}

impl Moment {
    /// Now, or as it is said.
    ///
    /// # Errors
    /// A time ahead, before the arrival, or further back without a reason.
    pub(crate) fn of(
        context: &Context<'_>,
        input: &Input,
        attended: &Attended<'_>,
    ) -> Result<Moment, Failure> {
        let (now, reason) = (context.now(), input.text("at-reason")?);
        let Some(said) = input.instant("at")? else {
            return match reason {
                Some(_) => Err(unfit("an `at-reason` goes with an `at`")),
                None => Ok(Moment { at: now, reason, is_past: false }),
            };
        };
        if said > now.plus_us(AHEAD_US) {
            return Err(unfit("an assessment does not lie ahead"));
        }
        if attended.arrived().is_some_and(|arrived| said < arrived) {
            return Err(unfit("an assessment is not before the arrival"));
        }
        if said < now.minus_us(BACK_US) && reason.is_none() && !input.flag("preview")? {
            return Err(unfit("an assessment more than 10 minutes ago needs an `at-reason`"));
        }
        let at = said.min(now);
        let library = context.library();
        let is_past = acuities(attended, library).any(|(other, _)| other > at);
        Ok(Moment { at, reason, is_past })
    }

    /// The acuity that held then.
    pub(crate) fn acuity_before(
        &self,
        attended: &Attended<'_>,
        library: &Library,
    ) -> Option<Acuity> {
        let held = acuities(attended, library).filter(|(at, _)| *at <= self.at).last();
        held.map(|(_, acuity)| acuity)
    }
}

/// Acuities with their times, in the order of time.
fn acuities<'a>(
    attended: &'a Attended<'_>,
    library: &'a Library,
) -> impl Iterator<Item = (LogTime, Acuity)> + 'a {
    let own = |one: &&_| observed::acuity(one, library).map(|acuity| (observed::at(one), acuity));
    attended.observations.iter().filter_map(own)
}
