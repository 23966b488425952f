//! Writes: whether before- and after-image lie within the scope, and who answers for the result.

use accord_base::{ResourceId, Role, Subject};

use crate::consent::Action;
use crate::extract::CLAIM_LABEL;
use crate::interaction::Interaction;
use crate::label;
use crate::rights;
use crate::scope::{Reach, RowView, Scope};

/// Why a write is refused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum WriteDenied {
    /// The token alone decides: the role may not do this to resources of this type.
    #[error("the role may not do this to resources of this type")]
    Forbidden,
    /// The before-image does not exist for the asker: answer as if it did not exist at all.
    #[error("no such resource")]
    Hidden,
    /// The after-image would name patients out of reach: answer as if they did not exist.
    #[error("the resource names a patient who is not known here")]
    OutOfReach,
    /// The after-image would not be at the asker's own organisation.
    #[error("the resource would not belong to the organisation acted for")]
    NotOwnController,
    /// Another organisation would answer for the data; only a transfer does that.
    #[error("an update does not change who answers for the data")]
    ControllerChanged,
    /// Other patients would be named; only a correction does that.
    #[error("an update does not change which patients are named")]
    PatientsChanged,
    /// A claim of access would be other than it was made; only those who review it change it.
    #[error("a claim of access is changed by those who review it only")]
    ClaimKept,
    /// A sensitivity label would be gone; only an entitled act lowers labels.
    #[error("an update does not remove sensitivity labels")]
    LabelsLowered,
}

impl WriteDenied {
    /// Code for the access record.
    pub fn code(self) -> &'static str {
        match self {
            WriteDenied::Forbidden => "write-forbidden",
            WriteDenied::Hidden => "write-hidden",
            WriteDenied::OutOfReach => "write-out-of-reach",
            WriteDenied::NotOwnController => "write-not-own-controller",
            WriteDenied::ControllerChanged => "write-controller-changed",
            WriteDenied::PatientsChanged => "write-patients-changed",
            WriteDenied::ClaimKept => "write-claim-kept",
            WriteDenied::LabelsLowered => "write-labels-lowered",
        }
    }
}

/// Which organisation answers for what a subject writes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ControllerRule {
    /// The organisation acted for.
    Own(ResourceId),
    /// The one that answers for the Patient resource of the patient named.
    OfPatient,
    /// The one the operator names, or the store's default.
    Stated,
}

/// Which organisation answers for what the subject writes; `None` if they write nothing.
pub fn controller_for(subject: &Subject) -> Option<ControllerRule> {
    match subject.role {
        Role::System => Some(ControllerRule::Stated),
        Role::Patient | Role::Proxy => Some(ControllerRule::OfPatient),
        Role::Integration
        | Role::Registration
        | Role::Clinician
        | Role::Pharmacist
        | Role::Administrator
        | Role::Payor
        | Role::Researcher
        | Role::PrivacyOfficer => subject.organization.clone().map(ControllerRule::Own),
    }
}

impl Scope {
    /// Whether a write may turn `before` into `after`: a create has no before-image, a delete no
    /// after-image; a resource brought back after its deletion has the deleting row as its
    /// before-image. Where the after-image names someone for the first time the view holds
    /// [`PENDING_PATIENT`](crate::PENDING_PATIENT) and its like.
    pub fn admits_write(
        &self,
        before: Option<RowView<'_>>,
        after: Option<RowView<'_>>,
    ) -> Result<(), WriteDenied> {
        self.admits_images(before, after)?;
        match (before, after) {
            (Some(before), Some(after)) if !self.is_unrestricted() => unchanged(before, after),
            _ => Ok(()),
        }
    }

    /// Whether an entitled act, a correction or a merge, may turn `before` into `after`: as any
    /// other write, but that other patients may be named.
    pub fn admits_correction(
        &self,
        before: RowView<'_>,
        after: RowView<'_>,
    ) -> Result<(), WriteDenied> {
        self.admits_images(Some(before), Some(after))?;
        if self.is_unrestricted() {
            return Ok(());
        }
        unchanged(before, RowView { patients: before.patients, ..after })
    }

    fn admits_images(
        &self,
        before: Option<RowView<'_>>,
        after: Option<RowView<'_>>,
    ) -> Result<(), WriteDenied> {
        if self.is_unrestricted() {
            return Ok(());
        }
        let (interaction, row) = match (before, after) {
            (None, None) => return Ok(()),
            (None, Some(after)) => (Interaction::Create, after),
            (Some(before), Some(_)) => (Interaction::Update, before),
            (Some(before), None) => (Interaction::Delete, before),
        };
        if !rights::may(self.role, interaction, Some(row.resource_type)) {
            return Err(WriteDenied::Forbidden);
        }
        let action =
            if interaction == Interaction::Create { Action::Collect } else { Action::Correct };
        if let Some(before) = before {
            self.admits_before(before, action)?;
            if before.labels & CLAIM_LABEL != 0 && !matches!(self.reach, Reach::Officer { .. }) {
                return Err(WriteDenied::ClaimKept);
            }
        }
        if let Some(after) = after {
            self.admits_after(after, action)?;
        }
        Ok(())
    }

    /// Whether consents of the patients named, and of those whose records are one with theirs, let
    /// something be done.
    fn may_act(&self, row: RowView<'_>, action: Action) -> bool {
        self.joined(row, |row| self.reach.may_act(row, action))
    }

    fn admits_before(&self, before: RowView<'_>, action: Action) -> Result<(), WriteDenied> {
        if !self.admits(before) || !self.may_act(before, action) {
            return Err(WriteDenied::Hidden);
        }
        self.owns(before)
    }

    /// What may be written is narrower than what may be read: own controller, own consent.
    fn owns(&self, row: RowView<'_>) -> Result<(), WriteDenied> {
        let own = match &self.reach {
            Reach::System { .. } => return Ok(()),
            Reach::Patient { own } => {
                let is_own = |own, p| own == p || self.merged_with(own).contains(&p);
                let only_own = own.is_some_and(|own| {
                    !row.patients.is_empty() && row.patients.iter().all(|p| is_own(own, *p))
                });
                return if only_own { Ok(()) } else { Err(WriteDenied::OutOfReach) };
            }
            Reach::Proxy(proxy) => {
                let signs = matches!(row.patients, [one] if proxy.signs(*one));
                return if signs { Ok(()) } else { Err(WriteDenied::OutOfReach) };
            }
            Reach::Trace { .. } | Reach::Explained { .. } => return Err(WriteDenied::Forbidden),
            Reach::Treating(treating) => treating.organization,
            Reach::Payor(payor) => payor.organization,
            Reach::Research(research) => research.organization,
            Reach::Registration { organization, .. }
            | Reach::Feed { organization }
            | Reach::Directory { organization }
            | Reach::Officer { organization } => *organization,
        };
        if row.controller == own { Ok(()) } else { Err(WriteDenied::NotOwnController) }
    }

    fn admits_after(&self, after: RowView<'_>, action: Action) -> Result<(), WriteDenied> {
        self.owns(after)?;
        if self.admits(after) && self.may_act(after, action) {
            Ok(())
        } else {
            Err(WriteDenied::OutOfReach)
        }
    }
}

/// What an update leaves alone.
fn unchanged(before: RowView<'_>, after: RowView<'_>) -> Result<(), WriteDenied> {
    if before.controller != after.controller {
        return Err(WriteDenied::ControllerChanged);
    }
    if before.patients != after.patients {
        return Err(WriteDenied::PatientsChanged);
    }
    if label::lowered(before.labels, after.labels) {
        return Err(WriteDenied::LabelsLowered);
    }
    Ok(())
}
