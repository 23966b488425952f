//! Triage schemes: how long each acuity may wait, and how acuity follows from resources.

use accord_fhir::Decimal;

use crate::reader::{Header, Reader, tape};
use crate::{Reading, SchemeError, Value, Vitals};

const DAY_MINUTES: u32 = 24 * 60;

/// How urgent somebody is: 1 (most) to 5.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Acuity(u8);

impl Acuity {
    /// The acuity of this number, if there is one.
    pub fn new(level: u32) -> Option<Acuity> {
        u8::try_from(level).ok().filter(|level| (1..=5).contains(level)).map(Acuity)
    }

    /// Its number.
    pub fn level(self) -> u8 {
        self.0
    }
}

/// A triage scheme.
#[derive(Clone, Debug)]
pub struct TriageScheme {
    /// What the scheme says of itself.
    pub header: Header,
    /// One for each acuity, 1 first.
    pub intervals: Vec<Interval>,
    danger: Option<Danger>,
}

/// What an acuity means in a scheme.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Interval {
    /// What people call it.
    pub title: String,
    /// Minutes until treatment begins; 0: at once; `None`: the scheme does not say.
    pub wait_minutes: Option<u32>,
    /// Share of patients for whom that should hold, in per cent.
    pub performance_percent: Option<u32>,
    /// Minutes until somebody who still waits is looked at again.
    pub retriage_minutes: u32,
}

/// Vital signs that call for a second look at an acuity.
#[derive(Clone, Debug)]
struct Danger {
    spo2_below: Decimal,
    ages: Vec<DangerAge>,
    /// Acuities that are looked at again.
    reassess: Vec<u32>,
}

#[derive(Clone, Debug)]
struct DangerAge {
    from: u32,
    to: Option<u32>,
    pulse_above: Decimal,
    respiration_above: Decimal,
}

/// What an acuity is computed from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Considered<'a> {
    /// Whether it takes a life-saving intervention now.
    pub life_threat: bool,
    /// Whether it is a high-risk situation, new confusion, or severe pain or distress.
    pub high_risk: bool,
    /// How many different kinds of resources it is likely to take.
    pub resources: u32,
    /// Age in completed months, if it is known.
    pub age_months: Option<u32>,
    /// What was taken.
    pub readings: &'a [Reading],
}

/// An acuity as computed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Computed {
    /// The acuity.
    pub acuity: Acuity,
    /// Why, for people.
    pub why: &'static str,
    /// Vital signs in the danger zone, by their ids: somebody has to consider a higher acuity.
    pub danger: Vec<&'static str>,
    /// What was not there to tell whether they are: ids of vital signs, or `age`.
    pub unassessed: Vec<&'static str>,
}

impl TriageScheme {
    /// Reads a scheme.
    ///
    /// # Errors
    /// The first thing that is wrong with it, and where.
    pub fn load(file: &str, text: &str) -> Result<TriageScheme, SchemeError> {
        let tape = tape(file, text)?;
        let root = Reader::root(file, &tape);
        let header = root.header("triage", &["levels", "danger"])?;
        let levels = root.member("levels")?;
        let mut intervals = Vec::new();
        for (item, acuity) in levels.items()?.iter().zip(1u32..) {
            const MEMBERS: &[&str] =
                &["acuity", "title", "wait-minutes", "performance-percent", "retriage-minutes"];
            item.only(MEMBERS)?;
            if item.member("acuity")?.count()? != acuity {
                return Err(item.wrong(format!("acuity {acuity} is next")));
            }
            let retriage = item.member("retriage-minutes")?;
            let percent = item.count_of("performance-percent")?;
            if percent.is_some_and(|percent| percent > 100) || retriage.count()? == 0 {
                return Err(item.wrong("a share is at most 100, an interval at least 1"));
            }
            let next = Interval {
                title: item.text_of("title")?,
                wait_minutes: item.count_of("wait-minutes")?,
                performance_percent: percent,
                retriage_minutes: retriage.count()?,
            };
            next.comes_after(intervals.last(), item)?;
            intervals.push(next);
        }
        if intervals.len() != 5 {
            return Err(levels.wrong("there are five acuities"));
        }
        let danger = root.optional("danger").map(|item| Danger::load(&item)).transpose()?;
        Ok(TriageScheme { header, intervals, danger })
    }

    /// What an acuity means here.
    pub fn interval(&self, acuity: Acuity) -> Option<&Interval> {
        self.intervals.get(usize::from(acuity.level()).checked_sub(1)?)
    }

    /// Whether it computes acuities.
    pub fn computes(&self) -> bool {
        self.danger.is_some()
    }

