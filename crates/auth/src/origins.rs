//! Which pages of other servers may send requests from browsers: those of registered apps.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use crate::Authority;
use crate::client::Client;
use crate::records::Kept;

/// Origins that are allowed, as they stand in requests.
#[derive(Default)]
pub(crate) struct Origins {
    allowed: RwLock<BTreeSet<String>>,
    /// Those that the operator named at the start.
    named: Vec<String>,
    /// Version of the records that they were read from.
    version: AtomicU64,
}

impl Authority {
    /// Also allows these origins.
    ///
    /// # Errors
    /// The first one that is none; or if the records cannot be used.
    pub fn allow_origins(&mut self, named: Vec<String>) -> Result<(), String> {
        if let Some(bad) = named.iter().find(|origin| !is_origin(origin)) {
            return Err(format!("`{bad}` is no origin: scheme, host and port alone"));
        }
        self.origins.named = named;
        self.read_origins().map_err(|fault| fault.to_string())
    }

    /// Whether pages of this origin may read answers of the FHIR interface.
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.origins.allowed.read().unwrap_or_else(PoisonError::into_inner).contains(origin)
    }

    /// Reads the origins of clients anew if another process may have changed them.
    pub(crate) fn follow_origins(&self, version: u64) -> Kept<()> {
        let last = self.origins.version.swap(version, Ordering::Relaxed);
        if last == version { Ok(()) } else { self.read_origins() }
    }

    pub(crate) fn read_origins(&self) -> Kept<()> {
        let clients = self.shelf.list::<Client>(self.now_s())?;
        let of_clients = clients.into_iter().flat_map(|(_, client)| client.origins);
        let all = of_clients.chain(self.origins.named.iter().cloned()).collect();
        *self.origins.allowed.write().unwrap_or_else(PoisonError::into_inner) = all;
        Ok(())
    }
}

/// Whether a text is an origin as browsers send it (RFC 6454 §6.2), whose pages nobody can change
/// on their way.
pub(crate) fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| {
        let host = text.strip_prefix("http://")?;
        let name = host.split(':').next().unwrap_or_default();
        matches!(name, "localhost" | "127.0.0.1").then_some(host)
    });
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._:[]".contains(&b);
    host.is_some_and(|host| !host.is_empty() && host.len() <= 255 && host.bytes().all(plain))
}
