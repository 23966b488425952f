//! `accord account`: who may sign in.

use std::io::Read;
use std::path::PathBuf;

use accord_auth::Hat;
use accord_base::{Purpose, Role};
use clap::{Args, Subcommand};

use crate::administration;
use crate::fail::Fail;
use crate::identity;
use crate::out;
use crate::token::{organization, purpose, role};

/// Who may sign in.
#[derive(Args)]
pub struct Account {
    /// Folder of the store.
    #[arg(long, global = true, default_value = ".")]
    data: PathBuf,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Make an account; the password is read from standard input.
    Add(Add),
    /// Give an account one more role.
    Role(Wear),
    /// List accounts and their roles.
    List,
    /// Set the password to what standard input says, and end the account's sessions.
    Password {
        /// The login.
        login: String,
    },
    /// Set up an authenticator app; prints what to type into it.
    Totp {
        /// The login.
        login: String,
    },
    /// Make new recovery codes; prints them.
    Recovery {
        /// The login.
        login: String,
    },
    /// Refuse sign-in, and end the account's sessions and apps.
    Disable {
        /// The login.
        login: String,
    },
    /// Allow sign-in again.
    Enable {
        /// The login.
        login: String,
    },
    /// Remove an account.
    Remove {
        /// The login.
        login: String,
    },
    /// Print a code with which a patient, whose identity was proven, makes a log-in.
    ProofingCode {
        /// `Patient/id`.
        patient: String,
    },
}

impl What {
    /// The command and whom it is about, for the access records.
    fn told(&self) -> (&'static str, &str) {
        match self {
            What::Add(add) => ("account add", &add.wear.login),
            What::Role(wear) => ("account role", &wear.login),
            What::List => ("account list", ""),
            What::Password { login } => ("account password", login),
            What::Totp { login } => ("account totp", login),
            What::Recovery { login } => ("account recovery", login),
            What::Disable { login } => ("account disable", login),
            What::Enable { login } => ("account enable", login),
            What::Remove { login } => ("account remove", login),
            What::ProofingCode { patient } => ("account proofing-code", patient),
        }
    }
}

#[derive(Args)]
struct Add {
    #[command(flatten)]
    wear: Wear,
    /// What pages call them; the login otherwise.
    #[arg(long)]
    name: Option<String>,
}

#[derive(Args)]
struct Wear {
    /// The login.
    login: String,
    /// The person, `Practitioner/id` or `Patient/id`.
    #[arg(long = "as", value_name = "REFERENCE")]
    as_: String,
    /// The role.
    #[arg(long, value_parser = role)]
    role: Role,
    /// The organisation acted for.
    #[arg(long)]
    organization: Option<String>,
    /// A purpose of use; may be given several times, the first counts unless another is asked for.
    #[arg(long, value_parser = purpose, default_value = "TREAT")]
    purpose: Vec<Purpose>,
}

impl Wear {
    fn hat(&self) -> Result<Hat, Fail> {
        let organization = self.organization.as_deref().map(organization).transpose()?;
        Ok(Hat {
            principal: self.as_.clone(),
            role: self.role.code().to_owned(),
            organization: organization.map(|id| id.to_string()),
            purposes: self.purpose.iter().map(|purpose| purpose.code().to_owned()).collect(),
        })
    }
}

/// Runs the command.
pub fn run(account: &Account) -> Result<(), Fail> {
    let authority = identity::of_store(&account.data)?;
    let (command, whom) = account.what.told();
    administration::note(&account.data, command, whom)?;
    match &account.what {
        What::Add(add) => {
            let login = &add.wear.login;
            let name = add.name.as_deref().unwrap_or(login);
            authority.add_account(login, name, vec![add.wear.hat()?], Some(&typed()?))?;
            out::line(&format!("made the account {login}"))
        }
        What::Role(wear) => {
            let found = authority.account(&wear.login)?;
            let mut hats = found.ok_or_else(|| Fail::new("there is no such account"))?.hats;
            hats.push(wear.hat()?);
            Ok(authority.set_hats(&wear.login, hats)?)
        }
        What::List => authority.accounts()?.iter().try_for_each(|account| {
            let hats: Vec<String> = account.hats.iter().map(Hat::label).collect();
            let state = if account.disabled { "disabled" } else { "enabled" };
            out::line(&format!("{}\t{state}\t{}", account.login, hats.join("; ")))
        }),
        What::Password { login } => Ok(authority.set_password(login, &typed()?)?),
        What::Totp { login } => {
            let setup = authority.set_up_totp(login)?;
            out::line(&setup.secret)?;
            out::line(&setup.uri)
        }
        What::Recovery { login } => {
            authority.recovery_codes(login)?.iter().try_for_each(|code| out::line(code))
        }
        What::Disable { login } => Ok(authority.disable(login, true)?),
        What::Enable { login } => Ok(authority.disable(login, false)?),
        What::Remove { login } => Ok(authority.remove_account(login)?),
        What::ProofingCode { patient } => {
            let id = patient.strip_prefix("Patient/").unwrap_or(patient);
            out::line(&authority.proofing_code(id)?)
        }
    }
}

/// A password from standard input: arguments can be read by others.
fn typed() -> Result<String, Fail> {
    let mut text = String::new();
    std::io::stdin().take(1024).read_to_string(&mut text)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
