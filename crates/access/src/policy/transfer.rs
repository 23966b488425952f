//! Whether closing rules would lose their hold if another organisation answered for a record.

use accord_base::{OrgOrd, PatientOrd};

use super::InForce;
use crate::statute::Regime;

impl InForce<'_> {
    /// Everyone who is one person with a patient, themselves included.
    pub fn person(&self, patient: PatientOrd) -> Vec<PatientOrd> {
        match self.merged().with(patient) {
            [] => vec![patient],
            person => person.to_vec(),
        }
    }

    /// Whether a consent of theirs is about the data of some organisations alone: it would not
    /// follow the data to another. Seals do.
    pub fn binds_organizations(&self, person: &[PatientOrd]) -> bool {
        let rolls = self.consents();
        person
            .iter()
            .filter_map(|patient| rolls.get(*patient))
            .any(|roll| roll.rules().any(|rule| rule.seal.is_none() && !rule.custodians.is_empty()))
    }

    /// Whether one organisation honours a regime of opt-outs that another does not.
    pub fn honours_more(&self, one: OrgOrd, other: OrgOrd) -> bool {
        let honours = |regime, at| self.cleared(regime, at).is_some();
        Regime::ALL.into_iter().any(|regime| honours(regime, one) && !honours(regime, other))
    }
}
