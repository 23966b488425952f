//! `cargo xtask spec`: turns the official R4 definitions package into the text tables that
//! `accord-spec` embeds, and its terminology into the file that `accord-terminology` embeds.
//!
//! **Invariant:** the output depends on the package alone: fixed order, no clock, no environment.
//! **Absent:** descriptions, definitions, examples. Only facts that code decides by are kept.

mod bindings;
mod compartments;
mod expression;
mod invariants;
mod package;
mod params;
mod structures;
mod systems;
mod terminology;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use package::Package;

/// Why the tables could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The arguments are not `--package PATH`.
    #[error("expected `--package PATH.tgz`")]
    Usage,
    /// A file could not be read or written.
    #[error("`{path}`: {source}")]
    Io { path: PathBuf, source: std::io::Error },
    /// A definition is not JSON.
    #[error("`{path}` is not JSON: {source}")]
    Json { path: PathBuf, source: serde_json::Error },
    /// A definition refers to something the package lacks.
    #[error("`{name}` is missing from the package, needed by {by}")]
    Missing { name: String, by: String },
}

/// The tables by file name, each a complete text ending in a line feed.
pub type Tables = BTreeMap<&'static str, String>;

/// Entry point of the command.
pub fn run(args: &[String]) -> Result<(), Error> {
    let [flag, path] = args else { return Err(Error::Usage) };
    if flag != "--package" {
        return Err(Error::Usage);
    }
    let folder = data_folder();
    for (name, text) in generate(Path::new(path))? {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|source| Error::Io { path, source })?;
    }
    let packed = terminology::pack(&Package::read(Path::new(path))?)?;
    let path = terminology::data_file();
    std::fs::write(&path, packed).map_err(|source| Error::Io { path, source })?;
    Ok(())
}

/// Makes all tables from the package at `path`.
pub fn generate(path: &Path) -> Result<Tables, Error> {
    let package = Package::read(path)?;
    let structures = structures::collect(&package)?;
    Ok(BTreeMap::from([
        ("types.tsv", structures::types_table(&structures)),
        ("elements.tsv", structures::elements_table(&structures, &package)),
        ("params.tsv", params::table(&package, &structures)),
        ("compartments.tsv", compartments::table(&package)),
        ("invariants.tsv", invariants::table(&package)),
        ("systems.tsv", systems::table(&package)),
    ]))
}

/// Where the tables are committed.
pub fn data_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/spec/data")
}
