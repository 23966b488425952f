//! The measurements and the table they are printed as.

use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use crate::child::Server;
use crate::load::{self, Figures, MakeRequest};
use crate::observation::{observation, transaction};

/// Reads by id before the ratio is taken, so that both servers are warm.
const WARM_UP_SECONDS: u64 = 1;

struct Bench {
    accord: Server,
    token: String,
    seconds: u64,
    only: String,
}

/// Measures a server binary.
pub async fn http(accord: &Path, seconds: u64, only: &str) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data").display().to_string();
    command(accord, &["init", "--data", &data])?;
    // What is written here refers to encounters and practitioners that nobody stored.
    let off = "--referential-integrity=off";
    let server =
        Server::start(accord, &["serve", "--data", &data, "--listen", "127.0.0.1:0", off])?;
    let token = command(accord, &["token", "--data", &data, "--system", "benchmark"])?;
    let bench =
        Bench { accord: server, token: token.trim().to_owned(), seconds, only: only.to_owned() };
    let mut out = io::stdout();
    writeln!(
        out,
        "{:<34}{:>12}{:>10}{:>10}{:>8}",
        "measurement", "per second", "p50 µs", "p99 µs", "faults"
    )?;
    bench.reads(folder.path(), &mut out).await?;
    bench.writes(&mut out).await?;
    writeln!(out, "resident memory of the server: {} MB", bench.accord.resident_mb())
}

impl Bench {
    async fn reads(&self, folder: &Path, out: &mut impl Write) -> io::Result<()> {
        if !"read bare".contains(&self.only) {
            return Ok(());
        }
        let mut paths = Vec::new();
        let mut body = Vec::new();
        for n in 0..1000 {
            let create =
                load::request("POST", "/fhir/Observation", &self.token, Some(&observation(n)));
            let create =
                String::from_utf8_lossy(&create).replace("return=minimal", "return=representation");
            let (status, created) = load::once(&self.accord.address, create.as_bytes()).await?;
            if status != 201 {
                return Err(io::Error::other(format!("create answered {status}")));
            }
            paths.push(format!("/fhir/Observation/{}", id_of(&created)));
            body = created;
        }
        let file = folder.join("body.json");
        std::fs::write(&file, &body)?;
        let bare =
            Server::start(&std::env::current_exe()?, &["bare", &file.display().to_string()])?;
        let token = self.token.clone();
        let reads: Vec<Arc<[u8]>> =
            paths.iter().map(|path| load::request("GET", path, &token, None).into()).collect();
        let read: MakeRequest = Arc::new(move |n| {
            reads.get(n as usize % reads.len()).cloned().unwrap_or_else(|| Arc::from([]))
        });
        let bare_request: Arc<[u8]> = load::request("GET", "/", &self.token, None).into();
        let plain: MakeRequest = Arc::new(move |_| bare_request.clone());
        for connections in [1, 16, 64] {
            let (mut ceilings, mut ours) = (Vec::new(), Vec::new());
            load::run(&bare.address, connections, WARM_UP_SECONDS, 200, plain.clone()).await?;
            load::run(&self.accord.address, connections, WARM_UP_SECONDS, 200, read.clone())
                .await?;
            // In turns of a second, so that both meet the same noise of the machine.
            for _ in 0..self.seconds.max(1) {
                ceilings.push(load::run(&bare.address, connections, 1, 200, plain.clone()).await?);
                let address = &self.accord.address;
                ours.push(load::run(address, connections, 1, 200, read.clone()).await?);
            }
            let mut ratios: Vec<f64> =
                ceilings.iter().zip(&ours).map(|(c, o)| o.per_second() / c.per_second()).collect();
            ratios.sort_by(f64::total_cmp);
            line(out, &format!("bare axum, {connections} connections"), &median(&mut ceilings))?;
            line(out, &format!("read by id, {connections} connections"), &median(&mut ours))?;
            let at = |share: usize| 100.0 * ratios.get(ratios.len() * share / 4).unwrap_or(&0.0);
            let (low, middle, high) = (at(1), at(2), at(3));
            writeln!(
                out,
                "{:<34}{middle:>11.0}%  (quartiles {low:.0}–{high:.0} %)",
                "  of bare axum"
            )?;
        }
        Ok(())
    }

    async fn writes(&self, out: &mut impl Write) -> io::Result<()> {
        let token = self.token.clone();
        let create: MakeRequest = Arc::new(move |n| {
            let body = observation(1_000_000 + n);
            load::request("POST", "/fhir/Observation", &token, Some(&body)).into()
        });
        for connections in [1, 16, 64] {
            let name = format!("create, {connections} connections");
            self.measure(out, &name, connections, 201, create.clone()).await?;
        }
        let token = self.token.clone();
        let bundle: MakeRequest = Arc::new(move |n| {
            load::request("POST", "/fhir", &token, Some(&transaction(1_000_000 + n))).into()
        });
        for connections in [1, 4, 16] {
            let name = format!("100-entry transaction, {connections} conn.");
            let figures = self.measure(out, &name, connections, 200, bundle.clone()).await?;
            if let Some(figures) = figures {
                writeln!(out, "{:<34}{:>12.0}", "  resources", figures.per_second() * 100.0)?;
            }
        }
        Ok(())
    }

    async fn measure(
        &self,
        out: &mut impl Write,
        name: &str,
        connections: usize,
        expected: u16,
        make: MakeRequest,
    ) -> io::Result<Option<Figures>> {
        if !name.contains(&self.only) {
            return Ok(None);
        }
        let figures =
            load::run(&self.accord.address, connections, self.seconds, expected, make).await?;
        line(out, name, &figures)?;
        Ok(Some(figures))
    }
}

/// The run in the middle by answers per second.
pub(crate) fn median(runs: &mut [Figures]) -> Figures {
    runs.sort_by(|a, b| a.per_second().total_cmp(&b.per_second()));
    runs.get(runs.len() / 2).copied().unwrap_or_default()
}

fn line(out: &mut impl Write, name: &str, figures: &Figures) -> io::Result<()> {
    writeln!(
        out,
        "{name:<34}{:>12.0}{:>10}{:>10}{:>8}",
        figures.per_second(),
        figures.p50_us,
        figures.p99_us,
        figures.faults
    )
}

/// What a command of the binary prints.
pub(crate) fn command(accord: &Path, arguments: &[&str]) -> io::Result<String> {
    let output = Command::new(accord).args(arguments).output();
    let output =
        output.map_err(|error| io::Error::other(format!("`{}`: {error}", accord.display())))?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The value of the first `"id"` in a resource.
pub fn id_of(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let rest = text.split_once("\"id\":\"").map_or("", |(_, rest)| rest);
    rest.split_once('"').map_or("", |(id, _)| id).to_owned()
}
