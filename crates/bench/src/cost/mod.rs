//! What enforcement costs inside the engine: the same questions with the same answers, asked by a
//! clinician who sees part of the store and by the system, which sees all of it.
//!
//! Both ask in turns, so that both meet the same noise; the medians are compared. Everything that
//! an answer takes is in it: decision, index, documents, access record.

pub mod sample;
mod sets;

use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use accord_base::{Deadline, Subject};
use accord_engine::{Answer, Engine, Interaction, Options, Request};

use sample::Sample;

/// How often each question is asked by either.
const TURNS: usize = 2000;

/// Measures a store, which is made with as many synthetic patients if it is not there.
pub fn run(accord: &Path, data: Option<&Path>, patients: u32, only: &str) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let data = data.map_or_else(|| folder.path().join("data"), Path::to_path_buf);
    if !data.exists() {
        fill(accord, &data, patients)?;
    }
    let engine = Engine::open(&data, &Options::default()).map_err(io::Error::other)?;
    let bench = Bench { engine, clinician: Arc::new(sample::clinician()?) };
    let mut out = io::stdout();
    bench.answers(&mut out, only)?;
    bench.engine.close();
    sets::run(&mut out)
}

fn fill(accord: &Path, data: &Path, patients: u32) -> io::Result<()> {
    let patients = patients.to_string();
    let made = Command::new(accord)
        .args(["synth", "--updates", "--patients", &patients, "--data"])
        .arg(data)
        .status()?;
    if made.success() { Ok(()) } else { Err(io::Error::other("the store could not be filled")) }
}

/// An engine and one who sees part of what it holds.
struct Bench {
    engine: Arc<Engine>,
    clinician: Arc<Subject>,
}

impl Bench {
    fn answers(&self, out: &mut impl Write, only: &str) -> io::Result<()> {
        let system = Arc::new(Subject::system("benchmark"));
        let sample = Sample::take(self, &system)?;
        let Sample { patients, observations } = &sample;
        let (some, all) = (patients.len(), observations.len());
        writeln!(out, "asked about {some} patients and {all} observations that both see whole")?;
        writeln!(
            out,
            "{:<34}{:>12}{:>12}{:>12}{:>8}",
            "question, median µs", "clinician", "system", "difference", "ratio"
        )?;
        for (name, make) in sample.questions().into_iter().filter(|(name, _)| name.contains(only)) {
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            for turn in 0..TURNS {
                let question = make(turn);
                ours.push(self.time(&self.clinician, &question)?);
                theirs.push(self.time(&system, &question)?);
            }
            let (ours, theirs) = (median_us(ours), median_us(theirs));
            let ratio = 100.0 * ours / theirs;
            let difference = ours - theirs;
            writeln!(out, "{name:<34}{ours:>12.1}{theirs:>12.1}{difference:>12.1}{ratio:>7.0}%")?;
        }
        Ok(())
    }

    fn time(&self, who: &Arc<Subject>, question: &Interaction) -> io::Result<Duration> {
        let begun = Instant::now();
        self.ask(who, question.clone())?;
        Ok(begun.elapsed())
    }

    fn ask(&self, who: &Arc<Subject>, interaction: Interaction) -> io::Result<Answer> {
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

fn median_us(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default().as_secs_f64() * 1e6
}
