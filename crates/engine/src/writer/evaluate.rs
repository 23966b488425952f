//! One transaction against the state: assumptions, decision, preconditions, effects.

use std::borrow::Cow;

use accord_access::{AccessRequest, Decision, InForce, Interaction, PendingFacts, Scope};
use accord_base::{LogTime, NameSpace, PatientOrd, ResourceId, Row};
use accord_index::{RowEffect, View};

use super::effect::{Before, Step, step};
use super::names::Naming;
use super::{Commit, How, Writer, Written};
use crate::Failure;
use crate::prepare::{Act, Assumption, Write};
use crate::record::Ending;

/// Codes of the rules of a decision.
type Rules = Vec<Cow<'static, str>>;

/// What the writer decided about a transaction.
pub(super) enum Verdict {
    /// Do it.
    Accept(Accepted),
    /// Prepare it again.
    Stale,
    /// It was committed before.
    AlreadyImported,
    /// Refuse it.
    Refuse(Failure, Refusal),
}

/// An accepted transaction.
pub(super) struct Accepted {
    /// The rows born, in order, each with the index of its write.
    pub effects: Vec<(usize, RowEffect)>,
    /// What became of each write.
    pub written: Vec<Written>,
    /// Patients named by the rows, for the access record.
    pub patients: Vec<ResourceId>,
    /// The rules of the decision.
    pub rules: Rules,
}

/// Why a transaction is refused, for the access record.
#[derive(Default)]
pub(super) struct Refusal {
    /// The rules of the decision.
    pub rules: Rules,
}

impl Writer {
    /// Decides a transaction at `at`; its first birth would get the row `first`. `facts` are those
    /// of the group's earlier members.
    pub(super) fn evaluate(
        &self,
        commit: &Commit,
        (at, first): (LogTime, Row),
        facts: &mut PendingFacts,
    ) -> Verdict {
        match self.is_marked(commit) {
            Ok(false) => {}
            Ok(true) => return Verdict::AlreadyImported,
            Err(failure) => return Verdict::Refuse(failure, Refusal::default()),
        }
        let mut names = Naming::new(&self.index);
        let mut accepted = Accepted {
            effects: Vec::with_capacity(commit.prepared.writes.len()),
            written: Vec::with_capacity(commit.prepared.writes.len()),
            patients: Vec::new(),
            rules: Vec::new(),
        };
        let mut next = first;
        let mut before: Vec<PatientOrd> = Vec::new();
        for (at_write, write) in commit.prepared.writes.iter().enumerate() {
            if !self.assumptions_hold(commit, write, at, facts) {
                return Verdict::Stale;
            }
            let refuse = |failure: Failure, rules| {
                let failure = in_bundle(failure, commit, at_write);
                Verdict::Refuse(failure, Refusal { rules })
            };
            let scope = match self.decide(commit, asked(write), at, facts) {
                Ok((scope, rules)) => {
                    accepted.rules = rules;
                    scope
                }
                Err((failure, rules)) => return refuse(failure, rules),
            };
            let place = (next, at);
            match self.one(commit, write, &scope, place, facts, &mut names, &mut before) {
                Ok(Step::Born(effect, written)) => {
                    next = next.next();
                    accepted.written.push(written);
                    accepted.effects.push((at_write, *effect));
                }
                Ok(Step::Nothing(written)) => accepted.written.push(written),
                Err(failure) => return refuse(failure, accepted.rules),
            }
        }
        accepted.patients = self.patients_of(commit, &accepted, before);
        Verdict::Accept(accepted)
    }

    fn is_marked(&self, commit: &Commit) -> Result<bool, Failure> {
        let Some(mark) = &commit.prepared.mark else { return Ok(false) };
        let engine = &self.engine;
        engine.log.has_mark(mark).map_err(|error| engine.fault("the import ledger", &error))
    }

    /// Whether the state is still what preparation took it for. What a condition finds is decided
    /// anew, for who may see what can have changed as well as what there is.
    fn assumptions_hold(
        &self,
        commit: &Commit,
        write: &Write,
        now: LogTime,
        facts: &mut PendingFacts,
    ) -> bool {
        write.assumes.iter().all(|assumption| match assumption {
            Assumption::Current(version) => self
                .index
                .head(write.resource_type, write.id.as_str())
                .is_some_and(|head| !head.deleted && head.version == *version),
            Assumption::Matches { query, found } => {
                let (interaction, resource_type) = (Interaction::SearchType, query.resource_type);
                let request = AccessRequest { interaction, resource_type };
                let decided = self.decide(commit, request, now, facts);
                let Ok((scope, _)) = decided else { return false };
                let view: View = self.index.view(scope);
                crate::conditional::only_match(&view, query).is_ok_and(|now| now == *found)
            }
        })
    }

