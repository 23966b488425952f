//! Flags: how those of an attendance end, and those of the record that stand beside them on the
//! board.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use accord_base::LogTime;
use accord_care::{FlagKind, Flags};
use accord_engine::Failure;
use accord_fhir::DateRange;
use serde_json::Value;

use crate::Context;
use crate::attended::Attended;
use crate::codes::FLAG;
use crate::entries::{put, set};
use crate::input::{codings, instant, items, text_at};
use crate::observed::AHEAD_US;
use crate::report::Report;
use crate::store::{AT_ONCE, Found};
use crate::written::end;

/// Flags of the record in force that the asker sees, by the patients of attendances.
#[derive(Default)]
pub(crate) struct OfRecord(HashMap<String, Vec<Rc<Found>>>);

impl OfRecord {
    /// The flags of everybody whose Encounter is among these, in one search for a hundred patients.
    pub(crate) fn of(context: &Context<'_>, here: &[&[Found]]) -> Result<OfRecord, Failure> {
        if !context.is_clinical() {
            return Ok(OfRecord::default());
        }
        let names = Names::of(here);
        let mut found: HashMap<String, Found> = HashMap::new();
        for some in names.patients.chunks(AT_ONCE) {
            let flags = context.store.search("Flag", &[("patient", &some.join(","))])?;
            found.extend(flags.into_iter().map(|flag| (flag.reference(), flag)));
        }
        let mut all = OfRecord::default();
        let mut unplaced = false;
        for flag in found.into_values().filter(|flag| in_force(flag, context.now())) {
            unplaced |= !all.add(flag, &names);
        }
        // Records that were merged twice know each other by two steps: whose flag it is, a search
        // for one patient tells.
        for patient in names.linked.iter().filter(|_| unplaced) {
            let flags = context.store.search("Flag", &[("patient", patient)])?;
            let flags = flags.into_iter().filter(|flag| in_force(flag, context.now()));
            all.0.insert(patient.clone(), flags.map(Rc::new).collect());
        }
        Ok(all)
    }

    /// Whether anybody among those who are there goes by the name in the flag: they have it then.
    fn add(&mut self, flag: Found, names: &Names) -> bool {
        let subject = text_at(&flag.body, "/subject/reference").map(patient).unwrap_or_default();
        let Some(people) = names.people.get(subject) else { return false };
        let flag = Rc::new(flag);
        for one in people {
            self.0.entry(one.clone()).or_default().push(Rc::clone(&flag));
        }
        true
    }

    /// Adds to a row what the record says beside the attendance's own flags: each kind and text
    /// once, however many flags state it.
    pub(crate) fn tell(&self, attended: &Attended<'_>, kinds: &Flags, row: &mut Report) {
        let subject = text_at(&attended.encounter.body, "/subject/reference").map(patient);
        let flags = subject.and_then(|subject| self.0.get(subject)).into_iter().flatten();
        let own = attended.encounter.reference();
        let mut all: Vec<Told<'_>> = flags.filter_map(|flag| Told::of(flag, &own, kinds)).collect();
        all.sort_by(|a, b| a.order().cmp(&b.order()));
        for same in all.chunk_by(|a, b| a.is_like(b)) {
            row.parts("record-flag", parts(same));
        }
    }
}

/// By which names the patients of attendances are called: a record that was merged has several.
#[derive(Default)]
struct Names {
    patients: Vec<String>,
    people: HashMap<String, Vec<String>>,
    linked: Vec<String>,
}

impl Names {
    fn of(here: &[&[Found]]) -> Names {
        let (mut names, mut seen) = (Names::default(), HashSet::new());
        let all = || here.iter().copied().flatten();
        let bodies: HashMap<String, &Value> = all()
            .filter(|one| one.resource_type == "Patient")
            .map(|one| (one.reference(), &one.body))
            .collect();
        let subjects = all().filter(|one| one.resource_type == "Encounter");
        let subjects = subjects.filter_map(|one| text_at(&one.body, "/subject/reference"));
        for own in subjects.map(patient).filter(|own| own.starts_with("Patient/")) {
            if !seen.insert(own.to_owned()) {
                continue;
            }
            names.patients.push(own.to_owned());
            let merged = bodies.get(own).map(|body| merged(body)).unwrap_or_default();
            if !merged.is_empty() {
                names.linked.push(own.to_owned());
            }
            for name in std::iter::once(own).chain(merged) {
                names.people.entry(name.to_owned()).or_default().push(own.to_owned());
            }
        }
        names
    }
}

/// The other names of a patient whose record was merged.
fn merged(body: &Value) -> Vec<&str> {
    let links = items(body, "link");
    let same = |link: &&Value| matches!(text_at(link, "/type"), Some("replaces" | "replaced-by"));
    links.filter(same).filter_map(|link| text_at(link, "/other/reference")).map(patient).collect()
}

