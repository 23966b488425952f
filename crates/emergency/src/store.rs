//! The engine as the asker sees it: reads, searches, one transaction.

use std::collections::HashSet;
use std::sync::Arc;

use accord_base::{Deadline, LogTime, Principal, ResourceId, Subject};
use accord_engine::{
    Answer, BundleOptions, Category, Failure, Interaction, OPERATIONS, Operation, Outcome, Request,
    Version,
};
use accord_fhir::IssueCode;
use accord_spec::ResourceType;
use serde_json::{Value, json};

use crate::codes::{OBSERVATION, SCHEME};
use crate::{conflict, invalid};

/// Most matches of one search of ours.
const MOST_FOUND: usize = 20_000;

/// Encounters that are asked about in one search.
pub(crate) const AT_ONCE: usize = 100;

/// The engine under the asker's subject.
pub(crate) struct Store<'a> {
    pub(crate) subject: Arc<Subject>,
    pub(crate) request_id: String,
    /// The organisation that answers for what is written; the asker's own where there is none.
    pub(crate) controller: Option<ResourceId>,
    pub(crate) deadline: Deadline,
    pub(crate) send: &'a dyn Fn(Request) -> Outcome,
}

/// A resource that was found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) resource_type: &'static str,
    pub(crate) id: ResourceId,
    pub(crate) version: u32,
    pub(crate) last_updated: LogTime,
    pub(crate) body: Value,
    /// How it was first stored, where it was changed since and that was asked for.
    first: Option<Box<Found>>,
}

impl Found {
    /// How it was first stored, as far as that is known.
    pub(crate) fn origin(&self) -> &Found {
        self.first.as_deref().unwrap_or(self)
    }

    /// Its reference, `Type/id`.
    pub(crate) fn reference(&self) -> String {
        format!("{}/{}", self.resource_type, self.id)
    }
}

