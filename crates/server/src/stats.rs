//! `accord stats`.

use std::path::PathBuf;

use accord_engine::{Engine, Options};
use clap::Args;

use crate::fail::Fail;
use crate::out;

/// Print figures about a store.
#[derive(Args)]
pub struct Stats {
    /// Folder of the store.
    #[arg(long)]
    data: PathBuf,
}

/// Runs the command.
pub fn run(stats: &Stats) -> Result<(), Fail> {
    let engine = Engine::open(&stats.data, &Options::default())?;
    for (name, value) in engine.stats() {
        out::line(&format!("{name:<36}{value:>16}"))?;
    }
    engine.close();
    Ok(())
}
