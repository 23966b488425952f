//! The ceiling that a token's scopes set over what the role allows (layer L1).
//!
//! Scopes are a union: a row is under the ceiling if any scope admits it. A scope whose type is
//! unknown, whose conditions cannot be read, or whose context the token lacks admits nothing.

use std::sync::Arc;

use accord_base::{
    Context, Grant, LogTime, PatientOrd, Principal, ResourceScope, Rights, Role, Subject,
};
use accord_query::{Clause, Query, Target, Test};
use accord_spec::ResourceType;

use crate::decide::Names;
use crate::interaction::Interaction;
use crate::rights;
use crate::scope::RowView;
use crate::types::TypeSet;

/// What scopes admit for one interaction.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Ceiling {
    /// Types of which every row is admitted.
    whole: TypeSet,
    /// Types of which rows are admitted that name the patient in context, or nobody.
    own: TypeSet,
    /// The patient in context; `None`: none, or one the store has never heard of.
    patient: Option<PatientOrd>,
    granules: Arc<[Granule]>,
}

/// A scope with conditions: rows of a type that match a search.
#[derive(Clone, PartialEq, Debug)]
pub struct Granule {
    /// The type.
    pub resource_type: ResourceType,
    /// The conditions; nothing but clauses.
    pub query: Query,
    /// Whether rows must also name the patient in context, or nobody.
    own: bool,
}

/// What a ceiling says of a row by its columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Under {
    No,
    Yes,
    /// If a granule's conditions hold.
    If,
}

/// The right that an interaction needs (SMART App Launch 2.2, "Scopes for requesting FHIR
/// resources"); `None` where the rows and entries behind it are asked about one by one.
fn needed(interaction: Interaction) -> Option<Rights> {
    Some(match interaction {
        Interaction::Read
        | Interaction::Meta
        | Interaction::Vread
        | Interaction::HistoryInstance
        | Interaction::WhoLooked
        | Interaction::ExplainAccess
        | Interaction::Preview
        | Interaction::Expand
        | Interaction::ValidateCode
        | Interaction::Lookup
        | Interaction::Subsumes
        | Interaction::Translate
        | Interaction::Validate => Rights::READ,
        Interaction::SearchType
        | Interaction::SearchSystem
        | Interaction::HistoryType
        | Interaction::Trace
        | Interaction::Everything
        | Interaction::LastN
        | Interaction::Match
        | Interaction::Duplicates
        | Interaction::HistorySystem => Rights::SEARCH,
        Interaction::Create | Interaction::File | Interaction::Claim | Interaction::BreakGlass => {
            Rights::CREATE
        }
        Interaction::Update
        | Interaction::Patch
        | Interaction::MetaAdd
        | Interaction::MetaDelete
        | Interaction::Revoke
        | Interaction::Supersede
        | Interaction::Merge
        | Interaction::Unmerge
        | Interaction::MoveResource
        | Interaction::OfferTransfer
        | Interaction::AcceptTransfer => Rights::UPDATE,
        Interaction::Delete => Rights::DELETE,
        Interaction::Transaction | Interaction::Batch | Interaction::Capabilities => return None,
    })
}

impl Ceiling {
    /// The ceiling of a grant for an interaction. Conditions limit reading alone: a scope with
    /// conditions admits no write.
    pub fn new(
        subject: &Subject,
        grant: &Grant,
        interaction: Interaction,
        names: &dyn Names,
        now: LogTime,
    ) -> Ceiling {
        let right = needed(interaction).unwrap_or(Rights::SEARCH);
        let (mut whole, mut own) = (TypeSet::default(), TypeSet::default());
        let mut granules = Vec::new();
        let counts = |scope: &&ResourceScope| {
            scope.rights.has(right) && fits(scope.context, &subject.principal)
        };
        for scope in grant.scopes.resources.iter().filter(counts) {
            let in_context = scope.context == Context::Patient;
            if in_context && grant.patient.is_none() {
                continue;
            }
            let Some(types) = types_of(scope) else { continue };
            if scope.query.is_empty() {
                let set = if in_context { &mut own } else { &mut whole };
                *set = set.union(types);
            } else if !interaction.writes() {
                granules.extend(granule(scope, now));
            }
        }
        let patient = grant.patient.as_ref().and_then(|id| names.patient(id.as_str()));
        Ceiling { whole, own, patient, granules: granules.into() }
    }

