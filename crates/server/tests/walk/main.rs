//! A stranger's walk: the real binary over HTTP, one thing after the other.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "../common/mod.rs"]
mod common;

mod bundles;
mod conditions;
mod instances;
mod scopes;
mod search;
mod together;
mod writes;

/// A Patient of whom nothing more is needed.
pub fn patient(family: &str) -> String {
    format!(r#"{{"resourceType":"Patient","name":[{{"family":"{family}"}}]}}"#)
}

/// The server-given id of a created resource, from its `Location`.
#[track_caller]
pub fn id_of(answer: &common::http::Answer) -> String {
    let location = answer.header("location").unwrap();
    location.split('/').rev().nth(2).unwrap().to_owned()
}
