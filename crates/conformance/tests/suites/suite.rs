//! What the suites share: their files, their scores, their exclusions.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::report;

pub const EXCLUSIONS: &str = include_str!("exclusions.tsv");

/// The files of `../shared/suites/NAME.tar.zst` by their path in it; `None`, with a printed line,
/// where the suite is not there.
pub fn files(name: &str) -> Option<BTreeMap<String, String>> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let path = shared.join(format!("suites/{name}.tar.zst"));
    let Ok(file) = std::fs::File::open(path) else {
        println!("suite {name}: skipped, ../shared is not there");
        return None;
    };
    let decoder = zstd::Decoder::new(file).unwrap();
    let mut files = BTreeMap::new();
    for entry in tar::Archive::new(decoder).entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_string_lossy().into_owned();
        let mut text = String::new();
        if entry.header().entry_type().is_file() {
            entry.read_to_string(&mut text).unwrap();
            files.insert(path, text);
        }
    }
    Some(files)
}

/// Judges the results of a suite: test's name, and why it failed.
pub fn judge(suite: &str, results: &[(String, Result<(), String>)]) {
    let rows = EXCLUSIONS.lines().filter(|l| !l.starts_with('#')).map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        assert_eq!(cells.len(), 3, "exclusions.tsv: {line}");
        (cells[0], cells[1])
    });
    let excluded: Vec<&str> = rows.filter(|(s, _)| *s == suite).map(|(_, test)| test).collect();
    let passed = results.iter().filter(|(_, result)| result.is_ok()).count();
    println!("suite {suite}: passed {passed} of {}", results.len());
    let mut wrong = Vec::new();
    for (name, result) in results {
        match (result, excluded.contains(&name.as_str())) {
            (Ok(()), true) => wrong.push(format!("{name}: is excluded and passes")),
            (Err(why), false) => wrong.push(format!("{name}: {why}")),
            _ => {}
        }
    }
    for name in excluded {
        if !results.iter().any(|(test, _)| test == name) {
            wrong.push(format!("{name}: is excluded and not there"));
        }
    }
    assert!(wrong.is_empty(), "{} of suite {suite}:\n{}", wrong.len(), wrong.join("\n"));
    keep(suite, passed, results.len());
}

/// The scores that are kept, by suite: passed and total, separated by a tab.
pub fn scores() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(scores_file()).unwrap_or_default();
    let rows = text.lines().filter_map(|line| line.split_once('\t'));
    rows.map(|(suite, score)| (suite.to_owned(), score.to_owned())).collect()
}

fn scores_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suites/scores.tsv")
}

/// Compares a score with the one that is kept. A suite that is not there keeps its last one.
fn keep(suite: &str, passed: usize, total: usize) {
    static FILE: Mutex<()> = Mutex::new(());
    let _alone = FILE.lock();
    let mut rows = scores();
    let score = format!("{passed}\t{total}");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        rows.insert(suite.to_owned(), score);
        let text: String = rows.iter().map(|(k, v)| format!("{k}\t{v}\n")).collect();
        std::fs::write(scores_file(), text).unwrap();
        report::write();
    } else {
        assert_eq!(rows.get(suite), Some(&score), "scores.tsv: UPDATE_EXPECT=1 writes it anew");
    }
}