    /// The acuity that follows from what was considered; `None` if this scheme computes none.
    ///
    /// Source: decision points A to D of the scheme. Danger-zone vital signs ask for a second
    /// look and change nothing by themselves.
    pub fn compute(&self, considered: &Considered<'_>, vitals: &Vitals) -> Option<Computed> {
        let danger = self.danger.as_ref()?;
        let consciousness = || {
            let taken = considered.readings.iter().rev();
            let mut taken = taken.filter(|reading| reading.vital == "consciousness");
            match taken.next().map(|reading| &reading.value) {
                Some(Value::Code(code)) => Some(code.as_str()),
                _ => None,
            }
        };
        let unresponsive = matches!(consciousness(), Some("P" | "U"));
        let confused = matches!(consciousness(), Some("C" | "V"));
        let (level, why) = match considered.resources {
            _ if considered.life_threat => (1, "a life-saving intervention is needed now"),
            _ if unresponsive => (1, "responds only to pain or not at all"),
            _ if considered.high_risk => (2, "a high-risk situation, or severe pain or distress"),
            _ if confused => (2, "newly confused, or responds only to voice"),
            0 => (5, "no resources are needed"),
            1 => (4, "one kind of resource is needed"),
            _ => (3, "two or more kinds of resources are needed"),
        };
        let (danger, unassessed) = match danger.reassess.contains(&level) {
            true => danger.signs(considered, vitals),
            false => Default::default(),
        };
        Some(Computed { acuity: Acuity::new(level)?, why, danger, unassessed })
    }
}

impl Interval {
    /// Refuses an interval that is longer than a day, or shorter than that of somebody more urgent.
    fn comes_after(&self, before: Option<&Interval>, item: &Reader<'_>) -> Result<(), SchemeError> {
        if self.retriage_minutes > DAY_MINUTES {
            return Err(item.member("retriage-minutes")?.wrong("a day at most: 1440 minutes"));
        }
        let Some(before) = before else { return Ok(()) };
        let sooner = "who is more urgent does not wait longer";
        if self.retriage_minutes < before.retriage_minutes {
            return Err(item.member("retriage-minutes")?.wrong(sooner));
        }
        if self.wait_minutes.zip(before.wait_minutes).is_some_and(|(own, before)| own < before) {
            return Err(item.member("wait-minutes")?.wrong(sooner));
        }
        Ok(())
    }
}

impl Danger {
    fn load(item: &Reader<'_>) -> Result<Danger, SchemeError> {
        item.only(&["spo2-below", "ages", "reassess"])?;
        let ages = item.member("ages")?;
        let mut found: Vec<DangerAge> = Vec::new();
        for age in ages.items()? {
            age.only(&["from-months", "to-months", "pulse-above", "respiration-above"])?;
            let from = age.member("from-months")?.count()?;
            let expected = found.last().map_or(Some(0), |before| before.to);
            if expected != Some(from) {
                return Err(age.wrong("there is a gap or an overlap with the age before"));
            }
            let to = age.count_of("to-months")?;
            if to.is_some_and(|to| to <= from) {
                return Err(age.wrong("the ages end before they begin"));
            }
            found.push(DangerAge {
                from,
                to,
                pulse_above: age.member("pulse-above")?.number()?,
                respiration_above: age.member("respiration-above")?.number()?,
            });
        }
        if found.last().is_some_and(|last| last.to.is_some()) {
            return Err(ages.wrong("the last age has no `to-months`"));
        }
        let reassess: Result<Vec<_>, _> =
            item.member("reassess")?.items()?.iter().map(Reader::count).collect();
        let spo2_below = item.member("spo2-below")?.number()?;
        Ok(Danger { spo2_below, ages: found, reassess: reassess? })
    }

    /// The vital signs that are in the danger zone, and those of which nothing tells.
    fn signs(
        &self,
        considered: &Considered<'_>,
        vitals: &Vitals,
    ) -> (Vec<&'static str>, Vec<&'static str>) {
        let number = |vital: &str| {
            vitals.of(vital)?;
            let taken = considered.readings.iter().rev().find(|reading| reading.vital == vital)?;
            match &taken.value {
                Value::Number(number) if taken.counts() => Some(*number),
                _ => None,
            }
        };
        let months = considered.age_months;
        let holds = |age: &&DangerAge| {
            months.is_some_and(|months| age.from <= months && age.to.is_none_or(|to| months < to))
        };
        let age = self.ages.iter().find(holds);
        let above = |vital, limit: Option<Decimal>| {
            number(vital).zip(limit).is_some_and(|(number, limit)| number > limit)
        };
        let signs = [
            ("pulse", above("pulse", age.map(|age| age.pulse_above))),
            ("respiration", above("respiration", age.map(|age| age.respiration_above))),
            ("spo2", number("spo2").is_some_and(|number| number < self.spo2_below)),
        ];
        let danger = signs.into_iter().filter(|(_, is)| *is).map(|(vital, _)| vital).collect();
        let missing = signs.into_iter().map(|(vital, _)| vital);
        let missing = missing.filter(|vital| number(vital).is_none());
        (danger, missing.chain(Some("age").filter(|_| age.is_none())).collect())
    }
}
