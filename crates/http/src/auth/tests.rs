//! Pages as a browser sees them, and endpoints as an app does.

mod across;
mod own;

use std::sync::Arc;

use accord_auth::{Authority, Client, ClientProof, Hat, MemoryRecords, Parts, Rules, SigningKey};
use accord_base::{ManualClock, Purpose, ResourceScope, Role, SeededRng, Subject};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{IDENTITY_ROUTES, Proof};
use crate::tests::fake::{BORN, Fake, read_p1};
use crate::tests::harness::{Ask, Got, Server, bare, clinician};
use crate::{App, Options};

const KEY: [u8; 32] = [9; 32];
const PASSWORD: &str = "a long enough password";
const VERIFIER: &str = "0123456789012345678901234567890123456789abc";

struct All;

impl Rules for All {
    fn grantable(&self, _: Role, scope: &ResourceScope) -> Option<ResourceScope> {
        Some(scope.clone())
    }

    fn may_purpose(&self, _: Role, _: Purpose) -> bool {
        true
    }
}

struct World {
    server: Server,
    authority: Arc<Authority>,
}

fn world() -> World {
    let clock = Arc::new(ManualClock::new(BORN));
    let authority = Authority::new(Parts {
        records: Arc::new(MemoryRecords::default()),
        signing: Arc::new(SigningKey::from_pkcs8(&SigningKey::generate().unwrap()).unwrap().into()),
        token_key: KEY,
        test_principals: false,
        clock: clock.clone(),
        rng: Arc::new(SeededRng::new(1)),
        rules: Arc::new(All),
        foreign: None,
    });
    let authority = Arc::new(authority.unwrap());
    let hat = |role: &str| Hat {
        principal: "Practitioner/dr1".to_owned(),
        role: role.to_owned(),
        organization: Some("h1".to_owned()),
        purposes: vec!["TREAT".to_owned()],
    };
    authority.add_account("alder", "Alder", vec![hat("clinician")], Some(PASSWORD)).unwrap();
    let two = vec![hat("clinician"), hat("registration")];
    authority.add_account("birch", "Birch", two, Some(PASSWORD)).unwrap();
    authority
        .add_client(Client {
            id: "app".to_owned(),
            name: "App <b>".to_owned(),
            redirect_uris: vec!["https://app.example/back".to_owned()],
            scopes: "openid user/*.cruds".to_owned(),
            proof: ClientProof::Public,
            launch_uri: None,
            origins: Vec::new(),
            first_party: false,
            service: None,
        })
        .unwrap();
    let fake = Arc::new(Fake::new(read_p1));
    let options = Options { identity: Some(authority.clone()), ..Options::default() };
    let app = App::new(fake.clone(), authority.tokens(), options, BORN);
    World { server: Server { app, fake, clock }, authority }
}

/// A browser: keeps cookies.
#[derive(Default)]
struct Browser {
    cookies: Vec<(String, String)>,
}

