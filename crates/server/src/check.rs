//! `accord check`.

use std::path::PathBuf;

use clap::Args;

use crate::fail::Fail;
use crate::out;

/// Check every checksum, and the index against the documents.
#[derive(Args)]
pub struct Check {
    /// Folder of the store.
    #[arg(long)]
    data: PathBuf,
}

/// Runs the command. False if a fault was found.
pub fn run(check: &Check) -> Result<bool, Fail> {
    let mut good = true;
    let mut told = Ok(());
    let report = accord_engine::check(&check.data, &mut |fault| {
        good = false;
        if told.is_ok() {
            told = out::line(&format!("NOT GOOD: {fault}"));
        }
    })?;
    told?;
    out::line(&format!(
        "checked {} records, {} documents, {} segment files",
        report.records, report.documents, report.segments
    ))?;
    Ok(good)
}
