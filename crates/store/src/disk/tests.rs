//! One suite for every disk, and what only the simulated one can show.

use std::io::ErrorKind;
use std::sync::Arc;

use super::*;

/// Runs a test on an empty disk of each kind.
fn on_each(test: impl Fn(&dyn Disk)) {
    let dir = tempfile::tempdir().unwrap();
    test(&RealDisk::new(dir.path()));
    test(&SimDisk::new(1));
}

fn bytes(file: &Arc<dyn DiskFile>) -> Vec<u8> {
    let mut bytes = vec![0; file.size().unwrap() as usize + 10];
    let read = file.read_at(0, &mut bytes).unwrap();
    bytes.truncate(read);
    bytes
}

fn kind<T>(result: io::Result<T>) -> ErrorKind {
    result.err().unwrap().kind()
}

#[test]
fn files_hold_what_is_written() {
    on_each(|disk| {
        disk.create_dir("a/b").unwrap();
        disk.create_dir("a/b").unwrap();
        let file = disk.create("a/b/one").unwrap();
        file.append(b"hello ").unwrap();
        file.append(b"world").unwrap();
        file.write_at(0, b"J").unwrap();
        assert_eq!(bytes(&file), b"Jello world");
        let mut part = [0; 4];
        assert_eq!(file.read_at(2, &mut part).unwrap(), 4);
        assert_eq!(&part, b"llo ");
        assert_eq!(file.read_at(9, &mut part).unwrap(), 2);
        assert_eq!(file.read_at(99, &mut part).unwrap(), 0);
        file.truncate(5).unwrap();
        file.append(b"!").unwrap();
        file.write_at(6, b"?").unwrap();
        file.append(b".").unwrap();
        file.sync().unwrap();
        assert_eq!(bytes(&disk.open("a/b/one").unwrap()), b"Jello!?.");
        let again = disk.open_write("a/b/one").unwrap();
        again.append(b"+").unwrap();
        assert_eq!(again.size().unwrap(), 9);
        assert_eq!(kind(again.write_at(10, b"x")), ErrorKind::InvalidInput);
        assert_eq!(kind(again.truncate(10)), ErrorKind::InvalidInput);
        assert!(disk.open("a/b/one").unwrap().append(b"x").is_err());
    });
}

#[test]
fn names_come_and_go() {
    on_each(|disk| {
        disk.create_dir("d").unwrap();
        for name in ["d/b", "d/a", "top"] {
            disk.create(name).unwrap().append(name.as_bytes()).unwrap();
        }
        assert_eq!(kind(disk.create("d/a")), ErrorKind::AlreadyExists);
        assert_eq!(disk.list("d").unwrap(), ["a", "b"]);
        assert_eq!(disk.list("").unwrap(), ["top"]);
        assert_eq!(disk.list("none").unwrap(), [""; 0]);
        disk.rename("d/a", "d/b").unwrap();
        disk.sync_dir("d").unwrap();
        disk.sync_dir("").unwrap();
        assert_eq!(disk.list("d").unwrap(), ["b"]);
        assert_eq!(bytes(&disk.open("d/b").unwrap()), b"d/a");
        disk.remove("d/b").unwrap();
        assert_eq!(disk.list("d").unwrap(), [""; 0]);
        for missing in [kind(disk.open("d/b")), kind(disk.open_write("d/b"))] {
            assert_eq!(missing, ErrorKind::NotFound);
        }
        assert_eq!(kind(disk.remove("d/b")), ErrorKind::NotFound);
        assert_eq!(kind(disk.rename("d/b", "d/c")), ErrorKind::NotFound);
    });
}

#[test]
fn paths_stay_on_the_disk() {
    on_each(|disk| {
        for bad in ["", "/etc/x", "../x", "a/../../x", "a//b", "./a", "a\0b"] {
            assert_eq!(kind(disk.create(bad)), ErrorKind::InvalidInput, "{bad}");
        }
    });
}

