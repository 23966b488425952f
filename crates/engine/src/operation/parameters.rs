//! Parameters resources (FHIR R4 §3.2.1): read as they come, written as answers.

use accord_base::{Principal, Purpose, ResourceId, Rng, Role, Subject};
use accord_fhir::IssueCode;
use accord_fhir::json::{Kind, Tape, Value, quoted};
use accord_fhir::reference::Reference;

use crate::prepare::{parse_json, valid};
use crate::{Category, Failure};

/// A Parameters resource as received.
pub(super) struct Parameters(Tape);

/// Names of the parameters that say who is meant.
pub(super) const WHO: [&str; 4] = ["subject", "organization", "role", "purpose"];

impl Parameters {
    /// Reads a body; `known` are the names that the operation has.
    ///
    /// # Errors
    /// If it is no Parameters resource, or has others.
    pub fn parse(body: &[u8], known: &[&str]) -> Result<Parameters, Failure> {
        let tape = parse_json(body)?;
        valid(tape.root())?;
        if tape.root().get_str("resourceType").as_deref() != Some("Parameters") {
            return Err(invalid(IssueCode::Structure, "a Parameters resource is needed"));
        }
        let parameters = Parameters(tape);
        let name = |p: Value<'_>| p.get_str("name").unwrap_or_default().into_owned();
        let other = parameters.all().map(name).find(|name| !known.contains(&name.as_str()));
        other.map_or(Ok(parameters), |name| Err(unknown(&name)))
    }

    fn all(&self) -> impl Iterator<Item = Value<'_>> {
        self.0.root().get("parameter").into_iter().flat_map(Value::items)
    }

    /// The parameters of a name.
    pub fn named(&self, name: &str) -> impl Iterator<Item = Value<'_>> {
        self.all().filter(move |p| p.get_str("name").as_deref() == Some(name))
    }

    /// The first parameter of a name.
    pub fn get(&self, name: &str) -> Option<Value<'_>> {
        self.all().find(|p| p.get_str("name").as_deref() == Some(name))
    }

    /// The text of a parameter's value in one of these elements.
    pub fn text(&self, name: &str, elements: &[&str]) -> Option<String> {
        let parameter = self.get(name)?;
        elements.iter().find_map(|element| parameter.get_str(element)).map(|text| text.into_owned())
    }

    /// Type and id that a parameter refers to.
    ///
    /// # Errors
    /// If it is there and is no reference to a resource of this server.
    pub fn reference(&self, name: &str) -> Result<Option<(String, ResourceId)>, Failure> {
        let Some(parameter) = self.get(name) else { return Ok(None) };
        let text = parameter.get("valueReference").and_then(|v| v.get_str("reference"));
        let text = text.or_else(|| parameter.get_str("valueString")).unwrap_or_default();
        match Reference::relative(&text) {
            Some(Reference::Relative { resource_type, id, .. }) => {
                let id = ResourceId::new(id).map_err(|_| not_a("reference", name))?;
                Ok(Some((resource_type.to_owned(), id)))
            }
            _ => Err(not_a("reference", name)),
        }
    }

    /// The person or process that the parameters of [`WHO`] describe, as if they asked. Without
    /// `subject` it is somebody of whom nothing is known but role and organisation.
    ///
    /// # Errors
    /// If it is not told who is meant.
    pub fn subject(&self, rng: &dyn Rng) -> Result<Subject, Failure> {
        let code = |name| self.text(name, &["valueCode", "valueString"]);
        let role = code("role").and_then(|code| Role::from_code(&code));
        let role =
            role.filter(|role| *role != Role::System).ok_or_else(|| not_a("role", "role"))?;
        let purpose = match code("purpose") {
            Some(code) => Purpose::from_code(&code).ok_or_else(|| not_a("purpose", "purpose"))?,
            None => usual(role),
        };
        let kind = match role {
            Role::Patient => "Patient",
            Role::Integration => "Device",
            _ => "Practitioner",
        };
        let id = match self.reference("subject")? {
            Some((named, id)) if named == kind => id,
            Some(_) => {
                let text = format!("in this role the parameter `subject` names a {kind}");
                return Err(invalid(IssueCode::Value, text));
            }
            None => ResourceId::random(rng),
        };
        let organization = match self.reference("organization")? {
            Some((kind, id)) if kind == "Organization" => Some(id),
            Some(_) => return Err(not_a("reference to an Organization", "organization")),
            None => None,
        };
        let principal = match role {
            Role::Patient => Principal::Patient(id),
            Role::Integration => Principal::Device(id),
            _ => Principal::Practitioner(id),
        };
        let (token_id, test, grant) = (String::new(), false, None);
        Ok(Subject { principal, role, organization, purpose, token_id, test, grant })
    }
}

