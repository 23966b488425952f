//! Which facts a layer's word about a row rests on.

use accord_base::{OrgOrd, Subject};

use super::layer::Layer;
use super::reach::Reach;
use super::{RowView, Scope};
use crate::fact::{Action, Fact};

impl Scope {
    /// Whether what a layer says to the subject about a row rests on a fact that a row of the
    /// controller `by` states. Provisions of consents are named by
    /// [`explain`](Scope::explain) itself.
    pub fn rests_on(
        &self,
        layer: Layer,
        subject: &Subject,
        row: RowView<'_>,
        stated: (OrgOrd, &Fact),
    ) -> bool {
        self.joined(row, |row| self.rests_on_of(layer, subject, row, stated))
    }

    fn rests_on_of(
        &self,
        layer: Layer,
        subject: &Subject,
        row: RowView<'_>,
        (by, fact): (OrgOrd, &Fact),
    ) -> bool {
        let about = fact.patient().is_some_and(|patient| row.patients.contains(&patient));
        if let (Layer::Relationship, Fact::Merged { .. }) = (layer, fact) {
            // Whoever they are merged with is named as well.
            return about;
        }
        if let (Layer::Relationship, Reach::Proxy(proxy), Fact::ActsAs { actor, .. }) =
            (layer, &self.reach, fact)
        {
            return about && *actor == proxy.actor;
        }
        let Some((own, who)) = self.reach.asker() else { return false };
        match (layer, fact) {
            (Layer::Controller, Fact::Shares { organization, terms, .. }) => {
                *organization == own
                    && by == row.controller
                    && terms.permit(subject.role, subject.purpose, Action::Read)
                    && terms.shared.types().contains(row.resource_type)
                    && terms.limits.cover(row.labels)
            }
            (Layer::Relationship, Fact::OrganizationCares { organization, .. }) => {
                about && *organization == own
            }
            (
                Layer::Relationship,
                Fact::ActorCares { actor, .. } | Fact::Emergency { actor, .. },
            ) => about && Some(*actor) == who && by == own,
            (
                Layer::Relationship,
                Fact::Referred { organization, .. } | Fact::Covers { organization, .. },
            ) => about && *organization == own && (by == own || by == row.controller),
            (Layer::Consent, Fact::ConsentDenies { organization, .. }) => {
                about && organization.is_none_or(|denied| denied == own)
            }
            (Layer::Seal, Fact::Sealed { .. }) => about && by == row.controller,
            (Layer::Seal, Fact::Unsealed { actor, .. }) => {
                about && Some(*actor) == who && by == row.controller
            }
            _ => false,
        }
    }
}

impl Reach {
    /// The organisation acted for and the person, where facts about them open rows.
    fn asker(&self) -> Option<(OrgOrd, Option<accord_base::ActorOrd>)> {
        match self {
            Reach::Treating(treating) => Some((treating.organization, Some(treating.actor))),
            Reach::Registration { organization, actor, .. } => Some((*organization, Some(*actor))),
            Reach::Payor(payor) => Some((payor.organization, None)),
            _ => None,
        }
    }
}
