//! What listeners cost who listen to a quiet ward, and how soon they hear: streams at `$live` and
//! websockets, at a server in a process of its own.
//!
//! Each listens to a patient of their own. All are of the same type as what is written meanwhile,
//! so that nothing but the patient tells whom a write concerns.

mod people;
mod socket;
mod stream;
mod writes;

use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::child::Server;
use crate::load::Connection;
use people::People;
use writes::observation_for;

/// Until what a server has just begun to do is done.
const SETTLE: Duration = Duration::from_secs(3);
/// Least time between two writes that concern somebody: longer than the pace of streams.
const APART_MS: u64 = 220;
/// How long is waited for an event.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is measured.
pub struct Plan<'a> {
    /// The `accord` binary.
    pub accord: &'a Path,
    /// Streams at `$live`.
    pub listeners: usize,
    /// Websockets.
    pub sockets: usize,
    /// Length of the idleness, in seconds.
    pub idle_seconds: u64,
    /// Writes that concern one listener each, of either kind.
    pub writes: usize,
    /// Turns of a second of writes, with each kind of listeners.
    pub turns: usize,
}

/// A task that listens; it ends with its handle.
struct Ear(JoinHandle<()>);

impl Drop for Ear {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Who heard of something, and when.
type Heard = (usize, Instant);

/// Measures a server binary.
pub async fn run(plan: &Plan<'_>) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data").display().to_string();
    let people = People::new(plan, &data)?;
    // What is written here refers to patients that nobody stored.
    let off = "--referential-integrity=off";
    let server =
        Server::start(plan.accord, &["serve", "--data", &data, "--listen", "127.0.0.1:0", off])?;
    let mut out = io::stdout();
    people.subscribe(&server, plan.sockets).await?;
    // Memory that writes take once is not that of listeners.
    writes::turn(&server, &people, 1).await?;
    sleep(SETTLE).await;
    let (nobody, quiet) = (server.resident_kb(), idle(&server, plan.idle_seconds).await);
    figure(&mut out, "resident, nobody listens", format!("{} KiB", nobody))?;
    figure(&mut out, "idle, nobody listens", format!("{quiet:.2} ms/s"))?;
    let (streams, mut at_streams) = people.listen(&server, plan.listeners, "Observation").await?;
    let with_streams = settled(&server).await;
    each(&mut out, "resident, each stream", with_streams, nobody, plan.listeners)?;
    let cpu = idle(&server, plan.idle_seconds).await;
    figure(&mut out, &format!("idle, {} streams", plan.listeners), format!("{cpu:.2} ms/s"))?;
    // They have said by now that they are alive.
    let with_streams = server.resident_kb();
    each(&mut out, "resident, each stream, later", with_streams, nobody, plan.listeners)?;
    let (sockets, mut at_sockets) = people.bind(&server, plan.sockets).await?;
    let with_all = settled(&server).await;
    each(&mut out, "resident, each websocket", with_all, with_streams, plan.sockets)?;
    let cpu = idle(&server, plan.idle_seconds).await;
    let name = format!("idle, {} websockets as well", plan.sockets);
    figure(&mut out, &name, format!("{cpu:.2} ms/s"))?;
    writeln!(
        out,
        "\n{:<44}{:>10}{:>10}{:>10}",
        "from the answer to the event, ms", "p50", "p99", "worst"
    )?;
    for (kind, heard, count) in [
        (Kind::Stream, &mut at_streams, plan.listeners),
        (Kind::Socket, &mut at_sockets, plan.sockets),
    ] {
        let times = latencies(&server, &people, (kind, count), heard, plan.writes).await?;
        latency(&mut out, kind, times)?;
    }
    drop((streams, sockets));
    writes::measure(&mut out, &server, &people, plan).await
}

/// The kinds of listeners.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Stream,
    Socket,
}

impl Kind {
    /// The patient to whom the `n`-th listens.
    fn patient(self, n: usize) -> String {
        match self {
            Kind::Stream => format!("heard-{n}"),
            Kind::Socket => format!("told-{n}"),
        }
    }
}

/// Resident memory in KiB once nothing changes any more.
async fn settled(server: &Server) -> u64 {
    sleep(SETTLE).await;
    server.resident_kb()
}

/// Processor time of a server that has nothing to do, in ms a second.
async fn idle(server: &Server, seconds: u64) -> f64 {
    let (before, begun) = (server.cpu_ms(), Instant::now());
    sleep(Duration::from_secs(seconds)).await;
    server.cpu_ms().saturating_sub(before) as f64 / begun.elapsed().as_secs_f64()
}

/// Times from the answer of writes to the events of those whom they concern, one after the other.
async fn latencies(
    server: &Server,
    people: &People,
    (kind, count): (Kind, usize),
    heard: &mut UnboundedReceiver<Heard>,
    writes: usize,
) -> io::Result<Vec<Duration>> {
    let mut times = Vec::new();
    let mut connection = Connection::open(&server.address).await?;
    for n in 0..if count == 0 { 0 } else { writes } {
        // Not in step with anything that looks at intervals.
        sleep(Duration::from_millis(APART_MS + (n as u64 * 37) % 101)).await;
        let whom = n * 7 % count;
        let request = people.create(&observation_for(n as u64, &kind.patient(whom)));
        let (status, _) = connection.ask(&request).await?;
        let answered = Instant::now();
        let event = timeout(PATIENCE, heard.recv()).await;
        match event {
            Ok(Some((who, at))) if status == 201 && who == whom => {
                times.push(at.saturating_duration_since(answered));
            }
            other => return Err(io::Error::other(format!("{kind:?} {whom}: {status} {other:?}"))),
        }
    }
    Ok(times)
}

fn latency(out: &mut impl Write, kind: Kind, mut times: Vec<Duration>) -> io::Result<()> {
    times.sort();
    let at = |share: usize| {
        let last = times.len().saturating_sub(1);
        let time = times.get((times.len() * share / 100).min(last)).copied().unwrap_or_default();
        time.as_secs_f64() * 1e3
    };
    let name = format!("{kind:?}, {} writes", times.len());
    writeln!(out, "{name:<44}{:>10.1}{:>10.1}{:>10.1}", at(50), at(99), at(100))
}

fn each(out: &mut impl Write, name: &str, with: u64, without: u64, count: usize) -> io::Result<()> {
    let each = with.saturating_sub(without) as f64 / count.max(1) as f64;
    figure(out, name, format!("{each:.1} KiB"))
}

fn figure(out: &mut impl Write, name: &str, value: String) -> io::Result<()> {
    writeln!(out, "{name:<44}{value:>16}")
}
