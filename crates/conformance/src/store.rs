//! An engine over a simulated world.

use std::sync::Arc;

use accord_base::{LogTime, ManualClock, ResourceId, Rng, SeededRng, Subject};
use accord_engine::{
    Answer, BundleOptions, Engine, EngineError, Interaction, NewStore, Options, Outcome, Parts,
    Request, Version,
};
use accord_index::Tiers;
use accord_spec::ResourceType;
use accord_store::disk::SimDisk;
use accord_store::{Log, MemoryLog, StoreKey};

/// An engine with everything it lives in. Closed when dropped.
pub struct Store {
    /// Log, disk, key, clock, randomness.
    pub parts: Parts,
    /// The clock of the parts, to be moved.
    pub clock: Arc<ManualClock>,
    /// The engine.
    pub engine: Arc<Engine>,
}

/// A valid id.
pub fn id(text: &str) -> ResourceId {
    ResourceId::new(text).unwrap()
}

/// Options with small caches, chunks of this many rows and segments that merge two by two.
pub fn options(chunk_rows: u32) -> Options {
    Options {
        chunk_rows,
        tiers: Tiers { ratio: 2, most_chunks: 64 },
        document_cache_bytes: 4 << 20,
        block_cache_bytes: 4 << 20,
        ..Options::default()
    }
}

/// The seed in an environment variable, or the usual one.
pub fn seed_of(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// The parts of a new store over an empty log and a disk.
pub fn new_parts(
    log: Arc<dyn Log>,
    disk: SimDisk,
    seed: u64,
    now: LogTime,
) -> (Parts, Arc<ManualClock>) {
    let new = NewStore {
        origin: "accord.example/test".to_owned(),
        default_controller: id("northgate-hospital"),
        test_principals: true,
    };
    accord_engine::found(&*log, &new).unwrap();
    let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(seed));
    let clock = Arc::new(ManualClock::new(now));
    let store_key = StoreKey::random(&*rng);
    (Parts { log, disk: Arc::new(disk), store_key, clock: clock.clone(), rng }, clock)
}

impl Store {
    /// A new store in memory at an instant.
    pub fn new(seed: u64, now: LogTime, chunk_rows: u32) -> Store {
        let (parts, clock) = new_parts(Arc::new(MemoryLog::new()), SimDisk::new(seed), seed, now);
        Store::open(parts, clock, chunk_rows).unwrap()
    }

    /// Opens a store; `clock` is that of the parts.
    pub fn open(
        parts: Parts,
        clock: Arc<ManualClock>,
        chunk_rows: u32,
    ) -> Result<Store, EngineError> {
        let engine = Engine::assemble(parts.clone(), &options(chunk_rows))?;
        Ok(Store { parts, clock, engine })
    }

    /// The store opened anew, with or without references having to lead to something.
    pub fn reopened(self, chunk_rows: u32, referential_integrity: bool) -> Store {
        let (parts, clock) = (self.parts.clone(), self.clock.clone());
        drop(self);
        let options = Options { referential_integrity, ..options(chunk_rows) };
        let engine = Engine::assemble(parts.clone(), &options).unwrap();
        Store { parts, clock, engine }
    }

    /// Asks for an interaction.
    pub fn ask(&self, subject: &Arc<Subject>, interaction: Interaction) -> Outcome {
        self.ask_for(subject, interaction, None)
    }

    /// Asks, for data that an organisation answers for.
    pub fn ask_for(
        &self,
        subject: &Arc<Subject>,
        interaction: Interaction,
        controller: Option<&str>,
    ) -> Outcome {
        self.engine.handle_blocking(Request {
            subject: subject.clone(),
            interaction,
            request_id: "test".to_owned(),
            controller: controller.map(id),
            deadline: accord_base::Deadline::NEVER,
        })
    }

    /// Sends a Bundle.
    pub fn bundle(&self, subject: &Arc<Subject>, body: &str, controller: Option<&str>) -> Outcome {
        let options = BundleOptions::default();
        let body = Arc::from(body.as_bytes());
        self.ask_for(subject, Interaction::Bundle { body, options }, controller)
    }

    /// Updates a resource, or creates it with the id it carries.
    pub fn put(
        &self,
        subject: &Arc<Subject>,
        (kind, resource_id): (&str, &str),
        body: &str,
        controller: Option<&str>,
    ) -> Outcome {
        let interaction = Interaction::Update {
            resource_type: ResourceType::from_name(kind).unwrap(),
            id: id(resource_id),
            body: Arc::from(body.as_bytes()),
            if_match: None,
        };
        self.ask_for(subject, interaction, controller)
    }

    /// All versions there are, oldest first, as the system sees them.
    pub fn versions(&self) -> Vec<Version> {
        let system = Arc::new(Subject::system("test"));
        let (mut all, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let cursor_part = cursor.map(|c| format!("&_cursor={c}")).unwrap_or_default();
            let ask = Interaction::get(&format!("_history?_count=500{cursor_part}")).unwrap();
            let Ok(Answer::Page(page)) = self.ask(&system, ask) else { panic!("a history") };
            all.extend(page.entries);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        all.reverse();
        all
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.engine.close();
    }
}
