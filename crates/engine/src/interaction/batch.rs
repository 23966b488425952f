//! Batches: every entry a request of its own.

use std::sync::Arc;

use super::allowance::Allowance;
use super::bundle::in_entry;
use super::late::in_time;
use crate::prepare::{Entry, EntryRequest, ParsedBundle, Plan};
use crate::start::Started;
use crate::{Answer, Engine, Failure, Interaction, Outcome, Patch, Request};

/// The answers of a batch as they come.
struct Answers {
    of_entries: Vec<Option<Outcome>>,
    allowance: Allowance,
}

impl Engine {
    /// A batch: deletes before creates before updates before reads (FHIR R4 §3.1.0.11.2).
    ///
    /// # Errors
    /// The Bundle's own faults; and when nobody waits any more: entries done by then stay done,
    /// the others are not begun.
    pub(crate) fn batch(self: &Arc<Engine>, request: &Request, bundle: &ParsedBundle) -> Outcome {
        let plan = bundle.plan()?;
        let of_entries = plan.entries.iter().map(|entry| entry.as_ref().err().cloned().map(Err));
        let mut answers = Answers {
            of_entries: of_entries.collect(),
            allowance: Allowance::new(self.answer_limits),
        };
        for turn in 0..READS {
            self.write_turn(request, &plan, turn, &mut answers);
            in_time(request)?;
        }
        for (at, entry) in of_turn(&plan, READS) {
            in_time(request)?;
            let interaction = entry_interaction(entry);
            let get = |interaction| self.get(request, interaction, &mut answers.allowance);
            let outcome = interaction.and_then(get);
            answers.put(at, outcome);
        }
        let entries = answers.of_entries.into_iter().flatten();
        let entries = entries.enumerate().map(|(at, o)| o.map_err(|failure| in_entry(failure, at)));
        Ok(Answer::Bundle { transaction: false, entries: entries.collect() })
    }

    /// The writes of one turn, handed over together, so that they share commits. What was handed
    /// over is waited for even if nobody waits here: its outcome is recorded.
    fn write_turn(
        self: &Arc<Engine>,
        request: &Request,
        plan: &Plan<'_>,
        turn: u8,
        answers: &mut Answers,
    ) {
        let mut waiting = Vec::new();
        for (at, entry) in of_turn(plan, turn) {
            if in_time(request).is_err() {
                break;
            }
            let started = entry_interaction(entry)
                .map(|interaction| self.start(Request { interaction, ..request.clone() }));
            match started {
                Ok(Started::Waiting(pending)) => waiting.push((at, pending)),
                Ok(Started::Done(outcome)) => answers.written(at, outcome),
                Err(failure) => answers.put(at, Err(failure)),
            }
        }
        for (at, pending) in waiting {
            answers.written(at, pending.wait());
        }
    }

    /// Answers a `GET` entry of a Bundle as a request of its own, if the Bundle may still ask.
    pub(crate) fn get(
        self: &Arc<Engine>,
        request: &Request,
        interaction: Interaction,
        allowance: &mut Allowance,
    ) -> Outcome {
        let admitted = allowance.admit(&interaction);
        let request = Request { interaction, ..request.clone() };
        match admitted {
            Ok(()) => allowance.charge(self.handle_blocking(request)),
            Err(failure) => self.refuse(&request, failure),
        }
    }
}

impl Answers {
    fn written(&mut self, at: usize, outcome: Outcome) {
        let outcome = self.allowance.keep(outcome);
        self.put(at, outcome);
    }

    fn put(&mut self, at: usize, outcome: Outcome) {
        if let Some(place) = self.of_entries.get_mut(at) {
            *place = Some(outcome);
        }
    }
}

/// The turn of reads, the last.
const READS: u8 = 3;

/// The entries of one turn with their places; entries at fault have none.
fn of_turn<'p, 'a>(plan: &'p Plan<'a>, turn: u8) -> impl Iterator<Item = (usize, &'p Entry<'a>)> {
    let entries = plan.entries.iter().enumerate();
    let good = entries.filter_map(|(at, entry)| entry.as_ref().ok().map(|entry| (at, entry)));
    good.filter(move |(_, entry)| turn_of(&entry.request) == turn)
}

/// FHIR R4 §3.1.0.11.2.
fn turn_of(request: &EntryRequest) -> u8 {
    match request {
        EntryRequest::Delete { .. } | EntryRequest::ConditionalDelete { .. } => 0,
        EntryRequest::Create { .. } => 1,
        EntryRequest::Update { .. }
        | EntryRequest::ConditionalUpdate { .. }
        | EntryRequest::Patch { .. } => 2,
        EntryRequest::Get(_) => READS,
    }
}

/// An entry of a batch as an interaction of its own.
fn entry_interaction(entry: &Entry<'_>) -> Result<Interaction, Failure> {
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
        EntryRequest::ConditionalUpdate { resource_type, condition, if_match } => {
            Interaction::ConditionalUpdate {
                resource_type: *resource_type,
                condition: condition.clone(),
                body: body(),
                if_match: *if_match,
            }
        }
        EntryRequest::ConditionalDelete { resource_type, condition, if_match } => {
            Interaction::ConditionalDelete {
                resource_type: *resource_type,
                condition: condition.clone(),
                if_match: *if_match,
            }
        }
        EntryRequest::Patch { resource_type, of, if_match } => {
            let (format, body) = entry.patch()?;
            let (resource_type, of, if_match) = (*resource_type, of.clone(), *if_match);
            Interaction::Patch(Box::new(Patch { resource_type, of, format, body, if_match }))
        }
        EntryRequest::Get(url) => Interaction::get(url)?,
    })
}
