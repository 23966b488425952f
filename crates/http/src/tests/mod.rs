//! The application as a client sees it, in front of a scripted backend.

mod bundles;
mod crowded;
mod emergency;
pub mod fake;
pub mod harness;
mod hostile;
mod live;
mod logging;
mod matrix;
mod negotiation;
mod operations;
mod pieces;
mod read;
mod search;
mod serving;
mod terms;
mod tls;
mod who;
mod write;
