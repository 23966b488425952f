//! `$confirm-identity`: the desk says who checked in.

use accord_base::{ResourceId, Role};
use accord_engine::{Answer, Category, Failure, Outcome};
use accord_fhir::IssueCode;
use serde_json::{Value, json};

use crate::arrive::{announced, cancel, here};
use crate::attended::{Attended, gather, of_one};
use crate::codes::UNCONFIRMED;
use crate::entries::{put, set};
use crate::input::{Input, items, text_at};
use crate::store::Found;
use crate::written::expected;
use crate::{Context, conflict, invalid};

/// What was typed is right, or it is another Patient, into whom the provisional one is merged.
pub(crate) fn confirm(context: &Context<'_>, input: &Input) -> Outcome {
    input.only(&["patient", "version"])?;
    let found = of_one(context)?;
    let all = gather(&found);
    let attended = all.first().ok_or_else(|| invalid("an encounter is needed"))?;
    attended.check_open()?;
    if !is_unconfirmed(&attended.encounter.body) {
        return Err(conflict("the identity is confirmed already"));
    }
    let version = expected(input, attended)?;
    let (mut entries, own) = (Vec::new(), attended.encounter);
    match input.reference("patient", "Patient")?.filter(|patient| !is_of(attended, patient)) {
        Some(patient) => {
            let moved = given_to(context, attended, &patient)?;
            put(&mut entries, &moved, confirmed(&moved.body), moved.version);
            // Who is here is not expected any more.
            let provider = text_at(&moved.body, "/serviceProvider/reference").unwrap_or_default();
            for planned in announced(context, &format!("Patient/{patient}"), provider)? {
                cancel(&planned, context.now(), &mut entries);
            }
        }
        None => {
            put(&mut entries, own, confirmed(&own.body), version);
            if let Some(patient) = attended.patient.filter(|one| is_unconfirmed(&one.body)) {
                put(&mut entries, patient, confirmed(&patient.body), patient.version);
            }
        }
    }
    let mut written = context.store.write(entries)?.into_iter();
    let written = written.next().ok_or_else(|| conflict("nothing was written"))?;
    forget(context, attended);
    Ok(Answer::Read(written))
}

/// Whether nobody has said yet who it is.
pub(crate) fn is_unconfirmed(resource: &Value) -> bool {
    items(resource, "extension").any(|one| text_at(one, "/url") == Some(UNCONFIRMED))
}

/// Whoever was met or has gone is received anew if they check in again.
pub(crate) fn forget(context: &Context<'_>, attended: &Attended<'_>) {
    let provider = text_at(&attended.encounter.body, "/serviceProvider/reference");
    let provider = provider.and_then(|provider| provider.strip_prefix("Organization/"));
    if let Some((organization, ticket)) = provider.zip(attended.ticket()) {
        context.asked.kiosks.forget(organization, ticket);
    }
}

fn is_of(attended: &Attended<'_>, patient: &ResourceId) -> bool {
    let own = text_at(&attended.encounter.body, "/subject/reference");
    own == Some(format!("Patient/{patient}").as_str())
}

/// The resource without the mark.
fn confirmed(resource: &Value) -> Value {
    let mut resource = resource.clone();
    let left: Vec<Value> = items(&resource, "extension")
        .filter(|one| text_at(one, "/url") != Some(UNCONFIRMED))
        .cloned()
        .collect();
    if !left.is_empty() {
        set(&mut resource, "extension", Value::Array(left));
    } else if let Some(members) = resource.as_object_mut() {
        members.remove("extension");
    }
    resource
}

/// Merges the provisional Patient into the one whom the desk found, and gives them the Encounter;
/// the Encounter then. These are two acts of the engine's own: asked again after the second could
/// not be done, the first changes nothing more.
fn given_to(
    context: &Context<'_>,
    attended: &Attended<'_>,
    patient: &ResourceId,
) -> Result<Found, Failure> {
    if context.asked.subject.role == Role::Clinician {
        let text = "to say that it is another patient is for registration";
        return Err(Failure::new(Category::Forbidden, IssueCode::Forbidden, text));
    }
    // A record of the hospital's own is never merged away: the mark may have stayed on an encounter
    // that was moved already, when the last step failed.
    if !attended.patient.is_some_and(|one| is_unconfirmed(&one.body)) {
        return Err(conflict(
            "this is a patient of the record by now: confirm that, or move the encounter",
        ));
    }
    let patient = context.store.read("Patient", patient)?.reference();
    let encounter = attended.encounter;
    let provider = text_at(&encounter.body, "/serviceProvider/reference").unwrap_or_default();
    let there = context.store.search("Encounter", &here(&patient, provider))?;
    if there.iter().any(|other| other.id != encounter.id) {
        return Err(conflict("the patient is here already"));
    }
    let provisional = text_at(&encounter.body, "/subject/reference").unwrap_or_default();
    let refers = |name: &str, to: &str| json!({"name": name, "valueReference": {"reference": to}});
    let merge = [refers("source-patient", provisional), refers("target-patient", &patient)];
    context.store.operate("Patient", "$merge", &json!(merge))?;
    let own = encounter.reference();
    let reason = json!({"name": "reason", "valueString": "the desk said who checked in"});
    let moved = json!([
        refers("resource", &own),
        refers("from-patient", provisional),
        refers("to-patient", &patient),
        reason
    ]);
    context.store.operate("Patient", "$move-resource", &moved)?;
    context.store.read("Encounter", &encounter.id)
}
