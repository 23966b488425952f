//! `accord client`: apps and systems that may ask for tokens.

use std::path::PathBuf;

use accord_auth::{Client as Registered, ClientProof, Hat};
use accord_base::{Purpose, Role};
use clap::{Args, Subcommand};

use crate::fail::Fail;
use crate::identity;
use crate::out;
use crate::token::{organization, purpose};

/// Apps and systems that may ask for tokens.
#[derive(Args)]
pub struct Client {
    /// Folder of the store.
    #[arg(long, global = true, default_value = ".")]
    data: PathBuf,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Register a client; prints its id, and its secret if it has one.
    Add(Box<Add>),
    /// List clients.
    List,
    /// Remove a client and end what it was given.
    Remove {
        /// Its id.
        id: String,
    },
}

#[derive(Args)]
struct Add {
    /// What people call it.
    #[arg(long)]
    name: String,
    /// Its id; a random one otherwise.
    #[arg(long)]
    id: Option<String>,
    /// An address that it may be sent back to; may be given several times.
    #[arg(long = "redirect", value_name = "URI")]
    redirects: Vec<String>,
    /// The scopes it may be given.
    #[arg(long, value_name = "SCOPES")]
    scope: String,
    /// It can keep a secret: makes one and prints it.
    #[arg(long)]
    secret: bool,
    /// A file with its public keys, a JWK Set; it signs assertions with RS384 or ES384.
    #[arg(long, value_name = "FILE", conflicts_with = "secret")]
    jwks: Option<PathBuf>,
    /// Where a launch from a record system begins.
    #[arg(long, value_name = "URI")]
    launch_uri: Option<String>,
    /// It acts by itself, as this `Device/id`; needs keys and an organisation.
    #[arg(long = "as", value_name = "REFERENCE", requires = "organization", requires = "jwks")]
    as_: Option<String>,
    /// The organisation that it acts for.
    #[arg(long)]
    organization: Option<String>,
    /// A purpose of use when it acts by itself; may be given several times.
    #[arg(long, value_parser = purpose, default_value = "TREAT")]
    purpose: Vec<Purpose>,
}

impl Add {
    fn service(&self) -> Result<Option<Hat>, Fail> {
        let Some(principal) = &self.as_ else { return Ok(None) };
        let organization = self.organization.as_deref().map(organization).transpose()?;
        Ok(Some(Hat {
            principal: principal.clone(),
            role: Role::Integration.code().to_owned(),
            organization: organization.map(|id| id.to_string()),
            purposes: self.purpose.iter().map(|purpose| purpose.code().to_owned()).collect(),
        }))
    }
}

/// Runs the command.
pub fn run(client: &Client) -> Result<(), Fail> {
    let authority = identity::of_store(&client.data)?;
    match &client.what {
        What::Add(add) => {
            let (mut secret, mut proof) = (None, ClientProof::Public);
            if add.secret {
                let (made, hash) = authority.client_secret();
                (secret, proof) = (Some(made), hash);
            } else if let Some(path) = &add.jwks {
                proof = ClientProof::Keys(serde_json::from_slice(&std::fs::read(path)?)?);
            }
            let id = authority.add_client(Registered {
                id: add.id.clone().unwrap_or_default(),
                name: add.name.clone(),
                redirect_uris: add.redirects.clone(),
                scopes: add.scope.clone(),
                proof,
                launch_uri: add.launch_uri.clone(),
                service: add.service()?,
            })?;
            out::line(&id)?;
            secret.map_or(Ok(()), |secret| out::line(&secret))
        }
        What::List => authority.clients()?.iter().try_for_each(|client| {
            out::line(&format!("{}\t{}\t{}", client.id, client.name, client.scopes))
        }),
        What::Remove { id } => Ok(authority.remove_client(id)?),
    }
}
