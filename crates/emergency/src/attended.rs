//! An attendance with all of it that the asker may see.

use std::collections::HashMap;

use accord_base::LogTime;
use accord_care::{Assessment, Attendance, Event, Library, What};
use accord_engine::{Category, Failure};
use accord_fhir::IssueCode;

use crate::acuity::stated;
use crate::codes::{AWAITED, OBSERVATION, OPEN, REQUEST, TASK, TICKET};
use crate::input::{codings, instant, items, text_at};
use crate::observed::{self, StoredScore, stands};
use crate::store::Found;
use crate::{Context, conflict, unfit};

/// An attendance: its Encounter and what belongs to it.
pub(crate) struct Attended<'a> {
    pub(crate) encounter: &'a Found,
    pub(crate) patient: Option<&'a Found>,
    /// In the order of time.
    pub(crate) observations: Vec<&'a Found>,
    /// How many were left out because they are dated ahead.
    pub(crate) ahead: usize,
    /// Whether an acuity was taken back: it is nobody's by now, and not hidden from anybody.
    withdrawn: bool,
    pub(crate) flags: Vec<&'a Found>,
    pub(crate) tasks: Vec<&'a Found>,
    pub(crate) requests: Vec<&'a Found>,
}

/// Everything about one Encounter, for [`gather`].
pub(crate) fn of_one(context: &Context<'_>) -> Result<Vec<Found>, Failure> {
    let id = context.id()?;
    let mut params = vec![("_id", id.as_str()), ("_include", "Encounter:patient")];
    if context.is_clinical() {
        let all = ["Flag:encounter", "Task:encounter", "ServiceRequest:encounter"];
        params.extend(all.map(|include| ("_revinclude", include)));
    }
    let mut found = context.store.search("Encounter", &params)?;
    let Some(encounter) = found.iter().find(|one| one.resource_type == "Encounter") else {
        let text = "there is no such resource";
        return Err(Failure::new(Category::NotFound, IssueCode::NotFound, text));
    };
    if context.is_clinical() {
        let own = [encounter.reference()];
        found.extend(context.store.counted(&own)?);
    }
    Ok(found)
}

/// Attendances from what was found, in the order of their Encounters.
pub(crate) fn gather(all: &[Found]) -> Vec<Attended<'_>> {
    let of_type = |name: &'static str| all.iter().filter(move |one| one.resource_type == name);
    let patients: HashMap<String, &Found> =
        of_type("Patient").map(|patient| (patient.reference(), patient)).collect();
    let mut belong: HashMap<&str, Vec<&Found>> = HashMap::new();
    for one in all {
        if let Some(encounter) = text_at(&one.body, "/encounter/reference") {
            belong.entry(encounter).or_default().push(one);
        }
    }
    let attended = |encounter| {
        let own = Found::reference(encounter);
        let own = belong.get(own.as_str()).map(Vec::as_slice).unwrap_or_default();
        let of = |name: &str| {
            own.iter().copied().filter(|one| one.resource_type == name).collect::<Vec<_>>()
        };
        let subject = text_at(&encounter.body, "/subject/reference").unwrap_or_default();
        let mut observations = of("Observation");
        let withdrawn = observations.iter().any(|one| !stands(one) && is_coded(one, OBSERVATION));
        observations.retain(|one| stands(one));
        let standing = observations.len();
        observations.retain(|one| !observed::is_ahead(one));
        observations.sort_by_key(|one| (observed::at(one), one.last_updated));
        Attended {
            encounter,
            patient: patients.get(subject).copied(),
            ahead: standing - observations.len(),
            withdrawn,
            observations,
            flags: of("Flag"),
            tasks: of("Task"),
            requests: of("ServiceRequest"),
        }
    };
    of_type("Encounter").map(attended).collect()
}

