//! One transaction against the state: write by write, all or none.

use std::borrow::Cow;

use accord_access::consent::RowLinks;
use accord_access::{AccessRequest, InForce, Interaction, PendingFacts, Scope};
use accord_base::{ActorOrd, LogTime, NameSpace, OrgOrd, PatientOrd, ResourceId, Role, Row};
use accord_fhir::{Issue, IssueCode};
use accord_index::{RowEffect, Unwritten};

use super::effect::{Before, Step, step};
use super::names::Naming;
use super::{Commit, How, Writer, Written};
use crate::prepare::{Act, By, Write};
use crate::record::Ending;
use crate::{Category, Failure};

/// Codes of the rules of a decision.
pub(super) type Rules = Vec<Cow<'static, str>>;

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
    /// Labels that more rows must get than a write can raise.
    pub unsettled: u64,
    /// Rows for which another organisation answers from now on, with which.
    pub moved: Option<(OrgOrd, Vec<Row>)>,
}

/// Why a transaction is refused, for the access record.
#[derive(Default)]
pub(super) struct Refusal {
    /// The rules of the decision.
    pub rules: Rules,
}

/// A transaction being decided.
pub(super) struct Trial<'a> {
    /// The transaction.
    pub commit: &'a Commit,
    /// Its instant.
    pub at: LogTime,
    /// Facts of the group's earlier members.
    pub facts: &'a mut PendingFacts,
}

impl Writer {
    /// Decides a transaction; its first birth would get the row `first`.
    pub(super) fn evaluate(&self, mut trial: Trial<'_>, first: Row) -> Verdict {
        let commit = trial.commit;
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
            unsettled: 0,
            moved: None,
        };
        if let Some(asked) = commit.prepared.beside {
            match self.decide(&mut trial, asked) {
                Ok((_, rules)) => accepted.rules = rules,
                Err((failure, rules)) => return Verdict::Refuse(failure, Refusal { rules }),
            }
        }
        let mut next = first;
        let mut before: Vec<PatientOrd> = Vec::new();
        for (at_write, write) in commit.prepared.writes.iter().enumerate() {
            if !self.assumptions_hold(&mut trial, write) {
                return Verdict::Stale;
            }
            let refuse = |failure: Failure, rules| {
                let failure = in_bundle(failure, commit, at_write);
                Verdict::Refuse(failure, Refusal { rules })
            };
            let scope = match (write.by, self.decide(&mut trial, asked(write))) {
                (By::Server, _) => Scope::system("what goes with a claim of access"),
                (By::Asker, Ok((scope, rules))) => {
                    accepted.rules = rules;
                    scope
                }
                (By::Asker, Err((failure, rules))) => return refuse(failure, rules),
            };
            match self.one(&trial, write, (&scope, next), &mut names, &mut before) {
                Ok(Step::Born(effect, written)) => {
                    next = next.next();
                    accepted.written.push(written);
                    accepted.effects.push((at_write, *effect));
                }
                Ok(Step::Nothing(written)) => accepted.written.push(written),
                Err(failure) => return refuse(failure, accepted.rules),
            }
        }
        if let Err(failure) = self.settle(commit, &mut accepted) {
            return Verdict::Refuse(failure, Refusal { rules: accepted.rules });
        }
        if let Err(failure) = self.params_fit(commit, &accepted) {
            return Verdict::Refuse(failure, Refusal { rules: accepted.rules });
        }
        match self.transfer(&trial, &names, &mut accepted) {
            Ok(true) => {}
            Ok(false) => return Verdict::Stale,
            Err(failure) => return Verdict::Refuse(failure, Refusal { rules: accepted.rules }),
        }
        accepted.patients = self.patients_of(commit, &accepted, before);
        Verdict::Accept(accepted)
    }

    fn is_marked(&self, commit: &Commit) -> Result<bool, Failure> {
        let Some(mark) = &commit.prepared.mark else { return Ok(false) };
        let engine = &self.engine;
        engine.log.has_mark(mark).map_err(|error| engine.fault("the import ledger", &error))
    }

    fn one(
        &self,
        trial: &Trial<'_>,
        write: &Write,
        (scope, row): (&Scope, Row),
        names: &mut Naming<'_>,
        before: &mut Vec<PatientOrd>,
    ) -> Result<Step, Failure> {
        let Some(writer) = trial.commit.draft.who.as_deref() else {
            return Err(crate::unauthenticated());
        };
        let head = self.index.head(write.resource_type, write.id.as_str());
        let policy = self.engine.policy.read();
        let standing = head.as_ref().map(|head| trial.facts.stated(&policy, head.row));
        let facts = standing.unwrap_or_default();
        drop(policy);
        let upkeep = self.index.upkeep();
        let standing = head.as_ref().and_then(|head| upkeep.content(head.row));
        let standing = standing.as_ref().map(|content| content as &dyn RowLinks);
        let coming = match &write.act {
            Act::Store { content, .. } => Some(Unwritten {
                upkeep: &upkeep,
                resource_type: write.resource_type,
                id: write.id.as_str(),
                values: &content.values,
                targets: &content.targets,
            }),
            Act::Delete | Act::Keep => None,
        };
        let coming = coming.as_ref().map(|content| content as &dyn RowLinks);
        let labels = match &write.act {
            Act::Store { content, .. } => {
                let name = (write.resource_type, write.id.as_str());
                self.labels(name, content, head.as_ref(), writer)
            }
            Act::Delete | Act::Keep => 0,
        };
        let unsettled = self.index.unsettled();
        let facts = facts.as_slice();
        let (id, at) = (write.id.as_str(), trial.at);
        let state =
            Before { scope, writer, id, standing, coming, head, facts, row, at, labels, unsettled };
        let step = step(write, &state, names)?;
        self.signed(trial, write, names)?;
        // What was found absent is not drawn on: it may be hidden.
        let absent = matches!(&step, Step::Nothing(written) if written.how == How::WasAbsent);
        if let Some(head) = state.head.filter(|_| !absent) {
            before.extend_from_slice(&head.policy.patients);
        }
        Ok(step)
    }

    /// Whoever signs a consent for a patient must act for them now. One answer for all who do not:
    /// whether they ever did is not told. The operator's word is taken for it.
    fn signed(&self, trial: &Trial<'_>, write: &Write, names: &Naming<'_>) -> Result<(), Failure> {
        let Act::Store { content, .. } = &write.act else { return Ok(()) };
        let by_operator = trial.commit.draft.who.as_ref().is_some_and(|w| w.role == Role::System);
        if content.facts.signed.is_empty() || by_operator {
            return Ok(());
        }
        let policy = self.engine.policy.read();
        let facts = InForce::with(&policy, trial.facts);
        let acts = |(signer, patient): &(String, String)| {
            let actor = names.find(NameSpace::Actor, signer).map(ActorOrd);
            let patient = names.find(NameSpace::Patient, patient).map(PatientOrd);
            // Under another name of theirs, the patient signs for themselves.
            let themselves = signer
                .strip_prefix("Patient/")
                .and_then(|id| names.find(NameSpace::Patient, id).map(PatientOrd));
            patient.is_some_and(|patient| {
                actor.is_some_and(|actor| facts.signs(actor, patient))
                    || themselves.is_some_and(|own| facts.is_one_person(own, patient))
            })
        };
        if content.facts.signed.iter().all(acts) {
            return Ok(());
        }
        let text = "who signs for the patient does not act for them";
        let issues = vec![Issue::at(IssueCode::Invariant, "Consent.performer", text)];
        Err(Failure { category: Category::Unprocessable, issues })
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
