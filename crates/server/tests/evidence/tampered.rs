//! Records that were changed, removed, reordered or rolled back are found.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use crate::common::Store;
use crate::{keep_checkpoint, store, use_it};

fn database(store: &Store) -> Connection {
    Connection::open(store.path().join("log.sqlite")).unwrap()
}

/// `verify` finds something and says what, with a given checkpoint or without.
#[track_caller]
fn assert_found(store: &Store, arguments: &[&str]) -> String {
    let said = store.command("verify", arguments).found();
    let sentence = said.out.lines().find(|line| line.starts_with("NOT GOOD: "));
    let sentence = sentence.unwrap_or_else(|| panic!("no sentence in {}", said.out));
    assert!(sentence.len() > "NOT GOOD: ".len() + 10, "{sentence}");
    sentence.to_owned()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// The last file of the access stream.
fn access_file(store: &Store) -> PathBuf {
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(store.path().join("access")).unwrap() {
        files.extend(
            Some(entry.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "acc")),
        );
    }
    files.sort();
    files.pop().unwrap()
}

#[test]
fn a_checkpoint_that_is_not_ours_is_refused() {
    let (ours, other) = (store(), store());
    let kept = keep_checkpoint(&other);
    assert_found(&ours, &["--checkpoint", kept.to_str().unwrap()]);
    let kept = keep_checkpoint(&ours);
    let text = fs::read_to_string(&kept).unwrap();
    fs::write(&kept, text.replacen("log 12", "log 11", 1)).unwrap();
    assert_found(&ours, &["--checkpoint", kept.to_str().unwrap()]);
}

#[test]
fn a_changed_record_is_found() {
    let store = store();
    let connection = database(&store);
    let select = "SELECT record FROM log WHERE seq = 5";
    let whole: Vec<u8> = connection.query_row(select, [], |row| row.get(0)).unwrap();
    for at in [0, 30, whole.len() / 2, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        let update = "UPDATE log SET record = ?1 WHERE seq = 5";
        connection.execute(update, params![changed]).unwrap();
        assert_found(&store, &[]);
        let said = store.command("check", &[]).found();
        assert!(said.out.contains("NOT GOOD: record 5: "), "byte {at}: {}", said.out);
        connection.execute(update, params![whole]).unwrap();
        store.command("verify", &[]).good();
    }
}

#[test]
fn a_record_made_anew_with_a_good_checksum_is_found() {
    let store = store();
    let connection = database(&store);
    // Record 6 stands for record 5 too: whole, sealed, with a good checksum.
    let copy = "UPDATE log SET record = (SELECT record FROM log WHERE seq = 6) WHERE seq = 5";
    connection.execute(copy, []).unwrap();
    assert_found(&store, &[]);
}

#[test]
fn removed_records_are_found() {
    let store = store();
    let kept = keep_checkpoint(&store);
    database(&store).execute("DELETE FROM log WHERE seq >= 10", []).unwrap();
    assert_found(&store, &[]);
    // Without the checkpoints that vouch for them it takes the one that was kept elsewhere.
    database(&store).execute("DELETE FROM checkpoints WHERE size_log > 10", []).unwrap();
    assert_found(&store, &["--checkpoint", kept.to_str().unwrap()]);

    let store = crate::store();
    database(&store).execute("DELETE FROM log WHERE seq = 4", []).unwrap();
    let sentence = assert_found(&store, &[]);
    assert!(sentence.contains('4'), "{sentence}");
}

#[test]
fn swapped_records_are_found() {
    let store = store();
    let connection = database(&store);
    for (from, to) in [(3, -1), (4, 3), (-1, 4)] {
        connection.execute("UPDATE log SET seq = ?2 WHERE seq = ?1", [from, to]).unwrap();
    }
    assert_found(&store, &[]);
}

#[test]
fn a_cut_access_stream_is_found() {
    let store = store();
    let file = access_file(&store);
    let whole = fs::read(&file).unwrap();
    for length in [whole.len() - 1, whole.len() / 2, 40, 3, 0] {
        fs::write(&file, &whole[..length]).unwrap();
        assert_found(&store, &[]);
    }
    fs::remove_file(&file).unwrap();
    assert_found(&store, &[]);
    // A server does not go on as if nothing had been there.
    assert_eq!(store.command("stats", &[]).code, Some(2));
    fs::write(&file, &whole).unwrap();
    store.command("verify", &[]).good();
}

#[test]
fn a_changed_access_record_is_found() {
    let store = store();
    let file = access_file(&store);
    let whole = fs::read(&file).unwrap();
    for at in [4, 26, 60, whole.len() / 2, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[at] ^= 0x10;
        fs::write(&file, changed).unwrap();
        assert_found(&store, &[]);
    }
}

#[test]
fn a_store_rolled_back_is_found_by_a_kept_checkpoint() {
    let store = store();
    let older = store.folder.path().join("older");
    copy(&store.path(), &older);
    use_it(&store);
    let kept = keep_checkpoint(&store);
    fs::remove_dir_all(store.path()).unwrap();
    copy(&older, &store.path());
    // By itself an older copy is consistent; only what was kept elsewhere tells.
    store.command("verify", &[]).good();
    assert_found(&store, &["--checkpoint", kept.to_str().unwrap()]);
    // Nor does it help to write on from there.
    use_it(&store);
    use_it(&store);
    assert_found(&store, &["--checkpoint", kept.to_str().unwrap()]);
}
