//! The clocks of an emergency department, as data with the time they are valid in.

use accord_base::LogTime;
use accord_fhir::DateRange;

use crate::SchemeError;
use crate::reader::{Header, Reader, tape};

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
            clocks.push(clock);
        }
        let mut escalation: Vec<(u32, String)> = Vec::new();
        for step in root.member("escalation")?.items()? {
            step.only(&["after-minutes", "who"])?;
            let after = step.member("after-minutes")?.count()?;
            if escalation.last().is_some_and(|(before, _)| *before >= after) {
                return Err(step.wrong("later than the step before is needed"));
            }
            escalation.push((after, step.text_of("who")?));
        }
        let owners = root.member("owners")?.entries()?;
        let owners: Result<Vec<_>, SchemeError> =
            owners.into_iter().map(|(what, who)| Ok((what, who.text()?))).collect();
        let untriaged_after = root.member("untriaged-after")?.count()?;
        Ok(Targets { header, clocks, escalation, owners: owners?, untriaged_after })
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
        Ok(Clock {
            id: item.text_of("id")?,
            title: item.text_of("title")?,
            minutes: item.member("minutes")?.count()?,
            until_assessed: item
                .optional("until-assessed")
                .map(|flag| flag.flag())
                .transpose()?
                .unwrap_or(false),
            percent: item.count_of("percent")?,
            valid: (from, to),
        })
    }
}
