//! The clocks of an emergency department, as data with the time they are valid in.

use accord_base::LogTime;
use accord_fhir::DateRange;

use crate::reader::{Header, Reader, code, tape};
use crate::{SchemeError, What};

/// The clock that stops with the first assessment. What is due from arrival on follows from it.
const ASSESSMENT: &str = "assessment";
/// Longest clock, in minutes: a week.
const LONGEST: u32 = 7 * 24 * 60;
/// Latest call about what is overdue, in minutes: a day.
const LATEST_CALL: u32 = 24 * 60;
/// What somebody has to act on; who reviews, the response to a score names.
const OWNED: [What; 3] = [What::Assessment, What::Retriage, What::Observations];

/// Microseconds of a minute.
pub(crate) const MINUTE_US: u64 = 60 * LogTime::SECOND_US;

/// The clocks, and who acts when one has run out.
#[derive(Clone, Debug)]
pub struct Targets {
    /// What the table says of itself.
    pub header: Header,
    clocks: Vec<Clock>,
    /// After how many minutes beyond a due time who is told, in order.
    pub(crate) escalation: Vec<(u32, String)>,
    owners: Vec<(String, String)>,
    /// The acuity behind which somebody stands who is not assessed yet.
    pub(crate) untriaged_after: u32,
}

/// A clock that starts on arrival.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clock {
    /// What it is called in answers.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// How long it runs.
    pub minutes: u32,
    /// Whether it stops with the first assessment rather than with the end.
    pub until_assessed: bool,
    /// Share of attendances for which it should not run out, in per cent.
    pub percent: Option<u32>,
    /// Arrivals in this span, in microseconds since 1970.
    valid: (i64, i64),
}

/// A clock of one attendance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Running {
    /// The clock.
    pub id: String,
    /// When it runs out.
    pub at: LogTime,
    /// Whether it has.
    pub breached: bool,
}

impl Targets {
    /// Reads the clocks.
    ///
    /// # Errors
    /// The first thing that is wrong with them, and where.
    pub fn load(file: &str, text: &str) -> Result<Targets, SchemeError> {
        let tape = tape(file, text)?;
        let root = Reader::root(file, &tape);
        let header =
            root.header("targets", &["clocks", "escalation", "owners", "untriaged-after"])?;
        let mut clocks: Vec<Clock> = Vec::new();
        for item in root.member("clocks")?.items()? {
            let clock = Clock::load(&item)?;
            let (from, to) = clock.valid;
            let same =
                |other: &Clock| other.id == clock.id && other.valid.0 < to && from < other.valid.1;
            if clocks.iter().any(same) {
                return Err(item.wrong("two clocks of this id are valid at once"));
            }
            clocks.iter().try_for_each(|before| clock.comes_after(before, &item))?;
            clocks.push(clock);
        }
        if !always(clocks.iter().filter(|clock| clock.until_assessed)) {
            let text = "at every time there is an `assessment`, or nobody is due who arrives then";
            return Err(root.member("clocks")?.wrong(text));
        }
        let mut escalation: Vec<(u32, String)> = Vec::new();
        for step in root.member("escalation")?.items()? {
            step.only(&["after-minutes", "who"])?;
            let after = within(&step.member("after-minutes")?, 0, LATEST_CALL)?;
            if escalation.last().is_some_and(|(before, _)| *before >= after) {
                return Err(step.wrong("later than the step before is needed"));
            }
            escalation.push((after, code(&step.member("who")?)?));
        }
        let owners = root.member("owners")?;
        owners.only(&OWNED.map(What::code))?;
        let owner = |what: What| Ok((what.code().to_owned(), code(&owners.member(what.code())?)?));
        let owners = OWNED.into_iter().map(owner).collect::<Result<_, SchemeError>>()?;
        let untriaged_after = within(&root.member("untriaged-after")?, 0, 5)?;
        Ok(Targets { header, clocks, escalation, owners, untriaged_after })
    }

