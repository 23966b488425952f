//! The running server.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use super::options::Options;
use super::program::Program;
use super::report;

/// What stands before the address in the server's first line.
const SERVING: &str = "serving FHIR R4 at ";

/// A server process; it ends with its handle.
pub struct Server {
    process: Child,
    base: String,
    log: PathBuf,
    /// Resolves when the process has closed its output: it has ended.
    ended: Option<oneshot::Receiver<()>>,
}

impl Server {
    /// Starts the server and waits until it says where it serves.
    pub fn start(
        program: &Program,
        options: &Options,
        pages: Option<&Path>,
    ) -> Result<Server, String> {
        let log = options.data.join("server.log");
        let failed = |e: std::io::Error| format!("the server cannot be started: {e}");
        let listen = format!("127.0.0.1:{}", options.port);
        let mut process = program
            .command()
            .args(["serve", "--listen", &listen, "--data"])
            .arg(&options.data)
            .args(pages.map(|_| "--web"))
            .args(pages)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).map_err(failed)?)
            .spawn()
            .map_err(failed)?;
        let output = process.stdout.take();
        let (sender, ended) = oneshot::channel();
        let mut server = Server { process, base: String::new(), log, ended: Some(ended) };
        let mut lines = output.map(BufReader::new).into_iter().flat_map(BufRead::lines);
        let first = lines.find_map(|line| line.ok()?.strip_prefix(SERVING).map(str::to_owned));
        let Some(base) = first else {
            let fault = last_words(&server.log);
            return Err(format!("the server does not start: {fault}"));
        };
        server.base = base;
        std::thread::spawn(move || {
            // The pipe must stay open, or the server's next line would fail.
            lines.for_each(drop);
            // Whoever waited may be gone.
            let _ = sender.send(());
        });
        Ok(server)
    }

    /// The base address, `http://127.0.0.1:8080/fhir`.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Where the server writes its log.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Waits for ctrl-C or a request to end, then stops the server.
    pub fn wait(mut self) -> Result<(), String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| format!("cannot wait: {e}"))?;
        let ended = self.ended.take();
        let stopped = runtime.block_on(async {
            let mut terminate = signal(SignalKind::terminate()).map_err(|e| e.to_string())?;
            let ended = async {
                match ended {
                    Some(ended) => drop(ended.await),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = terminate.recv() => Ok::<bool, String>(true),
                _ = tokio::signal::ctrl_c() => Ok(true),
                () = ended => Ok(false),
            }
        })?;
        if !stopped {
            return Err(format!("the server ended by itself: {}", last_words(&self.log)));
        }
        report::step("stopping the server");
        self.stop()
    }

    /// Asks the server to finish what is under way, and waits until it has.
    pub fn stop(mut self) -> Result<(), String> {
        terminate(self.process.id());
        let status = self.process.wait().map_err(|e| format!("the server is lost: {e}"))?;
        if status.success() { Ok(()) } else { Err(format!("the server ended with {status}")) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            terminate(self.process.id());
            // Nothing can be done about a process that cannot be waited for.
            let _ = self.process.wait();
        }
    }
}

/// Sends SIGTERM; the standard library only knows how to kill.
fn terminate(process: u32) {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("kill -TERM {process}")]).stderr(Stdio::null());
    // A process that has ended already needs no signal.
    let _ = shell.status();
}

/// The last line of a log that is for people.
fn last_words(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let words = text.lines().rev().find(|line| !line.starts_with('{') && !line.is_empty());
    words.map_or_else(|| format!("see `{}`", log.display()), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fault_is_found_below_structured_lines() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        assert!(last_words(&log).starts_with("see `"));
        std::fs::write(&log, "{\"a\":1}\naccord: address in use\n{\"b\":2}\n").unwrap();
        assert_eq!(last_words(&log), "accord: address in use");
    }
}
