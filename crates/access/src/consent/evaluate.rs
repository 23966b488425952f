//! What a patient's consents say about a row, for someone who asks.

use accord_base::{ActorOrd, LogTime, OrgOrd, PatientOrd};
use accord_spec::ResourceType;
use smallvec::SmallVec;

use super::actors::ActorSet;
use super::links::{both, has_codes};
use super::purpose::AskedPurpose;
use super::rule::{Action, ConsentRule, LabelTest, Provision, Who};
use crate::label::{self, Level};
use crate::scope::RowView;

/// Who asks, as far as consents tell askers apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asker {
    /// The organisations acted for, the closest first.
    pub organizations: SmallVec<[OrgOrd; 1]>,
    /// The asker and every group of people they belong to.
    pub actors: ActorSet,
    /// Groups to which they may belong or not: a denial that names one meets them, a permit does
    /// not.
    pub perhaps: ActorSet,
    /// Whether the role is one that treats patients.
    pub treats: bool,
    /// Why.
    pub purpose: AskedPurpose,
}

/// What is asked of consents besides the row.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// Who asks.
    pub asker: &'a Asker,
    /// What for.
    pub action: Action,
    /// The instant.
    pub now: LogTime,
    /// Whether one sensitivity permitted is enough for data that has several, as in IHE PCF.
    pub or_labels: bool,
    /// Everyone who is one person with the patient, the patient included; none: nobody else is.
    pub person: &'a [PatientOrd],
}

/// What consents say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// A provision permits, none denies.
    Permit,
    /// A provision denies, or none permits where all that is not permitted is denied.
    Deny,
    /// They do not speak about it: the default policy decides.
    Silent,
}

/// A verdict with the provision that decided: its place in
/// [`provisions`](super::Consent::provisions).
pub type Finding = (Verdict, usize);

impl Asker {
    /// The actors who are with one and not with the other; `None` if they differ otherwise.
    pub(super) fn differing(&self, other: &Asker) -> Option<Vec<ActorOrd>> {
        let Asker { organizations, actors, perhaps, treats, purpose } = self;
        let same = *organizations == other.organizations
            && *treats == other.treats
            && *purpose == other.purpose;
        let alone = |one: &ActorSet, other: &ActorSet| -> Vec<ActorOrd> {
            one.iter().filter(|actor| !other.contains(actor)).collect()
        };
        let both = |one: &ActorSet, other: &ActorSet| {
            if one.is_same(other) {
                Vec::new()
            } else {
                [alone(one, other), alone(other, one)].concat()
            }
        };
        same.then(|| [both(actors, &other.actors), both(perhaps, &other.perhaps)].concat())
    }
}

impl ConsentRule {
    /// Whether a provision begins or ceases to hold after the first instant and up to the second.
    pub(super) fn turns(&self, (after, until): (LogTime, LogTime)) -> bool {
        let mut edges =
            self.provisions.iter().flat_map(|provision| [provision.from, provision.until]);
        edges.any(|at| after < at && at <= until)
    }

    /// Whether a provision names any of these actors.
    pub(super) fn names_any(&self, actors: &[ActorOrd]) -> bool {
        let mut named = self.provisions.iter().filter_map(|provision| provision.actors.as_ref());
        named.any(|named| named.actors.iter().any(|actor| actors.contains(actor)))
    }

    /// What this one consent says about a row that names the patient.
    pub fn find(&self, asking: &Asking<'_>, row: &RowView<'_>) -> Finding {
        const SILENT: Finding = (Verdict::Silent, 0);
        if self.seal.is_some() {
            return if self.seals(asking, row) { (Verdict::Deny, 0) } else { SILENT };
        }
        if !self.binds(row.controller) {
            return SILENT;
        }
        let (mut decides, mut cover) = (None::<(usize, usize, bool)>, Cover::default());
        // A permit of which it cannot be told whether it applies: what it opens is not known, nor
        // what its applying would close.
        let mut doubted = None;
        for (at, provision) in self.provisions.iter().enumerate() {
            match provision.matches(self.patient, asking, row) {
                Some(false) => continue,
                None if provision.permits => {
                    doubted = Some(at);
                    continue;
                }
                Some(true) | None => {}
            }
            if provision.permits {
                cover.add(provision.labels.as_ref());
            }
            if !provision.labels.as_ref().is_none_or(|labels| labels.matches(row.labels)) {
                continue;
            }
            let depth = provision.path.len();
            let wins = decides.is_none_or(|(deepest, _, permits)| {
                depth > deepest || depth == deepest && permits && !provision.permits
            });
            if wins {
                decides = Some((depth, at, provision.permits));
            }
        }
        if let Some(at) = doubted {
            return (Verdict::Deny, decides.filter(|(.., permits)| !permits).map_or(at, |d| d.1));
        }
        match decides {
            Some((_, at, true)) if asking.or_labels || cover.releases(row.labels) => {
                (Verdict::Permit, at)
            }
            Some((_, at, _)) => (Verdict::Deny, at),
            None if self.root_closes(asking.now) => (Verdict::Deny, 0),
            None => SILENT,
        }
    }

    /// Whether a seal closes the row: it is of what is sealed, or the seal itself, and the asker
    /// is none of those who hold the seal where it was put.
    pub(super) fn seals(&self, asking: &Asking<'_>, row: &RowView<'_>) -> bool {
        let Some(sealed) = self.provisions.first() else { return false };
        let there = asking.asker.organizations.contains(&row.controller)
            || row.controller == OrgOrd::COMMONS;
        let held = sealed.actors.as_ref().is_some_and(|team| {
            there && team.actors.iter().any(|actor| asking.asker.actors.contains(actor))
        });
        self.custodians.contains(&row.controller)
            && sealed.holds(asking.now)
            && !held
            && (self.is_itself(row) || sealed.is_about(&[self.patient], row))
    }

