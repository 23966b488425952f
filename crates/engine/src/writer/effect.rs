//! From one checked write to the effect that is logged and applied.

use std::sync::Arc;

use accord_access::consent::RowLinks;
use accord_access::{
    Class, Fact, NamedFact, PENDING_ACTOR, PENDING_ORG, RowPolicy, RowView, Scope, WriteDenied,
    label, narrow, staying,
};
use accord_base::{ActorOrd, LogTime, NameSpace, OrgOrd, PatientOrd, Role, Row, Subject};
use accord_fhir::IssueCode;
use accord_index::{Head, RowEffect, Values};
use accord_spec::ResourceType;

use super::names::Naming;
use super::{How, Written, merge};
use crate::controller::Controller;
use crate::prepare::{Act, Content, Demand, Entitled, Write};
use crate::{Category, Failure};

/// What one write does.
pub(super) enum Step {
    /// A row is born.
    Born(Box<RowEffect>, Written),
    /// Nothing happens.
    Nothing(Written),
}

/// What a write is checked against.
pub(super) struct Before<'a> {
    pub scope: &'a Scope,
    pub writer: &'a Subject,
    /// The id of the resource named.
    pub id: &'a str,
    /// What consents ask about the newest version, where there is one.
    pub standing: Option<&'a dyn RowLinks>,
    /// The same about new content.
    pub coming: Option<&'a dyn RowLinks>,
    /// The newest version, deletions included, of the resource named.
    pub head: Option<Head>,
    /// Facts that version states.
    pub facts: &'a [Fact],
    /// The row and instant that a birth gets.
    pub row: Row,
    pub at: LogTime,
    /// The labels that new content gets.
    pub labels: u64,
    /// Labels that any patient's row may turn out to have.
    pub unsettled: u64,
}

impl Before<'_> {
    fn head_view(&self, resource_type: ResourceType) -> Option<RowView<'_>> {
        let head = self.head.as_ref()?;
        Some(self.view(resource_type, head.deleted, &head.policy, self.standing))
    }

    fn view<'b>(
        &'b self,
        resource_type: ResourceType,
        deleted: bool,
        policy: &'b RowPolicy,
        links: Option<&'b dyn RowLinks>,
    ) -> RowView<'b> {
        let mut view = RowView { links, ..RowView::of(resource_type, deleted, policy) };
        if self.unsettled != 0 && Class::of(resource_type) != Class::Directory {
            view.labels = label::raised(view.labels, self.unsettled);
        }
        view
    }

    /// Whether there is a version that the writer may know of.
    fn visible(&self, resource_type: ResourceType) -> bool {
        self.head_view(resource_type).is_some_and(|view| self.scope.admits(view))
    }

    /// Whether the resource belongs to the writer's own organisation, of which the store hears
    /// for the first time.
    fn is_own_new_organization(&self, content: &Content, names: &Naming<'_>) -> bool {
        let own = self.writer.organization.as_ref();
        let controller = content.policy.controller.id();
        self.head.is_none()
            && own.is_some_and(|own| own.as_str() == controller)
            && names.is_new(NameSpace::Organization, controller)
    }

    fn is_live(&self) -> bool {
        self.head.as_ref().is_some_and(|head| !head.deleted)
    }
}

/// Decides one write.
pub(super) fn step(
    write: &Write,
    before: &Before<'_>,
    names: &mut Naming<'_>,
) -> Result<Step, Failure> {
    demand(write, before)?;
    match &write.act {
        Act::Keep => Ok(Step::Nothing(kept(before, How::Kept))),
        Act::Delete => delete(write, before, names),
        Act::Store { content, create } => store(write, content, *create, before, names),
    }
}

