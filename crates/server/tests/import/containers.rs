//! Every form that input comes in, and the same input twice.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::common::{Said, Store};
use crate::{basic, counts, transaction};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

/// Files of every form; 4 of them hold 3 resources, the others the resources told.
fn inputs(folder: &Path) -> Vec<(PathBuf, u64)> {
    let text = |n: usize| transaction(n, 2).to_string().into_bytes();
    let batch = serde_json::json!({"resourceType": "Bundle", "type": "batch", "entry": [
        {"request": {"method": "PUT", "url": "Basic/b1"}, "resource": basic("b1")},
        {"request": {"method": "POST", "url": "Patient"}, "resource": {"resourceType": "Patient"}},
    ]});
    let lines = |from: usize| {
        let line = |n: usize| format!("{}\n", basic(&format!("line{n}")));
        (from..from + 4).map(line).collect::<String>().into_bytes()
    };
    let pretty = serde_json::to_vec_pretty(&basic("single")).unwrap();
    let packed = tar(&[("a/1.json", &text(4)), ("a/2.json.gz", &gzip(&text(5)))]);
    let squeezed = tar(&[("b.ndjson", &lines(10)), ("c.json", &text(6))]);
    let files: [(&str, Vec<u8>, u64); 9] = [
        ("1.json", text(1), 3),
        ("2.json.gz", gzip(&text(2)), 3),
        ("3.json.zst", zstd::encode_all(text(3).as_slice(), 1).unwrap(), 3),
        ("4-batch.json", batch.to_string().into_bytes(), 2),
        ("5-single.json", pretty, 1),
        ("6-new.json", br#"{"resourceType":"Basic","code":{"text":"no id"}}"#.to_vec(), 1),
        ("7.ndjson", lines(0), 4),
        ("8.tar", packed, 6),
        ("9.tar.zst", zstd::encode_all(squeezed.as_slice(), 1).unwrap(), 7),
    ];
    let write = |(name, bytes, resources): (&str, Vec<u8>, u64)| {
        let path = folder.join(name);
        fs::write(&path, bytes).unwrap();
        (path, resources)
    };
    files.into_iter().map(write).collect()
}

#[test]
fn every_form_is_read_and_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let files = inputs(folder.path());
    let sum: u64 = files.iter().map(|(_, resources)| resources).sum();

    let one_by_one = Store::new();
    for (path, resources) in &files {
        let said = one_by_one.import(&[], &[path]).good();
        assert_eq!(counts(&said, "all"), [*resources, *resources, 0, 0], "{}", path.display());
    }
    let whole = Store::new();
    let said = whole.import(&[], &[folder.path()]).good();
    assert_eq!(counts(&said, "all"), [sum, sum, 0, 0]);
    assert_eq!(counts(&said, "Patient"), [7, 7, 0, 0]);
    assert!(said.err.is_empty(), "{}", said.err);

    for store in [&one_by_one, &whole] {
        let before = stored(store);
        assert_eq!(before, sum);
        let again = store.import(&[], &[folder.path()]).good();
        assert_eq!(counts(&again, "all"), [sum, 0, sum, 0]);
        assert_eq!(stored(store), sum);
        store.assert_sound();
    }
}

/// Versions in the store, all of them.
fn stored(store: &Store) -> u64 {
    let server = store.serve();
    let mut client = server.client(&store.system());
    client.versions()
}

#[test]
fn the_same_document_twice_in_one_import_is_stored_once() {
    let folder = tempfile::tempdir().unwrap();
    for n in 0..6 {
        fs::write(folder.path().join(format!("{n}.json")), transaction(1, 1).to_string()).unwrap();
    }
    let line = r#"{"resourceType":"Basic","code":{"text":"the same"}}"#;
    fs::write(folder.path().join("x.ndjson"), format!("{line}\n").repeat(5)).unwrap();
    let store = Store::new();
    let said: Said = store.import(&[], &[folder.path()]).good();
    assert_eq!(counts(&said, "Patient"), [6, 1, 5, 0]);
    assert_eq!(counts(&said, "Basic"), [5, 1, 4, 0]);
    assert_eq!(stored(&store), 3);
}

#[test]
fn a_change_makes_one_new_version() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.ndjson");
    fs::write(&file, format!("{}\n{}\n", basic("a"), basic("b"))).unwrap();
    let store = Store::new();
    store.import(&[], &[&file]).good();
    let changed = basic("b").to_string().replace(r#""text":"b""#, r#""text":"c""#);
    fs::write(&file, format!("{}\n{changed}\n", basic("a"))).unwrap();
    let said = store.import(&[], &[&file]).good();
    assert_eq!(counts(&said, "Basic"), [2, 1, 1, 0]);
    assert_eq!(stored(&store), 3);
}

#[test]
fn the_controller_is_who_was_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.json");
    fs::write(&file, transaction(1, 1).to_string()).unwrap();
    let encounter = serde_json::json!({"resourceType": "Encounter", "id": "e", "status": "in-progress",
        "class": {"code": "AMB"}, "subject": {"reference": "Patient/p"},
        "serviceProvider": {"reference": "Organization/riverside-hospital"}});
    let patient = r#"{"resourceType":"Patient","id":"p"}"#;
    let lines = folder.path().join("y.ndjson");
    fs::write(&lines, format!("{patient}\n{encounter}\n")).unwrap();
    let store = Store::new();
    store.import(&["--controller", "riverside-hospital"], &[&file, &lines]).good();
    let server = store.serve();
    let total = |who: &str, organization: &str| {
        let mut client = server.client(&store.clinician(who, organization));
        client.get("Patient?_summary=count").expect(200).json()["total"].as_u64().unwrap()
    };
    assert_eq!(total("dr-birch", "riverside-hospital"), 1);
    assert_eq!(total("dr-alder", "northgate-hospital"), 0);
}
