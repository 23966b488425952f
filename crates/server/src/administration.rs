//! What commands about accounts and clients did, for the access records.
//!
//! The commands run beside the server, which alone writes access records. So a command first notes
//! what it is about to do among the accounts, and the server records it: within a second while it
//! runs, else before it answers anybody. What cannot be noted is not done.

use std::path::Path;
use std::sync::Arc;

use accord_accounts::SqliteRecords;
use accord_auth::{Records, Table};
use accord_base::{Clock, ResourceId, Subject, SystemClock, SystemRng};
use accord_engine::Engine;

use crate::fail::Fail;

/// Notes what a command is about to do, in the words of the command line; never a secret.
pub fn note(folder: &Path, command: &str, whom: &str) -> Result<(), Fail> {
    let now = SystemClock.now();
    let key = format!("{:020}-{}", now.0, ResourceId::random(&SystemRng::new()));
    let records = SqliteRecords::open(folder)?;
    let text = format!("{command}\n{now}: accord {command} {whom}");
    records.put(Table::Act, &key, text.as_bytes(), None)?;
    Ok(())
}

/// Takes what commands did into the access records. An act is recorded at least once.
pub fn record(engine: &Engine, folder: &Path) -> Result<(), Fail> {
    let records: Arc<dyn Records> = Arc::new(SqliteRecords::open(folder)?);
    for (key, text) in records.list(Table::Act)? {
        let text = String::from_utf8_lossy(&text);
        let (command, reason) = text.split_once('\n').unwrap_or(("account", &text));
        let reason: String = reason.chars().take(200).collect();
        let what = command.replace(' ', "-");
        engine
            .record_identity(Some(&Subject::system(&reason)), &key, &what, None)
            .map_err(|_| Fail::new("what commands did cannot be recorded"))?;
        records.take(Table::Act, &key)?;
    }
    Ok(())
}
