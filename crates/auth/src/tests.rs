use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use accord_base::{
    Grant, LogTime, ManualClock, Principal, Purpose, ResourceId, Role, Scopes, Subject,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use ring::hmac;
use serde_json::{Value, json};

use crate::{Gate, SigningKey, TokenError, Tokens};

const KEY: [u8; 32] = [7; 32];
const NOW_S: u64 = 1_795_300_398;

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(LogTime(NOW_S * LogTime::SECOND_US)))
}

fn tokens() -> Tokens {
    Tokens::new(KEY, clock()).with_test_principals(true)
}

fn id(text: &str) -> ResourceId {
    ResourceId::new(text).unwrap()
}

fn clinician() -> Subject {
    Subject {
        principal: Principal::Practitioner(id("p1")),
        role: Role::Clinician,
        organization: Some(id("h1")),
        purpose: Purpose::Treat,
        token_id: "t1".to_owned(),
        test: false,
        grant: None,
    }
}

/// Signs any header and payload with any key: what an attacker or a broken issuer could send.
fn sign(key: &[u8], header: &Value, payload: &Value) -> String {
    let part = |v: &Value| URL_SAFE_NO_PAD.encode(v.to_string());
    let message = format!("{}.{}", part(header), part(payload));
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac))
}

fn payload() -> Value {
    json!({
        "iss": "accord", "aud": "accord-fhir", "iat": NOW_S, "exp": NOW_S + 60, "jti": "t1",
        "sub": "Practitioner/p1", "accord_role": "clinician", "accord_org": "h1",
        "accord_purpose": "TREAT"
    })
}

fn check_payload(change: impl FnOnce(&mut Value), expect: Result<(), TokenError>) {
    let mut payload = payload();
    change(&mut payload);
    let token = sign(&KEY, &json!({"typ": "JWT", "alg": "HS256"}), &payload);
    assert_eq!(tokens().verify(&token).map(drop), expect, "{payload}");
}

#[test]
fn a_minted_token_gives_its_subject_back() {
    let system = Subject { token_id: "s".to_owned(), ..Subject::system("nightly check") };
    let patient = Subject {
        principal: Principal::Patient(id("pat")),
        role: Role::Patient,
        organization: None,
        purpose: Purpose::Patrqt,
        token_id: "p".to_owned(),
        test: true,
        grant: None,
    };
    let device =
        Subject { principal: Principal::Device(id("d")), role: Role::Integration, ..clinician() };
    for subject in [system, patient, device, clinician()] {
        let tokens = tokens();
        let token = tokens.mint(&subject, None).unwrap();
        assert_eq!(*tokens.verify(&token).unwrap(), subject);
        assert_eq!(*tokens.verify(&token).unwrap(), subject, "from the cache");
    }
}

/// Grants that end when they are told to.
#[derive(Default)]
struct Ended(Mutex<Vec<String>>);

impl Gate for Ended {
    fn is_live(&self, grant: &str) -> bool {
        !self.0.lock().unwrap().iter().any(|ended| ended == grant)
    }
}

fn granted(id: &str, scopes: &str) -> Subject {
    let scopes = Scopes::parse(scopes).unwrap();
    let patient = Some(self::id("pat"));
    let grant = Grant { id: id.to_owned(), client: "app".to_owned(), scopes, patient };
    Subject { grant: Some(Arc::new(grant)), ..clinician() }
}

/// A gate at which a grant ends just after it was found to go on.
#[derive(Default)]
struct EndsBehind {
    tokens: OnceLock<Weak<Tokens>>,
    ended: AtomicBool,
}

impl Gate for EndsBehind {
    fn is_live(&self, _: &str) -> bool {
        let was = !self.ended.swap(true, Ordering::SeqCst);
        self.tokens.get().and_then(Weak::upgrade).unwrap().forget();
        was
    }
}

#[test]
fn a_grant_that_ends_while_its_token_is_looked_at_is_not_remembered() {
    let gate = Arc::new(EndsBehind::default());
    let key = SigningKey::from_pkcs8(&SigningKey::generate().unwrap()).unwrap();
    let tokens = Arc::new(tokens().with_grants(Arc::new(key.into()), gate.clone()));
    gate.tokens.set(Arc::downgrade(&tokens)).unwrap();
    let token = tokens.mint(&granted("g1", "user/*.rs"), None).unwrap();
    assert!(tokens.verify(&token).is_ok());
    assert_eq!(tokens.verify(&token), Err(TokenError::Revoked));
}

fn with_grants(ended: &Arc<Ended>) -> Tokens {
    let key = SigningKey::from_pkcs8(&SigningKey::generate().unwrap()).unwrap();
    tokens().with_grants(Arc::new(key.into()), ended.clone())
}

