//! What validating costs: a typical Observation and a transaction of a hundred, beside the checks
//! of form alone.

use std::hint::black_box;
use std::time::Instant;

use accord_fhir::Issue;
use accord_fhir::json::{Limits, Value, parse};
use accord_validate::{validate, validate_form, validate_strictly};

use crate::observation::{observation, transaction};

/// Runs whose median is told, and validations in one of an Observation.
const RUNS: usize = 51;
const EACH: u32 = 400;

/// Measures and prints, one line each: microseconds, and the ratio to form alone.
///
/// # Errors
/// If the resources that are measured are not valid.
pub fn run() -> Result<(), std::io::Error> {
    for (what, text, each) in [
        ("an Observation", observation(1), EACH),
        ("a transaction of 100", transaction(1), EACH / 100),
    ] {
        let tape = parse(text.as_bytes(), Limits::default()).map_err(std::io::Error::other)?;
        if let Some(issue) = validate(tape.root()).first() {
            return Err(std::io::Error::other(issue.diagnostics.clone()));
        }
        let form = median(tape.root(), each, validate_form);
        print_line(what, "form", form, 1.0);
        let all = median(tape.root(), each, validate);
        print_line(what, "codes and invariants", all, all / form);
        let strict = median(tape.root(), each, validate_strictly);
        print_line(what, "with warnings", strict, strict / form);
    }
    Ok(())
}

/// Median of the runs: microseconds for one validation.
fn median(resource: Value<'_>, each: u32, check: impl Fn(Value<'_>) -> Vec<Issue>) -> f64 {
    let mut runs: Vec<f64> = (0..RUNS)
        .map(|_| {
            let begun = Instant::now();
            for _ in 0..each {
                black_box(check(black_box(resource)));
            }
            begun.elapsed().as_secs_f64() * 1e6 / f64::from(each)
        })
        .collect();
    runs.sort_by(f64::total_cmp);
    runs.get(RUNS / 2).copied().unwrap_or_default()
}

#[allow(clippy::print_stdout, reason = "this is what the command is for")]
fn print_line(what: &str, how: &str, us: f64, ratio: f64) {
    println!("validate {what}, {how}: {us:.2} µs ({ratio:.2} × form)");
}
