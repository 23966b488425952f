//! `accord import`: the main job. Documents from files, folders and archives go through the same
//! door as requests: parsed, validated, decided, committed, recorded.
//!
//! **Invariant:** running an import again stores nothing twice. Transactions and creates leave a
//! mark in the same commit; resources with an id that did not change make no new version.

mod dangling;
mod pipeline;
mod report;
mod source;
mod tally;
mod terms;
mod unit;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use accord_base::{ResourceId, Subject};
use accord_engine::{Engine, Options};
use accord_spec::ResourceType;
use clap::Args;

use crate::fail::Fail;
use crate::zone::ZoneArgs;
use pipeline::Pipeline;
use report::Report;
pub use unit::Plan;

/// Read FHIR bundles, resources and NDJSON into a store.
#[derive(Args)]
pub struct Import {
    /// Folder of the store.
    #[arg(long)]
    data: PathBuf,
    /// Organisation that answers for the data (its id); the store's default otherwise.
    #[arg(long, value_name = "ORG")]
    controller: Option<String>,
    /// Types whose creates are skipped if their identifier is there already, as
    /// `Organization,Practitioner=identifier`.
    #[arg(long, value_name = "TYPES=identifier", value_parser = matched)]
    r#match: Option<Matched>,
    #[command(flatten)]
    zones: ZoneArgs,
    /// Write every reference that leads to nothing into this file, a JSON object for each line.
    #[arg(long, value_name = "FILE")]
    dangling: Option<PathBuf>,
    /// Threads that prepare writes.
    #[arg(long, default_value_t = workers())]
    threads: usize,
    /// Files, folders, and tar archives; plain, gzip or zstd.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

#[derive(Clone)]
struct Matched(Arc<[ResourceType]>);

fn matched(text: &str) -> Result<Matched, String> {
    let types = text
        .strip_suffix("=identifier")
        .ok_or("has the form Organization,Practitioner=identifier")?;
    types
        .split(',')
        .map(|name| ResourceType::from_name(name).ok_or(format!("`{name}` is not a resource type")))
        .collect::<Result<Vec<_>, _>>()
        .map(|types| Matched(types.into()))
}

/// One more than cores, so that something is prepared while a group is written.
fn workers() -> usize {
    std::thread::available_parallelism().map_or(2, |cores| cores.get() + 1)
}

/// Runs the command. False if something was refused.
pub fn run(import: &Import) -> Result<bool, Fail> {
    let (tables, files) = terms::apart(source::files(&import.paths)?);
    let controller = import.controller.as_deref().map(ResourceId::new).transpose()?;
    let zones = import.zones.zones();
    // Nothing is refused for what it refers to, but it is noted.
    let options = Options { zones, referential_integrity: true, ..Options::default() };
    let list = import.dangling.as_deref().map(dangling::List::create).transpose()?;
    let engine = Engine::open(&import.data, &options)?;
    for line in terms::load(&engine, tables)? {
        println_out(&line);
    }
    let types = import.r#match.as_ref().map_or(Arc::from([]), |matched| matched.0.clone());
    let plan = Plan {
        subject: Arc::new(Subject::system("import by the operator")),
        controller,
        match_identifier: types,
    };
    let subject = plan.subject.clone();
    let tally = into(&engine, plan, &files, import.threads)?;
    let dangling = dangling::look(&engine, &subject, list);
    engine.close();
    println_out(&tally.to_string());
    if let Some(told) = dangling?.told() {
        println_out(&told);
    }
    Ok(!tally.has_faults())
}

/// Imports files into an open store, with a progress bar on a terminal.
pub fn into(
    engine: &Arc<Engine>,
    plan: Plan,
    files: &[PathBuf],
    threads: usize,
) -> Result<tally::Tally, Fail> {
    let bytes = files.iter().filter_map(|f| std::fs::metadata(f).ok()).map(|m| m.len()).sum();
    let consumed = Arc::new(AtomicU64::new(0));
    let report = Report::new(bytes, consumed.clone(), std::io::stderr().is_terminal());
    let pipeline = Pipeline { engine, plan: &plan, report: &report, threads: threads.max(1) };
    pipeline.run(|sink| {
        for file in files {
            if !source::read_file(file, &consumed, sink) {
                return;
            }
        }
    });
    Ok(report.finish())
}

fn println_out(text: &str) {
    use std::io::Write;
    // A closed pipe is no reason to fail after the work is done.
    let _ = writeln!(std::io::stdout(), "{text}");
}
