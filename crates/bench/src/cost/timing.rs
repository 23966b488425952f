//! Whether time tells a hidden resource from one that never was: reads by id of either class in
//! random turns, compared by Welch's t-test (dudect: Reparaz, Balasch, Verbauwhede, "Dude, is my
//! code constant time?", 2017). |t| above 4.5 means that enough samples tell them apart.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Instant;

use accord_base::{Deadline, ResourceId, Subject};
use accord_engine::{Category, Interaction, Request};
use accord_spec::ResourceType;

use super::Bench;
use super::sample::some_observations;

/// Reads in all.
const READS: usize = 200_000;

/// Prints medians and t, of all reads and without the slowest tenth.
pub(super) fn run(bench: &Bench, out: &mut impl Write) -> io::Result<()> {
    let system = Arc::new(Subject::system("benchmark"));
    let mut hidden = Vec::new();
    for id in some_observations(bench, &system)? {
        if read(bench, &id)?.1 {
            hidden.push(id);
        }
    }
    if hidden.is_empty() {
        return Err(io::Error::other("nothing is hidden from the clinician"));
    }
    let unknown = (0..).zip(&hidden).map(|(n, id)| like(id, n)).collect::<io::Result<Vec<_>>>()?;
    let (mut times, mut random): ([Vec<f64>; 2], u64) = (Default::default(), 0x9e37_79b9_7f4a_7c15);
    for _ in 0..READS {
        // xorshift64 (Marsaglia 2003).
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let (class, at) = ((random & 1) as usize, (random >> 1) as usize % hidden.len());
        let ids = if class == 0 { &hidden } else { &unknown };
        let (Some(id), Some(times)) = (ids.get(at), times.get_mut(class)) else { continue };
        let (time, absent) = read(bench, id)?;
        if !absent {
            return Err(io::Error::other("a hidden resource was read"));
        }
        times.push(time);
    }
    let [hidden, unknown] = &mut times;
    hidden.sort_by(f64::total_cmp);
    unknown.sort_by(f64::total_cmp);
    let (one, other, t) = (median(hidden), median(unknown), welch(hidden, unknown));
    let cut = |times: &[f64]| times.get(..times.len() * 9 / 10).unwrap_or_default().to_vec();
    let cropped = welch(&cut(hidden), &cut(unknown));
    writeln!(
        out,
        "{READS} reads, hidden {one:.2} µs, unknown {other:.2} µs in the median; t {t:.1}, without the slowest tenth {cropped:.1}"
    )
}

/// Reads as the clinician: the microseconds it took, and whether nothing was found.
fn read(bench: &Bench, id: &ResourceId) -> io::Result<(f64, bool)> {
    let request = Request {
        subject: Arc::clone(&bench.clinician),
        interaction: Interaction::Read {
            resource_type: ResourceType::OBSERVATION,
            id: id.clone(),
            if_none_match: None,
            if_modified_since: None,
        },
        request_id: "bench".to_owned(),
        controller: None,
        deadline: Deadline::NEVER,
    };
    let begun = Instant::now();
    let answer = bench.engine.handle_blocking(request);
    let time = begun.elapsed().as_secs_f64() * 1e6;
    match answer {
        Ok(_) => Ok((time, false)),
        Err(failure) if failure.category == Category::NotFound => Ok((time, true)),
        Err(failure) => Err(io::Error::other(format!("{:?}", failure.issues))),
    }
}

/// An id like another that nothing has.
fn like(id: &ResourceId, n: u32) -> io::Result<ResourceId> {
    let text = id.as_str();
    let kept = text.get(..text.len().saturating_sub(4)).unwrap_or_default();
    ResourceId::new(&format!("{kept}{:04}", n % 10_000)).map_err(io::Error::other)
}

fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

/// Welch's t of two samples.
fn welch(one: &[f64], other: &[f64]) -> f64 {
    let moments = |times: &[f64]| {
        let n = times.len() as f64;
        let mean = times.iter().sum::<f64>() / n;
        let variance = times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (n - 1.0);
        (mean, variance / n)
    };
    let ((mean, spread), (other_mean, other_spread)) = (moments(one), moments(other));
    (mean - other_mean) / (spread + other_spread).sqrt()
}
