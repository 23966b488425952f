//! An import that was killed goes on where it was, without duplicates.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use crate::common::{Store, accord};
use crate::{counts, transaction};

const BUNDLES: usize = 300;

#[test]
fn an_interrupted_import_resumes() {
    let folder = tempfile::tempdir().unwrap();
    let mut lines = fs::File::create(folder.path().join("all.ndjson")).unwrap();
    for n in 0..BUNDLES {
        writeln!(lines, "{}", transaction(n, 4)).unwrap();
    }
    let store = Store::new();
    let mut kills = 0;
    for round in 0..3u64 {
        let mut child = accord()
            .args(["import", "--threads", "2", "--data"])
            .arg(store.path())
            .arg(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Killed once the log has grown: work was done, and more is under way.
        let before = size(&store) + 100_000 * (round + 1);
        while child.try_wait().unwrap().is_none() {
            if size(&store) > before {
                child.kill().unwrap();
                kills += 1;
                break;
            }
            std::thread::yield_now();
        }
        child.wait().unwrap();
    }
    assert!(kills > 0);
    let said = store.import(&[], &[folder.path()]).good();
    assert_eq!(counts(&said, "all")[0], 5 * BUNDLES as u64);
    let again = store.import(&[], &[folder.path()]).good();
    assert_eq!(counts(&again, "all"), [5 * BUNDLES as u64, 0, 5 * BUNDLES as u64, 0]);
    let mut server = store.serve();
    let mut client = server.client(&store.system());
    let mut total = |query: &str| client.get(query).expect(200).json()["total"].as_u64().unwrap();
    assert_eq!(total("Patient?_summary=count"), BUNDLES as u64);
    assert_eq!(total("Observation?_summary=count"), 4 * BUNDLES as u64);
    assert_eq!(client.versions(), 5 * BUNDLES as u64);
    server.stop();
    store.assert_sound();
}

/// Bytes of everything in the store's folder.
fn size(store: &Store) -> u64 {
    let files = fs::read_dir(store.path()).unwrap();
    files.filter_map(|file| file.ok()?.metadata().ok()).map(|m| m.len()).sum()
}
