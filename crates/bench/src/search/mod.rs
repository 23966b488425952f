//! What searches cost in a store of about a million resources: inside the engine, with everything
//! an answer takes, and over HTTP beside a bare axum server that sends equal bytes.

mod http;
mod questions;

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use accord_base::Subject;
use accord_engine::{Engine, Interaction, Options};

use crate::cost::sample::{self, Sample};
use crate::cost::{Bench, fill, median_us};
use questions::{Question, questions};

/// What is measured, and on what.
pub struct Plan<'a> {
    /// The `accord` binary.
    pub accord: &'a Path,
    /// A store; made for the measurement if there is none.
    pub data: Option<&'a Path>,
    /// Synthetic patients of a store that is made.
    pub patients: u32,
    /// Only questions whose name contains this.
    pub only: &'a str,
    /// How often each question is asked inside the engine by either.
    pub turns: usize,
    /// Turns of a second over HTTP, for each question and each server.
    pub seconds: u64,
}

/// Measures a store.
pub fn run(plan: &Plan<'_>, runtime: &tokio::runtime::Runtime) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let made = folder.path().join("data");
    let data = plan.data.unwrap_or(&made);
    if !data.exists() {
        fill(plan.accord, data, plan.patients)?;
    }
    let engine = Engine::open(data, &Options::default()).map_err(io::Error::other)?;
    let clinician = Arc::new(sample::clinician()?);
    let bench = Bench { engine, clinician, turns: plan.turns };
    let (mut out, system) = (io::stdout(), Arc::new(Subject::system("benchmark")));
    let sample = Sample::take(&bench, &system)?;
    let mut all = questions(&bench, &sample)?;
    all.retain(|question| question.name.contains(plan.only));
    writeln!(
        out,
        "{:<44}{:>10}{:>12}{:>12}{:>8}",
        "question, median µs in the engine", "matches", "clinician", "system", "aim"
    )?;
    for question in &all {
        engine_line(&bench, &system, question, &mut out)?;
    }
    bench.engine.close();
    drop(bench);
    runtime.block_on(http::run(plan, data, &all, &mut out))
}

fn engine_line(
    bench: &Bench,
    system: &Arc<Subject>,
    question: &Question,
    out: &mut impl Write,
) -> io::Result<()> {
    let Some(aim) = question.engine_aim_us else { return Ok(()) };
    let ask = |turn: usize| {
        let url = question.urls.get(turn % question.urls.len().max(1));
        Interaction::get(url.map_or("", String::as_str))
            .map_err(|failure| io::Error::other(format!("{:?}", failure.issues)))
    };
    let counted = ask(0)?;
    let matches = sample::page(bench.ask(system, counted)?)?.total;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for turn in 0..bench.turns {
        let asked = ask(turn)?;
        // Who asks second finds caches warm: each is second every other time.
        for who in [turn % 2, 1 - turn % 2] {
            let (subject, times) =
                if who == 0 { (&bench.clinician, &mut ours) } else { (system, &mut theirs) };
            times.push(bench.time(subject, &asked)?);
        }
    }
    let matches = matches.map_or_else(|| "-".to_owned(), |count| count.to_string());
    let (ours, theirs) = (median_us(ours), median_us(theirs));
    writeln!(out, "{:<44}{matches:>10}{ours:>12.1}{theirs:>12.1}{aim:>8}", question.name)
}
