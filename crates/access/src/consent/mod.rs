//! What patients permit and forbid: their consents, read, compiled and evaluated.
//!
//! [`read`] turns a FHIR Consent into plain rules, or tells what cannot be enforced; [`resolve`]
//! gives names ordinals; a [`Roll`] of a patient's rules says what they say about a row.
//!
//! The decisions D1 to D12 that are cited in these files are those of `docs/access.md`.
//!
//! **Absent:** value sets; who belongs to a group, what stands in a row and what refers to what.
//! The store that enforces states what it can tell ([`Abilities`], [`RowLinks`]), and a consent
//! that needs more is refused.
//!
//! [`resolve`]: NamedConsent::resolve

mod actors;
mod bytes;
mod evaluate;
mod gate;
mod links;
mod policy;
mod purpose;
mod read;
mod roll;
mod rolls;
mod rule;

pub use actors::ActorSet;
pub use bytes::{decode, encode};
pub use evaluate::{Asker, Asking, Finding, Verdict};
pub(crate) use gate::Gate;
pub use links::RowLinks;
pub use policy::{DefaultEntry, Defaults, Policy};
pub use purpose::{ACT_REASON, AskedPurpose, PurposeTest};
pub use read::{Abilities, Context, Reading, Unenforceable, read};
pub use roll::{Decided, Roll};
pub use rolls::Rolls;
pub use rule::{
    Action, Actions, Actors, Code, Consent, ConsentRule, Data, Days, LabelTest, NamedConsent,
    Provision, Seal, Target, Who,
};
