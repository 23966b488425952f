//! What the token alone decides: role × interaction × class of type, and role × purpose.
//!
//! These two tables are the only place that says so; `docs/access-table.md` prints them from here.

use std::sync::LazyLock;

use accord_base::{Purpose, Role};
use accord_spec::ResourceType;

use crate::interaction::Interaction::{self, *};
use crate::types::{Class, TypeSet};

/// Reading in all its forms; whoever may read resources of a type may have them validated.
const READ: &[Interaction] = &[Read, Vread, HistoryInstance, HistoryType, SearchType, Validate];
/// Asking about codes. The definitions used are those that the role may read.
const TERMS: &[Interaction] = &[Expand, ValidateCode, Lookup, Subsumes, Translate];
/// What concerns no single type. Rows and entries are decided one by one behind it.
const WHOLE: &[Interaction] = &[SearchSystem, HistorySystem, Transaction, Batch, Capabilities];

/// What a role may do to a class of types; what is not listed is denied. `System` is not listed:
/// it may do everything.
const RIGHTS: &[(Role, Class, &[Interaction])] = &[
    (Role::Integration, Class::Directory, &[Create, Update, Delete]),
    (Role::Integration, Class::Administrative, &[Create, Update, Delete]),
    (Role::Integration, Class::Consent, &[Create, Update, Delete]),
    (Role::Integration, Class::Clinical, &[Create, Update, Delete]),
    (Role::Integration, Class::Coverage, &[Create, Update, Delete]),
    (Role::Integration, Class::Claims, &[Create, Update, Delete]),
    (Role::Integration, Class::Agreement, &[Create, Update, Delete]),
    (Role::Integration, Class::Task, &[Create, Update, Delete]),
    (Role::Integration, Class::Directory, READ),
    (Role::Integration, Class::Directory, TERMS),
    (Role::Integration, Class::Administrative, READ),
    (Role::Integration, Class::Consent, READ),
    (Role::Integration, Class::Clinical, READ),
    (Role::Integration, Class::Coverage, READ),
    (Role::Integration, Class::Claims, READ),
    (Role::Integration, Class::Agreement, READ),
    (Role::Integration, Class::Task, READ),
    // Reception sees who comes and for what appointment, not what ails them.
    (Role::Registration, Class::Directory, READ),
    (Role::Registration, Class::Directory, TERMS),
    (Role::Registration, Class::Administrative, READ),
    (Role::Registration, Class::Administrative, &[Create, Update, Delete]),
    (Role::Registration, Class::Coverage, READ),
    (Role::Registration, Class::Coverage, &[Create, Update, Delete]),
    (Role::Registration, Class::Consent, READ),
    (Role::Registration, Class::Consent, &[Create, Update]),
    // Whoever is kept out by a consent must not be able to lift it: treating roles read consents.
    (Role::Clinician, Class::Directory, READ),
    (Role::Clinician, Class::Directory, TERMS),
    (Role::Clinician, Class::Administrative, READ),
    (Role::Clinician, Class::Administrative, &[Create, Update]),
    (Role::Clinician, Class::Coverage, READ),
    (Role::Clinician, Class::Coverage, &[Create, Update]),
    (Role::Clinician, Class::Consent, READ),
    (Role::Clinician, Class::Clinical, READ),
    (Role::Clinician, Class::Clinical, &[Create, Update, Delete]),
    (Role::Clinician, Class::Claims, READ),
    (Role::Clinician, Class::Claims, &[Create, Update, Delete]),
    (Role::Clinician, Class::Task, READ),
    (Role::Clinician, Class::Task, &[Create, Update, Delete]),
    (Role::Pharmacist, Class::Directory, READ),
    (Role::Pharmacist, Class::Directory, TERMS),
    (Role::Pharmacist, Class::Administrative, READ),
    (Role::Pharmacist, Class::Coverage, READ),
    (Role::Pharmacist, Class::Consent, READ),
    (Role::Pharmacist, Class::Clinical, READ),
    (Role::Pharmacist, Class::Clinical, &[Create, Update]),
    (Role::Pharmacist, Class::Claims, READ),
    (Role::Pharmacist, Class::Claims, &[Create, Update]),
    (Role::Pharmacist, Class::Task, READ),
    (Role::Pharmacist, Class::Task, &[Create, Update]),
    (Role::Patient, Class::Directory, READ),
    (Role::Patient, Class::Directory, TERMS),
    (Role::Patient, Class::Administrative, READ),
    (Role::Patient, Class::Coverage, READ),
    (Role::Patient, Class::Consent, READ),
    (Role::Patient, Class::Consent, &[Create, Update]),
    (Role::Patient, Class::Clinical, READ),
    (Role::Patient, Class::Claims, READ),
    (Role::Patient, Class::Task, READ),
    // Cut to what they were given leave for; nobody who acts for a patient lifts what they wrote.
    (Role::Proxy, Class::Directory, READ),
    (Role::Proxy, Class::Directory, TERMS),
    (Role::Proxy, Class::Administrative, READ),
    (Role::Proxy, Class::Coverage, READ),
    (Role::Proxy, Class::Consent, READ),
    (Role::Proxy, Class::Consent, &[Create]),
    (Role::Proxy, Class::Clinical, READ),
    (Role::Proxy, Class::Claims, READ),
    (Role::Proxy, Class::Task, READ),
    // Whom somebody may look for, and what they find, is for the scope of a trace to say.
    (Role::Registration, Class::Administrative, &[Trace]),
    (Role::Clinician, Class::Administrative, &[Trace]),
    (Role::Pharmacist, Class::Administrative, &[Trace]),
    // Two records become one where their organisation registers people, by its staff or its feed.
    (Role::Registration, Class::Administrative, &[Merge, Unmerge, Match, Duplicates]),
    (Role::Integration, Class::Administrative, &[Merge, Unmerge, Match, Duplicates]),
    (Role::Clinician, Class::Administrative, &[Match]),
    (Role::Pharmacist, Class::Administrative, &[Match]),
    // Whoever may update a resource may move it; the scope says which.
    (Role::Registration, Class::Administrative, &[MoveResource]),
    (Role::Integration, Class::Administrative, &[MoveResource]),
    (Role::Clinician, Class::Administrative, &[MoveResource]),
    (Role::Patient, Class::Administrative, &[WhoLooked]),
    // Who looked at their record: made from the access records, so there is no history of them.
    (Role::Patient, Class::Audit, &[Read, SearchType]),
    // Searches under another name: for whoever may search the type.
    (Role::Integration, Class::Administrative, &[Everything]),
    (Role::Integration, Class::Clinical, &[LastN]),
    (Role::Registration, Class::Administrative, &[Everything]),
    (Role::Clinician, Class::Administrative, &[Everything]),
    (Role::Clinician, Class::Clinical, &[LastN]),
    (Role::Pharmacist, Class::Administrative, &[Everything]),
    (Role::Pharmacist, Class::Clinical, &[LastN]),
    (Role::Patient, Class::Administrative, &[Everything]),
    (Role::Patient, Class::Clinical, &[LastN]),
    (Role::Proxy, Class::Administrative, &[Everything]),
    (Role::Proxy, Class::Clinical, &[LastN]),
    (Role::Researcher, Class::Clinical, &[LastN]),
    (Role::Administrator, Class::Directory, READ),
    (Role::Administrator, Class::Directory, TERMS),
    (Role::Administrator, Class::Directory, &[Create, Update, Delete]),
    (Role::Payor, Class::Directory, READ),
    (Role::Payor, Class::Directory, TERMS),
    (Role::Payor, Class::Coverage, READ),
    (Role::Payor, Class::Claims, READ),
    (Role::PrivacyOfficer, Class::Directory, READ),
    (Role::PrivacyOfficer, Class::Directory, TERMS),
    (Role::PrivacyOfficer, Class::Consent, READ),
    (Role::PrivacyOfficer, Class::Agreement, READ),
    (Role::PrivacyOfficer, Class::Agreement, &[Create, Update, Delete]),
    // Claims of access and nothing else: the scope says so.
    (Role::PrivacyOfficer, Class::Task, READ),
    (Role::PrivacyOfficer, Class::Task, &[Update]),
    // Who looked at the records that the own organisation answers for: the scope says so.
    (Role::PrivacyOfficer, Class::Audit, &[Read, SearchType]),
    (Role::PrivacyOfficer, Class::Administrative, &[WhoLooked, ExplainAccess]),
    // Who answers for a record: both sides' officers say so.
    (Role::PrivacyOfficer, Class::Administrative, &[OfferTransfer, AcceptTransfer]),
    // What happened to whom nobody names: neither Patient resources nor an operation that finds
    // or opens a person.
    (Role::Researcher, Class::Directory, READ),
    (Role::Researcher, Class::Clinical, READ),
    // Operations beside the writes that they stand for.
    (Role::Integration, Class::Consent, &[File, Revoke, Supersede]),
    (Role::Registration, Class::Consent, &[File, Revoke, Supersede, Preview]),
    (Role::Patient, Class::Consent, &[File, Revoke, Supersede, Preview]),
    (Role::PrivacyOfficer, Class::Consent, &[Preview]),
    (Role::Proxy, Class::Consent, &[Preview]),
    (Role::Clinician, Class::Administrative, &[Claim, BreakGlass]),
    (Role::Pharmacist, Class::Administrative, &[Claim]),
];

