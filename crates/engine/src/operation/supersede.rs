//! `Consent/[id]/$supersede`: a consent ends and another takes its place, in one act.
//!
//! Both are writes like any other, decided and refused in the same way; there is no moment at which
//! both hold, or neither.

use accord_fhir::json::{Value, quoted};
use accord_fhir::{Issue, IssueCode};
use accord_spec::ResourceType;

use super::Operation;
use super::preview::patient_of;
use super::receipt::consent_sent;
use crate::interaction::read::not_found;
use crate::prepare::{Prepared, parse_json};
use crate::{Category, Engine, Failure, Request};

impl Engine {
    /// Prepares the create of the new consent and the update that ends the one it takes the place
    /// of.
    pub(super) fn prepare_supersede(
        &self,
        request: &Request,
        operation: &Operation,
    ) -> Result<Prepared, Failure> {
        let id = operation.id.as_ref().ok_or_else(not_found)?;
        let (stored, version) = self.consent_stored(request, id)?;
        let old = parse_json(stored.as_bytes())?;
        let tape = parse_json(&operation.body)?;
        let new = consent_sent(tape.root())?;
        let ended = self.prepare_end(request, id, (&old, version), "supersede")?;
        let body = naming_source(new, id.as_str());
        let filed = self.prepare_create(request, ResourceType::CONSENT, body.as_bytes(), None);
        let mut prepared = filed?;
        if new.get_str("status").as_deref() != Some("active") {
            return Err(wrong("Consent.status", "a consent that takes the place of one is active"));
        }
        if patient_of(new).is_none() || patient_of(new) != patient_of(old.root()) {
            let text = "a consent takes the place of one of the same patient";
            return Err(wrong("Consent.patient", text));
        }
        prepared.writes.extend(ended.writes);
        Ok(prepared)
    }
}

/// The text of the new consent, which names the old one as its source unless it names one itself.
fn naming_source(new: Value<'_>, old: &str) -> String {
    let text = new.raw();
    let named = new.get("sourceReference").is_some() || new.get("sourceAttachment").is_some();
    let open = text.strip_suffix('}').filter(|_| !named && new.get("resourceType").is_some());
    match open {
        Some(open) => {
            let source = quoted(&format!("Consent/{old}"));
            format!(r#"{open},"sourceReference":{{"reference":{source}}}}}"#)
        }
        None => text.to_owned(),
    }
}

fn wrong(path: &str, text: &str) -> Failure {
    let issues = vec![Issue::at(IssueCode::Invariant, path.to_owned(), text)];
    Failure { category: Category::Unprocessable, issues }
}
