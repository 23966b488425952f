//! The server's own log: JSON lines on standard error, gathered for a moment so that a line costs
//! a request no system call. Warnings and errors are written at once.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use accord_base::{Clock, SystemClock};
use accord_fhir::json::quoted;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::registry::LookupSpan;

/// How long a line may wait.
const WAIT: Duration = Duration::from_millis(100);
/// Bytes at which waiting lines are written.
const FULL_BYTES: usize = 1 << 16;

static WAITING: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Begins logging; `RUST_LOG` chooses what, `info` otherwise.
pub fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .event_format(JsonLine)
        .with_writer(Gathered)
        .with_env_filter(filter)
        .init();
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

/// One JSON object a line: timestamp, level, target, then the event's fields. Written straight
/// into the line, as there is one for every request.
struct JsonLine;

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let (meta, now) = (event.metadata(), SystemClock.now());
        let (level, target) = (*meta.level(), meta.target());
        writer.write_str("{\"timestamp\":\"")?;
        fmt::Write::write_fmt(&mut writer, format_args!("{now}"))?;
        for part in ["\",\"level\":\"", level.as_str(), "\",\"target\":\"", target, "\""] {
            writer.write_str(part)?;
        }
        let mut fields = Fields { writer: writer.by_ref(), result: Ok(()) };
        event.record(&mut fields);
        fields.result?;
        writer.write_str("}\n")
    }
}

/// Writes fields as members.
struct Fields<'a> {
    writer: Writer<'a>,
    result: fmt::Result,
}

impl Fields<'_> {
    fn name(&mut self, field: &Field) -> fmt::Result {
        for part in [",\"", field.name(), "\":"] {
            self.writer.write_str(part)?;
        }
        Ok(())
    }

    fn member(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        if self.result.is_ok() {
            self.result = self.name(field).and_then(|()| self.writer.write_fmt(value));
        }
    }

    /// A value in parts, as they are: texts and numbers of every request's line.
    fn parts<const N: usize>(&mut self, field: &Field, parts: [&str; N]) {
        if self.result.is_ok() {
            let mut result = self.name(field);
            for part in parts {
                result = result.and_then(|()| self.writer.write_str(part));
            }
            self.result = result;
        }
    }
}

impl Visit for Fields<'_> {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.member(field, format_args!("{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.member(field, format_args!("{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.member(field, format_args!("{value}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        // Most texts are words of our own; the check costs less than the copy that escaping makes.
        let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:/ ".contains(&b));
        if plain {
            self.parts(field, ["\"", value, "\""]);
        } else {
            self.member(field, format_args!("{}", quoted(value)));
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.record_str(field, &value.to_string());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// Lines kept for a look.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_line_is_json_whatever_the_fields_hold() {
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber = tracing_subscriber::fmt()
            .event_format(JsonLine)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            let error = io::Error::other("a \"quoted\"\nline");
            tracing::info!(status = 200u16, good = true, low = -1, what = "x\ty", "a \"message\"");
            tracing::error!(error = &error as &dyn std::error::Error, "failed");
        });
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert_eq!(lines[0]["level"], "INFO");
        assert_eq!(lines[0]["status"], 200);
        assert_eq!(lines[0]["what"], "x\ty");
        assert_eq!(lines[0]["message"], "a \"message\"");
        assert_eq!(lines[1]["error"], "a \"quoted\"\nline");
    }
}
