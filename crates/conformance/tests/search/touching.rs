//! Writes that go on while queries are asked: new versions of what is there, of which no parameter
//! reads anything but the instant.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use accord_base::{SeededRng, Subject};
use accord_conformance::Store;
use serde_json::{Value, json};

/// Writes behind the queries, as many as they let be made.
pub struct Touching<'s> {
    store: &'s Store,
    documents: Vec<&'s Value>,
    turns: Receiver<()>,
}

impl<'s> Touching<'s> {
    /// A writer of some documents, and what lets it make one more write, in its own time.
    pub fn new(store: &'s Store, documents: Vec<&'s Value>) -> (Touching<'s>, SyncSender<()>) {
        let (more, turns) = sync_channel(16);
        (Touching { store, documents, turns }, more)
    }

    /// Writes until nobody lets it. Gives how often it wrote.
    pub fn run(self) -> u64 {
        let (system, rng) = (Arc::new(Subject::system("touching")), SeededRng::new(3));
        let mut written = 0;
        while self.turns.recv().is_ok() {
            let at = rng.below(self.documents.len() as u64) as usize;
            let mut body = self.documents[at].clone();
            let mut extensions = body["extension"].as_array().cloned().unwrap_or_default();
            extensions.push(json!({"url": "urn:touched", "valueInteger": written}));
            body["extension"] = extensions.into();
            let name = (body["resourceType"].as_str().unwrap(), body["id"].as_str().unwrap());
            let done = self.store.put(&system, name, &body.to_string(), None);
            done.unwrap_or_else(|failure| panic!("{body}: {failure:?}"));
            written += 1;
        }
        written
    }
}
