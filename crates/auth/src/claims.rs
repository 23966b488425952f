//! The claims of a token, and the subject they form.

use std::sync::Arc;

use accord_base::{Grant, Principal, Purpose, ResourceId, Role, Scopes, Subject};
use serde::{Deserialize, Serialize};

use crate::TokenError;

/// Who issues the tokens (`iss`).
pub const ISSUER: &str = "accord";
/// Whom they are for (`aud`).
pub const AUDIENCE: &str = "accord-fhir";
/// Longest `jti` and reason, in bytes.
const MAX_TEXT_BYTES: usize = 256;

/// Claims as they stand in the token. Unknown ones are refused: a later release may add a claim
/// that restricts, and ignoring it would widen what the token allows.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    /// Seconds since 1970.
    pub iat: u64,
    /// Seconds since 1970; the token is good before this second.
    pub exp: u64,
    pub jti: String,
    pub sub: String,
    accord_role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    accord_org: Option<String>,
    accord_purpose: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    accord_reason: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    accord_test: bool,
    /// Scopes; absent: no ceiling. Only the operator's tokens lack it.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    client_id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    accord_grant: String,
    /// Id of the patient in context.
    #[serde(skip_serializing_if = "Option::is_none")]
    patient: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
}

/// What a token is bound to (RFC 8705 §3.1). What is not known here cannot be checked, so it is
/// refused.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// SHA-256 of the client's certificate, base64url.
    #[serde(rename = "x5t#S256")]
    pub certificate: String,
}

impl Claims {
    /// The claims that say this subject; `iat` and `exp` in seconds since 1970.
    ///
    /// # Errors
    /// [`TokenError::Claims`] if the subject is not coherent: it would not verify either.
    pub fn of(subject: &Subject, jti: String, iat: u64, exp: u64) -> Result<Claims, TokenError> {
        let grant = subject.grant.as_deref();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            iat,
            exp,
            jti,
            sub: subject.reference(),
            accord_role: subject.role.code().to_owned(),
            accord_org: subject.organization.as_ref().map(|id| id.to_string()),
            accord_purpose: subject.purpose.code().to_owned(),
            accord_reason: match &subject.principal {
                Principal::System { reason } => Some(reason.clone()),
                _ => None,
            },
            accord_test: subject.test,
            scope: grant.map(|grant| grant.scopes.to_string()),
            client_id: grant.map(|grant| grant.client.clone()).unwrap_or_default(),
            accord_grant: grant.map(|grant| grant.id.clone()).unwrap_or_default(),
            patient: grant.and_then(|grant| grant.patient.as_ref()).map(ToString::to_string),
            cnf: None,
        };
        claims.subject()?;
        Ok(claims)
    }

    /// The same, bound to a certificate.
    pub fn bound_to(self, certificate: Option<&str>) -> Claims {
        let cnf = certificate.map(|c| Confirmation { certificate: c.to_owned() });
        Claims { cnf, ..self }
    }

    /// SHA-256 of the certificate that the token is bound to.
    pub fn certificate(&self) -> Option<&str> {
        self.cnf.as_ref().map(|cnf| &*cnf.certificate)
    }

    /// The subject that the claims form.
    ///
    /// # Errors
    /// [`TokenError::Claims`] if a code or id is unknown or the claims contradict each other.
    pub fn subject(&self) -> Result<Subject, TokenError> {
        if !is_text(&self.jti) {
            return Err(TokenError::Claims);
        }
        let subject = Subject {
            principal: self.principal()?,
            role: Role::from_code(&self.accord_role).ok_or(TokenError::Claims)?,
            organization: self.accord_org.as_deref().map(id).transpose()?,
            purpose: Purpose::from_code(&self.accord_purpose).ok_or(TokenError::Claims)?,
            token_id: self.jti.clone(),
            test: self.accord_test,
            grant: self.grant()?.map(Arc::new),
        };
        if coherent(&subject) { Ok(subject) } else { Err(TokenError::Claims) }
    }

    fn grant(&self) -> Result<Option<Grant>, TokenError> {
        let Some(scope) = &self.scope else {
            let bare = self.client_id.is_empty() && self.accord_grant.is_empty();
            return if bare && self.patient.is_none() { Ok(None) } else { Err(TokenError::Claims) };
        };
        let texts = [&self.client_id, &self.accord_grant];
        if texts.iter().any(|text| !text.is_empty() && !is_text(text)) {
            return Err(TokenError::Claims);
        }
        Ok(Some(Grant {
            id: self.accord_grant.clone(),
            client: self.client_id.clone(),
            scopes: Scopes::parse(scope).map_err(|_| TokenError::Claims)?,
            patient: self.patient.as_deref().map(id).transpose()?,
        }))
    }

    fn principal(&self) -> Result<Principal, TokenError> {
        match (self.sub.split_once('/'), &self.accord_reason) {
            (None, Some(reason)) if self.sub == "system" && is_text(reason) => {
                Ok(Principal::System { reason: reason.clone() })
            }
            (Some(("Patient", rest)), None) => Ok(Principal::Patient(id(rest)?)),
            (Some(("Practitioner", rest)), None) => Ok(Principal::Practitioner(id(rest)?)),
            (Some(("Device", rest)), None) => Ok(Principal::Device(id(rest)?)),
            (Some(("RelatedPerson", rest)), None) => Ok(Principal::RelatedPerson(id(rest)?)),
            _ => Err(TokenError::Claims),
        }
    }
}

/// Which roles each kind of principal may hold, and whether it acts for an organisation.
pub(crate) fn coherent(subject: &Subject) -> bool {
    let has_organization = subject.organization.is_some();
    match (&subject.principal, subject.role) {
        (Principal::System { .. }, Role::System)
        | (Principal::Patient(_), Role::Patient | Role::Proxy)
        | (Principal::RelatedPerson(_), Role::Proxy) => !has_organization,
        (
            Principal::Practitioner(_),
            Role::Registration
            | Role::Clinician
            | Role::Pharmacist
            | Role::Administrator
            | Role::Payor
            | Role::PrivacyOfficer
            | Role::Researcher,
        )
        | (Principal::Device(_), Role::Integration) => has_organization,
        _ => false,
    }
}

/// Whether a text may stand in access records.
pub(crate) fn is_text(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= MAX_TEXT_BYTES && !text.chars().any(|c| c.is_control())
}

fn id(text: &str) -> Result<ResourceId, TokenError> {
    ResourceId::new(text).map_err(|_| TokenError::Claims)
}