impl Browser {
    async fn send(&mut self, world: &World, ask: Ask) -> Got {
        let cookies: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let got = ask.header("cookie", cookies.join("; ")).send(&world.server).await;
        for line in got.headers.get_all("set-cookie") {
            let line = line.to_str().unwrap();
            assert!(line.contains("HttpOnly") && line.contains("SameSite=Lax"), "{line}");
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(n, _)| n != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        got
    }

    async fn get(&mut self, world: &World, path: &str) -> Got {
        self.send(world, bare(&format!("GET {path}"))).await
    }

    /// Sends the first form of a page with what it hides and these fields.
    async fn submit(&mut self, world: &World, page: &Got, fields: &[(&str, &str)]) -> Got {
        let html = page.text();
        let action = between(html, "action=\"", "\"");
        let mut pairs: Vec<String> = html
            .split("<input type=\"hidden\"")
            .skip(1)
            .map(|input| (between(input, "name=\"", "\""), between(input, "value=\"", "\"")))
            .map(|(name, value)| format!("{name}={}", super::sign_in::in_query(&plain(value))))
            .collect();
        pairs.extend(fields.iter().map(|(n, v)| format!("{n}={}", super::sign_in::in_query(v))));
        self.send(world, posted(action, pairs.join("&"))).await
    }

    async fn sign_in(&mut self, world: &World, login: &str, next: &str) -> Got {
        let page = self
            .get(world, &format!("/auth/sign-in?next={}", super::sign_in::in_query(next)))
            .await;
        self.submit(world, &page, &[("login", login), ("password", PASSWORD)]).await
    }
}

fn posted(path: &str, form: String) -> Ask {
    bare(&format!("POST {path}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before).unwrap().1.split_once(after).unwrap().0
}

fn plain(html: &str) -> String {
    html.replace("&amp;", "&").replace("&quot;", "\"")
}

fn request() -> String {
    let challenge = ring_sha256(VERIFIER);
    format!(
        "/auth/authorize?response_type=code&client_id=app&state=st&scope=openid%20user%2F*.rs\
         &redirect_uri=https%3A%2F%2Fapp.example%2Fback&aud=http%3A%2F%2Fex.org%3A81%2Ffhir\
         &code_challenge={challenge}&code_challenge_method=S256"
    )
}

fn ring_sha256(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()))
}

#[tokio::test]
async fn a_person_signs_in_allows_an_app_and_ends_it() {
    let world = world();
    let mut browser = Browser::default();
    let away = browser.get(&world, &request()).await;
    assert_eq!(away.status, 303);
    let page = browser.get(&world, away.header("location")).await;
    assert_eq!(page.status, 200);
    let wrong = browser.submit(&world, &page, &[("login", "alder"), ("password", "x")]).await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.text().contains("role=\"alert\"") && wrong.text().contains("Error: Sign in"));
    let on = browser.submit(&world, &wrong, &[("login", "alder"), ("password", PASSWORD)]).await;
    assert_eq!(on.header("location"), request());
    let consent = browser.get(&world, on.header("location")).await;
    assert_eq!(consent.status, 200, "{}", consent.text());
    assert!(consent.text().contains("App &lt;b&gt;"), "names are escaped");
    assert!(consent.text().contains("read, search records of every kind that you may see"));
    let policy = consent.header("content-security-policy");
    assert!(
        policy.contains("form-action 'self' https://app.example")
            && policy.contains("default-src 'none'")
    );
    let back = browser.submit(&world, &consent, &[("decision", "allow")]).await;
    let to = back.header("location");
    assert!(to.starts_with("https://app.example/back?code=") && to.ends_with("&state=st"), "{to}");
    let code = between(to, "code=", "&");
    let form = format!(
        "grant_type=authorization_code&code={code}&client_id=app&code_verifier={VERIFIER}\
         &redirect_uri=https%3A%2F%2Fapp.example%2Fback"
    );
    let token = posted("/auth/token", form).send(&world.server).await;
    assert_eq!((token.status, token.header("cache-control")), (200, "no-store"));
    let token = token.json()["access_token"].as_str().unwrap().to_owned();
    let read = |path: &str| bare(path).header("authorization", format!("Bearer {token}"));
    assert_eq!(read("GET /fhir/Patient/p1").send(&world.server).await.status, 200);
    assert_eq!(world.server.fake.last().subject.grant.as_ref().unwrap().client, "app");
    let told = read("GET /auth/userinfo").send(&world.server).await.json();
    assert_eq!(told["fhirUser"], "http://ex.org:81/fhir/Practitioner/dr1");
    let sessions = browser.get(&world, "/auth/sessions").await;
    let grants = format!("<h2>Apps{}", between(sessions.text(), "<h2>Apps", "</section>"));
    let ended = browser.submit(&world, &Got { bytes: grants.into(), ..sessions }, &[]).await;
    assert_eq!(ended.header("location"), "/auth/sessions");
    assert_eq!(read("GET /fhir/Patient/p1").send(&world.server).await.status, 401);
}

#[tokio::test]
async fn who_declines_sends_the_app_away() {
    let world = world();
    let mut browser = Browser::default();
    browser.sign_in(&world, "alder", "").await;
    let consent = browser.get(&world, &request()).await;
    let back = browser.submit(&world, &consent, &[("decision", "deny")]).await;
    assert!(back.header("location").starts_with("https://app.example/back?error=access_denied"));
}

