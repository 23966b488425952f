//! Signing in as people see it: Chromium, driven by Playwright (npm), with axe-core's rules of
//! accessibility on every page. Where there is no Chromium or Node.js the test says so and ends.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

mod common;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::{Store, accord};
use serde_json::json;

const PASSWORD: &str = "a long enough password";
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/walk.mjs");
/// The releases that the walk was written with.
const MODULES: [&str; 2] = ["playwright-core@1.64.1", "axe-core@4.14.1"];
/// Names under which Chromium is installed.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

fn works(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// The browser, and the folder with what drives it, installed once for each build folder.
fn tools() -> Result<(&'static str, PathBuf), String> {
    let there = |name: &&&str| works(Command::new(name).arg("--version"));
    let browser = BROWSERS.iter().find(there).ok_or("there is no Chromium here")?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser-1.64.1");
    let modules = folder.join("node_modules");
    let done = modules.join("axe-core/axe.min.js");
    if !done.exists() {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]);
        if !works(npm.arg(&folder).args(MODULES)) || !done.exists() {
            return Err(format!("{} cannot be installed here", MODULES.join(" and ")));
        }
    }
    Ok((browser, modules))
}

/// Runs `accord account`, with the password on standard input; what it printed.
fn account(store: &Store, arguments: &[&str]) -> String {
    let mut child = accord();
    let child = child.args(["account", "--data"]).arg(store.path()).args(arguments);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

fn people(store: &Store) {
    let role = |login: &str, verb: &str, role: &str| {
        let person = format!("Practitioner/dr-{login}");
        let at = ["--role", role, "--organization", "northgate-hospital", "--purpose"];
        let purpose = if role == "administrator" { "HOPERAT" } else { "TREAT" };
        account(store, &[&[verb, login, "--as", &person][..], &at[..], &[purpose]].concat());
    };
    for login in ["alder", "birch", "cedar", "rowan"] {
        role(login, "add", "clinician");
    }
    role("birch", "role", "administrator");
}

#[test]
fn a_person_walks_through_every_page() {
    let (browser, modules) = match tools() {
        Ok(tools) => tools,
        Err(why) => return println!("left out: {why}"),
    };
    let store = Store::with_patients(6, "2026-11-01");
    people(&store);
    let printed = account(&store, &["totp", "alder"]);
    let server = store.serve();
    // A browser takes passkeys from `localhost` without a certificate, from an address never.
    let base = format!("http://localhost:{}", server.address.rsplit_once(':').unwrap().1);
    // The app lives on another origin, where somebody answers.
    let back = format!("http://{}/health", server.address);
    let scopes = "launch/patient openid offline_access patient/*.rs";
    let app = ["add", "--name", "Growth chart", "--id", "chart", "--scope", scopes];
    store.command("client", &[&app[..], &["--redirect", &back]].concat()).good();
    let escaped = |text: &str| text.replace(':', "%3A").replace('/', "%2F");
    let (aud, to) = (escaped(&format!("{base}/fhir")), escaped(&back));
    let request = format!(
        "/auth/authorize?response_type=code&client_id=chart&state=st&aud={aud}\
         &scope=launch%2Fpatient%20openid%20offline_access%20patient%2F*.rs\
         &redirect_uri={to}&code_challenge_method=S256\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    );
    let given = json!({
        "base": base, "password": PASSWORD, "secret": printed.lines().next(), "request": request, "back": back,
        "modules": modules, "chromium": browser_path(browser),
        "pictures": std::env::var("ACCORD_PICTURES").ok(),
    });
    let output = Command::new("node").arg(SCRIPT).arg(given.to_string()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Playwright wants the whole path.
fn browser_path(name: &str) -> String {
    let output = Command::new("sh").args(["-c", &format!("command -v {name}")]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