/// The purposes a role may act for.
const PURPOSES: &[(Role, &[Purpose])] = &[
    (Role::System, &[Purpose::Sysadmin]),
    (Role::Integration, &[Purpose::Treat, Purpose::Hpaymt, Purpose::Hoperat]),
    (Role::Registration, &[Purpose::Treat, Purpose::Hpaymt, Purpose::Hoperat]),
    (Role::Clinician, &[Purpose::Treat]),
    (Role::Pharmacist, &[Purpose::Treat]),
    (Role::Patient, &[Purpose::Patrqt]),
    (Role::Administrator, &[Purpose::Hoperat, Purpose::Sysadmin]),
    (Role::Payor, &[Purpose::Hpaymt, Purpose::Hoperat]),
    (Role::PrivacyOfficer, &[Purpose::Hoperat]),
    (Role::Proxy, &[Purpose::Patrqt]),
    (Role::Researcher, &[Purpose::Hresch]),
];

/// Whether the role may do this at all: to resources of a type, or, without one, to the store as
/// a whole. What single rows it then reaches is for the scope to say.
pub fn may(role: Role, interaction: Interaction, resource_type: Option<ResourceType>) -> bool {
    /// By role and interaction, the types: asked at every decision.
    static TYPES: LazyLock<Vec<Vec<TypeSet>>> = LazyLock::new(|| {
        let types = |role, interaction| {
            let classes = Class::ALL.into_iter().map(|(class, _)| class);
            let open = classes.filter(|class| may_class(role, interaction, *class));
            open.fold(TypeSet::default(), |set, class| set.union(class.types()))
        };
        let mut table = vec![vec![TypeSet::default(); Interaction::ALL.len()]; Role::ALL.len()];
        for (role, _) in Role::ALL {
            for (interaction, _) in Interaction::ALL {
                let row = table.get_mut(role as usize);
                if let Some(place) = row.and_then(|row| row.get_mut(interaction as usize)) {
                    *place = types(role, interaction);
                }
            }
        }
        table
    });
    if WHOLE.contains(&interaction) {
        return true;
    }
    let types = TYPES.get(role as usize).and_then(|row| row.get(interaction as usize));
    resource_type.zip(types).is_some_and(|(resource_type, types)| types.contains(resource_type))
}

