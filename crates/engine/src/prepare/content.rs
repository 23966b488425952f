//! One resource as received, made ready to be logged.

use std::sync::Arc;

use accord_access::consent::Unenforceable;
use accord_access::label::raised;
use accord_access::label::rules::{self, LabelRule};
use accord_access::{Stated, Stating, facts};
use accord_base::{LogTime, ResourceId, Role};
use accord_fhir::document::{self, Edit, Stamp};
use accord_fhir::json::{self, Limits, Tape, Value};
use accord_fhir::{Issue, IssueCode};
use accord_index::extract::{self, Columns, Source};
use accord_index::{Definition, Prepared as Keys, Values};
use accord_spec::ResourceType;
use accord_store::{KeyOwner, SealedBody, seal_body};

use super::links::links;
use super::resolve::Resolver;
use crate::controller::Controller;
use crate::integrity::{Named, named};
use crate::labels::Target;
use crate::{Category, Engine, Failure, Request};

/// A version's content, ready for the writer.
pub(crate) struct Content {
    /// The resource as received, minified.
    pub text: Arc<str>,
    /// What is laid over it when it is served.
    pub edits: Arc<[Edit]>,
    /// Text, edits and values, compressed and sealed.
    pub body: SealedBody,
    /// Search values.
    pub values: Arc<Values>,
    /// Search values as index keys.
    pub keys: Keys,
    /// Who the resource names and how it is labelled.
    pub policy: NamedPolicy,
    /// What it states that decisions rest on.
    pub facts: Stated,
    /// What it refers to, whose labels it inherits.
    pub targets: Vec<Target>,
    /// Everything of this server that it refers to, where that has to exist.
    pub references: Vec<Named>,
    /// The labels that it states itself.
    pub stated: u64,
    /// Tells the label rules that it was labelled by.
    pub labelled_by: u64,
    /// The label rules that it is.
    pub rules: Vec<LabelRule>,
    /// Tells the store's own search parameters that it was asked for.
    pub indexed_by: u64,
    /// The search parameters that it defines.
    pub params: Vec<Definition>,
    /// The entitled act that writes it, if it is no ordinary write.
    pub act: Option<Entitled>,
    /// Whether it was made by a patch: whoever sent that is answered as by a read.
    pub patched: bool,
}

/// Acts that do what no ordinary write does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Entitled {
    /// The patient written is one person with this one from now on.
    Merge(ResourceId),
    /// The patient written was merged, and is no longer.
    Unmerge,
    /// A side of a merge: what the resource stated it goes on stating.
    Keep,
    /// The resource goes to another patient.
    Move,
}

/// The policy columns of a version before its names have ordinals.
pub(crate) struct NamedPolicy {
    /// Who answers for it.
    pub controller: Controller,
    /// Everything else.
    pub columns: Columns,
}

/// A resource that parsed and is valid R4.
pub(crate) struct Parsed<'a> {
    /// Its type.
    pub resource_type: ResourceType,
    /// The resource.
    pub value: Value<'a>,
}

/// Where a resource is going.
pub(crate) struct Destination<'a> {
    /// Its logical id.
    pub id: &'a ResourceId,
    /// The request that writes it.
    pub request: &'a Request,
    /// What its references to other entries stand for.
    pub resolver: &'a Resolver,
}

/// Parses a body.
pub(crate) fn parse_json(body: &[u8]) -> Result<Tape, Failure> {
    json::parse(body, Limits::default()).map_err(|error| {
        let code = match error.kind {
            json::ParseErrorKind::TooLarge => IssueCode::TooLong,
            json::ParseErrorKind::TooDeep => IssueCode::TooCostly,
            _ => IssueCode::Structure,
        };
        Failure::new(Category::Invalid, code, format!("not JSON: {error}"))
    })
}

impl<'a> Parsed<'a> {
    /// Checks a resource against R4 and against the type it was sent as.
    pub fn check(value: Value<'a>, expected: ResourceType) -> Result<Parsed<'a>, Failure> {
        valid(value)?;
        Parsed::of_type(value, expected, "resourceType")
    }

    /// A valid resource of the type it was sent as; `path` names it in the refusal.
    pub fn of_type(
        value: Value<'a>,
        expected: ResourceType,
        path: &str,
    ) -> Result<Parsed<'a>, Failure> {
        let name = value.get_str("resourceType").unwrap_or_default();
        match ResourceType::from_name(&name) {
            Some(resource_type) if resource_type == expected => Ok(Parsed { resource_type, value }),
            _ => {
                let text = format!("the resource is a `{name}`, not a `{}`", expected.name());
                let issues = vec![Issue::at(IssueCode::Invalid, path, text)];
                Err(Failure { category: Category::Invalid, issues })
            }
        }
    }

    /// The id the resource carries.
    pub fn id(&self) -> Option<String> {
        self.value.get_str("id").map(|id| id.into_owned())
    }
}

/// Whether a role may write a notice, an alert or a review of a claim: nobody is to be misled.
fn may_write_along(role: Role) -> bool {
    matches!(role, Role::System | Role::PrivacyOfficer)
}

/// Refuses an active consent that cannot be enforced as it stands. One that the operator imports
/// is a record that exists all the same: its patient is on hold.
pub(crate) fn enforceable(stated: &Stated, request: &Request) -> Result<(), Failure> {
    if stated.unenforceable.is_empty() || request.is_import() {
        return Ok(());
    }
    Err(unenforceable("consent", &stated.unenforceable))
}

