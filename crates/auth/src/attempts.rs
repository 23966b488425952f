//! Failed attempts: locks of accounts, limits for network addresses.

use serde::{Deserialize, Serialize};

use crate::Authority;
use crate::account::Account;
use crate::records::{Kept, Stored, Table};
use crate::sign_in::SignInFault;

/// Failures before an account is locked for a while.
const FREE_FAILURES: u32 = 5;
/// The first lock, in seconds; each further failure doubles it.
const FIRST_LOCK_S: u64 = 30;
/// The longest lock, in seconds.
const LONGEST_LOCK_S: u64 = 3600;
/// Failures from one network address within [`ADDRESS_S`] before it is refused.
const ADDRESS_FAILURES: u32 = 30;
/// How long failures from an address count, in seconds.
const ADDRESS_S: u64 = 600;

/// Failures by login (of accounts that do not exist) or by address.
#[derive(Serialize, Deserialize)]
struct Failures {
    count: u32,
    until_s: u64,
}

impl Stored for Failures {
    const TABLE: Table = Table::Address;

    fn until_s(&self) -> Option<u64> {
        Some(self.until_s)
    }
}

impl Authority {
    pub(crate) fn check_address(&self, address: &str, now_s: u64) -> Result<(), SignInFault> {
        let found: Option<Failures> = self.shelf.get(address, now_s)?;
        let many = found.is_some_and(|failures| failures.count >= ADDRESS_FAILURES);
        if many { Err(SignInFault::Wait) } else { Ok(()) }
    }

    pub(crate) fn failed_from(&self, address: &str, now_s: u64) -> Kept<()> {
        let count = |failures: &mut Failures| failures.count = failures.count.saturating_add(1);
        if self.shelf.change(address, now_s, count)?.is_none() {
            self.shelf.put(address, &Failures { count: 1, until_s: now_s + ADDRESS_S })?;
        }
        Ok(())
    }

    pub(crate) fn failed_at(&self, login: &str, now_s: u64) -> Kept<()> {
        self.shelf.change(login, now_s, |account: &mut Account| fail(account, now_s)).map(drop)
    }

    /// What nobody has is locked like what somebody has.
    pub(crate) fn failed_unknown(&self, key: &str, now_s: u64) -> Kept<()> {
        let found: Option<Failures> = self.shelf.get(key, now_s)?;
        let count = found.map_or(0, |failures| failures.count).saturating_add(1);
        let until_s = now_s + lock_s(count).max(ADDRESS_S);
        self.shelf.put(key, &Failures { count, until_s })
    }

    pub(crate) fn is_waiting(&self, key: &str, now_s: u64) -> Kept<bool> {
        let found: Option<Failures> = self.shelf.get(key, now_s)?;
        Ok(found.is_some_and(|failures| lock_s(failures.count) > 0))
    }

    pub(crate) fn forgive(&self, login: &str, now_s: u64) -> Kept<()> {
        self.shelf.change(login, now_s, |account: &mut Account| account.failures = 0).map(drop)
    }
}

/// How long an account is locked after so many failures in a row, in seconds.
fn lock_s(failures: u32) -> u64 {
    let beyond = failures.saturating_sub(FREE_FAILURES);
    if failures < FREE_FAILURES { 0 } else { (FIRST_LOCK_S << beyond.min(10)).min(LONGEST_LOCK_S) }
}

pub(crate) fn fail(account: &mut Account, now_s: u64) {
    account.failures = account.failures.saturating_add(1);
    let lock = lock_s(account.failures);
    if lock > 0 {
        account.locked_until_s = now_s + lock;
    }
}
