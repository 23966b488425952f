//! Journeys through the authority, with time in the test's hand.

mod flows;
mod keys;
mod own;
mod passkeys;
mod signing_in;
mod systems;

use std::sync::Arc;

use accord_base::{LogTime, ManualClock, Purpose, ResourceScope, Rights, Role, SeededRng, Subject};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::account::Hat;
use crate::crypto::sha256;
use crate::{
    Addresses, Authority, Authorized, Client, ClientProof, Credentials, MemoryRecords, OAuthFault,
    Parts, Rules, SigningKey, TokenReply,
};

pub const PASSWORD: &str = "a long enough password";
pub const VERIFIER: &str = "0123456789012345678901234567890123456789abc";

/// Roles that may do what the access rules would let them, roughly.
struct Simple;

impl Rules for Simple {
    fn grantable(&self, role: Role, scope: &ResourceScope) -> Option<ResourceScope> {
        let held =
            if role == Role::Patient { Rights::READ.or(Rights::SEARCH) } else { Rights::ALL };
        let rights = scope.rights.and(held);
        (!rights.is_none()).then(|| ResourceScope { rights, ..scope.clone() })
    }

    fn may_purpose(&self, role: Role, purpose: Purpose) -> bool {
        (role == Role::Patient) == (purpose == Purpose::Patrqt)
    }
}

pub struct World {
    pub clock: Arc<ManualClock>,
    pub authority: Authority,
}

impl World {
    pub fn new() -> World {
        let clock = Arc::new(ManualClock::new(LogTime(1_795_300_398 * LogTime::SECOND_US)));
        let key = SigningKey::from_pkcs8(&SigningKey::generate().unwrap()).unwrap();
        let authority = Authority::new(Parts {
            records: Arc::new(MemoryRecords::default()),
            signing: Arc::new(key.into()),
            token_key: [5; 32],
            test_principals: false,
            clock: clock.clone(),
            rng: Arc::new(SeededRng::new(3)),
            rules: Arc::new(Simple),
            foreign: None,
        });
        World { clock, authority: authority.unwrap() }
    }

    pub fn pass_s(&self, seconds: u64) {
        self.clock.advance_us(seconds * LogTime::SECOND_US);
    }

    pub fn add(&self, login: &str, hats: Vec<Hat>) {
        self.authority.add_account(login, login, hats, Some(PASSWORD)).unwrap();
    }

    pub fn signed_in(&self, login: &str) -> String {
        self.authority.sign_in(login, PASSWORD, "address").unwrap()
    }

    pub fn app(&self, id: &str, scopes: &str, proof: ClientProof) {
        let client = Client {
            id: id.to_owned(),
            name: "An app".to_owned(),
            redirect_uris: vec!["https://app.example/back".to_owned()],
            scopes: scopes.to_owned(),
            proof,
            launch_uri: None,
            origins: Vec::new(),
            first_party: false,
            service: None,
        };
        self.authority.add_client(client).unwrap();
    }

    /// A code for what is asked, agreed to at once.
    pub fn code(&self, session: &str, client: &str, scope: &str) -> String {
        let asked = request(client, scope, &[]);
        let asked = self.authority.read_authorize(&asked, FHIR).unwrap();
        let session = self.authority.session(session).unwrap().unwrap();
        let patient = Some(accord_base::ResourceId::new("pat").unwrap());
        let offer = self.authority.offer(&asked, &session, patient).unwrap();
        let Authorized::Ready { scopes, patient } = offer else { panic!("not ready") };
        let to = self.authority.grant(&asked, &session, &scopes, patient.as_ref()).unwrap();
        let (_, rest) = to.split_once("code=").unwrap();
        rest.split('&').next().unwrap().to_owned()
    }

    pub fn redeem(&self, code: &str, client: &str) -> Result<TokenReply, OAuthFault> {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", "https://app.example/back"),
            ("code_verifier", VERIFIER),
            ("client_id", client),
        ])
    }

    pub fn token(&self, fields: &[(&str, &str)]) -> Result<TokenReply, OAuthFault> {
        self.authority.token(&params(fields), &Credentials::default(), &addresses())
    }

    pub fn subject(&self, reply: &Value) -> Option<Arc<Subject>> {
        let token = reply["access_token"].as_str().unwrap();
        self.authority.tokens().verify(token).ok()
    }
}

pub const FHIR: &str = "https://fhir.example/fhir";

pub fn addresses() -> Addresses {
    Addresses { issuer: "https://fhir.example".to_owned(), fhir: FHIR.to_owned() }
}

pub fn params(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A good request for authorization, with some parameters in the place of the usual ones.
pub fn request(client: &str, scope: &str, other: &[(&str, &str)]) -> Vec<(String, String)> {
    let challenge = URL_SAFE_NO_PAD.encode(sha256(VERIFIER.as_bytes()));
    let usual = [
        ("response_type", "code"),
        ("client_id", client),
        ("redirect_uri", "https://app.example/back"),
        ("scope", scope),
        ("state", "s t"),
        ("aud", FHIR),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let kept = usual.iter().filter(|(name, _)| other.iter().all(|(n, _)| n != name));
    let all: Vec<(&str, &str)> = kept.chain(other).copied().filter(|(_, v)| *v != "-").collect();
    params(&all)
}

pub fn hat(principal: &str, role: &str, organization: Option<&str>, purpose: &str) -> Hat {
    Hat {
        principal: principal.to_owned(),
        role: role.to_owned(),
        organization: organization.map(str::to_owned),
        purposes: vec![purpose.to_owned()],
    }
}

pub fn clinician() -> Hat {
    hat("Practitioner/alder", "clinician", Some("northgate"), "TREAT")
}

pub fn patient() -> Hat {
    hat("Patient/willow", "patient", None, "PATRQT")
}

pub fn json(reply: &TokenReply) -> Value {
    serde_json::to_value(reply).unwrap()
}