#[test]
fn tokens_of_grants_are_signed_with_the_key_pair_and_end_with_the_grant() {
    let ended = Arc::new(Ended::default());
    let tokens = with_grants(&ended);
    let subject = granted("g1", "user/Observation.rs?category=lab openid");
    let token = tokens.mint(&subject, None).unwrap();
    assert_eq!(*tokens.verify(&token).unwrap(), subject);
    assert_eq!(self::tokens().verify(&token), Err(TokenError::Malformed), "another server");
    assert_eq!(with_grants(&ended).verify(&token), Err(TokenError::Signature), "another key");
    ended.0.lock().unwrap().push("g1".to_owned());
    tokens.forget();
    assert_eq!(tokens.verify(&token), Err(TokenError::Revoked));
    let other = tokens.mint(&granted("g2", "user/*.rs"), None).unwrap();
    assert!(tokens.verify(&other).is_ok());
}

#[test]
fn no_key_stands_in_for_the_other() {
    let tokens = with_grants(&Arc::default());
    let header = json!({"typ": "JWT", "alg": "HS256"});
    let mut claims = payload();
    claims["scope"] = "user/*.cruds".into();
    assert!(tokens.verify(&sign(&KEY, &header, &claims)).is_ok(), "the operator's, with a ceiling");
    claims["accord_grant"] = "g1".into();
    assert_eq!(tokens.verify(&sign(&KEY, &header, &claims)), Err(TokenError::Claims));
    let key = SigningKey::from_pkcs8(&SigningKey::generate().unwrap()).unwrap();
    let ungranted = key.sign(&payload()).unwrap();
    let tokens = self::tokens().with_grants(Arc::new(key.into()), Arc::new(Ended::default()));
    assert_eq!(tokens.verify(&ungranted), Err(TokenError::Claims));
    // The public key as if it were a secret.
    let jwks = SigningKey::from_pkcs8(&SigningKey::generate().unwrap()).unwrap().jwk();
    let secret = jwks["x"].as_str().unwrap();
    let confused = sign(secret.as_bytes(), &header, &payload());
    assert_eq!(tokens.verify(&confused), Err(TokenError::Signature));
}

#[test]
fn claims_of_grants_stand_together_or_not_at_all() {
    let set = |name: &'static str, value: Value| {
        move |p: &mut Value| {
            p[name] = value;
        }
    };
    check_payload(set("scope", json!("user/Observation.rs")), Ok(()));
    check_payload(set("scope", json!("user/Observation.sr")), Err(TokenError::Claims));
    check_payload(set("scope", json!("everything")), Err(TokenError::Claims));
    check_payload(set("patient", json!("p")), Err(TokenError::Claims));
    check_payload(set("client_id", json!("app")), Err(TokenError::Claims));
    check_payload(set("accord_grant", json!("g")), Err(TokenError::Claims));
}

#[test]
fn a_token_without_an_id_gets_a_random_one() {
    let subject = Subject::system("check");
    let (tokens, other) = (tokens(), tokens());
    let first = tokens.verify(&tokens.mint(&subject, None).unwrap()).unwrap();
    let second = other.verify(&other.mint(&subject, None).unwrap()).unwrap();
    assert_eq!(first.token_id.len(), 36);
    assert_ne!(first.token_id, second.token_id);
}

#[test]
fn time_alone_ends_a_token_that_is_cached() {
    let clock = clock();
    let tokens = Tokens::new(KEY, clock.clone());
    let token = tokens.mint(&clinician(), Some(60)).unwrap();
    assert!(tokens.verify(&token).is_ok());
    clock.advance_us(59 * LogTime::SECOND_US);
    assert!(tokens.verify(&token).is_ok());
    clock.advance_us(LogTime::SECOND_US);
    assert_eq!(tokens.verify(&token), Err(TokenError::Expired), "cached");
    assert_eq!(tokens.verify(&token), Err(TokenError::Expired), "no longer cached");
}

#[test]
fn default_lifetimes_are_short() {
    for (test, role_is_system, expect_s) in
        [(false, true, 900), (true, true, 900), (false, false, 900), (true, false, 43_200)]
    {
        let base = if role_is_system { Subject::system("x") } else { clinician() };
        let subject = Subject { test, ..base };
        let clock = clock();
        let tokens = Tokens::new(KEY, clock.clone()).with_test_principals(true);
        let token = tokens.mint(&subject, None).unwrap();
        clock.advance_us((expect_s - 1) * LogTime::SECOND_US);
        assert!(tokens.verify(&token).is_ok());
        clock.advance_us(LogTime::SECOND_US);
        assert_eq!(tokens.verify(&token), Err(TokenError::Expired));
    }
}

#[test]
fn incoherent_subjects_get_no_token() {
    let homeless = Subject { organization: None, ..clinician() };
    let promoted = Subject { role: Role::System, ..clinician() };
    let patient_at_work = Subject { principal: Principal::Patient(id("x")), ..clinician() };
    let unreasoned = Subject::system("  ");
    let odd = Subject::system("line\nbreak");
    for subject in [homeless, promoted, patient_at_work, unreasoned, odd] {
        assert_eq!(tokens().mint(&subject, None), Err(TokenError::Claims), "{subject:?}");
    }
    for lifetime in [0, 86_401] {
        assert_eq!(tokens().mint(&clinician(), Some(lifetime)), Err(TokenError::Times));
    }
}

