//! Why a row exists for an asker or not: the rules of [`Reach::admits`], told one by one.

use accord_base::PatientOrd;

use super::layer::{AS_NAMED, ByConsent, Explanation, Layer, Says};
use super::reach::{Payor, Reach, Treating, is_at, is_author, is_claim};
use super::{Admission, Denied, Kept, Known, RowView, Scope, Seals, Shares, Statute};
use crate::ceiling::Under;
use crate::consent::Verdict;
use crate::label;
use crate::rule::Rule;
use crate::set::PatientSet;

impl Scope {
    /// Why the row exists for the asker, or does not. The verdict is the scope's own; a property
    /// test has the layers agree with it.
    pub fn explain(&self, row: RowView<'_>) -> Explanation {
        let admission = self.admission(row);
        self.joined(row, |row| self.explain_of(row, admission))
    }

    fn explain_of(&self, row: RowView<'_>, admission: Admission) -> Explanation {
        let mut told = Explanation::silent(admission);
        told.say(Layer::Token, Says::Permit, None, AS_NAMED);
        if let Some(ceiling) = &self.ceiling {
            let permits = ceiling.admits(row) == Under::Yes;
            told.rule(Layer::Scopes, permits, Rule::ScopeNotGranted);
            if permits {
                told.say(Layer::Scopes, Says::Permit, None, "the token's scopes cover this");
            }
        }
        if !self.readable.contains(row.resource_type) {
            told.rule(Layer::Role, false, Rule::InteractionNotAllowed);
            return told;
        }
        told.say(Layer::Role, Says::Permit, None, "the role reads resources of this type");
        if row.patients.is_empty() && self.directory.contains(row.resource_type) {
            told.rule(Layer::Controller, true, Rule::Directory);
            return told;
        }
        self.reach.explain(row, &mut told);
        let owed = self.owed(row);
        if told.permit && (owed.no_redisclosure || owed.notice) {
            let reason = "duties go with it: not to pass it on, or the notice of 42 CFR part 2";
            told.say(Layer::Obligations, Says::Permit, Some(Rule::Agreement), reason);
        }
        told
    }
}

impl Reach {
    fn explain(&self, row: RowView<'_>, told: &mut Explanation) {
        let none = |_: PatientOrd| false;
        match self {
            Reach::System { .. } => told.rule(Layer::Role, true, Rule::System),
            Reach::Patient { own } => {
                let named = own.is_some_and(|own| row.patients.contains(&own));
                told.rule(Layer::Relationship, named, Rule::OwnRecord);
                withheld(row, told);
            }
            Reach::Proxy(proxy) => {
                told.rule(Layer::Relationship, proxy.acts(row), Rule::Proxy);
                withheld(row, told);
                if proxy.is_protected(row) {
                    told.rule(Layer::Statute, false, Rule::Statute);
                }
                if proxy.named(row) {
                    told.rule(Layer::Consent, false, Rule::Consent);
                }
            }
            Reach::Treating(treating) => treating.explain(row, told),
            Reach::Registration { organization, actor, kept } => {
                told.rule(Layer::Controller, is_at(row, *organization), Rule::Controller);
                if row.patients.is_empty() {
                    return told.rule(Layer::Relationship, is_author(row, *actor), Rule::Author);
                }
                kept.explain(row, none, told);
            }
            Reach::Trace { kept } => {
                told.rule(Layer::Role, self.admits(row), Rule::Trace);
                kept.explain(row, none, told);
            }
            Reach::Feed { .. } => told.rule(Layer::Controller, self.admits(row), Rule::Feed),
            Reach::Directory { .. } => {
                let reason = "the role sees nothing but the directory";
                told.say(Layer::Controller, Says::Deny, Some(Rule::Directory), reason);
            }
            Reach::Payor(payor) => payor.explain(row, told),
            Reach::Research(research) => {
                let home = row.controller == research.organization;
                told.rule(Layer::Controller, home, Rule::Controller);
                if !research.clears(row) {
                    return told.rule(Layer::Statute, false, Rule::Statute);
                }
                research.kept.explain(row, none, told);
            }
            Reach::Explained { .. } => {
                told.rule(Layer::Controller, self.admits(row), Rule::Explained);
            }
            Reach::Officer { .. } => {
                told.rule(Layer::Controller, self.admits(row), Rule::Governance);
            }
        }
    }
}

impl Treating {
    fn explain(&self, row: RowView<'_>, told: &mut Explanation) {
        let home = is_at(row, self.organization);
        if row.patients.is_empty() || is_claim(row) {
            told.rule(Layer::Controller, home, Rule::Controller);
            return told.rule(Layer::Relationship, is_author(row, self.actor), Rule::Author);
        }
        let urgent = |p: PatientOrd| self.emergency.contains(p);
        let cares =
            |p: PatientOrd| self.organization_cares.contains(p) || self.actor_cares.contains(p);
        let (related, claimed) = if home {
            told.rule(Layer::Controller, true, Rule::Controller);
            let any = |test: &dyn Fn(PatientOrd) -> bool| row.patients.iter().any(|p| test(*p));
            (any(&cares), any(&urgent))
        } else {
            self.shares.explain(row, told);
            let (none, all) = (&PatientSet::default(), &self.emergency);
            let known = |own, emergency| self.shares.open(row, &Known { own, emergency });
            (known(&cares, none), known(&urgent, all))
        };
        let rule = if claimed && !related { Rule::Emergency } else { Rule::Relationship };
        told.rule(Layer::Relationship, related || claimed, rule);
        self.kept.explain(row, urgent, told);
    }
}

