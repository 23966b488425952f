//! `accord client`: apps and systems that may ask for tokens.

use std::path::PathBuf;

use accord_auth::{CertificateProof, Client as Registered, ClientCertificate, ClientProof, Hat};
use accord_base::{Purpose, Role};
use clap::{Args, Subcommand};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::administration;
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

impl What {
    /// The command and what it is about, for the access records.
    fn told(&self) -> (&'static str, &str) {
        match self {
            What::Add(add) => ("client add", &add.name),
            What::List => ("client list", ""),
            What::Remove { id } => ("client remove", id),
        }
    }
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
    /// A certificate of its connections in PEM; may be given several times.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["secret", "jwks"])]
    certificate: Vec<PathBuf>,
    /// A DNS name in the certificate of its connections, which an authority vouches for.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["secret", "jwks"])]
    tls_name: Option<String>,
    /// The origin of its pages, which may then use the FHIR interface from browsers; may be given
    /// several times.
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// It is a part of this product: nobody is asked to allow what it is registered for.
    #[arg(long, requires = "redirects")]
    first_party: bool,
    /// Where a launch from a record system begins.
    #[arg(long, value_name = "URI")]
    launch_uri: Option<String>,
    /// It acts by itself, as this `Device/id`; needs keys or a certificate, and an organisation.
    #[arg(long = "as", value_name = "REFERENCE", requires = "organization")]
    as_: Option<String>,
    /// The organisation that it acts for.
    #[arg(long)]
    organization: Option<String>,
    /// A purpose of use when it acts by itself; may be given several times.
    #[arg(long, value_parser = purpose, default_value = "TREAT")]
    purpose: Vec<Purpose>,
}

impl Add {
    fn certificate(&self) -> Result<Option<CertificateProof>, Fail> {
        if self.certificate.is_empty() && self.tls_name.is_none() {
            return Ok(None);
        }
        let mut thumbprints = Vec::new();
        for path in &self.certificate {
            let der = CertificateDer::from_pem_file(path)?;
            thumbprints.push(ClientCertificate::new(&der, Vec::new()).thumbprint);
        }
        Ok(Some(CertificateProof { name: self.tls_name.clone(), thumbprints }))
    }

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
    let (command, whom) = client.what.told();
    administration::note(&client.data, command, whom)?;
    match &client.what {
        What::Add(add) => {
            let (mut secret, mut proof) = (None, ClientProof::Public);
            if add.secret {
                let (made, hash) = authority.client_secret();
                (secret, proof) = (Some(made), hash);
            } else if let Some(path) = &add.jwks {
                proof = ClientProof::Keys(serde_json::from_slice(&std::fs::read(path)?)?);
            }
            if let Some(certificate) = add.certificate()? {
                proof = ClientProof::Certificate(certificate);
            }
            let id = authority.add_client(Registered {
                id: add.id.clone().unwrap_or_default(),
                name: add.name.clone(),
                redirect_uris: add.redirects.clone(),
                scopes: add.scope.clone(),
                proof,
                launch_uri: add.launch_uri.clone(),
                origins: add.origins.clone(),
                first_party: add.first_party,
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
