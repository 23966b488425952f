//! An emergency department over a real engine: what nurses do, what others see of it, and what is
//! stored.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod announced;
mod board;
mod calls;
mod check_in;
mod clocks;
mod entering;
mod first;
mod flags;
mod flow;
mod forecast;
mod hazards;
mod targets;
mod timers;
mod versions;
mod waited;
mod world;
