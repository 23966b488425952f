//! What is asked of a search for AuditEvents.

use std::fmt::Write;

use accord_base::{LogTime, ResourceId};
use accord_fhir::{DateRange, Issue, IssueCode};
use accord_query::{DEFAULT_COUNT, MAX_COUNT, Prefix};

use crate::{Category, Failure};
use accord_audit::AccessRecord;

use super::render::action_of;

/// Values of one parameter that can be alternatives.
const MOST_VALUES: usize = 100;

/// Names of the parameters that a search for AuditEvents takes, besides `_count`.
pub const EVENT_PARAMS: [&str; 4] = ["action", "agent", "date", "patient"];

/// A search for AuditEvents, read.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    /// Ids of patients, of whom an event names one (`patient`); `None`: whoever.
    pub patients: Option<Vec<ResourceId>>,
    /// Half-open stretches of time in µs since 1970, all of which an event lies in (`date`).
    pub dates: Vec<(u64, u64)>,
    /// Who looked: relative references or ids, one of which is the user or their organisation
    /// (`agent`).
    agents: Option<Vec<String>>,
    /// C, R, U, D, E (`action`).
    actions: Option<Vec<String>>,
    pub count: u32,
    pub cursor: Option<String>,
    /// The query as understood, without cursor.
    pub text: String,
    /// Parameters set aside.
    pub warnings: Vec<Issue>,
}

impl Asked {
    /// Reads the parameters of a search; `patient` is one that a path names. Unknown parameters
    /// are faults unless `lenient`. `start` and `end` are understood where a path names the
    /// patient.
    ///
    /// # Errors
    /// Every fault found.
    pub fn read(
        params: &[(String, String)],
        patient: Option<&ResourceId>,
        lenient: bool,
    ) -> Result<Asked, Failure> {
        let mut asked = Asked { count: DEFAULT_COUNT, ..Asked::default() };
        let (mut issues, mut texts) = (Vec::new(), Vec::new());
        for (name, value) in params {
            let known = asked.take(name, value, patient.is_some());
            match known {
                Ok(true) if matches!(name.as_str(), "_cursor" | "_count") => {}
                Ok(true) => texts.push(format!("{name}={}", encoded(value))),
                Ok(false) => {}
                Err(Fault::Unknown) if lenient => {
                    let text = format!("parameter `{name}` was passed over");
                    asked.warnings.push(Issue::error(IssueCode::NotSupported, text));
                }
                Err(fault) => {
                    let text = format!("parameter `{name}`: {}", fault.text());
                    issues.push(Issue::at(fault.code(), format!("http.{name}"), text));
                }
            }
        }
        if !issues.is_empty() {
            return Err(Failure { category: Category::Invalid, issues });
        }
        texts.push(format!("_count={}", asked.count));
        asked.text = texts.join("&");
        asked.patients = patient.map(|id| vec![id.clone()]).or(asked.patients);
        Ok(asked)
    }

    /// Takes one parameter; false if it is not for the search to look at.
    fn take(&mut self, name: &str, value: &str, of_patient: bool) -> Result<bool, Fault> {
        match name {
            "_format" | "_pretty" => return Ok(false),
            "_count" => {
                let count: u32 = value.parse().map_err(|_| Fault::Value("not a number"))?;
                self.count = count.clamp(1, MAX_COUNT);
            }
            "_cursor" => self.cursor = Some(value.to_owned()),
            "start" if of_patient => self.dates.push((range(value)?.0, u64::MAX)),
            "end" if of_patient => self.dates.push((0, range(value)?.1)),
            "date" => self.dates.push(date(value)?),
            "agent" => both(&mut self.agents, alternatives(value, agent)?)?,
            "action" => both(&mut self.actions, alternatives(value, action)?)?,
            "patient" if !of_patient => both(&mut self.patients, alternatives(value, patient)?)?,
            _ => return Err(Fault::Unknown),
        }
        Ok(true)
    }

    /// The first and the last instant that events can have.
    pub fn between(&self) -> (LogTime, LogTime) {
        let from = self.dates.iter().map(|(from, _)| *from).max().unwrap_or(0);
        let to = self.dates.iter().map(|(_, to)| *to).min().unwrap_or(u64::MAX);
        (LogTime(from), LogTime(to.saturating_sub(1)))
    }

