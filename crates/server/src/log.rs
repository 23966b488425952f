//! The server's own log: JSON lines on standard error, gathered for a moment so that a line costs
//! a request no system call. Warnings and errors are written at once.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// How long a line may wait.
const WAIT: Duration = Duration::from_millis(100);
/// Bytes at which waiting lines are written.
const FULL_BYTES: usize = 1 << 16;

static WAITING: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Begins logging; `RUST_LOG` chooses what, `info` otherwise.
pub fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().json().with_writer(Gathered).with_env_filter(filter).init();
    let flusher = std::thread::Builder::new().name("accord-log".to_owned());
    // Without the thread lines wait until there are enough of them, or something is wrong.
    let _ = flusher.spawn(|| {
        loop {
            std::thread::sleep(WAIT);
            flush();
        }
    });
}

/// Writes what waits.
pub fn flush() {
    write_out(&mut waiting());
}

/// Whatever a thread that died left behind are whole lines or the start of one.
fn waiting() -> MutexGuard<'static, Vec<u8>> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write_out(waiting: &mut Vec<u8>) {
    // A log that takes no more must not stop the server.
    let _ = io::stderr().write_all(waiting);
    waiting.clear();
}

struct Gathered;

/// Where one line goes.
struct Line {
    at_once: bool,
}

impl<'a> MakeWriter<'a> for Gathered {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line { at_once: true }
    }

    fn make_writer_for(&'a self, meta: &Metadata<'_>) -> Line {
        Line { at_once: *meta.level() <= Level::WARN }
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut waiting = waiting();
        waiting.extend_from_slice(bytes);
        if self.at_once || waiting.len() >= FULL_BYTES {
            write_out(&mut waiting);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
