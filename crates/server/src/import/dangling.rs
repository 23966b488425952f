//! What the imported resources refer to and is not there, counted and listed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::ops::ControlFlow::Continue;
use std::path::{Path, PathBuf};

use accord_base::Subject;
use accord_engine::{Dangling, Engine};
use accord_fhir::json::quoted;
use indicatif::ProgressBar;

use crate::fail::Fail;

/// Kinds that are told, the most frequent ones; the rest is counted together.
const MOST_TOLD: usize = 40;
/// Kinds that are kept apart while counting: more are told as one.
const MOST_KINDS: usize = 10_000;
/// References that are listed at most.
const MOST_LISTED: u64 = 10_000_000;

/// A type, an element of it, and the type that is referred to.
type Kind = (String, String, String);

/// Counts by kind.
#[derive(Default)]
pub struct Counts {
    kinds: BTreeMap<Kind, u64>,
    others: u64,
    unlisted: u64,
}

/// A file with a line for each reference.
pub struct List {
    path: PathBuf,
    file: BufWriter<File>,
    lines: u64,
}

impl List {
    /// Makes the file.
    pub fn create(path: &Path) -> Result<List, Fail> {
        let file = File::create(path).map_err(|error| unwritable(path, &error))?;
        Ok(List { path: path.to_owned(), file: BufWriter::new(file), lines: 0 })
    }

    /// Adds a line. False if there are too many.
    fn add(&mut self, one: &Dangling) -> std::io::Result<bool> {
        if self.lines >= MOST_LISTED {
            return Ok(false);
        }
        self.lines += 1;
        let Dangling { resource_type, id, path, target_type, target_id } = one;
        // Types and ids need no escapes.
        writeln!(
            self.file,
            r#"{{"source":"{resource_type}/{id}","path":{},"target":"{target_type}/{target_id}"}}"#,
            quoted(path)
        )?;
        Ok(true)
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Fail {
    Fail::new(format!("{}: {error}", path.display()))
}

/// Looks at what was imported once all of it is there, with a bar on a terminal.
pub fn look(engine: &Engine, subject: &Subject, mut list: Option<List>) -> Result<Counts, Fail> {
    let bar = match std::io::stderr().is_terminal() {
        true => ProgressBar::new(engine.suspects()),
        false => ProgressBar::hidden(),
    };
    let (mut counts, mut written) = (Counts::default(), Ok(()));
    let looked = engine.dangling(subject, &mut |found| {
        let Some(one) = found else {
            bar.inc(1);
            return Continue(());
        };
        counts.add(&one);
        if let (Some(list), Ok(())) = (&mut list, &written) {
            match list.add(&one) {
                Ok(listed) => counts.unlisted += u64::from(!listed),
                Err(error) => written = Err(unwritable(&list.path, &error)),
            }
        }
        Continue(())
    });
    bar.finish_and_clear();
    looked.map_err(|failure| {
        let why = failure.issues.first().map_or("", |issue| issue.diagnostics.as_ref());
        Fail::new(format!("references could not be looked at: {why}"))
    })?;
    written?;
    if let Some(mut list) = list {
        list.file.flush().map_err(|error| unwritable(&list.path, &error))?;
    }
    Ok(counts)
}

impl Counts {
    fn add(&mut self, one: &Dangling) {
        let target = one.target_type.to_string();
        let kind = (one.resource_type.to_string(), without_places(&one.path), target);
        if self.kinds.len() >= MOST_KINDS && !self.kinds.contains_key(&kind) {
            self.others += 1;
            return;
        }
        *self.kinds.entry(kind).or_default() += 1;
    }

    /// A table of them, the most frequent first; `None` if every reference leads somewhere.
    pub fn told(&self) -> Option<String> {
        let all = self.kinds.values().sum::<u64>() + self.others;
        if all == 0 {
            return None;
        }
        let mut kinds: Vec<(&Kind, u64)> = self.kinds.iter().map(|(k, n)| (k, *n)).collect();
        kinds.sort_by(|(a, m), (b, n)| n.cmp(m).then(a.cmp(b)));
        let mut out = format!("references to what is not there: {all}\n");
        let mut rest = self.others;
        for (at, ((_, path, target), count)) in kinds.into_iter().enumerate() {
            if at >= MOST_TOLD {
                rest += count;
                continue;
            }
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{count:>10}  {path} to {target}");
        }
        if rest > 0 {
            let _ = writeln!(out, "{rest:>10}  of other elements");
        }
        if self.unlisted > 0 {
            let _ = writeln!(out, "not listed in the file: {}", self.unlisted);
        }
        out.truncate(out.trim_end().len());
        Some(out)
    }
}

/// The path without the places in lists.
fn without_places(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut within = false;
    for c in path.chars() {
        match c {
            '[' => within = true,
            ']' => within = false,
            c if !within => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use accord_base::ResourceId;
    use accord_spec::ResourceType;

    use super::*;

    #[test]
    fn kinds_are_told_by_how_many_there_are() {
        let mut counts = Counts::default();
        assert!(counts.told().is_none());
        for (path, target) in [
            ("Observation.subject", "Patient"),
            ("Observation.hasMember[0]", "Observation"),
            ("Observation.hasMember[12]", "Observation"),
        ] {
            counts.add(&Dangling {
                resource_type: ResourceType::OBSERVATION,
                id: ResourceId::new("o").unwrap(),
                path: path.to_owned(),
                target_type: ResourceType::from_name(target).unwrap(),
                target_id: ResourceId::new("x").unwrap(),
            });
        }
        let told = counts.told().unwrap();
        let lines: Vec<&str> = told.lines().map(str::trim_start).collect();
        assert_eq!(
            lines,
            [
                "references to what is not there: 3",
                "2  Observation.hasMember to Observation",
                "1  Observation.subject to Patient"
            ]
        );
    }
}
