//! What these operations answer: Parameters, as R5 `Patient/$merge` has them.

use std::sync::Arc;

use accord_access::Interaction;
use accord_fhir::json::quoted;

use super::super::Operation;
use crate::prepare::{Prepared, Write};
use crate::writer::Written;
use crate::{Answer, Engine, Failure, Outcome, Request};

/// The Parameters of an answer: what was asked, what came of it, and the resource it came to.
pub(super) fn answer(operation: &Operation, text: &str, result: Option<&str>) -> String {
    let mut parts = Vec::new();
    if let Ok(input) = std::str::from_utf8(&operation.body) {
        parts.push(format!(r#"{{"name":"input","resource":{input}}}"#));
    }
    parts.push(format!(
        r#"{{"name":"outcome","resource":{{"resourceType":"OperationOutcome","issue":[{{"severity":"information","code":"informational","diagnostics":{}}}]}}}}"#,
        quoted(text)
    ));
    parts.extend(result.map(|body| format!(r#"{{"name":"result","resource":{body}}}"#)));
    format!(r#"{{"resourceType":"Parameters","parameter":[{}]}}"#, parts.join(","))
}

impl Engine {
    /// The answer to an operation whose writes are durable: the last resource written is the one
    /// that goes on.
    pub(in super::super) fn rewritten(
        &self,
        request: &Request,
        operation: &Operation,
        (prepared, written): (&Prepared, &[Written]),
    ) -> Outcome {
        let body = match (prepared.writes.last(), written.last()) {
            (Some(write), Some(written)) => self.outcome_of(request, write, written)?,
            _ => None,
        };
        Ok(Answer::Resource(answer(operation, "done", body.as_deref())))
    }

    /// What was written, as far as the asker may see it: they have not sent it themselves.
    fn outcome_of(
        &self,
        request: &Request,
        write: &Write,
        written: &Written,
    ) -> Result<Option<Arc<str>>, Failure> {
        let view = self.view_for(request, Interaction::Read, Some(write.resource_type));
        let Ok(view) = view else { return Ok(None) };
        let row = view.row(written.row);
        row.map(|row| Ok(self.version_as(&view, &row, &write.id)?.body)).transpose()
    }
}