/// Those who answer for an organisation's data are told about its own people, not about what
/// other organisations know.
///
/// # Errors
/// If the person is of another organisation, unless a patient, somebody who acts for one, or the
/// system asks.
pub(super) fn of_own_organization(asker: &Subject, named: &Subject) -> Result<(), Failure> {
    let of_patient = matches!(asker.role, Role::System | Role::Patient | Role::Proxy);
    let anyone = of_patient || named.role == Role::Patient;
    if anyone || named.organization == asker.organization {
        return Ok(());
    }
    let text = "what people of other organisations see is not told";
    Err(Failure::new(Category::Forbidden, IssueCode::Forbidden, text))
}

/// What somebody in a role usually asks for.
fn usual(role: Role) -> Purpose {
    match role {
        Role::Clinician | Role::Pharmacist | Role::Registration | Role::Integration => {
            Purpose::Treat
        }
        Role::Patient | Role::Proxy => Purpose::Patrqt,
        Role::Payor => Purpose::Hpaymt,
        Role::Administrator | Role::PrivacyOfficer => Purpose::Hoperat,
        Role::System => Purpose::Sysadmin,
        Role::Researcher => Purpose::Hresch,
    }
}

/// The text of a parameter's primitive value.
pub(super) fn primitive(parameter: Value<'_>) -> Option<String> {
    let (_, value) = parameter.members().find(|(name, _)| name.starts_with("value"))?;
    match value.kind() {
        Kind::String => value.as_str().map(|text| text.into_owned()),
        Kind::Bool | Kind::Number => Some(value.raw().to_owned()),
        _ => None,
    }
}

/// A parameter with a value: `value` is JSON.
fn valued(name: &str, element: &str, value: &str) -> String {
    format!(r#"{{"name":"{name}","{element}":{value}}}"#)
}

/// A parameter with a code.
pub(super) fn code(name: &str, code: &str) -> String {
    valued(name, "valueCode", &quoted(code))
}

/// A parameter with a text.
pub(super) fn text(name: &str, text: &str) -> String {
    valued(name, "valueString", &quoted(text))
}

/// A parameter with an instant.
pub(super) fn instant(name: &str, at: impl std::fmt::Display) -> String {
    valued(name, "valueInstant", &format!("\"{at}\""))
}

/// A parameter with a number.
pub(super) fn number(name: &str, number: u64) -> String {
    valued(name, "valueUnsignedInt", &number.to_string())
}

/// A parameter with a reference.
pub(super) fn reference(name: &str, to: &str) -> String {
    valued(name, "valueReference", &format!(r#"{{"reference":{}}}"#, quoted(to)))
}

/// A parameter that has parts.
pub(super) fn group(name: &str, parts: &[String]) -> String {
    format!(r#"{{"name":"{name}","part":[{}]}}"#, parts.join(","))
}

/// A Parameters resource.
pub(super) fn parameters(parts: &[String]) -> String {
    format!(r#"{{"resourceType":"Parameters","parameter":[{}]}}"#, parts.join(","))
}

/// A request that cannot be read.
pub(super) fn invalid(code: IssueCode, text: impl Into<String>) -> Failure {
    Failure::new(Category::Invalid, code, text)
}

fn not_a(what: &str, name: &str) -> Failure {
    invalid(IssueCode::Value, format!("the parameter `{name}` is not a {what}"))
}

/// A parameter that the operation does not have. Its name may be anything, a person's too.
pub(super) fn unknown(name: &str) -> Failure {
    let word = name.len() <= 32 && name.bytes().all(|b| b.is_ascii_alphanumeric());
    let text = if word {
        format!("the parameter `{name}` is not one of this operation")
    } else {
        "a parameter is not one of this operation".to_owned()
    };
    invalid(IssueCode::NotSupported, text)
}
