//! An answer to "why": the layers of a decision, in order, each with what it says.

use accord_base::PatientOrd;

use super::Admission;
use crate::rule::Rule;

/// A layer of a decision. All must permit that speak.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Layer {
    /// Who asks is who they say.
    Token,
    /// The scopes of the app.
    Scopes,
    /// Role, purpose, type and interaction.
    Role,
    /// Who answers for the data, and agreements.
    Controller,
    /// The need to know.
    Relationship,
    /// Statute and opt-outs.
    Statute,
    /// Patients' consents over the overarching policy.
    Consent,
    /// Seals.
    Seal,
    /// What goes with a permit.
    Obligations,
}

impl Layer {
    /// Every layer in order, with its code.
    pub const ALL: [(Layer, &'static str); 9] = [
        (Layer::Token, "L0"),
        (Layer::Scopes, "L1"),
        (Layer::Role, "L2"),
        (Layer::Controller, "L3"),
        (Layer::Relationship, "L4"),
        (Layer::Statute, "L5"),
        (Layer::Consent, "L6"),
        (Layer::Seal, "L7"),
        (Layer::Obligations, "L8"),
    ];

    /// The layer's code.
    pub fn code(self) -> &'static str {
        Layer::ALL.iter().find(|(layer, _)| *layer == self).map_or("", |(_, code)| code)
    }
}

/// What a layer says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Says {
    /// It permits.
    Permit,
    /// It denies: the row does not exist for the asker.
    Deny,
    /// It does not speak.
    NotApplicable,
}

impl Says {
    /// The word for it.
    pub fn code(self) -> &'static str {
        match self {
            Says::Permit => "permit",
            Says::Deny => "deny",
            Says::NotApplicable => "not-applicable",
        }
    }
}

/// A provision of a consent that decided for a patient.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ByConsent {
    /// Whose consent it is.
    pub patient: PatientOrd,
    /// Id of the Consent.
    pub id: String,
    /// The provision, as a FHIRPath.
    pub element: String,
}

/// What one layer says, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// The layer.
    pub layer: Layer,
    /// What it says.
    pub says: Says,
    /// The rule it rests on, if it speaks.
    pub rule: Option<Rule>,
    /// The reason in a sentence.
    pub reason: &'static str,
    /// Provisions that decided.
    pub provisions: Vec<ByConsent>,
}

/// Why a row exists for an asker, or does not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// Whether it exists: what the scope answers.
    pub permit: bool,
    /// Whether it is known of: what exists is a marker in its place.
    pub known: bool,
    /// The layers in order, each once.
    pub steps: Vec<Step>,
}

impl Explanation {
    /// One in which no layer speaks yet.
    pub(crate) fn silent(admission: Admission) -> Explanation {
        let (permit, known) = (admission == Admission::Yes, admission == Admission::Known);
        let step = |(layer, _)| Step {
            layer,
            says: Says::NotApplicable,
            rule: None,
            reason: "this layer does not speak here",
            provisions: Vec::new(),
        };
        Explanation { permit, known, steps: Layer::ALL.map(step).to_vec() }
    }

    /// The explanation of a refusal that no row changes.
    pub fn of_refusal(reasons: &[Rule]) -> Explanation {
        let mut explanation = Explanation::silent(Admission::No);
        explanation.say(Layer::Token, Says::Permit, None, AS_NAMED);
        for rule in reasons {
            let layer = match rule {
                Rule::PrincipalMismatch => Layer::Token,
                Rule::ScopeNotGranted => Layer::Scopes,
                _ => Layer::Role,
            };
            explanation.say(layer, Says::Deny, Some(*rule), rule.sentence());
        }
        explanation
    }

    /// The verdict in a word.
    pub fn verdict(&self) -> &'static str {
        match (self.permit, self.known) {
            (true, _) => "permit",
            (false, true) => "known",
            (false, false) => "deny",
        }
    }

    /// Whether the layers account for the verdict: one of them denies if, and only if, it is a
    /// denial.
    pub fn is_whole(&self) -> bool {
        let denied = self.steps.iter().any(|step| step.says == Says::Deny);
        self.permit != denied
    }

    /// What a layer says.
    pub fn step(&self, layer: Layer) -> Option<&Step> {
        self.steps.iter().find(|step| step.layer == layer)
    }

    /// Has a layer speak by a rule, in the rule's own words.
    pub(crate) fn rule(&mut self, layer: Layer, permits: bool, rule: Rule) {
        let says = if permits { Says::Permit } else { Says::Deny };
        self.say(layer, says, Some(rule), rule.sentence());
    }

    /// Has a layer speak.
    pub(crate) fn say(
        &mut self,
        layer: Layer,
        says: Says,
        rule: Option<Rule>,
        reason: &'static str,
    ) {
        if let Some(step) = self.steps.iter_mut().find(|step| step.layer == layer) {
            (step.says, step.rule, step.reason) = (says, rule, reason);
        }
    }

    /// Names provisions that decided in a layer.
    pub(crate) fn by(&mut self, layer: Layer, provisions: Vec<ByConsent>) {
        if let Some(step) = self.steps.iter_mut().find(|step| step.layer == layer) {
            step.provisions = provisions;
        }
    }
}

/// Nobody signs in to be explained.
pub(super) const AS_NAMED: &str = "who asks is taken to be who was named";
