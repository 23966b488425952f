//! `Patient/$unmerge`: a merge is taken back, and everything is as if it had not been.
//!
//! The source gets back the text it had. The target loses what the merge added; where nobody wrote
//! to it since, it gets back its text too. Rows need nothing: each says whom it names, those written
//! in the meantime too.

use accord_base::PatientOrd;
use accord_fhir::json::{Tape, Value};
use accord_index::{RowRef, View};
use accord_spec::ResourceType;

use super::super::Operation;
use super::edit::{items, with_items};
use super::{Ready, Standing, conflict, parameters, told};
use crate::prepare::{Entitled, parse_json};
use crate::{Engine, Failure, Request};

impl Engine {
    /// Prepares `Patient/$unmerge`.
    pub(super) fn prepare_unmerge(
        &self,
        request: &Request,
        operation: &Operation,
    ) -> Result<Ready, Failure> {
        let asked = parameters::read(&operation.body, &["source-patient", "preview"])?;
        let code = operation.signature.code;
        let view = self.view_for(request, code, Some(ResourceType::PATIENT))?;
        let source = parameters::patient(asked.root(), "source-patient")?;
        let source = self.standing(request, &view, &source)?;
        let into = source.merged_into.ok_or_else(|| conflict("the record is not merged"))?;
        let target = self.merged_into(request, &view, into)?;
        if target.merged_into.is_some() {
            let text = "the record it was merged into was itself merged; take that back first";
            return Err(conflict(text));
        }
        let before = self.text_before(&view, &source, source.version)?;
        let kept = self.without(&view, &source, &target)?;
        if parameters::is_true(asked.root(), "preview") {
            let row = row_before(&view, &source, source.version)?;
            let shown = self.version(&view, &row)?.body;
            let text = told::answer(operation, "would be restored so", Some(&shown));
            return Ok(self.told(&view, vec![source.id, target.id], text));
        }
        let place = (ResourceType::PATIENT, &target.id, target.version);
        let first = self.rewrite(request, place, &kept, Entitled::Keep)?;
        let place = (ResourceType::PATIENT, &source.id, source.version);
        let second = self.rewrite(request, place, &before, Entitled::Unmerge)?;
        Ok(Ready::Write(self.prepared(vec![first, second])))
    }

    fn merged_into<'a>(
        &self,
        request: &Request,
        view: &'a View,
        into: PatientOrd,
    ) -> Result<Standing<'a>, Failure> {
        let id = self.patient_name(into).ok_or_else(crate::interaction::not_found)?;
        self.standing(request, view, &id)
    }

    /// The text of the version before one.
    fn text_before(
        &self,
        view: &View,
        patient: &Standing<'_>,
        version: u32,
    ) -> Result<std::sync::Arc<str>, Failure> {
        self.stored(&row_before(view, patient, version)?)
    }

    /// The target's text without what the merge added to it.
    fn without(
        &self,
        view: &View,
        source: &Standing<'_>,
        target: &Standing<'_>,
    ) -> Result<String, Failure> {
        let mut version = target.version;
        let merged = loop {
            // The merge wrote both sides at one instant.
            let row = view.version(ResourceType::PATIENT, target.id.as_str(), version);
            let row = row.ok_or_else(crate::interaction::not_found)?;
            if row.born() == source.born {
                break self.stored(&row)?;
            }
            version = version.saturating_sub(1);
        };
        let before = self.text_before(view, target, version)?;
        if version == target.version {
            return Ok(before.to_string());
        }
        let (merged, before) = (parse_json(merged.as_bytes())?, parse_json(before.as_bytes())?);
        let mut now = parse_json(target.body.as_bytes())?;
        for name in ["link", "identifier"] {
            now = parse_json(less(&now, (&before, &merged), name).as_bytes())?;
        }
        Ok(now.root().raw().to_owned())
    }
}

/// The version before one.
fn row_before<'a>(
    view: &'a View,
    patient: &Standing<'_>,
    version: u32,
) -> Result<RowRef<'a>, Failure> {
    let before = version.saturating_sub(1);
    let row = view.version(ResourceType::PATIENT, patient.id.as_str(), before);
    row.ok_or_else(crate::interaction::not_found)
}

/// A text without the items of a list that `merged` has and `before` did not have.
fn less(now: &Tape, (before, merged): (&Tape, &Tape), name: &str) -> String {
    let old = items(before.root(), name);
    let added: Vec<String> =
        items(merged.root(), name).into_iter().filter(|item| !old.contains(item)).collect();
    let root: Value<'_> = now.root();
    let kept: Vec<String> =
        items(root, name).into_iter().filter(|item| !added.contains(item)).collect();
    with_items(root, name, &kept)
}
