//! The web front end: built and checked with npm, where that is installed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

/// What names the packages, below the folder of the front end.
const LOCK: &str = "package-lock.json";
/// What npm leaves beside the packages it has installed.
const INSTALLED: &str = "node_modules/.package-lock.json";

/// The browser of the journeys, where Debian puts it.
const BROWSER: &str = "/usr/bin/chromium";

/// Builds the pages; the folder with them, or why there are none.
pub fn build() -> Result<Result<PathBuf, String>, String> {
    let folder = folder();
    if let Err(why) = ready(&folder)? {
        return Ok(Err(why));
    }
    run(&folder, &["run", "build", "--silent"], &[])?;
    Ok(Ok(folder.join("dist")))
}

/// Runs the checks of the pages: types, style, tests and size, then the journeys in a browser
/// against `program`.
pub fn check(program: &Path) -> Result<(), String> {
    let folder = folder();
    if let Err(why) = ready(&folder)? {
        eprintln!("== the pages are not checked: {why}");
        return Ok(());
    }
    run(&folder, &["run", "check"], &[])?;
    if !Path::new(BROWSER).exists() {
        eprintln!("== the journeys are left out: there is no `{BROWSER}`");
        return Ok(());
    }
    run(&folder, &["run", "journeys"], &[("ACCORD_BIN", program)])
}

fn folder() -> PathBuf {
    // Without `xtask/..` in it, where that can be had: tools show the path.
    let root = crate::root();
    root.canonicalize().unwrap_or(root).join("web")
}

/// Installs the packages if they are not those of the lock file.
fn ready(folder: &Path) -> Result<Result<(), String>, String> {
    if !folder.join(LOCK).exists() {
        return Ok(Err("there are none here".to_owned()));
    }
    let mut version = Command::new("npm");
    let version = version.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).status();
    if !version.is_ok_and(|status| status.success()) {
        return Ok(Err("npm is not installed (Node.js 20.19 or later)".to_owned()));
    }
    if changed(&folder.join(INSTALLED)) < changed(&folder.join(LOCK)) {
        run(folder, &["ci", "--no-audit", "--no-fund", "--loglevel=error"], &[])?;
    }
    Ok(Ok(()))
}

/// When a file was last changed; nothing of one that is not there, which is before everything.
fn changed(file: &Path) -> Option<SystemTime> {
    file.metadata().and_then(|data| data.modified()).ok()
}

fn run(folder: &Path, args: &[&str], variables: &[(&str, &Path)]) -> Result<(), String> {
    let mut npm = Command::new("npm");
    npm.args(args).current_dir(folder).stdin(Stdio::null());
    // Results go to standard output; what npm tells is progress.
    npm.stdout(std::io::stderr()).envs(variables.iter().copied());
    let status = npm.status().map_err(|e| format!("npm: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("`npm {}` failed", args.join(" "))) }
}
