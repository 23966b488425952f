use super::*;
use crate::AuthorizeFault;
use crate::session::{IDLE_S, SESSION_S};

#[test]
fn a_standalone_launch_gives_tokens_for_what_was_granted() {
    let world = World::new();
    world.add("alder", vec![clinician()]);
    world.app(
        "app",
        "openid fhirUser launch/patient patient/*.rs user/Patient.r",
        ClientProof::Public,
    );
    let session = world.signed_in("alder");
    let code =
        world.code(&session, "app", "openid fhirUser launch/patient patient/*.cruds user/*.rs");
    let reply = json(&world.redeem(&code, "app").unwrap());
    assert_eq!(reply["scope"], "openid fhirUser launch/patient patient/*.rs user/Patient.r");
    assert_eq!(reply["patient"], "pat");
    assert_eq!((&reply["token_type"], &reply["expires_in"]), (&"Bearer".into(), &600.into()));
    assert!(reply["refresh_token"].is_null(), "nobody asked for one");
    let subject = world.subject(&reply).unwrap();
    assert_eq!(subject.reference(), "Practitioner/alder");
    assert_eq!(subject.grant.as_ref().unwrap().client, "app");
    let id_token = reply["id_token"].as_str().unwrap().split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(id_token).unwrap()).unwrap();
    assert_eq!(claims["fhirUser"], "https://fhir.example/fhir/Practitioner/alder");
    assert_eq!((&claims["iss"], &claims["aud"]), (&"https://fhir.example".into(), &"app".into()));
    assert!(world.authority.tokens().verify(reply["id_token"].as_str().unwrap()).is_err());
    let told = world.authority.userinfo(&subject, &addresses()).unwrap();
    assert_eq!(told["sub"], claims["sub"]);
    world.pass_s(600);
    assert!(world.subject(&reply).is_none());
}

#[test]
fn a_code_is_good_once_for_its_client_address_and_verifier() {
    let world = World::new();
    world.add("alder", vec![clinician()]);
    world.app("app", "user/*.rs", ClientProof::Public);
    world.app("other", "user/*.rs", ClientProof::Public);
    let session = world.signed_in("alder");
    let with = |code: &str, client: &str, change: (&str, &str)| {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", "https://app.example/back"),
            ("code_verifier", VERIFIER),
            ("client_id", client),
        ];
        let fields = fields.map(|(n, v)| if n == change.0 { change } else { (n, v) });
        world.token(&fields).map_err(|fault| fault.code)
    };
    let fresh = || world.code(&session, "app", "user/*.rs");
    assert_eq!(with(&fresh(), "other", ("", "")), Err("invalid_grant"));
    assert_eq!(with(&fresh(), "app", ("code_verifier", &"x".repeat(43))), Err("invalid_grant"));
    assert_eq!(
        with(&fresh(), "app", ("redirect_uri", "https://app.example/b")),
        Err("invalid_grant")
    );
    assert_eq!(with(&fresh(), "nobody", ("", "")), Err("invalid_client"));
    let code = fresh();
    world.pass_s(60);
    assert_eq!(with(&code, "app", ("", "")), Err("invalid_grant"), "too late");
    let code = fresh();
    let reply = json(&world.redeem(&code, "app").unwrap());
    assert!(world.subject(&reply).is_some());
    assert_eq!(world.redeem(&code, "app").unwrap_err().code, "invalid_grant");
    assert!(world.subject(&reply).is_none(), "what the first use gave has ended");
}

#[test]
fn refresh_tokens_turn_and_a_second_use_ends_the_grant() {
    let world = World::new();
    world.add("alder", vec![clinician()]);
    world.app("app", "user/*.rs offline_access", ClientProof::Public);
    let session = world.signed_in("alder");
    let code = world.code(&session, "app", "user/*.rs offline_access");
    let refresh = |token: &Value, scope: &str| {
        let token = token.as_str().unwrap();
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("client_id", "app"),
            ("scope", scope),
        ];
        world.token(&fields).map(|reply| json(&reply)).map_err(|fault| fault.code)
    };
    let first = json(&world.redeem(&code, "app").unwrap());
    world.pass_s(86_400);
    let second = refresh(&first["refresh_token"], "user/Observation.r").unwrap();
    assert_eq!(second["scope"], "user/Observation.r", "less may be asked for");
    let third = refresh(&second["refresh_token"], "").unwrap();
    assert_eq!(third["scope"], "offline_access user/*.rs", "the grant kept all it had");
    assert!(world.subject(&third).is_some());
    assert_eq!(refresh(&third["refresh_token"], "user/Patient.c"), Err("invalid_scope"));
    let stolen = refresh(&first["refresh_token"], "");
    assert_eq!(stolen, Err("invalid_grant"));
    assert!(world.subject(&third).is_none(), "the whole grant has ended");
    let mut forged = first["refresh_token"].as_str().unwrap().to_owned();
    forged.replace_range(2..3, "z");
    assert_eq!(refresh(&forged.into(), ""), Err("invalid_grant"));
}

