//! `$validate` (FHIR R4 resource-operation-validate): what is wrong with a resource, without
//! storing it.

use accord_fhir::json::{Tape, Value};
use accord_fhir::outcome::operation_outcome;
use accord_fhir::{Issue, IssueCode, Severity};
use accord_index::{Found, View};
use accord_spec::{ResourceType, TypeId, is_subtype};
use accord_validate::validate_strictly;

use super::Operation;
use super::parameters::invalid;
use crate::interaction::{Drawn, not_found};
use crate::prepare::parse_json;
use crate::{Answer, Category, Engine, Failure};

/// Where the definitions of R4's own types are.
const DEFINITIONS: &str = "http://hl7.org/fhir/StructureDefinition/";
/// The parameters that are understood.
const NAMES: [&str; 3] = ["resource", "mode", "profile"];

/// What a resource is validated for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Content,
    Create,
    Update,
    Delete,
}

/// A question as it was asked.
struct Question<'a> {
    operation: &'a Operation,
    body: Option<Tape>,
}

impl Engine {
    /// Answers `$validate`.
    pub(super) fn validate(&self, operation: &Operation, view: &View) -> Drawn {
        match self.validated(operation, view) {
            Ok((issues, patients)) => (Ok(Answer::Resource(operation_outcome(&issues))), patients),
            Err(failure) => (Err(failure), Vec::new()),
        }
    }

    fn validated(
        &self,
        operation: &Operation,
        view: &View,
    ) -> Result<(Vec<Issue>, Vec<accord_base::ResourceId>), Failure> {
        let question = Question::read(operation)?;
        let on = operation.resource_type().ok_or_else(not_found)?;
        question.profiles(on)?;
        let mode = question.mode()?;
        let row = match &operation.id {
            None => None,
            Some(id) => match view.read(on, id.as_str()) {
                Found::Live(row) => Some((row, id)),
                // What a marker stands for is not told of.
                _ if question.resource().is_some() => None,
                Found::Deleted(_) | Found::Known(_) | Found::Absent => return Err(not_found()),
            },
        };
        let patients = row.as_ref().map(|(row, _)| self.patients_of([row])).unwrap_or_default();
        let issues = match (mode, question.resource(), row) {
            (Mode::Delete, _, Some(_)) => vec![fine("nothing forbids that it is deleted")],
            (Mode::Delete, ..) => return Err(not_found()),
            (_, Some(resource), _) => told(resource, on, mode, operation),
            (_, None, Some((row, id))) => {
                let stored = self.version_as(view, &row, id)?;
                let tape = parse_json(stored.body.as_bytes())?;
                told(tape.root(), on, mode, operation)
            }
            (_, None, None) => {
                return Err(invalid(IssueCode::Required, "the parameter `resource` is needed"));
            }
        };
        Ok((issues, patients))
    }
}

impl<'a> Question<'a> {
    /// # Errors
    /// If the body is no JSON, or has parameters that are not understood.
    fn read(operation: &'a Operation) -> Result<Question<'a>, Failure> {
        let body =
            if operation.body.is_empty() { None } else { Some(parse_json(&operation.body)?) };
        let question = Question { operation, body };
        let own = question.parameters().into_iter().flatten();
        let own = own.filter_map(|p| p.get_str("name")).map(|name| name.into_owned());
        let all = own.chain(operation.params.iter().map(|(name, _)| name.clone()));
        let other = all.into_iter().find(|name| !NAMES.contains(&name.as_str()));
        match other {
            None => Ok(question),
            Some(name) => {
                let text = format!("the parameter `{name}` is not supported");
                Err(invalid(IssueCode::NotSupported, text))
            }
        }
    }

    /// The parameters, where the body is a resource of them: asked of Parameters it is the resource
    /// itself, unless one of them is called `resource`.
    fn parameters(&self) -> Option<impl Iterator<Item = Value<'_>>> {
        let root = self.body.as_ref()?.root();
        let parameters = || root.get("parameter").into_iter().flat_map(Value::items);
        let named = || parameters().any(|p| p.get_str("name").as_deref() == Some("resource"));
        let is = root.get_str("resourceType").as_deref() == Some("Parameters");
        (is && (self.operation.signature.on != "Parameters" || named())).then(parameters)
    }

