//! An identity provider in the place of this server's own sign-in: its documents, fetched over
//! HTTPS, and what its claims mean.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use accord_auth::{Fetch, FetchFault, Foreign, ForeignParts, Mapping};
use accord_base::SystemClock;
use clap::Args;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::fail::Fail;
use crate::identity::AccessRules;

/// Longest time for a document.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest document, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// The provider.
#[derive(Args)]
pub struct Oidc {
    /// Take tokens of this OpenID Connect issuer; this server's own sign-in is then off.
    #[arg(long, value_name = "URL", requires = "oidc_audience", requires = "oidc_map")]
    oidc_issuer: Option<String>,
    /// The name of this server in `aud` of the issuer's tokens.
    #[arg(long, value_name = "NAME", requires = "oidc_issuer")]
    oidc_audience: Option<String>,
    /// What the claims of the issuer's tokens mean, in JSON: see docs/identity.md.
    #[arg(long, value_name = "FILE", requires = "oidc_issuer")]
    oidc_map: Option<PathBuf>,
    /// Certificates in PEM that vouch for the issuer's address, in the place of the public ones.
    #[arg(long, value_name = "FILE", requires = "oidc_issuer")]
    oidc_ca: Option<PathBuf>,
}

impl Oidc {
    /// The provider, if there is to be one. Its keys are fetched when the server looks for them.
    pub fn foreign(&self) -> Result<Option<Arc<Foreign>>, Fail> {
        let given = (&self.oidc_issuer, &self.oidc_audience, &self.oidc_map);
        let (Some(issuer), Some(audience), Some(map)) = given else { return Ok(None) };
        let foreign = Foreign::new(ForeignParts {
            issuer: issuer.clone(),
            audience: audience.clone(),
            mapping: Mapping::read(&std::fs::read(map)?)?,
            fetch: Box::new(Web(agent(self.oidc_ca.as_deref())?)),
            rules: Arc::new(AccessRules),
            clock: Arc::new(SystemClock),
        })?;
        Ok(Some(Arc::new(foreign)))
    }
}

struct Web(Agent);

fn agent(roots: Option<&Path>) -> Result<Agent, Fail> {
    let mut tls = TlsConfig::builder();
    if let Some(path) = roots {
        let read: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path)?.collect();
        let all = read?.iter().map(|der| Certificate::from_der(der).to_owned()).collect();
        tls = tls.root_certs(RootCerts::Specific(Arc::new(all)));
    }
    let config = Agent::config_builder()
        .tls_config(tls.build())
        .timeout_global(Some(PATIENCE))
        // Whoever could redirect could put other keys in the place of the issuer's.
        .max_redirects(0)
        .build();
    Ok(config.into())
}

impl Fetch for Web {
    fn get(&self, url: &str) -> Result<Vec<u8>, FetchFault> {
        let gone = |_| FetchFault::Unreachable(url.to_owned());
        let mut answer = self.0.get(url).call().map_err(gone)?;
        if answer.status() != 200 {
            return Err(FetchFault::Unreachable(url.to_owned()));
        }
        answer.body_mut().with_config().limit(MAX_BYTES).read_to_vec().map_err(gone)
    }
}

/// Fetches the provider's keys when they are due; waits for the network.
pub fn look(foreign: &Foreign) -> bool {
    if !foreign.is_due() {
        return false;
    }
    match foreign.refresh() {
        Ok(changed) => changed,
        Err(FetchFault::TooSoon) => false,
        Err(error) => {
            tracing::warn!(%error, "the keys of the identity provider cannot be fetched");
            false
        }
    }
}