#[test]
fn an_app_at_work_keeps_its_session_going_and_no_longer_than_it_lasts() {
    let world = World::new();
    world.add("alder", vec![clinician()]);
    world.app("app", "user/*.rs online_access", ClientProof::Public);
    let session = world.signed_in("alder");
    let code = world.code(&session, "app", "user/*.rs online_access");
    let mut told = json(&world.redeem(&code, "app").unwrap());
    let refresh = |told: &Value| {
        let token = told["refresh_token"].as_str().unwrap();
        let fields =
            [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", "app")];
        world.token(&fields).map(|reply| json(&reply)).map_err(|fault| fault.code)
    };
    for _ in 0..6 {
        world.pass_s(600);
        told = refresh(&told).unwrap();
    }
    assert!(world.authority.session(&session).unwrap().is_some(), "an hour without another page");
    world.pass_s(IDLE_S);
    assert_eq!(refresh(&told), Err("invalid_grant"), "nobody was about");
    let session = world.signed_in("alder");
    let code = world.code(&session, "app", "user/*.rs online_access");
    let mut told = json(&world.redeem(&code, "app").unwrap());
    let mut hours = 0;
    while let Ok(next) = refresh(&told) {
        (told, hours) = (next, hours + 1);
        world.pass_s(600);
    }
    assert_eq!(hours, SESSION_S / 600, "the longest session");
}

#[test]
fn what_an_account_loses_its_tokens_lose() {
    for change in 0..4 {
        let world = World::new();
        world.add("alder", vec![clinician()]);
        world.app("app", "user/*.rs offline_access online_access", ClientProof::Public);
        let session = world.signed_in("alder");
        let online = world.code(&session, "app", "user/*.rs online_access");
        let online = json(&world.redeem(&online, "app").unwrap());
        let offline = world.code(&session, "app", "user/*.rs offline_access");
        let offline = json(&world.redeem(&offline, "app").unwrap());
        let subjects = [&online, &offline].map(|reply| world.subject(reply).unwrap());
        let stand = || subjects.each_ref().map(|subject| world.authority.stands(subject));
        assert_eq!(stand(), [Some(true), Some(true)]);
        let id = world.authority.session(&session).unwrap().unwrap().id;
        match change {
            0 => world.authority.end_session("alder", &id).unwrap(),
            1 => world.authority.disable("alder", true).unwrap(),
            2 => world.authority.remove_client("app").unwrap(),
            _ => world.authority.set_hats("alder", vec![patient()]).unwrap(),
        }
        // What was once asked for in their name ends with what it rested on.
        assert_eq!(stand(), [Some(false), Some(change == 0)], "change {change}");
        assert!(world.subject(&online).is_none(), "change {change}");
        assert_eq!(world.subject(&offline).is_some(), change == 0, "change {change}");
    }
}

#[test]
fn a_code_is_worth_nothing_once_what_it_rests_on_has_ended() {
    for change in 0..4 {
        let world = World::new();
        world.add("alder", vec![clinician()]);
        world.app("app", "user/*.rs offline_access", ClientProof::Public);
        let session = world.signed_in("alder");
        let online = world.code(&session, "app", "user/*.rs");
        let offline = world.code(&session, "app", "user/*.rs offline_access");
        let id = world.authority.session(&session).unwrap().unwrap().id;
        match change {
            0 => world.authority.end_session("alder", &id).unwrap(),
            1 => world.authority.disable("alder", true).unwrap(),
            2 => world.authority.set_hats("alder", vec![patient()]).unwrap(),
            _ => {}
        }
        for (code, outlives) in [(online, false), (offline, true)] {
            let redeemed = world.redeem(&code, "app").map(drop).map_err(|fault| fault.code);
            let good = change == 3 || (change == 0 && outlives);
            let expect = if good { Ok(()) } else { Err("invalid_grant") };
            assert_eq!(redeemed, expect, "change {change}, outlives its session: {outlives}");
        }
    }
}

#[test]
fn requests_are_refused_to_whom_they_can_be_told() {
    let world = World::new();
    world.add("alder", vec![clinician()]);
    world.app("app", "user/*.rs launch", ClientProof::Public);
    let fault = |other: &[(&str, &str)]| {
        let asked = request("app", "user/*.rs", other);
        world.authority.read_authorize(&asked, FHIR).unwrap_err()
    };
    for page in [
        [("client_id", "nobody")],
        [("client_id", "-")],
        [("redirect_uri", "https://app.example/back/")],
        [("redirect_uri", "https://evil.example/back")],
        [("redirect_uri", "-")],
    ] {
        assert!(matches!(fault(&page), AuthorizeFault::Page(_)), "{page:?}");
    }
    for (change, code) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("aud", "https://other.example/fhir"), "invalid_request"),
        (("aud", "-"), "invalid_request"),
        (("code_challenge", "-"), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("scope", "user/Patient.sr"), "invalid_scope"),
        (("launch", "x"), "invalid_request"),
    ] {
        let AuthorizeFault::Redirect(to) = fault(&[change]) else { panic!("{change:?}") };
        assert!(to.starts_with(&format!("https://app.example/back?error={code}&")), "{to}");
        assert!(to.ends_with("&state=s%20t"), "{to}");
    }
    let twice = [request("app", "user/*.rs", &[]), params(&[("client_id", "app")])].concat();
    assert!(matches!(world.authority.read_authorize(&twice, FHIR), Err(AuthorizeFault::Page(_))));
}

