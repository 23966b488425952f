//! Overarching policies: what holds where no consent of the patient speaks (D12).

use std::sync::LazyLock;

use accord_base::OrgOrd;
use smallvec::SmallVec;

use super::evaluate::Asker;
use super::purpose::{AskedPurpose, PurposeTest};
use crate::decide::Names;

/// An overarching policy. The first four are those of IHE PCF 1.1, "Implicit Option".
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Policy {
    /// Those who treat, for treatment; nobody else.
    BasicNormal,
    /// Every use that other rules permit.
    #[default]
    AllNormal,
    /// Only those who break the glass.
    BreakGlassOnly,
    /// Nobody.
    Deny,
}

impl Policy {
    /// Every policy with its canonical URI.
    pub const ALL: [(Policy, &'static str); 4] = [
        (Policy::BasicNormal, "https://profiles.ihe.net/ITI/PCF/Policy-basic-normal"),
        (Policy::AllNormal, "https://profiles.ihe.net/ITI/PCF/Policy-all-normal"),
        (Policy::BreakGlassOnly, "https://profiles.ihe.net/ITI/PCF/Policy-break-glass-only"),
        (Policy::Deny, "https://profiles.ihe.net/ITI/PCF/Policy-deny"),
    ];

    /// The policy with this canonical URI.
    pub fn from_uri(uri: &str) -> Option<Policy> {
        Policy::ALL.iter().find(|(_, u)| *u == uri).map(|(policy, _)| *policy)
    }

    /// The policy's canonical URI.
    pub fn uri(self) -> &'static str {
        Policy::ALL.iter().find(|(policy, _)| *policy == self).map_or("", |(_, uri)| uri)
    }

    /// Whether it permits what someone asks for.
    pub fn permits(self, asker: &Asker) -> bool {
        // Asked of every row of whoever has no consents.
        static TESTS: LazyLock<[PurposeTest; 2]> =
            LazyLock::new(|| ["TREAT", "BTG"].map(PurposeTest::of));
        let [treat, break_glass] = &*TESTS;
        match self {
            Policy::BasicNormal => asker.treats && treat.covers(&asker.purpose),
            Policy::AllNormal => true,
            Policy::BreakGlassOnly => asker.treats && break_glass.covers(&asker.purpose),
            Policy::Deny => false,
        }
    }
}

/// Which policy holds at which organisation for which purpose.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Defaults {
    /// The policy where no entry says otherwise.
    pub everywhere: Policy,
    /// Exceptions; of those that fit, the last counts.
    pub entries: Vec<DefaultEntry>,
    /// Whether one sensitivity permitted is enough for data that has several, as in IHE PCF. For
    /// demonstrations: data about two conditions is shown where one of them was permitted.
    pub or_labels: bool,
}

/// A policy for an organisation, a purpose, or both.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DefaultEntry {
    /// Id of the organisation that answers for the data; `None`: any.
    pub controller: Option<String>,
    /// The purposes it is for; `None`: any.
    pub purposes: Option<PurposeTest>,
    /// What holds.
    pub policy: Policy,
}

/// The policies that may hold for one asker: at an organisation or anywhere. Of those that fit, the
/// last counts.
pub(crate) type Held = SmallVec<[(Option<OrgOrd>, Policy); 1]>;

impl Defaults {
    /// Whether every organisation named is known.
    pub(crate) fn are_known(&self, names: &dyn Names) -> bool {
        let mut named = self.entries.iter().filter_map(|entry| entry.controller.as_ref());
        named.all(|id| names.organization(id).is_some())
    }

    /// The policies for a purpose. An organisation that the store has never heard of has no data.
    pub(crate) fn held(&self, purpose: &AskedPurpose, names: &dyn Names) -> Held {
        let entries = self.entries.iter().filter(|entry| {
            entry.purposes.as_ref().is_none_or(|purposes| purposes.covers(purpose))
        });
        let entries = entries.filter_map(|entry| match &entry.controller {
            Some(id) => Some((Some(names.organization(id)?), entry.policy)),
            None => Some((None, entry.policy)),
        });
        std::iter::once((None, self.everywhere)).chain(entries).collect()
    }
}
