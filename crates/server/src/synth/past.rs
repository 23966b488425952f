//! What an emergency department remembers: attendances of the last weeks that ended.

use std::sync::Arc;

use accord_base::{Deadline, ResourceId, Subject};
use accord_engine::{BundleOptions, Engine, Interaction, Request};
use accord_synth::Attendances;

use super::emergency::{Department, fail};
use crate::fail::Fail;

/// Most patients who came in those weeks.
const PATIENTS: u32 = 1_000;

/// Writes so many, of the patients whom reception knows. Those of the demonstration's stories stay
/// as they are told.
pub(super) fn fill(engine: &Arc<Engine>, seed: u64, count: u32) -> Result<(), Fail> {
    let until = engine.now();
    let mut patients = Department { engine, now: until }.patients(PATIENTS)?;
    patients.retain(|id| !id.starts_with("pat-"));
    let made = Attendances { patients: &patients, count, seed, until };
    let subject = Arc::new(Subject::system("synthetic population"));
    for transaction in made.transactions() {
        let body = Arc::from(transaction.body.into_bytes());
        let request = Request {
            subject: Arc::clone(&subject),
            interaction: Interaction::Bundle { body, options: BundleOptions::default() },
            request_id: "synth".to_owned(),
            controller: Some(ResourceId::new(transaction.controller)?),
            deadline: Deadline::NEVER,
        };
        engine.handle_blocking(request).map_err(|failure| fail(&failure))?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use accord_base::SystemClock;
    use accord_engine::Options;
    use accord_synth::Population;
    use indicatif::ProgressBar;

    use super::*;

    #[test]
    fn a_forecast_of_a_demonstration_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("store");
        let until = accord_base::Clock::now(&SystemClock);
        let population = Population { patients: 30, until, ..Population::default() };
        super::super::store(&population, (0, 500), &folder, &ProgressBar::hidden()).ok().unwrap();
        let engine = Engine::open(&folder, &Options::default()).unwrap();
        let told = Department { engine: &engine, now: engine.now() }.forecast().ok().unwrap();
        engine.close();
        let parts = told.pointer("/parameter").unwrap().as_array().unwrap();
        let told: Vec<String> =
            parts.iter().filter(|one| one["name"] == "forecast").map(ToString::to_string).collect();
        assert!(told.len() >= 2, "{parts:?}");
        assert!(told.iter().any(|one| one.contains("\"left-unseen-percent\"")), "{told:?}");
    }
}
