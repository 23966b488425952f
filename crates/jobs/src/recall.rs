//! What was told before, told again to whoever asks (`$events`): as they may see it now.

use std::fmt::Write as _;
use std::sync::Arc;

use accord_base::{Row, Subject};
use accord_engine::{Change, Failure};

use crate::hooks::{Hooks, Known};
use crate::kept::KeptFault;
use crate::notification::{Kind, Notice, Recalled, notification};
use crate::wanted::Content;

/// Events recalled at once.
const MOST_EVENTS: usize = 256;
/// Bytes of their bodies, if more than one go.
const MOST_BYTES: usize = 8 << 20;

/// The number of an event, and its row.
type Event = (u64, Row);

/// Which events are asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Recall {
    /// From this number on; from the oldest that is kept if it is not said.
    pub since: Option<u64>,
    /// Up to this number.
    pub until: Option<u64>,
    /// How much is told of each; as much as the Subscription wants if it is not said.
    pub content: Option<Content>,
}

/// Why events cannot be recalled.
#[derive(Debug, thiserror::Error)]
pub enum RecallFault {
    /// There is no such subscription that is served.
    #[error("there is no such subscription that is served")]
    Missing,
    /// They are no longer known.
    #[error("events before number {0} are no longer known; ask from there on, or load anew")]
    Lost(u64),
    /// The store refuses.
    #[error("the store does not tell")]
    Engine(Failure),
    /// The file of jobs cannot be read.
    #[error(transparent)]
    Kept(#[from] KeptFault),
}

impl Hooks {
    /// Events of a subscription that were told before, as a Bundle: those that `asker` may see now,
    /// under the numbers that they had. `base` is the address of the FHIR interface.
    ///
    /// # Errors
    /// See [`RecallFault`].
    pub fn recall(
        &self,
        id: &str,
        (asker, request_id): (&Arc<Subject>, &str),
        recall: &Recall,
        base: &str,
    ) -> Result<String, RecallFault> {
        let known = self.known.lock().get(id).cloned().ok_or(RecallFault::Missing)?;
        let state = known.state.lock().clone();
        let oldest = self.parts.kept.oldest(id)?.unwrap_or(state.number + 1);
        let since = recall.since.unwrap_or(oldest).max(1);
        if since < oldest {
            return Err(RecallFault::Lost(oldest));
        }
        let until = recall.until.unwrap_or(u64::MAX);
        let mut events = self.parts.kept.events(id, (since, until), MOST_EVENTS + 1)?;
        let mut next = (events.len() > MOST_EVENTS).then(|| events.pop()).flatten();
        let content = recall.content.unwrap_or(known.wanted.content);
        let full = content == Content::Full;
        let (changes, left) = self.reread(&known, (asker, request_id), (&events, full))?;
        next = left.or(next);
        let number = |row: Row| events.iter().find(|(_, at)| *at == row).map(|(number, _)| *number);
        let numbers: Vec<u64> = changes.iter().filter_map(|change| number(change.row)).collect();
        let link = next.map(|(number, _)| link(base, id, number, recall));
        Ok(notification(&Notice {
            kind: Kind::Recall,
            base,
            subscription: &format!("Subscription/{id}"),
            topic: Some(&known.wanted.topic),
            status: state.status.code(),
            error: None,
            before: state.number,
            changes: &changes,
            content,
            again: false,
            at: self.parts.clock.now(),
            state: None,
            recalled: Some(Recalled { numbers: &numbers, next: link.as_deref() }),
        }))
    }

    /// Versions at the rows of events, as somebody may see them now; and the first event that there
    /// was no room for.
    fn reread(
        &self,
        known: &Known,
        (asker, request_id): (&Arc<Subject>, &str),
        (events, bodies): (&[Event], bool),
    ) -> Result<(Vec<Change>, Option<Event>), RecallFault> {
        let rows: Arc<[Row]> = events.iter().map(|(_, row)| *row).collect();
        let Some(last) = rows.last().copied() else { return Ok((Vec::new(), None)) };
        let (mut all, mut bytes, mut from) = (Vec::new(), 0, rows.first().copied());
        while let Some(row) = from {
            if bytes >= MOST_BYTES {
                return Ok((all, events.iter().find(|(_, at)| *at >= row).copied()));
            }
            let mut live = Hooks::live(&known.wanted.criteria, row, bodies);
            (live.upto, live.among) = (Some(last.next()), Some(rows.clone()));
            let changes = self.ask(asker, live, request_id).map_err(RecallFault::Engine)?;
            bytes += changes.entries.iter().map(|change| change.version.body.len()).sum::<usize>();
            all.extend(changes.entries);
            // What lies between events need not be looked at.
            let upto = changes.upto.max(row.next());
            from = rows.iter().copied().find(|row| *row >= upto);
        }
        Ok((all, None))
    }
}

/// The address of what follows.
fn link(base: &str, id: &str, number: u64, recall: &Recall) -> String {
    let mut link = format!("{base}/Subscription/{id}/$events?eventsSinceNumber={number}");
    if let Some(until) = recall.until {
        let _ = write!(link, "&eventsUntilNumber={until}");
    }
    if let Some(content) = recall.content {
        let _ = write!(link, "&content={}", content.code());
    }
    link
}