    /// The resource, as a parameter or alone.
    fn resource(&self) -> Option<Value<'_>> {
        match self.parameters() {
            None => Some(self.body.as_ref()?.root()),
            Some(mut all) => {
                let named = |p: &Value<'_>| p.get_str("name").as_deref() == Some("resource");
                all.find(named)?.get("resource")
            }
        }
    }

    /// The values of a parameter, from URL and body.
    fn texts(&self, name: &str, elements: &[&str]) -> Vec<String> {
        let url = self.operation.params.iter().filter(|(own, _)| own == name);
        let own = self.parameters().into_iter().flatten();
        let own = own.filter(|p| p.get_str("name").as_deref() == Some(name));
        let text =
            |p: Value<'_>| elements.iter().find_map(|e| p.get_str(e)).map(|t| t.into_owned());
        url.map(|(_, value)| value.clone()).chain(own.filter_map(text)).collect()
    }

    fn mode(&self) -> Result<Mode, Failure> {
        let texts = self.texts("mode", &["valueCode", "valueString"]);
        match texts.first().map(String::as_str) {
            None | Some("profile") => Ok(Mode::Content),
            Some("create") => Ok(Mode::Create),
            Some("update") => Ok(Mode::Update),
            Some("delete") => Ok(Mode::Delete),
            Some(_) => {
                let text = "the parameter `mode` is create, update, delete or profile";
                Err(invalid(IssueCode::Value, text))
            }
        }
    }

    /// # Errors
    /// If a profile is asked for that is none of R4's own definitions.
    fn profiles(&self, on: ResourceType) -> Result<(), Failure> {
        let elements = ["valueCanonical", "valueUri", "valueUrl", "valueString"];
        for profile in self.texts("profile", &elements) {
            if !is_base(&profile, on) {
                let text = "only R4's own definitions are validated against, no profiles";
                return Err(Failure::new(Category::Unsupported, IssueCode::NotSupported, text));
            }
        }
        Ok(())
    }
}

/// Whether a canonical address is that of a type's own definition in R4, or of one that it
/// specialises.
fn is_base(profile: &str, on: ResourceType) -> bool {
    let (url, version) = profile.split_once('|').unwrap_or((profile, accord_spec::FHIR_VERSION));
    let ty = url.strip_prefix(DEFINITIONS).and_then(TypeId::from_name);
    accord_spec::FHIR_VERSION.starts_with(version)
        && ty.is_some_and(|ty| is_subtype(on.type_id(), ty))
}

/// All there is to say of a resource.
fn told(resource: Value<'_>, on: ResourceType, mode: Mode, operation: &Operation) -> Vec<Issue> {
    let mut issues = validate_strictly(resource);
    let own = resource.get_str("resourceType").unwrap_or_default();
    if let Some(own) = ResourceType::from_name(&own).filter(|own| *own != on) {
        let text = format!("the resource is a {own}, not a {on}");
        issues.push(Issue::at(IssueCode::Invalid, own.name(), text));
    }
    issues.extend(of_id(resource, on, mode, operation));
    let information = |issue: Issue| issue.with_severity(Severity::Information);
    let profiles = resource.get("meta").and_then(|meta| meta.get("profile"));
    for (at, profile) in profiles.into_iter().flat_map(Value::items).enumerate() {
        if profile.as_str().is_some_and(|profile| !is_base(&profile, on)) {
            let path = format!("{on}.meta.profile[{at}]");
            let text = "the resource was not checked against this profile";
            issues.push(information(Issue::at(IssueCode::NotSupported, path, text)));
        }
    }
    if issues.iter().all(|issue| issue.severity == Severity::Information) {
        issues.push(fine("no faults were found"));
    }
    issues
}

/// What is wrong with the id for what is to be done.
fn of_id(
    resource: Value<'_>,
    on: ResourceType,
    mode: Mode,
    operation: &Operation,
) -> Option<Issue> {
    let path = format!("{on}.id");
    let own = resource.get_str("id");
    match (mode, &operation.id, own) {
        (Mode::Update, _, None) => {
            Some(Issue::at(IssueCode::Required, path, "an update needs the id"))
        }
        (Mode::Update, Some(id), Some(own)) if own != id.as_str() => {
            Some(Issue::at(IssueCode::Value, path, "the id differs from that of the address"))
        }
        (Mode::Create, _, Some(_)) => {
            let text = "the id is replaced where the resource is created";
            let issue = Issue::at(IssueCode::Informational, path, text);
            Some(issue.with_severity(Severity::Information))
        }
        _ => None,
    }
}

fn fine(text: &str) -> Issue {
    Issue::error(IssueCode::Informational, text).with_severity(Severity::Information)
}
