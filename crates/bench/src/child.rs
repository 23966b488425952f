//! Server processes of a run; each ends with its handle.

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Milliseconds of a tick in which Linux counts processor time.
const TICK_MS: u64 = 10;

/// A running server.
pub struct Server {
    process: Child,
    /// `127.0.0.1:port`
    pub address: String,
}

impl Server {
    /// Starts a program that prints a line ending with its address.
    pub fn start(program: &Path, arguments: &[&str]) -> io::Result<Server> {
        let mut process = Command::new(program).args(arguments).stdout(Stdio::piped()).spawn()?;
        let output = process.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut lines = BufReader::new(output).lines();
        let address = loop {
            let line = lines.next().ok_or(io::ErrorKind::UnexpectedEof)??;
            if let Some(at) = line.find("127.0.0.1:") {
                let rest = line.get(at..).unwrap_or_default();
                let end = rest.find(|c: char| c == '/' || c.is_whitespace()).unwrap_or(rest.len());
                break rest.get(..end).unwrap_or_default().to_owned();
            }
        };
        // The pipe must stay open, or the server's next line would fail.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Server { process, address })
    }

    /// Resident memory in megabytes, where the system tells.
    pub fn resident_mb(&self) -> u64 {
        self.resident_kb() / 1024
    }

    /// The same in KiB.
    pub fn resident_kb(&self) -> u64 {
        let line = |text: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
            line.trim().trim_end_matches(" kB").trim().parse().ok()
        };
        self.proc("status").as_deref().and_then(line).unwrap_or(0)
    }

    /// Processor time used so far, in milliseconds, where the system tells (proc(5), `stat`).
    pub fn cpu_ms(&self) -> u64 {
        // Of what follows the name in parentheses, user and system time are the 12th and 13th.
        let of = |text: &str| {
            let fields = text.rsplit_once(')')?.1.split_whitespace();
            fields.skip(11).take(2).map(|field| field.parse::<u64>().ok()).sum::<Option<u64>>()
        };
        self.proc("stat").as_deref().and_then(of).unwrap_or(0) * TICK_MS
    }

    fn proc(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(format!("/proc/{}/{name}", self.process.id())).ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
