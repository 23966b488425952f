//! What the log costs: groups of records appended durably, and records read by row.
//!
//! `cargo run --release -p accord-store --example append [FOLDER]`; figures are for one thread
//! unless they say otherwise, in a fresh folder below FOLDER (the system's temporary one).

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

mod sample;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use accord_base::{LogTime, Row, SeededRng, SystemRng};
use accord_store::{
    Group, KeyOwner, KeyRing, Log, SqliteLog, StoreKey, TxPlace, decode_record, encode_hole,
    seal_body,
};

/// Bytes of a record.
const RECORD: usize = 900;
const PLACE: TxPlace = TxPlace { index: 0, size: 1 };
/// Reads of a measurement.
const READS: u32 = 50_000;

fn main() {
    let below = std::env::args().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(below).unwrap();
    let log: Arc<dyn Log> = Arc::new(SqliteLog::open(folder.path()).unwrap());
    println!("SQLite {}, records of {RECORD} bytes", rusqlite::version());
    append(&*log, 1, 300);
    append(&*log, 100, 300);
    append(&*log, 1000, 150);
    read(&*log, "all rows", log.end().unwrap().0);
    read(&*log, "1,000 newest rows", 1000);
    read_beside_writer(&log);
    body(log);
}

fn record(row: u32, rng: &SeededRng) -> Vec<u8> {
    let mut access = vec![0; RECORD - 64];
    accord_base::Rng::fill(rng, &mut access);
    encode_hole(Row(row), LogTime(row.into()), PLACE, Some(&access)).unwrap()
}

fn append(log: &dyn Log, size: u32, groups: u32) {
    let rng = SeededRng::new(1);
    let epoch = log.claim().unwrap();
    let first = log.end().unwrap().0;
    let made: Vec<Group> = (0..groups)
        .map(|number| first + number * size)
        .map(|first| {
            let records = (first..first + size).map(|row| record(row, &rng)).collect();
            Group { epoch, first: Row(first), records, keys: vec![], marks: vec![] }
        })
        .collect();
    let mut times: Vec<Duration> = Vec::new();
    let (start, cpu) = (Instant::now(), cpu());
    for group in &made {
        let start = Instant::now();
        log.append(group).unwrap();
        times.push(start.elapsed());
    }
    let (all, cpu) = (start.elapsed(), self::cpu() - cpu);
    times.sort_unstable();
    let at = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or_default();
    let records = groups * size;
    println!(
        "append, groups of {size:>4}: {:>8.0} records/s, {:>6.2} µs CPU a record; group p50 {:?}, p99 {:?}, longest {:?}",
        f64::from(records) / all.as_secs_f64(),
        micros(cpu) / f64::from(records),
        at(50),
        at(99),
        times.last().copied().unwrap_or_default(),
    );
}

fn read(log: &dyn Log, what: &str, span: u32) {
    let rng = SeededRng::new(2);
    let first = log.end().unwrap().0 - span;
    let (start, cpu) = (Instant::now(), cpu());
    for _ in 0..READS {
        let row = Row(first + rng.below(span.into()) as u32);
        assert!(log.read(row).unwrap().is_some());
    }
    let each = |time| micros(time) / f64::from(READS);
    let (wall, cpu) = (each(start.elapsed()), each(self::cpu() - cpu));
    println!("read, {what}: {wall:.2} µs, {cpu:.2} µs CPU");
}

/// Readers on one thread while another appends groups of 100 without pause.
fn read_beside_writer(log: &Arc<dyn Log>) {
    let writer = log.clone();
    let thread = std::thread::spawn(move || append(&*writer, 100, 300));
    read(&**log, "all rows, beside a writer", log.end().unwrap().0);
    thread.join().unwrap();
}

/// Sealing and opening a body of a typical size.
fn body(log: Arc<dyn Log>) {
    let rng = Arc::new(SystemRng::new());
    let keys = KeyRing::open(log, &StoreKey::random(&*rng), rng.clone()).unwrap();
    let key = keys.key_of(&KeyOwner::Patient("p".to_owned())).unwrap();
    let (doc, values) = (sample::observation(), sample::values());
    let sealing = cpu_each(|| drop(seal_body(&key, &doc, b"", &values, &*rng).unwrap()));
    let body = seal_body(&key, &doc, b"", &values, &*rng).unwrap();
    println!(
        "seal_body: {sealing:.2} µs CPU; document {} → {} bytes, {} values → {} bytes",
        doc.len(),
        body.doc().len(),
        values.0.len(),
        body.values().len()
    );
    let effect = sample::effect(&values);
    let encode = || accord_store::encode_record(&effect, Some(&body), PLACE, None).unwrap();
    let encoding = cpu_each(|| drop(encode()));
    println!("encode_record: {encoding:.2} µs CPU, {} bytes", encode().len());
    let bytes = encode();
    let doc = cpu_each(|| drop(decode_record(&bytes).unwrap().open_doc(&keys).unwrap()));
    let values = cpu_each(|| drop(decode_record(&bytes).unwrap().open_values(&keys).unwrap()));
    println!("decode_record and open_doc: {doc:.2} µs CPU, open_values: {values:.2} µs CPU");
}

/// Processor time of one run.
fn cpu_each(mut run: impl FnMut()) -> f64 {
    let start = cpu();
    for _ in 0..READS {
        run();
    }
    micros(cpu() - start) / f64::from(READS)
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Processor time of this thread so far, as Linux counts it.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text.split(' ').next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanos.unwrap_or_default())
}
