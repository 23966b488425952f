//! The reconciliation at the end of an import: what was read and what became of it, by type.

use std::collections::BTreeMap;
use std::fmt;

/// What became of one resource.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fate {
    /// A new version is in the store.
    Stored,
    /// It was there already.
    Unchanged,
    /// It was refused, alone or with its bundle.
    Refused,
}

/// Counts by type.
#[derive(Default)]
pub struct Tally {
    by_type: BTreeMap<String, Counts>,
    /// Files, members or lines that could not be read as documents.
    pub unreadable: u64,
}

#[derive(Default, Clone, Copy)]
struct Counts {
    stored: u64,
    unchanged: u64,
    refused: u64,
}

impl Counts {
    fn read(self) -> u64 {
        self.stored + self.unchanged + self.refused
    }
}

impl Tally {
    /// Counts one resource.
    pub fn add(&mut self, resource_type: &str, fate: Fate) {
        let counts = self.by_type.entry(resource_type.to_owned()).or_default();
        match fate {
            Fate::Stored => counts.stored += 1,
            Fate::Unchanged => counts.unchanged += 1,
            Fate::Refused => counts.refused += 1,
        }
    }

    /// Whether something was refused or could not be read.
    pub fn has_faults(&self) -> bool {
        self.unreadable > 0 || self.by_type.values().any(|counts| counts.refused > 0)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |f: &mut fmt::Formatter<'_>, name: &str, c: Counts| {
            writeln!(
                f,
                "{name:<28}{:>10}{:>10}{:>11}{:>10}",
                c.read(),
                c.stored,
                c.unchanged,
                c.refused
            )
        };
        writeln!(
            f,
            "{:<28}{:>10}{:>10}{:>11}{:>10}",
            "type", "read", "stored", "unchanged", "refused"
        )?;
        let mut sum = Counts::default();
        for (name, counts) in &self.by_type {
            line(f, name, *counts)?;
            sum.stored += counts.stored;
            sum.unchanged += counts.unchanged;
            sum.refused += counts.refused;
        }
        line(f, "all", sum)?;
        if self.unreadable > 0 {
            writeln!(f, "not readable as documents: {}", self.unreadable)?;
        }
        Ok(())
    }
}