#[test]
fn claims_are_judged_strictly() {
    check_payload(|_| {}, Ok(()));
    let set = |name: &'static str, value: Value| {
        move |p: &mut Value| {
            p[name] = value;
        }
    };
    check_payload(set("exp", json!(NOW_S)), Err(TokenError::Expired));
    check_payload(set("exp", json!(NOW_S + 90_000)), Err(TokenError::Times));
    check_payload(set("exp", json!("soon")), Err(TokenError::Claims));
    check_payload(set("iat", json!(NOW_S + 30)), Ok(()));
    check_payload(set("exp", json!(NOW_S - 1)), Err(TokenError::Expired));
    check_payload(set("iat", json!(NOW_S + 61)), Err(TokenError::Times));
    check_payload(set("iss", json!("someone")), Err(TokenError::Audience));
    check_payload(set("aud", json!("elsewhere")), Err(TokenError::Audience));
    check_payload(set("jti", json!("")), Err(TokenError::Claims));
    check_payload(set("accord_role", json!("wizard")), Err(TokenError::Claims));
    check_payload(set("accord_role", json!("system")), Err(TokenError::Claims));
    check_payload(set("accord_role", json!("patient")), Err(TokenError::Claims));
    check_payload(set("accord_purpose", json!("FUN")), Err(TokenError::Claims));
    check_payload(set("accord_org", json!("a/b")), Err(TokenError::Claims));
    check_payload(set("accord_reason", json!("because")), Err(TokenError::Claims));
    check_payload(set("accord_scope", json!("less")), Err(TokenError::Claims));
    check_payload(set("sub", json!("system")), Err(TokenError::Claims));
    check_payload(set("sub", json!("Group/1")), Err(TokenError::Claims));
    check_payload(set("sub", json!("Patient/")), Err(TokenError::Claims));
}

#[test]
fn no_claim_but_the_optional_ones_may_be_missing() {
    let names: Vec<String> = payload().as_object().unwrap().keys().cloned().collect();
    for name in names {
        let mut payload = payload();
        payload.as_object_mut().unwrap().remove(&name);
        let token = sign(&KEY, &json!({"typ": "JWT", "alg": "HS256"}), &payload);
        assert!(tokens().verify(&token).is_err(), "without {name}");
    }
}

#[test]
fn only_one_algorithm_and_key_count() {
    let good = json!({"typ": "JWT", "alg": "HS256"});
    assert!(tokens().verify(&sign(&KEY, &good, &payload())).is_ok());
    assert_eq!(tokens().verify(&sign(&[8; 32], &good, &payload())), Err(TokenError::Signature));
    for algorithm in ["none", "None", "HS384", "HS512", "RS256", "ES256", "EdDSA", ""] {
        let token = sign(&KEY, &json!({"typ": "JWT", "alg": algorithm}), &payload());
        let error = tokens().verify(&token).unwrap_err();
        assert!(matches!(error, TokenError::Malformed | TokenError::Claims), "{algorithm}");
        let unsigned = &token[..=token.rfind('.').unwrap()];
        assert!(tokens().verify(unsigned).is_err());
    }
}

#[test]
fn test_principals_need_a_store_that_has_them() {
    let subject = Subject { test: true, ..clinician() };
    let token = tokens().mint(&subject, None).unwrap();
    assert!(tokens().verify(&token).is_ok());
    let real = Tokens::new(KEY, clock());
    assert_eq!(real.verify(&token), Err(TokenError::TestPrincipal));
    assert_eq!(real.verify(&token), Err(TokenError::TestPrincipal), "a refusal is not cached");
}

#[test]
fn errors_tell_nothing_of_the_token() {
    let token = sign(&[8; 32], &json!({"alg": "HS256"}), &payload());
    let error = tokens().verify(&token).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("p1"));
    assert_eq!(tokens().verify(&"x".repeat(5000)), Err(TokenError::Malformed));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_changed_byte_breaks_a_token(at in any::<prop::sample::Index>(), byte in 0x21u8..0x7f) {
        let tokens = tokens();
        let good = tokens.mint(&clinician(), None).unwrap();
        let mut bytes = good.clone().into_bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        let bad = String::from_utf8(bytes).unwrap();
        prop_assert!(tokens.verify(&good).is_ok());
        prop_assert!(tokens.verify(&bad).is_err(), "byte {at}");
    }

    #[test]
    fn any_cut_or_addition_breaks_a_token(at in any::<prop::sample::Index>(), extra in "[ -~]{1,3}") {
        let tokens = tokens();
        let good = tokens.mint(&clinician(), None).unwrap();
        let at = at.index(good.len());
        prop_assert!(tokens.verify(&good[..at]).is_err());
        let longer = format!("{}{extra}{}", &good[..at], &good[at..]);
        prop_assert!(tokens.verify(&longer).is_err());
    }

    #[test]
    fn no_text_makes_the_check_panic(text in "\\PC{0,200}") {
        prop_assert!(tokens().verify(&text).is_err());
    }
}