/// `If-Match`: what is hidden or absent is no version at all.
fn demand(write: &Write, before: &Before<'_>) -> Result<(), Failure> {
    let version = match write.demand {
        Demand::Any => return Ok(()),
        Demand::Absent if before.is_live() && before.visible(write.resource_type) => {
            let text = "the resource exists and does not match the condition";
            return Err(Failure::new(Category::Conflict, IssueCode::Conflict, text));
        }
        // What is hidden is met by `store`, which answers as for any update.
        Demand::Absent => return Ok(()),
        Demand::Version(version) => version,
    };
    let current = before.head.as_ref().filter(|head| {
        before.visible(write.resource_type) && !head.deleted && head.version == version
    });
    if current.is_some() {
        return Ok(());
    }
    let text = format!("version `{version}` is not the current version");
    Err(Failure::new(Category::Precondition, IssueCode::Conflict, text))
}

fn delete(write: &Write, before: &Before<'_>, names: &Naming<'_>) -> Result<Step, Failure> {
    let known = before.is_live() && before.visible(write.resource_type);
    let Some(head) = before.head.as_ref().filter(|_| known) else {
        return Ok(Step::Nothing(kept(before, How::WasAbsent)));
    };
    let view = before.view(write.resource_type, false, &head.policy, before.standing);
    before.scope.admits_write(Some(view), None).map_err(refused)?;
    merge::keeps_side(write, before, names)?;
    let effect = RowEffect {
        row: before.row,
        born: before.at,
        resource_type: write.resource_type.0,
        id: write.id.clone(),
        version: head.version + 1,
        deleted: true,
        put: false,
        prior: Some(head.row),
        policy: head.policy.clone(),
        names: Vec::new(),
        facts: Vec::new(),
        values: Arc::new(Values::default()),
        changes: Vec::new(),
    };
    Ok(born(effect, How::Deleted))
}

fn store(
    write: &Write,
    content: &Content,
    create: bool,
    before: &Before<'_>,
    names: &mut Naming<'_>,
) -> Result<Step, Failure> {
    if !create && !before.scope.may_assign_ids() && !before.visible(write.resource_type) {
        return Err(Failure::new(Category::NotFound, IssueCode::NotFound, "no such resource"));
    }
    let mut policy = policy(content, before.head.as_ref(), names);
    policy.labels = before.labels;
    let view = before.head_view(write.resource_type);
    let mut after = before.view(write.resource_type, false, &policy, before.coming);
    if before.is_own_new_organization(content, names) {
        after.controller = PENDING_ORG;
    }
    let authors = authors(&policy, before.writer, names);
    after.authors = &authors;
    match (&content.act, view) {
        (Some(_), Some(view)) => before.scope.admits_correction(view, after).map_err(refused)?,
        _ => before.scope.admits_write(view, Some(after)).map_err(refused)?,
    }
    // The same again on labels as they are: what is unsettled hides what is taken away.
    let had = before.head.as_ref().map_or(0, |head| head.policy.labels);
    if before.writer.role != Role::System && label::lowered(had, policy.labels) {
        return Err(refused(WriteDenied::LabelsLowered));
    }
    if content.act.is_none() {
        merge::keeps_merged(before)?;
    }
    let effect = RowEffect {
        row: before.row,
        born: before.at,
        resource_type: write.resource_type.0,
        id: write.id.clone(),
        version: before.head.as_ref().map_or(1, |head| head.version + 1),
        deleted: false,
        put: !create && !before.is_live(),
        prior: before.head.as_ref().map(|head| head.row),
        facts: facts(content, before, &policy, names),
        policy,
        names: names.take_new(),
        values: content.values.clone(),
        changes: Vec::new(),
    };
    Ok(born(effect, if before.is_live() { How::Updated } else { How::Created }))
}

/// The authors, with the writer's own stand-in where the store hears of them for the first time.
fn authors(
    policy: &RowPolicy,
    writer: &Subject,
    names: &Naming<'_>,
) -> smallvec::SmallVec<[ActorOrd; 1]> {
    let mut authors = policy.authors.clone();
    if authors.is_empty() {
        return authors;
    }
    let reference = writer.reference();
    if names.is_new(NameSpace::Actor, &reference)
        && let Some(own) = names.find(NameSpace::Actor, &reference)
        && let Some(author) = authors.iter_mut().find(|author| author.0 == own)
    {
        *author = PENDING_ACTOR;
    }
    authors
}

