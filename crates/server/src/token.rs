//! `accord token`: short-lived tokens for the operator at the machine. Minting writes nothing; the
//! reason is a signed claim, recorded at every use.

use std::path::PathBuf;
use std::sync::Arc;

use accord_auth::Tokens;
use accord_base::{Grant, Principal, Purpose, ResourceId, Role, Scopes, Subject, SystemClock};
use accord_engine::Settings;
use clap::Args;

use crate::fail::Fail;
use crate::out;

/// Print a short-lived bearer token.
#[derive(Args)]
pub struct Token {
    /// Folder of the store.
    #[arg(long)]
    data: PathBuf,
    /// The scope of the system, for this reason.
    #[arg(long, value_name = "REASON", required_unless_present = "as_", conflicts_with = "as_")]
    system: Option<String>,
    /// A principal, `Practitioner/id`, `Patient/id`, `Device/id` or `RelatedPerson/id`; only in
    /// stores made with `--test-principals`.
    #[arg(long = "as", id = "as_", value_name = "REFERENCE", requires = "role")]
    as_: Option<String>,
    /// The role of the principal.
    #[arg(long, value_parser = role)]
    role: Option<Role>,
    /// The organisation acted for, `Organization/id`.
    #[arg(long)]
    organization: Option<String>,
    /// The purpose of use.
    #[arg(long, value_parser = purpose, default_value = "TREAT")]
    purpose: Purpose,
    /// SMART scopes that limit the token, such as `patient/Observation.rs`; without them it may do
    /// whatever its role may.
    #[arg(long, value_name = "SCOPES", requires = "as_")]
    scope: Option<String>,
    /// The patient in context, `Patient/id`, to whom `patient/` scopes are limited; a patient's
    /// own token has themselves.
    #[arg(long, value_name = "REFERENCE", requires = "scope")]
    patient: Option<String>,
    /// How long the token is good, in seconds.
    #[arg(long)]
    seconds: Option<u64>,
}

/// Reads the code of a role.
pub fn role(text: &str) -> Result<Role, String> {
    Role::from_code(text).ok_or_else(|| {
        let known: Vec<&str> = Role::ALL.iter().map(|(_, code)| *code).collect();
        format!("roles are {}", known.join(", "))
    })
}

/// Reads the code of a purpose of use.
pub fn purpose(text: &str) -> Result<Purpose, String> {
    Purpose::from_code(text).ok_or_else(|| {
        let known: Vec<&str> = Purpose::ALL.iter().map(|(_, code)| *code).collect();
        format!("purposes are {}", known.join(", "))
    })
}

/// Runs the command.
pub fn run(token: &Token) -> Result<(), Fail> {
    let settings = accord_engine::settings(&token.data)?;
    let subject = match (&token.system, &token.as_) {
        (Some(reason), _) if reason.trim().is_empty() => {
            return Err(Fail::new("the reason must not be empty"));
        }
        (Some(reason), _) => Subject::system(reason),
        (None, Some(_)) if !settings.test_principals => {
            return Err(Fail::new("this store was not made with --test-principals"));
        }
        (None, Some(reference)) => Subject {
            principal: principal(reference)?,
            role: token.role.ok_or_else(|| Fail::new("--role is needed"))?,
            organization: token.organization.as_deref().map(organization).transpose()?,
            purpose: token.purpose,
            token_id: String::new(),
            test: true,
            grant: grant(token, reference)?,
        },
        (None, None) => return Err(Fail::new("--system or --as is needed")),
    };
    out::line(&mint(&settings, &subject, token.seconds)?)
}

/// The ceiling that the command asks for. It has no id: nothing ends it but time.
fn grant(token: &Token, reference: &str) -> Result<Option<Arc<Grant>>, Fail> {
    let Some(scope) = &token.scope else { return Ok(None) };
    let context =
        token.patient.as_deref().or(Some(reference).filter(|r| r.starts_with("Patient/")));
    let patient = match context.map(principal).transpose()? {
        None => None,
        Some(Principal::Patient(id)) => Some(id),
        Some(_) => return Err(Fail::new("--patient is a reference to a Patient")),
    };
    let (id, client) = (String::new(), String::new());
    Ok(Some(Arc::new(Grant { id, client, scopes: Scopes::parse(scope)?, patient })))
}

/// A token for a subject of this store.
pub fn mint(settings: &Settings, subject: &Subject, seconds: Option<u64>) -> Result<String, Fail> {
    let tokens = Tokens::new(settings.token_key, Arc::new(SystemClock))
        .with_test_principals(settings.test_principals);
    Ok(tokens.mint(subject, seconds)?)
}

/// Reads `Practitioner/id`, `Patient/id`, `Device/id` or `RelatedPerson/id`.
pub fn principal(reference: &str) -> Result<Principal, Fail> {
    let (kind, id) = reference.split_once('/').unwrap_or((reference, ""));
    let id = ResourceId::new(id)?;
    match kind {
        "Practitioner" => Ok(Principal::Practitioner(id)),
        "Patient" => Ok(Principal::Patient(id)),
        "Device" => Ok(Principal::Device(id)),
        "RelatedPerson" => Ok(Principal::RelatedPerson(id)),
        _ => Err(Fail::new(format!(
            "`{reference}` is not a Practitioner, Patient, Device or RelatedPerson"
        ))),
    }
}

/// Reads an organisation, by id or reference.
pub fn organization(text: &str) -> Result<ResourceId, Fail> {
    Ok(ResourceId::new(text.strip_prefix("Organization/").unwrap_or(text))?)
}
