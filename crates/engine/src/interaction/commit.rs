//! After the commit: the answers to what was written, and the reads of the same Bundle.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::allowance::Allowance;
use super::meta::told;
use crate::prepare::{Act, EntryRequest, ParsedBundle, Prepared};
use crate::writer::Written;
use crate::{Answer, Engine, Failure, Interaction, Outcome, Request};

impl Engine {
    /// The answer to a request whose writes are durable.
    pub(crate) fn committed(
        self: &Arc<Engine>,
        request: &Request,
        prepared: &Prepared,
        written: &[Written],
    ) -> Outcome {
        self.alert(prepared, written);
        self.suspect(request, prepared, written);
        let Interaction::Bundle { body, .. } = &request.interaction else {
            let (Some(write), Some(written)) = (prepared.writes.first(), written.first()) else {
                return Ok(Answer::Deleted { version: None });
            };
            let outcome = self.answer(request, write, written);
            let Interaction::Patch(patch) = &request.interaction else { return outcome };
            return match outcome? {
                Answer::Updated(version) if patch.format.of_meta().is_some() => told(&version),
                other => Ok(other),
            };
        };
        let bundle = ParsedBundle::parse(body)?;
        let count = bundle.plan()?.entries.len();
        let mut answers: Vec<Option<Outcome>> = vec![None; count];
        let mut allowance = Allowance::new(self.answer_limits);
        let order = prepared.entries.iter().flatten();
        for ((write, written), at) in prepared.writes.iter().zip(written).zip(order) {
            if let Some(place) = answers.get_mut(*at) {
                *place = Some(allowance.keep(self.answer(request, write, written)));
            }
        }
        for (at, of) in &prepared.repeats {
            let same = answers.get(*of).cloned().flatten();
            if let Some(place) = answers.get_mut(*at) {
                *place = same.map(|outcome| allowance.keep(repeated(outcome)));
            }
        }
        let entries = self.reads_of(request, &bundle, answers, &mut allowance)?;
        Ok(Answer::Bundle { transaction: true, entries })
    }

    /// Tells the operator that someone took access: for which organisation, and whether in an
    /// emergency. Who and to whom is in the claim, for those who review it.
    pub(crate) fn alert(&self, prepared: &Prepared, written: &[Written]) {
        for (write, written) in prepared.writes.iter().zip(written) {
            let Act::Store { content, .. } = &write.act else { continue };
            if content.facts.claims.is_empty() || written.version > 1 {
                continue;
            }
            self.state.claims.fetch_add(1, Ordering::Relaxed);
            let organization = content.policy.controller.id();
            tracing::warn!(organization, "access to a patient was claimed");
        }
    }

    /// Answers the reads of a Bundle where nothing else was answered.
    fn reads_of(
        self: &Arc<Engine>,
        request: &Request,
        bundle: &ParsedBundle,
        answers: Vec<Option<Outcome>>,
        allowance: &mut Allowance,
    ) -> Result<Vec<Outcome>, Failure> {
        let plan = bundle.plan()?;
        let read = |(entry, answer): (_, Option<Outcome>)| match (answer, entry) {
            (Some(answer), _) => answer,
            (None, Ok(crate::prepare::Entry { request: EntryRequest::Get(url), .. })) => {
                Interaction::get(&url).and_then(|get| self.get(request, get, allowance))
            }
            (None, Err(failure)) => Err(failure),
            (None, Ok(_)) => Ok(Answer::Deleted { version: None }),
        };
        Ok(plan.entries.into_iter().zip(answers).map(read).collect())
    }
}

/// A conditional create that repeats an earlier one of the same transaction finds its resource.
fn repeated(outcome: Outcome) -> Outcome {
    outcome.map(|answer| match answer {
        Answer::Created(version) | Answer::Updated(version) => Answer::Existing(version),
        other => other,
    })
}
