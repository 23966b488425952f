//! `cargo xtask test`: every check of the project, the fast ones first.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::{edges, licences, metadata, tidy};

/// The variable that random tests take their seed from.
const SEED: &str = "PROPTEST_RNG_SEED";

/// Runs every check; stops at the first that fails.
pub fn run(args: &[String]) -> Result<(), String> {
    let root = crate::root();
    announce_shared(&root);
    let seed = seed(&root);
    eprintln!("== random tests draw from PROPTEST_RNG_SEED={seed}");
    form(args)?;
    step("lints", || {
        cargo(
            &root,
            &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"],
        )
    })?;
    step("tests", || {
        let mut tests = command(&root, &["test", "--workspace", "--locked"]);
        done(tests.env(SEED, seed), "test")
    })?;
    step("demonstration", || crate::demo::run(&["--check".to_owned()]))
}

/// The checks that take seconds and compile nothing: how the project is written.
pub fn form(args: &[String]) -> Result<(), String> {
    if let Some(extra) = args.first() {
        return Err(format!("unknown argument `{extra}`"));
    }
    let root = crate::root();
    step("house rules", || tidy::check(&root))?;
    step("crate edges and licences", || {
        let metadata = metadata::read()?;
        edges::check(&metadata)?;
        licences::check(&metadata)
    })?;
    step("formatting", || cargo(&root, &["fmt", "--all", "--check"]))
}

/// Where random tests begin: as the environment says, else by what is tested, so that the same
/// code meets the same cases wherever it is checked and other code meets others.
fn seed(root: &Path) -> String {
    if let Ok(given) = std::env::var(SEED) {
        return given;
    }
    let tree = Command::new("git").args(["rev-parse", "HEAD:crates"]).current_dir(root).output();
    let name = tree.map(|told| String::from_utf8_lossy(&told.stdout).into_owned());
    let start = name.ok().and_then(|name| u64::from_str_radix(name.get(..15)?, 16).ok());
    start.unwrap_or_default().to_string()
}

/// Says whether the suites that live beside the project take part.
fn announce_shared(root: &Path) {
    let there = root.join("../shared").is_dir();
    let text = if there { "there: its suites run" } else { "not there: its suites are skipped" };
    eprintln!("== ../shared is {text}");
}

fn step(name: &str, run: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    eprintln!("== {name}");
    let begun = Instant::now();
    run().map_err(|error| format!("{name}:\n{error}"))?;
    eprintln!("== {name}: good, {} s", begun.elapsed().as_secs());
    Ok(())
}

fn cargo(root: &Path, args: &[&str]) -> Result<(), String> {
    done(&mut command(root, args), args.first().copied().unwrap_or_default())
}

fn command(root: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(args).current_dir(root);
    command
}

fn done(command: &mut Command, name: &str) -> Result<(), String> {
    let status = command.status().map_err(|e| format!("cargo: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("`cargo {name}` failed")) }
}
