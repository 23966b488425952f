//! What merging of segments does for look-ups, and what commits feel of it.
//!
//! A store is filled with small resources without merging, and asked for values that one resource
//! has, and for some that none has. Then it is opened as a server opens it: what is due is merged,
//! while single commits follow each other. Once all is merged, the same is asked again, and as many
//! commits are made in peace: what they take is mostly the disk's flush, which is in both.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use accord_base::ResourceId;
use accord_engine::{Interaction, Options, Tiers};
use accord_spec::ResourceType;

use crate::fresh::{Fresh, create, put};

/// Resources in a transaction of the filling.
const IN_BUNDLE: u64 = 500;
/// Look-ups of each kind.
const LOOKS: u64 = 2000;
/// Fewest commits that are timed.
const COMMITS: usize = 1000;
/// Commits between two looks whether merging is done.
const LOOK_EVERY: usize = 50;

/// Measures a new store at each of some sizes, ascending; in a folder of its own if none is named.
pub fn run(rows: &[u64], data: Option<&Path>, chunk_rows: u32) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let data = data.map_or_else(|| folder.path().join("data"), Path::to_path_buf);
    create(&data)?;
    let mut out = io::stdout();
    let mut filled = 0;
    for rows in rows {
        let unmerged =
            Store::open(&data, Options { chunk_rows, tiers: NONE, ..Options::default() })?;
        let slowest = unmerged.fill(filled, *rows)?;
        filled = filled.max(*rows);
        writeln!(out, "\n{filled} rows; slowest transaction of the filling {}", ms(slowest))?;
        unmerged.looks(&mut out, filled)?;
        unmerged.0.engine.close();
        // The folder is its own as long as there is an engine.
        drop(unmerged);
        let store = Store::open(&data, Options { chunk_rows, ..Options::default() })?;
        let begun = Instant::now();
        let busy = store.commits(|timed| timed >= COMMITS && !store.is_merging())?;
        let merged = begun.elapsed().as_secs_f64();
        let merges = store.figure("index_merges");
        writeln!(out, "{merges} merges, {merged:.1} s")?;
        let quiet = store.commits(|timed| timed >= busy.len().min(10 * COMMITS))?;
        commits(&mut out, "commits while merging", busy)?;
        commits(&mut out, "commits in peace", quiet)?;
        store.looks(&mut out, filled)?;
        store.0.engine.close();
    }
    Ok(())
}

/// Nothing is merged.
const NONE: Tiers = Tiers { ratio: 0, most_chunks: 0 };

struct Store(Fresh);

impl Store {
    fn open(data: &Path, options: Options) -> io::Result<Store> {
        Fresh::open(data, &options).map(Store)
    }

    /// Writes resources up to a number; the time of the slowest transaction.
    fn fill(&self, mut from: u64, to: u64) -> io::Result<Duration> {
        let mut slowest = Duration::ZERO;
        while from < to {
            let end = to.min(from + IN_BUNDLE);
            let entry = |n: u64| put(&format!("Observation/o-{n}"), &observation(n));
            let entries: Vec<String> = (from..end).map(entry).collect();
            slowest = slowest.max(self.0.bundle(&entries, false)?);
            from = end;
        }
        Ok(slowest)
    }

    /// Looks for values that one resource has, for some that none has, and for a page of a common
    /// one.
    fn looks(&self, out: &mut impl Write, rows: u64) -> io::Result<()> {
        let tiers: Vec<String> = (0..3)
            .map(|tier| self.figure(&format!("index_segments_tier_{tier}")).to_string())
            .collect();
        writeln!(out, "segments by tier {}", tiers.join(" "))?;
        let one = |n: u64| format!("urn:bench|n-{}", n.wrapping_mul(2_654_435_761) % rows);
        let rare = |n: u64| search(&[("identifier", &one(n))]);
        let count = |n: u64| search(&[("identifier", &one(n)), ("_summary", "count")]);
        let absent = |n: u64| search(&[("identifier", &format!("urn:bench|absent-{n}"))]);
        let page = |_: u64| search(&[("status", "final"), ("_count", "10")]);
        let kinds: [(&str, &dyn Fn(u64) -> Interaction); 5] = [
            ("a rare value, first time", &count),
            ("a rare value", &count),
            ("and its document", &rare),
            ("an absent value", &absent),
            ("a page of a common one", &page),
        ];
        for (name, make) in kinds {
            let mut times = Vec::new();
            for n in 0..LOOKS {
                times.push(self.0.ask(make(n))?.1);
            }
            times.sort();
            let median = times.get(times.len() / 2).copied().unwrap_or_default();
            writeln!(out, "  {name:<26}{:>10.1} µs (median)", median.as_secs_f64() * 1e6)?;
        }
        Ok(())
    }

    /// Commits one resource after the other until told that it is enough.
    fn commits(&self, enough: impl Fn(usize) -> bool) -> io::Result<Vec<Duration>> {
        let mut times = Vec::new();
        while times.len() % LOOK_EVERY != 0 || !enough(times.len()) {
            let n = times.len() as u64;
            let name = format!("c-{}", n % 100);
            let interaction = Interaction::Update {
                resource_type: ResourceType::OBSERVATION,
                id: ResourceId::new(&name).map_err(io::Error::other)?,
                body: Arc::from(observation_of(&name, n).into_bytes()),
                if_match: None,
            };
            times.push(self.0.ask(interaction)?.1);
        }
        Ok(times)
    }

    fn figure(&self, name: &str) -> u64 {
        let figures = self.0.engine.stats();
        figures.iter().find(|(figure, _)| *figure == name).map_or(0, |(_, value)| *value)
    }

    /// Whether segments are merged, or are to be.
    fn is_merging(&self) -> bool {
        let ratio = u64::from(Tiers::default().ratio);
        let due = |tier: &str| self.figure(&format!("index_segments_tier_{tier}")) >= ratio;
        self.figure("index_unsealed_chunks") > 1 || due("0") || due("1")
    }
}

fn search(params: &[(&str, &str)]) -> Interaction {
    Interaction::Search {
        resource_type: Some(ResourceType::OBSERVATION),
        params: params.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        raw: String::new(),
        lenient: false,
    }
}

fn observation(n: u64) -> String {
    observation_of(&format!("o-{n}"), n)
}

fn observation_of(id: &str, n: u64) -> String {
    format!(
        concat!(
            r#"{{"resourceType":"Observation","id":"{id}","status":"final","#,
            r#""code":{{"coding":[{{"system":"http://loinc.org","code":"c-{code}"}}]}},"#,
            r#""identifier":[{{"system":"urn:bench","value":"n-{n}"}}],"#,
            r#""effectiveDateTime":"20{year:02}-0{month}-11","#,
            r#""valueQuantity":{{"value":{value},"unit":"mm"}}}}"#
        ),
        id = id,
        n = n,
        code = n % 300,
        year = n % 25,
        month = n % 9 + 1,
        value = n % 1000,
    )
}

fn commits(out: &mut impl Write, name: &str, mut times: Vec<Duration>) -> io::Result<()> {
    times.sort();
    let at = |share: f64| {
        let place = (times.len() as f64 * share) as usize;
        times.get(place.min(times.len().saturating_sub(1))).copied().unwrap_or_default()
    };
    let [half, most, all] = [at(0.5), at(0.999), at(1.0)].map(ms);
    writeln!(
        out,
        "{name:<24}{:>8} commits: median {half}, of a thousand {most}, longest {all}",
        times.len()
    )
}

fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}
