//! Benchmarks over HTTP: a real server process, a client beside it on the same cores, ratios to a
//! bare axum server that sends equal bytes in the same run.

mod bare;
mod child;
mod contained;
mod cost;
mod counts;
mod fresh;
mod import;
mod integrity;
mod live;
mod load;
mod observation;
mod run;
mod search;
mod terms;
mod tiers;
mod validate;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Benchmarks of Accord over HTTP")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure a server binary: reads, creates, transactions.
    Http {
        /// The `accord` binary.
        #[arg(long, default_value = "target/release/accord")]
        accord: PathBuf,
        /// Length of each measurement.
        #[arg(long, default_value_t = 5)]
        seconds: u64,
        /// Only measurements whose name contains this.
        #[arg(long, default_value = "")]
        only: String,
    },
    /// Measure `accord import` on files: resources per second and the most memory held.
    Import {
        /// The `accord` binary.
        #[arg(long, default_value = "target/release/accord")]
        accord: PathBuf,
        /// How often; the best run counts.
        #[arg(long, default_value_t = 3)]
        runs: u32,
        /// What to import; a synthetic population if nothing is named.
        paths: Vec<PathBuf>,
    },
    /// Measure what enforcement costs in a store of about a million resources.
    Cost {
        /// The `accord` binary, which fills the store.
        #[arg(long, default_value = "target/release/accord")]
        accord: PathBuf,
        /// A store of a synthetic population; made for the measurement if there is none.
        #[arg(long)]
        data: Option<PathBuf>,
        /// Patients of the population that is made.
        #[arg(long, default_value_t = 9000)]
        patients: u32,
        /// Only questions whose name contains this, and nothing else.
        #[arg(long, default_value = "")]
        only: String,
        /// How often each question is asked by either.
        #[arg(long, default_value_t = 4000)]
        turns: usize,
    },
    /// Measure searches in a store of about a million resources, in the engine and over HTTP.
    Search {
        /// The `accord` binary.
        #[arg(long, default_value = "target/release/accord")]
        accord: PathBuf,
        /// A store of a synthetic population; made for the measurement if there is none.
        #[arg(long)]
        data: Option<PathBuf>,
        /// Patients of the population that is made.
        #[arg(long, default_value_t = 9000)]
        patients: u32,
        /// Only questions whose name contains this.
        #[arg(long, default_value = "")]
        only: String,
        /// How often each question is asked inside the engine by either.
        #[arg(long, default_value_t = 2000)]
        turns: usize,
        /// Turns of a second over HTTP for each question.
        #[arg(long, default_value_t = 5)]
        seconds: u64,
    },
    /// Measure what merging of segments does for look-ups, and what commits feel of it.
    Tiers {
        /// Sizes of the store, in resources, ascending.
        #[arg(long, value_delimiter = ',', default_value = "100000,1000000,5000000")]
        rows: Vec<u64>,
        /// Where the store is made; a folder of its own, removed afterwards, if none is named.
        #[arg(long)]
        data: Option<PathBuf>,
        /// Rows in a chunk of the index: smaller ones show merges of small stores.
        #[arg(long, default_value_t = 65_536)]
        chunk_rows: u32,
    },
    /// Measure what it costs writes that references must lead to something.
    Integrity {
        /// Creates in either store; a tenth as many transactions, twice.
        #[arg(long, default_value_t = 4000)]
        turns: usize,
    },
    /// Measure what idle listeners cost, how soon they hear, and what writes feel of them.
    Live {
        /// The `accord` binary.
        #[arg(long, default_value = "target/release/accord")]
        accord: PathBuf,
        /// Streams at `$live`.
        #[arg(long, default_value_t = 500)]
        listeners: usize,
        /// Websockets; with the streams 1,024 at most.
        #[arg(long, default_value_t = 200)]
        sockets: usize,
        /// Length of the idleness.
        #[arg(long, default_value_t = 30)]
        idle_seconds: u64,
        /// Writes that concern one listener each, of either kind.
        #[arg(long, default_value_t = 200)]
        writes: usize,
        /// Turns of two seconds of writes, with each kind of listeners.
        #[arg(long, default_value_t = 5)]
        turns: usize,
    },
    /// Measure what chains pay for looking into documents, for what they contain.
    Contained {
        /// Observations in the store.
        #[arg(long, default_value_t = 200_000)]
        rows: u64,
        /// Rows in a part of the index.
        #[arg(long, default_value_t = 8192)]
        chunk_rows: u32,
        /// How often each question is asked.
        #[arg(long, default_value_t = 4000)]
        turns: usize,
    },
    /// Count the instructions of reads, searches and creates with valgrind.
    Counts,
    /// Measure questions about codes: testing one, expanding a value set.
    Terms,
    /// Measure validation of a typical Observation, and of a transaction.
    Validate,
    /// Do one kind of work in this process (used by `counts`).
    #[command(hide = true)]
    Work {
        /// What.
        work: work::Work,
        /// How often.
        times: u64,
    },
    /// Serve a file's bytes from a bare axum server (used by `http`).
    #[command(hide = true)]
    Bare {
        /// The file.
        file: PathBuf,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    let result = match arguments.command {
        Command::Bare { file } => runtime.block_on(bare::serve(&file)),
        Command::Cost { accord, data, patients, only, turns } => {
            let (accord, data, only) = (accord.as_path(), data.as_deref(), only.as_str());
            cost::run(cost::Plan { accord, data, patients, only, turns }, &runtime)
        }
        Command::Search { accord, data, patients, only, turns, seconds } => {
            let (accord, data, only) = (accord.as_path(), data.as_deref(), only.as_str());
            search::run(&search::Plan { accord, data, patients, only, turns, seconds }, &runtime)
        }
        Command::Tiers { rows, data, chunk_rows } => tiers::run(&rows, data.as_deref(), chunk_rows),
        Command::Integrity { turns } => integrity::run(turns),
        Command::Contained { rows, chunk_rows, turns } => contained::run(rows, chunk_rows, turns),
        Command::Live { accord, listeners, sockets, idle_seconds, writes, turns } => {
            let accord = accord.as_path();
            let plan = live::Plan { accord, listeners, sockets, idle_seconds, writes, turns };
            runtime.block_on(live::run(&plan))
        }
        Command::Counts => counts::run(),
        Command::Terms => terms::run().map_err(std::io::Error::other),
        Command::Validate => validate::run(),
        Command::Work { work, times } => runtime.block_on(work::run(work, times)),
        Command::Import { accord, runs, paths } => import::import(&accord, runs, &paths),
        Command::Http { accord, seconds, only } => {
            runtime.block_on(run::http(&accord, seconds, &only))
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &std::io::Error) -> ExitCode {
    eprintln!("bench: {error}");
    ExitCode::FAILURE
}
