//! What is asked about: patients of whom the clinician sees everything.

use std::io;
use std::sync::Arc;

use accord_base::{Principal, Purpose, ResourceId, Role, Subject};
use accord_engine::{Answer, Interaction, Page};
use accord_spec::ResourceType;

use super::Bench;

/// Patients looked for.
const PATIENTS: usize = 200;

/// A question by its number in the sequence of turns.
type Make<'a> = Box<dyn Fn(usize) -> Interaction + 'a>;

/// Patients and observations that both askers see whole.
pub(crate) struct Sample {
    pub patients: Vec<ResourceId>,
    pub observations: Vec<ResourceId>,
}

/// A clinician of one of the hospitals of the synthetic population.
pub fn clinician() -> io::Result<Subject> {
    let id = |text| ResourceId::new(text).map_err(io::Error::other);
    Ok(Subject {
        principal: Principal::Practitioner(id("dr-alder")?),
        role: Role::Clinician,
        organization: Some(id("northgate-hospital")?),
        purpose: Purpose::Treat,
        token_id: "bench".to_owned(),
        test: true,
        grant: None,
    })
}

/// A search with these parameters.
fn search(resource_type: ResourceType, params: &[(&str, &str)]) -> Interaction {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Interaction::Search {
        resource_type: Some(resource_type),
        params: params.iter().map(owned).collect(),
        raw: String::new(),
        lenient: false,
    }
}

fn observations_of(patient: &ResourceId, more: &[(&str, &str)]) -> Interaction {
    let subject = format!("Patient/{patient}");
    let params: Vec<_> = [("subject", subject.as_str())].iter().chain(more).copied().collect();
    search(ResourceType::OBSERVATION, &params)
}

impl Sample {
    /// Looks for patients whose observations the clinician sees all of.
    pub(crate) fn take(bench: &Bench, system: &Arc<Subject>) -> io::Result<Sample> {
        let (mut patients, mut observations) = (Vec::new(), Vec::new());
        let listed = search(ResourceType::PATIENT, &[("_count", "1000")]);
        for patient in page(bench.ask(&bench.clinician, listed)?)?.entries {
            let counted = observations_of(&patient.id, &[("_summary", "count")]);
            let seen = page(bench.ask(&bench.clinician, counted.clone())?)?.total;
            if seen < Some(10) || seen != page(bench.ask(system, counted)?)?.total {
                continue;
            }
            let some = bench.ask(system, observations_of(&patient.id, &[("_count", "5")]))?;
            observations.extend(page(some)?.entries.into_iter().map(|version| version.id));
            patients.push(patient.id);
            if patients.len() == PATIENTS {
                break;
            }
        }
        if patients.is_empty() {
            return Err(io::Error::other("there is no patient whom the clinician sees whole"));
        }
        Ok(Sample { patients, observations })
    }

    /// The questions with their names.
    pub fn questions(&self) -> Vec<(&'static str, Make<'_>)> {
        let patient = |turn: usize| self.patients.get(turn % self.patients.len());
        let about = move |turn, more: &[(&str, &str)]| {
            patient(turn).map_or_else(nothing, |patient| observations_of(patient, more))
        };
        vec![
            ("read by id", Box::new(|turn| self.read(turn))),
            ("page of 10, by patient", Box::new(move |turn| about(turn, &[("_count", "10")]))),
            (
                "page of 10, patient and code",
                Box::new(move |turn| about(turn, &[("code", HEART_RATE), ("_count", "10")])),
            ),
            (
                "page of 10, by code alone",
                Box::new(|_| {
                    search(ResourceType::OBSERVATION, &[("code", HEART_RATE), ("_count", "10")])
                }),
            ),
            ("count, by patient", Box::new(move |turn| about(turn, &[("_summary", "count")]))),
            (
                "count, by code alone",
                Box::new(|_| {
                    search(
                        ResourceType::OBSERVATION,
                        &[("code", HEART_RATE), ("_summary", "count")],
                    )
                }),
            ),
            ("count of all observations", Box::new(|_| count_all())),
        ]
    }

    /// Requests over HTTP with their names.
    pub fn paths(&self) -> [(&'static str, Vec<String>); 4] {
        let reads = self.observations.iter().map(|id| format!("/fhir/Observation/{id}"));
        let about = |more: &str| -> Vec<String> {
            let patients = self.patients.iter();
            patients.map(|p| format!("/fhir/Observation?subject=Patient/{p}&{more}")).collect()
        };
        [
            ("read by id", reads.collect()),
            ("page of 10, by patient", about("_count=10")),
            ("page of 10, patient and code", about("code=http://loinc.org|8867-4&_count=10")),
            ("count, by patient", about("_summary=count")),
        ]
    }

    fn read(&self, turn: usize) -> Interaction {
        let id = self.observations.get(turn % self.observations.len().max(1));
        id.map_or_else(nothing, |id| Interaction::Read {
            resource_type: ResourceType::OBSERVATION,
            id: id.clone(),
            if_none_match: None,
            if_modified_since: None,
        })
    }
}

/// A count of everything there is.
pub(super) fn count_all() -> Interaction {
    search(ResourceType::OBSERVATION, &[("_summary", "count")])
}

/// Patients from all over the store.
pub(super) fn some_patients(bench: &Bench, system: &Arc<Subject>) -> io::Result<Vec<ResourceId>> {
    let patients = search(ResourceType::PATIENT, &[("_count", "1000")]);
    Ok(page(bench.ask(system, patients)?)?.entries.into_iter().map(|version| version.id).collect())
}

/// Observations from all over the store.
pub(super) fn some_observations(
    bench: &Bench,
    system: &Arc<Subject>,
) -> io::Result<Vec<ResourceId>> {
    let mut ids = Vec::new();
    for patient in some_patients(bench, system)? {
        let some = bench.ask(system, observations_of(&patient, &[("_count", "2")]))?;
        ids.extend(page(some)?.entries.into_iter().map(|version| version.id));
    }
    Ok(ids)
}

/// LOINC, heart rate: the code of many observations.
const HEART_RATE: &str = "http://loinc.org|8867-4";

/// A question that is never asked: samples are not empty.
fn nothing() -> Interaction {
    search(ResourceType::OBSERVATION, &[("_count", "0")])
}

/// The page that answers a search.
pub(crate) fn page(answer: Answer) -> io::Result<Page> {
    match answer {
        Answer::Page(page) => Ok(page),
        _ => Err(io::Error::other("a search is answered with a page")),
    }
}
