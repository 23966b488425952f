use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::json;

use super::*;

/// Modulus of a 2,048-bit key, and an assertion of the client `feed` that it signed with RS384 for
/// the instant at which these worlds begin. Made with OpenSSL; the private key is gone.
const RSA_MODULUS: &str = concat!(
    "0glwDgY5znXgr0te-v-OZ9wLdfjom6XHQUU-sJgHhzVxCdGf4tWZNgXhHFxadtfDCBZDhafxXTOloySH21UK1QAR",
    "Q-XzP5b0KPTKBn7-zq8y89lZUiiAJRaHAe69PGO7MAtJxUhHQuBXQEkBfofhp_tcWoOPUttX1QAu0K5DYCnRSUhP",
    "lvVlIX_vPNF3a_Q92JtkiNkRLWDGKemHevBtklfG7srgeJg5030ZJXl485YRMwgMWQtRfqHG6AN6CJMB7g5O1WW9",
    "ndz_eNGoYbNGDtRUWcc_bAzWzF16r4ZA1R6IxSAzdBNhcm6ZIf9cncjBv2FU9sIocdMcgZvVvkAAwQ",
);
const RSA_ASSERTION: &str = concat!(
    "eyJhbGciOiJSUzM4NCIsInR5cCI6IkpXVCIsImtpZCI6InIxIn0.eyJpc3MiOiJmZWVkIiwic3ViIjoiZmVlZCIs",
    "ImF1ZCI6Imh0dHBzOi8vZmhpci5leGFtcGxlL2F1dGgvdG9rZW4iLCJleHAiOjE3OTUzMDA1OTgsImp0aSI6InN0",
    "YXRpYy0xIn0.Q_P6R_ORrtwTuhG4f3sEhGOowtwNMaS0F_259jZiKruOLMPPsG0xxOwIyfX9yGznRJSfX_KsqqWa",
    "mrzTFVlOw66yE2Cr34KMkXZO7_z4whNF6IpHCAdKwL02rH1jUPsfeh-CVR3x4q-9WuOcs07qo4EIsVMXNyIU0S3N",
    "1DunbGQomMjLj02vV9tofh0y0IwaMHsgffxR0hEPSu9Xg_QE9fH4SBrEseuXQMHDPI86z0P0tQX6gJBzMqmMivDB",
    "jJJ42EN7stOAWnzD4o0srzc5kCxW4-gRJU_WKTKTzWyg7njgUAJvHADa5x_BN89Ay5YGnJcQCvvgVId1hPMebNzq",
    "og",
);

struct Feed {
    pair: EcdsaKeyPair,
    world: World,
}

/// A world with a system that has an ES384 key and an RS384 key.
fn feed() -> Feed {
    let (kind, rng) = (&ECDSA_P384_SHA384_FIXED_SIGNING, SystemRandom::new());
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(kind, &rng).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(kind, pkcs8.as_ref(), &rng).unwrap();
    let half = |at: usize| URL_SAFE_NO_PAD.encode(&pair.public_key().as_ref()[at..at + 48]);
    let keys = json!({"keys": [
        {"kty": "EC", "crv": "P-384", "kid": "e1", "x": half(1), "y": half(49)},
        {"kty": "RSA", "kid": "r1", "n": RSA_MODULUS, "e": "AQAB"},
    ]});
    let world = World::new();
    let client = Client {
        id: "feed".to_owned(),
        name: "Feed".to_owned(),
        redirect_uris: Vec::new(),
        scopes: "system/*.cruds user/*.rs openid".to_owned(),
        proof: ClientProof::Keys(serde_json::from_value(keys).unwrap()),
        launch_uri: None,
        origins: Vec::new(),
        first_party: false,
        service: Some(hat("Device/feed", "integration", Some("northgate"), "TREAT")),
    };
    world.authority.add_client(client).unwrap();
    Feed { pair, world }
}

impl Feed {
    fn claims(&self, jti: &str) -> Value {
        json!({"iss": "feed", "sub": "feed", "aud": "https://fhir.example/auth/token",
            "exp": self.world.authority.now_s() + 300, "jti": jti})
    }

