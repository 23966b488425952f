//! What is wrong with the input is named; the rest goes on.

use std::fs;
use std::io::Write;

use crate::common::Store;
use crate::{basic, counts, transaction};

#[test]
fn faults_are_named_and_the_rest_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("1-not.json"), "{ this is not JSON").unwrap();
    fs::write(at("2-good.json"), transaction(1, 1).to_string()).unwrap();
    let mut bad = transaction(2, 2);
    bad["entry"][1]["resource"]["status"] = 5.into();
    fs::write(at("3-bad.json"), bad.to_string()).unwrap();
    let lines = format!("{}\n{{\"resourceType\":\"Basic\"\n{}\n", basic("a"), basic("b"));
    fs::write(at("4-lines.ndjson"), lines).unwrap();
    let first = format!("{{\"resourceType\":\n{}\n{}\n", basic("c"), basic("d"));
    fs::write(at("5-first.ndjson"), first).unwrap();
    let good = zstd::encode_all(transaction(3, 1).to_string().as_bytes(), 1).unwrap();
    fs::write(at("6-cut.json.zst"), &good[..good.len() / 2]).unwrap();
    let batch = serde_json::json!({"resourceType": "Bundle", "type": "batch", "entry": [
        {"request": {"method": "POST", "url": "Basic"}, "resource": {"resourceType": "Basic"}},
        {"request": {"method": "PUT", "url": "Basic/z"}, "resource": basic("z")},
        {"resource": basic("y")},
    ]});
    fs::write(at("7-batch.json"), batch.to_string()).unwrap();
    fs::write(at("8-none.json"), "{\"no\":\"type\"}").unwrap();
    fs::write(at("9-good.json"), transaction(4, 1).to_string()).unwrap();

    let store = Store::new();
    let said = store.import(&[], &[folder.path()]).found();
    let named = |parts: &[&str]| {
        let told = |line: &str| parts.iter().all(|part| line.contains(part));
        assert!(said.err.lines().any(told), "{parts:?} in\n{}", said.err);
    };
    named(&["1-not.json", "JSON"]);
    named(&["3-bad.json", "Bundle.entry[1].resource.status"]);
    named(&["4-lines.ndjson:2"]);
    named(&["5-first.ndjson:1"]);
    named(&["6-cut.json.zst"]);
    named(&["7-batch.json: Bundle.entry[0].resource.code:"]);
    named(&["7-batch.json: Bundle.entry[2].request:"]);
    named(&["8-none.json", "resourceType"]);
    assert!(!said.err.contains("good.json"), "{}", said.err);

    assert_eq!(counts(&said, "Patient"), [3, 2, 0, 1]);
    assert_eq!(counts(&said, "Observation"), [4, 2, 0, 2]);
    assert!(said.out.contains("not readable as documents: 1"), "{}", said.out);
    let server = store.serve();
    let mut client = server.client(&store.system());
    // Nothing of the bad bundle is there, everything good is.
    assert_eq!(client.get("Patient?family=F2&_summary=count").json()["total"], 0);
    assert_eq!(client.get("Patient?_summary=count").json()["total"], 2);
    for id in ["a", "b", "c", "d", "z"] {
        client.get(&format!("Basic/{id}")).expect(200);
    }
}

#[test]
fn a_broken_archive_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut builder = tar::Builder::new(Vec::new());
    for n in 0..3 {
        let bytes = transaction(n, 3).to_string();
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_cksum();
        builder.append_data(&mut header, format!("{n}.json"), bytes.as_bytes()).unwrap();
    }
    let whole = builder.into_inner().unwrap();
    let cut = folder.path().join("1-cut.tar");
    fs::write(&cut, &whole[..whole.len() - 2300]).unwrap();
    let mut damaged = whole.clone();
    let second = damaged.windows(6).position(|w| w == b"1.json").unwrap();
    damaged[second + 30] ^= 1;
    fs::write(folder.path().join("2-damaged.tar"), damaged).unwrap();
    fs::write(folder.path().join("3-good.json"), transaction(9, 0).to_string()).unwrap();
    let store = Store::new();
    let said = store.import(&[], &[folder.path()]).found();
    for name in ["1-cut.tar", "2-damaged.tar"] {
        assert!(said.err.contains(name), "{}", said.err);
    }
    let server = store.serve();
    let mut client = server.client(&store.system());
    assert_eq!(client.get("Patient?family=F9&_summary=count").json()["total"], 1);
    // A document that came whole out of a broken archive counts; one cut short does not.
    assert_eq!(client.get("Patient?family=F0&_summary=count").json()["total"], 1);
    assert_eq!(client.get("Patient?family=F2&_summary=count").json()["total"], 0);
}

#[test]
fn a_missing_path_stops_before_anything_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("good.json");
    fs::write(&good, transaction(1, 1).to_string()).unwrap();
    let store = Store::new();
    let said = store.import(&[], &[&good, &folder.path().join("absent.json")]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("absent.json"), "{}", said.err);
}

#[test]
fn a_line_longer_than_a_document_may_be_is_named_and_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lines.ndjson.zst");
    let mut packed = zstd::Encoder::new(fs::File::create(&path).unwrap(), 1).unwrap();
    writeln!(packed, "{}", basic("a")).unwrap();
    let (piece, length) = (vec![b'x'; 1 << 20], 257);
    write!(packed, r#"{{"resourceType":"Basic","id":"long","language":""#).unwrap();
    (0..length).for_each(|_| packed.write_all(&piece).unwrap());
    writeln!(packed, "\"}}\n{}", basic("b")).unwrap();
    packed.finish().unwrap();
    let store = Store::new();
    let said = store.import(&[], &[&path]).found();
    let limit = "lines.ndjson.zst:2: the line has more than 268435456 bytes";
    assert!(said.err.lines().any(|line| line.ends_with(limit)), "{}", said.err);
    assert!(said.out.contains("not readable as documents: 1"), "{}", said.out);
    assert_eq!(counts(&said, "Basic"), [2, 2, 0, 0]);
}
