//! Apps and systems that ask for tokens.

use accord_base::Scopes;
use jsonwebtoken::jwk::JwkSet;
use serde::{Deserialize, Serialize};

use crate::Authority;
use crate::account::Hat;
use crate::admin::AdminFault;
use crate::oauth::{ClientCertificate, GrantRecord};
use crate::origins::is_origin;
use crate::records::{Kept, Stored, Table};
use crate::secrets::{hashed, random_text};

/// A registered client.
#[derive(Clone, Serialize, Deserialize, PartialEq, Debug)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its id.
    #[serde(default)]
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Where it may be sent back to; compared as texts.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// The scopes it may be given.
    pub scopes: String,
    /// How it shows who it is.
    #[serde(default)]
    pub proof: ClientProof,
    /// Origins of its pages in browsers, which may then send requests to the FHIR interface.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<String>,
    /// Where a launch from a record system begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch_uri: Option<String>,
    /// Whether the operator vouches for it as a part of this product: people are not asked to allow
    /// what it is registered for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub first_party: bool,
    /// As whom it acts by itself; only for clients with keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Hat>,
}

/// How a client shows who it is.
#[derive(Clone, Serialize, Deserialize, PartialEq, Debug, Default)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientProof {
    /// It cannot: an app in a browser or on a phone.
    #[default]
    Public,
    /// A secret, kept as its hash.
    SecretHash(String),
    /// Assertions signed with one of these keys (RFC 7523).
    Keys(JwkSet),
    /// The certificate of its connections (RFC 8705 §2); its tokens are bound to it.
    Certificate(CertificateProof),
}

/// Which certificates are a client's. Of the two one suffices.
#[derive(Clone, Serialize, Deserialize, PartialEq, Eq, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct CertificateProof {
    /// A DNS name of the certificate's subject (`tls_client_auth_san_dns`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// SHA-256 of certificates, base64url (`self_signed_tls_client_auth`).
    #[serde(default)]
    pub thumbprints: Vec<String>,
}

impl CertificateProof {
    /// Whether the certificate is the client's. Names are compared as texts: one with an asterisk
    /// stands for itself alone.
    pub(crate) fn fits(&self, shown: &ClientCertificate) -> bool {
        let named = self.name.as_ref().is_some_and(|name| shown.names.contains(name));
        named || self.thumbprints.contains(&shown.thumbprint)
    }
}

impl Stored for Client {
    const TABLE: Table = Table::Client;

    fn until_s(&self) -> Option<u64> {
        None
    }
}

impl Client {
    /// Whether it can keep a secret.
    pub fn is_confidential(&self) -> bool {
        self.proof != ClientProof::Public
    }

    /// The scopes it may be given.
    pub(crate) fn may_have(&self) -> Scopes {
        Scopes::parse(&self.scopes).unwrap_or_default()
    }
}

impl Authority {
    /// Registers a client under its id, or a new one, and gives the id.
    ///
    /// # Errors
    /// If something about it is not acceptable, or the id is taken.
    pub fn add_client(&self, client: Client) -> Result<String, AdminFault> {
        let id = if client.id.is_empty() { self.fresh_id() } else { client.id.clone() };
        let client = Client { id: id.clone(), ..client };
        self.check_client(&client)?;
        let free = self.shelf.add(&id, &client)?;
        self.read_origins()?;
        if free { Ok(id) } else { Err(AdminFault::Client("the client id is taken".to_owned())) }
    }

    /// A new secret of a client, and the proof that holds its hash.
    pub fn client_secret(&self) -> (String, ClientProof) {
        let secret = random_text(&*self.rng);
        let proof = ClientProof::SecretHash(hashed(&secret));
        (secret, proof)
    }

    /// Every client.
    ///
    /// # Errors
    /// If the records cannot be used.
    pub fn clients(&self) -> Kept<Vec<Client>> {
        Ok(self.shelf.list(self.now_s())?.into_iter().map(|(_, client)| client).collect())
    }

    /// One client.
    ///
    /// # Errors
    /// If the records cannot be used.
    pub fn client(&self, id: &str) -> Kept<Option<Client>> {
        self.shelf.get(id, self.now_s())
    }

    /// Removes a client and ends what it was given.
    ///
    /// # Errors
    /// If there is none.
    pub fn remove_client(&self, id: &str) -> Result<(), AdminFault> {
        self.shelf.0.take(Table::Client, id)?.ok_or(AdminFault::Missing("client"))?;
        self.read_origins()?;
        Ok(self.end_grants(|grant: &GrantRecord| grant.client == id)?)
    }

    fn check_client(&self, client: &Client) -> Result<(), AdminFault> {
        let fault = |text: &str| Err(AdminFault::Client(text.to_owned()));
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/".contains(c);
        if !matches!(client.id.len(), 1..=128) || !client.id.chars().all(plain) {
            return fault("a client id has 1 to 128 letters, digits or any of `-._~:/`");
        }
        if client.name.trim().is_empty() || client.name.len() > 100 {
            return fault("a client has a name of at most 100 bytes");
        }
        if let Err(error) = Scopes::parse(&client.scopes) {
            return Err(AdminFault::Client(error.to_string()));
        }
        if !client.redirect_uris.iter().all(|uri| is_redirect(uri)) {
            return fault("a redirect address is https, or http on this machine, without fragment");
        }
        if !client.origins.iter().all(|origin| is_origin(origin)) {
            return fault("an origin is scheme, host and port alone, https or on this machine");
        }
        // A scheme of an app's own can be taken by another app, which would then be asked nothing.
        let web = |uri: &String| uri.starts_with("https://") || uri.starts_with("http://");
        let pages = client.service.is_none() && client.redirect_uris.iter().all(web);
        if client.first_party && (client.redirect_uris.is_empty() || !pages) {
            return fault(
                "a first-party client has redirect addresses, all https or on this machine",
            );
        }
        if client.proof == ClientProof::Certificate(CertificateProof::default()) {
            return fault("a client with a certificate has a name or a certificate");
        }
        if let Some(hat) = &client.service {
            let feed = hat.principal.starts_with("Device/");
            let shows = matches!(client.proof, ClientProof::Keys(_) | ClientProof::Certificate(_));
            if !shows || !feed {
                return fault(
                    "a client that acts by itself is a Device and has keys or a certificate",
                );
            }
            self.check_hat(hat)?;
        }
        Ok(())
    }
}

/// Addresses to which codes may be sent: nobody else can read them there.
fn is_redirect(uri: &str) -> bool {
    let local = ["http://localhost", "http://127.0.0.1", "http://[::1]"].iter().any(|front| {
        uri.strip_prefix(front).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    });
    // An app on a phone has a scheme of its own, which has a dot in it (RFC 8252 §7.1).
    let own = uri.split_once(":/").is_some_and(|(scheme, _)| {
        scheme.contains('.')
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b".-+".contains(&b))
    });
    let clean = uri.bytes().all(|b| b.is_ascii_graphic()) && !uri.contains('#');
    clean && uri.len() <= 1024 && (uri.starts_with("https://") || local || own)
}
