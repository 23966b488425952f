//! How far each kind of role reaches.

use std::sync::{Arc, LazyLock};

use accord_base::{ActorOrd, OrgOrd, PatientOrd};
use accord_spec::ResourceType;

use super::{Kept, Known, Proxy, Research, RowView, Shares};
use crate::consent::{Action, Gate};
use crate::extract::CLAIM_LABEL;
use crate::fact::Owed;
use crate::label;
use crate::rule::Rule;
use crate::set::PatientSet;
use crate::types::{Class, TypeSet};

/// How far a scope reaches among rows of readable types.
#[derive(Clone, Debug)]
pub(crate) enum Reach {
    /// Everything.
    System { reason: Arc<str> },
    /// Rows that name the patient. `None`: the store has never heard of them.
    Patient { own: Option<PatientOrd> },
    /// Rows that name those for whom someone acts.
    Proxy(Box<Proxy>),
    /// Patients in someone's care.
    Treating(Arc<Treating>),
    /// Patients' administrative data at the own controller.
    Registration { organization: OrgOrd, actor: ActorOrd, kept: Box<Kept> },
    /// Current demographics of those whom nothing keeps from the asker's organisation.
    Trace { kept: Box<Kept> },
    /// Everything of the own controller.
    Feed { organization: OrgOrd },
    /// Nothing but the directory.
    Directory { organization: OrgOrd },
    /// Patients whom a payor covers.
    Payor(Box<Payor>),
    /// Patients of the own controller who are known not to have opted out of research.
    Research(Box<Research>),
    /// Agreements, consents and claims of access of the own controller.
    Officer { organization: OrgOrd },
    /// Everything of the own controller, for telling why it is seen or not.
    Explained { organization: OrgOrd },
}

/// What a treating professional's rows are told by.
#[derive(Clone, Debug)]
pub(crate) struct Treating {
    pub organization: OrgOrd,
    pub actor: ActorOrd,
    /// Patients the organisation cares for.
    pub organization_cares: PatientSet,
    /// Patients the person cares for at that organisation.
    pub actor_cares: PatientSet,
    /// Patients the person took access to in an emergency.
    pub emergency: PatientSet,
    /// Whether the role may break the glass, so that what is merely sealed is known of.
    pub opens_seals: bool,
    pub shares: Shares,
    pub kept: Kept,
}

/// What a payor's rows are told by.
#[derive(Clone, Debug)]
pub(crate) struct Payor {
    pub organization: OrgOrd,
    /// Patients it covers by its own word.
    pub covered: PatientSet,
    pub shares: Shares,
    pub kept: Kept,
}

impl Reach {
    /// Whether a row of a type that is readable, and is not of the directory, exists.
    pub fn admits(&self, row: RowView<'_>) -> bool {
        match self {
            Reach::System { .. } => true,
            Reach::Patient { own } => {
                own.is_some_and(|own| row.patients.contains(&own))
                    && !label::is_withheld(row.labels)
            }
            Reach::Proxy(proxy) => proxy.admits(row),
            Reach::Treating(treating) => treating.admits(row),
            Reach::Registration { organization, actor, kept } => {
                is_at(row, *organization)
                    && match row.patients {
                        [] => is_author(row, *actor),
                        _ => !kept.hides(row, |_| false),
                    }
            }
            Reach::Trace { kept } => {
                let current = row.resource_type == ResourceType::PATIENT && !row.deleted;
                current && !kept.hides(row, |_| false) && !kept.statute.is_protected(row)
            }
            Reach::Feed { organization } | Reach::Explained { organization } => {
                row.controller == *organization
            }
            Reach::Directory { .. } => false,
            Reach::Payor(payor) => payor.admits(row),
            Reach::Research(research) => research.admits(row),
            Reach::Officer { organization } => {
                static GOVERNED: LazyLock<TypeSet> = LazyLock::new(|| {
                    let governed = Class::Consent.types().union(Class::Agreement.types());
                    governed.union(Class::Audit.types())
                });
                row.controller == *organization
                    && (GOVERNED.contains(row.resource_type) || is_claim(row))
            }
        }
    }

    /// Whether a row that does not exist is known of: it would exist but for seals that the asker
    /// may open in an emergency.
    pub fn knows(&self, row: RowView<'_>) -> bool {
        matches!(self, Reach::Treating(treating) if treating.may_know() && treating.knows(row))
    }

    /// Whether any row may be known of.
    pub fn may_know(&self) -> bool {
        matches!(self, Reach::Treating(treating) if treating.may_know())
    }

    /// Whether consents of the patients named let a row be taken in or changed.
    pub fn may_act(&self, row: RowView<'_>, action: Action) -> bool {
        match self {
            // A claim is no data of the patient's: who denies everyone is who it is needed for.
            Reach::Treating(treating) => {
                is_claim(row) || treating.kept.lets(&row, action, &treating.emergency)
            }
            Reach::Registration { kept, .. } => kept.lets(&row, action, &PatientSet::default()),
            Reach::Payor(payor) => payor.kept.lets(&row, action, &PatientSet::default()),
            Reach::System { .. }
            | Reach::Patient { .. }
            | Reach::Proxy(_)
            | Reach::Feed { .. }
            | Reach::Directory { .. }
            | Reach::Trace { .. }
            | Reach::Research(_)
            | Reach::Explained { .. }
            | Reach::Officer { .. } => true,
        }
    }

