//! `Patient/$move-resource`: a resource that was filed under the wrong patient goes to the right
//! one, as a new version.
//!
//! For whoever sees only the wrong patient's record it is gone, earlier versions with it: a version
//! exists only for those for whom the current one does. For whoever sees only the right patient's,
//! it begins with the new version. The record's own feed sees all of them.

use accord_access::Interaction as Code;
use accord_base::{NameSpace, PatientOrd, ResourceId};
use accord_fhir::IssueCode;
use accord_index::Found;
use accord_spec::ResourceType;

use super::super::Operation;
use super::edit::{redirected, with_member};
use super::{Ready, parameters, told, unprocessable};
use crate::interaction::not_found;
use crate::prepare::{Act, Entitled, Write, parse_json};
use crate::{Engine, Failure, Request};

const NAMES: [&str; 5] = ["resource", "from-patient", "to-patient", "reason", "preview"];

impl Engine {
    /// Prepares `Patient/$move-resource`.
    pub(super) fn prepare_move(
        &self,
        request: &Request,
        operation: &Operation,
    ) -> Result<Ready, Failure> {
        let asked = parameters::read(&operation.body, &NAMES)?;
        let (resource_type, id) = parameters::target(asked.root(), "resource")?;
        let from = parameters::patient(asked.root(), "from-patient")?;
        let to = parameters::patient(asked.root(), "to-patient")?;
        let reason = parameters::parameter(asked.root(), "reason")
            .and_then(|reason| reason.get_str("valueString"));
        if reason.is_none_or(|reason| reason.trim().is_empty()) {
            return Err(unprocessable(IssueCode::Required, "a `reason` in words is needed"));
        }
        if !movable(resource_type) {
            let text = "consents and records of patients themselves are not moved";
            return Err(unprocessable(IssueCode::NotSupported, text));
        }
        let view = self.view_for(request, Code::Update, Some(resource_type))?;
        let Found::Live(row) = view.read(resource_type, id.as_str()) else {
            return Err(not_found());
        };
        self.owned(request, &row)?;
        let named = self.index.ordinal(NameSpace::Patient, from.as_str()).map(PatientOrd);
        let named = named.is_some_and(|from| row.policy().patients.contains(&from));
        let stored = self.stored(&row)?;
        let (wrong, right) = (format!("Patient/{from}"), format!("Patient/{to}"));
        let text = moved(&stored, &wrong, &right)?;
        let place = (resource_type, &id, row.version());
        let write = self.rewrite(request, place, &text, Entitled::Move)?;
        if !named || wrong == right || !names_right_alone(&write, &from, &to) {
            let text = "the resource does not refer to `from-patient` as its patient";
            return Err(unprocessable(IssueCode::Value, text));
        }
        if parameters::is_true(asked.root(), "preview") {
            let patients = self.patients_of([&row]);
            let shown = moved(&self.version(&view, &row)?.body, &wrong, &right)?;
            let text = told::answer(operation, "would be moved so", Some(&shown));
            return Ok(self.told(&view, patients, text));
        }
        Ok(Ready::Write(self.prepared(vec![write])))
    }
}

/// What is not moved: a moved consent would lift what a patient denied.
fn movable(resource_type: ResourceType) -> bool {
    resource_type != ResourceType::PATIENT && resource_type.name() != "Consent"
}

/// The text with its references redirected, and without the narrative: it may tell of the wrong
/// patient.
fn moved(body: &str, wrong: &str, right: &str) -> Result<String, Failure> {
    let old = parse_json(body.as_bytes())?;
    let silent = parse_json(with_member(old.root(), "text", None).as_bytes())?;
    Ok(redirected(silent.root(), wrong, right))
}

/// Whether a write names the right patient, and not the wrong one any more.
fn names_right_alone(write: &Write, wrong: &ResourceId, right: &ResourceId) -> bool {
    let Act::Store { content, .. } = &write.act else { return false };
    let patients = &content.policy.columns.patients;
    patients.contains(right) && !patients.contains(wrong)
}
