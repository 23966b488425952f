//! What is recorded of an access.

mod bounds;
mod codec;
mod skim;
#[cfg(test)]
pub(crate) mod tests;
mod who;
mod wire;

use std::borrow::Cow;
use std::sync::Arc;

pub use skim::Skimmed;

use accord_base::{LogTime, ResourceId, Subject};

/// Most patients named by one record; more go to further parts ([`AccessRecord::split`]).
pub const MAX_PATIENTS: usize = 256;
/// Longest query kept, in bytes; HTTP limits must not allow longer ones.
pub const MAX_QUERY_BYTES: usize = 65_536;
/// Encoded records are padded to a multiple of this many bytes, so that length tells little.
pub const PAD_BYTES: usize = 256;

/// One access, or one batch of a longer one: who asked for what, which patients it touched, what
/// was decided and how it ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccessRecord {
    /// When the decision was taken.
    pub at: LogTime,
    /// The state of the store (and so of every policy) the decision was taken on.
    pub policy_as_of: LogTime,
    /// The request, the same in all records it caused; at most 128 bytes.
    pub request_id: String,
    /// Number of this record among those of the same request, from 0.
    pub part: u32,
    /// How many parts follow this one; `None` where a stream does not know yet.
    pub following: Option<u32>,
    /// Who asked; `None` where nobody was authenticated.
    pub who: Option<Arc<Subject>>,
    /// Code of the FHIR restful interaction, or `$name` of an operation; at most 64 bytes.
    pub interaction: Cow<'static, str>,
    /// The resource type, instance or version asked for, where the request names one.
    pub target: Option<Target>,
    /// The query as received, byte for byte, hostile or not; empty where there is none.
    pub query: Vec<u8>,
    /// Logical ids of the patients whose data the answer draws on; at most [`MAX_PATIENTS`].
    pub patients: Vec<ResourceId>,
    /// What was decided, and by which rules.
    pub decision: Decision,
    /// HTTP status of the answer.
    pub status: u16,
}

/// What a request names in its path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// Name of the resource type; at most 64 bytes.
    pub resource_type: Cow<'static, str>,
    /// The instance, for interactions on one.
    pub id: Option<ResourceId>,
    /// The version, where the request named one or a write made one.
    pub version: Option<u32>,
}

/// The verdict with the short codes of the rules that led to it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Decision {
    /// Whether access was granted.
    pub permit: bool,
    /// Codes of the deciding rules, at most 16 of at most 64 bytes.
    pub rules: Vec<Cow<'static, str>>,
}

impl AccessRecord {
    /// Spreads `patients` over as many copies of this record as the bound asks for, numbered from
    /// this record's `part`, each telling how many follow. The first keeps the query; the others
    /// leave it out.
    pub fn split(mut self, patients: &[ResourceId]) -> Vec<AccessRecord> {
        let mut batches = patients.chunks(MAX_PATIENTS);
        self.patients = batches.next().unwrap_or_default().to_vec();
        let mut following = u32::try_from(batches.len()).unwrap_or(u32::MAX);
        self.following = Some(following);
        if following == 0 {
            return vec![self];
        }
        let mut next = AccessRecord { query: Vec::new(), patients: Vec::new(), ..self.clone() };
        let mut parts = Vec::with_capacity(1 + batches.len());
        parts.push(self);
        for batch in batches {
            following = following.saturating_sub(1);
            next.part = next.part.saturating_add(1);
            next.following = Some(following);
            parts.push(AccessRecord { patients: batch.to_vec(), ..next.clone() });
        }
        parts
    }
}