/// A reference without the server it may name and without a version.
fn patient(reference: &str) -> &str {
    let reference = reference.split("/_history").next().unwrap_or(reference);
    reference.rfind("Patient/").and_then(|at| reference.get(at..)).unwrap_or(reference)
}

/// Whether a flag is active and its period holds. It says until which day, and holds on that day.
fn in_force(flag: &Found, now: LogTime) -> bool {
    let began = text_at(&flag.body, "/period/start").and_then(instant);
    let ended = text_at(&flag.body, "/period/end").and_then(DateRange::parse);
    let now_us = i64::try_from(now.0).unwrap_or(i64::MAX);
    text_at(&flag.body, "/status") == Some("active")
        && began.is_none_or(|began| began <= now.plus_us(AHEAD_US))
        && ended.is_none_or(|ended| ended.high > now_us)
}

/// The kind that a flag of ours states.
fn own_kind<'k>(flag: &Found, kinds: &'k Flags) -> Option<&'k FlagKind> {
    let codes = flag.body.get("code").map(codings).unwrap_or_default();
    codes.into_iter().filter(|(system, _)| *system == FLAG).find_map(|(_, code)| kinds.kind(code))
}

/// A flag of the record as a row tells it.
struct Told<'a> {
    flag: &'a Found,
    kind: Option<&'a FlagKind>,
    text: &'a str,
    categories: Vec<&'a str>,
}

impl<'a> Told<'a> {
    /// `None` for what the row tells as a flag of its attendance, and for what was judged for
    /// another attendance alone.
    fn of(flag: &'a Found, attendance: &str, kinds: &'a Flags) -> Option<Told<'a>> {
        let own = own_kind(flag, kinds);
        let judged_at = text_at(&flag.body, "/encounter/reference");
        if let (Some(kind), Some(encounter)) = (own, judged_at)
            && (encounter == attendance || kind.ends_with_attendance)
        {
            return None;
        }
        let coded = |concept: &Value| {
            codings(concept).into_iter().find_map(|(system, code)| kinds.coded(system, code))
        };
        let code = flag.body.get("code");
        let kind = own.or_else(|| code.and_then(coded));
        let kind = kind.or_else(|| items(&flag.body, "category").find_map(coded));
        let text = code.and_then(shown).unwrap_or("a flag without words");
        let categories = items(&flag.body, "category").filter_map(shown).collect();
        Some(Told { flag, kind, text, categories })
    }

    /// Known kinds first.
    fn order(&self) -> (bool, Option<&str>, &str, &[&str], &str) {
        let kind = self.kind.map(|kind| kind.id.as_str());
        (kind.is_none(), kind, self.text, &self.categories, self.flag.id.as_str())
    }

    fn is_like(&self, other: &Told<'_>) -> bool {
        (self.kind, self.text, &self.categories) == (other.kind, other.text, &other.categories)
    }
}

/// Flags that say the same.
fn parts(same: &[Told<'_>]) -> Report {
    let mut parts = Report::default();
    let Some(first) = same.first() else { return parts };
    if let Some(kind) = first.kind {
        parts.code("code", &kind.id);
    }
    parts.text("text", first.text);
    for category in &first.categories {
        parts.text("category", category);
    }
    let starts = same.iter().filter_map(|one| text_at(&one.flag.body, "/period/start"));
    if let Some(since) = starts.min_by_key(|start| instant(start)) {
        parts.put("since", "valueDateTime", since);
    }
    for one in same {
        parts.reference("flag", &one.flag.reference());
    }
    parts
}

/// What people call something coded.
fn shown(concept: &Value) -> Option<&str> {
    let coding = |name: &str| {
        items(concept, "coding").find_map(|coding| coding.get(name).and_then(Value::as_str))
    };
    text_at(concept, "/text").or_else(|| coding("display")).or_else(|| coding("code"))
}

/// Ends the flags that were judged for an attendance that is over; those that hold of the person
/// stay. Of an attendance that never was, every flag was entered in error.
pub(crate) fn close(
    attended: &Attended<'_>,
    kinds: &Flags,
    (in_error, now): (bool, LogTime),
    entries: &mut Vec<Value>,
) {
    for flag in &attended.flags {
        let Some(kind) = own_kind(flag, kinds) else { continue };
        let mut closed = flag.body.clone();
        match text_at(&flag.body, "/status") {
            Some("entered-in-error") => continue,
            _ if in_error => set(&mut closed, "status", "entered-in-error".into()),
            Some("active") if kind.ends_with_attendance => {
                set(&mut closed, "status", "inactive".into());
                end(&mut closed, now);
            }
            _ => continue,
        }
        put(entries, flag, closed, flag.version);
    }
}
