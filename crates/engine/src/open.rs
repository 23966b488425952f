//! Making a store, and opening one: segments, then the records after them, then the threads.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc;

use accord_access::PolicyIndex;
use accord_access::consent::Defaults;
use accord_audit::note::SigningKey;
use accord_base::{Clock, LogTime, ResourceId, Rng, Row, SystemClock, SystemRng};
use accord_index::{BlockCache, Index, RowFacts, Segment, Tiers};
use accord_store::access::{AccessStream, FILE_BYTES, Floor};
use accord_store::disk::{Disk, RealDisk};
use accord_store::keys::SubKey;
use accord_store::log::{Epoch, Log};
use accord_store::{KeyRing, SqliteLog, StoreKey};
use parking_lot::{Mutex, RwLock};

use crate::cursor::Cursors;
use crate::documents::Documents;
use crate::engine::{Settings, State};
use crate::interaction::AnswerLimits;
use crate::labels::Labels;
use crate::own::OwnSearch;
use crate::record::Recorder;
use crate::replay::replay;
use crate::time::SteadyClock;
use crate::trees::{self, LogTree};
use crate::who::{AccessKeys, Who};
use crate::writer::{self, Writer};
use crate::zones::Zones;
use crate::{Engine, EngineError};

/// Name of the store key's file.
const STORE_KEY: &str = "store.key";
/// Rows in a chunk of the index.
pub const CHUNK_ROWS: u32 = 65_536;
/// Length at which a file of access records is followed by a new one; tests cross it often.
const ACCESS_FILE_BYTES: u64 = if cfg!(test) { 8 << 10 } else { FILE_BYTES };

/// What a new store is made with.
#[derive(Clone, Debug)]
pub struct NewStore {
    /// Names the store in checkpoints, as a URL without scheme.
    pub origin: String,
    /// Who answers for what the operator writes without naming anyone.
    pub default_controller: ResourceId,
    /// Whether tokens may be minted for any principal.
    pub test_principals: bool,
}

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// Rows in a chunk of the index; [`CHUNK_ROWS`] but for tests. Must not change.
    pub chunk_rows: u32,
    /// How segments are merged.
    pub tiers: Tiers,
    /// Bytes of opened documents kept in memory.
    pub document_cache_bytes: u64,
    /// Bytes of segment blocks kept in memory.
    pub block_cache_bytes: u64,
    /// Most that one answer may hold.
    pub answers: AnswerLimits,
    /// What holds where no consent of a patient speaks.
    pub consents: Defaults,
    /// Whether what is referred to must exist, for whoever writes (decision 33). Not unless it is
    /// asked for: `accord serve` does.
    pub referential_integrity: bool,
    /// Where dates that name no zone are meant.
    pub zones: Zones,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            chunk_rows: CHUNK_ROWS,
            tiers: Tiers::default(),
            document_cache_bytes: 48 << 20,
            block_cache_bytes: 32 << 20,
            answers: AnswerLimits::default(),
            consents: Defaults::default(),
            referential_integrity: false,
            zones: Zones::default(),
        }
    }
}

/// The outside of a store: where it lies, and the world it lives in. Tests put simulated parts in.
#[derive(Clone)]
pub struct Parts {
    /// The log.
    pub log: Arc<dyn Log>,
    /// Segment files and access records.
    pub disk: Arc<dyn Disk>,
    /// The owner's key.
    pub store_key: StoreKey,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
}

/// Makes a store in a folder, which must not hold one.
pub fn create(folder: &Path, new: &NewStore) -> Result<(), EngineError> {
    std::fs::create_dir_all(folder).map_err(EngineError::io("the folder cannot be made"))?;
    if SqliteLog::path(folder).exists() {
        return Err(EngineError::Exists);
    }
    // The key comes first: a log without its key would be a store that never opens. A key that a
    // crash left alone is used.
    let key = folder.join(STORE_KEY);
    if key.exists() {
        StoreKey::open(&key)?;
    } else {
        StoreKey::create(&key, &SystemRng::new())?;
    }
    found(&SqliteLog::open(folder)?, new)
}

/// Writes what a store is made with into its log.
pub fn found(log: &dyn Log, new: &NewStore) -> Result<(), EngineError> {
    log.put_meta("store/origin", new.origin.as_bytes())?;
    log.put_meta("store/default-controller", new.default_controller.as_str().as_bytes())?;
    log.put_meta("store/test-principals", &[u8::from(new.test_principals)])?;
    Ok(())
}

/// The parts of the store in a folder.
pub fn parts(folder: &Path) -> Result<Parts, EngineError> {
    if !SqliteLog::path(folder).exists() {
        return Err(EngineError::Missing);
    }
    let disk = RealDisk::new(folder);
    Ok(Parts {
        store_key: StoreKey::open(&folder.join(STORE_KEY))?,
        log: Arc::new(SqliteLog::open(folder)?),
        disk: Arc::new(disk),
        clock: Arc::new(SystemClock),
        rng: Arc::new(SystemRng::new()),
    })
}

/// What a store was made with, read without opening it: enough to mint tokens.
pub fn settings(folder: &Path) -> Result<Settings, EngineError> {
    if !SqliteLog::path(folder).exists() {
        return Err(EngineError::Missing);
    }
    let key = StoreKey::open(&folder.join(STORE_KEY))?;
    read_settings(&SqliteLog::open_read_only(folder)?, &key)
}

