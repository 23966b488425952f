//! `cargo xtask test`: every check of the project, the fast ones first.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::{edges, licences, metadata, tidy};

/// Runs every check; stops at the first that fails.
pub fn run(args: &[String]) -> Result<(), String> {
    let root = crate::root();
    announce_shared(&root);
    form(args)?;
    step("lints", || {
        cargo(
            &root,
            &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"],
        )
    })?;
    step("tests", || cargo(&root, &["test", "--workspace", "--locked"]))?;
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
    let status = Command::new(env!("CARGO"))
        .args(args)
        .current_dir(root)
        .status()
        .map_err(|e| format!("cargo: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("`cargo {}` failed", args.join(" "))) }
}
