use super::*;
use crate::account::totp;
use crate::{AdminFault, SignInFault};

#[test]
fn a_password_opens_a_session_until_it_idles_or_ends() {
    let world = World::new();
    world.add("Alder", vec![clinician()]);
    let secret = world.signed_in("ALDER ");
    let session = world.authority.session(&secret).unwrap().unwrap();
    assert_eq!((session.login.as_str(), session.active()), ("alder", Some(&clinician())));
    assert!(world.authority.session("guess").unwrap().is_none());
    world.pass_s(29 * 60);
    assert!(world.authority.session(&secret).unwrap().is_some(), "use keeps it going");
    world.pass_s(29 * 60);
    assert!(world.authority.session(&secret).unwrap().is_some());
    world.pass_s(31 * 60);
    assert!(world.authority.session(&secret).unwrap().is_none());
    let other = world.signed_in("alder");
    let id = world.authority.session(&other).unwrap().unwrap().id;
    world.authority.end_session("someone-else", &id).unwrap();
    assert_eq!(world.authority.sessions_of("alder").unwrap().len(), 1);
    world.authority.end_session("alder", &id).unwrap();
    assert!(world.authority.session(&other).unwrap().is_none());
}

#[test]
fn failures_lock_accounts_that_exist_and_those_that_do_not_alike() {
    let world = World::new();
    world.add("alder", vec![clinician()]);
    for login in ["alder", "nobody"] {
        let told: Vec<_> = (0..6)
            .map(|n| world.authority.sign_in(login, "wrong wrong wrong", &format!("a{n}")))
            .collect();
        assert!(told[..5].iter().all(|t| *t == Err(SignInFault::Wrong)), "{login} {told:?}");
        assert_eq!(told[5], Err(SignInFault::Wait), "{login}");
    }
    let right = || world.authority.sign_in("alder", PASSWORD, "b");
    assert_eq!(right(), Err(SignInFault::Wait), "even with the right password");
    world.pass_s(31);
    assert!(right().is_ok());
}

#[test]
fn an_address_that_fails_often_is_refused_for_a_while() {
    let world = World::new();
    world.add("alder", vec![clinician()]);
    for n in 0..30 {
        let login = format!("guess-{n}");
        assert!(world.authority.sign_in(&login, "wrong wrong wrong", "bad").is_err());
    }
    let from = |address: &str| world.authority.sign_in("alder", PASSWORD, address);
    assert_eq!(from("bad"), Err(SignInFault::Wait));
    assert!(from("good").is_ok());
    world.pass_s(600);
    assert!(from("bad").is_ok());
}

#[test]
fn a_second_factor_is_needed_where_there_is_one() {
    let world = World::new();
    world.add("alder", vec![clinician()]);
    let setup = world.authority.set_up_totp("alder").unwrap();
    assert!(setup.uri.contains(&setup.secret));
    let account = world.authority.account("alder").unwrap().unwrap();
    let sealed = &account.totp.as_ref().unwrap().secret;
    let key = world.authority.secrets.open(sealed, "alder").unwrap();
    assert!(world.authority.secrets.open(sealed, "birch").is_none(), "sealed for one account");
    let code = || format!("{:06}", totp::code(&key, totp::step(world.authority.now_s())));
    let secret = world.signed_in("alder");
    let active =
        |secret: &str| world.authority.session(secret).unwrap().unwrap().active().is_some();
    let give = |secret: &str, code: &str| world.authority.second_factor(secret, code, "a");
    assert!(!active(&secret));
    assert_eq!(give(&secret, "12345"), Err(SignInFault::Wrong));
    let used = code();
    assert_eq!(give(&secret, &used), Ok(()));
    assert!(active(&secret));
    let second = world.signed_in("alder");
    assert_eq!(give(&second, &used), Err(SignInFault::Wrong), "a code counts once");
    world.pass_s(30);
    assert_eq!(give(&second, &code()), Ok(()));
    let codes = world.authority.recovery_codes("alder").unwrap();
    let third = world.signed_in("alder");
    assert_eq!(give(&third, &codes[0].to_lowercase()), Ok(()));
    let fourth = world.signed_in("alder");
    assert_eq!(give(&fourth, &codes[0]), Err(SignInFault::Wrong), "and so does a recovery code");
}

