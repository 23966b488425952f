//! Whose record is whose: merged into another, or gone to another organisation.

use std::collections::{BTreeMap, BTreeSet};

use accord_base::LogTime;
use accord_conformance::naive::all;

use crate::facts::{self, What};
use crate::rules::Row;

/// A record that went to another organisation.
pub struct Transferred {
    pub at: LogTime,
    pub patient: String,
    pub giver: String,
    pub receiver: String,
}

impl Transferred {
    /// Every resource that names and ever named nobody but the person goes, with all its versions.
    pub fn carry_out(&self, rows: &mut [Row], merges: &Merges) {
        let person = merges.person(&self.patient);
        let stays = |row: &Row| {
            let theirs = !row.patients.is_empty() && row.patients.is_subset(&person);
            row.claim || row.controller != self.giver || !theirs
        };
        let name = |row: &Row| (row.kind.clone(), row.id.clone());
        let staying: BTreeSet<(String, String)> =
            rows.iter().filter(|row| stays(row)).map(name).collect();
        let at = rows.len();
        for row in rows.iter_mut().filter(|row| !staying.contains(&name(row))) {
            row.controller = self.receiver.clone();
            row.moved.push((at, self.receiver.clone()));
            // The giver's word about relationships ends.
            row.facts.retain(|fact| {
                !matches!(
                    fact.what,
                    What::OrganizationCares(_)
                        | What::ActorCares(_)
                        | What::Referred(_)
                        | What::Covered(_)
                )
            });
        }
    }
}

/// Whose record was merged into whose: by links, which in these worlds nothing but merges makes.
#[derive(Default)]
pub struct Merges(BTreeMap<String, String>);

impl Merges {
    pub fn take(&mut self, row: &Row) {
        if row.kind != "Patient" {
            return;
        }
        self.0.remove(&row.id);
        for link in all(&row.content, "link").into_iter().filter(|l| l["type"] == "replaced-by") {
            let other = facts::target(&link["other"], "Patient/").unwrap();
            self.0.insert(row.id.clone(), other);
        }
    }

    /// Everyone who is one person with a patient.
    pub fn person(&self, patient: &str) -> BTreeSet<String> {
        let mut person = BTreeSet::from([patient.to_owned()]);
        loop {
            let before = person.len();
            for (one, other) in &self.0 {
                if person.contains(one) || person.contains(other) {
                    person.extend([one.clone(), other.clone()]);
                }
            }
            if person.len() == before {
                return person;
            }
        }
    }
}