#[tokio::test]
async fn one_of_several_roles_is_chosen_first() {
    let world = world();
    let mut browser = Browser::default();
    let on = browser.sign_in(&world, "birch", &request()).await;
    assert!(on.header("location").starts_with("/auth/role?next="));
    let page = browser.get(&world, on.header("location")).await;
    let on = browser.submit(&world, &page, &[("role", "1")]).await;
    assert_eq!(on.header("location"), request());
    let consent = browser.get(&world, on.header("location")).await;
    assert!(consent.text().contains("registration at h1"));
}

#[tokio::test]
async fn forms_of_other_pages_and_addresses_of_other_sites_lead_nowhere() {
    let world = world();
    let mut browser = Browser::default();
    for next in ["https://evil.example/", "//evil.example", "/fhir", "/auth/authorize", "\\evil"] {
        let on = Browser::default().sign_in(&world, "alder", next).await;
        assert_eq!(on.header("location"), "/auth/sessions", "{next}");
    }
    let forged = posted("/auth/sign-in", format!("login=alder&password={PASSWORD}&form=x"));
    assert_eq!(browser.send(&world, forged).await.status, 403);
    browser.sign_in(&world, "alder", "").await;
    let session = browser.get(&world, "/auth/sessions").await;
    let id = between(session.text(), "name=\"session\" value=\"", "\"");
    let forged = posted("/auth/sessions", format!("session={id}&form=guess"));
    assert_eq!(browser.send(&world, forged).await.status, 403);
    assert_eq!(world.authority.sessions_of("alder").unwrap().len(), 6, "none has ended");
}

/// Forgetting to guard a route is a red test.
#[tokio::test]
async fn every_route_asks_for_its_proof() {
    let world = world();
    for route in IDENTITY_ROUTES {
        let ask = bare(&format!("{} {}", route.method, route.path));
        let got = ask
            .header("content-type", "application/x-www-form-urlencoded")
            .send(&world.server)
            .await;
        let expect = match (route.proof, route.method) {
            (Proof::Session, "GET") => 303,
            (Proof::Session, _) => 403,
            (Proof::Token | Proof::Administrator, _) => 401,
            (Proof::Nothing, _) => continue,
        };
        assert_eq!(got.status, expect, "{route:?}");
        assert!(expect != 303 || got.header("location").starts_with("/auth/sign-in?next="));
        if route.proof != Proof::Administrator {
            continue;
        }
        let token = world.authority.tokens().mint(&clinician(), None).unwrap();
        let ask = bare(&format!("{} {}", route.method, route.path));
        let got = ask.header("authorization", format!("Bearer {token}")).send(&world.server).await;
        assert_eq!(got.status, 403, "{route:?}");
        assert_eq!(world.server.refusals().last().unwrap().interaction, "identity-admin");
    }
    let open: Vec<&str> = IDENTITY_ROUTES
        .iter()
        .filter(|r| r.proof == Proof::Nothing && r.method == "POST")
        .map(|r| r.path)
        .collect();
    let shows_itself = [
        "/auth/authorize",
        "/auth/token",
        "/auth/introspect",
        "/auth/revoke",
        "/auth/register",
        "/auth/sign-in",
        "/auth/join",
        "/auth/end-session",
        "/auth/passkey/challenge",
        "/auth/passkey/sign-in",
    ];
    assert_eq!(open, shows_itself);
}

#[tokio::test]
async fn the_operator_and_administrators_make_accounts() {
    let world = world();
    let system = Subject::system("set up");
    let administrator =
        Subject { role: Role::Administrator, purpose: Purpose::Hoperat, ..clinician() };
    let add = |subject: &Subject, login: &str, organization: &str| {
        let token = world.authority.tokens().mint(subject, None).unwrap();
        let body = serde_json::json!({"login": login, "name": "New", "password": PASSWORD,
            "roles": [{"principal": "Practitioner/new", "role": "clinician",
                "organization": organization, "purposes": ["TREAT"]}]});
        bare("POST /auth/admin/accounts")
            .header("authorization", format!("Bearer {token}"))
            .body(body.to_string())
    };
    let made = add(&administrator, "new-1", "h1").send(&world.server).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert!(made.json()["totp"].as_str().unwrap().starts_with("otpauth://totp/"));
    assert_eq!(add(&administrator, "new-2", "h2").send(&world.server).await.status, 400);
    assert_eq!(add(&system, "new-2", "h2").send(&world.server).await.status, 201);
    let mut browser = Browser::default();
    let on = browser.sign_in(&world, "new-1", "").await;
    assert!(on.header("location").starts_with("/auth/second-factor"));
    assert_eq!(browser.get(&world, &request()).await.status, 303, "not before the second factor");
}

