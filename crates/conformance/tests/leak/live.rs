//! What changed: the same as in the store without the hidden things.

use std::sync::atomic::{AtomicU64, Ordering};

use accord_base::Row;
use accord_engine::{Answer, Interaction, Live, Since};
use accord_spec::ResourceType;

use crate::answers::told;
use crate::session::Session;
use crate::tokens::may_ask;

/// Answers that told of something.
static TOLD: AtomicU64 = AtomicU64::new(0);

/// Fails if nothing was ever told: then nothing was compared.
pub fn check() {
    assert!(TOLD.load(Ordering::Relaxed) > 0, "nothing changed for anybody");
}

impl Session<'_> {
    /// What changed since some row for random searches. Rows stand for the same versions in both
    /// stores, and what is not there is looked over in both.
    pub fn live(&mut self) {
        let criteria: Vec<String> =
            (0..1 + self.asking.below(2)).map(|_| self.asking.criterion()).collect();
        let kinds = |text: &String| text.split('?').next().unwrap_or_default().to_owned();
        if !criteria.iter().all(|text| may_ask(self.subject, &kinds(text))) {
            return;
        }
        assert!(criteria.iter().all(|text| ResourceType::from_name(&kinds(text)).is_some()));
        let mut from = Row(self.asking.below(self.asking.rows.len()) as u32);
        for _ in 0..3 {
            let live =
                Live { criteria: criteria.clone(), since: Since::Row(from), ..Live::default() };
            let live = Interaction::Live(Box::new(live));
            let ours = self.full.ask(self.subject, live.clone());
            let theirs = self.small.ask(self.system, live);
            self.equal(&format!("$live {criteria:?} {from:?}"), &told(&ours), &told(&theirs));
            let Ok(Answer::Changes(changes)) = ours else { return };
            TOLD.fetch_add(u64::from(!changes.entries.is_empty()), Ordering::Relaxed);
            let upto = changes.more.then_some(changes.upto);
            match upto {
                Some(upto) => from = upto,
                None => return,
            }
        }
    }
}
