//! How fast files get into a store.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Patients of the synthetic population that is imported if nothing is named.
const PATIENTS: &str = "1000";

/// Imports into fresh stores and prints the best run.
pub fn import(accord: &Path, runs: u32, paths: &[PathBuf]) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut paths = paths.to_vec();
    if paths.is_empty() {
        let out = folder.path().join("population");
        let made = Command::new(accord)
            .args(["synth", "--patients", PATIENTS, "--out"])
            .arg(&out)
            .stdout(Stdio::null())
            .status()?;
        if !made.success() {
            return Err(io::Error::other("the population cannot be made"));
        }
        paths.push(out);
    }
    let mut best: Option<(f64, u64, Duration, u64)> = None;
    for run in 0..runs {
        let (resources, elapsed, memory_mb) =
            once(accord, &folder.path().join(run.to_string()), &paths)?;
        let rate = resources as f64 / elapsed.as_secs_f64();
        if best.is_none_or(|(fastest, ..)| rate > fastest) {
            best = Some((rate, resources, elapsed, memory_mb));
        }
    }
    let (rate, resources, elapsed, memory_mb) = best.ok_or(io::ErrorKind::InvalidInput)?;
    writeln!(
        io::stdout(),
        "{resources} resources in {:.2} s: {rate:.0} durable resources/s, {memory_mb} MB at most",
        elapsed.as_secs_f64()
    )
}

/// One import: resources stored, time from start to end of the process, most memory held.
fn once(accord: &Path, data: &Path, paths: &[PathBuf]) -> io::Result<(u64, Duration, u64)> {
    let made =
        Command::new(accord).args(["init", "--data"]).arg(data).stdout(Stdio::null()).status()?;
    if !made.success() {
        return Err(io::Error::other("the store cannot be made"));
    }
    let begun = Instant::now();
    let mut process = Command::new(accord)
        .args(["import", "--data"])
        .arg(data)
        .args(paths)
        .stdout(Stdio::piped())
        .spawn()?;
    let status = format!("/proc/{}/status", process.id());
    let mut memory_mb = 0;
    let ended = loop {
        if let Some(ended) = process.try_wait()? {
            break ended;
        }
        memory_mb = memory_mb.max(high_water_mb(&status));
        std::thread::sleep(Duration::from_millis(20));
    };
    let elapsed = begun.elapsed();
    let mut text = String::new();
    if let Some(mut output) = process.stdout.take() {
        io::Read::read_to_string(&mut output, &mut text)?;
    }
    if !ended.success() {
        return Err(io::Error::other(text));
    }
    let all = text.lines().find(|line| line.starts_with("all")).unwrap_or_default();
    let stored = all.split_whitespace().nth(2).and_then(|n| n.parse().ok()).unwrap_or(0);
    Ok((stored, elapsed, memory_mb))
}

/// The most memory a process has held, where the system tells.
fn high_water_mb(status: &str) -> u64 {
    let text = std::fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = line.map(|line| line.trim().trim_end_matches(" kB").trim().parse::<u64>());
    kb.and_then(Result::ok).unwrap_or(0) / 1024
}
