//! An emergency department: arrival, assessment, board and disposition, as operations made of the
//! engine's own interactions under the asker's subject.
//!
//! - [`OPERATIONS`]: what is asked, and who may ask it
//! - [`answer`]: one operation, plain data in and out
//! - [`file`](file()): what it gives as a file instead
//! - [`Rules`]: the schemes that a site works by
//! - [`Timers`]: what time alone asks for
//!
//! What is stored is FHIR that any client sees: an Encounter, Observations of vital signs, of the
//! score and of each acuity, Flags, Tasks for what is due, and Provenance where somebody overrode.
//!
//! **Invariant:** every read is a read or search of the asker's, but for [`Timers`] and the tickets
//! given last, which are read as the server; every write one transaction that states which version
//! of the Encounter it rests on; `$confirm-identity` does two acts of the engine's before it.
//!
//! **Absent:** HTTP, clocks, access decisions, tables of scores (`care` has them).

mod acuity;
mod age;
mod arrive;
mod assess;
mod attended;
mod board;
mod calls;
mod check_in;
mod child;
mod clock;
mod codes;
mod confirm;
mod csv;
mod dispose;
mod downtime;
mod ecds;
mod entries;
mod first;
mod flags;
mod forecast;
mod input;
mod kiosk;
mod moment;
mod observed;
mod report;
mod rules;
mod scale;
mod scored;
mod store;
mod tables;
mod ticket;
mod timers;
mod written;

use std::sync::Arc;

use accord_base::{Deadline, LogTime, ResourceId, Role, Subject};
use accord_care::Library;
use accord_engine::{Answer, By, Category, Failure, Outcome, Request};
use accord_fhir::{IssueCode, Zone};

use input::Input;
use store::Store;

pub use kiosk::Kiosks;
pub use rules::{NoScheme, Rules};
pub use timers::Timers;

/// One of the operations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Name {
    /// Somebody arrives.
    Arrive,
    /// Somebody is assessed, or a form is tried out.
    Assess,
    /// Who is there.
    Board,
    /// Somebody says at a kiosk that they are here.
    CheckIn,
    /// The desk says who checked in.
    ConfirmIdentity,
    /// An attendance ends.
    Dispose,
    /// The board as a page to print.
    Downtime,
    /// The rows of a day for the Emergency Care Data Set.
    Ecds,
    /// How long people who come now wait.
    Forecast,
}

/// How an operation is asked. All are on Encounter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signature {
    /// Which.
    pub name: Name,
    /// What it is called, with its dollar sign.
    pub called: &'static str,
    /// Whether it is asked of an instance; of the type otherwise.
    pub instance: bool,
    /// By which method.
    pub by: By,
    /// What it is answered as.
    pub told: Told,
    roles: &'static [Role],
}

/// What an operation is answered as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Told {
    /// A resource.
    Resource,
    /// A resource, or if that is asked for a file of this media type.
    Either(&'static str),
    /// A file of this media type.
    File(&'static str),
}

/// Who looks after patients, and the feeds of their organisation.
const CARE: &[Role] = &[Role::Clinician, Role::Integration, Role::System];
/// These and reception.
const DESK: &[Role] = &[Role::Registration, Role::Clinician, Role::Integration, Role::System];

/// Whose a kiosk's token is.
const KIOSK: &[Role] = &[Role::Registration, Role::Integration];

const fn operation(
    name: Name,
    called: &'static str,
    (instance, by): (bool, By),
    roles: &'static [Role],
) -> Signature {
    Signature { name, called, instance, by, told: Told::Resource, roles }
}

const fn told(told: Told, signature: Signature) -> Signature {
    Signature { told, ..signature }
}

/// Every operation.
pub static OPERATIONS: [Signature; 9] = [
    operation(Name::Arrive, "$arrive", (false, By::Post), DESK),
    operation(Name::Assess, "$assess", (true, By::Post), CARE),
    operation(Name::Board, "$board", (false, By::Get), DESK),
    operation(Name::CheckIn, "$check-in", (false, By::Post), KIOSK),
    operation(Name::Forecast, "$forecast", (false, By::Get), DESK),
    operation(Name::ConfirmIdentity, "$confirm-identity", (true, By::Post), DESK),
    told(Told::File("text/html"), operation(Name::Downtime, "$downtime", (false, By::Get), DESK)),
    operation(Name::Dispose, "$dispose", (true, By::Post), DESK),
    told(Told::Either("text/csv"), operation(Name::Ecds, "$ecds", (false, By::Get), CARE)),
];

/// The type that all operations are on.
pub const ON: &str = "Encounter";

/// An operation as it was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Which.
    pub signature: &'static Signature,
    /// The Encounter, where it is asked of one.
    pub id: Option<ResourceId>,
    /// Parameters of the query.
    pub params: Vec<(String, String)>,
    /// The Parameters resource as received; empty for `GET`.
    pub body: Arc<[u8]>,
    /// Who asks.
    pub subject: Arc<Subject>,
    /// The rules of the site; those that come along where it has none of its own.
    pub rules: Option<Arc<Rules>>,
    /// What is remembered of check-ins; one for all requests of a server.
    pub kiosks: Arc<Kiosks>,
    /// How the client names this request.
    pub request_id: String,
    /// Now.
    pub now: LogTime,
    /// Until when someone waits.
    pub deadline: Deadline,
}

