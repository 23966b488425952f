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

/// The documents of a text of which no more than ten bytes may be one.
fn bounded(name: &str, text: &str) -> Vec<(String, String)> {
    let mut seen = Vec::new();
    // A small buffer: what is passed over comes in pieces.
    let reader = Box::new(BufReader::with_capacity(4, text.as_bytes()));
    documents(name, reader, 10, &mut |item| {
        seen.push(match item {
            Item::Document(d) => (d.name, String::from_utf8(d.bytes).unwrap()),
            Item::Fault { name, reason } => (name, reason),
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

#[test]
fn a_line_that_is_too_long_is_named_and_the_rest_goes_on() {
    let reason = "the line has more than 10 bytes";
    let long = "{\"a\":\"0123456789}\"}";
    let got = bounded("f", &format!("{{\"a\":1}}\n{long}\n\n{long}\n{{\"b\":2}}"));
    let expect = [("f:1", "{\"a\":1}\n"), ("f:2", reason), ("f:4", reason), ("f:5", "{\"b\":2}")];
    assert_eq!(got, expect.map(|(name, text)| (name.to_owned(), text.to_owned())));
    // First, last, alone, broken where the name says what the lines are.
    for (name, text, expect) in [
        ("f", format!("{long}\n{{}}"), vec!["f:1", "f:2"]),
        ("f", format!("{{}}\n{long}"), vec!["f:1", "f:2"]),
        ("f", long.to_owned(), vec!["f"]),
        ("f.ndjson", "{\"0123456789\n{}\n".to_owned(), vec!["f.ndjson:1", "f.ndjson:2"]),
    ] {
        let got: Vec<_> = bounded(name, &text).into_iter().map(|(name, _)| name).collect();
        assert_eq!(got, expect, "{text}");
    }
}

#[test]
fn what_may_just_be_held_is_held() {
    for (text, fits) in [
        ("{\"a\":1234}", true),
        ("{\"a\":1234}\n", true),
        ("{\"a\":12345}", false),
        ("{\"a\":12345}\n", false),
        ("{\n\"a\":123}", true),
        ("{\n\"a\":1234}", false),
        ("{\"a\":[01234\n]}", false),
    ] {
        let got = bounded("f", text);
        assert_eq!(got.len(), 1, "{text}");
        assert_eq!(got[0].1 == text, fits, "{text}: {}", got[0].1);
    }
}
