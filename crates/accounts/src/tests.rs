//! One suite for every kind of records.

use std::os::unix::fs::PermissionsExt;

use accord_auth::{MemoryRecords, Records, Table};

use crate::{FILE, SqliteRecords};

fn both(check: impl Fn(&dyn Records)) {
    check(&MemoryRecords::default());
    let folder = tempfile::tempdir().unwrap();
    check(&SqliteRecords::open(folder.path()).unwrap());
}

#[test]
fn records_are_put_taken_and_listed() {
    both(|records| {
        assert_eq!(records.get(Table::Code, "a"), Ok(None));
        records.put(Table::Code, "b", b"2", None).unwrap();
        records.put(Table::Code, "a", b"1", None).unwrap();
        records.put(Table::Grant, "a", b"other", None).unwrap();
        let listed = vec![("a".to_owned(), b"1".to_vec()), ("b".to_owned(), b"2".to_vec())];
        assert_eq!(records.list(Table::Code), Ok(listed));
        assert_eq!(records.take(Table::Code, "a"), Ok(Some(b"1".to_vec())));
        assert_eq!(records.take(Table::Code, "a"), Ok(None), "one gets it");
        assert_eq!(records.get(Table::Grant, "a"), Ok(Some(b"other".to_vec())));
    });
}

#[test]
fn of_two_who_add_or_change_one_does() {
    both(|records| {
        assert_eq!(records.add(Table::Assertion, "j", b"", Some(9)), Ok(true));
        assert_eq!(records.add(Table::Assertion, "j", b"", Some(9)), Ok(false));
        records.put(Table::Grant, "g", b"1", None).unwrap();
        assert_eq!(records.swap(Table::Grant, "g", b"1", b"2", None), Ok(true));
        assert_eq!(records.swap(Table::Grant, "g", b"1", b"3", None), Ok(false));
        assert_eq!(records.swap(Table::Grant, "none", b"1", b"3", None), Ok(false));
        assert_eq!(records.get(Table::Grant, "g"), Ok(Some(b"2".to_vec())));
    });
}

#[test]
fn what_is_over_is_swept() {
    both(|records| {
        records.put(Table::Session, "old", b"", Some(10)).unwrap();
        records.put(Table::Session, "new", b"", Some(11)).unwrap();
        records.put(Table::Account, "stays", b"", None).unwrap();
        records.sweep(10).unwrap();
        assert_eq!(records.get(Table::Session, "old"), Ok(None));
        assert_eq!(records.list(Table::Session).unwrap().len(), 1);
        assert_eq!(records.list(Table::Account).unwrap().len(), 1);
    });
}

#[test]
fn the_file_is_private_stays_and_tells_of_other_processes() {
    let folder = tempfile::tempdir().unwrap();
    let one = SqliteRecords::open(folder.path()).unwrap();
    one.put(Table::Account, "alder", b"x", None).unwrap();
    let mode = std::fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let version = one.version().unwrap();
    one.put(Table::Account, "birch", b"x", None).unwrap();
    assert_eq!(one.version().unwrap(), version, "own writes are known");
    let other = SqliteRecords::open(folder.path()).unwrap();
    assert_eq!(other.get(Table::Account, "alder"), Ok(Some(b"x".to_vec())));
    other.put(Table::Account, "alder", b"y", None).unwrap();
    assert_ne!(one.version().unwrap(), version);
}