impl<'a> Store<'a> {
    /// The engine for what the server does by itself, and why.
    pub(crate) fn system(
        subject: &Arc<Subject>,
        why: &str,
        controller: Option<ResourceId>,
        send: &'a dyn Fn(Request) -> Outcome,
    ) -> Store<'a> {
        let (subject, request_id) = (Arc::clone(subject), why.to_owned());
        Store { subject, request_id, controller, deadline: Deadline::NEVER, send }
    }

    fn ask(&self, interaction: Interaction) -> Outcome {
        (self.send)(Request {
            subject: Arc::clone(&self.subject),
            interaction,
            request_id: self.request_id.clone(),
            controller: self.controller.clone(),
            deadline: self.deadline.clone(),
        })
    }

    /// A resource.
    pub(crate) fn read(&self, of: &str, id: &ResourceId) -> Result<Found, Failure> {
        let (resource_type, id) = (named(of)?, id.clone());
        let (if_none_match, if_modified_since) = (None, None);
        let read = Interaction::Read { resource_type, id, if_none_match, if_modified_since };
        match self.ask(read)? {
            Answer::Read(version) => found(&version),
            _ => Err(unexpected()),
        }
    }

    /// How a resource was first stored; `None` if the asker does not see that.
    fn first_version(&self, of: &Found) -> Result<Option<Found>, Failure> {
        let (resource_type, id) = (named(of.resource_type)?, of.id.clone());
        match self.ask(Interaction::Vread { resource_type, id, version: 1 }) {
            Ok(Answer::Read(version)) => found(&version).map(Some),
            Ok(_) => Err(unexpected()),
            Err(failure) if matches!(failure.category, Category::NotFound | Category::Gone) => {
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    /// All that a search finds, with what comes along.
    pub(crate) fn search(&self, of: &str, params: &[(&str, &str)]) -> Result<Vec<Found>, Failure> {
        let found = self.first(of, params, MOST_FOUND)?;
        if found.len() <= MOST_FOUND {
            return Ok(found);
        }
        let text = "there is too much to tell at once; name an area or a day";
        Err(Failure::new(Category::TooCostly, IssueCode::TooCostly, text))
    }

    /// The observations that count for attendances: acuities, scores, and what scores were made of.
    /// However many values a monitor stores beside them, they cost nothing here.
    pub(crate) fn counted(&self, encounters: &[String]) -> Result<Vec<Found>, Failure> {
        let made = format!("{SCHEME}|");
        let (mut all, mut known) = (Vec::new(), HashSet::new());
        for some in encounters.chunks(AT_ONCE) {
            let some = some.join(",");
            let scores = [
                ("encounter", some.as_str()),
                ("method", &made),
                ("_include", "Observation:derived-from"),
            ];
            let found = self.acuities(&some)?.into_iter();
            let found = found.chain(self.search("Observation", &scores)?);
            all.extend(found.filter(|one| known.insert(one.reference())));
        }
        Ok(all)
    }

    /// The acuities of encounters (references, with commas between). Of those that were changed it
    /// is told how they were first stored.
    pub(crate) fn acuities(&self, encounters: &str) -> Result<Vec<Found>, Failure> {
        let code = format!("{OBSERVATION}|acuity");
        let mut found =
            self.search("Observation", &[("encounter", encounters), ("code", &code)])?;
        for changed in found.iter_mut().filter(|one| one.version > 1) {
            changed.first = self.first_version(changed)?.map(Box::new);
        }
        Ok(found)
    }

    /// What a search finds, until all is there or more than so many.
    pub(crate) fn first(
        &self,
        of: &str,
        params: &[(&str, &str)],
        most: usize,
    ) -> Result<Vec<Found>, Failure> {
        let mut all = Vec::new();
        self.pages(of, params, |page| {
            all.extend(page);
            all.len() <= most
        })?;
        Ok(all)
    }

    /// Hands over what a search finds page by page, until all was or `goes_on` says no. All pages
    /// are of one instant.
    pub(crate) fn pages(
        &self,
        of: &str,
        params: &[(&str, &str)],
        mut goes_on: impl FnMut(Vec<Found>) -> bool,
    ) -> Result<(), Failure> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let mut params: Vec<(String, String)> = params.iter().map(own).collect();
        params.push(("_count".to_owned(), "1000".to_owned()));
        let mut cursor = None;
        loop {
            let asked = params.iter().cloned();
            let asked: Vec<_> =
                asked.chain(cursor.map(|next| ("_cursor".to_owned(), next))).collect();
            let raw: Vec<String> = asked.iter().map(|(n, v)| format!("{n}={v}")).collect();
            let (resource_type, raw, lenient) = (Some(named(of)?), raw.join("&"), false);
            let search = Interaction::Search { resource_type, params: asked, raw, lenient };
            let Answer::Page(page) = self.ask(search)? else { return Err(unexpected()) };
            let all = page.entries.iter().chain(&page.included).map(found);
            cursor = page.next;
            if !goes_on(all.collect::<Result<_, _>>()?) || cursor.is_none() {
                return Ok(());
            }
        }
    }

    /// Writes entries as one transaction; a version for each, in their order.
    pub(crate) fn write(&self, entries: Vec<Value>) -> Result<Vec<Version>, Failure> {
        self.write_each(entries)?.into_iter().collect()
    }

    /// Writes entries as one transaction; for each, in their order, its version, or a conflict
    /// where what a conditional create would have made was there. The others are written then.
    pub(crate) fn write_each(
        &self,
        entries: Vec<Value>,
    ) -> Result<Vec<Result<Version, Failure>>, Failure> {
        let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
        let body = Arc::from(bundle.to_string().into_bytes());
        let bundle = Interaction::Bundle { body, options: BundleOptions::default() };
        let Answer::Bundle { entries, .. } = self.ask(bundle)? else { return Err(unexpected()) };
        let version = |outcome: Outcome| match outcome? {
            Answer::Created(version) | Answer::Updated(version) => Ok(version),
            Answer::Existing(_) => Err(conflict("somebody else was first")),
            _ => Err(unexpected()),
        };
        Ok(entries.into_iter().map(version).collect())
    }

    /// An operation of the engine that writes.
    pub(crate) fn operate(
        &self,
        on: &str,
        called: &str,
        parameters: &Value,
    ) -> Result<(), Failure> {
        let signature = OPERATIONS.iter().find(|one| one.on == on && one.name() == called);
        let body = json!({"resourceType": "Parameters", "parameter": parameters});
        let operation = Operation {
            signature: signature.ok_or_else(unexpected)?,
            id: None,
            params: Vec::new(),
            body: Arc::from(body.to_string().into_bytes()),
        };
        self.ask(Interaction::Operation(Box::new(operation))).map(drop)
    }

    /// Who asks, as a reference: to the resource where it can be read, else by its name alone.
    pub(crate) fn author(&self) -> Value {
        let name = self.subject.reference();
        let known = match &self.subject.principal {
            Principal::Practitioner(id) => self.read("Practitioner", id).is_ok(),
            Principal::Device(id) => self.read("Device", id).is_ok(),
            _ => false,
        };
        match known {
            true => json!({"reference": name}),
            false => json!({"display": name}),
        }
    }
}

fn named(of: &str) -> Result<ResourceType, Failure> {
    ResourceType::from_name(of).ok_or_else(|| invalid(format!("`{of}` is not a resource type")))
}

fn found(version: &Version) -> Result<Found, Failure> {
    let body = serde_json::from_str(&version.body).map_err(|_| unexpected())?;
    Ok(Found {
        resource_type: version.resource_type.name(),
        id: version.id.clone(),
        version: version.version,
        last_updated: version.last_updated,
        body,
        first: None,
    })
}

fn unexpected() -> Failure {
    Failure::new(Category::Fault, IssueCode::Exception, "a fault inside the server")
}