    /// Whether the row is the consent's own, as far as can be told.
    fn is_itself(&self, row: &RowView<'_>) -> bool {
        let is = || row.links.and_then(|links| links.has_id(&self.id)).unwrap_or(true);
        row.resource_type == ResourceType::CONSENT && is()
    }

    /// Whether a provision names the asker and denies what it matches, whatever others say; the same
    /// of a consent that could not be enforced, while it holds.
    pub(super) fn names(&self, asking: &Asking<'_>, row: &RowView<'_>) -> bool {
        let denies = |provision: &Provision<OrgOrd, ActorOrd>| {
            !provision.permits
                && (provision.actors.is_some() || self.held)
                && provision.matches(self.patient, asking, row).unwrap_or(true)
                && provision.labels.as_ref().is_none_or(|labels| labels.matches(row.labels))
        };
        self.seal.is_none() && self.binds(row.controller) && self.provisions.iter().any(denies)
    }

    /// Whether the consent speaks about data that this organisation answers for. Shared data is
    /// nobody's own, so every consent speaks about it.
    fn binds(&self, controller: OrgOrd) -> bool {
        self.custodians.is_empty()
            || controller == OrgOrd::COMMONS
            || self.custodians.contains(&controller)
    }

    /// Whether all that no provision matches is denied: a permit at the root, while it holds.
    fn root_closes(&self, now: LogTime) -> bool {
        self.provisions.first().is_some_and(|root| root.permits && root.holds(now))
    }

    /// Whether the root holds.
    pub(super) fn root_holds(&self, now: LogTime) -> bool {
        self.provisions.first().is_some_and(|root| root.holds(now))
    }
}

impl Provision<OrgOrd, ActorOrd> {
    fn holds(&self, now: LogTime) -> bool {
        self.from <= now && now < self.until
    }

    /// Whether a denial's conditions on the data are met.
    fn is_about(&self, person: &[PatientOrd], row: &RowView<'_>) -> bool {
        self.types.is_none_or(|types| types.contains(row.resource_type))
            && self.labels.as_ref().is_none_or(|labels| labels.matches(row.labels))
            && self.data.as_ref().is_none_or(|data| data.has(person, row).unwrap_or(true))
    }

    /// Whether everything but the labels is met; `None` where that cannot be told.
    fn matches(&self, patient: PatientOrd, asking: &Asking<'_>, row: &RowView<'_>) -> Option<bool> {
        if !self.matches_columns(asking, row) {
            return Some(false);
        }
        let codes = self.codes.as_ref().map_or(Some(true), |codes| has_codes(codes, row));
        let own = [patient];
        let person = if asking.person.is_empty() { &own } else { asking.person };
        let data = || self.data.as_ref().map_or(Some(true), |data| data.has(person, row));
        if codes == Some(false) { codes } else { both(codes, data()) }
    }

    fn matches_columns(&self, asking: &Asking<'_>, row: &RowView<'_>) -> bool {
        self.holds(asking.now)
            && self.actions.contains(asking.action)
            && self.is_asked_by(asking.asker, row.controller)
            && self.types.is_none_or(|types| types.contains(row.resource_type))
            && self.days.is_none_or(|days| match row.clinical_day {
                i32::MIN => days.undated,
                day => days.from <= day && day < days.until,
            })
    }

    fn is_asked_by(&self, asker: &Asker, controller: OrgOrd) -> bool {
        let there = controller == OrgOrd::COMMONS || asker.organizations.contains(&controller);
        let who = match self.who {
            Who::Anyone => true,
            Who::Treating => asker.treats,
            Who::NotTreatingThere => !(asker.treats && there),
        };
        who && self.purposes.as_ref().is_none_or(|purposes| purposes.covers(&asker.purpose))
            && self.actors.as_ref().is_none_or(|named| {
                named.organizations.iter().any(|o| asker.organizations.contains(o))
                    || named.actors.iter().any(|a| {
                        asker.actors.contains(a) || !self.permits && asker.perhaps.contains(a)
                    })
            })
    }
}

impl LabelTest {
    /// Whether a row's labels are among those meant; any is enough.
    fn matches(&self, labels: u64) -> bool {
        let level = label::level(labels);
        self.ceiling.is_some_and(|ceiling| level <= ceiling)
            || self.floor.is_some_and(|floor| level >= floor)
            || labels & self.named != 0
    }
}

/// What the permits that apply to a row cover of its labels.
#[derive(Default)]
struct Cover {
    everything: bool,
    ceiling: Option<Level>,
    named: u64,
}

impl Cover {
    fn add(&mut self, labels: Option<&LabelTest>) {
        match labels {
            None => self.everything = true,
            Some(test) => {
                self.ceiling = self.ceiling.max(test.ceiling);
                self.named |= test.named;
                // A permit that takes its labels from a denial above is that denial's exception.
                self.everything |= test.floor.is_some();
            }
        }
    }

    /// Whether every label is covered: a sensitivity by its name or by the confidentiality that it
    /// causes, the confidentiality by a ceiling or by the sensitivities named that cause it.
    fn releases(&self, labels: u64) -> bool {
        if self.everything {
            return true;
        }
        let sensitivities = label::narrowest(labels);
        let (named, others) = (sensitivities & self.named, sensitivities & !self.named);
        let lifted = self.ceiling.max(label::caused(named));
        label::caused(others).is_none_or(|caused| self.ceiling >= Some(caused))
            && lifted >= Some(label::level(labels))
    }
}