/// The policy columns, with ordinals given where a name is new. The controller of a resource does
/// not change by writing it.
fn policy(content: &Content, head: Option<&Head>, names: &mut Naming<'_>) -> RowPolicy {
    let named = &content.policy;
    let writer = match &named.controller {
        Controller::Commons => OrgOrd::COMMONS,
        Controller::Organization(id) => OrgOrd(names.give(NameSpace::Organization, id.as_str())),
    };
    let columns = &named.columns;
    let mut patients: smallvec::SmallVec<[PatientOrd; 1]> = columns
        .patients
        .iter()
        .map(|id| PatientOrd(names.give(NameSpace::Patient, id.as_str())))
        .collect();
    patients.sort_unstable();
    patients.dedup();
    let mut authors: smallvec::SmallVec<[ActorOrd; 1]> = columns
        .authors
        .iter()
        .map(|reference| ActorOrd(names.give(NameSpace::Actor, reference)))
        .collect();
    authors.sort_unstable();
    authors.dedup();
    RowPolicy {
        controller: head.map_or(writer, |head| head.policy.controller),
        source: writer,
        patients,
        labels: columns.labels,
        clinical_day: columns.clinical_day,
        authors,
    }
}

/// Facts count when someone entitled wrote them; anyone else can only narrow those that stood.
fn facts(
    content: &Content,
    before: &Before<'_>,
    policy: &RowPolicy,
    names: &mut Naming<'_>,
) -> Vec<Fact> {
    if let Some(act) = content.act.as_ref().filter(|act| **act != Entitled::Move) {
        return merge::facts(act, before, names);
    }
    let mut given =
        |fact: &NamedFact| fact.resolve(before.at, |space, name| names.give(space, name));
    let mut facts: Vec<Fact> = content.facts.counting.iter().map(&mut given).collect();
    if before.head.is_none() {
        let claims = content.facts.claims.iter().map(&mut given);
        facts.extend(claims.flat_map(|claim| merge::of_person(claim, before.scope)));
    }
    let narrowing: Vec<Fact> = content.facts.narrowing.iter().map(given).collect();
    let same_controller =
        before.head.as_ref().is_some_and(|head| head.policy.controller == policy.controller);
    if same_controller {
        let standing = || before.facts.iter().cloned();
        facts.extend(narrowing.into_iter().filter_map(|fact| narrow(standing(), fact)));
        facts.extend(staying(before.writer.role, standing()));
    }
    facts
}

fn born(effect: RowEffect, how: How) -> Step {
    let RowEffect { version, born, row, put, .. } = effect;
    let written = Written { how, version, born, row, put };
    Step::Born(Box::new(effect), written)
}

fn kept(before: &Before<'_>, how: How) -> Written {
    match before.head.as_ref() {
        Some(Head { version, born, row, put, .. }) => {
            Written { how, version: *version, born: *born, row: *row, put: *put }
        }
        None => Written { how, version: 0, born: before.at, row: before.row, put: false },
    }
}

/// The refusal of a write. What is hidden is answered as what is not there.
fn refused(denied: WriteDenied) -> Failure {
    let (category, code) = match denied {
        WriteDenied::Forbidden => (Category::Forbidden, IssueCode::Forbidden),
        WriteDenied::Hidden
        | WriteDenied::OutOfReach
        | WriteDenied::NotOwnController
        | WriteDenied::ControllerChanged
        | WriteDenied::PatientsChanged
        | WriteDenied::ClaimKept
        | WriteDenied::LabelsLowered => (Category::Conflict, IssueCode::Conflict),
    };
    let text = match denied {
        // An id that someone else's data has taken: nothing about it is told.
        WriteDenied::Hidden | WriteDenied::NotOwnController => {
            "the resource cannot be written in this context".to_owned()
        }
        told => told.to_string(),
    };
    Failure::new(category, code, text)
}