#[test]
fn a_launch_is_for_one_app_and_person() {
    let world = World::new();
    world.add("alder", vec![clinician()]);
    world.add("birch", vec![hat("Practitioner/birch", "clinician", Some("northgate"), "TREAT")]);
    world.app("app", "launch patient/*.rs", ClientProof::Public);
    let (launch, _) = world.authority.launch("app", "Practitioner/alder", "pat-9").unwrap();
    let offer = |login: &str, launch: &str| {
        let asked = request("app", "launch patient/*.rs", &[("launch", launch)]);
        let asked = world.authority.read_authorize(&asked, FHIR).unwrap();
        let session = world.authority.session(&world.signed_in(login)).unwrap().unwrap();
        world.authority.offer(&asked, &session, None)
    };
    let Ok(Authorized::Ready { patient, .. }) = offer("alder", &launch) else { panic!() };
    assert_eq!(patient.unwrap().as_str(), "pat-9");
    assert!(offer("birch", &launch).is_err());
    assert!(offer("alder", "made-up").is_err());
    world.pass_s(300);
    assert!(offer("alder", &launch).is_err());
}

#[test]
fn patients_have_themselves_in_context() {
    let world = World::new();
    world.add("willow", vec![patient()]);
    world.app("app", "patient/*.cruds launch/patient", ClientProof::Public);
    let code = world.code(&world.signed_in("willow"), "app", "patient/*.cruds launch/patient");
    let reply = json(&world.redeem(&code, "app").unwrap());
    assert_eq!(
        (&reply["patient"], &reply["scope"]),
        (&"willow".into(), &"launch/patient patient/*.rs".into())
    );
}

#[test]
fn secrets_are_asked_for_where_there_are_some() {
    let world = World::new();
    world.add("alder", vec![clinician()]);
    let (secret, proof) = world.authority.client_secret();
    world.app("app", "user/*.rs", proof);
    let code = world.code(&world.signed_in("alder"), "app", "user/*.rs");
    assert_eq!(world.redeem(&code, "app").unwrap_err().code, "invalid_client");
    let fields = params(&[
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", "https://app.example/back"),
        ("code_verifier", VERIFIER),
    ]);
    let with = |secret: &str| {
        let basic = Some(("app".to_owned(), secret.to_owned()));
        world.authority.token(&fields, &Credentials { basic, certificate: None }, &addresses())
    };
    assert_eq!(with("guess").unwrap_err().code, "invalid_client");
    let reply = json(&with(&secret).unwrap());
    let token = reply["access_token"].as_str().unwrap();
    let basic = Credentials { basic: Some(("app".to_owned(), secret)), certificate: None };
    let asked = params(&[("token", token)]);
    let told = || world.authority.introspect(&asked, &basic, &addresses()).unwrap();
    assert_eq!((&told()["active"], &told()["scope"]), (&true.into(), &"user/*.rs".into()));
    world.authority.revoke(&asked, &basic, &addresses()).unwrap();
    assert_eq!(told(), serde_json::json!({"active": false}));
    assert!(world.subject(&reply).is_none());
}
