//! The token endpoint, and what may be asked about tokens.

use accord_base::{Context, Named, Scopes, Subject};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Value, json};

use super::authorize::Code;
use super::grant::{ACCESS_S, SYSTEM_ACCESS_S};
use super::{Addresses, Credentials, GrantRecord, OAuthFault, Params, needed, one};
use crate::Authority;
use crate::client::Client;
use crate::crypto::sha256;
use crate::records::{Stored, Table};
use crate::secrets::hashed;

/// A token response (RFC 6749 §5.1) with the context of a launch.
#[derive(Clone, Serialize, PartialEq, Eq, Debug)]
pub struct TokenReply {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patient: Option<String>,
}

/// What became of a code: kept a while, so that a second use ends what the first one gave.
#[derive(serde::Deserialize, Serialize)]
struct Spent {
    grant: String,
    until_s: u64,
}

impl Stored for Spent {
    const TABLE: Table = Table::Spent;

    fn until_s(&self) -> Option<u64> {
        Some(self.until_s)
    }
}

impl Authority {
    /// Answers a request for a token.
    ///
    /// # Errors
    /// In the words of RFC 6749 §5.2.
    pub fn token(
        &self,
        params: &Params,
        credentials: &Credentials,
        addresses: &Addresses,
    ) -> Result<TokenReply, OAuthFault> {
        let kind = needed(params, "grant_type")?;
        let client = self.authenticate(params, credentials, addresses)?;
        match kind {
            "authorization_code" => self.redeem_code(params, &client, addresses),
            "refresh_token" => self.refresh(params, &client, addresses),
            "client_credentials" => self.by_itself(params, &client),
            _ => Err(OAuthFault::new("unsupported_grant_type", "this grant type is not supported")),
        }
    }

