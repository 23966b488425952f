//! What enforcement costs inside the engine: the same questions with the same answers, asked by a
//! clinician who sees part of the store and by the system, which sees all of it.
//!
//! Both ask in turns, so that both meet the same noise; the medians are compared. Everything that
//! an answer takes is in it: decision, index, documents, access record.

mod http;
pub mod sample;
mod sets;
mod timing;
mod writes;

use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use accord_auth::Tokens;
use accord_base::{Deadline, Subject, SystemClock};
use accord_engine::{Answer, Engine, Interaction, Options, Request};

use tokio::runtime::Runtime;

use sample::Sample;

/// What is measured, and on what.
pub struct Plan<'a> {
    /// The `accord` binary.
    pub accord: &'a Path,
    /// A store; made for the measurement if there is none.
    pub data: Option<&'a Path>,
    /// Synthetic patients of a store that is made.
    pub patients: u32,
    /// Only questions whose name contains this, and then nothing else.
    pub only: &'a str,
    /// How often each question is asked by either.
    pub turns: usize,
}

/// Measures a store. Consents and observations that are written stay in it.
pub fn run(plan: Plan<'_>, runtime: &Runtime) -> io::Result<()> {
    let Plan { accord, data, patients, only, turns } = plan;
    let folder = tempfile::tempdir()?;
    let data = data.map_or_else(|| folder.path().join("data"), Path::to_path_buf);
    if !data.exists() {
        fill(accord, &data, patients)?;
    }
    let engine = Engine::open(&data, &Options::default()).map_err(io::Error::other)?;
    let bench = Bench { engine, clinician: Arc::new(sample::clinician()?), turns };
    let (mut out, system) = (io::stdout(), Arc::new(Subject::system("benchmark")));
    let sample = Sample::take(&bench, &system)?;
    bench.answers(&mut out, (&sample, &system), only)?;
    if !only.is_empty() {
        bench.engine.close();
        return Ok(());
    }
    timing::run(&bench, &mut out)?;
    writes::run(&bench, &sample, &mut out)?;
    let tokens = bench.tokens(&system)?;
    bench.engine.close();
    drop(bench);
    runtime.block_on(http::run((accord, &data), &tokens, &sample, &mut out))?;
    sets::run(&mut out)
}

/// Makes a store of a synthetic population.
pub(crate) fn fill(accord: &Path, data: &Path, patients: u32) -> io::Result<()> {
    let patients = patients.to_string();
    let made = Command::new(accord)
        .args(["synth", "--updates", "--patients", &patients, "--data"])
        .arg(data)
        .status()
        .map_err(|error| io::Error::other(format!("`{}`: {error}", accord.display())))?;
    if made.success() { Ok(()) } else { Err(io::Error::other("the store could not be filled")) }
}

/// An engine and one who sees part of what it holds.
pub(crate) struct Bench {
    pub engine: Arc<Engine>,
    pub clinician: Arc<Subject>,
    pub turns: usize,
}

impl Bench {
    /// Tokens of the clinician and of the system.
    fn tokens(&self, system: &Subject) -> io::Result<[String; 2]> {
        let tokens = Tokens::new(self.engine.token_key(), Arc::new(SystemClock));
        let tokens = tokens.with_test_principals(true);
        let mint = |subject: &Subject| tokens.mint(subject, None).map_err(io::Error::other);
        Ok([mint(&self.clinician)?, mint(system)?])
    }

    fn answers(
        &self,
        out: &mut impl Write,
        (sample, system): (&Sample, &Arc<Subject>),
        only: &str,
    ) -> io::Result<()> {
        let Sample { patients, observations } = sample;
        let (some, all) = (patients.len(), observations.len());
        writeln!(out, "asked about {some} patients and {all} observations that both see whole")?;
        writeln!(
            out,
            "{:<34}{:>12}{:>12}{:>12}{:>8}",
            "question, median µs", "clinician", "system", "difference", "ratio"
        )?;
        for (name, make) in sample.questions().into_iter().filter(|(name, _)| name.contains(only)) {
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            for turn in 0..self.turns {
                let question = make(turn);
                // Who asks second finds caches warm: each is second every other time.
                if turn % 2 == 0 {
                    ours.push(self.time(&self.clinician, &question)?);
                    theirs.push(self.time(system, &question)?);
                } else {
                    theirs.push(self.time(system, &question)?);
                    ours.push(self.time(&self.clinician, &question)?);
                }
            }
            let (ours, theirs) = (median_us(ours), median_us(theirs));
            let ratio = 100.0 * ours / theirs;
            let difference = ours - theirs;
            writeln!(out, "{name:<34}{ours:>12.1}{theirs:>12.1}{difference:>12.1}{ratio:>7.0}%")?;
        }
        Ok(())
    }

    pub fn time(&self, who: &Arc<Subject>, question: &Interaction) -> io::Result<Duration> {
        let begun = Instant::now();
        self.ask(who, question.clone())?;
        Ok(begun.elapsed())
    }

    pub fn ask(&self, who: &Arc<Subject>, interaction: Interaction) -> io::Result<Answer> {
        let request = Request {
            subject: Arc::clone(who),
            interaction,
            request_id: "bench".to_owned(),
            controller: None,
            deadline: Deadline::NEVER,
        };
        let answer = self.engine.handle_blocking(request);
        answer.map_err(|failure| io::Error::other(format!("{:?}", failure.issues)))
    }
}

pub(crate) fn median_us(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default().as_secs_f64() * 1e6
}
