//! `Consent/$file` and `Consent/[id]/$revoke`: writes that are answered with a receipt, as
//! `$supersede` is with two.
//!
//! The receipt is a signed note (`accord_audit::Receipt`); with it come a checkpoint that covers
//! the record and the proof that it does, so that whoever was given them needs nothing more from
//! this server to show later that the consent was filed, or revoked.

use std::sync::Arc;

use accord_audit::tree::{Frontier, TreeHash, late_inclusion, leaf_hash};
use accord_audit::{Receipt, document_hash};
use accord_base::{ResourceId, Row};
use accord_fhir::IssueCode;
use accord_fhir::document::Stamp;
use accord_fhir::json::{Tape, Value};
use accord_index::Found;
use accord_spec::ResourceType;

use super::Operation;
use super::parameters::{group, instant, invalid, number, parameters, reference, text};
use crate::interaction::read::not_found;
use crate::prepare::{By, Prepared, Write, parse_json};
use crate::writer::Written;
use crate::{Answer, Category, Engine, Failure, Outcome, Request};

/// Records read at a time for a proof.
const BATCH: usize = 1024;

impl Engine {
    /// Prepares the create that `$file` stands for: of the Consent that is sent, bare or as the
    /// parameter `consent`.
    pub(super) fn prepare_file(
        &self,
        request: &Request,
        operation: &Operation,
    ) -> Result<Prepared, Failure> {
        let tape = parse_json(&operation.body)?;
        let consent = consent_sent(tape.root())?;
        self.prepare_create(request, ResourceType::CONSENT, consent.raw().as_bytes(), None)
    }

    /// Prepares the update that `$revoke` stands for: the current version, inactive.
    pub(super) fn prepare_revoke(
        &self,
        request: &Request,
        operation: &Operation,
    ) -> Result<Prepared, Failure> {
        let id = operation.id.as_ref().ok_or_else(not_found)?;
        let (stored, version) = self.consent_stored(request, id)?;
        let tape = parse_json(stored.as_bytes())?;
        self.prepare_end(request, id, (&tape, version), "revoke")
    }

    /// The current version of a consent that the asker sees, as it is stored, with its number.
    pub(super) fn consent_stored(
        &self,
        request: &Request,
        id: &ResourceId,
    ) -> Result<(Arc<str>, u32), Failure> {
        let consent = ResourceType::CONSENT;
        let view = self.view_for(request, accord_access::Interaction::Read, Some(consent))?;
        let Found::Live(row) = view.read(consent, id.as_str()) else { return Err(not_found()) };
        // As it is stored, not as this asker is shown it.
        let stamp = Stamp { id, version: row.version(), last_updated: row.born() };
        let stored = self.documents.fetch(row.row(), stamp);
        let stored = stored.map_err(|error| self.fault("reading a document", &error))?;
        Ok((stored, row.version()))
    }

    /// Prepares the update that makes an active consent inactive. `what` is to be done to it.
    pub(super) fn prepare_end(
        &self,
        request: &Request,
        id: &ResourceId,
        (consent, version): (&Tape, u32),
        what: &str,
    ) -> Result<Prepared, Failure> {
        let status = consent.root().get("status");
        let Some(status) = status.filter(|s| s.as_str().as_deref() == Some("active")) else {
            let text = format!("the consent is not active: there is nothing to {what}");
            return Err(Failure::new(Category::Conflict, IssueCode::Conflict, text));
        };
        let mut body = consent.text().to_owned();
        body.replace_range(status.span(), r#""inactive""#);
        self.prepare_update(request, ResourceType::CONSENT, id, body.as_bytes(), Some(version))
    }

    /// The receipt of a write, and that of the consent that it ended. `before` is the log tree from
    /// before them.
    pub(super) fn receipt(
        &self,
        request: &Request,
        (prepared, written): (&Prepared, &[Written]),
        before: &Frontier,
    ) -> Outcome {
        let mut each =
            prepared.writes.iter().zip(written).filter(|(write, _)| write.by == By::Asker);
        let receipt = |(write, written): (&Write, &Written)| {
            self.receipted(request, &write.id, written, before)
                .map_err(|error| self.fault("making a receipt", &error))
        };
        let mut parts = receipt(each.next().ok_or_else(not_found)?)?;
        if let Some(ended) = each.next() {
            parts.push(group("ended", &receipt(ended)?));
        }
        Ok(Answer::Resource(parameters(&parts)))
    }

    fn receipted(
        &self,
        request: &Request,
        id: &ResourceId,
        written: &Written,
        before: &Frontier,
    ) -> Result<Vec<String>, crate::EngineError> {
        let leaf = u64::from(written.row.0);
        let (note, size) = self.checkpoint_over(leaf)?;
        let leaves = self.leaves(before.size(), size)?;
        let (version, at_instant) = (written.version, written.born);
        let document =
            self.documents.fetch(written.row, Stamp { id, version, last_updated: at_instant })?;
        let at = leaf.checked_sub(before.size()).and_then(|at| usize::try_from(at).ok());
        let leaf_hash = at.and_then(|at| leaves.get(at)).copied();
        let proof = late_inclusion(before, &leaves, leaf);
        let (Some(leaf_hash), Some(proof)) = (leaf_hash, proof) else {
            return Err(crate::EngineError::Damaged("a record is not where it was written"));
        };
        let name = format!("Consent/{id}/_history/{version}");
        let receipt = Receipt {
            origin: self.settings.origin.clone(),
            version: name.clone(),
            act: request.interaction.code().code().to_owned(),
            who: request.subject.reference(),
            at: at_instant.to_string(),
            document: document_hash(document.as_bytes()),
            leaf,
            leaf_hash,
        };
        let mut parts = vec![
            reference("version", &name),
            instant("at", at_instant),
            text("who", &receipt.who),
            text("receipt", &receipt.sign(&self.signer)?),
            text("key", &self.signer.verifier().to_string()),
            text("checkpoint", &note),
            number("leaf", leaf),
        ];
        parts.extend(proof.iter().map(|hash| text("proof", &hash.to_string())));
        Ok(parts)
    }

    /// Hashes of the log's records of a range.
    fn leaves(&self, from: u64, to: u64) -> Result<Vec<TreeHash>, crate::EngineError> {
        let mut leaves = Vec::new();
        let mut next = from;
        while next < to {
            let left = usize::try_from(to - next).unwrap_or(BATCH);
            let row = Row(u32::try_from(next).unwrap_or(u32::MAX));
            let records = self.log.scan(row, left.min(BATCH))?;
            if records.is_empty() {
                return Err(crate::EngineError::Damaged("a record is missing"));
            }
            leaves.extend(records.iter().map(|(_, bytes)| leaf_hash(bytes)));
            next = from + leaves.len() as u64;
        }
        Ok(leaves)
    }
}

/// The Consent that is sent, bare or as the parameter `consent`.
pub(super) fn consent_sent(sent: Value<'_>) -> Result<Value<'_>, Failure> {
    match sent.get_str("resourceType").as_deref() {
        Some("Parameters") => parameter(sent).ok_or_else(no_consent),
        _ => Ok(sent),
    }
}

/// The Consent among parameters.
fn parameter(parameters: Value<'_>) -> Option<Value<'_>> {
    let mut all = parameters.get("parameter")?.items();
    let one = all.find(|p| p.get_str("name").as_deref() == Some("consent"))?;
    one.get("resource")
}

fn no_consent() -> Failure {
    invalid(IssueCode::Required, "the parameter `consent` is needed")
}
