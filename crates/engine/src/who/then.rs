//! What was decided in a span of time, as the access records tell it.

use accord_audit::AccessRecord;
use accord_base::LogTime;

use super::walk::Step;
use crate::interaction::late::late;
use crate::{Engine, Failure, Request};

/// Most records that are looked at for one question.
const MOST_LOOKED_AT: usize = 100_000;

impl Engine {
    /// Records of a span, both ends included, that are as wanted, newest first, `most` at most;
    /// and whether there may be more.
    ///
    /// # Errors
    /// Those of reading, and where nobody waits any longer.
    pub(crate) fn recorded_between(
        &self,
        request: &Request,
        between: (LogTime, LogTime),
        most: usize,
        wanted: impl Fn(&AccessRecord) -> bool,
    ) -> Result<(Vec<AccessRecord>, bool), Failure> {
        let fault = |error| self.fault("reading access records", &error);
        let from = self.who.bounds(self.recorder.stream()).map_err(fault)?;
        let mut walk = self.who.walk(None, between, from, request.deadline.clone());
        // A walk passes over what is surely outside; some that is remains.
        let within = |record: &AccessRecord| (between.0..=between.1).contains(&record.at);
        let mut found = Vec::new();
        for _ in 0..MOST_LOOKED_AT {
            match walk.next().map_err(fault)? {
                Step::Record(_, record) if within(&record) && wanted(&record) => {
                    if found.len() >= most {
                        return Ok((found, true));
                    }
                    found.push(*record);
                }
                Step::Record(..) => {}
                Step::End => return Ok((found, false)),
                Step::Late => return Err(late()),
            }
        }
        Ok((found, true))
    }
}
