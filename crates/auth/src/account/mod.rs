//! Accounts: who may sign in, and as whom.

pub mod passkey;
pub mod password;
pub mod totp;

use accord_base::{Principal, Purpose, ResourceId, Role, Subject};
use serde::{Deserialize, Serialize};

use crate::claims::coherent;
use crate::records::{Stored, Table};
use passkey::Passkey;

/// Someone who may sign in.
#[derive(Clone, Serialize, Deserialize, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// What they type; lower case.
    pub login: String,
    /// What pages call them.
    pub name: String,
    /// The roles they may take, one at a time.
    pub hats: Vec<Hat>,
    /// Whether sign-in is refused for good.
    pub disabled: bool,
    pub(crate) password: Option<String>,
    pub(crate) totp: Option<Totp>,
    /// Hashes of recovery codes that were not used yet.
    pub(crate) recovery: Vec<String>,
    pub(crate) passkeys: Vec<Passkey>,
    pub(crate) failures: u32,
    pub(crate) locked_until_s: u64,
}

/// The second factor of an authenticator app.
#[derive(Clone, Serialize, Deserialize, PartialEq, Eq, Debug)]
pub(crate) struct Totp {
    /// The secret, sealed.
    pub secret: String,
    /// The newest step whose code was used.
    pub last_step: u64,
}

/// A role that an account may take: as whom, for whom, and why.
#[derive(Clone, Serialize, Deserialize, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub struct Hat {
    /// `Practitioner/id`, `Patient/id` or `Device/id`.
    pub principal: String,
    /// Code of the role.
    pub role: String,
    /// Id of the organisation acted for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// Codes of the purposes it may be used for; the first one counts unless another is asked for.
    pub purposes: Vec<String>,
}

impl Stored for Account {
    const TABLE: Table = Table::Account;

    fn until_s(&self) -> Option<u64> {
        None
    }
}

impl Account {
    /// An account without any way to sign in yet.
    pub fn new(login: &str, name: &str, hats: Vec<Hat>) -> Account {
        Account {
            login: login.to_lowercase(),
            name: name.to_owned(),
            hats,
            disabled: false,
            password: None,
            totp: None,
            recovery: Vec::new(),
            passkeys: Vec::new(),
            failures: 0,
            locked_until_s: 0,
        }
    }

    /// Whether an authenticator app is set up.
    pub fn has_totp(&self) -> bool {
        self.totp.is_some()
    }

    /// How many recovery codes were not used yet.
    pub fn recovery_left(&self) -> usize {
        self.recovery.len()
    }

    /// Names of passkeys with their ids.
    pub fn passkeys(&self) -> impl Iterator<Item = (&str, &str)> {
        self.passkeys.iter().map(|key| (&*key.label, &*key.id))
    }
}

impl Hat {
    /// The subject that wears it for a purpose, or for its first one; without token and grant.
    /// `None` if the hat is not one that exists, or has no such purpose.
    pub fn subject(&self, purpose: Option<&str>) -> Option<Subject> {
        let (kind, id) = self.principal.split_once('/')?;
        let id = ResourceId::new(id).ok()?;
        let principal = match kind {
            "Practitioner" => Principal::Practitioner(id),
            "Patient" => Principal::Patient(id),
            "Device" => Principal::Device(id),
            "RelatedPerson" => Principal::RelatedPerson(id),
            _ => return None,
        };
        let code = match purpose {
            Some(asked) => self.purposes.iter().find(|code| *code == asked)?,
            None => self.purposes.first()?,
        };
        let organization = self.organization.as_deref().map(ResourceId::new).transpose().ok()?;
        let subject = Subject {
            principal,
            role: Role::from_code(&self.role)?,
            organization,
            purpose: Purpose::from_code(code)?,
            token_id: String::new(),
            test: false,
            grant: None,
        };
        coherent(&subject).then_some(subject)
    }

    /// The role, if there is such a one.
    pub fn role(&self) -> Option<Role> {
        Role::from_code(&self.role)
    }

    /// The hat in words: role, organisation, person.
    pub fn label(&self) -> String {
        match &self.organization {
            Some(organization) => {
                format!("{} at {organization} ({})", self.role, self.principal)
            }
            None => format!("{} ({})", self.role, self.principal),
        }
    }
}