#[tokio::test]
async fn apps_find_the_endpoints() {
    let world = world();
    let told = bare("GET /fhir/.well-known/smart-configuration").send(&world.server).await.json();
    assert_eq!(told["token_endpoint"], "http://ex.org:81/auth/token");
    assert_eq!(told["code_challenge_methods_supported"], serde_json::json!(["S256"]));
    assert!(told["registration_endpoint"].is_null(), "off unless switched on");
    let keys = bare("GET /auth/jwks").send(&world.server).await.json();
    assert_eq!(keys["keys"][0]["alg"], "ES256");
    assert!(keys["keys"][0]["d"].is_null());
    let statement = bare("GET /fhir/metadata").send(&world.server).await.json();
    let uris = &statement["rest"][0]["security"]["extension"][0]["extension"];
    assert_eq!(uris[1]["valueUri"], "http://ex.org:81/auth/token");
    let refused = bare("POST /auth/register").body("{}").send(&world.server).await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn what_cannot_be_recorded_does_not_happen() {
    let world = world();
    let mut browser = Browser::default();
    let page = browser.get(&world, "/auth/sign-in").await;
    let fake = Fake { broken_record: true, ..Fake::new(read_p1) };
    let options = Options { identity: Some(world.authority.clone()), ..Options::default() };
    let broken = App::new(Arc::new(fake), world.authority.tokens(), options, BORN);
    let server = Server { app: broken, ..world.server };
    let world = World { server, authority: world.authority };
    let got = browser.submit(&world, &page, &[("login", "alder"), ("password", PASSWORD)]).await;
    assert_eq!(got.status, 503);
    assert!(got.headers.get("set-cookie").is_none());
}

#[tokio::test]
async fn people_change_how_they_sign_in_only_just_after_signing_in() {
    let world = world();
    let mut browser = Browser::default();
    let on = browser.sign_in(&world, "alder", "/auth/account").await;
    assert_eq!(on.header("location"), "/auth/account");
    let page = browser.get(&world, "/auth/account").await;
    let form = between(page.text(), "name=\"form\" value=\"", "\"").to_owned();
    let change = |password: &str| {
        let password = super::sign_in::in_query(password);
        posted("/auth/account/password", format!("form={form}&password={password}"))
    };
    let short = browser.send(&world, change("short")).await;
    assert_eq!(short.status, 400);
    assert!(short.text().contains("at least 12 characters"), "{}", short.text());
    world.server.clock.advance_us(600 * accord_base::LogTime::SECOND_US);
    for ask in [
        change("another long password"),
        posted("/auth/account/passkey", format!("form={form}&passkey=x")),
        posted("/auth/account/recovery", format!("form={form}")),
        posted("/auth/account/app", format!("form={form}&code=1")),
        posted("/auth/passkey/register", format!("form={form}&challenge=c&response=r")),
        bare("GET /auth/account/app"),
    ] {
        assert_eq!(browser.send(&world, ask).await.status, 403);
    }
    let stale = browser.get(&world, "/auth/account").await;
    assert!(stale.text().contains("sign in again") && !stale.text().contains("type=\"password\""));
    let on = browser.sign_in(&world, "alder", "/auth/account").await;
    assert_eq!(on.header("location"), "/auth/account");
    let page = browser.get(&world, "/auth/account").await;
    let form = between(page.text(), "name=\"form\" value=\"", "\"").to_owned();
    let form = format!("form={form}&password=another%20long%20password");
    let changed = browser.send(&world, posted("/auth/account/password", form)).await;
    assert_eq!(changed.header("location"), "/auth/sign-in?next=/auth/account");
    assert_eq!(browser.get(&world, "/auth/account").await.status, 303, "every session has ended");
    assert_eq!(world.authority.sessions_of("alder").unwrap().len(), 0);
}
