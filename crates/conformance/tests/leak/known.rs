//! What somebody may know of and not see, read from `docs/access.md`.

use std::collections::BTreeMap;

use accord_base::{Role, Subject};

use crate::rules::{Row, Rules};
use crate::tokens::under_scopes;

impl Rules<'_> {
    /// The versions that the subject may know of and not see, with the patient of each: those for
    /// which a marker stands, or stands for the newest version.
    pub fn known(&self, subject: &Subject) -> BTreeMap<(String, String, u32), Option<String>> {
        let name = |row: &Row| (row.kind.clone(), row.id.clone());
        let known: Vec<bool> = self.rows.iter().map(|row| self.knows(row, subject)).collect();
        let each = || self.rows.iter().zip(&known);
        let newest: BTreeMap<(String, String), bool> = each()
            .filter(|(row, known)| !row.superseded && (**known || self.admits(row, subject)))
            .map(|(row, known)| (name(row), *known))
            .collect();
        each()
            .filter(|(row, known)| match newest.get(&name(row)) {
                None => false,
                Some(marker) => **known || *marker && self.admits(row, subject),
            })
            .map(|(row, _)| {
                // An earlier version can name nobody, or several.
                let only = row.patients.first().filter(|_| row.patients.len() == 1);
                ((row.kind.clone(), row.id.clone(), row.version), only.cloned())
            })
            .collect()
    }

    /// Whether the subject may know of the version by itself, and not see it: only what an
    /// emergency opens closes it, it names nobody but the one patient, and no condition of a
    /// token's scope shows it.
    fn knows(&self, row: &Row, subject: &Subject) -> bool {
        subject.role == Role::Clinician
            && under_scopes(&self.joined(row), subject, |scope| scope.query.is_empty())
            && row.patients.len() == 1
            && !row.claim
            && !self.admits(row, subject)
            && self.admits_if(row, subject, true)
    }
}
