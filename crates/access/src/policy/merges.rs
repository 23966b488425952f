//! Which patients' records are of one person, by the merges that hold.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use accord_base::{PatientOrd, Row};
use smallvec::SmallVec;

use crate::set::PatientSet;

/// Everyone whose record is of the same person, ascending.
type Person = Arc<[PatientOrd]>;

/// The patients whose records were merged, each with everyone they are one person with. Cheap to
/// hold; a merge makes another.
#[derive(Clone, Debug, Default)]
pub struct Merged(
    /// `None` while no merge holds.
    Option<Arc<People>>,
);

#[derive(Debug)]
struct People {
    /// Everyone concerned by a merge: what most rows are told by that name nobody of them.
    all: PatientSet,
    by_patient: HashMap<PatientOrd, Person>,
}

impl Merged {
    /// Everyone who is one person with the patient, themselves included; nobody where no merge
    /// concerns them.
    pub fn with(&self, patient: PatientOrd) -> &[PatientOrd] {
        let people = self.0.as_ref().filter(|people| people.all.contains(patient));
        let person = people.and_then(|people| people.by_patient.get(&patient));
        person.map_or(&[], |person| person)
    }

    /// The patients with everyone who is one person with one of them; `None` if that is nobody
    /// else.
    pub fn of(&self, patients: &[PatientOrd]) -> Option<SmallVec<[PatientOrd; 4]>> {
        let people = self.0.as_ref()?;
        if !patients.iter().any(|patient| people.all.contains(*patient)) {
            return None;
        }
        let mut all: SmallVec<[PatientOrd; 4]> = SmallVec::from_slice(patients);
        patients.iter().for_each(|patient| all.extend_from_slice(self.with(*patient)));
        all.sort_unstable();
        all.dedup();
        Some(all)
    }

    /// Whether both are the same snapshot; `false` says nothing.
    pub fn is_same(&self, other: &Merged) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            _ => false,
        }
    }

    /// Adds to `whom` everyone who is not one person with the same patients in both.
    pub(crate) fn differing(&self, other: &Merged, whom: &mut PatientSet) {
        if self.is_same(other) {
            return;
        }
        for people in [&self.0, &other.0].into_iter().flatten() {
            let differ = people.all.iter().filter(|p| self.with(*p) != other.with(*p));
            differ.for_each(|patient| {
                whom.insert(patient);
            });
        }
    }

    /// Adds to `whom` everyone who is one person with any of them.
    pub(crate) fn join(&self, whom: &mut PatientSet) {
        let Some(people) = self.0.as_ref().filter(|_| !whom.is_empty()) else { return };
        let concerned: Vec<PatientOrd> = whom.iter().filter(|p| people.all.contains(*p)).collect();
        for other in concerned.into_iter().flat_map(|patient| self.with(patient)) {
            whom.insert(*other);
        }
    }

    /// Finds who is one person, by merges in any order: records are of one person if a chain of
    /// merges connects them.
    fn find(edges: impl Iterator<Item = Edge>) -> Merged {
        let mut people: HashMap<PatientOrd, Vec<PatientOrd>> = HashMap::new();
        let mut head: HashMap<PatientOrd, PatientOrd> = HashMap::new();
        for (patient, into) in edges {
            let one = *head.entry(patient).or_insert(patient);
            let other = *head.entry(into).or_insert(into);
            let mut joined = people.remove(&one).unwrap_or_else(|| vec![one]);
            if one != other {
                joined.extend(people.remove(&other).unwrap_or_else(|| vec![other]));
            }
            for member in &joined {
                head.insert(*member, other);
            }
            people.insert(other, joined);
        }
        if people.is_empty() {
            return Merged::default();
        }
        let (mut by_patient, mut all) = (HashMap::new(), PatientSet::default());
        for mut members in people.into_values() {
            members.sort_unstable();
            let person: Person = members.into();
            for member in person.iter() {
                all.insert(*member);
                by_patient.insert(*member, person.clone());
            }
        }
        Merged(Some(Arc::new(People { all, by_patient })))
    }
}

/// Whose record was merged, and into whose.
type Edge = (PatientOrd, PatientOrd);

/// The merges that hold, by the places of their facts. Who is one person is found when it is first
/// asked after a change: merges are rare, and a replay asks once.
#[derive(Clone, Debug, Default)]
pub(super) struct Merges {
    edges: BTreeMap<(Row, u32), Edge>,
    found: OnceLock<Merged>,
}

impl Merges {
    /// Counts a merge in or out.
    pub fn set(&mut self, at: (Row, u32), edge: Edge, holds: bool) {
        self.found = OnceLock::new();
        if holds {
            self.edges.insert(at, edge);
        } else {
            self.edges.remove(&at);
        }
    }

    /// Who is one person.
    pub fn merged(&self) -> Merged {
        self.found.get_or_init(|| Merged::find(self.edges.values().copied())).clone()
    }

    /// Who is one person with some merges added and others ended.
    pub fn with(&self, added: &Merges, ended: &Merges) -> Merged {
        if added.edges.is_empty() && ended.edges.is_empty() {
            return self.merged();
        }
        let standing = self.edges.iter().filter(|(at, _)| {
            let rows = &ended.edges;
            rows.range((at.0, 0)..=(at.0, u32::MAX)).next().is_none()
        });
        Merged::find(standing.map(|(_, edge)| *edge).chain(added.edges.values().copied()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patients(ordinals: &[u32]) -> Vec<PatientOrd> {
        ordinals.iter().copied().map(PatientOrd).collect()
    }

    fn merges(edges: &[(u32, u32)]) -> Merges {
        let mut merges = Merges::default();
        for (at, (patient, into)) in (0..).zip(edges) {
            merges.set((Row(at), 0), (PatientOrd(*patient), PatientOrd(*into)), true);
        }
        merges
    }

    #[test]
    fn a_chain_of_merges_is_one_person_in_any_order() {
        for edges in [[(1, 2), (3, 2), (2, 9)], [(2, 9), (1, 2), (3, 2)]] {
            let merged = merges(&edges).merged();
            for one in [1, 2, 3, 9] {
                assert_eq!(merged.with(PatientOrd(one)), patients(&[1, 2, 3, 9]));
            }
            assert_eq!(merged.with(PatientOrd(4)), []);
            assert_eq!(merged.of(&patients(&[4, 5])), None);
            assert_eq!(merged.of(&patients(&[3, 4])).unwrap()[..], patients(&[1, 2, 3, 4, 9]));
        }
    }

    #[test]
    fn what_ended_is_gone_and_the_rest_stays() {
        let mut all = merges(&[(1, 2), (2, 9)]);
        let pending = |edge: (u32, u32), row| {
            let mut merges = Merges::default();
            merges.set((Row(row), 0), (PatientOrd(edge.0), PatientOrd(edge.1)), true);
            merges
        };
        let before = all.merged();
        let with = all.with(&pending((4, 1), 7), &pending((2, 9), 1));
        assert_eq!(with.with(PatientOrd(1)), patients(&[1, 2, 4]));
        assert_eq!(with.with(PatientOrd(9)), []);
        assert!(all.merged().is_same(&before) && !with.is_same(&before));
        all.set((Row(0), 0), (PatientOrd(1), PatientOrd(2)), false);
        all.set((Row(1), 0), (PatientOrd(2), PatientOrd(9)), false);
        assert!(all.merged().is_same(&Merged::default()));
    }
}
