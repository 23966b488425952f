//! What facts become when another organisation answers for the resource that states them.

use std::sync::Arc;

use accord_base::OrgOrd;

use super::Fact;

impl Fact {
    /// What the fact is once `to` answers for the resource that states it; `None` if it ends.
    ///
    /// An organisation's word opens its own data alone, so what gave anybody a relationship ends:
    /// nobody gives another organisation access by a resource that it takes over. What the patient
    /// closed, and whom the patient gave leave to act, goes with the data.
    pub fn transferred(&self, to: OrgOrd) -> Option<Fact> {
        match self {
            Fact::OrganizationCares { .. }
            | Fact::ActorCares { .. }
            | Fact::Referred { .. }
            | Fact::Covers { .. }
            | Fact::Emergency { .. }
            | Fact::ActsFor { .. }
            | Fact::Shares { .. } => None,
            // A seal is on what one organisation answers for.
            Fact::Consent(rule) if rule.seal.is_some() => {
                let mut rule = (**rule).clone();
                rule.custodians = vec![to];
                Some(Fact::Consent(Arc::new(rule)))
            }
            Fact::ConsentDenies { .. }
            | Fact::Consent(_)
            | Fact::Sealed { .. }
            | Fact::Unsealed { .. }
            | Fact::ActsAs { .. }
            | Fact::Protected { .. }
            | Fact::Honours { .. }
            | Fact::Cleared { .. }
            | Fact::Belongs { .. }
            | Fact::Merged { .. } => Some(self.clone()),
        }
    }
}
