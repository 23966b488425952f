//! How a subscription stands.

use accord_base::{LogTime, Row};

/// How a subscription stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// Its receiver has not answered yet.
    Requested,
    /// It is told.
    Active,
    /// It was given up, or cannot be served.
    Error,
    /// It is not wanted, or its writer may not ask any more.
    Off,
}

impl Status {
    /// The status as FHIR says it.
    pub fn code(self) -> &'static str {
        match self {
            Status::Requested => "requested",
            Status::Active => "active",
            Status::Error => "error",
            Status::Off => "off",
        }
    }

    pub(crate) fn from_code(code: &str) -> Status {
        match code {
            "requested" => Status::Requested,
            "active" => Status::Active,
            "off" => Status::Off,
            _ => Status::Error,
        }
    }
}

/// The durable part of a subscription.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct State {
    /// The version of the Subscription that counts.
    pub row: Row,
    /// Everything before is told.
    pub since: Row,
    /// Events told and acknowledged.
    pub number: u64,
    /// Attempts at what is to be sent next.
    pub attempts: u32,
    /// Where what was attempted last ends.
    pub window: Option<Row>,
    /// What is before may have arrived: it was attempted, or is told again.
    pub again: Option<Row>,
    /// Since when attempts fail.
    pub failing: Option<LogTime>,
    /// When to look again at the earliest.
    pub next: LogTime,
    /// When something was sent last that arrived; the version's time before that.
    pub told: LogTime,
    /// When the receiver took something last, also of versions before.
    pub answered: Option<LogTime>,
    /// Whether the receiver that this version names answered the handshake.
    pub greeted: bool,
    /// How it stands.
    pub status: Status,
    /// Why, if not well.
    pub error: String,
}

impl State {
    /// Of a Subscription that is new.
    pub fn new(row: Row, now: LogTime) -> State {
        State {
            row,
            since: row.next(),
            number: 0,
            attempts: 0,
            window: None,
            again: None,
            failing: None,
            next: LogTime::default(),
            told: now,
            answered: None,
            greeted: false,
            status: Status::Requested,
            error: String::new(),
        }
    }

    /// Whether what comes next may have arrived before.
    pub fn may_have_arrived(&self) -> bool {
        self.again.is_some_and(|until| self.since < until)
    }
}

/// Up to where was looked for something to tell, and nothing was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Passed {
    /// The version of the Subscription that counts.
    pub row: Row,
    /// Events told.
    pub number: u64,
    /// Up to here.
    pub since: Row,
}
