//! HTTPS, with a certificate that is replaced while the server runs.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsConnector;

use super::fake::read_p1;
use super::harness::server;
use crate::{ServeOptions, Tls, TlsFault, serve_over};

/// Writes a new certificate and its key, and gives the certificate.
fn certify(folder: &Path) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    made.cert.der().clone()
}

/// The status line of `/health`, as someone who trusts this certificate alone.
async fn health(
    address: std::net::SocketAddr,
    trusted: &CertificateDer<'static>,
) -> Option<String> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = connector.connect(name, stream).await.ok()?;
    let request = "GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    Some(String::from_utf8_lossy(&bytes).lines().next()?.to_owned())
}

#[tokio::test]
async fn a_new_certificate_takes_the_old_ones_place() {
    let folder = tempfile::tempdir().unwrap();
    let first = certify(folder.path());
    let files = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let tls = Arc::new(Tls::load(&files.0, &files.1).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let app = server(read_p1).app;
    let serving = tokio::spawn(serve_over(
        listener,
        Some(tls.clone()),
        app,
        ServeOptions::default(),
        async { drop(stopped.await) },
    ));
    assert_eq!(health(address, &first).await.as_deref(), Some("HTTP/1.1 200 OK"));
    let second = certify(folder.path());
    tls.reload().unwrap();
    assert_eq!(health(address, &second).await.as_deref(), Some("HTTP/1.1 200 OK"));
    assert_eq!(health(address, &first).await, None);
    std::fs::write(&files.1, "not a key").unwrap();
    assert!(matches!(tls.reload(), Err(TlsFault::Pem(..))));
    assert_eq!(health(address, &second).await.as_deref(), Some("HTTP/1.1 200 OK"));
    stop.send(()).unwrap();
    serving.await.unwrap();
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for folder in [&one, &other] {
        certify(folder.path());
    }
    let loaded = Tls::load(&one.path().join("cert.pem"), &other.path().join("key.pem"));
    assert!(matches!(loaded, Err(TlsFault::Unfit(_))));
    let missing = Tls::load(&one.path().join("none.pem"), &one.path().join("key.pem"));
    assert!(matches!(missing, Err(TlsFault::Pem(..))));
}
