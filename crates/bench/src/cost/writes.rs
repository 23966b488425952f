//! What a consent costs to write, and what it costs the next answers, beside another write.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Instant;

use accord_base::{Deadline, ResourceId, Subject};
use accord_engine::{Interaction, Request};
use accord_spec::ResourceType;

use super::sample::{Sample, count_all, some_patients};
use super::{Bench, median_us};
use crate::observation::observation_of;

/// Consents and observations written. They stay in the store.
const WRITES: usize = 300;

/// Times writes in turns, and after each the clinician's count of everything they see.
pub(super) fn run(bench: &Bench, sample: &Sample, out: &mut impl Write) -> io::Result<()> {
    let mut times: [Vec<_>; 4] = Default::default();
    let system = Arc::new(Subject::system("benchmark"));
    // Others than those asked about: measured again, the store has as many consents of theirs.
    let mut patients = some_patients(bench, &system)?;
    patients.retain(|patient| !sample.patients.contains(patient));
    for turn in 0..WRITES {
        let Some(patient) = patients.get(turn % patients.len().max(1)) else { break };
        let consent = (ResourceType::CONSENT, consent(patient));
        let other = (ResourceType::OBSERVATION, observation_of(turn as u64, patient));
        for (at, (resource_type, body)) in [consent, other].into_iter().enumerate() {
            let request = Request {
                subject: Arc::clone(&system),
                interaction: Interaction::Create {
                    resource_type,
                    body: Arc::from(body.into_bytes()),
                    if_none_exist: None,
                },
                request_id: "bench".to_owned(),
                controller: bench.clinician.organization.clone(),
                deadline: Deadline::NEVER,
            };
            let begun = Instant::now();
            let written = bench.engine.handle_blocking(request);
            let write = begun.elapsed();
            written.map_err(|failure| io::Error::other(format!("{:?}", failure.issues)))?;
            let count = bench.time(&bench.clinician, &count_all())?;
            let [consents, after_consents, others, after_others] = &mut times;
            let (writes, counts) =
                if at == 0 { (consents, after_consents) } else { (others, after_others) };
            writes.push(write);
            counts.push(count);
        }
    }
    let [consents, after_consents, others, after_others] = times.map(median_us);
    writeln!(out, "a consent, durable: {consents:.0} µs; an observation: {others:.0} µs")?;
    writeln!(
        out,
        "count of all observations after a consent: {after_consents:.0} µs; after an observation: {after_others:.0} µs"
    )
}

/// A consent that denies one practitioner, of the size of an observation.
fn consent(patient: &ResourceId) -> String {
    format!(
        r#"{{"resourceType":"Consent","status":"active","scope":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}}]}},"category":[{{"coding":[{{"system":"http://loinc.org","code":"59284-0"}}]}}],"patient":{{"reference":"Patient/{patient}"}},"dateTime":"2026-10-01","performer":[{{"reference":"Patient/{patient}"}}],"policyRule":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTIN"}}]}},"provision":{{"type":"deny","actor":[{{"role":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"PRCP"}}]}},"reference":{{"reference":"Practitioner/bench-nobody"}}}}]}}}}"#
    )
}
