//! Patients' consents for one asker at one moment.

use accord_base::{LogTime, OrgOrd, PatientOrd};

use super::evaluate::{Asker, Asking, Verdict};
use super::policy::{Held, Policy};
use super::roll::{Decided, Roll};
use super::rolls::Rolls;
use super::rule::Action;
use crate::label;
use crate::policy::Merged;
use crate::scope::RowView;
use crate::set::PatientSet;

/// How a patient's consents are asked.
type Decide = for<'a> fn(&'a Roll, &Asking<'_>, &RowView<'_>) -> Decided<'a>;

/// What consents, and the policy where none speaks, let an asker do. A patient without consents
/// costs one look-up; for others their few provisions are tested on the row's columns.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    pub rolls: Rolls,
    /// What holds where no consent speaks.
    pub held: Held,
    /// Whether one sensitivity permitted is enough for data that has several.
    pub or_labels: bool,
    pub asker: Asker,
    pub now: LogTime,
    /// The last instant, up to now, at which a provision began or ceased to hold.
    pub edge: Option<LogTime>,
    /// The clock's instant and the last edge up to it, where the clock stands before `now` and a
    /// provision began or ended between.
    pub earlier: Option<(LogTime, Option<LogTime>)>,
    /// Patients who are one person.
    pub merged: Merged,
}

impl Gate {
    /// Whether a patient named keeps a row from the asker's reading it. Data of another organisation
    /// leaves it by being read.
    pub fn hides(&self, patient: PatientOrd, row: &RowView<'_>) -> bool {
        self.forbids(patient, row, self.reading(row))
    }

    /// What reading the row is: data of another organisation leaves it.
    fn reading(&self, row: &RowView<'_>) -> Action {
        let own = self.asker.organizations.contains(&row.controller);
        let here = own || row.controller == OrgOrd::COMMONS;
        if here { Action::Read } else { Action::Disclose }
    }

    /// What the patient's consents say of the asker's reading the row, and what decided; `None` if
    /// they have none.
    pub fn said(&self, patient: PatientOrd, row: &RowView<'_>) -> Option<Decided<'_>> {
        self.decide_by(patient, row, self.reading(row), Roll::decide)
    }

    fn decide_by(
        &self,
        patient: PatientOrd,
        row: &RowView<'_>,
        action: Action,
        decide: Decide,
    ) -> Option<Decided<'_>> {
        let roll = self.rolls.get(patient)?;
        let at = |now| decide(roll, &self.asking(patient, action, now), row);
        self.instants().map(at).reduce(Decided::stricter)
    }

    fn asking(&self, patient: PatientOrd, action: Action, now: LogTime) -> Asking<'_> {
        let (or_labels, person) = (self.or_labels, self.merged.with(patient));
        Asking { asker: &self.asker, action, now, or_labels, person }
    }

    /// The instants at which consents are asked.
    fn instants(&self) -> impl Iterator<Item = LogTime> {
        [self.now].into_iter().chain(self.earlier.map(|(clock, _)| clock))
    }

    /// Whether a seal of a patient named keeps a row from the asker even in an emergency.
    pub fn locks(&self, patient: PatientOrd, row: &RowView<'_>) -> bool {
        let Some(roll) = self.rolls.get(patient) else { return false };
        self.instants().any(|now| roll.locks(&self.asking(patient, Action::Read, now), row))
    }

    /// Whether a patient named would keep a row from the asker's reading it if nothing were sealed
    /// that an emergency opens.
    pub fn hides_beneath_seals(&self, patient: PatientOrd, row: &RowView<'_>) -> bool {
        self.forbids_by(patient, row, self.reading(row), Roll::beneath_seals)
    }

    /// Whether a patient named forbids something to be done with a row.
    pub fn forbids(&self, patient: PatientOrd, row: &RowView<'_>, action: Action) -> bool {
        self.forbids_by(patient, row, action, Roll::decide)
    }

    fn forbids_by(
        &self,
        patient: PatientOrd,
        row: &RowView<'_>,
        action: Action,
        decide: Decide,
    ) -> bool {
        let said = self.decide_by(patient, row, action, decide).map(|decided| decided.verdict);
        match said.unwrap_or(Verdict::Silent) {
            Verdict::Deny => true,
            Verdict::Permit => false,
            Verdict::Silent if action == Action::Disclose && label::needs_consent(row.labels) => {
                true
            }
            Verdict::Silent => !self.default(row.controller).permits(&self.asker),
        }
    }

    /// Whether a patient named keeps a row from the asker by name: a provision that denies and
    /// names them, whatever other provisions say, or a consent that nobody understood.
    pub fn names(&self, patient: PatientOrd, row: &RowView<'_>) -> bool {
        let Some(roll) = self.rolls.get(patient) else { return false };
        let said = |now, action| roll.names(&self.asking(patient, action, now), row);
        self.instants().any(|now| said(now, Action::Read) || said(now, Action::Disclose))
    }

    fn default(&self, controller: OrgOrd) -> Policy {
        let fits = |held: &&(Option<OrgOrd>, Policy)| held.0.is_none_or(|at| at == controller);
        self.held.iter().rfind(fits).map_or(Policy::Deny, |(_, policy)| *policy)
    }

    /// Adds to `whom` the patients of whose rows another gate, perhaps of another moment, may let
    /// others through; `None` if that is not told by patients.
    pub fn differing(&self, other: &Gate, whom: &mut PatientSet) -> Option<()> {
        // Every field is named: whatever a gate comes to rest on has to be compared.
        let Gate { rolls, held, or_labels, asker, now, edge, earlier, merged } = self;
        let behind = |earlier: &Option<(LogTime, _)>| earlier.map(|(_, edge)| edge);
        let same = *held == other.held && *or_labels == other.or_labels;
        if !same || behind(earlier) != behind(&other.earlier) {
            return None;
        }
        rolls.differing(&other.rolls, whom);
        merged.differing(&other.merged, whom);
        let named = asker.differing(&other.asker)?;
        let between = (*now.min(&other.now), *now.max(&other.now));
        let passed = (*edge != other.edge).then_some(between);
        if named.is_empty() && passed.is_none() {
            return Some(());
        }
        // Time passed that some provision waited for, or the asker is in other groups: the
        // consents that both have may say something else now.
        for (_, _, rule) in rolls.iter() {
            let turns = passed.is_some_and(|between| rule.turns(between));
            if turns || rule.names_any(&named) {
                whom.insert(rule.patient);
            }
        }
        Some(())
    }
}
