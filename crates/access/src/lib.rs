//! Pure access decisions: facts, subject, request and instant to a [`Scope`] or reasons.
//!
//! Resources state [`Fact`]s ([`facts`] reads them); a [`PolicyIndex`] keeps those in force as
//! sets of patients; [`decide`] gives a subject a [`Scope`], which tells for every row whether it
//! exists for that subject.
//!
//! **Invariant:** a [`Scope`] comes only from [`decide`] or [`Scope::system`]; what no rule permits
//! is denied; adding a denial never shows more.
//!
//! **Absent:** IO, async, clocks, storage. The instant is always an argument.

mod ceiling;
pub mod consent;
mod decide;
mod extract;
mod fact;
mod interaction;
pub mod label;
mod policy;
mod rights;
mod rule;
mod scope;
mod set;
mod statute;
mod types;
mod write;

pub use ceiling::{Granule, grantable};
pub use decide::{AccessRequest, Decision, Names, decide};
pub use extract::{
    ALERT_PROFILE, BEFORE_US, CLAIM_LABEL, CLAIM_PROFILE, HOLD_PROFILE, NOTICE_PROFILE, NamedFact,
    RECENT_US, REVIEW_PROFILE, Stated, Stating, TRANSFER_PROFILE, facts, is_along, is_claim,
    narrow, staying,
};
pub use fact::{
    ANYONE, Action, Cohort, Fact, FactParts, Limits, Mandate, Owed, RowPolicy, Shared, StatedFact,
    Terms,
};
pub use interaction::Interaction;
pub use policy::{InForce, PendingFacts, PolicyIndex};
pub use rights::{may, may_purpose};
pub use rule::{Rule, RuleKind};
pub use scope::{
    Admission, ByConsent, Explanation, Layer, PENDING_ACTOR, PENDING_ORG, PENDING_PATIENT, RowView,
    Says, Scope, Step,
};
pub use set::PatientSet;
pub use statute::Regime;
pub use types::{Class, TypeSet};
pub use write::{ControllerRule, WriteDenied, controller_for};
