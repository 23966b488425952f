//! A store that has grown beyond its first chunk: sealed, reopened, damaged.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Store, accord};

/// More rows than two chunks hold: the first is not needed in memory any more.
const BUNDLES: u32 = 140;
const ENTRIES: u32 = 1000;
/// How long sealing in the background may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(120);

fn bundles(folder: &Path) {
    for bundle in 0..BUNDLES {
        let mut file = File::create(folder.join(format!("{bundle:03}.json"))).unwrap();
        let entry = |n: u32| {
            let id = bundle * ENTRIES + n;
            format!(
                r#"{{"request":{{"method":"PUT","url":"Basic/{id}"}},"resource":{{"resourceType":"Basic","id":"{id}","code":{{"text":"{n}"}}}}}}"#
            )
        };
        let entries: Vec<String> = (0..ENTRIES).map(entry).collect();
        let head = r#"{"resourceType":"Bundle","type":"transaction","entry":["#;
        write!(file, "{head}{}]}}", entries.join(",")).unwrap();
    }
}

/// The segment files of the store.
fn segment_files(store: &Store) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(store.path().join("segments")) else { return Vec::new() };
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "seg"))
        .collect()
}

#[test]
fn a_damaged_segment_is_found() {
    let folder = tempfile::tempdir().unwrap();
    bundles(folder.path());
    let store = Store::new();
    // Killed while the first chunk is sealed, or just after: nothing of that must be left.
    let mut child = accord()
        .args(["import", "--data"])
        .arg(store.path())
        .arg(folder.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while !store.path().join("segments").exists() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    store.assert_sound();
    let said = store.import(&[], &[folder.path()]).good();
    let sum = said
        .out
        .lines()
        .find(|line| line.starts_with("all "))
        .unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap();
    assert_eq!(sum, (BUNDLES * ENTRIES).to_string());

    let mut server = store.serve();
    let mut client = server.client(&store.system());
    let started = Instant::now();
    while segment_files(&store).is_empty() {
        assert!(started.elapsed() < PATIENCE, "nothing was sealed");
        client.get("/ready").expect(200);
    }
    let total = client.get("Basic?_summary=count").expect(200).json()["total"].as_u64();
    assert_eq!(total, Some(u64::from(BUNDLES * ENTRIES)));
    server.stop();

    // Reopened from segments: what they hold is read and found.
    let mut server = store.serve();
    let mut client = server.client(&store.system());
    assert_eq!(client.get("Basic/7").expect(200).json()["code"]["text"], "7");
    assert_eq!(client.get("Basic?_id=12345,139999").expect(200).json()["total"], 2);
    assert_eq!(client.get("Basic?_summary=count").json()["total"].as_u64(), total);
    server.stop();

    let file = segment_files(&store).pop().unwrap();
    let whole = fs::read(&file).unwrap();
    for at in [whole.len() / 3, whole.len() - 1] {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        fs::write(&file, damaged).unwrap();
        let said = store.command("check", &[]).found();
        assert!(said.out.contains("NOT GOOD: segment file "), "{}", said.out);
    }
    fs::write(&file, &whole).unwrap();
    store.assert_sound();
}
