//! `Patient/$merge`, in the shape of FHIR R5: the source stands for the target from now on.
//!
//! The resources that name either stay as they were received. What changes is a fact, stated by the
//! source's new version, by which decisions and searches take both for one person.

use accord_base::{ResourceId, Role};
use accord_fhir::IssueCode;
use accord_fhir::json::{Value, quoted};
use accord_index::View;
use accord_spec::ResourceType;

use super::super::Operation;
use super::super::matching::contradict;
use super::edit::{items, with_items, with_member};
use super::{Ready, Standing, conflict, parameters, told, unprocessable};
use crate::prepare::{Entitled, parse_json};
use crate::{Category, Engine, Failure, Request};

const SOURCE: [&str; 2] = ["source-patient", "source-patient-identifier"];
const TARGET: [&str; 2] = ["target-patient", "target-patient-identifier"];

impl Engine {
    /// Prepares `Patient/$merge`.
    pub(super) fn prepare_merge(
        &self,
        request: &Request,
        operation: &Operation,
    ) -> Result<Ready, Failure> {
        let [source, source_identifier] = SOURCE;
        let [target, target_identifier] = TARGET;
        let names = [source, source_identifier, target, target_identifier, "preview"];
        let asked = parameters::read(&operation.body, &names)?;
        let code = operation.signature.code;
        let view = self.view_for(request, code, Some(ResourceType::PATIENT))?;
        let source = self.side(&view, asked.root(), SOURCE)?;
        let target = self.side(&view, asked.root(), TARGET)?;
        if source == target {
            return Err(unprocessable(IssueCode::Value, "source and target are the same record"));
        }
        let source = self.standing(request, &view, &source)?;
        let target = self.standing(request, &view, &target)?;
        let patients = || vec![source.id.clone(), target.id.clone()];
        let seen = |side: &Standing<'_>| Ok::<_, Failure>(self.version(&view, &side.row)?.body);
        match source.merged_into {
            Some(into) if into == target.ordinal => {
                let text = told::answer(operation, "merged already", Some(&seen(&target)?));
                return Ok(self.told(&view, patients(), text));
            }
            Some(_) => return Err(conflict("the source was merged into another record")),
            None => {}
        }
        if target.merged_into.is_some() {
            return Err(conflict("the target was merged into another record; name that one"));
        }
        let checked = request.subject.role != Role::System;
        let (from, into) = merged((&source.id, &source.body), (&target.id, &target.body), checked)?;
        if parameters::is_true(asked.root(), "preview") {
            let (from, into) = (seen(&source)?, seen(&target)?);
            let (_, into) = merged((&source.id, &from), (&target.id, &into), false)?;
            let text = told::answer(operation, "would be merged so", Some(&into));
            return Ok(self.told(&view, patients(), text));
        }
        let at = |side: &Standing<'_>| (ResourceType::PATIENT, side.id.clone(), side.version);
        let (kind, id, version) = at(&source);
        let merge = Entitled::Merge(target.id.clone());
        let first = self.rewrite(request, (kind, &id, version), &from, merge)?;
        let (kind, id, version) = at(&target);
        let second = self.rewrite(request, (kind, &id, version), &into, Entitled::Keep)?;
        Ok(Ready::Write(self.prepared(vec![first, second])))
    }

    /// One side of the merge: by reference, or by an identifier that one Patient in the asker's
    /// scope has.
    fn side(
        &self,
        view: &View,
        asked: Value<'_>,
        [by_reference, by_identifier]: [&str; 2],
    ) -> Result<ResourceId, Failure> {
        let identifier = parameters::parameter(asked, by_identifier)
            .and_then(|parameter| parameter.get("valueIdentifier"));
        let Some(identifier) = identifier else {
            return parameters::patient(asked, by_reference);
        };
        if parameters::parameter(asked, by_reference).is_some() {
            let text = "a side is named by a reference or by an identifier, not by both";
            return Err(Failure::new(Category::Invalid, IssueCode::Value, text));
        }
        let part = |name| identifier.get_str(name).unwrap_or_default().into_owned();
        let found = self.with_identifier(view, &part("system"), &part("value"), 2)?;
        match found.as_slice() {
            [one] => Ok(one.clone()),
            _ => Err(crate::interaction::not_found()),
        }
    }
}

/// The texts of both sides after the merge; if `checked`, of one person as far as they tell.
fn merged(
    (source, from): (&ResourceId, &str),
    (target, into): (&ResourceId, &str),
    checked: bool,
) -> Result<(String, String), Failure> {
    let (from, into) = (parse_json(from.as_bytes())?, parse_json(into.as_bytes())?);
    if checked && contradict(from.root(), into.root()) {
        let text = "the records contradict each other: they have no identifier in common, and \
                    birth dates or names differ";
        return Err(unprocessable(IssueCode::Conflict, text));
    }
    let mut links = items(from.root(), "link");
    links.push(link(target, "replaced-by"));
    let ended = with_member(from.root(), "active", Some("false"));
    let ended = parse_json(ended.as_bytes())?;
    let ended = with_items(ended.root(), "link", &links);

    let mut links = items(into.root(), "link");
    links.push(link(source, "replaces"));
    let kept = with_items(into.root(), "link", &links);
    let kept = parse_json(kept.as_bytes())?;
    let identifiers = joined_identifiers(from.root(), into.root());
    Ok((ended, with_items(kept.root(), "identifier", &identifiers)))
}

fn link(other: &ResourceId, kind: &str) -> String {
    let other = quoted(&format!("Patient/{other}"));
    format!(r#"{{"other":{{"reference":{other}}},"type":"{kind}"}}"#)
}

fn each_identifier<'a>(of: Value<'a>) -> impl Iterator<Item = Value<'a>> {
    of.get("identifier").into_iter().flat_map(Value::items)
}

/// The target's identifiers, then those that only the source has, as old ones: the person goes on
/// being found by them.
fn joined_identifiers(source: Value<'_>, target: Value<'_>) -> Vec<String> {
    let list = each_identifier;
    let name = |identifier: Value<'_>| {
        let part = |name| identifier.get_str(name).unwrap_or_default().into_owned();
        (part("system"), part("value"))
    };
    let known: Vec<_> = list(target).map(name).collect();
    let mut all = items(target, "identifier");
    let more = list(source).filter(|identifier| !known.contains(&name(*identifier)));
    all.extend(more.map(|identifier| with_member(identifier, "use", Some("\"old\""))));
    all
}

impl Engine {
    /// Ids of up to `most` Patients that exist in a view and have an identifier.
    pub(in super::super) fn with_identifier(
        &self,
        view: &View,
        system: &str,
        value: &str,
        most: usize,
    ) -> Result<Vec<ResourceId>, Failure> {
        let token = super::super::trace::token(system, value);
        let rows = self.candidates(view, vec![("identifier".to_owned(), token)], most)?;
        Ok(rows.iter().filter_map(|row| ResourceId::new(&row.id()).ok()).collect())
    }
}
