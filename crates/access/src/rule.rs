//! The rules a decision names, for the access record and for people.

/// A rule that a decision rests on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Rule {
    /// Everything, for a stated reason.
    System,
    /// A patient's own record.
    OwnRecord,
    /// What someone sees who acts for a patient.
    Proxy,
    /// What a patient is not shown of what names them.
    Withheld,
    /// Directory, terminology and conformance resources.
    Directory,
    /// Own controller or the commons.
    Controller,
    /// A care relationship with a patient named.
    Relationship,
    /// No consent of a patient named forbids it.
    Consent,
    /// No patient named is sealed by the controller, but to those who hold the seal.
    Seal,
    /// What the law closes.
    Statute,
    /// Resources that name no patient are for their authors.
    Author,
    /// What an agreement shares, by its terms.
    Agreement,
    /// Access taken in an emergency.
    Emergency,
    /// The payor covers a patient named.
    Covered,
    /// Agreements, consents and claims of access.
    Governance,
    /// Telling those responsible for data why it is seen or not.
    Explained,
    /// Finding one person by what is known of them.
    Trace,
    /// A feed reads what its own controller answers for.
    Feed,
    /// The token's principal does not fit its role.
    PrincipalMismatch,
    /// The role does not act for this purpose.
    PurposeNotAllowed,
    /// The role may not do this to this class of type.
    InteractionNotAllowed,
    /// The token's scopes do not cover this.
    ScopeNotGranted,
    /// The role acts for an organisation, and the token names none that treats or employs.
    OrganizationMissing,
    /// The person no longer acts for the organisation.
    RoleEnded,
    /// Facts that fell due were not applied before the decision.
    PolicyBehind,
}

/// What a rule does to a decision.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RuleKind {
    /// It limits what a permit shows.
    Permit,
    /// The token alone decides: forbidden.
    Forbidden,
    /// The server is at fault.
    Fault,
}

impl Rule {
    /// Every rule with its code, kind and sentence.
    pub const ALL: [(Rule, &'static str, RuleKind, &'static str); 25] = {
        use RuleKind::{Fault, Forbidden, Permit};
        [
            (Rule::System, "system", Permit, "the system sees everything, for a stated reason"),
            (Rule::OwnRecord, "own-record", Permit, "patients see what names them"),
            (
                Rule::Proxy,
                "proxy",
                Permit,
                "who acts for a patient sees what names them alone, as far as they were given leave",
            ),
            (
                Rule::Withheld,
                "withheld",
                Permit,
                "nothing that is marked as harmful to the patient or as telling of others",
            ),
            (Rule::Directory, "directory", Permit, "the directory is open to every role"),
            (Rule::Controller, "controller", Permit, "own organisation's and shared data only"),
            (Rule::Relationship, "relationship", Permit, "a care relationship is needed"),
            (Rule::Consent, "consent", Permit, "no consent of a patient named forbids it"),
            (
                Rule::Seal,
                "seal",
                Permit,
                "no patient named is sealed there, but to those who hold the seal",
            ),
            (
                Rule::Statute,
                "statute",
                Permit,
                "no protected patient's data elsewhere, and beyond care none of who opted out",
            ),
            (Rule::Author, "author", Permit, "what names no patient is for its authors"),
            (
                Rule::Agreement,
                "agreement",
                Permit,
                "of another organisation's data, what an agreement shares for role and purpose",
            ),
            (
                Rule::Emergency,
                "emergency",
                Permit,
                "of a patient claimed in an emergency, no relationship or consent is asked for",
            ),
            (Rule::Covered, "covered", Permit, "the payor covers a patient named"),
            (
                Rule::Governance,
                "governance",
                Permit,
                "own organisation's agreements, consents and claims of access",
            ),
            (
                Rule::Explained,
                "explained",
                Permit,
                "why access is permitted or denied is told of own organisation's data",
            ),
            (Rule::Trace, "trace", Permit, "one person is found by what is known of them"),
            (Rule::Feed, "feed", Permit, "a feed sees what its organisation answers for"),
            (
                Rule::PrincipalMismatch,
                "principal-mismatch",
                Forbidden,
                "the token's person or system does not fit its role",
            ),
            (
                Rule::PurposeNotAllowed,
                "purpose-not-allowed",
                Forbidden,
                "the role does not act for this purpose",
            ),
            (
                Rule::InteractionNotAllowed,
                "interaction-not-allowed",
                Forbidden,
                "the role may not do this to resources of this type",
            ),
            (
                Rule::ScopeNotGranted,
                "scope-not-granted",
                Forbidden,
                "the token's scopes do not cover this",
            ),
            (
                Rule::OrganizationMissing,
                "organization-missing",
                Forbidden,
                "the role acts for an organisation and the token names none",
            ),
            (
                Rule::RoleEnded,
                "role-ended",
                Forbidden,
                "the directory says that the person does not act for the organisation",
            ),
            (Rule::PolicyBehind, "policy-behind", Fault, "facts that fell due are not applied"),
        ]
    };

    /// The rule's code, for records.
    pub fn code(self) -> &'static str {
        self.row().map_or("", |(_, code, _, _)| code)
    }

    /// What the rule does to a decision.
    pub fn kind(self) -> RuleKind {
        self.row().map_or(RuleKind::Fault, |(_, _, kind, _)| *kind)
    }

    /// The rule in a sentence, for people.
    pub fn sentence(self) -> &'static str {
        self.row().map_or("", |(_, _, _, sentence)| sentence)
    }

    fn row(self) -> Option<&'static (Rule, &'static str, RuleKind, &'static str)> {
        // Rules mostly stand where they are declared; codes are asked for at every decision.
        let here = Rule::ALL.get(self as usize).filter(|(rule, ..)| *rule == self);
        here.or_else(|| Rule::ALL.iter().find(|(rule, ..)| *rule == self))
    }
}
