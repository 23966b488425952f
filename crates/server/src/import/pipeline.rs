//! One thread reads, several prepare, the store's writer commits.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use accord_engine::{Answer, Engine, Outcome, Started};
use parking_lot::Mutex;

use super::report::Report;
use super::source::{Document, Item};
use super::tally::Fate;
use super::unit::{Plan, Unit};

/// Bytes of documents handed over together: enough to share commits among small ones.
const BATCH_BYTES: usize = 256 << 10;
/// Documents handed over together at most.
const BATCH_DOCUMENTS: usize = 200;

/// An import under way.
pub struct Pipeline<'a> {
    /// The store.
    pub engine: &'a Arc<Engine>,
    /// For whom and how.
    pub plan: &'a Plan,
    /// Where it is told what became of the input.
    pub report: &'a Report,
    /// Threads that prepare.
    pub threads: usize,
}

impl Pipeline<'_> {
    /// Takes what `read` gives until it ends.
    pub fn run(&self, read: impl FnOnce(&mut dyn FnMut(Item) -> bool)) {
        let (sender, receiver) = sync_channel::<Vec<Document>>(self.threads);
        let receiver = Mutex::new(receiver);
        thread::scope(|scope| {
            for _ in 0..self.threads {
                scope.spawn(|| self.work(&receiver));
            }
            let mut waiting = Waiting { documents: Vec::new(), bytes: 0, sender };
            read(&mut |item| match item {
                Item::Document(document) => waiting.take(document),
                Item::Fault { name, reason } => {
                    self.report.unreadable(&name, &reason);
                    true
                }
            });
            waiting.send();
        });
    }

    fn work(&self, receiver: &Mutex<Receiver<Vec<Document>>>) {
        loop {
            let next = receiver.lock().recv();
            let Ok(documents) = next else { return };
            self.documents(documents);
        }
    }

    /// Starts every document before waiting for any, so that they share commits.
    fn documents(&self, documents: Vec<Document>) {
        let mut started = Vec::new();
        for Document { name, bytes } in documents {
            match self.plan.units(bytes) {
                Ok(units) => {
                    for Unit { place, types, request } in units {
                        let started_request = self.engine.start(request);
                        started.push((name.clone(), place, types, started_request));
                    }
                }
                Err(failure) => {
                    self.report.refused(&name, &failure);
                    self.report.count([("(document)".to_owned(), Fate::Refused)]);
                }
            }
        }
        for (name, place, types, started) in started {
            let outcome = match started {
                Started::Done(outcome) => outcome,
                Started::Waiting(pending) => pending.wait(),
            };
            self.account(&name, types, outcome.map_err(|failure| place.restore(failure)));
        }
    }

    fn account(&self, name: &str, types: Vec<String>, outcome: Outcome) {
        let all = |fate: Fate| types.iter().cloned().map(move |name| (name, fate));
        match outcome {
            Ok(Answer::Bundle { entries, .. }) => {
                let fates = entries.iter().map(fate);
                self.report.count(types.iter().cloned().zip(fates));
            }
            Ok(_) => self.report.count(all(Fate::Unchanged)),
            Err(failure) => {
                self.report.refused(name, &failure);
                self.report.count(all(Fate::Refused));
            }
        }
    }
}

fn fate(outcome: &Outcome) -> Fate {
    match outcome {
        Ok(Answer::Created(_) | Answer::Updated(_) | Answer::Deleted { version: Some(_) }) => {
            Fate::Stored
        }
        Ok(_) => Fate::Unchanged,
        Err(_) => Fate::Refused,
    }
}

/// Documents that wait to be handed over together.
struct Waiting {
    documents: Vec<Document>,
    bytes: usize,
    sender: SyncSender<Vec<Document>>,
}

impl Waiting {
    fn take(&mut self, document: Document) -> bool {
        self.bytes += document.bytes.len();
        self.documents.push(document);
        if self.bytes < BATCH_BYTES && self.documents.len() < BATCH_DOCUMENTS {
            return true;
        }
        self.send()
    }

    fn send(&mut self) -> bool {
        self.bytes = 0;
        let documents = std::mem::take(&mut self.documents);
        documents.is_empty() || self.sender.send(documents).is_ok()
    }
}
