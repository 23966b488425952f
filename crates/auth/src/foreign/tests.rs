//! Tokens of a provider, good and hostile.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use accord_base::{LogTime, ManualClock, Principal, Purpose, ResourceId, ResourceScope, Role};
use ring::hmac;
use serde_json::json;

use super::*;
use crate::{SigningKey, Tokens};

const ISSUER: &str = "https://id.example/realms/care";
const NOW_S: u64 = 1_795_300_398;

/// Documents by address, changed by tests, and how often they were asked for.
#[derive(Default)]
pub struct Web {
    pages: Mutex<BTreeMap<String, Value>>,
    asked: Mutex<u32>,
}

impl Fetch for Arc<Web> {
    fn get(&self, url: &str) -> Result<Vec<u8>, FetchFault> {
        *self.asked.lock().unwrap() += 1;
        let page = self.pages.lock().unwrap().get(url).cloned();
        let page = page.ok_or_else(|| FetchFault::Unreachable(url.to_owned()))?;
        Ok(page.to_string().into_bytes())
    }
}

struct Any;

impl Rules for Any {
    fn grantable(&self, _: Role, scope: &ResourceScope) -> Option<ResourceScope> {
        Some(scope.clone())
    }

    fn may_purpose(&self, role: Role, purpose: Purpose) -> bool {
        (role == Role::Patient) == (purpose == Purpose::Patrqt)
    }
}

fn mapping() -> Value {
    json!({
        "algorithms": ["ES256"],
        "require": {"/typ": "Bearer"},
        "scopes": "/scope",
        "scope_words": {"records": "user/*.rs"},
        "patient": "/patient",
        "roles": [
            {"when": {"/realm_access/roles": "doctor"}, "role": "clinician",
             "person": {"claim": "/practitioner"},
             "organization": {"claim": "/org", "table": {"RXX": "northgate"}},
             "purposes": ["TREAT", "HOPERAT"], "purpose": "/purpose"},
            {"when": {"/kind": "person"}, "role": "patient", "person": {"claim": "/record"},
             "purposes": ["PATRQT"]},
            {"when": {"/kind": "feed"}, "role": "integration", "person": {"value": "feed-1"},
             "organization": {"value": "northgate"}, "purposes": ["TREAT"]}
        ]
    })
}

struct World {
    clock: Arc<ManualClock>,
    web: Arc<Web>,
    key: SigningKey,
    tokens: Tokens,
}

fn id(text: &str) -> ResourceId {
    ResourceId::new(text).unwrap()
}

fn key() -> SigningKey {
    SigningKey::from_pkcs8(&SigningKey::generate().unwrap()).unwrap()
}

fn world() -> World {
    let clock = Arc::new(ManualClock::new(LogTime(NOW_S * LogTime::SECOND_US)));
    let (web, key) = (Arc::new(Web::default()), key());
    let foreign = Foreign::new(ForeignParts {
        issuer: ISSUER.to_owned(),
        audience: "accord".to_owned(),
        mapping: Mapping::read(mapping().to_string().as_bytes()).unwrap(),
        fetch: Box::new(web.clone()),
        rules: Arc::new(Any),
        clock: clock.clone(),
    });
    let tokens = Tokens::new([7; 32], clock.clone()).with_foreign(Some(Arc::new(foreign.unwrap())));
    let world = World { clock, web, key, tokens };
    world.publish(&json!({"keys": [world.key.jwk()]}));
    assert!(world.tokens.refresh_keys());
    world
}

fn claims() -> Value {
    json!({"iss": ISSUER, "aud": ["account", "accord"], "exp": NOW_S + 300, "iat": NOW_S,
        "jti": "t1", "typ": "Bearer", "azp": "chart", "scope": "openid email user/Observation.rs",
        "realm_access": {"roles": ["offline_access", "doctor"]},
        "practitioner": "dr-alder", "org": "RXX"})
}