    /// What is owed with a row that exists, because its controller shares it.
    pub fn owed(&self, row: RowView<'_>) -> Owed {
        match self {
            Reach::Treating(treating) if !is_at(row, treating.organization) => {
                let own = |p: PatientOrd| treating.cares(p);
                treating.shares.owed(row, &Known { own: &own, emergency: &treating.emergency })
            }
            Reach::Payor(payor) if !is_at(row, payor.organization) => {
                let own = |p: PatientOrd| payor.covered.contains(p);
                let emergency = &PatientSet::default();
                payor.shares.owed(row, &Known { own: &own, emergency })
            }
            _ => Owed::default(),
        }
    }

    /// Whether agreements open anything of other controllers.
    pub fn is_shared_with(&self) -> bool {
        match self {
            Reach::Treating(treating) => !treating.shares.0.is_empty(),
            Reach::Payor(payor) => !payor.shares.0.is_empty(),
            _ => false,
        }
    }

    /// The rules that decide about rows.
    pub fn rules(&self) -> &'static [Rule] {
        use Rule::*;
        const CARE: &[Rule] = &[
            Directory,
            Controller,
            Relationship,
            Consent,
            Seal,
            Statute,
            Author,
            Agreement,
            Emergency,
        ];
        const URGENT: &[Rule] =
            &[Directory, Controller, Relationship, Consent, Seal, Statute, Author, Emergency];
        let first = |rules: &'static [Rule], count| rules.get(..count).unwrap_or(rules);
        match self {
            Reach::System { .. } => &[System],
            Reach::Patient { .. } => &[Directory, OwnRecord, Withheld],
            Reach::Proxy(_) => &[Directory, Rule::Proxy, Withheld, Statute],
            Reach::Treating(treating) => {
                match (treating.shares.0.is_empty(), treating.emergency.is_empty()) {
                    (true, true) => first(CARE, 7),
                    (false, true) => first(CARE, 8),
                    (false, false) => CARE,
                    (true, false) => URGENT,
                }
            }
            Reach::Registration { .. } => &[Directory, Controller, Consent, Seal, Statute, Author],
            Reach::Trace { .. } => &[Rule::Trace, Consent, Seal, Statute],
            Reach::Feed { .. } => &[Directory, Feed],
            Reach::Directory { .. } => &[Directory],
            Reach::Payor(payor) if payor.shares.0.is_empty() => {
                &[Directory, Controller, Covered, Consent, Seal, Statute]
            }
            Reach::Payor(_) => &[Directory, Controller, Covered, Consent, Seal, Statute, Agreement],
            Reach::Research(_) => &[Directory, Controller, Consent, Seal, Statute],
            Reach::Officer { .. } => &[Directory, Governance],
            Reach::Explained { .. } => &[Directory, Rule::Explained],
        }
    }

    /// Whose reach it is, as a number.
    pub fn slot(&self) -> u64 {
        // Stand where actors stand who are not that many.
        const EXPLAINED: u32 = 1 << 27;
        const TRACE: u32 = EXPLAINED + 1;
        let both =
            |organization: &OrgOrd, actor: u32| u64::from(organization.0) << 28 ^ u64::from(actor);
        match self {
            Reach::Patient { own } => own.map_or(0, |own| u64::from(own.0)),
            Reach::Treating(treating) => both(&treating.organization, treating.actor.0),
            Reach::Registration { organization, actor, .. } => both(organization, actor.0),
            Reach::Payor(payor) => both(&payor.organization, 0),
            Reach::Research(research) => both(&research.organization, 0),
            Reach::Feed { organization }
            | Reach::Directory { organization }
            | Reach::Officer { organization } => both(organization, 0),
            Reach::Explained { organization } => both(organization, EXPLAINED),
            Reach::Trace { kept } => both(&kept.statute.own, TRACE),
            Reach::Proxy(proxy) => u64::from(proxy.actor.0),
            Reach::System { .. } => 0,
        }
    }

    /// The gate of consents, where there is one.
    fn gate(&self) -> Option<&Gate> {
        match self {
            Reach::Treating(treating) => Some(&treating.kept.denied.gate),
            Reach::Payor(payor) => Some(&payor.kept.denied.gate),
            Reach::Research(research) => Some(&research.kept.denied.gate),
            Reach::Registration { kept, .. } | Reach::Trace { kept } => Some(&kept.denied.gate),
            Reach::Proxy(proxy) => Some(&proxy.gate),
            _ => None,
        }
    }

    /// Whether consents are asked for the same asker, and no instant lies between the two at
    /// which one of them says something else: then nobody's consents have to be gone through.
    pub fn is_asked_as(&self, other: &Reach) -> bool {
        match (self.gate(), other.gate()) {
            (Some(one), Some(other)) => {
                let behind = |gate: &Gate| gate.earlier.map(|(_, edge)| edge);
                let same = one.edge == other.edge && behind(one) == behind(other);
                same && one.asker == other.asker
            }
            (one, other) => one.is_none() && other.is_none(),
        }
    }

    /// Adds to `whom` the patients whose rows may exist for one and not for the other; `None` if
    /// that is not told by patients.
    pub fn differing(&self, other: &Reach, whom: &mut PatientSet) -> Option<()> {
        use Reach::*;
        match (self, other) {
            (System { .. }, System { .. }) => Some(()),
            (Patient { own }, Patient { own: other }) => (own == other).then_some(()),
            (Treating(one), Treating(other)) => one.differing(other, whom),
            (Payor(one), Payor(other)) => one.differing(other, whom),
            (Reach::Proxy(one), Reach::Proxy(other)) => one.differing(other, whom),
            (Reach::Research(one), Reach::Research(other)) => one.differing(other, whom),
            (
                Registration { organization, actor, kept },
                Registration { organization: o, actor: a, kept: k },
            ) if organization == o && actor == a => kept.differing(k, whom),
            (Trace { kept }, Trace { kept: other }) => kept.differing(other, whom),
            (Feed { organization }, Feed { organization: other })
            | (Directory { organization }, Directory { organization: other })
            | (Reach::Explained { organization }, Reach::Explained { organization: other })
            | (Officer { organization }, Officer { organization: other }) => {
                (organization == other).then_some(())
            }
            _ => None,
        }
    }
}

