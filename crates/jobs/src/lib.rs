//! Work that goes on by itself, across restarts: subscriptions and their delivery.
//!
//! - [`Wanted`]: what a Subscription asks for (Subscriptions R5 Backport for R4)
//! - [`Notice`], [`notification`]: what subscribers and listeners are sent
//! - [`Kept`]: how far each subscription was told, in `jobs.sqlite`
//! - [`Recall`]: which events are told again to whoever asks
//! - [`Line`]: what leads to a client at a websocket
//! - [`Hooks`]: looks for what is due and delivers it
//!
//! **Invariant:** what is sent is read through the engine at that moment, as whoever wrote the
//! Subscription; a position moves on only after its receiver said so.
//!
//! **Absent:** HTTP, of which [`Post`] is all that is known; access decisions; timers of care, which
//! will be rows beside these.

mod backoff;
mod follow;
mod headers;
mod hooks;
mod kept;
mod lanes;
mod lines;
mod notification;
mod parts;
mod recall;
mod run;
mod standings;
mod state;
mod step;
mod wanted;

pub use follow::FollowFault;
pub use hooks::{Hooks, Told};
pub use kept::{FILE, Kept, KeptFault};
pub use lanes::{Bounds, Due};
pub use lines::Line;
pub use notification::{Kind, Notice, Recalled, notification, statuses};
pub use parts::{Outgoing, Parts, Post, Standing};
pub use recall::{Recall, RecallFault};
pub use run::{Running, run, run_within};
pub use standings::{Counts, is_failing, order};
pub use state::{State, Status};
pub use wanted::{Channel, Content, TOPIC, Wanted};
