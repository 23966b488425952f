//! One file per interaction.

pub(crate) mod bundle;
mod commit;
mod history;
mod read;
mod search;
mod write;