impl Treating {
    fn differing(&self, other: &Treating, whom: &mut PatientSet) -> Option<()> {
        // Every field is named: whatever admission comes to rest on has to be compared.
        let Treating {
            organization,
            actor,
            organization_cares,
            actor_cares,
            emergency,
            opens_seals,
            shares,
            kept,
        } = self;
        let same = *organization == other.organization && *actor == other.actor;
        if !same || *opens_seals != other.opens_seals {
            return None;
        }
        organization_cares.differing(&other.organization_cares, whom);
        actor_cares.differing(&other.actor_cares, whom);
        emergency.differing(&other.emergency, whom);
        shares.differing(&other.shares, whom)?;
        kept.differing(&other.kept, whom)
    }

    fn cares(&self, patient: PatientOrd) -> bool {
        self.organization_cares.contains(patient)
            || self.actor_cares.contains(patient)
            || self.emergency.contains(patient)
    }

    fn admits(&self, row: RowView<'_>) -> bool {
        let home = is_at(row, self.organization);
        if row.patients.is_empty() || is_claim(row) {
            return home && is_author(row, self.actor);
        }
        self.relates(row) && !self.kept.hides(row, |p| self.emergency.contains(p))
    }

    /// Whether a row that names patients is of one in care, or shared.
    fn relates(&self, row: RowView<'_>) -> bool {
        let cares = |p: PatientOrd| self.cares(p);
        if is_at(row, self.organization) {
            row.patients.iter().any(|p| cares(*p))
        } else {
            self.shares.open(row, &Known { own: &cares, emergency: &self.emergency })
        }
    }

    fn may_know(&self) -> bool {
        self.opens_seals && self.kept.has_seals()
    }

    fn knows(&self, row: RowView<'_>) -> bool {
        !row.patients.is_empty()
            && !is_claim(row)
            && self.relates(row)
            && !self.kept.hides_beneath_seals(row, |p| self.emergency.contains(p))
    }
}

impl Payor {
    fn differing(&self, other: &Payor, whom: &mut PatientSet) -> Option<()> {
        let Payor { organization, covered, shares, kept } = self;
        if *organization != other.organization {
            return None;
        }
        covered.differing(&other.covered, whom);
        shares.differing(&other.shares, whom)?;
        kept.differing(&other.kept, whom)
    }

    fn admits(&self, row: RowView<'_>) -> bool {
        let covered = |p: PatientOrd| self.covered.contains(p);
        let related = if is_at(row, self.organization) {
            row.patients.iter().any(|p| covered(*p))
        } else {
            self.shares.open(row, &Known { own: &covered, emergency: &PatientSet::default() })
        };
        related && !self.kept.hides(row, |_| false)
    }
}

/// Whether the organisation, or the commons, answers for the row.
pub(super) fn is_at(row: RowView<'_>, organization: OrgOrd) -> bool {
    row.controller == organization || row.controller == OrgOrd::COMMONS
}

/// Whether a row is by the actor.
pub(super) fn is_author(row: RowView<'_>, actor: ActorOrd) -> bool {
    row.authors.contains(&actor)
}

/// Whether a row is a claim of access.
pub(super) fn is_claim(row: RowView<'_>) -> bool {
    row.labels & CLAIM_LABEL != 0
}