    fn decide(
        &self,
        commit: &Commit,
        request: AccessRequest,
        now: LogTime,
        facts: &mut PendingFacts,
    ) -> Result<(Scope, Rules), (Failure, Rules)> {
        let Some(subject) = &commit.draft.who else {
            return Err((crate::unauthenticated(), Vec::new()));
        };
        let decision = {
            let policy = self.engine.policy.read();
            // A reader may have advanced the policy further; never decide on less.
            let now = now.max(policy.now());
            facts.advance(now);
            let facts = InForce::with(&policy, facts);
            accord_access::decide(subject, request, facts, &*self.engine, now)
        };
        let rules = crate::rule_codes(&decision);
        match decision {
            Decision::Permit(scope) => Ok((scope, rules)),
            Decision::Deny { reasons } => Err((crate::denied(&reasons), rules)),
        }
    }

    fn one(
        &self,
        commit: &Commit,
        write: &Write,
        scope: &Scope,
        (row, at): (Row, LogTime),
        facts: &PendingFacts,
        names: &mut Naming<'_>,
        before: &mut Vec<PatientOrd>,
    ) -> Result<Step, Failure> {
        let Some(writer) = commit.draft.who.as_deref() else {
            return Err(crate::unauthenticated());
        };
        let head = self.index.head(write.resource_type, write.id.as_str());
        let policy = self.engine.policy.read();
        let standing = head.as_ref().map(|head| facts.stated(&policy, head.row));
        let facts = standing.unwrap_or_default();
        drop(policy);
        let state = Before { scope, writer, head, facts: &facts, row, at };
        let step = step(write, &state, names)?;
        // What was found absent is not drawn on: it may be hidden.
        let absent = matches!(&step, Step::Nothing(written) if written.how == How::WasAbsent);
        if let Some(head) = state.head.filter(|_| !absent) {
            before.extend_from_slice(&head.policy.patients);
        }
        Ok(step)
    }

    /// Every patient that the writes name, before or after, a resource left as it is included: the
    /// answer may show it.
    fn patients_of(
        &self,
        commit: &Commit,
        accepted: &Accepted,
        mut before: Vec<PatientOrd>,
    ) -> Vec<ResourceId> {
        before.sort_unstable();
        before.dedup();
        let named = before.into_iter().filter_map(|ordinal| {
            let name = self.index.name(NameSpace::Patient, ordinal.0)?;
            ResourceId::new(&name).ok()
        });
        let mut patients: Vec<ResourceId> = named.collect();
        for (at, _) in &accepted.effects {
            let write = commit.prepared.writes.get(*at);
            if let Some(Act::Store { content, .. }) = write.map(|write| &write.act) {
                patients.extend_from_slice(&content.policy.columns.patients);
            }
        }
        patients.sort_unstable();
        patients.dedup();
        patients
    }

    /// The sealed access record of a transaction's ending.
    pub(super) fn sealed_record(
        &self,
        commit: &Commit,
        ending: Ending<'_>,
    ) -> Result<Vec<Vec<u8>>, Failure> {
        let records = commit.draft.clone().finish(ending);
        records.iter().map(|record| self.engine.recorder.seal(record)).collect()
    }
}

/// What a write asks to be decided.
fn asked(write: &Write) -> AccessRequest {
    let interaction = match &write.act {
        Act::Store { create: true, .. } | Act::Keep => Interaction::Create,
        Act::Store { .. } => Interaction::Update,
        Act::Delete => Interaction::Delete,
    };
    AccessRequest { interaction, resource_type: Some(write.resource_type) }
}

/// Tells where in a transaction the write stands that failed.
fn in_bundle(mut failure: Failure, commit: &Commit, at: usize) -> Failure {
    if let Some(entry) = commit.entry_of(at) {
        for issue in &mut failure.issues {
            if issue.expression.is_none() {
                issue.expression = Some(format!("Bundle.entry[{entry}]"));
            }
        }
    }
    failure
}
