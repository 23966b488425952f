//! Documents as requests: which request each becomes, and under which mark.

use std::sync::Arc;

use accord_base::{Deadline, ResourceId, Subject};
use accord_engine::{BundleOptions, Category, Failure, Interaction, Request};
use accord_fhir::json::{self, Tape, Value};
use accord_fhir::{IssueCode, json::quoted};
use accord_spec::ResourceType;
use ring::digest::{Context, SHA256};

/// For whom and how documents are imported.
#[derive(Clone)]
pub struct Plan {
    /// Who imports.
    pub subject: Arc<Subject>,
    /// Who answers for the data.
    pub controller: Option<ResourceId>,
    /// Types whose creates are skipped if their identifier is there already.
    pub match_identifier: Arc<[ResourceType]>,
}

/// A request made of a document, or of an entry of one.
pub struct Unit {
    /// Where what the request wraps as its one entry stands in the document.
    pub place: Place,
    /// Types of the resources in it.
    pub types: Vec<String>,
    /// The request.
    pub request: Request,
}

/// Where in its document a request comes from.
pub enum Place {
    /// It is the whole document.
    Whole,
    /// The document is the resource, of this type.
    Resource(String),
    /// It is this entry of a batch.
    Entry(usize),
}

impl Place {
    /// Lets a failure point into the document instead of the transaction made of it.
    pub fn restore(&self, mut failure: Failure) -> Failure {
        for path in failure.issues.iter_mut().filter_map(|issue| issue.expression.as_mut()) {
            let Some(rest) = path.strip_prefix("Bundle.entry[0]") else { continue };
            *path = match self {
                Place::Whole => continue,
                Place::Resource(name) => {
                    format!("{name}{}", rest.strip_prefix(".resource").unwrap_or_default())
                }
                Place::Entry(at) => format!("Bundle.entry[{at}]{rest}"),
            };
        }
        failure
    }
}

impl Plan {
    /// The requests that a document becomes.
    ///
    /// # Errors
    /// If it is not JSON or not a resource.
    pub fn units(&self, bytes: Vec<u8>) -> Result<Vec<Unit>, Failure> {
        let tape = json::parse(&bytes, json::Limits::default()).map_err(|error| {
            let text = format!("not JSON: {error}");
            Failure::new(Category::Invalid, IssueCode::Structure, text)
        })?;
        let root = tape.root();
        let kind = root.get_str("type");
        match (root.get_str("resourceType").as_deref(), kind.as_deref()) {
            (None, _) => {
                let text = "a resource has a `resourceType`";
                Err(Failure::new(Category::Invalid, IssueCode::Structure, text))
            }
            (Some("Bundle"), Some("transaction")) => Ok(vec![self.transaction(types(root), bytes)]),
            (Some("Bundle"), Some("batch")) => Ok(self.batch(&tape, &bytes)),
            (Some(resource_type), _) => Ok(vec![self.resource(resource_type, root, &bytes, 0)]),
        }
    }

    fn transaction(&self, types: Vec<String>, bytes: Vec<u8>) -> Unit {
        let mark = Some(self.mark(&bytes, 0));
        let interaction = Interaction::Bundle { body: bytes.into(), options: self.options(mark) };
        Unit { place: Place::Whole, types, request: self.request(interaction) }
    }

    /// Entries of a batch stand for themselves.
    fn batch(&self, tape: &Tape, bytes: &[u8]) -> Vec<Unit> {
        let entries = tape.root().get("entry").map(Value::items).into_iter().flatten();
        entries
            .enumerate()
            .map(|(at, entry)| {
                let resource = entry.get("resource");
                let types =
                    resource.and_then(|r| r.get_str("resourceType")).map(|t| t.into_owned());
                // Each becomes a transaction of its own, so that its create has a mark.
                let body = format!(
                    r#"{{"resourceType":"Bundle","type":"transaction","entry":[{}]}}"#,
                    entry.raw()
                );
                let options = self.options(Some(self.mark(bytes, at as u64 + 1)));
                let interaction =
                    Interaction::Bundle { body: Arc::from(body.into_bytes()), options };
                Unit {
                    place: Place::Entry(at),
                    types: vec![types.unwrap_or_else(|| String::from("(entry)"))],
                    request: self.request(interaction),
                }
            })
            .collect()
    }

    /// A resource by itself: an update if it has an id, else a create.
    fn resource(&self, resource_type: &str, root: Value<'_>, bytes: &[u8], number: u64) -> Unit {
        let (method, url) = match root.get_str("id") {
            Some(id) => ("PUT", format!("{resource_type}/{id}")),
            None => ("POST", resource_type.to_owned()),
        };
        let body = format!(
            r#"{{"resourceType":"Bundle","type":"transaction","entry":[{{"resource":{},"request":{{"method":"{method}","url":{}}}}}]}}"#,
            root.raw(),
            quoted(&url)
        );
        // An update that changes nothing makes no version; only a create needs the mark.
        let mark = (method == "POST").then(|| self.mark(bytes, number));
        let options = self.options(mark);
        let interaction = Interaction::Bundle { body: Arc::from(body.into_bytes()), options };
        Unit {
            place: Place::Resource(resource_type.to_owned()),
            types: vec![resource_type.to_owned()],
            request: self.request(interaction),
        }
    }

    fn options(&self, mark: Option<[u8; 32]>) -> BundleOptions {
        let match_identifier = self.match_identifier.clone();
        BundleOptions { match_identifier, skip_unchanged: true, mark }
    }

    fn request(&self, interaction: Interaction) -> Request {
        Request {
            subject: self.subject.clone(),
            interaction,
            request_id: String::from("import"),
            controller: self.controller.clone(),
            deadline: Deadline::NEVER,
        }
    }

    /// Names content for the import ledger: the same content for the same controller is the same
    /// import.
    fn mark(&self, bytes: &[u8], number: u64) -> [u8; 32] {
        let mut context = Context::new(&SHA256);
        let controller = self.controller.as_ref().map_or("", |id| id.as_str());
        context.update(&(controller.len() as u64).to_le_bytes());
        context.update(controller.as_bytes());
        context.update(&number.to_le_bytes());
        context.update(bytes);
        let mut mark = [0; 32];
        mark.copy_from_slice(context.finish().as_ref());
        mark
    }
}

/// Types of the resources in a Bundle.
fn types(root: Value<'_>) -> Vec<String> {
    let entries = root.get("entry").map(Value::items).into_iter().flatten();
    entries
        .map(|entry| {
            let resource = entry.get("resource");
            let name = resource.and_then(|r| r.get_str("resourceType")).map(|t| t.into_owned());
            name.unwrap_or_else(|| String::from("(entry)"))
        })
        .collect()
}