pub(crate) fn read_settings(log: &dyn Log, key: &StoreKey) -> Result<Settings, EngineError> {
    let text = |name: &str| -> Result<String, EngineError> {
        let bytes = log.meta(name)?.ok_or(EngineError::Damaged("a setting is missing"))?;
        String::from_utf8(bytes).map_err(|_| EngineError::Damaged("a setting is malformed"))
    };
    let controller = ResourceId::new(&text("store/default-controller")?)
        .map_err(|_| EngineError::Damaged("the default controller is malformed"))?;
    Ok(Settings {
        origin: text("store/origin")?,
        default_controller: controller,
        test_principals: log.meta("store/test-principals")? == Some(vec![1]),
        token_key: key.derive(SubKey::Tokens),
    })
}

impl Engine {
    /// Opens the store in a folder.
    ///
    /// # Errors
    /// If it is missing, open elsewhere, damaged, or lacks records that a checkpoint vouches for.
    pub fn open(folder: &Path, options: &Options) -> Result<Arc<Engine>, EngineError> {
        Engine::assemble(parts(folder)?, options)
    }

    /// Opens a store from its parts.
    pub fn assemble(parts: Parts, options: &Options) -> Result<Arc<Engine>, EngineError> {
        let Parts { log, disk, store_key, clock, rng } = parts;
        let epoch = log.claim()?;
        let settings = read_settings(&*log, &store_key)?;
        let keys = Arc::new(KeyRing::open(log.clone(), &store_key, rng.clone())?);
        let cache = BlockCache::new(options.block_cache_bytes);
        crate::segments::sweep(&*disk, &log.segments()?)?;
        let (index, mut index_writer) = open_index(&*log, &disk, &cache, options.chunk_rows)?;
        index.set_own(OwnSearch::kept(&*log)?);
        let (next, last) = replay(&*log, &keys, &mut index_writer, &index.own())?;
        let signer =
            SigningKey::from_seed(&settings.origin, &store_key.derive(SubKey::Checkpoints))?;
        let (log_tree, access_tree) = trees::kept(&*log, &settings.origin, signer.verifier())?;
        let vouched = log.last_checkpoint()?.map_or(0, |checkpoint| checkpoint.size_access);
        let floor = Floor { size: vouched, frontier: access_tree };
        let recorder = open_recorder(disk.clone(), &store_key, epoch, floor, rng.clone())?;
        let who = Who::open(&store_key, &disk, &log, recorder.stream())?;
        let tree = LogTree::open(&*log, log_tree)?;
        let cursors = Cursors::new(&store_key.derive(SubKey::Cursors))
            .ok_or(EngineError::Damaged("the cursor key does not fit"))?;
        let clock = SteadyClock::new(clock, last);
        let (sender, jobs) = mpsc::channel();
        let engine = Arc::new(Engine {
            documents: Arc::new(Documents::new(
                log.clone(),
                keys.clone(),
                options.document_cache_bytes,
            )),
            policy: RwLock::new(policy(&index, clock.now(), options)?),
            labels: Labels::open(log.clone(), &keys, &index, next)?,
            own: OwnSearch::open(log.clone(), &keys, &index, next)?,
            terms: Default::default(),
            jobs: Mutex::new(Some(sender)),
            commits: tokio::sync::watch::Sender::new(next),
            state: State::default(),
            log,
            disk,
            clock,
            rng,
            keys,
            index,
            recorder,
            who,
            cursors,
            tree,
            signer,
            settings,
            tiers: options.tiers,
            answer_limits: options.answers,
            integrity: options.referential_integrity,
            suspects: Default::default(),
            zones: options.zones.clone(),
            traces: crate::operation::traces(),
            claims: crate::obligations::claims(),
        });
        let writer = Writer::new(engine.clone(), index_writer, jobs, (next, last), epoch);
        spawn("accord-writer", move || writer::run(writer))?;
        crate::background::start(&engine, cache)?;
        crate::labels::start(&engine)?;
        Ok(engine)
    }
}

/// Starts a named thread.
pub(crate) fn spawn(
    name: &str,
    run: impl FnOnce() + Send + 'static,
) -> Result<std::thread::JoinHandle<()>, EngineError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map_err(EngineError::io("a thread cannot be started"))
}

fn open_index(
    log: &dyn Log,
    disk: &Arc<dyn Disk>,
    cache: &BlockCache,
    chunk_rows: u32,
) -> Result<(Index, accord_index::Writer), EngineError> {
    let mut segments = Vec::new();
    for entry in log.segments()? {
        let source = crate::segments::source(disk, &entry.file)?;
        segments.push(Segment::open(source, cache)?);
    }
    Ok(Index::open(segments, chunk_rows)?)
}

fn policy(index: &Index, now: LogTime, options: &Options) -> Result<PolicyIndex, EngineError> {
    let mut policy = PolicyIndex::new();
    policy.set_defaults(options.consents.clone());
    policy.advance(now);
    let facts = index.facts()?;
    for RowFacts { row, controller, transferred, mut facts } in facts {
        if transferred {
            facts = facts.iter().filter_map(|fact| fact.transferred(controller)).collect();
        }
        policy.apply(row, controller, &facts);
    }
    Ok(policy)
}

/// Opens the access stream. Each term of a writer seals under a key of its own.
fn open_recorder(
    disk: Arc<dyn Disk>,
    store_key: &StoreKey,
    epoch: Epoch,
    floor: Floor,
    rng: Arc<dyn Rng>,
) -> Result<Recorder, EngineError> {
    let stream = AccessStream::open_with(disk, floor, ACCESS_FILE_BYTES)?;
    let key = AccessKeys::new(store_key).of_term(epoch.0)?;
    Ok(Recorder::new(key, stream, rng))
}

/// The files and folders that a store's folder holds, for commands that inspect it.
pub fn store_key_path(folder: &Path) -> PathBuf {
    folder.join(STORE_KEY)
}

/// The row after the last one applied, and the last instant.
pub(crate) type End = (Row, LogTime);
