//! After the commit: the answers to what was written, and the reads of the same Bundle.

use std::sync::Arc;

use crate::interaction::bundle::in_entry;
use crate::prepare::{EntryRequest, ParsedBundle, Prepared};
use crate::start::Started;
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
        let Interaction::Bundle { body, .. } = &request.interaction else {
            let (Some(write), Some(written)) = (prepared.writes.first(), written.first()) else {
                return Ok(Answer::Deleted { version: None });
            };
            return self.answer(write, written);
        };
        let bundle = ParsedBundle::parse(body)?;
        let count = bundle.plan()?.entries.len();
        let mut answers: Vec<Option<Outcome>> = vec![None; count];
        let order = prepared.entries.iter().flatten();
        for ((write, written), at) in prepared.writes.iter().zip(written).zip(order) {
            if let Some(place) = answers.get_mut(*at) {
                *place = Some(self.answer(write, written));
            }
        }
        for (at, of) in &prepared.repeats {
            let same = answers.get(*of).cloned().flatten();
            if let Some(place) = answers.get_mut(*at) {
                *place = same.map(repeated);
            }
        }
        let entries = self.reads_of(request, &bundle, answers)?;
        Ok(Answer::Bundle { transaction: true, entries })
    }

    /// Answers the reads of a Bundle where nothing else was answered.
    fn reads_of(
        self: &Arc<Engine>,
        request: &Request,
        bundle: &ParsedBundle,
        answers: Vec<Option<Outcome>>,
    ) -> Result<Vec<Outcome>, Failure> {
        let plan = bundle.plan()?;
        let read = |(entry, answer): (_, Option<Outcome>)| match (answer, entry) {
            (Some(answer), _) => answer,
            (None, Ok(crate::prepare::Entry { request: EntryRequest::Get(url), .. })) => {
                self.get(request, &url)
            }
            (None, Err(failure)) => Err(failure),
            (None, Ok(_)) => Ok(Answer::Deleted { version: None }),
        };
        Ok(plan.entries.into_iter().zip(answers).map(read).collect())
    }

    /// Answers a `GET` entry as a request of its own.
    fn get(self: &Arc<Engine>, request: &Request, url: &str) -> Outcome {
        let interaction = Interaction::get(url)?;
        self.handle_blocking(Request { interaction, ..request.clone() })
    }

    /// A batch: every entry a request of its own, deletes before creates before updates before
    /// reads. Writes are handed over together, so that they share commits.
    pub(crate) fn batch(self: &Arc<Engine>, request: &Request, bundle: &ParsedBundle) -> Outcome {
        let plan = bundle.plan()?;
        let mut answers: Vec<Option<Outcome>> = Vec::with_capacity(plan.entries.len());
        answers.resize_with(plan.entries.len(), || None);
        for turn in 0..4u8 {
            let mut waiting = Vec::new();
            for (at, entry) in plan.entries.iter().enumerate() {
                let interaction = match entry {
                    Ok(entry) if turn_of(&entry.request) == turn => entry_interaction(entry),
                    Err(failure) if turn == 0 => Err(failure.clone()),
                    _ => continue,
                };
                let started = interaction
                    .map(|interaction| self.start(Request { interaction, ..request.clone() }));
                match started {
                    Ok(Started::Waiting(pending)) => waiting.push((at, pending)),
                    Ok(Started::Done(outcome)) => put(&mut answers, at, outcome),
                    Err(failure) => put(&mut answers, at, Err(failure)),
                }
            }
            for (at, pending) in waiting {
                put(&mut answers, at, pending.wait());
            }
        }
        let entries = answers.into_iter().flatten().collect();
        Ok(Answer::Bundle { transaction: false, entries })
    }
}

fn put(answers: &mut [Option<Outcome>], at: usize, outcome: Outcome) {
    if let Some(place) = answers.get_mut(at) {
        *place = Some(outcome.map_err(|failure| in_entry(failure, at)));
    }
}

/// FHIR R4 §3.1.0.11.2.
fn turn_of(request: &EntryRequest) -> u8 {
    match request {
        EntryRequest::Delete { .. } => 0,
        EntryRequest::Create { .. } => 1,
        EntryRequest::Update { .. } => 2,
        EntryRequest::Get(_) => 3,
    }
}

/// An entry of a batch as an interaction of its own.
fn entry_interaction(entry: &crate::prepare::Entry<'_>) -> Result<Interaction, Failure> {
    let body = || entry.resource.map(|r| Arc::from(r.raw().as_bytes())).unwrap_or_default();
    Ok(match &entry.request {
        EntryRequest::Create { resource_type, if_none_exist } => Interaction::Create {
            resource_type: *resource_type,
            body: body(),
            if_none_exist: if_none_exist.clone(),
        },
        EntryRequest::Update { resource_type, id, if_match } => Interaction::Update {
            resource_type: *resource_type,
            id: id.clone(),
            body: body(),
            if_match: *if_match,
        },
        EntryRequest::Delete { resource_type, id, if_match } => Interaction::Delete {
            resource_type: *resource_type,
            id: id.clone(),
            if_match: *if_match,
        },
        EntryRequest::Get(url) => Interaction::get(url)?,
    })
}

/// A conditional create that repeats an earlier one of the same transaction finds its resource.
fn repeated(outcome: Outcome) -> Outcome {
    outcome.map(|answer| match answer {
        Answer::Created(version) | Answer::Updated(version) => Answer::Existing(version),
        other => other,
    })
}