    /// Whether the events of a record match, whichever patients they are about.
    pub fn matches(&self, record: &AccessRecord) -> bool {
        let at = record.at.0;
        let fits = |list: &Option<Vec<String>>, test: &dyn Fn(&str) -> bool| {
            list.as_ref().is_none_or(|list| list.iter().any(|value| test(value)))
        };
        self.dates.iter().all(|(from, to)| *from <= at && at < *to)
            && fits(&self.actions, &|action| action == action_of(&record.interaction))
            && fits(&self.agents, &|agent| is_agent(record, agent))
    }

    /// Whether an event about a patient matches.
    pub fn about(&self, patient: Option<&ResourceId>) -> bool {
        self.patients.as_ref().is_none_or(|list| patient.is_some_and(|id| list.contains(id)))
    }
}

/// Whether a relative reference or an id stands for someone who took part.
fn is_agent(record: &AccessRecord, agent: &str) -> bool {
    let Some(who) = &record.who else { return false };
    let organization = who.organization.as_ref().map(|id| format!("Organization/{id}"));
    let names = [Some(who.reference()), organization];
    names
        .into_iter()
        .flatten()
        .any(|name| name == agent || name.split_once('/').is_some_and(|(_, id)| id == agent))
}

/// A value as it stands in a URL: all but unreserved characters and those that dates, references
/// and lists have, percent-encoded (RFC 3986 §2.3).
fn encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        match char::from(byte) {
            plain if plain.is_ascii_alphanumeric() || "-._~/:,".contains(plain) => text.push(plain),
            // Writing to a text does not fail.
            _ => drop(write!(text, "%{byte:02X}")),
        }
    }
    text
}

enum Fault {
    Unknown,
    Value(&'static str),
}

impl Fault {
    fn text(&self) -> &'static str {
        match self {
            Fault::Unknown => "not a parameter of this search",
            Fault::Value(text) => text,
        }
    }

    fn code(&self) -> IssueCode {
        match self {
            Fault::Unknown => IssueCode::NotSupported,
            Fault::Value(_) => IssueCode::Value,
        }
    }
}

/// A repeated parameter means both (FHIR R4 search §3.1.1.3): for lists of alternatives, what is
/// in both.
fn both<T: PartialEq>(list: &mut Option<Vec<T>>, more: Vec<T>) -> Result<(), Fault> {
    match list {
        None => *list = Some(more),
        Some(list) => list.retain(|value| more.contains(value)),
    }
    Ok(())
}

fn alternatives<T>(value: &str, read: fn(&str) -> Option<T>) -> Result<Vec<T>, Fault> {
    let values: Option<Vec<T>> = value.split(',').map(read).collect();
    values.filter(|values| values.len() <= MOST_VALUES).ok_or(Fault::Value("not a value it takes"))
}

fn patient(value: &str) -> Option<ResourceId> {
    ResourceId::new(value.strip_prefix("Patient/").unwrap_or(value)).ok()
}

fn agent(value: &str) -> Option<String> {
    let id = value.split_once('/').map_or(value, |(_, id)| id);
    ResourceId::new(id).ok().map(|_| value.to_owned())
}

fn action(value: &str) -> Option<String> {
    let code = value.rsplit_once('|').map_or(value, |(_, code)| code);
    matches!(code, "C" | "R" | "U" | "D" | "E").then(|| code.to_owned())
}

/// The stretch of time that a date with its prefix allows for an instant (FHIR R4 search
/// §3.1.1.4.4).
fn date(value: &str) -> Result<(u64, u64), Fault> {
    let prefixed = Prefix::ALL.iter().find_map(|(p, name)| Some((*p, value.strip_prefix(name)?)));
    let (prefix, text) = prefixed.unwrap_or((Prefix::Eq, value));
    let (low, high) = range(text)?;
    match prefix {
        Prefix::Eq => Ok((low, high)),
        Prefix::Ge => Ok((low, u64::MAX)),
        Prefix::Gt | Prefix::Sa => Ok((high, u64::MAX)),
        Prefix::Le => Ok((0, high)),
        Prefix::Lt | Prefix::Eb => Ok((0, low)),
        Prefix::Ne | Prefix::Ap => Err(Fault::Value("takes eq, gt, ge, lt, le, sa and eb")),
    }
}

fn range(value: &str) -> Result<(u64, u64), Fault> {
    let range = DateRange::parse(value).ok_or(Fault::Value("not a date"))?;
    // There are no records from before 1970.
    let clamp = |bound: i64| u64::try_from(bound).unwrap_or(0);
    Ok((clamp(range.low), clamp(range.high)))
}
