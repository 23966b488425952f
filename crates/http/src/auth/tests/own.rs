//! Apps of the product itself: nobody is asked to allow them, and nothing else is different.

use super::*;

const SCOPES: &str = "openid fhirUser user/Patient.rs";

/// A world with such an app, which may come back to `https://own.example/back`.
fn world_with_own() -> World {
    let world = world();
    let own = Client {
        id: "own".to_owned(),
        name: "Own".to_owned(),
        redirect_uris: vec!["https://own.example/back".to_owned()],
        scopes: SCOPES.to_owned(),
        proof: ClientProof::Public,
        launch_uri: None,
        origins: Vec::new(),
        first_party: true,
        service: None,
    };
    world.authority.add_client(own).unwrap();
    world
}

fn asked(client: &str, back: &str, more: &str) -> String {
    let request = request().replace("client_id=app", &format!("client_id={client}"));
    let back = super::super::sign_in::in_query(back);
    request.replace("https%3A%2F%2Fapp.example%2Fback", &back) + more
}

fn own(more: &str) -> String {
    asked("own", "https://own.example/back", more)
}

fn code_of(got: &Got) -> String {
    let to = got.header("location");
    assert!(to.starts_with("https://own.example/back?code="), "{to}");
    between(to, "code=", "&").to_owned()
}

async fn redeem(world: &World, code: &str, verifier: &str) -> Got {
    let form = format!(
        "grant_type=authorization_code&code={code}&client_id=own&code_verifier={verifier}\
         &redirect_uri=https%3A%2F%2Fown.example%2Fback"
    );
    posted("/auth/token", form).send(&world.server).await
}

#[tokio::test]
async fn nobody_is_asked_to_allow_what_the_operator_registered() {
    let world = world_with_own();
    let mut browser = Browser::default();
    let away = browser.get(&world, &own("")).await;
    assert!(away.header("location").starts_with("/auth/sign-in"), "who it is is always asked");
    let on = browser.sign_in(&world, "alder", &own("")).await;
    let got = browser.get(&world, on.header("location")).await;
    let token = redeem(&world, &code_of(&got), VERIFIER).await;
    assert_eq!(token.status, 200);
    // Asked for `user/*.rs`, registered with less: what is granted is what is in both.
    assert_eq!(token.json()["scope"], "openid user/Patient.rs");
    assert_eq!(world.server.refusals().len(), 0);
    // The same in the session that goes on, and with nothing to be asked.
    for more in ["", "&prompt=none"] {
        let got = browser.get(&world, &own(more)).await;
        let code = code_of(&got);
        assert_eq!(redeem(&world, &code, &"x".repeat(43)).await.status, 400, "PKCE counts");
    }
}

#[tokio::test]
async fn an_address_that_is_not_registered_gets_nothing() {
    let world = world_with_own();
    let mut browser = Browser::default();
    browser.sign_in(&world, "alder", "").await;
    for back in [
        "https://own.example/back/",
        "https://own.example/back?x=1",
        "https://OWN.example/back",
        "https://evil.example/back",
        "https://app.example/back",
    ] {
        let got = browser.get(&world, &asked("own", back, "&prompt=none")).await;
        assert_eq!((got.status, got.header("location")), (400, ""), "{back}");
    }
}

#[tokio::test]
async fn others_are_asked_as_before_and_refused_where_nothing_may_be_asked() {
    let world = world_with_own();
    let mut browser = Browser::default();
    let quiet = format!("{}&prompt=none", request());
    let error = |got: &Got| {
        let to = got.header("location");
        assert!(to.ends_with("&state=st"), "{to}");
        between(to, "back?error=", "&").to_owned()
    };
    assert_eq!(error(&browser.get(&world, &quiet).await), "login_required");
    assert_eq!(error(&browser.get(&world, &own("&prompt=none")).await), "login_required");
    browser.sign_in(&world, "alder", "").await;
    assert_eq!(error(&browser.get(&world, &quiet).await), "consent_required");
    assert_eq!(browser.get(&world, &request()).await.status, 200, "the page that asks");
    assert_eq!(browser.get(&world, &own("&prompt=consent")).await.status, 200);
    let wrong = browser.get(&world, &own("&prompt=none%20login")).await;
    assert_eq!(error(&wrong), "invalid_request");
    // One of several roles has to be chosen first.
    let mut two = Browser::default();
    two.sign_in(&world, "birch", "").await;
    assert_eq!(error(&two.get(&world, &own("&prompt=none")).await), "login_required");
}

