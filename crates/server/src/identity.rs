//! What the routes of identity and the commands about accounts stand on.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use accord_accounts::SqliteRecords;
use accord_auth::{Authority, Foreign, Parts, Rules, SigningKey};
use accord_base::{Purpose, ResourceScope, Role, SystemClock, SystemRng};
use tokio::time::MissedTickBehavior;

use crate::fail::Fail;
use crate::oidc;

/// Name of the file with the key pair.
const KEY_FILE: &str = "signing.key";
/// How often what other processes changed is looked for, and what is over is removed.
const LOOK: Duration = Duration::from_secs(1);

/// The access rules, as identity asks about them.
pub struct AccessRules;

impl Rules for AccessRules {
    fn grantable(&self, role: Role, scope: &ResourceScope) -> Option<ResourceScope> {
        accord_access::grantable(role, scope)
    }

    fn may_purpose(&self, role: Role, purpose: Purpose) -> bool {
        accord_access::may_purpose(role, purpose)
    }
}

/// The authority of the store in a folder.
pub fn authority(
    folder: &Path,
    token_key: [u8; 32],
    test_principals: bool,
    foreign: Option<Arc<Foreign>>,
) -> Result<Authority, Fail> {
    Ok(Authority::new(Parts {
        records: Arc::new(SqliteRecords::open(folder)?),
        signing: Arc::new(signing_key(folder)?),
        token_key,
        test_principals,
        clock: Arc::new(SystemClock),
        rng: Arc::new(SystemRng::new()),
        rules: Arc::new(AccessRules),
        foreign,
    })?)
}

/// The authority for a command about accounts; the server may be running.
pub fn of_store(folder: &Path) -> Result<Authority, Fail> {
    let settings = accord_engine::settings(folder)?;
    authority(folder, settings.token_key, settings.test_principals, None)
}

/// The store's key pair; made if there is none yet.
pub fn signing_key(folder: &Path) -> Result<SigningKey, Fail> {
    let path = folder.join(KEY_FILE);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => make_key(&path)?,
        Err(error) => return Err(error.into()),
    };
    Ok(SigningKey::from_pkcs8(&bytes)?)
}

/// Makes a key pair that only its owner can read. Of two processes that do, one makes it.
fn make_key(path: &Path) -> Result<Vec<u8>, Fail> {
    let bytes = SigningKey::generate()?;
    // Written beside and linked into place: nobody ever reads half a key.
    let own = path.with_extension(format!("key.{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&own)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    let placed = std::fs::hard_link(&own, path);
    std::fs::remove_file(&own)?;
    match placed {
        Ok(()) => Ok(bytes),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(std::fs::read(path)?),
        Err(error) => Err(error.into()),
    }
}

/// Looks, for as long as the server runs, for what commands changed in the accounts, so that what
/// they end ends at once.
pub async fn watch(authority: Arc<Authority>) {
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = None;
    loop {
        ticks.tick().await;
        let looked = authority.clone();
        let version = tokio::task::spawn_blocking(move || {
            if looked.foreign().is_some_and(|foreign| oidc::look(foreign)) {
                looked.tokens().forget();
            }
            looked.sweep()
        });
        let version = version.await.ok().and_then(Result::ok);
        // Records that cannot be read vouch for nothing.
        if version.is_none() || last != version {
            authority.tokens().forget();
        }
        last = version;
    }
}
