//! The pages of the demonstration, and what signing in to them takes.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use accord_synth::{SIGN_INS, SignIn};

use super::program::Program;

/// The password of everyone. The store is made up, and served on this machine alone.
pub const PASSWORD: &str = "accord demonstration";
/// The pages as a registered app.
const CLIENT: [&str; 7] = [
    "--id",
    "accord-web",
    "--name",
    "Accord",
    "--scope",
    "openid fhirUser online_access offline_access launch/patient user/*.cruds patient/*.cruds",
    "--first-party",
];
/// Their self check-in: its token records arrivals, and nothing else.
const CHECK_IN: [&str; 6] = [
    "--id",
    "accord-check-in",
    "--name",
    "Self check-in",
    "--scope",
    "openid fhirUser offline_access user/Encounter.c user/Patient.c \
     user/Organization.r user/Location.r",
];

/// The login of someone: the id of the person.
pub fn login(who: &SignIn) -> &'static str {
    who.principal.rsplit('/').next().unwrap_or_default()
}

/// Makes an account for everyone who can sign in.
pub fn accounts(program: &Program, data: &Path) -> Result<(), String> {
    SIGN_INS.iter().try_for_each(|who| {
        let mut command = program.command();
        command.args(["account", "add", login(who), "--as", who.principal]);
        command.args(["--role", who.role.code(), "--purpose", who.purpose.code()]);
        command.args(["--name", who.label]).arg("--data").arg(data);
        if let Some(organization) = who.organization {
            command.args(["--organization", organization]);
        }
        let failed = |e: std::io::Error| format!("an account cannot be made: {e}");
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().map_err(failed)?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(PASSWORD.as_bytes()).map_err(failed)?;
        }
        let status = child.wait().map_err(failed)?;
        if status.success() { Ok(()) } else { Err("an account cannot be made".to_owned()) }
    })
}

/// Registers the pages with the server that serves them; `base` is that of the FHIR interface.
pub fn register(program: &Program, data: &Path, base: &str) -> Result<(), String> {
    let origin = base.strip_suffix("/fhir").unwrap_or(base);
    add(program, data, origin, &CLIENT)?;
    add(program, data, origin, &CHECK_IN)
}

fn add(program: &Program, data: &Path, origin: &str, client: &[&str]) -> Result<(), String> {
    let mut command = program.command();
    command.args(["client", "add"]).args(client).arg("--data").arg(data);
    for origin in [origin.to_owned(), origin.replace("127.0.0.1", "localhost")] {
        command.arg("--redirect").arg(format!("{origin}/signed-in"));
    }
    let status = command.stdout(Stdio::null()).status();
    let status = status.map_err(|e| format!("the pages cannot be registered: {e}"))?;
    if status.success() { Ok(()) } else { Err("the pages cannot be registered".to_owned()) }
}
