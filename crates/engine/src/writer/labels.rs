//! Labels as the writer gives them: with what rows refer to, and to what refers to them.

use std::collections::{HashMap, HashSet, VecDeque};

use accord_access::label::{has_any, lowered, raised};
use accord_base::{Role, Row, Subject};
use accord_index::{Change, Head, RowChange, RowEffect, Upkeep, extract};
use accord_spec::ResourceType;
use accord_store::codec::{TxPlace, encode_changes};

use super::evaluate::Accepted;
use super::group::Pending;
use super::{Commit, Writer};
use crate::labels::{Found, Relabel};
use crate::prepare::{Act, Content};
use crate::{Failure, labels::Target};

/// Most rows that a write raises beside its own; where more refer to it, the job does.
const MOST_RAISED: usize = if cfg!(test) { 8 } else { 2048 };

/// Rows to be raised, each with its new labels.
type Raised = HashMap<Row, u64>;

impl Writer {
    /// The labels that new content gets: its own, those of rules, those of what it refers to. What
    /// a version before had by rules or by what it referred to stays, unless the system writes.
    pub(super) fn labels(
        &self,
        (of, id): (ResourceType, &str),
        content: &Content,
        head: Option<&Head>,
        writer: &Subject,
    ) -> u64 {
        // What refers to itself does not thereby keep what its last version had.
        let others = content.targets.iter().filter(|(to, name)| (*to, name.as_str()) != (of, id));
        let labels = inherited(&self.index.upkeep(), content.policy.columns.labels, others);
        let Some(head) = head else { return labels };
        let before = head.policy.labels;
        if writer.role == Role::System || !lowered(before, labels) {
            return labels;
        }
        let content_row = if head.deleted {
            self.index.upkeep().row(head.row).and_then(|row| row.prior)
        } else {
            Some(head.row)
        };
        let stated = content_row.and_then(|row| self.engine.stated_labels(row));
        // What a version stated itself only the system takes away: refused as what it is.
        if lowered(stated.unwrap_or(before), content.stated) {
            return labels;
        }
        raised(before, labels)
    }

    /// Lets the rows of a transaction inherit from each other, and raises what refers to them.
    pub(super) fn settle(&self, commit: &Commit, accepted: &mut Accepted) -> Result<(), Failure> {
        let effects = &mut accepted.effects;
        if !effects.iter().any(|(_, effect)| has_any(effect.policy.labels)) {
            return Ok(());
        }
        inherit_within(commit, effects);
        let upkeep = self.index.upkeep();
        let mut spread = Spread::new(&upkeep);
        for (_, effect) in effects.iter() {
            // Nothing refers yet to what a create has just named.
            if effect.prior.is_none() && !effect.put || !has_any(effect.policy.labels) {
                continue;
            }
            let of = ResourceType(effect.resource_type);
            let before = upkeep.labels_of(of, effect.id.as_str());
            if raised(before, effect.policy.labels) != before {
                let spread = spread.from(of, effect.id.to_string(), effect.policy.labels);
                spread.map_err(|error| self.engine.fault("what refers to a resource", &error))?;
            }
        }
        accepted.unsettled = spread.unsettled;
        let mut changes = changes(spread.raised);
        if let Some((_, last)) = effects.last_mut() {
            last.changes.append(&mut changes);
        }
        Ok(())
    }

    /// Lets rules count that an accepted transaction brings, and what it raises but could not
    /// follow. Durable before the transaction is.
    pub(super) fn require_labels(
        &self,
        commit: &Commit,
        accepted: &Accepted,
    ) -> Result<(), Failure> {
        let (labels, fault) =
            (&self.engine.labels, |error| self.engine.fault("label rules", &error));
        let until = accepted.effects.last().map_or(self.next, |(_, effect)| effect.row.next());
        if accepted.unsettled != 0 {
            labels.require(accepted.unsettled, until).map_err(fault)?;
        }
        for (at, effect) in &accepted.effects {
            if ResourceType(effect.resource_type).name() != "PlanDefinition" {
                continue;
            }
            let (rules, controller) = match commit.prepared.writes.get(*at).map(|w| &w.act) {
                Some(Act::Store { content, .. }) => {
                    (content.rules.clone(), content.policy.controller.id())
                }
                _ => (Vec::new(), ""),
            };
            let (id, known) = (effect.id.as_str(), labels.rules());
            if known.of(id) == rules {
                continue;
            }
            let new = rules.iter().filter(|rule| !known.of(id).contains(rule));
            let new = new.fold(0, |labels, rule| labels | rule.labels());
            if new != 0 {
                labels.require(new, until).map_err(fault)?;
            }
            labels.set_rules(id, controller, rules);
        }
        Ok(())
    }

    /// Raises what the job has looked at, as a record of its own.
    pub(super) fn relabel(&mut self, relabel: Relabel, pending: &mut Pending) {
        let at = self.engine.clock.now().max(pending.at.plus_us(1));
        let upkeep = self.index.upkeep();
        let raised: Raised =
            relabel.rows.iter().filter_map(|found| raised_row(&upkeep, found)).collect();
        let rows = raised.len();
        if rows > 0 {
            let (row, changes) = (self.next, changes(raised));
            let record = encode_changes(row, at, TxPlace { index: 0, size: 1 }, &changes);
            let applied = record.map_err(|error| self.engine.fault("encoding a record", &error));
            let Ok(record) = applied else { return };
            if let Err(error) = self.index.apply_changes(row, at, &changes) {
                self.engine.fault("raising labels", &error);
                self.broken = true;
                return;
            }
            self.engine.clock.pass(at);
            self.wrote.fill(row.next());
            pending.bytes += record.len();
            pending.group.records.push(record);
            pending.at = at;
            self.next = row.next();
            self.engine.labels.note_raised(rows);
        }
        pending.relabelled.push((relabel.reply, rows));
    }
}

