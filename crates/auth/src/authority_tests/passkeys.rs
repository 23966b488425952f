use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::json;

use super::*;
use crate::{PasskeyResponse, RelyingParty};

const PARTY: RelyingParty<'static> =
    RelyingParty { id: "fhir.example", origin: "https://fhir.example" };

/// An authenticator with one key.
struct Device {
    pair: EcdsaKeyPair,
    id: Vec<u8>,
    counter: u32,
    /// Present, verified.
    flags: u8,
}

impl Device {
    fn new(id: &str) -> Device {
        let (kind, rng) = (&ECDSA_P256_SHA256_ASN1_SIGNING, SystemRandom::new());
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(kind, &rng).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(kind, pkcs8.as_ref(), &rng).unwrap();
        Device { pair, id: id.as_bytes().to_vec(), counter: 0, flags: 5 }
    }

    fn head(&self, flags: u8) -> Vec<u8> {
        let hash = sha256(PARTY.id.as_bytes());
        [&hash[..], &[self.flags | flags], &self.counter.to_be_bytes()].concat()
    }

    fn client(kind: &str, challenge: &str, origin: &str) -> String {
        json!({"type": kind, "challenge": challenge, "origin": origin}).to_string()
    }

    fn registered(&self, challenge: &str) -> PasskeyResponse {
        let point = self.pair.public_key().as_ref();
        let key = [
            &[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32][..],
            &point[1..33],
            &[0x22, 0x58, 32],
            &point[33..65],
        ];
        let length = (self.id.len() as u16).to_be_bytes();
        let data = [&self.head(0x40)[..], &[0; 16], &length, &self.id, &key.concat()].concat();
        response(&self.id, &Device::client("webauthn.create", challenge, PARTY.origin), &data, b"")
    }

    fn shown(&self, client: &str) -> PasskeyResponse {
        let data = self.head(0);
        let message = [&data[..], &sha256(client.as_bytes())].concat();
        let signature = self.pair.sign(&SystemRandom::new(), &message).unwrap();
        response(&self.id, client, &data, signature.as_ref())
    }
}

fn response(id: &[u8], client: &str, data: &[u8], signature: &[u8]) -> PasskeyResponse {
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    PasskeyResponse {
        id: encode(id),
        client_data: encode(client.as_bytes()),
        authenticator_data: encode(data),
        signature: encode(signature),
    }
}

fn world(device: &Device) -> World {
    let world = World::new();
    world.add("alder", vec![clinician()]);
    let challenge = world.authority.passkey_challenge(Some("alder")).unwrap();
    let response = device.registered(&challenge);
    world.authority.add_passkey("alder", "phone", &challenge, &response, PARTY).unwrap();
    world
}

/// Whether the device signs in when asked like this.
fn signs_in(world: &World, device: &Device, kind: &str, origin: &str) -> bool {
    let challenge = world.authority.passkey_challenge(None).unwrap();
    let response = device.shown(&Device::client(kind, &challenge, origin));
    let secret = world.authority.sign_in_by_passkey(&challenge, &response, PARTY);
    secret.is_ok_and(|secret| {
        world.authority.session(&secret).unwrap().unwrap().active() == Some(&clinician())
    })
}

#[test]
fn a_passkey_signs_in_for_both_factors() {
    let device = Device::new("credential-1");
    let world = world(&device);
    world.authority.set_up_totp("alder").unwrap();
    assert!(signs_in(&world, &device, "webauthn.get", PARTY.origin));
    assert!(!signs_in(&world, &device, "webauthn.create", PARTY.origin));
    assert!(!signs_in(&world, &device, "webauthn.get", "https://evil.example"));
    let unverified = Device { flags: 1, ..device };
    assert!(!signs_in(&world, &unverified, "webauthn.get", PARTY.origin));
    let stranger = Device::new("credential-1");
    assert!(!signs_in(&world, &stranger, "webauthn.get", PARTY.origin), "another key");
    let unknown = Device::new("credential-2");
    assert!(!signs_in(&world, &unknown, "webauthn.get", PARTY.origin));
    world.authority.disable("alder", true).unwrap();
    let device = Device { flags: 5, ..unverified };
    assert!(!signs_in(&world, &device, "webauthn.get", PARTY.origin));
}

#[test]
fn a_challenge_counts_once_and_not_for_long() {
    let device = Device::new("credential-1");
    let world = world(&device);
    let challenge = world.authority.passkey_challenge(None).unwrap();
    let response = device.shown(&Device::client("webauthn.get", &challenge, PARTY.origin));
    let sign_in = || world.authority.sign_in_by_passkey(&challenge, &response, PARTY);
    assert!(sign_in().is_ok());
    assert!(sign_in().is_err(), "played again");
    let challenge = world.authority.passkey_challenge(None).unwrap();
    let response = device.shown(&Device::client("webauthn.get", &challenge, PARTY.origin));
    world.pass_s(300);
    assert!(world.authority.sign_in_by_passkey(&challenge, &response, PARTY).is_err());
}

#[test]
fn a_counter_that_does_not_grow_tells_of_a_copy() {
    let mut device = Device::new("credential-1");
    device.counter = 7;
    let world = world(&device);
    let works = |device: &Device| signs_in(&world, device, "webauthn.get", PARTY.origin);
    assert!(!works(&device), "as when it was registered");
    device.counter = 8;
    assert!(works(&device));
    assert!(!works(&device));
    device.counter = 0;
    assert!(!works(&device));
}

#[test]
fn a_passkey_is_registered_by_its_account_alone_and_once() {
    let device = Device::new("credential-1");
    let world = world(&device);
    world.add("birch", vec![clinician()]);
    let add = |login: &str, begun: Option<&str>, device: &Device| {
        let challenge = world.authority.passkey_challenge(begun).unwrap();
        let response = device.registered(&challenge);
        world.authority.add_passkey(login, "x", &challenge, &response, PARTY).is_ok()
    };
    assert!(!add("birch", Some("birch"), &device), "it is someone's already");
    let second = Device::new("credential-2");
    assert!(!add("birch", Some("alder"), &second));
    assert!(!add("birch", None, &second));
    assert!(add("birch", Some("birch"), &second));
    world.authority.remove_passkey("alder", &URL_SAFE_NO_PAD.encode("credential-1")).unwrap();
    assert!(!signs_in(&world, &device, "webauthn.get", PARTY.origin));
}
