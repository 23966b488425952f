//! Whether somebody may still do what they were once given a token for.

use accord_base::{Context, Subject};

use crate::Authority;
use crate::account::Hat;
use crate::oauth::GrantRecord;

impl Authority {
    /// Whether whoever had this token could be given the same now: the grant goes on, the account
    /// is not disabled and has the role, or the system is registered as it was and may have the
    /// same scopes. The operator's own tokens name no grant. `None` where it cannot be told at this
    /// moment.
    pub fn stands(&self, subject: &Subject) -> Option<bool> {
        let Some(grant) = &subject.grant else { return Some(true) };
        let Some(client) = self.client(&grant.client).ok()? else { return Some(false) };
        if let Some(hat) = &client.service {
            let scopes = self.grantable(&grant.scopes.within(&client.may_have()), subject.role);
            let mut resources = scopes.resources;
            resources.retain(|scope| scope.context == Context::System);
            return Some(is_same(hat, subject) && resources == grant.scopes.resources);
        }
        let record = self.shelf.get::<GrantRecord>(&grant.id, self.now_s()).ok()?;
        let Some(record) = record else { return Some(false) };
        Some(is_same(&record.hat, subject) && self.has_standing(&record).ok()?)
    }
}

/// Whether the hat is still that of the subject.
fn is_same(hat: &Hat, subject: &Subject) -> bool {
    hat.subject(Some(subject.purpose.code())).is_some_and(|now| {
        now.principal == subject.principal
            && now.role == subject.role
            && now.organization == subject.organization
            && now.purpose == subject.purpose
    })
}
