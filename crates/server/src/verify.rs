//! `accord verify` and `accord checkpoint`.

use std::path::PathBuf;

use clap::Args;

use crate::fail::Fail;
use crate::out;

/// Verify that no record was changed, removed or reordered.
#[derive(Args)]
pub struct Verify {
    /// Folder of the store.
    #[arg(long)]
    data: PathBuf,
    /// A checkpoint kept elsewhere, which both trees must contain.
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
}

/// Print the newest signed checkpoint, to be kept elsewhere.
#[derive(Args)]
pub struct Checkpoint {
    /// Folder of the store.
    #[arg(long)]
    data: PathBuf,
}

/// Runs `verify`. False if a fault was found.
pub fn run(verify: &Verify) -> Result<bool, Fail> {
    let external = verify.checkpoint.as_ref().map(std::fs::read).transpose()?;
    let report = match accord_engine::verify(&verify.data, external.as_deref())? {
        Ok(report) => report,
        Err(fault) => {
            out::line(&format!("NOT GOOD: {fault}"))?;
            return Ok(false);
        }
    };
    out::line(&format!("log: consistent to {} records", report.log.size))?;
    out::line(&format!("access stream: consistent to {} records", report.access.size))?;
    match &report.last {
        Some(last) => out::line(&format!(
            "{} checkpoints hold; the last vouches for {} records of the log and {} of the access stream",
            report.checkpoints, last.log.size, last.access.size
        ))?,
        None => out::line("no checkpoint was signed yet")?,
    }
    if let Some(external) = &report.external {
        out::line(&format!(
            "the given checkpoint holds: nothing up to {} records of the log and {} of the access stream was changed, removed or reordered",
            external.log.size, external.access.size
        ))?;
    }
    Ok(true)
}

/// Runs `checkpoint`.
pub fn print(checkpoint: &Checkpoint) -> Result<(), Fail> {
    let (note, key) = accord_engine::last_checkpoint(&checkpoint.data)?;
    let note = note.ok_or_else(|| Fail::new("no checkpoint was signed yet"))?;
    eprintln!("verifier key: {key}");
    out::line(String::from_utf8_lossy(&note).trim_end_matches('\n'))
}
