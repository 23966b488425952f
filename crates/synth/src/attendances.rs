//! Attendances of an emergency department that ended, in the weeks before now: what forecasts of
//! waits are made of.
//!
//! Waits depend on acuity and hour and vary by chance; of the less urgent some leave before they are
//! seen. The numbers are invented: believable, and of no real department.

use accord_base::LogTime;

use crate::bundle::{Outbox, Style};
use crate::chart::MOST_ENTRIES;
use crate::code::{ACT, Code, SNOMED};
use crate::draw::Draw;
use crate::json::Json;
use crate::moment::{DAY, HOUR, MINUTE, Moment};
use crate::population::Transaction;

/// Whose department it is.
const HOSPITAL: &str = "northgate-hospital";
/// The stream of draws.
const ATTENDANCE: u64 = 7;
/// The first is so many days back, the last so many.
const DAYS: (i64, i64) = (59, 2);

/// Attendances to make. Equal values give equal bytes on every machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attendances<'a> {
    /// Ids of the patients who came, each in turn; without any nobody came.
    pub patients: &'a [String],
    /// How many times somebody came.
    pub count: u32,
    /// Seed of every choice.
    pub seed: u64,
    /// The present: the last came two days before, and all have gone by then.
    pub until: LogTime,
}

/// Somebody of an acuity: its code in the Emergency Care Data Set, how many of a hundred have it, and
/// how many minutes they wait on a usual morning.
struct Urgency {
    code: Code,
    share: u64,
    minutes: i64,
    complaints: &'static [&'static str],
}

const fn acuity(code: &'static str, title: &'static str) -> Code {
    Code::new(SNOMED, code, title)
}

static URGENCIES: [Urgency; 5] = [
    Urgency {
        code: acuity("1064891000000107", "Immediate"),
        share: 3,
        minutes: 2,
        complaints: &["Unconscious", "Fit that does not stop"],
    },
    Urgency {
        code: acuity("1064911000000105", "Very urgent"),
        share: 18,
        minutes: 12,
        complaints: &["Chest pain", "Shortness of breath", "Fever and confusion"],
    },
    Urgency {
        code: acuity("1064901000000108", "Urgent"),
        share: 43,
        minutes: 50,
        complaints: &["Abdominal pain", "Fall at home", "Headache", "Palpitations"],
    },
    Urgency {
        code: acuity("1077241000000103", "Standard"),
        share: 28,
        minutes: 85,
        complaints: &["Cut to the hand", "Wrist injury", "Back pain"],
    },
    Urgency {
        code: acuity("1077251000000100", "Low"),
        share: 8,
        minutes: 100,
        complaints: &["Twisted ankle", "Rash", "Change of a dressing"],
    },
];

/// How long people wait by the hour they come in, in per cent of a usual morning.
const BUSY: [i64; 24] = [
    80, 70, 65, 60, 60, 60, 65, 75, 90, 100, 110, 115, 115, 110, 110, 115, 130, 145, 155, 155, 145,
    130, 110, 95,
];
/// Hours that people come in; what stands there more often is more likely.
const HOURS: [i64; 32] = [
    1, 3, 6, 7, 8, 8, 9, 9, 10, 10, 10, 11, 11, 11, 12, 12, 13, 14, 14, 15, 16, 16, 17, 17, 18, 18,
    19, 19, 20, 21, 22, 23,
];

impl Attendances<'_> {
    /// Transactions of Encounters in the order of their days.
    pub fn transactions(&self) -> Vec<Transaction> {
        let mut out = Outbox::new(Style::Put, MOST_ENTRIES);
        for (turn, patient) in (0..self.count).zip(self.patients.iter().cycle()) {
            let draw = Draw::new(self.seed, ATTENDANCE, u64::from(turn));
            let id = draw.id();
            let attended = Attended::draw(&draw, self.arrival(&draw, turn));
            out.put(("Encounter", id.as_str()), "", attended.end, |j| attended.write(j, patient));
        }
        out.finish().into_iter().map(|done| Transaction::new(HOSPITAL, done)).collect()
    }

    fn arrival(&self, draw: &Draw, turn: u32) -> Moment {
        let (first, last) = DAYS;
        let day = first - i64::from(turn) * (first - last) / i64::from(self.count.max(1));
        let midnight = Moment(Moment::from_log(self.until).day().0 * DAY);
        let seconds = draw.one_of(&HOURS) * HOUR + draw.between(0, 59) * MINUTE;
        midnight.plus(seconds - day * DAY)
    }
}

/// One attendance.
struct Attended {
    urgency: &'static Urgency,
    complaint: &'static str,
    arrived: Moment,
    triaged: Moment,
    /// `None` if they left before.
    seen: Option<Moment>,
    end: Moment,
    disposition: &'static str,
}

impl Attended {
    fn draw(draw: &Draw, arrived: Moment) -> Attended {
        let (at, urgency) = urgency(draw);
        let hour = usize::try_from(arrived.0.rem_euclid(DAY) / HOUR).unwrap_or(0);
        let busy = BUSY.get(hour).copied().unwrap_or(100);
        let wait = (urgency.minutes * busy * draw.near(100, 70) / 10_000).max(1);
        let patience = draw.between(45, 900);
        let leaves = at > 1 && patience < wait;
        let waited = if leaves { patience } else { wait };
        let triaged = arrived.plus(draw.between(2, 12).min(waited) * MINUTE);
        let until = arrived.plus(waited * MINUTE);
        let treated = draw.between(30, 240);
        let admitted = draw.permille([900, 600, 250, 60, 20].get(at).copied().unwrap_or(0));
        Attended {
            urgency,
            complaint: draw.one_of(urgency.complaints),
            arrived,
            triaged,
            seen: (!leaves).then_some(until),
            end: if leaves { until } else { until.plus(treated * MINUTE) },
            disposition: match (leaves, admitted) {
                (true, _) => "left-without-being-seen",
                (false, true) => "admitted",
                (false, false) => "home",
            },
        }
    }

    fn write(&self, j: &mut Json, patient: &str) {
        j.text("status", "finished");
        let until = self.seen.unwrap_or(self.end);
        let states = [
            ("arrived", self.arrived, self.triaged),
            ("triaged", self.triaged, until),
            ("in-progress", until, self.end),
        ];
        let states = states.iter().take(if self.seen.is_some() { 3 } else { 2 });
        j.list("statusHistory", |j| {
            for (status, from, to) in states {
                j.item(|j| {
                    j.text("status", status);
                    j.period("period", *from, Some(*to));
                });
            }
        });
        j.coding("class", Code::new(ACT, "EMER", "emergency"));
        j.concept_text("priority", self.urgency.code, self.urgency.code.display);
        j.refer("subject", &format!("Patient/{patient}"));
        j.period("period", self.arrived, Some(self.end));
        j.list("reasonCode", |j| j.item(|j| j.text("text", self.complaint)));
        j.object("hospitalization", |j| {
            let code = Code::new("urn:accord:disposition", self.disposition, self.disposition);
            j.concept("dischargeDisposition", code);
        });
        j.refer("serviceProvider", &format!("Organization/{HOSPITAL}"));
    }
}

/// How urgent somebody is: by number from 0, the most urgent.
fn urgency(draw: &Draw) -> (usize, &'static Urgency) {
    let mut left = draw.below(100);
    for (at, one) in URGENCIES.iter().enumerate() {
        match left.checked_sub(one.share) {
            Some(rest) => left = rest,
            None => return (at, one),
        }
    }
    (2, &URGENCIES[2])
}