#[tokio::test]
async fn whoever_wants_to_be_sure_who_it_is_is_told_anew() {
    let world = world_with_own();
    let mut browser = Browser::default();
    browser.sign_in(&world, "alder", "").await;
    let away = browser.get(&world, &own("&prompt=login")).await;
    assert!(
        away.header("location").starts_with("/auth/sign-in?next="),
        "though there is a session"
    );
    let page = browser.get(&world, away.header("location")).await;
    let on = browser.submit(&world, &page, &[("login", "alder"), ("password", PASSWORD)]).await;
    let got = browser.get(&world, on.header("location")).await;
    code_of(&got);
}

#[tokio::test]
async fn an_app_ends_the_session_of_whom_it_shows_a_token() {
    let world = world_with_own();
    let signed_in = async || {
        let mut browser = Browser::default();
        let on = browser.sign_in(&world, "alder", &own("")).await;
        let got = browser.get(&world, on.header("location")).await;
        let token = redeem(&world, &code_of(&got), VERIFIER).await.json();
        (browser, token["id_token"].as_str().unwrap().to_owned())
    };
    let (mut browser, hint) = signed_in().await;
    let (mut other, _) = signed_in().await;
    let to = "post_logout_redirect_uri=https%3A%2F%2Fown.example%2Fback&client_id=own&state=s";
    // Without a token, or with a false one, the person is asked.
    for hint in ["", "x.y.z", &hint[..hint.len() - 4]] {
        let got = other.get(&world, &format!("/auth/end-session?{to}&id_token_hint={hint}")).await;
        assert!(got.text().contains("Sign out?"), "{}", got.status);
    }
    assert_eq!(world.authority.sessions_of("alder").unwrap().len(), 2);
    world.server.clock.advance_us(900 * accord_base::LogTime::SECOND_US);
    let form = format!("{to}&id_token_hint={hint}");
    let (mut third, _) = signed_in().await;
    let ended = third.send(&world, posted("/auth/end-session", form.clone())).await;
    assert_eq!(ended.header("location"), "https://own.example/back?state=s", "at once");
    assert_eq!(world.authority.sessions_of("alder").unwrap().len(), 2);
    // No cookie travels with a form of another site; it comes back as a link, which has them.
    let link = Browser::default().send(&world, posted("/auth/end-session", form)).await;
    assert_eq!(world.authority.sessions_of("alder").unwrap().len(), 2, "nothing by the form");
    let ended = browser.get(&world, link.header("location")).await;
    assert_eq!(ended.header("location"), "https://own.example/back?state=s", "over, and still his");
    assert_eq!(world.authority.sessions_of("alder").unwrap().len(), 1);
    let quiet = browser.get(&world, &own("&prompt=none")).await;
    assert!(quiet.header("location").contains("error=login_required"));
    // Nobody is sent to where the app does not live.
    let evil =
        "/auth/end-session?client_id=own&post_logout_redirect_uri=https%3A%2F%2Fevil.example";
    assert_eq!(browser.get(&world, evil).await.header("location"), "/auth/sign-in");
}

#[tokio::test]
async fn who_signs_in_over_somebody_else_ends_their_session_and_no_other() {
    let world = world();
    let mut browser = Browser::default();
    browser.sign_in(&world, "alder", "").await;
    browser.sign_in(&world, "alder", "").await;
    let sessions = |login| world.authority.sessions_of(login).unwrap().len();
    assert_eq!(sessions("alder"), 2, "their own go on");
    browser.sign_in(&world, "birch", "").await;
    assert_eq!((sessions("alder"), sessions("birch")), (1, 1));
}

#[tokio::test]
async fn an_app_of_a_phone_is_never_first_party() {
    let world = world();
    let app = |uris: &[&str]| Client {
        id: String::new(),
        name: "Own".to_owned(),
        redirect_uris: uris.iter().map(|uri| (*uri).to_owned()).collect(),
        scopes: SCOPES.to_owned(),
        proof: ClientProof::Public,
        launch_uri: None,
        origins: Vec::new(),
        first_party: true,
        service: None,
    };
    for uris in [&[][..], &["org.example.app:/back"], &["https://a.example/b", "org.e.a:/b"]] {
        assert!(world.authority.add_client(app(uris)).is_err(), "{uris:?}");
    }
    assert!(world.authority.add_client(app(&["http://127.0.0.1:8080/b"])).is_ok());
}
