//! `accord subscriptions`: how they stand, and telling them again.

use std::path::PathBuf;

use accord_base::LogTime;
use accord_jobs::{FILE, Kept, State, Status, is_failing, order};
use clap::{Args, Subcommand};

use crate::administration;
use crate::fail::Fail;
use crate::out;

/// How subscriptions stand, and telling them again. Runs beside the server.
#[derive(Args)]
pub struct Subscriptions {
    /// Folder of the store.
    #[arg(long, global = true, default_value = ".")]
    data: PathBuf,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Subcommand)]
enum What {
    /// List those that fail or were given up, with the reason; the usual thing to do.
    List {
        /// All of them.
        #[arg(long)]
        all: bool,
    },
    /// Have the server tell one again, or all that were given up: within a second while it runs,
    /// else when it is started.
    Replay {
        /// Its id.
        #[arg(required_unless_present = "given_up")]
        id: Option<String>,
        /// From this event on, under the same numbers; what was given up otherwise.
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..), requires = "id")]
        event: Option<u64>,
        /// All whose receiver was given up.
        #[arg(long, conflicts_with = "id")]
        given_up: bool,
    },
}

/// Runs the command. Says whether all is well, if that was asked.
pub fn run(subscriptions: &Subscriptions) -> Result<bool, Fail> {
    let folder = &subscriptions.data;
    if !folder.join("store.key").exists() {
        return Err(Fail::new("there is no store in this folder"));
    }
    if !folder.join(FILE).exists() {
        // It was never served: there are none.
        return Ok(true);
    }
    let kept = Kept::open(folder)?;
    match &subscriptions.what {
        None => list(&kept, false),
        Some(What::List { all }) => list(&kept, *all),
        Some(What::Replay { id: Some(id), event, .. }) => {
            if kept.one(id)?.is_none() {
                return Err(Fail::new("there is no such subscription"));
            }
            administration::note(folder, "subscriptions replay", id)?;
            kept.ask_replay(id, *event)?;
            Ok(true)
        }
        Some(What::Replay { .. }) => {
            for (id, state) in kept.all()? {
                // Those that never began cannot be served as they are written.
                if state.status == Status::Error && state.failing.is_some() {
                    administration::note(folder, "subscriptions replay", &id)?;
                    kept.ask_replay(&id, None)?;
                    out::line(&id)?;
                }
            }
            Ok(true)
        }
    }
}

/// Prints those that need looking after first. All is well if there are none.
fn list(kept: &Kept, everything: bool) -> Result<bool, Fail> {
    let mut all = kept.all()?;
    all.sort_by(order);
    let ails = |state: &State| state.status == Status::Error || is_failing(state);
    let good = !all.iter().any(|(_, state)| ails(state));
    for (id, state) in all.iter().filter(|(_, state)| everything || ails(state)) {
        out::line(&told(id, state))?;
    }
    Ok(good)
}

/// One line: id, status, events told, last answer, since when it fails, next attempt, reason.
fn told(id: &str, state: &State) -> String {
    let instant = |at: Option<LogTime>| at.map_or_else(|| "-".to_owned(), |at| at.to_string());
    let next = is_failing(state).then_some(state.next);
    let status = if is_failing(state) { "failing" } else { state.status.code() };
    [
        id.to_owned(),
        status.to_owned(),
        state.number.to_string(),
        instant(state.answered),
        instant(state.failing),
        instant(next),
        state.error.clone(),
    ]
    .join("\t")
}
