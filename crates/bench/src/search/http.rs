//! Searches over HTTP, as a clinician with scopes, at 16 connections.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use super::Plan;
use super::questions::Question;
use crate::child::Server;
use crate::load::{self, MakeRequest};
use crate::run::{command, median};

const CONNECTIONS: usize = 16;
/// What the clinician's application may do.
const SCOPES: &str = "user/*.rs";

/// Measures a server over the store.
pub(super) async fn run(
    plan: &Plan<'_>,
    data: &Path,
    questions: &[Question],
    out: &mut impl Write,
) -> io::Result<()> {
    let data = data.display().to_string();
    let server =
        Server::start(plan.accord, &["serve", "--data", &data, "--listen", "127.0.0.1:0"])?;
    let who = ["--as", "Practitioner/dr-alder", "--role", "clinician", "--purpose", "TREAT"];
    let at = ["--organization", "Organization/northgate-hospital", "--scope", SCOPES];
    let minted = [&["token", "--data", &data], &who[..], &at[..]].concat();
    let token = command(plan.accord, &minted)?.trim().to_owned();
    writeln!(
        out,
        "{:<44}{:>10}{:>10}{:>10}{:>10}{:>8}{:>8}",
        "over HTTP, 16 connections", "bytes", "a second", "p50 µs", "p99 µs", "of axum", "aim"
    )?;
    for question in questions {
        if let Some(aim) = question.http_aim {
            line(plan, &server, &token, (question, aim), out).await?;
        }
    }
    writeln!(out, "resident memory of the server: {} MB", server.resident_mb())
}

async fn line(
    plan: &Plan<'_>,
    server: &Server,
    token: &str,
    (question, aim): (&Question, u32),
    out: &mut impl Write,
) -> io::Result<()> {
    let path = |url: &String| format!("/fhir/{}", url.replace('|', "%7C"));
    let requests: Vec<Arc<[u8]>> = question
        .urls
        .iter()
        .map(|url| load::request("GET", &path(url), token, None).into())
        .collect();
    let Some(first) = requests.first() else { return Ok(()) };
    let (status, body) = load::once(&server.address, first).await?;
    if status != 200 {
        return Err(io::Error::other(format!("{} answered {status}", question.name)));
    }
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), &body)?;
    let bare =
        Server::start(&std::env::current_exe()?, &["bare", &file.path().display().to_string()])?;
    let plain: Arc<[u8]> = load::request("GET", "/", token, None).into();
    let plain: MakeRequest = Arc::new(move |_| plain.clone());
    let ask: MakeRequest = Arc::new(move |n| {
        requests.get(n as usize % requests.len()).cloned().unwrap_or_else(|| Arc::from([]))
    });
    let (mut ceilings, mut ours) = (Vec::new(), Vec::new());
    load::run(&server.address, CONNECTIONS, 1, 200, ask.clone()).await?;
    // In turns of a second, so that both meet the same noise of the machine.
    for _ in 0..plan.seconds.max(1) {
        ceilings.push(load::run(&bare.address, CONNECTIONS, 1, 200, plain.clone()).await?);
        ours.push(load::run(&server.address, CONNECTIONS, 1, 200, ask.clone()).await?);
    }
    let (ceiling, ours) = (median(&mut ceilings), median(&mut ours));
    let share = 100.0 * ours.per_second() / ceiling.per_second();
    let aim = if aim == 0 { "70 %".to_owned() } else { aim.to_string() };
    writeln!(
        out,
        "{:<44}{:>10}{:>10.0}{:>10}{:>10}{share:>7.0}%{aim:>8}",
        question.name,
        body.len(),
        ours.per_second(),
        ours.p50_us,
        ours.p99_us,
    )?;
    if ours.faults > 0 {
        return Err(io::Error::other(format!("{}: {} faults", question.name, ours.faults)));
    }
    Ok(())
}
