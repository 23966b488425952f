//! How many streams there are, whose they are, and their common end.

use std::collections::HashMap;
use std::sync::Arc;

use accord_base::Subject;
use accord_engine::Category;
use accord_fhir::IssueCode;
use hyper::StatusCode;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::refusal::{Checked, Refusal};

/// The streams under way.
pub(crate) struct Streams {
    by_person: Mutex<HashMap<String, usize>>,
    stop: watch::Sender<bool>,
}

/// The place of one stream; free again when dropped.
pub(crate) struct Slot {
    streams: Arc<Streams>,
    person: String,
}

impl Streams {
    pub fn new() -> Arc<Streams> {
        Arc::new(Streams { by_person: Mutex::default(), stop: watch::Sender::new(false) })
    }

    /// A place for one more: `most` in all, `most_each` of one person.
    ///
    /// # Errors
    /// 429 for who has too many, 503 if all have too many.
    pub fn enter(
        self: &Arc<Streams>,
        subject: &Subject,
        (most, most_each): (usize, usize),
    ) -> Checked<Slot> {
        let mut by_person = self.by_person.lock();
        let person = subject.reference();
        let own = by_person.get(&person).copied().unwrap_or_default();
        if own >= most_each {
            let text = "too many streams of one person; end one first";
            let refusal = Refusal::new(Category::Busy, IssueCode::Throttled, text);
            return Err(Refusal { status: StatusCode::TOO_MANY_REQUESTS, ..refusal });
        }
        if *self.stop.borrow() || by_person.values().sum::<usize>() >= most {
            let text = "the server has no room for another stream; try again";
            return Err(Refusal::new(Category::Busy, IssueCode::Throttled, text));
        }
        by_person.insert(person.clone(), own + 1);
        Ok(Slot { streams: Arc::clone(self), person })
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.by_person.lock().values().map(|count| *count as u64).sum()
    }

    /// Ends all of them, and lets none begin.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }
}

impl Slot {
    /// Resolves when all streams end.
    pub async fn stopped(&self) {
        let mut stop = self.streams.stop.subscribe();
        let _ = stop.wait_for(|stop| *stop).await;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut by_person = self.streams.by_person.lock();
        if let Some(own) = by_person.get_mut(&self.person) {
            *own -= 1;
            if *own == 0 {
                by_person.remove(&self.person);
            }
        }
    }
}
