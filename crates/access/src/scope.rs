//! The scope: for whom which rows exist.

mod explain;
mod grounds;
mod kept;
mod layer;
mod proxy;
mod reach;
mod research;
mod seal;
mod share;
mod statute;

use std::sync::Arc;

use accord_base::{ActorOrd, OrgOrd, PatientOrd, Role};
use accord_spec::ResourceType;

use crate::ceiling::{Ceiling, Granule, Under};
use crate::consent::RowLinks;
use crate::fact::{Owed, RowPolicy};
use crate::policy::Merged;
use crate::rights;
use crate::rule::Rule;
use crate::set::PatientSet;
use crate::types::{Class, TypeSet};

pub(crate) use kept::{Denied, Kept};
pub use layer::{ByConsent, Explanation, Layer, Says, Step};
pub(crate) use proxy::{Mandated, Proxy};
pub(crate) use reach::{Payor, Reach, Treating};
pub(crate) use research::Research;
pub(crate) use seal::{Seals, SealsAt};
pub(crate) use share::{Known, Share, Shares};
pub(crate) use statute::Statute;

/// Stands in a [`RowView`] for a patient whom the write at hand mentions for the first time.
pub const PENDING_PATIENT: PatientOrd = PatientOrd(u32::MAX);
/// Stands for the asker's own organisation while the store has never heard of it. No other
/// organisation may be shown by it.
pub const PENDING_ORG: OrgOrd = OrgOrd(u32::MAX);
/// Stands for the asker while the store has never heard of them as an author. Nobody else may be
/// shown by it.
pub const PENDING_ACTOR: ActorOrd = ActorOrd(u32::MAX);

/// The columns of a row that decisions read, borrowed from wherever they lie.
#[derive(Clone, Copy, Debug)]
pub struct RowView<'a> {
    /// Type of the resource.
    pub resource_type: ResourceType,
    /// Whether the row records a deletion; its other columns are then its predecessor's.
    pub deleted: bool,
    /// Who answers for the data.
    pub controller: OrgOrd,
    /// Every patient the resource names, a Patient itself included.
    pub patients: &'a [PatientOrd],
    /// Sensitivity labels, one bit each.
    pub labels: u64,
    /// Clinical date in days since 1970; `i32::MIN` where there is none.
    pub clinical_day: i32,
    /// Author-like elements.
    pub authors: &'a [ActorOrd],
    /// What the row can be asked beyond its columns. Where there is nothing to ask, denials by
    /// what would be asked match and permits do not.
    pub links: Option<&'a dyn RowLinks>,
}

impl<'a> RowView<'a> {
    /// The view of a row with these policy columns.
    pub fn of(resource_type: ResourceType, deleted: bool, policy: &'a RowPolicy) -> RowView<'a> {
        RowView {
            resource_type,
            deleted,
            controller: policy.controller,
            patients: &policy.patients,
            labels: policy.labels,
            clinical_day: policy.clinical_day,
            authors: &policy.authors,
            links: None,
        }
    }
}

/// What exists for one asker at one moment. Immutable: facts that change later do not change it,
/// so it is made for each request and not kept.
///
/// Only [`decide`](crate::decide()) and [`Scope::system`] make one.
#[derive(Clone, Debug)]
pub struct Scope {
    pub(crate) role: Role,
    /// Types the role may read at all.
    readable: TypeSet,
    /// Types that are open to every role where they name no patient.
    directory: TypeSet,
    pub(crate) reach: Reach,
    /// Patients whom no search by a place finds.
    protected: PatientSet,
    /// What the token's scopes allow at most.
    ceiling: Option<Ceiling>,
    /// Which patients' records are of one person: what names one of them names all.
    merged: Merged,
}

/// What the columns of a row say about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Admission {
    /// It does not exist for the asker.
    No,
    /// It does.
    Yes,
    /// It is known of: what exists is a marker in its place.
    Known,
    /// It does if it matches one of the [`Scope::granules`] that speak for it.
    IfGranted,
}

impl Scope {
    /// The scope of the server's own work: everything. The reason is recorded at every use, and
    /// the callers are counted by a check whose list may only shrink.
    pub fn system(reason: &str) -> Scope {
        Scope::new(Role::System, Reach::System { reason: Arc::from(reason) })
    }

