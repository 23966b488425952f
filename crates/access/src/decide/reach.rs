//! How far a subject reaches: one arm for each kind of role.

use accord_base::{ActorOrd, LogTime, OrgOrd, Principal, Role, Subject};

use super::Names;
use crate::policy::{Asking, InForce};
use crate::rights;
use crate::rule::Rule;
use crate::scope::{Mandated, PENDING_ACTOR, PENDING_ORG, Payor, Proxy, Reach, Research, Treating};
use crate::set::PatientSet;
use crate::statute::Regime;

/// A decision under way.
#[derive(Clone, Copy)]
pub(super) struct Deciding<'a> {
    pub subject: &'a Subject,
    pub policy: InForce<'a>,
    pub names: &'a dyn Names,
    pub now: LogTime,
}

impl Deciding<'_> {
    /// How far the subject reaches; whatever is not listed is a mismatch.
    pub fn reach(&self) -> Result<Reach, Rule> {
        match (self.subject.role, &self.subject.principal) {
            (Role::System, Principal::System { reason }) => {
                Ok(Reach::System { reason: reason.as_str().into() })
            }
            (Role::Patient, Principal::Patient(id)) => {
                Ok(Reach::Patient { own: self.names.patient(id.as_str()) })
            }
            (Role::Proxy, Principal::RelatedPerson(_) | Principal::Patient(_)) => Ok(self.proxy()),
            (Role::Integration, Principal::Device(_)) => {
                Ok(Reach::Feed { organization: self.organization()? })
            }
            (Role::Administrator, Principal::Practitioner(_)) => {
                Ok(Reach::Directory { organization: self.person()?.0 })
            }
            (
                role @ (Role::Clinician
                | Role::Pharmacist
                | Role::Registration
                | Role::Payor
                | Role::Researcher
                | Role::PrivacyOfficer),
                Principal::Practitioner(_),
            ) => self.staff(role, self.acting()?),
            _ => Err(Rule::PrincipalMismatch),
        }
    }

    /// The same for those who act for an organisation with patients.
    fn staff(&self, role: Role, (organization, actor): (OrgOrd, ActorOrd)) -> Result<Reach, Rule> {
        let policy = self.policy;
        match role {
            Role::Clinician | Role::Pharmacist => {
                let purpose = self.subject.purpose;
                let asking = Asking { role, purpose, organization, actor };
                let find = || {
                    let treating = self.treating(organization, actor);
                    (treating, self.settled(organization, actor))
                };
                Ok(Reach::Treating(policy.treating(asking, self.now, find)))
            }
            Role::Payor => {
                let covered = |by| policy.covered(by, organization);
                let shares = self.shares(organization, covered);
                Ok(Reach::Payor(Box::new(Payor {
                    organization,
                    covered: covered(organization),
                    kept: self.kept(organization, actor, shares.controllers()),
                    shares,
                })))
            }
            Role::Registration => {
                let kept = Box::new(self.kept(organization, actor, []));
                Ok(Reach::Registration { organization, actor, kept })
            }
            Role::Researcher => Ok(Reach::Research(Box::new(Research {
                organization,
                cleared: policy
                    .cleared(Regime::NationalDataOptOut, organization)
                    .unwrap_or_default(),
                kept: self.kept(organization, actor, []),
            }))),
            Role::PrivacyOfficer => Ok(Reach::Officer { organization }),
            _ => Err(Rule::PrincipalMismatch),
        }
    }

    fn treating(&self, organization: OrgOrd, actor: ActorOrd) -> Treating {
        let policy = self.policy;
        let shares = self.shares(organization, |from| policy.referred(from, organization));
        Treating {
            organization,
            actor,
            emergency: policy.emergency(organization, actor),
            opens_seals: rights::opens_seals(self.subject.role),
            organization_cares: policy.organization_cares(organization),
            actor_cares: policy.actor_cares(organization, actor),
            kept: self.kept(organization, actor, shares.controllers()),
            shares,
        }
    }

    /// What a trace may look among: current demographics, wherever they are kept.
    pub fn trace(&self) -> Result<Reach, Rule> {
        match self.reach()? {
            Reach::Treating(_) | Reach::Registration { .. } => {
                let (organization, actor) = self.acting()?;
                let kept = Box::new(self.kept(organization, actor, self.policy.sealing()));
                Ok(Reach::Trace { kept })
            }
            whole @ Reach::System { .. } => Ok(whole),
            _ => Err(Rule::InteractionNotAllowed),
        }
    }

    /// Of which rows it may be told why somebody sees them or not: those responsible for an
    /// organisation's data ask about all of it, others about what they see themselves.
    pub fn explain(&self) -> Result<Reach, Rule> {
        Ok(match self.reach()? {
            Reach::Officer { organization } => Reach::Explained { organization },
            other => other,
        })
    }

    /// The patients whom no search by a place finds: the protected, but for the system and for
    /// patients themselves.
    pub fn unplaced(&self) -> PatientSet {
        match self.subject.role {
            Role::System | Role::Patient => PatientSet::default(),
            _ => self.policy.protected(),
        }
    }

    /// Those for whom a person acts, by how far.
    fn proxy(&self) -> Reach {
        let me = self.names.actor(&self.subject.reference()).unwrap_or(PENDING_ACTOR);
        let mut mandates: Vec<Mandated> = Vec::new();
        let merged = self.policy.merged();
        for (patient, mandate) in self.policy.mandates(me) {
            let (types, limits, signs) = (mandate.types(), mandate.limits(), mandate.signs);
            let same =
                |m: &&mut Mandated| m.types == types && m.limits == limits && m.signs == signs;
            // Leave is given for a person, whichever of their records it names.
            let person = merged.with(patient).iter().copied().chain([patient]);
            if let Some(mandated) = mandates.iter_mut().find(same) {
                for patient in person {
                    mandated.patients.insert(patient);
                }
            } else {
                let patients = person.collect();
                mandates.push(Mandated { types, limits, signs, patients });
            }
        }
        let gate = self.denied(None, me).gate;
        Reach::Proxy(Box::new(Proxy {
            actor: me,
            mandates,
            protected: self.policy.protected(),
            gate,
        }))
    }

    /// The organisation acted for; one the store has never heard of reaches nothing but what is
    /// being written for it.
    fn organization(&self) -> Result<OrgOrd, Rule> {
        let id = self.subject.organization.as_ref().ok_or(Rule::OrganizationMissing)?;
        Ok(self.names.organization(id.as_str()).unwrap_or(PENDING_ORG))
    }

    /// The same for a professional, with their ordinal; one the store has never heard of is the
    /// author of nothing but what is being written. They must not have left the organisation.
    fn person(&self) -> Result<(OrgOrd, ActorOrd), Rule> {
        let organization = self.organization()?;
        let actor = self.names.actor(&self.subject.reference()).unwrap_or(PENDING_ACTOR);
        if self.policy.left(organization, actor) {
            return Err(Rule::RoleEnded);
        }
        Ok((organization, actor))
    }

    /// The same where there are patients: the commons has none.
    fn acting(&self) -> Result<(OrgOrd, ActorOrd), Rule> {
        let (organization, actor) = self.person()?;
        if organization == OrgOrd::COMMONS {
            Err(Rule::OrganizationMissing)
        } else {
            Ok((organization, actor))
        }
    }
}
