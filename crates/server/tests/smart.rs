//! Launches by an app that others wrote: fhirclient of the SMART team (PyPI), installed into a
//! scratch environment. Where it cannot be installed the tests say so and end.
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
use std::sync::OnceLock;

use common::{Server, Store, accord};
use serde_json::{Value, json};

const PASSWORD: &str = "a long enough password";
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/smart/launch.py");
/// The release that the journeys were written with.
const FHIRCLIENT: &str = "fhirclient==4.4.0";

/// The interpreter of an environment with the client, made once for each build folder.
fn python() -> Option<&'static Path> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    let made = PYTHON.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fhirclient-4.4.0");
        let python = folder.join("bin/python");
        let run = |command: &mut Command| {
            let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
            quiet.status().is_ok_and(|status| status.success())
        };
        let works = || run(Command::new(&python).args(["-c", "import fhirclient"]));
        let install = || {
            run(Command::new("python3").args(["-m", "venv"]).arg(&folder))
                && run(Command::new(&python).args(["-m", "pip", "install", "-q", FHIRCLIENT]))
        };
        (works() || (install() && works())).then_some(python)
    });
    if made.is_none() {
        println!("left out: {FHIRCLIENT} cannot be installed here");
    }
    made.as_deref()
}

struct World {
    store: Store,
    server: Server,
}

fn world() -> World {
    let store = Store::with_patients(6, "2026-11-01");
    account(
        &store,
        &[
            "add",
            "alder",
            "--as",
            "Practitioner/dr-alder",
            "--role",
            "clinician",
            "--organization",
            "northgate-hospital",
        ],
    );
    account(
        &store,
        &[
            "add",
            "willow",
            "--as",
            "Patient/pat-willow",
            "--role",
            "patient",
            "--purpose",
            "PATRQT",
        ],
    );
    let server = store.serve();
    World { store, server }
}

fn account(store: &Store, arguments: &[&str]) {
    let mut child = accord();
    let child = child.args(["account", "--data"]).arg(store.path()).args(arguments);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

impl World {
    fn app(&self, id: &str, scopes: &str) {
        let arguments = [
            "add",
            "--name",
            "A test app",
            "--id",
            id,
            "--scope",
            scopes,
            "--redirect",
            "http://localhost:1/back",
        ];
        self.store.command("client", &arguments).good();
    }

    /// The journey of `launch.py`.
    fn journey(
        &self,
        app: &str,
        login: &str,
        launch: &str,
        pick: &str,
        scope: &str,
    ) -> Option<Value> {
        let base = format!("http://{}/fhir", self.server.address);
        let output = Command::new(python()?)
            .args([SCRIPT, &base, app, login, PASSWORD, launch, pick, scope])
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{error}");
        Some(serde_json::from_slice(&output.stdout).unwrap())
    }
}

#[test]
fn a_patients_app_sees_what_it_was_granted_and_no_more() {
    let world = world();
    world.app("mine", "launch/patient openid fhirUser offline_access patient/*.rs");
    let lab = "patient/Observation.rs?category=laboratory";
    let scope = format!("launch/patient openid fhirUser offline_access patient/Patient.rs {lab}");
    let Some(said) = world.journey("mine", "willow", "-", "-", &scope) else { return };
    assert_eq!(said["patient"], "pat-willow");
    assert_eq!(said["own_patient"], "pat-willow");
    assert_eq!(said["patients"], 1);
    assert_eq!(said["observations"], said["laboratory"], "all that there is, to this app");
    assert!(said["laboratory"].as_u64().unwrap() > 0, "{said}");
    assert_eq!(said["vital_signs"], 0);
    assert_eq!(said["conditions"], 403);
    assert_eq!(
        (&said["refreshed"], &said["own_patient_again"]),
        (&json!(true), &json!("pat-willow"))
    );
    let whole = world.journey("mine", "willow", "-", "-", "launch/patient patient/*.read").unwrap();
    assert!(whole["observations"].as_u64() > said["observations"].as_u64(), "{whole}");
}

#[test]
fn professionals_pick_a_patient_or_launch_with_one() {
    let world = world();
    world.app("chart", "launch launch/patient openid patient/*.rs user/Patient.rs");
    let scope = "launch/patient openid patient/*.rs";
    let Some(picked) = world.journey("chart", "alder", "-", "Willow", scope) else { return };
    let patient = picked["patient"].as_str().unwrap();
    assert_eq!((&picked["patients"], &picked["own_patient"]), (&json!(1), &json!(patient)));
    let user = world.journey("chart", "alder", "-", "Willow", "openid user/Patient.rs").unwrap();
    assert!(user["patients"].as_u64().unwrap() > 0, "{user}");
    assert_eq!(user["observations"], 403, "patients alone were granted");
    let token = world.store.clinician("dr-alder", "northgate-hospital");
    let body = json!({"client_id": "chart", "patient": patient}).to_string();
    let begun = Command::new("curl")
        .args(["-sS", "-X", "POST", "-H", &format!("Authorization: Bearer {token}"), "-d", &body])
        .arg(format!("http://{}/auth/launch", world.server.address))
        .output()
        .unwrap();
    let begun: Value = serde_json::from_slice(&begun.stdout).unwrap();
    let launch = begun["launch"].as_str().unwrap();
    let launched = world.journey("chart", "alder", launch, "-", "launch patient/*.rs").unwrap();
    assert_eq!(launched["patient"], patient);
}
