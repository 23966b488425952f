//! How many writes are made while nobody listens, and while many do whom none concerns.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::people::People;
use super::{Ear, Plan};
use crate::child::Server;
use crate::load::{self, Figures, MakeRequest};
use crate::observation::observation;
use crate::run::median;

/// Connections that write.
const CONNECTIONS: usize = 16;
/// Numbers of the observations that were written, over all turns.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Who listens while is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ears {
    Nobody,
    OfAnotherType,
    OfOtherPatients,
    AtSockets,
}

impl Ears {
    const ALL: [(Ears, &'static str); 4] = [
        (Ears::Nobody, "nobody listens"),
        (Ears::OfAnotherType, "streams of another type"),
        (Ears::OfOtherPatients, "streams for other patients"),
        (Ears::AtSockets, "websockets for other patients"),
    ];

    async fn open(self, server: &Server, people: &People, plan: &Plan<'_>) -> io::Result<Vec<Ear>> {
        match self {
            Ears::Nobody => Ok(Vec::new()),
            Ears::OfAnotherType => Ok(people.listen(server, plan.listeners, "Encounter").await?.0),
            Ears::OfOtherPatients => {
                Ok(people.listen(server, plan.listeners, "Observation").await?.0)
            }
            Ears::AtSockets => Ok(people.bind(server, plan.sockets).await?.0),
        }
    }
}

/// Measures writes with all kinds of listeners, in turns.
pub async fn measure(
    out: &mut impl Write,
    server: &Server,
    people: &People,
    plan: &Plan<'_>,
) -> io::Result<()> {
    let mut runs = Ears::ALL.map(|_| Vec::new());
    for turn_number in 0..plan.turns {
        for step in 0..Ears::ALL.len() {
            // Each comes first every fourth time.
            let at = (turn_number + step) % Ears::ALL.len();
            let (Some((ears, _)), Some(run)) = (Ears::ALL.get(at), runs.get_mut(at)) else {
                continue;
            };
            let open = ears.open(server, people, plan).await?;
            run.push(turn(server, people, 2).await?);
            drop(open);
        }
    }
    writeln!(
        out,
        "\n{:<34}{:>12}{:>10}{:>10}{:>10}",
        format!("creates, {CONNECTIONS} connections"),
        "per second",
        "p50 µs",
        "p99 µs",
        "of first"
    )?;
    let mut first = None;
    for ((_, name), mut run) in Ears::ALL.into_iter().zip(runs) {
        let Figures { p50_us, p99_us, .. } = median(&mut run);
        let rate = median(&mut run).per_second();
        let share = 100.0 * rate / *first.get_or_insert(rate);
        writeln!(out, "{name:<34}{rate:>12.0}{p50_us:>10}{p99_us:>10}{share:>9.0}%")?;
    }
    Ok(())
}

/// Writes for some seconds.
pub async fn turn(server: &Server, people: &People, seconds: u64) -> io::Result<Figures> {
    let token = people.writer().to_owned();
    let make: MakeRequest = Arc::new(move |_| {
        let body = observation(NEXT.fetch_add(1, Ordering::Relaxed));
        load::request("POST", "/fhir/Observation", &token, Some(&body)).into()
    });
    let figures = load::run(&server.address, CONNECTIONS, seconds, 201, make).await?;
    if figures.faults > 0 {
        return Err(io::Error::other(format!("{} writes failed", figures.faults)));
    }
    Ok(figures)
}

/// An observation of a patient.
pub fn observation_for(n: u64, patient: &str) -> String {
    observation(n).replace(&format!("Patient/bench-{}", n % 500), &format!("Patient/{patient}"))
}