#[test]
fn synced_bytes_survive_every_crash_and_others_all_sorts() {
    let mut found = std::collections::BTreeSet::new();
    for seed in 0..200 {
        let disk = SimDisk::new(seed);
        let file = disk.create("f").unwrap();
        file.append(&[1; 700]).unwrap();
        file.sync().unwrap();
        disk.sync_dir("").unwrap();
        file.append(&[2; 2000]).unwrap();
        let after = bytes(&disk.reboot().open("f").unwrap());
        assert!(after.len() >= 700 && after[..700] == [1; 700]);
        assert!(after[700..].iter().all(|byte| matches!(byte, 0 | 2)));
        found.insert((after.len(), after.iter().filter(|byte| **byte == 0).count()));
        assert!(file.sync().is_err() && disk.open("f").is_err());
    }
    // Lost, whole, cut anywhere, with holes.
    assert!(found.contains(&(700, 0)) && found.contains(&(2700, 0)));
    assert!(found.iter().any(|(len, holes)| *len > 700 && *len < 2700 && *holes == 0));
    assert!(found.iter().any(|(_, holes)| *holes > 0));
}

#[test]
fn names_survive_once_their_folder_is_synced() {
    let (mut kept, mut lost) = (0, 0);
    for seed in 0..100 {
        let disk = SimDisk::new(seed);
        disk.create("safe").unwrap().sync().unwrap();
        disk.sync_dir("").unwrap();
        disk.create("new").unwrap().sync().unwrap();
        disk.rename("safe", "renamed").unwrap();
        let names = disk.reboot().list("").unwrap();
        // A rename happens or not; it never loses the file.
        let old = names.contains(&"safe".to_owned());
        assert_ne!(old, names.contains(&"renamed".to_owned()));
        if names.contains(&"new".to_owned()) { kept += 1 } else { lost += 1 }
    }
    assert!(kept > 0 && lost > 0);
}

#[test]
fn the_planned_operation_fails() {
    let disk = SimDisk::new(3);
    let file = disk.create("f").unwrap();
    disk.fail_at(1);
    file.append(b"ok").unwrap();
    assert!(file.append(b"fails").is_err());
    file.sync().unwrap();
    disk.fail_at(0);
    assert!(file.sync().is_err());
    let synced = bytes(&file);
    file.append(&[9; 5000]).unwrap();
    file.sync().unwrap();
    disk.sync_dir("").unwrap();
    assert_eq!(disk.operations(), 8);
    disk.crash_at(0);
    assert!(file.append(b"x").is_err() && file.append(b"x").is_err());
    let after = bytes(&disk.reboot().open("f").unwrap());
    assert_eq!(&after[..synced.len()], synced);
}

#[test]
fn a_sync_after_a_failed_one_saves_nothing() {
    let lost = (0..50).any(|seed| {
        let disk = SimDisk::new(seed);
        let file = disk.create("f").unwrap();
        disk.sync_dir("").unwrap();
        file.append(b"bytes").unwrap();
        disk.fail_at(0);
        assert!(file.sync().is_err());
        file.sync().unwrap();
        bytes(&disk.reboot().open("f").unwrap()).is_empty()
    });
    assert!(lost);
}

#[test]
fn a_killed_process_finds_everything_it_wrote() {
    for seed in 0..20 {
        let disk = SimDisk::new(seed);
        let file = disk.create("f").unwrap();
        disk.crash_at(1);
        file.append(b"written").unwrap();
        assert!(file.sync().is_err());
        let disk = disk.restart();
        let file = disk.open_write("f").unwrap();
        assert_eq!(bytes(&file), b"written");
        file.append(b" more").unwrap();
        let again = disk.reboot();
        // Nothing was synced, so a crash may still take it all.
        assert!(again.open("f").is_err() || bytes(&again.open("f").unwrap()).len() <= 12);
    }
}