    fn redeem_code(
        &self,
        params: &Params,
        client: &Client,
        addresses: &Addresses,
    ) -> Result<TokenReply, OAuthFault> {
        let key = hashed(needed(params, "code")?);
        let now_s = self.now_s();
        let Some(code) = self.shelf.take::<Code>(&key, now_s)? else {
            // A code that comes twice was stolen once (RFC 6749 §4.1.2).
            if let Some(spent) = self.shelf.get::<Spent>(&key, now_s)? {
                self.end_grants(|grant| grant.id == spent.grant)?;
            }
            return Err(OAuthFault::invalid_grant());
        };
        let mut grant = code.grant;
        let spent = Spent { grant: grant.id.clone(), until_s: now_s + 3600 };
        self.shelf.put(&key, &spent)?;
        let verifier = needed(params, "code_verifier")?;
        let fits = matches!(verifier.len(), 43..=128)
            && URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes())) == code.challenge
            && needed(params, "redirect_uri")? == code.redirect_uri
            && grant.client == client.id;
        if !fits {
            return Err(OAuthFault::invalid_grant());
        }
        let renewed = self.is_renewable(&grant);
        if !renewed {
            grant.until_s = now_s + ACCESS_S;
        }
        self.shelf.add(&grant.id, &grant)?;
        self.reply(&grant, ACCESS_S, renewed.then_some(0), Some(addresses))
    }

    fn is_renewable(&self, grant: &GrantRecord) -> bool {
        let scopes = grant.scopes();
        scopes.has(Named::OfflineAccess) || scopes.has(Named::OnlineAccess)
    }

    fn refresh(
        &self,
        params: &Params,
        client: &Client,
        addresses: &Addresses,
    ) -> Result<TokenReply, OAuthFault> {
        let (id, number) = self.read_refresh(needed(params, "refresh_token")?)?;
        let turned = self.shelf.change(&id, self.now_s(), |grant: &mut GrantRecord| {
            if grant.client != client.id {
                return None;
            }
            let good = grant.refresh == number;
            if good {
                grant.refresh += 1;
            }
            Some((good, grant.clone()))
        })?;
        let (good, mut grant) = turned.flatten().ok_or_else(OAuthFault::invalid_grant)?;
        if !good {
            // Two have it, and one of them should not (RFC 9700 §4.14.2).
            self.end_grants(|ended| ended.id == id)?;
            return Err(OAuthFault::invalid_grant());
        }
        self.check_standing(&grant)?;
        let held = grant.scopes();
        if let Some(asked) = one(params, "scope")? {
            let asked = Scopes::parse_known(asked)
                .map_err(|fault| OAuthFault::new("invalid_scope", fault.to_string()))?;
            let narrowed = asked.within(&held);
            if narrowed.is_empty() {
                return Err(OAuthFault::new("invalid_scope", "nothing of this was granted"));
            }
            // The grant keeps what it has (RFC 6749 §6); this token gets less.
            grant.scopes = narrowed.to_string();
        }
        self.reply(&grant, ACCESS_S, Some(grant.refresh), Some(addresses))
    }

    /// Whether account, role and session of a grant are still what they were.
    fn check_standing(&self, grant: &GrantRecord) -> Result<(), OAuthFault> {
        let Some(login) = &grant.login else { return Err(OAuthFault::invalid_grant()) };
        let account = self.account(login)?.filter(|account| !account.disabled);
        let same = account.is_some_and(|account| account.hats.contains(&grant.hat));
        let in_session = grant.outlives_session
            || self.sessions_of(login)?.iter().any(|session| session.id == grant.session);
        if same && in_session {
            return Ok(());
        }
        self.end_grants(|ended| ended.id == grant.id)?;
        Err(OAuthFault::invalid_grant())
    }

    fn read_refresh(&self, token: &str) -> Result<(String, u32), OAuthFault> {
        let text = self.secrets.verified(token).and_then(|text| text.strip_prefix("r."));
        let parts = text.and_then(|text| text.split_once('.'));
        let read = parts.and_then(|(id, number)| Some((id.to_owned(), number.parse().ok()?)));
        read.ok_or_else(OAuthFault::invalid_grant)
    }

    /// A client that acts by itself (SMART App Launch 2.2, "Backend Services").
    fn by_itself(&self, params: &Params, client: &Client) -> Result<TokenReply, OAuthFault> {
        let refused =
            || OAuthFault::new("unauthorized_client", "the client does not act by itself");
        let hat = client.service.clone().ok_or_else(refused)?;
        let role = hat.role().ok_or_else(refused)?;
        let purpose = one(params, "purpose_of_use")?;
        let no_purpose = || OAuthFault::new("invalid_request", "the client has no such purpose");
        let subject = hat.subject(purpose).ok_or_else(no_purpose)?;
        let asked = Scopes::parse_known(needed(params, "scope")?)
            .map_err(|fault| OAuthFault::new("invalid_scope", fault.to_string()))?;
        let mut scopes = self.grantable(&asked.within(&client.may_have()), role);
        scopes.resources.retain(|scope| scope.context == Context::System);
        scopes.named.clear();
        if scopes.is_empty() {
            return Err(OAuthFault::new("invalid_scope", "none of the scopes can be granted"));
        }
        let now_s = self.now_s();
        let grant = GrantRecord {
            id: self.fresh_id(),
            client: client.id.clone(),
            login: None,
            hat,
            purpose: subject.purpose.code().to_owned(),
            scopes: scopes.to_string(),
            patient: None,
            session: String::new(),
            outlives_session: true,
            refresh: 0,
            nonce: None,
            signed_in_s: now_s,
            until_s: now_s + SYSTEM_ACCESS_S,
        };
        self.shelf.add(&grant.id, &grant)?;
        self.reply(&grant, SYSTEM_ACCESS_S, None, None)
    }

    fn reply(
        &self,
        grant: &GrantRecord,
        lifetime_s: u64,
        refresh: Option<u32>,
        addresses: Option<&Addresses>,
    ) -> Result<TokenReply, OAuthFault> {
        let subject = grant.subject()?;
        let scopes = grant.scopes();
        let id_token = addresses
            .filter(|_| scopes.has(Named::OpenId))
            .map(|addresses| self.id_token(grant, &subject, &scopes, addresses))
            .transpose()?;
        Ok(TokenReply {
            access_token: self.tokens.mint(&subject, Some(lifetime_s))?,
            token_type: "Bearer",
            expires_in: lifetime_s,
            scope: grant.scopes.clone(),
            refresh_token: refresh.map(|n| self.secrets.signed(&format!("r.{}.{n}", grant.id))),
            id_token,
            patient: grant.patient.clone(),
        })
    }

    fn id_token(
        &self,
        grant: &GrantRecord,
        subject: &Subject,
        scopes: &Scopes,
        addresses: &Addresses,
    ) -> Result<String, OAuthFault> {
        let now_s = self.now_s();
        let mut claims = json!({
            "iss": addresses.issuer, "sub": subject_id(grant), "aud": grant.client,
            "iat": now_s, "exp": now_s + ACCESS_S, "auth_time": grant.signed_in_s
        });
        if let Some(object) = claims.as_object_mut() {
            if scopes.has(Named::FhirUser) || scopes.has(Named::Profile) {
                let user = format!("{}/{}", addresses.fhir, subject.reference());
                object.insert("fhirUser".to_owned(), user.into());
            }
            if let Some(nonce) = &grant.nonce {
                object.insert("nonce".to_owned(), nonce.as_str().into());
            }
        }
        Ok(self.signing.sign(&claims)?)
    }

    /// Whether a token is good and what it allows (RFC 7662), for a client that can keep a
    /// secret.
    ///
    /// # Errors
    /// If the client does not show who it is.
    pub fn introspect(
        &self,
        params: &Params,
        credentials: &Credentials,
        addresses: &Addresses,
    ) -> Result<Value, OAuthFault> {
        let client = self.authenticate(params, credentials, addresses)?;
        if !client.is_confidential() {
            let text = "only a client that can keep a secret may ask";
            return Err(OAuthFault::new("invalid_client", text));
        }
        let Ok(subject) = self.tokens.verify(needed(params, "token")?) else {
            return Ok(json!({"active": false}));
        };
        let mut told = json!({
            "active": true, "sub": subject.reference(), "token_type": "Bearer",
            "accord_role": subject.role.code(), "accord_purpose": subject.purpose.code()
        });
        if let (Some(object), Some(grant)) = (told.as_object_mut(), &subject.grant) {
            object.insert("client_id".to_owned(), grant.client.as_str().into());
            object.insert("scope".to_owned(), grant.scopes.to_string().into());
            if let Some(patient) = &grant.patient {
                object.insert("patient".to_owned(), patient.as_str().into());
            }
        }
        Ok(told)
    }

    /// Ends the grant of a token (RFC 7009), if it is the client's own. Tokens that are not good
    /// need no ending.
    ///
    /// # Errors
    /// If the client does not show who it is.
    pub fn revoke(
        &self,
        params: &Params,
        credentials: &Credentials,
        addresses: &Addresses,
    ) -> Result<(), OAuthFault> {
        let client = self.authenticate(params, credentials, addresses)?;
        let token = needed(params, "token")?;
        let id = match (self.read_refresh(token), self.tokens.verify(token)) {
            (Ok((id, _)), _) => Some(id),
            (_, Ok(subject)) => subject.grant.as_ref().map(|grant| grant.id.clone()),
            _ => None,
        };
        if let Some(id) = id {
            self.end_grants(|grant| grant.id == id && grant.client == client.id)?;
        }
        Ok(())
    }

    /// What is told of the owner of a token (OpenID Connect Core §5.3).
    ///
    /// # Errors
    /// If the token is not one for this.
    pub fn userinfo(&self, subject: &Subject, addresses: &Addresses) -> Result<Value, OAuthFault> {
        let scope = || OAuthFault::new("insufficient_scope", "the scope `openid` is needed");
        let grant = subject.grant.as_ref().filter(|grant| grant.scopes.has(Named::OpenId));
        let grant = grant.ok_or_else(scope)?;
        let record: Option<GrantRecord> = self.shelf.get(&grant.id, self.now_s())?;
        let record = record.ok_or_else(OAuthFault::invalid_grant)?;
        let user = format!("{}/{}", addresses.fhir, subject.reference());
        Ok(json!({"sub": subject_id(&record), "fhirUser": user}))
    }
}

/// Names an account to clients: the same always, and nothing that says who it is.
fn subject_id(grant: &GrantRecord) -> String {
    let of = grant.login.as_deref().unwrap_or(&grant.client);
    URL_SAFE_NO_PAD.encode(sha256(format!("subject\n{of}").as_bytes()))
}
