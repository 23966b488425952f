use super::*;
use std::io::Write;

fn read(bytes: &[u8]) -> Vec<(String, String)> {
    let mut seen = Vec::new();
    layer("f", Box::new(BufReader::new(bytes)), 0, &mut |item| {
        seen.push(match item {
            Item::Document(d) => (d.name, String::from_utf8(d.bytes).unwrap()),
            Item::Fault { name, reason } => (name, format!("fault: {reason}")),
        });
        true
    });
    seen
}

fn names(bytes: &[u8]) -> Vec<String> {
    read(bytes).into_iter().map(|(name, _)| name).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

#[test]
fn documents_and_lines_are_told_apart() {
    assert_eq!(names(b"{\n\"a\":1}\n"), ["f"]);
    assert_eq!(names(b"{\"a\":1}"), ["f"]);
    assert_eq!(names(b"{\"a\":\"}\"}\n{\"b\":2}\n\n{\"c\":3}"), ["f:1", "f:2", "f:4"]);
    assert!(names(b"").is_empty());
    assert!(names(b"\n \n").is_empty());
}

#[test]
fn compression_and_archives_nest() {
    let mut tar = tar::Builder::new(Vec::new());
    let member = gzip(b"{\"a\":1}\n{\"b\":2}\n");
    let mut header = tar::Header::new_ustar();
    header.set_size(member.len() as u64);
    header.set_cksum();
    tar.append_data(&mut header, "x/y.ndjson.gz", member.as_slice()).unwrap();
    let packed = zstd::encode_all(tar.into_inner().unwrap().as_slice(), 1).unwrap();
    assert_eq!(names(&packed), ["f!x/y.ndjson.gz:1", "f!x/y.ndjson.gz:2"]);
}

#[test]
fn broken_archives_are_named() {
    let mut packed = gzip(&[b'x'; 100_000]);
    packed.truncate(packed.len() / 2);
    let seen = read(&packed);
    assert!(seen.iter().any(|(_, text)| text.starts_with("fault")), "{seen:?}");
}
