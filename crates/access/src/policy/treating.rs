//! How far those reach who treat, kept from one request of theirs to the next.

use std::sync::{Arc, PoisonError, RwLock};

use accord_base::{ActorOrd, LogTime, OrgOrd, Purpose, Role};
use hashbrown::HashMap;

use crate::fact::Fact;
use crate::scope::Treating;

/// Most that are kept.
const KEPT: usize = 1024;

/// For whom it is found out how far they reach.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Asking {
    pub role: Role,
    pub purpose: Purpose,
    pub organization: OrgOrd,
    pub actor: ActorOrd,
}

/// How far those reach who asked lately.
///
/// **Invariant:** what is kept equals what the facts at hand give: a fact that begins or ends takes
/// with it all that may rest on it, and an instant at which a consent turns ends what was kept
/// before it.
#[derive(Debug, Default)]
pub(super) struct KeptTreating(RwLock<HashMap<Asking, Kept>>);

#[derive(Debug)]
struct Kept {
    treating: Arc<Treating>,
    /// First instant at which a provision of a consent turns.
    until: LogTime,
    /// Whether memberships were followed of all who are named; if not, any may come to count.
    followed: bool,
}

impl Clone for KeptTreating {
    fn clone(&self) -> KeptTreating {
        KeptTreating::default()
    }
}

impl KeptTreating {
    /// What is kept, if it is for this instant.
    pub fn get(&self, asking: &Asking, now: LogTime) -> Option<Arc<Treating>> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let kept = all.get(asking)?;
        let holds = kept.treating.kept.denied.gate.edge.is_none_or(|edge| edge <= now);
        (holds && now < kept.until).then(|| Arc::clone(&kept.treating))
    }

    /// Keeps how far somebody reaches, which rests on published facts alone and on names that
    /// are all known.
    pub fn put(
        &self,
        asking: Asking,
        treating: &Arc<Treating>,
        (until, followed): (LogTime, bool),
    ) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT {
            all.clear();
        }
        all.insert(asking, Kept { treating: Arc::clone(treating), until, followed });
    }

    /// Drops everything.
    pub fn clear(&mut self) {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Drops what may rest on a fact.
    pub fn drop_resting_on(&mut self, fact: &Fact) {
        let all = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        if !all.is_empty() {
            all.retain(|asking, kept| !asking.rests_on(kept, fact));
        }
    }
}

impl Asking {
    fn rests_on(&self, kept: &Kept, fact: &Fact) -> bool {
        // Every fact is named: a new one has to be thought of.
        match *fact {
            Fact::OrganizationCares { organization, .. }
            | Fact::Referred { organization, .. }
            | Fact::Covers { organization, .. }
            | Fact::Shares { organization, .. } => organization == self.organization,
            Fact::ActorCares { actor, .. }
            | Fact::Emergency { actor, .. }
            | Fact::Unsealed { actor, .. }
            | Fact::ActsFor { actor, .. } => actor == self.actor,
            Fact::ConsentDenies { organization, .. } => {
                organization.is_none_or(|denied| denied == self.organization)
            }
            Fact::Belongs { member, .. } => {
                let asker = &kept.treating.kept.denied.gate.asker;
                !kept.followed || asker.actors.contains(&member) || asker.perhaps.contains(&member)
            }
            // Nobody treats by leave of a patient.
            Fact::ActsAs { .. } => false,
            Fact::Consent(_)
            | Fact::Merged { .. }
            | Fact::Sealed { .. }
            | Fact::Protected { .. }
            | Fact::Honours { .. }
            | Fact::Cleared { .. } => true,
        }
    }
}