    pub(crate) fn new(role: Role, reach: Reach) -> Scope {
        let readable = match (role, &reach) {
            (Role::System, _) | (_, Reach::Explained { .. }) => TypeSet::ALL,
            _ => rights::readable(role),
        };
        let (directory, merged) = (Class::Directory.types(), Merged::default());
        let protected = PatientSet::default();
        Scope { role, readable, directory, reach, protected, ceiling: None, merged }
    }

    /// The same in which places do not find these patients.
    pub(crate) fn protecting(self, protected: PatientSet) -> Scope {
        Scope { protected, ..self }
    }

    /// The same under a token's ceiling.
    pub(crate) fn under(self, ceiling: Option<Ceiling>) -> Scope {
        Scope { ceiling, ..self }
    }

    /// The same where these patients' records are of one person.
    pub(crate) fn joining(self, merged: Merged) -> Scope {
        Scope { merged, ..self }
    }

    /// Everyone whose record was merged with a patient's, themselves included; nobody where there
    /// was no merge.
    pub fn merged_with(&self, patient: PatientOrd) -> &[PatientOrd] {
        self.merged.with(patient)
    }

    /// Hands the row to `with` as naming everyone whose record was merged with a patient's it
    /// names: whatever keeps one of them closed closes the row, whoever treats one treats them.
    pub(crate) fn joined<T>(&self, row: RowView<'_>, with: impl FnOnce(RowView<'_>) -> T) -> T {
        match self.merged.of(row.patients) {
            None => with(row),
            Some(patients) => with(RowView { patients: &patients, ..row }),
        }
    }

    /// Whether the row exists for the asker, as far as its columns tell. Constant time but for
    /// the patients and authors the row names and the scopes with conditions that the token has;
    /// does not allocate.
    pub fn admission(&self, row: RowView<'_>) -> Admission {
        let alone = row.patients.len() == 1;
        self.joined(row, |row| self.admission_of(row, alone))
    }

    /// `alone`: it names one patient, though perhaps one with several records.
    fn admission_of(&self, row: RowView<'_>, alone: bool) -> Admission {
        let under = self.ceiling.as_ref().map_or(Under::Yes, |ceiling| ceiling.admits(row));
        match under {
            Under::No => Admission::No,
            Under::Yes if self.reaches(row) => Admission::Yes,
            Under::If if self.reaches(row) => Admission::IfGranted,
            // What only a condition would show is not told of: the marker would say that it fits.
            // Of what names several patients nothing is told.
            Under::Yes if alone && self.knows(row) => Admission::Known,
            _ => Admission::No,
        }
    }

    /// Whether a row that is not reached is closed by nothing but seals that the asker may open in
    /// an emergency.
    fn knows(&self, row: RowView<'_>) -> bool {
        self.readable.contains(row.resource_type) && self.reach.knows(row)
    }

    /// Whether any row may be [`Admission::Known`]: seals that the asker may open are in force.
    pub fn may_know(&self) -> bool {
        self.reach.may_know()
    }

    /// Searches that limit what the token's scopes show; mostly none.
    pub fn granules(&self) -> &[Granule] {
        self.ceiling.as_ref().map_or(&[], |ceiling| ceiling.granules())
    }

    /// Whether the row exists if it matches this one of the granules.
    pub fn speaks_for(&self, granule: &Granule, row: RowView<'_>) -> bool {
        self.joined(row, |row| {
            self.ceiling.as_ref().is_some_and(|ceiling| ceiling.speaks_for(granule, row))
        })
    }

    /// Whether the row exists for the asker whatever its content: where a condition of a token's
    /// scope would have to be looked at, it does not.
    pub fn admits(&self, row: RowView<'_>) -> bool {
        self.admission(row) == Admission::Yes
    }

    /// Whether rows of other controllers exist by their agreements, so that something may be owed.
    pub fn is_shared_with(&self) -> bool {
        self.reach.is_shared_with()
    }

    /// What is owed with a row that exists for the asker because its controller shares it.
    pub fn owed(&self, row: RowView<'_>) -> Owed {
        self.joined(row, |row| self.owed_of(row))
    }

    fn owed_of(&self, row: RowView<'_>) -> Owed {
        if row.patients.is_empty() && self.directory.contains(row.resource_type) {
            return Owed::default();
        }
        self.reach.owed(row)
    }

    /// Whether role and reach admit the row.
    fn reaches(&self, row: RowView<'_>) -> bool {
        if !self.readable.contains(row.resource_type) {
            return false;
        }
        if row.patients.is_empty() && self.directory.contains(row.resource_type) {
            return true;
        }
        self.reach.admits(row)
    }

    /// Whether a search by where somebody is or lives, or by how to reach them, passes over a row
    /// that exists: it names a patient whose whereabouts are protected.
    pub fn hides_places_of(&self, patients: &[PatientOrd]) -> bool {
        let any = |all: &[PatientOrd]| all.iter().any(|p| self.protected.contains(*p));
        self.merged.of(patients).map_or_else(|| any(patients), |all| any(&all))
    }

    /// Whether any search by places passes over anything.
    pub fn hides_places(&self) -> bool {
        !self.protected.is_empty()
    }

    /// Whether the asker may name a patient whose Patient resource does not exist for them, as it
    /// may be kept elsewhere: themselves, whom they sign for, whom they treat with nothing against
    /// it; and anyone where an organisation comes to know patients at all, at its desk and by its
    /// feed. What the resource that names them may be is for the decision on the write to say.
    pub fn may_name_unseen(&self, patient: Option<PatientOrd>) -> bool {
        let controller = match (&self.reach, patient) {
            (Reach::Registration { .. } | Reach::Feed { .. }, _) => return true,
            (Reach::Patient { own }, Some(patient)) => return *own == Some(patient),
            (Reach::Proxy(proxy), Some(patient)) => return proxy.signs(patient),
            (Reach::Treating(treating), Some(_)) => treating.organization,
            _ => return false,
        };
        let patient = patient.as_slice();
        let row = RowView {
            resource_type: ResourceType::PATIENT,
            deleted: false,
            controller,
            patients: patient,
            labels: 0,
            clinical_day: i32::MIN,
            authors: &[],
            links: None,
        };
        self.joined(row, |row| self.reach.admits(row))
    }

    /// Whether every row is admitted, so that testing them can be left out.
    pub fn is_unrestricted(&self) -> bool {
        matches!(self.reach, Reach::System { .. }) && self.ceiling.is_none()
    }

    /// The one patient to whom every admitted row outside the directory must belong, if the scope
    /// is that of one: lets a plan begin at that patient's rows. `None` says nothing.
    pub fn only_patient(&self) -> Option<PatientOrd> {
        match self.reach {
            Reach::Patient { own } => own,
            _ => None,
        }
    }

    /// Whether a new resource may have an id that the asker chose. Ids chosen by people would
    /// tell them which ones are taken.
    pub fn may_assign_ids(&self) -> bool {
        matches!(self.role, Role::System | Role::Integration)
    }

    /// Tells scopes of different askers apart, mostly: where what was found out for a scope is
    /// kept. Whether it is the same scope, [`Scope::is_same`] tells.
    pub fn slot(&self) -> u64 {
        self.reach.slot() << 8 | self.role as u64
    }

    /// Whether the same rows exist for both, as far as that is told without looking at rows: no
    /// fact that either rests on came or went between the two.
    pub fn is_same(&self, other: &Scope) -> bool {
        self.reach.is_asked_as(&other.reach)
            && self.changed_since(other).is_some_and(|whom| whom.is_empty())
    }

    /// The patients whose rows may exist for one of the two scopes and not for the other: of rows
    /// that name none of them, the same exist for both. `None` if that is not told by patients.
    /// Does not allocate where nothing changed.
    pub fn changed_since(&self, other: &Scope) -> Option<PatientSet> {
        // Every field is named: whatever admission comes to rest on has to be compared.
        let Scope { role, readable, directory, reach, protected, ceiling, merged } = self;
        let same = *role == other.role
            && *readable == other.readable
            && *directory == other.directory
            && *ceiling == other.ceiling;
        let mut whom = PatientSet::default();
        protected.differing(&other.protected, &mut whom);
        reach.differing(&other.reach, &mut whom).filter(|()| same)?;
        // Rows of one of a person's records are rows of all of them, before or by now.
        merged.differing(&other.merged, &mut whom);
        merged.join(&mut whom);
        other.merged.join(&mut whom);
        Some(whom)
    }

    /// Why the scope of the system was taken, if it was.
    pub fn system_reason(&self) -> Option<&str> {
        match &self.reach {
            Reach::System { reason } => Some(reason),
            _ => None,
        }
    }

    /// The rules that decide about rows in this scope.
    pub fn rules(&self) -> &'static [Rule] {
        self.reach.rules()
    }
}
