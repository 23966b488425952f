//! The population as a stream of transactions.

use std::collections::VecDeque;

use accord_base::LogTime;

use crate::bundle::{Finished, Outbox, Style};
use crate::chart::{Chart, MOST_ENTRIES};
use crate::directory;

/// By how many patients the changes of one come later than the first telling.
const DELAY: u32 = 40;
/// Measured over 2,000 patients of several seeds; a test holds it to within a tenth.
const RESOURCES_PER_PATIENT: u64 = 110;
/// The controller of shared reference data.
const COMMONS: &str = "commons";

/// What to make. Equal values give equal bytes on every machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Population {
    /// Number of patients; [`Population::DEFAULT_PATIENTS`] make a believable demonstration.
    pub patients: u32,
    /// Seed of every choice.
    pub seed: u64,
    /// The present of the population: nothing happens later, open encounters are open then. Cut
    /// to the minute. Another instant is another population: ages and dates count back from it.
    pub until: LogTime,
    /// Whether changes follow: corrected observations, encounters that end, patients who move,
    /// deletions.
    pub updates: bool,
}

/// One FHIR transaction on behalf of one organisation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transaction {
    /// Who answers for the data: an Organization's id, or `commons` for the shared directory.
    pub controller: &'static str,
    /// Instant of the newest content; a suggestion for a log that keeps the population's time.
    pub at: LogTime,
    /// Number of entries, 1 to 200.
    pub entries: usize,
    /// A transaction Bundle as JSON in UTF-8, without line breaks. Every entry is a `PUT` with an
    /// id chosen here, or with updates a `DELETE`: importing it again changes nothing.
    pub body: String,
}

impl Transaction {
    pub(crate) fn new(controller: &'static str, done: Finished) -> Transaction {
        let (at, entries, body) = (done.newest.to_log(), done.entries, done.body);
        Transaction { controller, at, entries, body }
    }
}

impl Population {
    /// Patients of a demonstration.
    pub const DEFAULT_PATIENTS: u32 = 200;
    /// Seed of a demonstration.
    pub const DEFAULT_SEED: u64 = 2026;
    /// 2026-06-01T08:30:00Z, the present of tests and benchmarks; a demonstration uses its own.
    pub const DEFAULT_UNTIL: LogTime = LogTime(1_780_302_600_000_000);

    /// A population without updates.
    pub fn new(patients: u32, seed: u64, until: LogTime) -> Population {
        Population { patients, seed, until, updates: false }
    }

    /// The transactions in order: the directory, then patient after patient. What a reference
    /// names comes in an earlier transaction or in the same one.
    pub fn transactions(&self) -> Transactions {
        let mut directory = Outbox::new(Style::Put, MOST_ENTRIES);
        directory::write(&mut directory);
        let ready = directory.finish().into_iter().map(|done| Transaction::new(COMMONS, done));
        let ready = ready.collect();
        Transactions { population: *self, next: 0, ready, waiting: VecDeque::new() }
    }

    /// About how many resources there will be, not counting updates; for progress bars.
    pub fn approximate_resources(&self) -> u64 {
        directory::size() + u64::from(self.patients) * RESOURCES_PER_PATIENT
    }
}

impl Default for Population {
    fn default() -> Population {
        let (patients, seed) = (Population::DEFAULT_PATIENTS, Population::DEFAULT_SEED);
        Population::new(patients, seed, Population::DEFAULT_UNTIL)
    }
}

/// The transactions of a [`Population`], made as they are asked for; holds the records of one
/// patient and the changes of the last few dozen.
pub struct Transactions {
    population: Population,
    /// Index of the next patient.
    next: u32,
    ready: VecDeque<Transaction>,
    /// Changes, by the index of the patient after whom they come.
    waiting: VecDeque<(u32, Vec<Transaction>)>,
}

impl Iterator for Transactions {
    type Item = Transaction;

    fn next(&mut self) -> Option<Transaction> {
        while self.ready.is_empty() {
            let all_told = self.next >= self.population.patients;
            let due = self.waiting.front().is_some_and(|(after, _)| all_told || *after < self.next);
            if due {
                let (_, changes) = self.waiting.pop_front()?;
                self.ready.extend(changes);
            } else if all_told {
                return None;
            } else {
                let told = Chart::tell(&self.population, self.next);
                self.waiting.push_back((self.next + DELAY, told.later));
                self.ready.extend(told.first);
                self.next += 1;
            }
        }
        self.ready.pop_front()
    }
}