    /// Whether anything of the type, or of any type, is under the ceiling.
    pub fn reaches(&self, resource_type: Option<ResourceType>) -> bool {
        let Some(resource_type) = resource_type else {
            let none = TypeSet::default();
            return self.whole != none || self.own != none || !self.granules.is_empty();
        };
        self.whole.contains(resource_type)
            || self.own.contains(resource_type)
            || self.granules.iter().any(|granule| granule.resource_type == resource_type)
    }

    /// What the columns of a row say.
    pub fn admits(&self, row: RowView<'_>) -> Under {
        if self.whole.contains(row.resource_type) {
            return Under::Yes;
        }
        let own = self.is_own(row);
        if own && self.own.contains(row.resource_type) {
            return Under::Yes;
        }
        let open = |g: &Granule| g.resource_type == row.resource_type && (own || !g.own);
        if self.granules.iter().any(open) { Under::If } else { Under::No }
    }

    /// The granules one of which must match a row that is admitted [`Under::If`], with their
    /// places in the list.
    pub fn granules(&self) -> &Arc<[Granule]> {
        &self.granules
    }

    /// Whether this granule may speak for the row.
    pub fn speaks_for(&self, granule: &Granule, row: RowView<'_>) -> bool {
        granule.resource_type == row.resource_type && (!granule.own || self.is_own(row))
    }

    fn is_own(&self, row: RowView<'_>) -> bool {
        row.patients.is_empty() || self.patient.is_some_and(|own| row.patients.contains(&own))
    }
}

/// Whether the context means anything for the kind of principal.
fn fits(context: Context, principal: &Principal) -> bool {
    match principal {
        Principal::Patient(_) | Principal::Practitioner(_) | Principal::RelatedPerson(_) => {
            context != Context::System
        }
        Principal::Device(_) | Principal::System { .. } => context == Context::System,
    }
}

fn types_of(scope: &ResourceScope) -> Option<TypeSet> {
    match &scope.resource_type {
        None => Some(TypeSet::ALL),
        Some(name) => ResourceType::from_name(name).map(|one| [one].into_iter().collect()),
    }
}

/// The conditions of a scope, if they can be read: search parameters of the type, no ids, no
/// instants, nothing behind references, nothing that shapes an answer.
fn granule(scope: &ResourceScope, now: LogTime) -> Option<Granule> {
    let resource_type = ResourceType::from_name(scope.resource_type.as_deref()?)?;
    let context = accord_query::Context::strict(now);
    let query = accord_query::parse(Some(resource_type), scope.query.iter().cloned(), &context);
    let query = query.ok()?.query;
    let chained = |clause: &Clause| matches!(clause.test, Test::Chain(_));
    let plain = |clause: &Clause| matches!(clause.target, Target::Param(_)) && !chained(clause);
    let whole = query.clauses.len() == scope.query.len() && query.clauses.iter().all(plain);
    whole.then_some(Granule { resource_type, query, own: scope.context == Context::Patient })
}

/// What of a scope a role can be given: the rights it has itself on the type, or on any type for
/// `*`. Nothing for unknown types and unreadable conditions; with conditions, reading alone.
pub fn grantable(role: Role, scope: &ResourceScope) -> Option<ResourceScope> {
    types_of(scope)?;
    let conditional = !scope.query.is_empty();
    if conditional {
        granule(scope, LogTime(0))?;
    }
    let types = match &scope.resource_type {
        Some(name) => vec![ResourceType::from_name(name)?],
        None => ResourceType::ALL.to_vec(),
    };
    let may = |interaction| types.iter().any(|t| rights::may(role, interaction, Some(*t)));
    let mut held = Rights::default();
    for (right, interaction) in [
        (Rights::CREATE, Interaction::Create),
        (Rights::READ, Interaction::Read),
        (Rights::UPDATE, Interaction::Update),
        (Rights::DELETE, Interaction::Delete),
        (Rights::SEARCH, Interaction::SearchType),
    ] {
        if may(interaction) && !(conditional && interaction.writes()) {
            held = held.or(right);
        }
    }
    let rights = scope.rights.and(held);
    (!rights.is_none()).then(|| ResourceScope { rights, ..scope.clone() })
}