/// A row with its labels, if it must be raised.
fn raised_row(upkeep: &Upkeep, found: &Found) -> Option<(Row, u64)> {
    let row = upkeep.row(found.row)?;
    let mut labels = inherited(upkeep, raised(row.labels, found.labels), found.targets.iter());
    if let Some(prior) = row.prior.filter(|_| row.deleted).and_then(|prior| upkeep.row(prior)) {
        labels = raised(labels, prior.labels);
    }
    (labels != row.labels).then_some((found.row, labels))
}

fn inherited<'a>(upkeep: &Upkeep, own: u64, targets: impl Iterator<Item = &'a Target>) -> u64 {
    targets.map(|(of, id)| upkeep.labels_of(*of, id.as_str())).fold(own, raised)
}

fn changes(raised: Raised) -> Vec<RowChange> {
    let change = |(row, labels)| RowChange { row, change: Change::Labels(labels) };
    let mut changes: Vec<RowChange> = raised.into_iter().map(change).collect();
    changes.sort_unstable_by_key(|change| change.row);
    changes
}

/// Labels go from each row of a transaction to those that refer to it, until nothing changes.
fn inherit_within(commit: &Commit, effects: &mut [(usize, RowEffect)]) {
    let key = |effect: &RowEffect| (ResourceType(effect.resource_type), effect.id.clone());
    let places: HashMap<Target, usize> =
        effects.iter().enumerate().map(|(at, (_, effect))| (key(effect), at)).collect();
    let mut labels: Vec<u64> = effects.iter().map(|(_, effect)| effect.policy.labels).collect();
    let links = |at_write: usize| match commit.prepared.writes.get(at_write).map(|w| &w.act) {
        Some(Act::Store { content, .. }) => content.targets.as_slice(),
        _ => &[],
    };
    loop {
        let mut changed = false;
        for (at, (at_write, _)) in effects.iter().enumerate() {
            for target in links(*at_write) {
                let by = places.get(target).and_then(|place| labels.get(*place)).copied();
                let (Some(by), Some(own)) = (by, labels.get_mut(at)) else { continue };
                let next = raised(*own, by);
                changed |= next != *own;
                *own = next;
            }
        }
        if !changed {
            break;
        }
    }
    for ((_, effect), labels) in effects.iter_mut().zip(labels) {
        effect.policy.labels = labels;
    }
}

/// Labels on their way to what refers to their bearer.
struct Spread<'a> {
    upkeep: &'a Upkeep,
    raised: Raised,
    /// Labels that were not followed to their end.
    unsettled: u64,
    /// Deletions, each by the version that it ended, of the resources gone through.
    deletions: HashMap<Row, Row>,
    /// The newest versions of these.
    gone_through: HashSet<Row>,
}

impl Spread<'_> {
    fn new(upkeep: &Upkeep) -> Spread<'_> {
        let (raised, deletions, gone_through) = Default::default();
        Spread { upkeep, raised, unsettled: 0, deletions, gone_through }
    }

    /// The deletion that ended a version, if one did.
    fn deletion_of(&mut self, version: Row, newest: Row) -> Option<Row> {
        let mut next = self.gone_through.insert(newest).then_some(newest);
        while let Some((row, known)) = next.and_then(|row| Some((row, self.upkeep.row(row)?))) {
            next = known.prior;
            if let (true, Some(ended)) = (known.deleted, known.prior) {
                self.deletions.insert(ended, row);
            }
        }
        self.deletions.get(&version).copied()
    }

    fn from(
        &mut self,
        of: ResourceType,
        id: String,
        labels: u64,
    ) -> Result<(), accord_index::IndexError> {
        let mut queue = VecDeque::from([(of, id, labels)]);
        let mut seen = HashSet::new();
        while let Some((of, id, by)) = queue.pop_front() {
            if !extract::passes_labels(of) || !seen.insert((of, id.clone(), by)) {
                continue;
            }
            let referrers = self.upkeep.referrers(of, &id)?;
            if self.raised.len() + referrers.len() > MOST_RAISED {
                self.unsettled |= by;
                return Ok(());
            }
            for row in referrers {
                self.raise(row, by, &mut queue);
            }
        }
        Ok(())
    }

    fn raise(&mut self, row: Row, by: u64, queue: &mut VecDeque<(ResourceType, String, u64)>) {
        let Some(known) = self.upkeep.row(row) else { return };
        let before = self.raised.get(&row).copied().unwrap_or(known.labels);
        let labels = raised(before, by);
        if labels == before {
            return;
        }
        self.raised.insert(row, labels);
        if known.newest == row {
            queue.push_back((known.resource_type, self.upkeep.id(row), labels));
        } else if let Some(deletion) = self.deletion_of(row, known.newest) {
            // What tells that it was there is as protected as what was there.
            self.raise(deletion, by, queue);
        }
    }
}