impl<'a> Attended<'a> {
    /// Its Encounter's state.
    pub(crate) fn status(&self) -> &'a str {
        text_at(&self.encounter.body, "/status").unwrap_or_default()
    }

    /// Refuses what is no attendance of an emergency department, or has ended.
    pub(crate) fn check_open(&self) -> Result<(), Failure> {
        if text_at(&self.encounter.body, "/class/code") != Some("EMER") {
            return Err(unfit("the encounter is not one of an emergency department"));
        }
        if OPEN.contains(&self.status()) {
            return Ok(());
        }
        if self.status() == "planned" {
            return Err(conflict("the patient is on the way: `$arrive` them once they are here"));
        }
        Err(conflict("the attendance has ended"))
    }

    /// When they came: as the Encounter says, and never later than it was stored.
    pub(crate) fn arrived(&self) -> Option<LogTime> {
        let said = text_at(&self.encounter.body, "/period/start").and_then(instant);
        said.map(|said| said.min(self.encounter.last_updated))
    }

    /// The ticket that a kiosk gave.
    pub(crate) fn ticket(&self) -> Option<&'a str> {
        let mut all = items(&self.encounter.body, "identifier");
        let own = all.find(|one| text_at(one, "/system") == Some(TICKET))?;
        text_at(own, "/value")
    }

    /// Its scores in the order of time.
    pub(crate) fn scores(&self) -> Vec<StoredScore<'a>> {
        self.observations.iter().filter_map(|one| observed::score(one)).collect()
    }

    /// The scale of oxygen saturation that is switched to, and whether that is known. It is not
    /// where somebody was assessed and the asker sees no score that says it: there may be none, or
    /// one that does not exist for them, and both are told in the same way.
    pub(crate) fn scale(&self) -> (u32, bool) {
        let stated = self.scores().into_iter().rev().find(|score| !score.assumed);
        stated.map_or_else(|| (1, !self.is_assessed()), |last| (last.scale, true))
    }

    /// Whether anything that the asker sees tells of an assessment.
    fn is_assessed(&self) -> bool {
        let observed = |one: &&Found| is_coded(one, OBSERVATION) || observed::score(one).is_some();
        self.status() != "arrived"
            || self.encounter.body.get("priority").is_some()
            || self.observations.iter().copied().any(|one| observed(&one))
    }

    /// Open tasks of what is due.
    pub(crate) fn open_tasks(&self) -> impl Iterator<Item = &'a Found> {
        self.tasks.iter().copied().filter(|task| {
            let status = text_at(&task.body, "/status").unwrap_or_default();
            AWAITED.contains(&status) && is_coded(task, TASK)
        })
    }

    /// Bed requests that are open.
    pub(crate) fn bed_requests(&self) -> impl Iterator<Item = &'a Found> {
        self.requests.iter().copied().filter(|request| {
            text_at(&request.body, "/status") == Some("active") && is_coded(request, REQUEST)
        })
    }

    /// Codes of the flags in force.
    pub(crate) fn active_flags(&self) -> Vec<&'a str> {
        let active = |flag: &&&'a Found| text_at(&flag.body, "/status") == Some("active");
        let code = |flag: &&'a Found| {
            let codes = flag.body.get("code").map(codings)?;
            codes.into_iter().find(|(of, _)| *of == crate::codes::FLAG).map(|(_, code)| code)
        };
        let mut flags: Vec<&str> = self.flags.iter().filter(active).filter_map(code).collect();
        flags.sort_unstable();
        flags.dedup();
        flags
    }

    /// Whether an acuity was given that the asker does not see: the Encounter states one.
    pub(crate) fn hides_acuity(&self, attendance: &Attendance, library: &Library) -> bool {
        attendance.acuity().is_none() && self.states_acuity(library)
    }

    /// Whether the Encounter states an acuity that nobody has taken back. Another client may keep a
    /// priority of its own there, which is none.
    pub(crate) fn states_acuity(&self, library: &Library) -> bool {
        !self.withdrawn && stated(&self.encounter.body, library).is_some()
    }

    /// Whether an acuity is dated before the arrival: one of the two is wrong.
    pub(crate) fn is_older_than_arrival(&self, library: &Library) -> bool {
        let before = |one: &&Found| Some(observed::at(one)) < self.arrived();
        let stated = |one: &&Found| observed::acuity(one, library).is_some();
        self.observations.iter().copied().any(|one| stated(&one) && before(&one))
    }

    /// The attendance by the rules of care; `None` if it does not say when it began.
    pub(crate) fn attendance(&self, library: &Library) -> Option<Attendance> {
        self.attendance_with(library, Vec::new())
    }

    /// The attendance as it is once these have happened too.
    pub(crate) fn attendance_with(
        &self,
        library: &Library,
        more: Vec<(LogTime, Event)>,
    ) -> Option<Attendance> {
        let arrived = self.arrived()?;
        let scores = self.scores();
        let mut events: Vec<(LogTime, Event)> = Vec::new();
        for one in &self.observations {
            let Some(acuity) = observed::acuity(one, library) else { continue };
            // An acuity that seems older than the arrival (clocks differ, and a registration may come
            // late) was given to who was there.
            let at = observed::at(one).max(arrived);
            let said = observed::said(one);
            let with = scores.iter().rev().find(|score| observed::said(score.found) == said);
            let with = with.and_then(|score| score.again(self, library));
            let level =
                with.as_ref().and_then(|(scheme, score, _)| scheme.levels.get(score.level?));
            let complete =
                with.as_ref().is_some_and(|(_, score, _)| score.total.complete().is_some());
            let assessment = Assessment::of(at, acuity, level, complete);
            events.push((at, Event::Assessed(assessment)));
        }
        events.extend(more);
        // Whoever begins with `$assess` gives an acuity, and it stands in `priority`: without both,
        // nobody says that somebody was looked at.
        let seen = !events.is_empty() || self.states_acuity(library);
        if self.status() == "in-progress" && seen {
            let last = items(&self.encounter.body, "statusHistory").last();
            let since = last.and_then(|last| text_at(last, "/period/end")).and_then(instant);
            let seen = events.last().map_or(arrived, |(at, _)| *at);
            let since = since.unwrap_or(seen).min(self.encounter.last_updated).max(arrived);
            events.push((since, Event::Started(since)));
        }
        events.sort_by_key(|(at, _)| *at);
        let mut attendance = Attendance::arrived(arrived);
        for (_, event) in events {
            attendance = attendance.clone().then(event).unwrap_or(attendance);
        }
        let reviews = self.tasks.iter().filter(|task| is_review(task));
        Some(reviews.fold(attendance, |own, task| own.reviewed(done_at(task))))
    }
}

/// Whether a Task says that somebody reviewed: completed, and not the call that it is overdue.
fn is_review(task: &Found) -> bool {
    let codes = task.body.get("code").map(codings).unwrap_or_default();
    codes.contains(&(TASK, What::Review.code()))
        && text_at(&task.body, "/status") == Some("completed")
        && text_at(&task.body, "/businessStatus/coding/0/code") != Some("escalated")
}

/// When a Task was done: what it says of that, and never later than it was stored, so that nothing
/// that is written into it afterwards is a review of what came meanwhile.
fn done_at(task: &Found) -> LogTime {
    let said = ["/executionPeriod/end", "/lastModified"];
    let said = said.iter().filter_map(|at| text_at(&task.body, at).and_then(instant));
    said.fold(task.last_updated, LogTime::min)
}

/// Whether a resource is coded in the system.
fn is_coded(found: &Found, system: &str) -> bool {
    let codes = found.body.get("code").map(codings).unwrap_or_default();
    codes.into_iter().any(|(of, _)| of == system)
}
