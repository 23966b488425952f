//! What a subscription tells as its writer, and what `$events` tells again to whoever asks: the same
//! as over the store without the hidden things, letter by letter.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use accord_base::{LogTime, Row};
use accord_engine::{Answer, Interaction, Live, Outcome, Since};
use accord_jobs::{Content, Kind, Notice, Recalled, notification};

use crate::answers::told;
use crate::session::Session;
use crate::tokens::may_ask;

/// Most rows of events that are asked for again.
const RECALLED: usize = 60;
/// Fewest notifications with something in them, of each content, to make the comparison worth it.
const LEAST: u64 = 20;

/// Notifications that told of something: of what happened, and of what was told before, with as
/// much of it as each content has.
static TOLD: [AtomicU64; 6] = [const { AtomicU64::new(0) }; 6];

/// Fails if hardly anything was ever told: then nothing was compared.
pub fn check() {
    let counts = TOLD.each_ref().map(|count| count.load(Ordering::Relaxed));
    println!("{counts:?} notifications that told of something");
    assert!(counts.iter().all(|count| *count >= LEAST), "hardly anything was told: {counts:?}");
}

impl Session<'_> {
    /// What happened in some rows, or what some of them said that were told before, as a
    /// subscription to a random topic tells it with each content.
    pub fn subscribed(&mut self) {
        let criterion = match self.asking.below(2) {
            0 => self.asking.row().kind.clone(),
            _ => self.asking.criterion(),
        };
        if !may_ask(self.subject, criterion.split('?').next().unwrap_or_default()) {
            return;
        }
        let criteria = vec![criterion];
        let rows = self.asking.rows.len();
        let from = self.asking.below(rows);
        let since = Row(from as u32);
        let among = (self.asking.below(2) == 0).then(|| self.events(from));
        let window = || Row((from + 1 + self.asking.below(rows - from)) as u32);
        let upto = match &among {
            Some(events) => events.last().map(|last| last.next()),
            // What was attempted and not acknowledged ends where it ended.
            None => (self.asking.below(2) == 0).then(window),
        };
        for (place, content) in
            [Content::Empty, Content::IdOnly, Content::Full].into_iter().enumerate()
        {
            let live = Interaction::Live(Box::new(Live {
                criteria: criteria.clone(),
                since: Since::Row(since),
                upto,
                among: among.clone(),
                most: (content == Content::Full).then_some(3),
                bodies: content == Content::Full,
            }));
            let ours = self.full.ask(self.subject, live.clone());
            let theirs = self.masked(self.small.ask(self.system, live));
            let what =
                format!("Subscription {criteria:?} {content:?} {since:?} {upto:?} {among:?}");
            let recalled = among.is_some();
            let (ours, some) = notified(&ours, content, recalled);
            let (theirs, _) = notified(&theirs, content, recalled);
            self.equal(&what, &ours, &theirs);
            TOLD[place + 3 * usize::from(recalled)].fetch_add(u64::from(some), Ordering::Relaxed);
        }
    }

    /// Rows of events that were told at some time to somebody.
    fn events(&self, from: usize) -> Arc<[Row]> {
        let rows = self.asking.rows.len();
        let near = (rows - from).min(4 * RECALLED);
        let one = |_| Row((from + self.asking.below(near)) as u32);
        let mut events: Vec<Row> = (0..RECALLED).map(one).collect();
        events.sort_unstable();
        events.dedup();
        events.into()
    }
}

/// The notification of an answer, and whether it tells of anything.
fn notified(outcome: &Outcome, content: Content, recalled: bool) -> (String, bool) {
    let Ok(Answer::Changes(changes)) = outcome else { return (told(outcome), false) };
    // The number of an event that was told before is its writer's; rows are the same in both.
    let numbers: Vec<u64> = changes.entries.iter().map(|entry| u64::from(entry.row.0)).collect();
    let text = notification(&Notice {
        kind: if recalled { Kind::Recall } else { Kind::Event },
        base: "https://ehr.example/fhir",
        subscription: "Subscription/s1",
        topic: Some("urn:accord:topic:any"),
        status: "active",
        error: None,
        before: 7,
        changes: &changes.entries,
        content,
        again: false,
        at: LogTime(1_795_300_398_000_000),
        state: None,
        recalled: recalled.then_some(Recalled { numbers: &numbers, next: None }),
    });
    let some = !changes.entries.is_empty();
    // A position of the receiver's moves on as far, but for the end of the store.
    let end = changes.more.then_some(changes.upto);
    (format!("{end:?}\n{}", text.replace(r#",{"fullUrl""#, "\n{\"fullUrl\"")), some)
}