/// Answers an operation. `send` answers one interaction of the engine, and may block.
///
/// # Errors
/// What the asker may not do, what cannot be read or be true, and whatever the engine refuses.
pub fn answer(asked: &Asked, send: &dyn Fn(Request) -> Outcome) -> Outcome {
    let (rules, input) = (asked.begin()?, Input::read(&asked.body, &asked.params)?);
    let context = Context { asked, rules: &rules, store: asked.store(send) };
    match asked.signature.name {
        Name::Arrive => arrive::arrive(&context, &input),
        Name::Assess => assess::assess(&context, &input).map(Answer::Resource),
        Name::Board => board::board(&context, &input).map(Answer::Resource),
        Name::CheckIn => check_in::check_in(&context, &input),
        Name::ConfirmIdentity => confirm::confirm(&context, &input),
        Name::Dispose => dispose::dispose(&context, &input),
        Name::Downtime => Err(invalid("the operation gives a page and no resource")),
        Name::Ecds => ecds::rows(&context, &input).map(Answer::Resource),
        Name::Forecast => forecast::forecast(&context, &input).map(Answer::Resource),
    }
}

/// Answers an operation with the file that its signature names.
///
/// # Errors
/// As [`answer`], and where it gives none.
pub fn file(asked: &Asked, send: &dyn Fn(Request) -> Outcome) -> Result<String, Failure> {
    let (rules, input) = (asked.begin()?, Input::read(&asked.body, &asked.params)?);
    let context = Context { asked, rules: &rules, store: asked.store(send) };
    match asked.signature.name {
        Name::Ecds => ecds::csv(&context, &input),
        Name::Downtime => downtime::page(&context, &input),
        _ => Err(invalid("the operation gives no file")),
    }
}

impl Asked {
    /// The rules, unless the asker's role does not use the operation.
    fn begin(&self) -> Result<Arc<Rules>, Failure> {
        if !self.signature.roles.contains(&self.subject.role) {
            let text = "this role does not use the operation";
            return Err(Failure::new(Category::Forbidden, IssueCode::Forbidden, text));
        }
        self.rules.clone().map_or_else(Rules::built_in, Ok)
    }

    fn store<'a>(&self, send: &'a dyn Fn(Request) -> Outcome) -> Store<'a> {
        Store {
            subject: Arc::clone(&self.subject),
            request_id: self.request_id.clone(),
            controller: None,
            deadline: self.deadline.clone(),
            send,
        }
    }
}

/// What an operation works with.
struct Context<'a> {
    asked: &'a Asked,
    rules: &'a Rules,
    store: Store<'a>,
}

impl<'a> Context<'a> {
    fn library(&self) -> &'a Library {
        self.rules.library()
    }

    /// Whether the asker works with clinical records; reception does not.
    fn is_clinical(&self) -> bool {
        CARE.contains(&self.asked.subject.role)
    }

    fn now(&self) -> LogTime {
        self.asked.now
    }

    /// What clocks show where an organisation works.
    fn zone(&self, organization: Option<&str>) -> &'a dyn Zone {
        self.rules.zone(organization.and_then(|of| of.strip_prefix("Organization/")))
    }

    /// The id of the Encounter that is asked of.
    fn id(&self) -> Result<&ResourceId, Failure> {
        self.asked.id.as_ref().ok_or_else(|| invalid("an encounter is needed"))
    }
}

/// Not readable as a request.
fn invalid(text: impl Into<String>) -> Failure {
    Failure::new(Category::Invalid, IssueCode::Invalid, text)
}

/// Readable, and cannot be.
fn unfit(text: impl Into<String>) -> Failure {
    Failure::new(Category::Unprocessable, IssueCode::Value, text)
}

/// It is not so any more.
fn conflict(text: impl Into<String>) -> Failure {
    Failure::new(Category::Conflict, IssueCode::Conflict, text)
}