#[test]
fn guessing_codes_locks_the_account() {
    let world = World::new();
    world.add("alder", vec![clinician()]);
    world.authority.set_up_totp("alder").unwrap();
    let secret = world.signed_in("alder");
    let told: Vec<_> =
        (0..6).map(|n| world.authority.second_factor(&secret, &format!("00000{n}"), "a")).collect();
    assert_eq!(told[5], Err(SignInFault::Wait));
    assert_eq!(world.authority.sign_in("alder", PASSWORD, "b"), Err(SignInFault::Wait));
}

#[test]
fn one_role_at_a_time_is_chosen_from_several() {
    let world = World::new();
    let second = hat("Practitioner/alder", "registration", Some("northgate"), "TREAT");
    world.add("alder", vec![clinician(), second.clone()]);
    let secret = world.signed_in("alder");
    let session = || world.authority.session(&secret).unwrap().unwrap();
    assert!(session().active().is_none());
    world.authority.choose(&secret, 1).unwrap();
    assert_eq!(session().active(), Some(&second));
    assert_eq!(world.authority.choose(&secret, 2), Err(SignInFault::Wrong));
}

#[test]
fn accounts_are_checked_when_made() {
    let world = World::new();
    let add = |login: &str, hat: Hat, password: &str| {
        world.authority.add_account(login, "x", vec![hat], Some(password))
    };
    assert_eq!(add("a b", clinician(), PASSWORD), Err(AdminFault::Login));
    assert_eq!(add("alder", clinician(), "too short"), Err(AdminFault::Password));
    let system = hat("Practitioner/a", "system", None, "HSYSADMIN");
    let homeless = Hat { organization: None, ..clinician() };
    let odd = Hat { purposes: vec!["PATRQT".to_owned()], ..clinician() };
    let aimless = Hat { purposes: Vec::new(), ..clinician() };
    for wrong in [system, homeless, odd, aimless] {
        assert!(matches!(add("alder", wrong, PASSWORD), Err(AdminFault::Hat(_))));
    }
    assert_eq!(add("alder", clinician(), PASSWORD), Ok(()));
    assert_eq!(add("ALDER", clinician(), PASSWORD), Err(AdminFault::Taken));
}

#[test]
fn a_proofing_code_makes_one_log_in_for_its_patient() {
    let world = World::new();
    let code = world.authority.proofing_code("willow").unwrap();
    let redeem = |code: &str, login: &str| world.authority.redeem(code, login, PASSWORD);
    assert_eq!(redeem("AAAAA-AAAAA", "willow"), Err(AdminFault::Code));
    assert_eq!(redeem(&code.to_lowercase(), "willow"), Ok(()));
    assert_eq!(redeem(&code, "again"), Err(AdminFault::Code));
    let session = world.authority.session(&world.signed_in("willow")).unwrap().unwrap();
    assert_eq!(session.active().unwrap().principal, "Patient/willow");
    let late = world.authority.proofing_code("hazel").unwrap();
    world.pass_s(30 * 86_400);
    assert_eq!(redeem(&late, "hazel"), Err(AdminFault::Code));
}

/// RFC 6238 appendix B, SHA-1, the last six digits.
#[test]
fn totp_codes_are_those_of_the_standard() {
    for (at, code) in [(59, 287_082), (1_111_111_109, 81_804), (20_000_000_000, 353_130)] {
        assert_eq!(totp::code(b"12345678901234567890", totp::step(at)), code);
    }
    assert_eq!(totp::base32(b"foobar"), "MZXW6YTBOI");
    assert_eq!(totp::base32(b"fooba"), "MZXW6YTB");
}