    /// Refuses a site's clock that is called as one of these and runs otherwise: whoever reads `4h`
    /// must not get another time. When an assessment is due a site may say.
    pub(crate) fn allow(&self, own: &Targets, file: &Reader<'_>) -> Result<(), SchemeError> {
        for (clock, item) in own.clocks.iter().zip(file.member("clocks")?.items()?) {
            let known = self.clocks.iter().find(|known| known.id == clock.id);
            let Some(known) = known.filter(|known| !known.until_assessed) else { continue };
            if known.minutes != clock.minutes {
                let (id, minutes) = (&known.id, known.minutes);
                let text = format!(
                    "`{id}` is a clock of {minutes} minutes that comes along: give yours another id"
                );
                return Err(item.wrong(text));
            }
        }
        Ok(())
    }

    /// The clocks that run for who arrived then.
    pub fn of(&self, arrived: LogTime) -> impl Iterator<Item = &Clock> {
        let at = i64::try_from(arrived.0).unwrap_or(i64::MAX);
        self.clocks.iter().filter(move |clock| clock.valid.0 <= at && at < clock.valid.1)
    }

    /// Who does what is due.
    pub(crate) fn owner(&self, what: &str) -> &str {
        self.owners.iter().find(|(own, _)| own == what).map_or("", |(_, who)| who)
    }
}

impl Clock {
    fn load(item: &Reader<'_>) -> Result<Clock, SchemeError> {
        item.only(&["id", "title", "minutes", "until-assessed", "percent", "from", "to"])?;
        let day = |name| {
            let Some(day) = item.optional(name) else { return Ok(None) };
            let range = DateRange::parse(&day.text()?);
            range.map(Some).ok_or_else(|| day.wrong("a date is needed"))
        };
        let from = day("from")?.map_or(i64::MIN, |range| range.low);
        let to = day("to")?.map_or(i64::MAX, |range| range.high);
        if to <= from {
            return Err(item.wrong("it ends before it begins"));
        }
        let id = code(&item.member("id")?)?;
        let until_assessed = item.optional("until-assessed").map(|flag| flag.flag()).transpose()?;
        let until_assessed = until_assessed.unwrap_or(false);
        if until_assessed != (id == ASSESSMENT) {
            return Err(item.wrong("`assessment` alone is `until-assessed`"));
        }
        let percent = item.optional("percent").map(|share| within(&share, 1, 100)).transpose()?;
        Ok(Clock {
            id,
            title: item.text_of("title")?,
            minutes: within(&item.member("minutes")?, 1, LONGEST)?,
            until_assessed,
            percent,
            valid: (from, to),
        })
    }

    /// Refuses a clock that runs out before one above it that is valid at the same time, or that
    /// should hold for fewer: who is gone in time for the shorter is so for the longer.
    fn comes_after(&self, before: &Clock, item: &Reader<'_>) -> Result<(), SchemeError> {
        if self.valid.1 <= before.valid.0 || before.valid.1 <= self.valid.0 {
            return Ok(());
        }
        if self.minutes <= before.minutes {
            return Err(item.member("minutes")?.wrong("longer than the clock before is needed"));
        }
        let alike = self.until_assessed == before.until_assessed;
        if alike && self.percent.zip(before.percent).is_some_and(|(own, before)| own < before) {
            let text = "a longer clock holds for no fewer than a shorter one";
            return Err(item.member("percent")?.wrong(text));
        }
        Ok(())
    }
}

/// Whether one of the clocks is valid at every time.
fn always<'a>(clocks: impl Iterator<Item = &'a Clock>) -> bool {
    let mut spans: Vec<(i64, i64)> = clocks.map(|clock| clock.valid).collect();
    spans.sort_unstable();
    let covered =
        |until: i64, (from, to): (i64, i64)| if from <= until { until.max(to) } else { until };
    spans.into_iter().fold(i64::MIN, covered) == i64::MAX
}

/// A whole number within limits.
fn within(of: &Reader<'_>, least: u32, most: u32) -> Result<u32, SchemeError> {
    let number = of.count()?;
    let text = || of.wrong(format!("a whole number from {least} to {most} is needed"));
    Some(number).filter(|number| (least..=most).contains(number)).ok_or_else(text)
}
