//! What people change themselves.

use super::{PASSWORD, World, clinician};
use crate::account::totp;
use crate::{SignInFault, TotpSetup};

fn world() -> World {
    let world = World::new();
    world.add("alder", vec![clinician()]);
    world
}

/// The code that the app shows now.
fn code(world: &World, setup: &TotpSetup) -> String {
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String =
        setup.secret.chars().map(|c| format!("{:05b}", digits.find(c).unwrap())).collect();
    let secret: Vec<u8> =
        (0..20).map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).unwrap()).collect();
    format!("{:06}", totp::code(&secret, totp::step(world.authority.now_s())))
}

#[test]
fn an_app_counts_from_its_first_code_on() {
    let world = world();
    let setup = world.authority.totp_setup("alder").unwrap();
    assert_eq!(
        world.authority.totp_setup("alder").unwrap(),
        setup,
        "the same when looked at again"
    );
    let secret = world.signed_in("alder");
    assert!(world.authority.session(&secret).unwrap().unwrap().is_open(), "not yet");
    let wrong = world.authority.end_totp_setup("alder", "000000");
    assert_eq!(wrong, Err(SignInFault::Wrong));
    let typed = code(&world, &setup);
    let codes = world.authority.end_totp_setup("alder", &typed).unwrap();
    assert_eq!(codes.len(), 8);
    assert_eq!(world.authority.end_totp_setup("alder", &typed), Err(SignInFault::Wrong), "over");
    let secret = world.signed_in("alder");
    assert!(!world.authority.session(&secret).unwrap().unwrap().is_open());
    let again = world.authority.second_factor(&secret, &typed, "address");
    assert_eq!(again, Err(SignInFault::Wrong), "the first code is used");
    world.authority.second_factor(&secret, &codes[0], "address").unwrap();
}

#[test]
fn setting_up_ends_after_a_while() {
    let world = world();
    let setup = world.authority.totp_setup("alder").unwrap();
    world.pass_s(900);
    let typed = code(&world, &setup);
    assert_eq!(world.authority.end_totp_setup("alder", &typed), Err(SignInFault::Wrong));
    assert_ne!(world.authority.totp_setup("alder").unwrap(), setup);
}

#[test]
fn only_who_signed_in_just_now_may_change_it() {
    let world = world();
    let secret = world.authority.sign_in("alder", PASSWORD, "address").unwrap();
    let session = world.authority.session(&secret).unwrap().unwrap();
    assert!(world.authority.is_fresh(&session));
    world.pass_s(599);
    assert!(world.authority.is_fresh(&session));
    world.pass_s(1);
    assert!(!world.authority.is_fresh(&session));
    let setup = world.authority.set_up_totp("alder").unwrap();
    let secret = world.signed_in("alder");
    let half = world.authority.session(&secret).unwrap().unwrap();
    assert!(!world.authority.is_fresh(&half), "without the second factor");
    world.authority.second_factor(&secret, &code(&world, &setup), "address").unwrap();
    let whole = world.authority.session(&secret).unwrap().unwrap();
    assert!(world.authority.is_fresh(&whole));
}