    fn signed(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn ask(&self, assertion: &str, scope: &str) -> Result<Value, &'static str> {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
            ("scope", scope),
        ];
        self.world.token(&fields).map(|reply| json(&reply)).map_err(|fault| fault.code)
    }

    fn with(&self, jti: &str, change: impl FnOnce(&mut Value)) -> Result<Value, &'static str> {
        let mut claims = self.claims(jti);
        change(&mut claims);
        self.ask(&self.signed(&json!({"alg": "ES384", "kid": "e1"}), &claims), "system/*.rs")
    }
}

#[test]
fn a_system_gets_short_tokens_for_signed_assertions() {
    let feed = feed();
    let reply = feed.with("one", |_| {}).unwrap();
    assert_eq!((&reply["expires_in"], &reply["scope"]), (&300.into(), &"system/*.rs".into()));
    assert!(reply["refresh_token"].is_null() && reply["id_token"].is_null());
    let subject = feed.world.subject(&reply).unwrap();
    assert_eq!((subject.reference(), subject.role), ("Device/feed".to_owned(), Role::Integration));
    let second = feed.ask(RSA_ASSERTION, "system/Observation.c user/*.rs openid").unwrap();
    assert_eq!(second["scope"], "system/Observation.c", "no person is behind a system");
    feed.world.pass_s(300);
    assert!(feed.world.subject(&reply).is_none());
}

#[test]
fn an_assertion_counts_once_for_this_server_now() {
    let feed = feed();
    assert!(feed.with("one", |_| {}).is_ok());
    assert_eq!(feed.with("one", |_| {}), Err("invalid_client"), "played again");
    assert!(feed.ask(RSA_ASSERTION, "system/*.rs").is_ok());
    assert_eq!(feed.ask(RSA_ASSERTION, "system/*.rs"), Err("invalid_client"));
    let now_s = feed.world.authority.now_s();
    let wrong: [(&str, Value); 8] = [
        ("aud", "https://other.example/auth/token".into()),
        ("aud", json!(["https://other.example"])),
        ("exp", now_s.into()),
        ("exp", (now_s + 301).into()),
        ("sub", "someone".into()),
        ("iss", "someone".into()),
        ("jti", "".into()),
        ("jti", Value::Null),
    ];
    for (at, (name, value)) in wrong.into_iter().enumerate() {
        let told = feed.with(&format!("w{at}"), |claims| claims[name] = value);
        assert_eq!(told, Err("invalid_client"), "{name} {at}");
    }
    let listed = feed.with("many", |claims| claims["aud"] = json!(["x", "https://fhir.example"]));
    assert!(listed.is_ok(), "the issuer among several");
}

#[test]
fn only_registered_keys_and_two_algorithms_count() {
    let (feed, other) = (feed(), self::feed());
    let foreign = other.signed(&json!({"alg": "ES384", "kid": "e1"}), &feed.claims("a"));
    assert_eq!(feed.ask(&foreign, "system/*.rs"), Err("invalid_client"));
    for header in [
        json!({"alg": "none"}),
        json!({"alg": "HS256", "kid": "e1"}),
        json!({"alg": "ES256", "kid": "e1"}),
        json!({"alg": "RS384", "kid": "e1"}),
        json!({"alg": "ES384", "kid": "unknown"}),
    ] {
        let token = feed.signed(&header, &feed.claims("b"));
        assert_eq!(feed.ask(&token, "system/*.rs"), Err("invalid_client"), "{header}");
    }
    let nameless = feed.signed(&json!({"alg": "ES384"}), &feed.claims("c"));
    assert!(feed.ask(&nameless, "system/*.rs").is_ok(), "every key is tried");
    for (scope, code) in
        [("", "invalid_request"), ("user/*.rs", "invalid_scope"), ("openid", "invalid_scope")]
    {
        let token = feed.signed(&json!({"alg": "ES384"}), &feed.claims(&format!("d{scope}")));
        assert_eq!(feed.ask(&token, scope), Err(code));
    }
}
