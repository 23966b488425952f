//! Where accounts, clients, sessions and grants are kept: outside the FHIR log.

mod memory;
mod shelf;

pub use memory::MemoryRecords;
pub(crate) use shelf::{Shelf, Stored};

/// A kind of record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Table {
    /// Accounts by login.
    Account,
    /// Registered clients by id.
    Client,
    /// Sessions by the hash of their secret.
    Session,
    /// Grants by id.
    Grant,
    /// Authorization codes by hash.
    Code,
    /// What became of codes that were used: their grants.
    Spent,
    /// Assertions that were used, by client and `jti`.
    Assertion,
    /// Launches by hash.
    Launch,
    /// Failed attempts by network address.
    Address,
    /// Challenges of passkeys under way.
    Challenge,
    /// Proofing codes by hash.
    Proof,
    /// Authenticator apps that are being set up, by login.
    Setup,
    /// What commands at the machine did, by instant, until it is in the access records.
    Act,
}

impl Table {
    /// Every table with its name in stores.
    pub const ALL: [(Table, &'static str); 13] = [
        (Table::Account, "account"),
        (Table::Client, "client"),
        (Table::Session, "session"),
        (Table::Grant, "grant"),
        (Table::Code, "code"),
        (Table::Spent, "spent"),
        (Table::Assertion, "assertion"),
        (Table::Launch, "launch"),
        (Table::Address, "address"),
        (Table::Challenge, "challenge"),
        (Table::Proof, "proof"),
        (Table::Setup, "setup"),
        (Table::Act, "act"),
    ];

    /// The table's name.
    pub fn name(self) -> &'static str {
        Table::ALL.iter().find(|(table, _)| *table == self).map_or("", |(_, name)| name)
    }
}

/// The records cannot be read or written. The cause is in the server's log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the records of accounts cannot be used")]
pub struct RecordsFault;

/// Result of anything that touches records.
pub type Kept<T> = Result<T, RecordsFault>;

/// A store of records: bytes under a table and a key, each operation atomic and, when it returns,
/// durable. `until_s` is the second since 1970 from which a record no longer counts; `None`: it
/// stays.
pub trait Records: Send + Sync {
    /// The record.
    fn get(&self, table: Table, key: &str) -> Kept<Option<Vec<u8>>>;

    /// Puts a record in the place of what is there.
    fn put(&self, table: Table, key: &str, value: &[u8], until_s: Option<u64>) -> Kept<()>;

    /// Puts a record where there is none; says whether it did.
    fn add(&self, table: Table, key: &str, value: &[u8], until_s: Option<u64>) -> Kept<bool>;

    /// Puts a record in the place of exactly `old`; says whether it did.
    fn swap(
        &self,
        table: Table,
        key: &str,
        old: &[u8],
        new: &[u8],
        until_s: Option<u64>,
    ) -> Kept<bool>;

    /// Removes a record and gives it: of several who take it, one gets it.
    fn take(&self, table: Table, key: &str) -> Kept<Option<Vec<u8>>>;

    /// Every record of a table, by key ascending.
    fn list(&self, table: Table) -> Kept<Vec<(String, Vec<u8>)>>;

    /// Removes what no longer counts.
    fn sweep(&self, now_s: u64) -> Kept<()>;

    /// A number that differs from the last one if another process may have written since.
    fn version(&self) -> Kept<u64>;
}
