//! The definitions package: a gzipped tar with one JSON file per definition.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde_json::Value;

use super::Error;

/// All definitions by file name (`StructureDefinition-Patient.json`).
pub struct Package {
    files: BTreeMap<String, Value>,
}

const KINDS: &[&str] = &[
    "StructureDefinition-",
    "SearchParameter-",
    "CompartmentDefinition-",
    "CodeSystem-",
    "ValueSet-",
    "ConceptMap-",
];

impl Package {
    /// Reads the definitions that the tables are made from; other files are passed over.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let io = |source| Error::Io { path: path.to_owned(), source };
        let mut archive = tar::Archive::new(GzDecoder::new(File::open(path).map_err(io)?));
        let mut files = BTreeMap::new();
        for entry in archive.entries().map_err(io)? {
            let mut entry = entry.map_err(io)?;
            let name = entry.path().map_err(io)?.to_string_lossy().into_owned();
            let Some(name) = name.strip_prefix("package/") else { continue };
            if !KINDS.iter().any(|kind| name.starts_with(kind)) {
                continue;
            }
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).map_err(io)?;
            let json = serde_json::from_slice(&bytes)
                .map_err(|source| Error::Json { path: PathBuf::from(name), source })?;
            files.insert(name.to_owned(), json);
        }
        Ok(Self { files })
    }

    /// Definitions whose file name starts with `kind` and a dash, in file order.
    pub fn all<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> + 'a {
        self.files
            .iter()
            .filter(move |(name, _)| {
                name.strip_prefix(kind).is_some_and(|rest| rest.starts_with('-'))
            })
            .map(|(name, json)| (name.as_str(), json))
    }
}

/// The text at `key`, or the empty text.
pub fn text<'a>(json: &'a Value, key: &str) -> &'a str {
    json.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The members of the array at `key`, none if there is no such array.
pub fn items<'a>(json: &'a Value, key: &str) -> &'a [Value] {
    json.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The texts in the array at `key`.
pub fn texts<'a>(json: &'a Value, key: &str) -> impl Iterator<Item = &'a str> {
    items(json, key).iter().filter_map(Value::as_str)
}

/// The last part of a canonical address: `Patient` of `http://hl7.org/fhir/StructureDefinition/Patient`.
pub fn tail(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}
