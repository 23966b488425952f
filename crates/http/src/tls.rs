//! TLS 1.2 and 1.3 by rustls, with certificates that can be replaced while the server runs.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::RwLock;
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Certificate chain and key of the server, from files in PEM.
pub struct Tls {
    chain: PathBuf,
    key: PathBuf,
    acceptor: RwLock<TlsAcceptor>,
}

/// Why certificate and key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// A file cannot be read as PEM.
    #[error("`{0}` cannot be read as PEM")]
    Pem(PathBuf, #[source] rustls::pki_types::pem::Error),
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
        let acceptor = RwLock::new(acceptor(chain, key)?);
        Ok(Tls { chain: chain.to_owned(), key: key.to_owned(), acceptor })
    }

    /// Reads both files again: connections that begin later get what they hold now. On an error
    /// everything stays as it was.
    ///
    /// # Errors
    /// As of [`Tls::load`].
    pub fn reload(&self) -> Result<(), TlsFault> {
        let fresh = acceptor(&self.chain, &self.key)?;
        *self.acceptor.write() = fresh;
        Ok(())
    }

    /// Shakes hands on a connection.
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let acceptor = self.acceptor.read().clone();
        acceptor.accept(stream).await
    }
}

fn acceptor(chain: &Path, key: &Path) -> Result<TlsAcceptor, TlsFault> {
    let unread = |path: &Path| {
        let path = path.to_owned();
        move |error| TlsFault::Pem(path, error)
    };
    let certificates: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(chain).map_err(unread(chain))?.collect();
    let certificates = certificates.map_err(unread(chain))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(unread(key))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(certificates, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
