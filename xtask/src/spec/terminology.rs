//! Code systems, value sets and concept maps: one compressed file that `accord-terminology` embeds.
//!
//! The file is the length of the packed index (u32, little-endian), the packed index, and the
//! packed frames. A line of the index is `F`, packed and plain length of a frame, or the kind of a
//! resource (`C`, `V`, `M`), its frame, where it begins and ends there, its address, its version
//! and, for a code system, the value set of all its codes.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::Error;
use super::package::{Package, text};

/// Plain bytes after which a frame ends.
const FRAME_BYTES: usize = 256 << 10;
const LEVEL: i32 = 19;

/// What codes are decided by; everything else stays in the package.
const KEPT: &[&str] = &[
    "resourceType",
    "url",
    "version",
    "name",
    "title",
    "status",
    "content",
    "caseSensitive",
    "hierarchyMeaning",
    "valueSet",
    "supplements",
    "property",
    "concept",
    "compose",
    "sourceUri",
    "sourceCanonical",
    "targetUri",
    "targetCanonical",
    "group",
];

/// Code systems whose licence does not let their texts be carried along; their codes are.
const CODES_ONLY: &[&str] =
    &["http://snomed.info/sct", "http://loinc.org", "http://www.ama-assn.org/go/cpt"];

/// The file as it is committed.
pub fn data_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/terminology/data/r4.bin")
}

/// Packs the package's terminology.
pub fn pack(package: &Package) -> Result<Vec<u8>, Error> {
    let packed = |source| Error::Io { path: data_file(), source };
    let (mut index, mut frames, mut frame) = (String::new(), Vec::new(), String::new());
    let mut lengths = Vec::new();
    let kinds = [("CodeSystem", 'C'), ("ValueSet", 'V'), ("ConceptMap", 'M')];
    let all = kinds
        .iter()
        .flat_map(|(kind, mark)| package.all(kind).map(move |(_, resource)| (*mark, resource)));
    let mut close = |frame: &mut String| -> Result<(), Error> {
        let bytes = zstd::bulk::compress(frame.as_bytes(), LEVEL).map_err(packed)?;
        lengths.push((bytes.len(), frame.len()));
        frames.extend(bytes);
        frame.clear();
        Ok(())
    };
    let mut number = 0;
    for (mark, resource) in all {
        let start = frame.len();
        frame.push_str(&kept(resource).to_string());
        let (end, url, version) = (frame.len(), text(resource, "url"), text(resource, "version"));
        let whole = if mark == 'C' { text(resource, "valueSet") } else { "" };
        let _ = writeln!(index, "{mark}\t{number}\t{start}\t{end}\t{url}\t{version}\t{whole}");
        if frame.len() >= FRAME_BYTES {
            close(&mut frame)?;
            number += 1;
        }
    }
    close(&mut frame)?;
    for (packed, plain) in &lengths {
        let _ = writeln!(index, "F\t{packed}\t{plain}");
    }
    let index = zstd::bulk::compress(index.as_bytes(), LEVEL).map_err(packed)?;
    let length = u32::try_from(index.len()).unwrap_or_default().to_le_bytes();
    Ok([length.as_slice(), &index, &frames].concat())
}

fn kept(resource: &Value) -> Value {
    let members = resource.as_object().into_iter().flatten();
    let members = members.filter(|(name, _)| KEPT.contains(&name.as_str()));
    Value::Object(members.map(|(name, value)| (name.clone(), plain(value))).collect())
}

/// Without extensions, and without texts that may not be carried along.
fn plain(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(plain).collect()),
        Value::Object(members) => Value::Object(without(members)),
        other => other.clone(),
    }
}

fn without(members: &Map<String, Value>) -> Map<String, Value> {
    let of = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default();
    let bare = CODES_ONLY.contains(&of("system"));
    let bare_elements = CODES_ONLY.contains(&of("source"));
    let bare_targets = CODES_ONLY.contains(&of("target"));
    let mut kept: Map<String, Value> = members
        .iter()
        .filter(|(name, _)| *name != "extension" && !name.starts_with('_'))
        .map(|(name, value)| (name.clone(), plain(value)))
        .collect();
    if bare {
        each(&mut kept, "concept", &mut codes_only);
    }
    if bare_elements {
        each(&mut kept, "element", &mut codes_only);
    }
    if bare_targets {
        each(&mut kept, "element", &mut |e| each(e, "target", &mut codes_only));
    }
    kept
}

fn codes_only(concept: &mut Map<String, Value>) {
    concept.shift_remove("display");
    concept.shift_remove("designation");
}

fn each(
    holder: &mut Map<String, Value>,
    name: &str,
    with: &mut dyn FnMut(&mut Map<String, Value>),
) {
    let items = holder.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten();
    items.filter_map(Value::as_object_mut).for_each(with);
}
