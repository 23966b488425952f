//! `accord synth`: a synthetic population, as files or in a store.

mod emergency;
mod past;

use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use accord_base::{Clock, Deadline, LogTime, ResourceId, Subject, SystemClock};
use accord_engine::{
    Answer, BundleOptions, Engine, Interaction, NewStore, Options, Request, Started,
};
use accord_synth::Population;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::fail::Fail;
use crate::out;

/// Transactions handed to the store before the first is waited for.
const AHEAD: usize = 8;

/// Make a synthetic population, as files or in a store.
#[derive(Args)]
#[command(group = clap::ArgGroup::new("to").required(true))]
pub struct Synth {
    /// Number of patients.
    #[arg(long, default_value_t = Population::DEFAULT_PATIENTS)]
    patients: u32,
    /// Seed; the same seed gives the same bytes.
    #[arg(long, default_value_t = Population::DEFAULT_SEED)]
    seed: u64,
    /// The population's present, `2026-06-01T08:30:00Z` or `now`; nothing happens later.
    #[arg(long, default_value = "2026-06-01T08:30:00Z", value_parser = instant)]
    until: LogTime,
    /// Let changes follow: corrections, encounters that end, deletions.
    #[arg(long)]
    updates: bool,
    /// Attendances in an emergency department, in the hours before now; in a store only.
    #[arg(long, default_value_t = 0)]
    emergency: u32,
    /// Attendances in an emergency department that ended, in the last 60 days; in a store only.
    #[arg(long, default_value_t = 0)]
    attendances: u32,
    /// Folder for files, a transaction Bundle each, named by number and controller.
    #[arg(long, group = "to")]
    out: Option<PathBuf>,
    /// Folder of a store; made with test principals if it is not there.
    #[arg(long, group = "to")]
    data: Option<PathBuf>,
}

fn instant(text: &str) -> Result<LogTime, String> {
    if text == "now" {
        return Ok(SystemClock.now());
    }
    let low = accord_fhir::DateRange::parse(text).map(|range| range.low);
    low.and_then(|low| u64::try_from(low).ok()).map(LogTime).ok_or("not an instant".to_owned())
}

/// Runs the command. False if the store refused something.
pub fn run(synth: &Synth) -> Result<bool, Fail> {
    let population = Population {
        patients: synth.patients,
        seed: synth.seed,
        until: synth.until,
        updates: synth.updates,
    };
    let bar = bar(population.approximate_resources());
    let result = match (&synth.out, &synth.data) {
        (Some(folder), _) => files(&population, folder, &bar).map(|count| (count, true)),
        (None, Some(folder)) => {
            store(&population, (synth.emergency, synth.attendances), folder, &bar)
        }
        (None, None) => Err(Fail::new("--out or --data is needed")),
    };
    bar.finish_and_clear();
    let (count, good) = result?;
    out::line(&format!("{count} resources of {} patients", population.patients))?;
    Ok(good)
}

fn bar(length: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(length);
    let template = "{bar:30} {percent}%  {human_pos} resources, {per_sec}  {eta} left";
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn files(population: &Population, folder: &Path, bar: &ProgressBar) -> Result<u64, Fail> {
    std::fs::create_dir_all(folder)?;
    let mut count = 0;
    for (number, transaction) in population.transactions().enumerate() {
        let name = format!("{number:07}-{}.json", transaction.controller);
        let mut file = BufWriter::new(File::create(folder.join(name))?);
        file.write_all(transaction.body.as_bytes())?;
        file.into_inner().map_err(|error| error.into_error())?;
        count += transaction.entries as u64;
        bar.set_position(count);
    }
    Ok(count)
}

/// Fills a store, each organisation's part on its behalf, with so many attendances that go on and
/// that ended.
fn store(
    population: &Population,
    (emergency, ended): (u32, u32),
    folder: &Path,
    bar: &ProgressBar,
) -> Result<(u64, bool), Fail> {
    if let Err(error) = accord_engine::settings(folder) {
        if !matches!(error, accord_engine::EngineError::Missing) {
            return Err(error.into());
        }
        let new = NewStore {
            origin: "accord.local/demo".to_owned(),
            default_controller: ResourceId::new("northgate-hospital")?,
            test_principals: true,
        };
        accord_engine::create(folder, &new)?;
    }
    let engine = Engine::open(folder, &Options::default())?;
    let subject = Arc::new(Subject::system("synthetic population"));
    let mut filling = Filling { bar, count: 0, good: true };
    let mut waiting = std::collections::VecDeque::new();
    for transaction in population.transactions() {
        let options = BundleOptions { skip_unchanged: true, ..BundleOptions::default() };
        let body = Arc::from(transaction.body.into_bytes());
        let request = Request {
            subject: subject.clone(),
            interaction: Interaction::Bundle { body, options },
            request_id: "synth".to_owned(),
            controller: Some(ResourceId::new(transaction.controller)?),
            deadline: Deadline::NEVER,
        };
        waiting.push_back((transaction.entries, engine.start(request)));
        if waiting.len() > AHEAD
            && let Some((entries, started)) = waiting.pop_front()
        {
            filling.settle(entries, started);
        }
    }
    waiting.into_iter().for_each(|(entries, started)| filling.settle(entries, started));
    let mut attended =
        if ended == 0 { Ok(()) } else { past::fill(&engine, population.seed, ended) };
    if emergency > 0 {
        attended = attended.and_then(|()| emergency::fill(&engine, emergency).map(drop));
    }
    engine.close();
    attended?;
    Ok((filling.count, filling.good))
}

struct Filling<'a> {
    bar: &'a ProgressBar,
    count: u64,
    good: bool,
}

impl Filling<'_> {
    fn settle(&mut self, entries: usize, started: Started) {
        let outcome = match started {
            Started::Done(outcome) => outcome,
            Started::Waiting(pending) => pending.wait(),
        };
        match outcome {
            Ok(Answer::Bundle { .. }) => self.count += entries as u64,
            Ok(_) => {}
            Err(failure) => {
                self.good = false;
                for issue in failure.issues {
                    let path = issue.expression.unwrap_or_default();
                    eprintln!("refused: {path}: {}", issue.diagnostics);
                }
            }
        }
        self.bar.set_position(self.count);
    }
}
