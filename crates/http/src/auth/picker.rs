//! Picking a patient for an app that was launched by itself: a search as the person who asks.

use std::sync::Arc;

use accord_base::Deadline;
use accord_engine::{Answer, Interaction, Request};
use accord_spec::ResourceType;
use hyper::StatusCode;
use serde_json::Value;

use super::Asked;
use super::output::Output;
use super::page::{self, escape, hidden};
use super::sign_in::{away, in_query};
use crate::backend::Backend;

/// Patients shown at most.
const MOST_SHOWN: &str = "20";

pub(super) fn show<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let Some(session) = asked.session() else { return away(asked.input) };
    let Some(subject) = session.active().and_then(|hat| hat.subject(None)) else {
        return away(asked.input);
    };
    let next = asked.input.next();
    let name = asked.input.param("name").unwrap_or_default();
    let found = if name.is_empty() { None } else { Some(search(asked, subject, name)) };
    let (error, list) = match found {
        None => (None, String::new()),
        Some(Err(text)) => (Some(text), String::new()),
        Some(Ok(patients)) if patients.is_empty() => (Some("nobody was found"), String::new()),
        Some(Ok(patients)) => (None, listed(&patients, &next)),
    };
    let content = format!(
        "<form method=\"get\" action=\"/auth/patient\">{}<label for=\"name\">Name begins with</label>\
         <input id=\"name\" name=\"name\" type=\"text\" required value=\"{}\">\
         <button type=\"submit\">Search</button></form>{list}",
        hidden("next", &next),
        escape(name)
    );
    Output::html(StatusCode::OK, page::html("Pick a patient", error, &content), "")
}

/// A patient as shown: id and words.
type Shown = (String, String);

fn search<S: Backend>(
    asked: &Asked<'_, S>,
    subject: accord_base::Subject,
    name: &str,
) -> Result<Vec<Shown>, &'static str> {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let request = Request {
        subject: Arc::new(subject),
        interaction: Interaction::Search {
            resource_type: Some(ResourceType::PATIENT),
            params: vec![pair("name", name), pair("_count", MOST_SHOWN)],
            raw: format!("name={}", in_query(name)),
            lenient: false,
        },
        request_id: asked.input.request_id.clone(),
        controller: None,
        deadline: Deadline::NEVER,
    };
    match asked.app.0.backend.handle_blocking(request) {
        Ok(Answer::Page(page)) => Ok(page.entries.iter().map(|entry| shown(&entry.body)).collect()),
        _ => Err("the search did not work"),
    }
}

fn shown(body: &str) -> Shown {
    let patient: Value = serde_json::from_str(body).unwrap_or_default();
    let at = |pointer: &str| patient.pointer(pointer);
    let text = |pointer: &str| at(pointer).and_then(Value::as_str).unwrap_or_default();
    let given = at("/name/0/given").and_then(Value::as_array);
    let given: Vec<&str> = given.into_iter().flatten().filter_map(Value::as_str).collect();
    let (family, born) = (text("/name/0/family"), text("/birthDate"));
    (text("/id").to_owned(), format!("{} {family}, born {born}", given.join(" ")))
}

fn listed(patients: &[Shown], next: &str) -> String {
    let items: String = patients
        .iter()
        .map(|(id, words)| {
            let to = format!("{next}&accord_patient={id}");
            format!("<li><a href=\"{}\">{}</a></li>", escape(&to), escape(words))
        })
        .collect();
    format!("<ul>{items}</ul>")
}
