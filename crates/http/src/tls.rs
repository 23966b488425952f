//! TLS 1.2 and 1.3 by rustls, with certificates that can be replaced while the server runs.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use accord_auth::ClientCertificate;
use parking_lot::RwLock;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use webpki::EndEntityCert;

/// Certificate chain and key of the server, from files in PEM.
pub struct Tls {
    chain: PathBuf,
    key: PathBuf,
    clients: Option<PathBuf>,
    acceptor: RwLock<TlsAcceptor>,
}

/// Why certificate and key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// A file cannot be read as PEM.
    #[error("`{0}` cannot be read as PEM")]
    Pem(PathBuf, #[source] rustls::pki_types::pem::Error),
    /// There is nobody in it who could vouch for a client.
    #[error("`{0}` holds no certificate")]
    NoClients(PathBuf),
    /// They do not fit each other, or are of a kind that is not taken.
    #[error("certificate and key cannot be used")]
    Unfit(#[from] rustls::Error),
}

impl Tls {
    /// Reads the certificate chain, the server's own first, and its private key.
    ///
    /// # Errors
    /// If they cannot be read or do not fit each other.
    pub fn load(chain: &Path, key: &Path) -> Result<Tls, TlsFault> {
        Tls::with_clients(chain, key, None)
    }

    /// The same; clients may show certificates, for which those in the file vouch.
    ///
    /// # Errors
    /// As there.
    pub fn with_clients(chain: &Path, key: &Path, clients: Option<&Path>) -> Result<Tls, TlsFault> {
        let acceptor = RwLock::new(acceptor(chain, key, clients)?);
        let clients = clients.map(Path::to_owned);
        Ok(Tls { chain: chain.to_owned(), key: key.to_owned(), clients, acceptor })
    }

    /// Reads all files again: connections that begin later get what they hold now. On an error
    /// everything stays as it was.
    ///
    /// # Errors
    /// As of [`Tls::load`].
    pub fn reload(&self) -> Result<(), TlsFault> {
        let fresh = acceptor(&self.chain, &self.key, self.clients.as_deref())?;
        *self.acceptor.write() = fresh;
        Ok(())
    }

    /// Shakes hands on a connection.
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let acceptor = self.acceptor.read().clone();
        acceptor.accept(stream).await
    }
}

/// The certificate that a client showed in the handshake, if it did.
pub(crate) fn shown(stream: &TlsStream<TcpStream>) -> Option<Arc<ClientCertificate>> {
    let der = stream.get_ref().1.peer_certificates()?.first()?;
    let read = EndEntityCert::try_from(der).ok()?;
    let names = read.valid_dns_names().map(str::to_owned).collect();
    Some(Arc::new(ClientCertificate::new(der, names)))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let unread = |error| TlsFault::Pem(path.to_owned(), error);
    let all: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).map_err(unread)?.collect();
    all.map_err(unread)
}

/// Verifies certificates of clients that show one; others show who they are in other ways.
fn verifier(clients: Option<&Path>) -> Result<Arc<dyn ClientCertVerifier>, TlsFault> {
    let Some(path) = clients else { return Ok(WebPkiClientVerifier::no_client_auth()) };
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate)?;
    }
    let provider = Arc::new(default_provider());
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    builder.allow_unauthenticated().build().map_err(|_| TlsFault::NoClients(path.to_owned()))
}

fn acceptor(chain: &Path, key: &Path, clients: Option<&Path>) -> Result<TlsAcceptor, TlsFault> {
    let certificates = certificates(chain)?;
    let unread = |error| TlsFault::Pem(key.to_owned(), error);
    let key = PrivateKeyDer::from_pem_file(key).map_err(unread)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(verifier(clients)?)
        .with_single_cert(certificates, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