/// The refusal of what cannot be enforced as it stands.
fn unenforceable(what: &str, faults: &[Unenforceable]) -> Failure {
    let issue = |fault: &Unenforceable| {
        let text = format!("the {what} cannot be enforced: {}", fault.reason);
        Issue::at(IssueCode::NotSupported, fault.element.clone(), text)
    };
    let issues = faults.iter().map(issue).collect();
    Failure { category: Category::Unprocessable, issues }
}

/// Checks a resource against R4: all faults at once.
pub(crate) fn valid(value: Value<'_>) -> Result<(), Failure> {
    let issues = accord_validate::validate(value);
    if issues.is_empty() {
        return Ok(());
    }
    Err(Failure { category: Category::Unprocessable, issues })
}

impl Engine {
    /// Extracts, compresses and seals a valid resource.
    pub(crate) fn content(
        &self,
        resource: &Parsed<'_>,
        to: &Destination<'_>,
    ) -> Result<Content, Failure> {
        let (value, resource_type) = (resource.value, resource.resource_type);
        let resolve = |text: &str| to.resolver.resolve(text).map(str::to_owned);
        let edits = edits(value, to.resolver);
        // What is found by search is what is served: links to other entries are read as replaced.
        let linked = linked(value, &edits, to)?;
        let served = linked.as_ref().map_or(value, Tape::root);
        let source = Source { resource: served, resource_type, resolve: &resolve, base: None };
        let (mut values, mut columns) = extract::extract_all(&source, to.id);
        let targets = extract::links(served, &resolve);
        let references = if self.integrity { named(served, &resolve) } else { Vec::new() };
        extract::add_codes(&mut values, served);
        extract::add_links(&mut values, &targets);
        let controller = self.controller(to.request, resource_type, to.id, &columns.patients)?;
        let rules = rules::read(served).map_err(|faults| unenforceable("label rule", &faults))?;
        let params = crate::own::defined(served)?;
        let own = self.index.own();
        let (own_values, failed) = own.values(&source, |_| true);
        self.own.note_failed(failed);
        let in_force = self.labels.rules();
        let assessed = in_force.assess(served, controller.id(), &resolve);
        let stated = raised(columns.labels, assessed.stated);
        columns.labels = raised(stated, assessed.by_rules);
        let policy = NamedPolicy { controller, columns };
        let facts = facts(&Stating {
            resource_type,
            id: to.id.as_str(),
            resource: served,
            writer: &to.request.subject,
            controller: policy.controller.id(),
            resolve: &resolve,
            zone: self.zones.at(policy.controller.id()),
        });
        enforceable(&facts, to.request)?;
        if accord_access::is_along(served) && !may_write_along(to.request.subject.role) {
            let text = "only the server writes what goes with a claim of access";
            return Err(Failure::new(Category::Forbidden, IssueCode::Forbidden, text));
        }
        let body = self.seal(value.raw(), &edits, &values, &policy)?;
        let mut keys = Keys::new(resource_type.0, &values).with_document(served);
        keys.add(&own_values);
        Ok(Content {
            text: Arc::from(value.raw()),
            edits: edits.into(),
            body,
            keys,
            values: Arc::new(values),
            policy,
            facts,
            targets,
            references,
            stated,
            labelled_by: in_force.version(),
            rules,
            indexed_by: own.version(),
            params,
            act: None,
            patched: false,
        })
    }

    fn seal(
        &self,
        text: &str,
        edits: &[Edit],
        values: &Values,
        policy: &NamedPolicy,
    ) -> Result<SealedBody, Failure> {
        let owner = match policy.columns.patients.as_slice() {
            [] => KeyOwner::Controller(policy.controller.id().to_owned()),
            [patient] => KeyOwner::Patient(patient.as_str().to_owned()),
            _ => {
                let mut random = [0; 16];
                self.rng.fill(&mut random);
                KeyOwner::Own(random)
            }
        };
        let encoded = document::encode_edits(edits);
        self.keys
            .key_of(&owner)
            .and_then(|key| seal_body(&key, text.as_bytes(), &encoded, values, &*self.rng))
            .map_err(|error| self.fault("sealing a document", &error))
    }
}

/// The resource with its links to other entries replaced, where it has any.
fn linked(value: Value<'_>, edits: &[Edit], to: &Destination<'_>) -> Result<Option<Tape>, Failure> {
    if links(value, to.resolver).is_empty() {
        return Ok(None);
    }
    let stamp = Stamp { id: to.id, version: 1, last_updated: LogTime(0) };
    parse_json(document::render(value.raw(), edits, stamp).as_bytes()).map(Some)
}

/// What is laid over the text when it is served: the server's elements and resolved references.
pub(crate) fn edits(value: Value<'_>, resolver: &Resolver) -> Vec<Edit> {
    let base = value.span().start;
    let mut edits = document::stamp_edits(value);
    for (link, target) in links(value, resolver) {
        edits.push(document::replace_string(link, base, &target));
    }
    for reference in extract::references(value) {
        let text = reference.as_str().unwrap_or_default();
        if let Some(target) = resolver.resolve(&text) {
            edits.push(document::replace_string(reference, base, target));
        }
    }
    edits.sort_by_key(|edit| edit.range.start);
    // A reference inside an element that the server owns goes with that element.
    let mut end = 0;
    edits.retain(|edit| {
        let keep = edit.range.start >= end;
        end = end.max(edit.range.end);
        keep
    });
    edits
}
