//! Pages of other servers, and systems with certificates.

use std::path::Path;
use std::sync::Arc;

use accord_auth::{CertificateProof, Client, ClientCertificate, ClientProof, Hat};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;

use super::*;
use crate::tests::harness::ask;
use crate::{ServeOptions, Tls, TlsFault, serve_over};

fn client(id: &str, origins: &[&str]) -> Client {
    Client {
        id: id.to_owned(),
        name: "An app".to_owned(),
        redirect_uris: Vec::new(),
        scopes: "system/*.cruds".to_owned(),
        proof: ClientProof::Public,
        launch_uri: None,
        origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
        first_party: false,
        service: None,
    }
}

#[tokio::test]
async fn pages_of_registered_apps_may_read_answers_and_no_others() {
    let world = world();
    let from = |ask: Ask, origin: &str| ask.header("origin", origin);
    let before = from(ask("GET /fhir/Patient/p1"), "https://app.example").send(&world.server).await;
    assert_eq!((before.status, before.header("access-control-allow-origin")), (200, ""), "off");
    world.authority.add_client(client("page", &["https://app.example"])).unwrap();
    let got = from(ask("GET /fhir/Patient/p1"), "https://app.example").send(&world.server).await;
    assert_eq!(got.header("access-control-allow-origin"), "https://app.example");
    assert!(got.header("access-control-expose-headers").contains("etag"));
    assert!(got.header("access-control-allow-credentials").is_empty(), "cookies never");
    assert!(got.header("vary").contains("Origin"));
    let refused = from(bare("GET /fhir/Patient/p1"), "https://app.example").send(&world.server);
    let refused = refused.await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.header("access-control-allow-origin"), "https://app.example");
    for other in ["https://app.example.evil", "http://app.example", "null", "https://app.example/"]
    {
        let got = from(ask("GET /fhir/Patient/p1"), other).send(&world.server).await;
        assert_eq!(got.header("access-control-allow-origin"), "", "{other}");
    }
    let asks = |origin: &str| {
        from(bare("OPTIONS /fhir/Patient/p1"), origin)
            .header("access-control-request-method", "PUT")
            .header("access-control-request-headers", "authorization, if-match")
    };
    let good = asks("https://app.example").send(&world.server).await;
    assert_eq!(good.status, 204);
    assert!(good.header("access-control-allow-methods").contains("PUT"));
    assert!(good.header("access-control-allow-headers").contains("if-match"));
    assert_eq!(asks("https://evil.example").send(&world.server).await.status, 401);
    let outside = from(bare("GET /health"), "https://app.example").send(&world.server).await;
    assert_eq!(outside.header("access-control-allow-origin"), "");
}

/// A certificate with its key; written to a file, if one is given.
struct Shown {
    der: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
    pem: String,
    key_pem: String,
}

fn certify(name: &str) -> Shown {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    Shown {
        der: made.cert.der().clone(),
        key,
        pem: made.cert.pem(),
        key_pem: made.signing_key.serialize_pem(),
    }
}

/// Sends a request over TLS, with this certificate; gives status and body, if hands were shaken.
async fn send(
    address: std::net::SocketAddr,
    trusted: &CertificateDer<'static>,
    own: Option<&Shown>,
    request: &str,
) -> Option<(u16, String)> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match own {
        Some(own) => {
            config.with_client_auth_cert(vec![own.der.clone()], own.key.clone_key()).unwrap()
        }
        None => config.with_no_client_auth(),
    };
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.ok()?;
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let status = text.split(' ').nth(1)?.parse().ok()?;
    Some((status, text.split_once("\r\n\r\n")?.1.to_owned()))
}

fn posted_token(id: &str) -> String {
    let body = format!("grant_type=client_credentials&client_id={id}&scope=system/*.cruds");
    format!(
        "POST /auth/token HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\n{body}",
        body.len()
    )
}

fn read(token: &str) -> String {
    format!(
        "GET /fhir/Patient/p1 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         authorization: Bearer {token}\r\n\r\n"
    )
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

#[tokio::test]
async fn a_system_shows_its_certificate_and_its_token_needs_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (server, feed, other, strange) =
        (certify("localhost"), certify("feed"), certify("other"), certify("feed"));
    write(&at("cert.pem"), &server.pem);
    write(&at("key.pem"), &server.key_pem);
    write(&at("clients.pem"), &(feed.pem.clone() + &other.pem));
    let world = world();
    let thumbprints = vec![ClientCertificate::new(&feed.der, Vec::new()).thumbprint];
    let service = Hat {
        principal: "Device/feed".to_owned(),
        role: "integration".to_owned(),
        organization: Some("h1".to_owned()),
        purposes: vec!["TREAT".to_owned()],
    };
    let proof = ClientProof::Certificate(CertificateProof { name: None, thumbprints });
    let registered = Client { proof, service: Some(service), ..client("feed", &[]) };
    world.authority.add_client(registered).unwrap();
    let tls = Tls::with_clients(&at("cert.pem"), &at("key.pem"), Some(&at("clients.pem")));
    let tls = Arc::new(tls.unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(serve_over(
        listener,
        Some(tls.clone()),
        world.server.app.clone(),
        ServeOptions::default(),
        async { drop(stopped.await) },
    ));
    let asked = posted_token("feed");
    let got = send(address, &server.der, Some(&feed), &asked).await.unwrap();
    assert_eq!(got.0, 200, "{}", got.1);
    let reply: serde_json::Value = serde_json::from_str(&got.1).unwrap();
    let token = reply["access_token"].as_str().unwrap().to_owned();
    let status = async |own: Option<&Shown>, request: &str| {
        send(address, &server.der, own, request).await.map(|(status, _)| status)
    };
    assert_eq!(status(Some(&feed), &read(&token)).await, Some(200));
    assert_eq!(status(Some(&other), &read(&token)).await, Some(401), "someone else's");
    assert_eq!(status(None, &read(&token)).await, Some(401), "without one");
    assert_eq!(status(Some(&other), &asked).await, Some(401));
    assert_eq!(status(None, &asked).await, Some(401));
    assert_eq!(status(Some(&strange), &asked).await, None, "nobody vouches for it");
    write(&at("clients.pem"), &other.pem);
    tls.reload().unwrap();
    assert_eq!(status(Some(&feed), &read(&token)).await, None, "nobody does any more");
    write(&at("clients.pem"), "");
    assert!(matches!(tls.reload(), Err(TlsFault::NoClients(_))));
    stop.send(()).unwrap();
    serving.await.unwrap();
}
