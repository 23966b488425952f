//! A few bundles of the Synthea population, where it is at hand.

use std::fs::{self, File};
use std::path::Path;

use crate::common::Store;
use crate::counts;

/// Bundles taken from the archive.
const MEMBERS: usize = 3;

#[test]
fn real_bundles_import_without_refusals() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let archive = root.join("shared/data/synthea-300.tar.zst");
    let Ok(file) = File::open(archive) else {
        println!("skipped: ../shared is not there");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut archive = tar::Archive::new(zstd::stream::read::Decoder::new(file).unwrap());
    let mut taken = 0;
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        if entry.header().entry_type().is_file() {
            entry.unpack(folder.path().join(format!("{taken}.json"))).unwrap();
            taken += 1;
        }
        if taken == MEMBERS {
            break;
        }
    }
    let store = Store::new();
    let option = ["--match", "Organization,Practitioner=identifier"];
    let said = store.import(&option, &[folder.path()]).good();
    let [read, stored, unchanged, refused] = counts(&said, "all");
    assert!(read > 100);
    assert_eq!((stored + unchanged, refused), (read, 0));
    let again = store.import(&option, &[folder.path()]).good();
    assert_eq!(counts(&again, "all"), [read, 0, read, 0]);
    store.assert_sound();
    assert!(fs::metadata(store.path().join("store.key")).is_ok());
}
