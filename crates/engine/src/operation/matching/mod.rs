//! Records that may be of one person: `Patient/$match` for a description, `Patient/$duplicates` for
//! the own organisation's records. Candidates come from searches within the asker's scope, so
//! nobody is found who does not exist for them; each is compared by the weights of [`weights`].

mod candidates;
mod compare;
mod describe;
mod duplicates;
mod find;
mod weights;

pub(super) use compare::contradict;