fn with(changes: &Value) -> Value {
    let mut all = claims();
    for (name, value) in changes.as_object().unwrap() {
        let object = all.as_object_mut().unwrap();
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
    all
}

fn b64(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

impl World {
    fn publish(&self, keys: &Value) {
        let mut pages = self.web.pages.lock().unwrap();
        let metadata = json!({"issuer": ISSUER, "jwks_uri": "https://id.example/keys",
            "token_endpoint": "https://id.example/token"});
        pages.insert(format!("{ISSUER}/.well-known/openid-configuration"), metadata);
        pages.insert("https://id.example/keys".to_owned(), keys.clone());
    }

    fn verify(&self, claims: &Value) -> Result<Arc<Subject>, TokenError> {
        self.tokens.verify(&self.key.sign(claims).unwrap())
    }

    #[track_caller]
    fn refused(&self, changes: Value, expect: TokenError) {
        assert_eq!(self.verify(&with(&changes)).unwrap_err(), expect, "{changes}");
    }
}

#[test]
fn claims_become_a_subject_by_the_mapping() {
    let world = world();
    let subject = world.verify(&claims()).unwrap();
    assert_eq!(subject.principal.clone(), Principal::Practitioner(id("dr-alder")));
    assert_eq!((subject.role, subject.purpose), (Role::Clinician, Purpose::Treat));
    assert_eq!(subject.organization.as_ref().unwrap().as_str(), "northgate");
    assert_eq!((&*subject.token_id, subject.test), ("t1", false));
    let grant = subject.grant.as_ref().unwrap();
    assert_eq!(
        (&*grant.client, &*grant.scopes.to_string()),
        ("chart", "openid user/Observation.rs")
    );
    let asked = world.verify(&with(&json!({"purpose": "HOPERAT", "scope": "records"}))).unwrap();
    assert_eq!(asked.purpose, Purpose::Hoperat);
    assert_eq!(asked.grant.as_ref().unwrap().scopes.to_string(), "user/*.rs");
    let own = json!({"realm_access": null, "kind": "person", "record": "Patient/willow",
        "scope": "patient/*.rs system/*.rs"});
    let patient = world.verify(&with(&own)).unwrap();
    assert_eq!(patient.grant.as_ref().unwrap().patient.as_ref().unwrap().as_str(), "willow");
    assert_eq!(patient.grant.as_ref().unwrap().scopes.to_string(), "patient/*.rs");
    let feed = json!({"realm_access": null, "kind": "feed", "scope": "system/*.cruds"});
    let feed = world.verify(&with(&feed)).unwrap();
    assert_eq!(feed.principal.clone(), Principal::Device(id("feed-1")));
}

#[test]
fn what_the_mapping_does_not_know_is_refused() {
    let world = world();
    for changes in [
        json!({"realm_access": {"roles": ["porter"]}}),
        json!({"realm_access": {"roles": "doctors"}}),
        json!({"practitioner": null}),
        json!({"practitioner": "not an id!"}),
        json!({"practitioner": 7}),
        json!({"org": "RYY"}),
        json!({"org": null}),
        json!({"purpose": "HPAYMT"}),
        json!({"purpose": ["TREAT"]}),
        json!({"purpose": "PATRQT"}),
        json!({"scope": "openid email"}),
        json!({"scope": null}),
        json!({"scope": "system/*.rs"}),
        json!({"scope": "user/Nothing."}),
        json!({"azp": null}),
        json!({"azp": "line\nbreak"}),
        json!({"typ": "ID"}),
        json!({"patient": "no id!"}),
        json!({"cnf": {"jkt": "a key of the client's"}}),
    ] {
        world.refused(changes, TokenError::Claims);
    }
}

#[test]
fn whom_a_token_is_for_and_when_must_fit() {
    let world = world();
    for aud in [json!("account"), json!(["a", "b"]), json!(null), json!({"accord": 1})] {
        world.refused(json!({ "aud": aud }), TokenError::Audience);
    }
    world.refused(json!({"exp": NOW_S}), TokenError::Expired);
    for changes in [
        json!({"exp": null}),
        json!({"exp": "soon"}),
        json!({"exp": NOW_S + 25 * 3600}),
        json!({"nbf": NOW_S + 61}),
        json!({"iat": NOW_S + 61}),
        json!({"nbf": "later"}),
    ] {
        world.refused(changes, TokenError::Times);
    }
    let token = world.key.sign(&with(&json!({"nbf": NOW_S + 60}))).unwrap();
    world.tokens.verify(&token).unwrap();
    world.clock.advance_us(300 * LogTime::SECOND_US);
    assert_eq!(world.tokens.verify(&token).unwrap_err(), TokenError::Expired, "remembered or not");
}

#[test]
fn a_token_bound_to_a_certificate_needs_it() {
    let world = world();
    let token = world.key.sign(&with(&json!({"cnf": {"x5t#S256": "abc"}}))).unwrap();
    assert_eq!(world.tokens.verify(&token).unwrap_err(), TokenError::Bound);
    assert_eq!(world.tokens.verify_over(&token, Some("abd")).unwrap_err(), TokenError::Bound);
    world.tokens.verify_over(&token, Some("abc")).unwrap();
}

#[test]
fn no_issuer_passes_for_another() {
    let world = world();
    // By whoever the issuer is said to be: signed by the provider, or with the operator's secret.
    for iss in ["accord", "https://id.example/realms/other", "https://id.example/realms/care/"] {
        let signed = world.verify(&with(&json!({ "iss": iss })));
        assert!(signed.is_err(), "{iss}");
    }
    let own = Tokens::new([7; 32], world.clock.clone());
    let token = own.mint(&Subject::system("a test"), None).unwrap();
    world.tokens.verify(&token).unwrap();
    let secret = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
    let text = format!("{}.{}", b64(&json!({"alg": "HS256"})), b64(&claims()));
    let tag = URL_SAFE_NO_PAD.encode(hmac::sign(&secret, text.as_bytes()));
    assert!(world.tokens.verify(&format!("{text}.{tag}")).is_err(), "the operator's secret");
    assert!(world.tokens.verify(&key().sign(&claims()).unwrap()).is_err(), "a key of nobody");
}

#[test]
fn the_sender_chooses_neither_algorithm_nor_key() {
    let world = world();
    let kid = world.key.kid().to_owned();
    let public = world.key.jwk()["x"].as_str().unwrap().to_owned();
    let sealed = |header: Value| {
        let text = format!("{}.{}", b64(&header), b64(&claims()));
        let secret = hmac::Key::new(hmac::HMAC_SHA256, public.as_bytes());
        let tag = URL_SAFE_NO_PAD.encode(hmac::sign(&secret, text.as_bytes()));
        format!("{text}.{tag}")
    };
    for header in [
        json!({"alg": "none"}),
        json!({"alg": "HS256", "kid": kid}),
        json!({"alg": "RS256", "kid": kid}),
        json!({"alg": "ES384", "kid": kid}),
        json!({"alg": "ES256", "kid": kid}),
        json!({"alg": "ES256", "kid": kid, "crit": ["exp"]}),
        json!({"alg": "ES256", "kid": "other", "jku": "https://evil.example/keys"}),
    ] {
        assert!(world.tokens.verify(&sealed(header.clone())).is_err(), "{header}");
    }
    let good = world.key.sign(&claims()).unwrap();
    let bare = good.rsplit_once('.').unwrap().0;
    assert!(world.tokens.verify(&format!("{bare}.")).is_err());
    assert_eq!(*world.web.asked.lock().unwrap(), 2, "no address in a token is followed");
    let symmetric = json!({"kty": "oct", "kid": "s", "k": "c2VjcmV0", "alg": "HS256"});
    let encrypting = json!({"kty": "EC", "crv": "P-256", "kid": "e", "use": "enc",
        "x": world.key.jwk()["x"], "y": world.key.jwk()["y"]});
    world.publish(&json!({"keys": [symmetric, encrypting]}));
    world.clock.advance_us(10 * LogTime::SECOND_US);
    assert!(!world.tokens.refresh_keys(), "no key that signs");
}

#[test]
fn keys_turn_and_unknown_ones_are_asked_for_seldom() {
    let world = world();
    let old = world.key.sign(&claims()).unwrap();
    world.tokens.verify(&old).unwrap();
    let next = key();
    let fresh = next.sign(&claims()).unwrap();
    assert_eq!(world.tokens.verify(&fresh).unwrap_err(), TokenError::UnknownKey);
    let both = [world.key.jwk().clone(), next.jwk().clone()];
    world.publish(&json!({ "keys": both }));
    assert!(!world.tokens.refresh_keys(), "asked a moment ago");
    world.clock.advance_us(10 * LogTime::SECOND_US);
    assert!(world.tokens.refresh_keys());
    world.tokens.verify(&fresh).unwrap();
    world.tokens.verify(&old).unwrap();
    world.publish(&json!({"keys": [next.jwk()]}));
    world.clock.advance_us(10 * LogTime::SECOND_US);
    assert!(world.tokens.refresh_keys());
    assert_eq!(world.tokens.verify(&old).unwrap_err(), TokenError::UnknownKey, "forgotten too");
    world.web.pages.lock().unwrap().clear();
    world.clock.advance_us(60 * LogTime::SECOND_US);
    assert!(!world.tokens.refresh_keys(), "the provider is away");
    world.tokens.verify(&fresh).unwrap();
    let late = NOW_S + 7 * 3600;
    world.clock.advance_us(7 * 3600 * LogTime::SECOND_US);
    let token = next.sign(&with(&json!({"iat": late, "exp": late + 300}))).unwrap();
    assert_eq!(world.tokens.verify(&token).unwrap_err(), TokenError::UnknownKey, "too old");
}

#[test]
fn documents_that_name_another_issuer_or_lead_elsewhere_are_not_taken() {
    let world = world();
    let at = format!("{ISSUER}/.well-known/openid-configuration");
    for page in [
        json!({"issuer": "https://evil.example", "jwks_uri": "https://id.example/keys"}),
        json!({"issuer": ISSUER, "jwks_uri": "http://id.example/keys"}),
        json!({"issuer": ISSUER, "jwks_uri": "http://localhost.evil.example/keys"}),
        json!({"issuer": ISSUER}),
        json!([]),
    ] {
        world.web.pages.lock().unwrap().insert(at.clone(), page);
        world.clock.advance_us(10 * LogTime::SECOND_US);
        assert!(!world.tokens.refresh_keys());
        world.verify(&claims()).unwrap();
    }
    for issuer in ["accord", "http://id.example", "ftp://x", "https://", "https://a@b"] {
        assert!(!keys::is_safe(issuer), "{issuer}");
    }
}

#[test]
fn a_mapping_names_only_what_exists() {
    let bad = |change: &dyn Fn(&mut Value)| {
        let mut text = mapping();
        change(&mut text);
        assert!(Mapping::read(text.to_string().as_bytes()).is_err(), "{text}");
    };
    bad(&|m| m["roles"][0]["role"] = json!("system"));
    bad(&|m| m["roles"][0]["role"] = json!("doctor"));
    bad(&|m| m["roles"][0]["when"] = json!({}));
    bad(&|m| m["roles"][0]["purposes"] = json!(["FUN"]));
    bad(&|m| m["roles"][0]["purposes"] = json!([]));
    bad(&|m| m["roles"][0]["person"] = json!({"claim": "sub"}));
    bad(&|m| m["roles"][0]["person"] = json!({"claim": "/sub", "tabel": {}}));
    bad(&|m| m["algorithms"] = json!(["HS256"]));
    bad(&|m| m["algorithms"] = json!(["none"]));
    bad(&|m| m["scope_words"] = json!({"x": "everything"}));
    bad(&|m| m["without_scopes"] = json!("user/*.z"));
    bad(&|m| m["unknown"] = json!(1));
}
