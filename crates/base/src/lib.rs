//! What every other crate shares: identifiers, instants, clock and randomness behind traits,
//! the [`Subject`] on whose behalf something is asked, and text that stands in HTML.
//!
//! **Absent:** FHIR, storage, HTTP. Nothing here knows what a resource looks like.

mod clock;
mod deadline;
mod html;
mod id;
mod ordinal;
mod rng;
mod scopes;
mod subject;
mod time;

pub use clock::{Clock, ManualClock, SystemClock};
pub use deadline::{Deadline, Waiting};
pub use html::html_escaped;
pub use id::{InvalidId, ResourceId};
pub use ordinal::{ActorOrd, NameSpace, OrgOrd, PatientOrd, Row};
pub use rng::{Rng, SeededRng, SystemRng};
pub use scopes::{Context, Grant, Named, ResourceScope, Rights, ScopeFault, Scopes};
pub use subject::{Principal, Purpose, Role, Subject};
pub use time::{LogTime, civil_from_days, days_from_civil};
