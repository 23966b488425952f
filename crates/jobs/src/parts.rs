//! What subscriptions stand on.

use std::sync::Arc;

use accord_base::{Clock, Rng, Subject};
use accord_engine::Engine;

use crate::kept::Kept;

/// What is sent to a receiver.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outgoing {
    /// Where to.
    pub endpoint: String,
    /// Headers besides the content type.
    pub headers: Vec<(String, String)>,
    /// A notification, `application/fhir+json`.
    pub body: String,
    /// How long the receiver may take, in seconds.
    pub timeout_s: u64,
}

/// Sends to receivers.
pub trait Post: Send + Sync {
    /// Sends, and gives the status of the answer.
    ///
    /// # Errors
    /// In words why it was not sent or not answered: they are told to whoever may see the
    /// Subscription.
    fn post(&self, outgoing: &Outgoing) -> Result<u16, String>;

    /// Whether there may be sent there at all.
    ///
    /// # Errors
    /// In words why not.
    fn check(&self, endpoint: &str) -> Result<(), String>;
}

/// Knows whether somebody may still ask as they did.
pub trait Standing: Send + Sync {
    /// Whether they could be given the same token now; `None` where that cannot be told at this
    /// moment.
    fn stands(&self, subject: &Subject) -> Option<bool>;
}

/// What subscriptions stand on.
pub struct Parts {
    /// The store.
    pub engine: Arc<Engine>,
    /// How far was told.
    pub kept: Kept,
    /// The way out.
    pub post: Box<dyn Post>,
    /// Who may still ask.
    pub standing: Box<dyn Standing>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
    /// Base address of the FHIR interface, without a slash at the end.
    pub base: String,
}
