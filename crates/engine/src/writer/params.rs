//! Search parameters that an accepted transaction brings or takes away.

use accord_spec::ResourceType;

use super::evaluate::Accepted;
use super::{Commit, Writer};
use crate::Failure;
use crate::own::{Changes, defines};
use crate::prepare::Act;

impl Writer {
    /// Refuses search parameters that cannot stand beside those there are.
    pub(super) fn params_fit(&self, commit: &Commit, accepted: &Accepted) -> Result<(), Failure> {
        let changes = changes(commit, accepted);
        if changes.is_empty() { Ok(()) } else { self.engine.own.fits(&changes) }
    }

    /// Lets them be in force for whatever is written after the transaction. Durable before it is.
    pub(super) fn require_params(
        &self,
        commit: &Commit,
        accepted: &Accepted,
    ) -> Result<(), Failure> {
        let changes = changes(commit, accepted);
        if changes.is_empty() {
            return Ok(());
        }
        let since = accepted.effects.last().map_or(self.next, |(_, effect)| effect.row.next());
        let set = self.engine.own.set(&changes, since);
        set.map_err(|error| self.engine.fault("search parameters", &error))
    }
}

/// What the resources that the transaction writes define.
fn changes<'a>(commit: &'a Commit, accepted: &'a Accepted) -> Changes<'a> {
    let all = accepted.effects.iter();
    let defining = all.filter(|(_, effect)| defines(ResourceType(effect.resource_type)));
    let change = |(at, effect): &'a (usize, accord_index::RowEffect)| {
        let params = match commit.prepared.writes.get(*at).map(|write| &write.act) {
            Some(Act::Store { content, .. }) => content.params.as_slice(),
            _ => &[],
        };
        (effect.id.as_str(), params)
    };
    defining.map(change).collect()
}
