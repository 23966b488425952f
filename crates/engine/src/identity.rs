//! Access records of what happens to identity: sign-ins, tokens, changes to accounts.

use std::sync::Arc;

use accord_base::Subject;

use crate::record::{Draft, Ending};
use crate::{Category, Engine, Failure};

/// What is told of something that happened.
const DONE: u16 = 200;

impl Engine {
    /// Records a sign-in, a token given out, a change to accounts or clients. `refused` says why
    /// it did not happen.
    ///
    /// # Errors
    /// If it cannot be recorded; it then must not have happened.
    pub fn record_identity(
        &self,
        who: Option<&Subject>,
        request_id: &str,
        what: &str,
        refused: Option<Category>,
    ) -> Result<(), Failure> {
        let draft = Draft {
            request_id: request_id.to_owned(),
            who: who.cloned().map(Arc::new),
            interaction: what.to_owned().into(),
            target: None,
            query: Vec::new(),
        };
        let records = draft.finish(Ending {
            at: self.clock.now(),
            policy_as_of: self.index.snapshot().t(),
            patients: &[],
            permit: refused.is_none(),
            rules: Vec::new(),
            status: refused.map_or(DONE, |category| category.status()),
        });
        self.recorder.append(&records)
    }
}
