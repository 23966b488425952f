//! One file per interaction.

mod allowance;
mod batch;
pub(crate) mod bundle;
mod commit;
mod contained;
mod history;
mod include;
pub(crate) mod late;
mod live;
mod matching;
mod meta;
mod metas;
mod patch;
mod plan;
pub(crate) mod read;
mod search;
mod shape;
mod write;

pub use allowance::AnswerLimits;
pub use live::{Live, MAX_CRITERIA, Since};
pub use meta::META_OPERATIONS;
pub use patch::{MAX_PATCH_BYTES, Patch, PatchFormat, PatchOf};
pub(crate) use read::{Drawn, not_found};
