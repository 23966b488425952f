//! Keys that turn, and tokens bound to certificates.

use super::*;
use crate::{CertificateProof, ClientCertificate, RETIRED_S, Retired, TokenError};

fn key() -> (Vec<u8>, SigningKey) {
    let bytes = SigningKey::generate().unwrap();
    let read = SigningKey::from_pkcs8(&bytes).unwrap();
    (bytes, read)
}

fn kids(world: &World) -> Vec<String> {
    let set = world.authority.jwks();
    let all = set["keys"].as_array().unwrap().iter();
    all.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn granted(world: &World) -> Value {
    let session = world.signed_in("alder");
    json(&world.redeem(&world.code(&session, "app", "openid user/*.rs"), "app").unwrap())
}

#[test]
fn a_retired_key_verifies_for_a_while() {
    let world = World::new();
    world.add("alder", vec![clinician()]);
    world.app("app", "openid user/*.rs", ClientProof::Public);
    let (bytes, first) = key();
    world.authority.replace_keys(first, Vec::new());
    let before = granted(&world);
    let (_, second) = key();
    let name = second.kid().to_owned();
    let until_s = world.authority.now_s() + RETIRED_S;
    let retired = Retired { key: SigningKey::from_pkcs8(&bytes).unwrap(), until_s };
    world.authority.replace_keys(second, vec![retired]);
    assert!(world.subject(&before).is_some());
    assert_eq!(kids(&world).len(), 2);
    assert_eq!(kids(&world)[0], name, "the one that signs comes first");
    let after = granted(&world);
    assert!(world.subject(&after).is_some());
    world.pass_s(RETIRED_S);
    assert_eq!(kids(&world), [name], "the old one is gone");
}

#[test]
fn tokens_of_a_key_that_was_discarded_are_refused_at_once() {
    let world = World::new();
    world.add("alder", vec![clinician()]);
    world.app("app", "openid user/*.rs", ClientProof::Public);
    let before = granted(&world);
    assert!(world.subject(&before).is_some());
    world.authority.replace_keys(key().1, Vec::new());
    let token = before["access_token"].as_str().unwrap();
    assert_eq!(world.authority.tokens().verify(token).unwrap_err(), TokenError::Signature);
}

fn shown(der: &[u8], names: &[&str]) -> Credentials {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    let certificate = Some(Arc::new(ClientCertificate::new(der, names)));
    Credentials { basic: None, certificate }
}

fn system(world: &World, id: &str, proof: CertificateProof) {
    let client = Client {
        id: id.to_owned(),
        name: "Feed".to_owned(),
        redirect_uris: Vec::new(),
        scopes: "system/*.cruds".to_owned(),
        proof: ClientProof::Certificate(proof),
        launch_uri: None,
        origins: Vec::new(),
        first_party: false,
        service: Some(hat("Device/feed", "integration", Some("northgate"), "TREAT")),
    };
    world.authority.add_client(client).unwrap();
}

fn by_itself(id: &str) -> Vec<(String, String)> {
    params(&[("grant_type", "client_credentials"), ("client_id", id), ("scope", "system/*.cruds")])
}

#[test]
fn tokens_are_bound_to_the_certificate_that_showed_who_asked() {
    let world = World::new();
    let one = shown(b"one", &["feed.example"]);
    let print = one.certificate.as_ref().unwrap().thumbprint.clone();
    let named = CertificateProof { name: Some("feed.example".to_owned()), ..Default::default() };
    system(&world, "named", named);
    system(&world, "pinned", CertificateProof { name: None, thumbprints: vec![print.clone()] });
    for id in ["named", "pinned"] {
        let reply = world.authority.token(&by_itself(id), &one, &addresses()).unwrap();
        let token = json(&reply)["access_token"].as_str().unwrap().to_owned();
        let tokens = world.authority.tokens();
        assert_eq!(tokens.verify(&token).unwrap_err(), TokenError::Bound);
        assert_eq!(tokens.verify_over(&token, Some("other")).unwrap_err(), TokenError::Bound);
        let subject = tokens.verify_over(&token, Some(&print)).unwrap();
        assert_eq!(subject.reference(), "Device/feed");
        let mut asked = by_itself(id);
        asked.push(("token".to_owned(), token));
        let told = world.authority.introspect(&asked, &one, &addresses()).unwrap();
        assert_eq!(told["cnf"]["x5t#S256"], print);
    }
}

#[test]
fn no_other_certificate_and_no_other_proof_will_do() {
    let world = World::new();
    let named = CertificateProof { name: Some("feed.example".to_owned()), ..Default::default() };
    system(&world, "named", named);
    let basic = Some(("named".to_owned(), "secret".to_owned()));
    for credentials in [
        Credentials::default(),
        shown(b"two", &[]),
        shown(b"two", &["other.example", "*.example", "FEED.example", "feed.example.evil"]),
        Credentials { basic, ..shown(b"two", &["feed.example"]) },
    ] {
        let refused = world.authority.token(&by_itself("named"), &credentials, &addresses());
        assert_eq!(refused.unwrap_err().code, "invalid_client", "{credentials:?}");
    }
    let told = world.authority.smart_configuration(&addresses());
    assert!(told["tls_client_certificate_bound_access_tokens"].is_null(), "off");
}

#[test]
fn origins_are_those_of_clients_that_are_there() {
    let world = World::new();
    let client = |id: &str, origin: &str| Client {
        id: id.to_owned(),
        name: "An app".to_owned(),
        redirect_uris: Vec::new(),
        scopes: "openid".to_owned(),
        proof: ClientProof::Public,
        launch_uri: None,
        origins: vec![origin.to_owned()],
        first_party: false,
        service: None,
    };
    for bad in [
        "*",
        "null",
        "https://a.example/",
        "https://a.example/x",
        "http://a.example",
        "https://A.example",
        "https://",
        "a.example",
        "http://localhost.evil.example",
    ] {
        assert!(world.authority.add_client(client("bad", bad)).is_err(), "{bad}");
    }
    assert!(!world.authority.allows_origin("https://a.example"));
    world.authority.add_client(client("a", "https://a.example")).unwrap();
    world.authority.add_client(client("b", "http://localhost:3000")).unwrap();
    assert!(world.authority.allows_origin("https://a.example"));
    assert!(world.authority.allows_origin("http://localhost:3000"));
    for other in ["https://a.example:443", "https://a.example.evil", "http://a.example", "null"] {
        assert!(!world.authority.allows_origin(other), "{other}");
    }
    world.authority.remove_client("a").unwrap();
    assert!(!world.authority.allows_origin("https://a.example"));
}
