//! Instructions of each kind of work, by valgrind's callgrind.

use std::io::{self, Write};
use std::process::Command;

use crate::work::Work;

/// Times that every kind of work is done in both runs.
const BASE: u64 = 200;

/// Prints instructions for one of each kind of work.
pub fn run() -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "{:<34}{:>14}", "work", "instructions")?;
    for (work, name, times) in Work::ALL {
        let (short, long) = (count(name, BASE)?, count(name, BASE + times)?);
        let each = long.saturating_sub(short) / times;
        writeln!(out, "{:<34}{each:>14}", format!("{work:?}"))?;
    }
    Ok(())
}

/// Instructions of a run of this program that does the work so many times.
fn count(name: &str, times: u64) -> io::Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args(["work", name, &times.to_string()])
        .output()
        .map_err(|error| io::Error::other(format!("valgrind is needed: {error}")))?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(io::Error::other(text.into_owned()));
    }
    let collected = text.lines().find_map(|line| line.split_once("Collected :"));
    collected
        .and_then(|(_, number)| number.trim().parse().ok())
        .ok_or_else(|| io::Error::other("valgrind printed no count"))
}
