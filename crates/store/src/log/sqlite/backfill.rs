//! Moves the WAL into the container beside the writer.
//!
//! SQLite does so in whichever commit finds the WAL long, and that commit then waits until some
//! tens of megabytes are written and flushed. A connection of its own moves them in small steps
//! before that; the writer meets what is left, and begins the WAL anew.

use std::io;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

use super::open;
use super::read::container;
use crate::StoreError;

/// Frames of the WAL that the container lacks, at which they are moved: 4 MiB.
const FRAMES: i64 = 1024;
/// Time between two looks.
const LOOK: Duration = Duration::from_millis(50);

/// The thread that does it; dropped, it ends first.
pub(super) struct Backfill {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Backfill {
    /// Starts it for a container that is there.
    pub fn start(path: &Path) -> Result<Backfill, StoreError> {
        let connection = open::checkpointer(path).map_err(container)?;
        let (stop, stopped) = channel();
        let work = move || {
            while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                // What fails here is tried again, at last by the writer, which tells of it.
                let _ = step(&connection);
            }
        };
        let thread = std::thread::Builder::new().name("accord-backfill".to_owned()).spawn(work);
        let thread = thread.map_err(|error: io::Error| StoreError::Container(error.to_string()))?;
        Ok(Backfill { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Backfill {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It holds nothing that its panic could have left half done.
            let _ = thread.join();
        }
    }
}

/// Moves what the container lacks if that is much; how many frames it lacked.
fn step(connection: &Connection) -> rusqlite::Result<i64> {
    let lacking = lacking(connection, "NOOP")?;
    if lacking >= FRAMES {
        // Without waiting for readers or the writer.
        self::lacking(connection, "PASSIVE")?;
    }
    Ok(lacking)
}

/// Checkpoints in a mode; how many frames the container lacks then.
fn lacking(connection: &Connection, mode: &str) -> rusqlite::Result<i64> {
    let sql = format!("PRAGMA wal_checkpoint({mode})");
    let mut pragma = connection.prepare_cached(&sql)?;
    pragma.query_row([], |row| Ok(row.get::<_, i64>(1)? - row.get::<_, i64>(2)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn much_is_moved_and_little_is_left_to_the_writer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.sqlite");
        let writer = open::writer(&path).unwrap();
        let beside = open::checkpointer(&path).unwrap();
        writer.execute_batch("CREATE TABLE t(b BLOB)").unwrap();
        assert!((1..FRAMES).contains(&step(&beside).unwrap()), "little");
        assert_ne!(lacking(&beside, "NOOP").unwrap(), 0, "and left where it is");
        let fill = |bytes: usize| {
            writer.execute("INSERT INTO t VALUES (?1)", [vec![7u8; bytes]]).unwrap();
        };
        fill(5 << 20);
        assert!(step(&beside).unwrap() >= FRAMES);
        assert_eq!(lacking(&beside, "NOOP").unwrap(), 0, "moved");
        // A reader at an older state keeps what came after it in the WAL.
        let reader = open::reader(&path).unwrap();
        reader.execute_batch("BEGIN; SELECT count(*) FROM t").unwrap();
        fill(5 << 20);
        assert!(step(&beside).unwrap() >= FRAMES);
        assert!(lacking(&beside, "NOOP").unwrap() >= FRAMES, "not under a reader");
        let rows: i64 = reader.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 1);
        reader.execute_batch("COMMIT").unwrap();
        step(&beside).unwrap();
        assert_eq!(lacking(&beside, "NOOP").unwrap(), 0);
    }
}