impl Payor {
    fn explain(&self, row: RowView<'_>, told: &mut Explanation) {
        let covered = |p: PatientOrd| self.covered.contains(p);
        let related = if is_at(row, self.organization) {
            told.rule(Layer::Controller, true, Rule::Controller);
            row.patients.iter().any(|p| covered(*p))
        } else {
            self.shares.explain(row, told);
            self.shares.open(row, &Known { own: &covered, emergency: &PatientSet::default() })
        };
        told.rule(Layer::Relationship, related, Rule::Covered);
        self.kept.explain(row, |_| false, told);
    }
}

/// What is withheld from patients and those who act for them.
fn withheld(row: RowView<'_>, told: &mut Explanation) {
    if label::is_withheld(row.labels) {
        told.rule(Layer::Seal, false, Rule::Withheld);
    }
}

impl Kept {
    fn explain(
        &self,
        row: RowView<'_>,
        opened: impl Fn(PatientOrd) -> bool,
        told: &mut Explanation,
    ) {
        self.statute.explain(row, told);
        self.seals.explain(row, &opened, told);
        let lifted = |p: PatientOrd| opened(p) && !self.denied.gate.locks(p, &row);
        self.denied.explain(row, lifted, told);
    }
}

impl Statute {
    fn explain(&self, row: RowView<'_>, told: &mut Explanation) {
        if self.closes(row) {
            return told.rule(Layer::Statute, false, Rule::Statute);
        }
        let reason = "no law closes the data of a patient named to this asker";
        told.say(Layer::Statute, Says::Permit, Some(Rule::Statute), reason);
    }
}

impl Shares {
    /// Whether an agreement covers the data, whomever it is about.
    fn explain(&self, row: RowView<'_>, told: &mut Explanation) {
        told.rule(Layer::Controller, self.0.iter().any(|share| share.covers(row)), Rule::Agreement);
    }
}

impl Seals {
    fn explain(
        &self,
        row: RowView<'_>,
        opened: impl Fn(PatientOrd) -> bool,
        told: &mut Explanation,
    ) {
        let there = self.0.iter().filter(|seals| seals.controller == row.controller);
        let sealed = there.into_iter().any(|seals| {
            row.patients.iter().any(|p| seals.sealed.contains(*p) || seals.locked.contains(*p))
        });
        if !sealed {
            let reason = "no patient named is sealed there";
            return told.say(Layer::Seal, Says::NotApplicable, None, reason);
        }
        told.rule(Layer::Seal, !self.close(row, opened), Rule::Seal);
    }
}

impl Denied {
    /// What every patient named says; one who was claimed in an emergency is not asked. Seals on
    /// part of a record stand among the consents.
    fn explain(
        &self,
        row: RowView<'_>,
        lifted: impl Fn(PatientOrd) -> bool,
        told: &mut Explanation,
    ) {
        let (mut sealing, mut denying, mut permitting) = (Vec::new(), Vec::new(), Vec::new());
        let mut denied = false;
        for patient in row.patients.iter().copied() {
            if lifted(patient) {
                continue;
            }
            let said = self.gate.said(patient, &row);
            let by = said.as_ref().and_then(|decided| decided.by).map(|(rule, at)| ByConsent {
                patient,
                id: rule.id.clone(),
                element: rule.provisions.get(at).map(|p| p.element()).unwrap_or_default(),
            });
            let seal = said.as_ref().and_then(|decided| decided.by);
            if seal.is_some_and(|(rule, _)| rule.seal.is_some()) {
                sealing.extend(by);
            } else if self.by(patient, &row) {
                denied = true;
                denying.extend(by);
            } else if said.is_some_and(|decided| decided.verdict == Verdict::Permit) {
                permitting.extend(by);
            }
        }
        let sealed = !sealing.is_empty();
        if sealed {
            told.rule(Layer::Seal, false, Rule::Seal);
            told.by(Layer::Seal, sealing);
        }
        if denied {
            let reason = match denying.is_empty() {
                true => "the overarching policy, or a denial, of a patient named forbids it",
                false => "a consent of a patient named forbids it",
            };
            told.say(Layer::Consent, Says::Deny, Some(Rule::Consent), reason);
            return told.by(Layer::Consent, denying);
        }
        if sealed {
            let reason = "a seal decides before consents are asked";
            return told.say(Layer::Consent, Says::NotApplicable, None, reason);
        }
        told.rule(Layer::Consent, true, Rule::Consent);
        if row.patients.iter().all(|p| lifted(*p)) {
            told.rule(Layer::Consent, true, Rule::Emergency);
        }
        told.by(Layer::Consent, permitting);
    }
}
