//! `$meta` of a type and of the whole store: the profiles, tags and security labels that are in
//! use (FHIR R4 OperationDefinition Resource-meta).
//!
//! Told from the index, by its keys: of resources in their current versions that exist for the
//! asker, and nothing of others. Displays are not among the keys.

use accord_fhir::IssueCode;
use accord_fhir::json::quoted;
use accord_index::{Datum, View};
use accord_spec::{ResourceType, param};

use crate::operation::unsupported;
use crate::{Answer, Category, Engine, Failure, Outcome, Request};

/// Most profiles, tags or labels that are told.
const MOST: usize = 10_000;

/// The sets of a Meta, by the parameters that read them.
const SETS: [(&str, &str); 3] =
    [("profile", "_profile"), ("security", "_security"), ("tag", "_tag")];

impl Engine {
    /// What is in use, in resources of one type or of any.
    pub(super) fn metas(&self, request: &Request, view: View, of: Option<ResourceType>) -> Outcome {
        if of == Some(ResourceType::AUDIT_EVENT) {
            // They are made when they are asked for.
            return Err(unsupported());
        }
        let view = view.until(request.deadline.clone());
        let mut members = Vec::new();
        for (set, code) in SETS {
            let param = param(of.unwrap_or(ResourceType::PATIENT), code).ok_or_else(unsupported)?;
            let found = view.in_use(param.id, of, MOST);
            let found = found.map_err(|error| self.index_failure("looking for values", &error))?;
            if found.len() > MOST {
                let text = format!("more than {MOST} values of `{code}` are in use");
                return Err(Failure::new(Category::TooCostly, IssueCode::TooCostly, text));
            }
            let mut values: Vec<String> = found.iter().filter_map(told).collect();
            values.sort_unstable();
            if !values.is_empty() {
                members.push(format!("{}:[{}]", quoted(set), values.join(",")));
            }
        }
        Ok(Answer::Resource(format!(
            r#"{{"resourceType":"Parameters","parameter":[{{"name":"return"{}}}]}}"#,
            match members.is_empty() {
                // No element is empty (FHIR R4 §2.6.2).
                true => String::new(),
                false => format!(r#","valueMeta":{{{}}}"#, members.join(",")),
            }
        )))
    }
}

/// A profile, or a Coding with system and code.
fn told(value: &Datum) -> Option<String> {
    match value {
        Datum::Uri(uri) => Some(quoted(uri)),
        Datum::Token { system, code } => {
            let system = system.as_ref().map(|system| format!(r#""system":{}"#, quoted(system)));
            let code = (!code.is_empty()).then(|| format!(r#""code":{}"#, quoted(code)));
            let members: Vec<String> = system.into_iter().chain(code).collect();
            (!members.is_empty()).then(|| format!("{{{}}}", members.join(",")))
        }
        _ => None,
    }
}
