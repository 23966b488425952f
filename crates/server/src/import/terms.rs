//! Releases of code systems among the files of an import: recognised by name, read whole, kept in
//! the store's folder.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use accord_engine::Engine;
use accord_terminology::load::{Loader, Table};

use crate::fail::Fail;

/// The files of releases, and all others.
pub fn apart(files: Vec<PathBuf>) -> (Vec<(Table, PathBuf)>, Vec<PathBuf>) {
    let (mut tables, mut others) = (Vec::new(), Vec::new());
    for file in files {
        match Table::of(name(&file)) {
            Some(table) => tables.push((table, file)),
            None => others.push(file),
        }
    }
    tables.sort();
    (tables, others)
}

/// Loads releases, SNOMED CT and LOINC each on its own. A line about each.
pub fn load(engine: &Engine, tables: Vec<(Table, PathBuf)>) -> Result<Vec<String>, Fail> {
    let (loinc, snomed): (Vec<_>, Vec<_>) = tables.into_iter().partition(|(t, _)| t.is_loinc());
    let mut told = Vec::new();
    for release in [snomed, loinc] {
        let Some((table, first)) = release.first() else { continue };
        let mut loader = Loader::new(*table, name(first));
        for (table, file) in &release {
            let named = |error: io::Error| {
                io::Error::new(error.kind(), format!("`{}`: {error}", file.display()))
            };
            let mut lines = BufReader::with_capacity(1 << 18, File::open(file).map_err(named)?);
            loader.read(*table, &mut lines).map_err(named)?;
        }
        let system = loader.finish();
        engine.keep_code_system(&system)?;
        told.push(format!("{}: {} codes", system.head().name, system.len()));
    }
    Ok(told)
}

fn name(file: &Path) -> &str {
    file.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}
