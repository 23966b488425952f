//! Server processes of a run; each ends with its handle.

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

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
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()));
        let of = |status: String| {
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
            line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()
        };
        status.ok().and_then(of).unwrap_or(0) / 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
