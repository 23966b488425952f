//! What enforcement adds over HTTP: the same requests with a clinician's token and with the
//! system's, in turns, each over a connection of its own.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use super::median_us;
use super::sample::Sample;
use crate::child::Server;
use crate::load::{Connection, request};

/// How often each request is sent with either token.
const TURNS: usize = 3000;

/// Measures a server over the store.
pub(super) async fn run(
    (accord, data): (&Path, &Path),
    tokens: &[String; 2],
    sample: &Sample,
    out: &mut impl Write,
) -> io::Result<()> {
    let data = data.display().to_string();
    // What is written here refers to encounters and practitioners that nobody stored.
    let off = "--referential-integrity=off";
    let server =
        Server::start(accord, &["serve", "--data", &data, "--listen", "127.0.0.1:0", off])?;
    let mut connections =
        [Connection::open(&server.address).await?, Connection::open(&server.address).await?];
    writeln!(
        out,
        "{:<34}{:>12}{:>12}{:>12}{:>8}",
        "over HTTP, median µs", "clinician", "system", "difference", "ratio"
    )?;
    for (name, paths) in sample.paths() {
        let mut times: [Vec<Duration>; 2] = Default::default();
        for turn in 0..TURNS {
            let Some(path) = paths.get(turn % paths.len().max(1)) else { break };
            // Who asks second finds caches warm: each is second every other time.
            for who in [turn % 2, 1 - turn % 2] {
                let asked = connections.get_mut(who).zip(tokens.get(who)).zip(times.get_mut(who));
                let Some(((connection, token), times)) = asked else { continue };
                let (status, time) = connection.ask(&request("GET", path, token, None)).await?;
                if status != 200 {
                    return Err(io::Error::other(format!("{path} answered {status}")));
                }
                // The first few warm both up.
                if turn >= 100 {
                    times.push(time);
                }
            }
        }
        let [ours, theirs] = times.map(median_us);
        let (difference, ratio) = (ours - theirs, 100.0 * ours / theirs);
        writeln!(out, "{name:<34}{ours:>12.1}{theirs:>12.1}{difference:>12.1}{ratio:>7.1}%")?;
    }
    Ok(())
}