/// The same for a class of types.
pub(crate) fn may_class(role: Role, interaction: Interaction, class: Class) -> bool {
    if WHOLE.contains(&interaction) {
        return false;
    }
    // These are reads and updates, told in another way.
    let interaction = match interaction {
        Meta => Read,
        Patch | MetaAdd | MetaDelete => Update,
        other => other,
    };
    role == Role::System
        || RIGHTS
            .iter()
            .any(|(r, c, list)| *r == role && *c == class && list.contains(&interaction))
}

/// Whether the role may act for the purpose.
pub fn may_purpose(role: Role, purpose: Purpose) -> bool {
    PURPOSES.iter().any(|(r, list)| *r == role && list.contains(&purpose))
}

/// Whether the role may break the glass, which opens what is sealed and not locked.
pub(crate) fn opens_seals(role: Role) -> bool {
    may_class(role, BreakGlass, Class::Administrative)
}

/// The types the role may read.
pub(crate) fn readable(role: Role) -> TypeSet {
    static SETS: LazyLock<Vec<(Role, TypeSet)>> = LazyLock::new(|| {
        let types = |role| {
            let classes = Class::ALL.into_iter().filter(|(class, _)| may_class(role, Read, *class));
            classes.fold(TypeSet::default(), |set, (class, _)| set.union(class.types()))
        };
        Role::ALL.map(|(role, _)| (role, types(role))).to_vec()
    });
    SETS.iter().find(|(r, _)| *r == role).map(|(_, set)| *set).unwrap_or_default()
}
