//! The searches that are measured, each with what it is held to.

use std::io;

use accord_engine::Interaction;

use crate::cost::Bench;
use crate::cost::sample::{Sample, page};

/// LOINC, heart rate: the code of many observations.
const HEART_RATE: &str = "http://loinc.org|8867-4";
/// How many resources refer to a patient whose page brings some twenty.
const SOME_TWENTY: std::ops::RangeInclusive<u64> = 18..=22;

/// What a search is held to: the median inside the engine in µs, answers a second over HTTP.
type Aims = (Option<u32>, Option<u32>);

/// One search, on one resource after the other.
pub(super) struct Question {
    /// As it is printed.
    pub name: &'static str,
    /// What is asked, below the base.
    pub urls: Vec<String>,
    /// The median it may take inside the engine, in µs; `None` if that is not measured.
    pub engine_aim_us: Option<u32>,
    /// Answers a second that are wanted over HTTP at 16 connections; `None` if not measured.
    pub http_aim: Option<u32>,
}

/// All of them.
pub(super) fn questions(bench: &Bench, sample: &Sample) -> io::Result<Vec<Question>> {
    let numbers = identifiers(bench, sample)?;
    let twenty = some_twenty(bench, sample)?;
    let each = |make: &dyn Fn(&str) -> String| -> Vec<String> {
        sample.patients.iter().map(|id| make(id.as_str())).collect()
    };
    let numbered = |make: &dyn Fn(&str) -> String| -> Vec<String> {
        numbers.iter().map(|number| make(number)).collect()
    };
    let observations: Vec<&str> = sample.observations.iter().map(|id| id.as_str()).collect();
    let engine = |aim: u32| (Some(aim), None);
    let http = |engine: u32, http: u32| (Some(engine), Some(http));
    let all: Vec<(&'static str, Vec<String>, Aims)> = vec![
        (
            "read by id",
            observations.iter().map(|id| format!("Observation/{id}")).collect(),
            (None, Some(0)),
        ),
        (
            "page by identifier",
            numbered(&|n| format!("Patient?identifier={n}&_count=10")),
            http(100, 30_000),
        ),
        (
            "page by two clauses: patient, code",
            each(&|id| format!("Observation?subject=Patient/{id}&code={HEART_RATE}&_count=10")),
            engine(100),
        ),
        (
            "page by two clauses: code, status",
            vec![format!("Observation?code={HEART_RATE}&status=final&_count=10")],
            engine(100),
        ),
        (
            "the same, no total",
            vec![format!("Observation?code={HEART_RATE}&status=final&_count=10&_total=none")],
            engine(100),
        ),
        (
            "count of three sets",
            vec![format!(
                "Observation?code={HEART_RATE}&status=final&category=vital-signs&_summary=count"
            )],
            engine(150),
        ),
        (
            "chain: subject's identifier",
            numbered(&|n| format!("Observation?subject:Patient.identifier={n}&_count=10")),
            http(1000, 5_000),
        ),
        (
            "chain: half the patients",
            vec![format!("Observation?subject:Patient.gender=male&code={HEART_RATE}&_count=10")],
            engine(1000),
        ),
        (
            "_has: one observation",
            observations
                .iter()
                .map(|id| format!("Patient?_has:Observation:patient:_id={id}"))
                .collect(),
            engine(1000),
        ),
        (
            "_has: many observations",
            vec![format!("Patient?_has:Observation:patient:code={HEART_RATE}&_count=10")],
            engine(1000),
        ),
        (
            "_revinclude: a patient's observations",
            each(&|id| format!("Patient?_id={id}&_revinclude=Observation:patient")),
            engine(300),
        ),
        ("_revinclude: some 20 resources", twenty, http(300, 5_000)),
        (
            "patient and code, by date",
            each(&|id| {
                format!("Observation?subject=Patient/{id}&code={HEART_RATE}&_sort=-date&_count=10")
            }),
            http(100, 10_000),
        ),
        (
            "sorted by date: all of a category",
            vec!["Observation?category=vital-signs&_sort=-date&_count=10".to_owned()],
            engine(2000),
        ),
    ];
    Ok(all
        .into_iter()
        .map(|(name, urls, (engine_aim_us, http_aim))| Question {
            name,
            urls,
            engine_aim_us,
            http_aim,
        })
        .collect())
}

/// What identifies the patients, as a search has it.
fn identifiers(bench: &Bench, sample: &Sample) -> io::Result<Vec<String>> {
    let mut numbers = Vec::new();
    for id in &sample.patients {
        let found = page(bench.ask(&bench.clinician, get(&format!("Patient?_id={id}"))?)?)?;
        let Some(patient) = found.entries.first() else { continue };
        let patient: serde_json::Value =
            serde_json::from_str(&patient.body).map_err(io::Error::other)?;
        let first = patient.pointer("/identifier/0");
        let text = |name: &str| first.and_then(|i| i.get(name)).and_then(|v| v.as_str());
        if let (Some(system), Some(value)) = (text("system"), text("value")) {
            numbers.push(format!("{system}|{value}"));
        }
    }
    Ok(numbers)
}

/// Patients to whom some twenty resources of a type refer.
fn some_twenty(bench: &Bench, sample: &Sample) -> io::Result<Vec<String>> {
    let mut urls = Vec::new();
    for id in &sample.patients {
        for of in ["Encounter", "Observation", "MedicationRequest", "Condition", "Procedure"] {
            let counted = get(&format!("{of}?patient={id}&_summary=count"))?;
            let total = page(bench.ask(&bench.clinician, counted)?)?.total;
            if total.is_some_and(|total| SOME_TWENTY.contains(&total)) {
                urls.push(format!("Patient?_id={id}&_revinclude={of}:patient"));
            }
        }
    }
    Ok(urls)
}

fn get(url: &str) -> io::Result<Interaction> {
    Interaction::get(url).map_err(|failure| io::Error::other(format!("{:?}", failure.issues)))
}
