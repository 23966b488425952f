//! What the routes of identity and the commands about accounts stand on.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use accord_accounts::SqliteRecords;
use accord_auth::{Authority, Foreign, Parts, Rules};
use accord_base::{Purpose, ResourceScope, Role, SystemClock, SystemRng};
use accord_engine::Engine;
use tokio::time::MissedTickBehavior;

use crate::administration;
use crate::fail::Fail;
use crate::keys;
use crate::oidc;

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
        signing: Arc::new(keys::read(folder)?.ring()),
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

/// Looks, for as long as the server runs, for what commands changed in the accounts, so that what
/// they end ends at once.
pub async fn watch(authority: Arc<Authority>, engine: Arc<Engine>, folder: PathBuf) {
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = None;
    let mut keys = keys::state(&folder);
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
        if last != version {
            let (engine, folder) = (engine.clone(), folder.clone());
            let record = move || administration::record(&engine, &folder);
            if let Ok(Err(fail)) = tokio::task::spawn_blocking(record).await {
                tracing::error!(%fail, "commands about accounts are not recorded yet");
            }
        }
        last = version;
        let now = keys::state(&folder);
        if now != keys {
            match keys::read(&folder) {
                Ok(found) => found.replace(&authority),
                Err(error) => tracing::error!(%error, "the signing keys stay as they were"),
            }
            keys = now;
        }
    }
}
