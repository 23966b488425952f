//! SMART scopes as data (SMART App Launch 2.2, "Scopes for requesting FHIR resources").

mod parse;
mod rights;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::ResourceId;

pub use parse::ScopeFault;
pub use rights::Rights;

/// What a token allows at most, beyond what its subject may: the ceiling an app was given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant {
    /// Names the grant; ending it ends every token made of it.
    pub id: String,
    /// The client it was given to; empty where the operator minted the token.
    pub client: String,
    /// What may be done.
    pub scopes: Scopes,
    /// The patient in context, to whom `patient/` scopes are limited.
    pub patient: Option<ResourceId>,
}

/// A set of scopes. Resource scopes are a union: what any of them allows is allowed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scopes {
    /// Scopes on resources, in the order given, without repeats.
    pub resources: Vec<ResourceScope>,
    /// Other scopes.
    pub named: Vec<Named>,
}

/// Whose data a resource scope speaks of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Context {
    /// The patient in context.
    Patient,
    /// Whatever the user may see.
    User,
    /// Whatever the client may see by itself.
    System,
}

/// One scope on resources.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ResourceScope {
    /// Whose data.
    pub context: Context,
    /// The resource type; `None` for `*`. Whether R4 has such a type is not looked at here.
    pub resource_type: Option<String>,
    /// What may be done.
    pub rights: Rights,
    /// Search parameters that limit it, names and values decoded; empty: no limit.
    pub query: Vec<(String, String)>,
    /// Whether it is told in the form of version 1 (`.read`), where that can say it.
    pub v1: bool,
}

/// A scope that is not about resources.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Named {
    /// An id token.
    OpenId,
    /// The user's resource in the id token.
    FhirUser,
    /// Older name of the same.
    Profile,
    /// Context from the launching record system.
    Launch,
    /// A patient in context.
    LaunchPatient,
    /// An encounter in context.
    LaunchEncounter,
    /// A refresh token that outlives the session.
    OfflineAccess,
    /// A refresh token for as long as the session lasts.
    OnlineAccess,
}

impl Named {
    /// Every one with its text.
    pub const ALL: [(Named, &'static str); 8] = [
        (Named::OpenId, "openid"),
        (Named::FhirUser, "fhirUser"),
        (Named::Profile, "profile"),
        (Named::Launch, "launch"),
        (Named::LaunchPatient, "launch/patient"),
        (Named::LaunchEncounter, "launch/encounter"),
        (Named::OfflineAccess, "offline_access"),
        (Named::OnlineAccess, "online_access"),
    ];

    /// The scope's text.
    pub fn code(self) -> &'static str {
        Named::ALL.iter().find(|(named, _)| *named == self).map_or("", |(_, code)| code)
    }
}

impl Context {
    /// Every context with its text.
    pub const ALL: [(Context, &'static str); 3] =
        [(Context::Patient, "patient"), (Context::User, "user"), (Context::System, "system")];

    /// The context's text.
    pub fn code(self) -> &'static str {
        Context::ALL.iter().find(|(context, _)| *context == self).map_or("", |(_, code)| code)
    }
}

impl Scopes {
    /// Whether this scope is among them.
    pub fn has(&self, named: Named) -> bool {
        self.named.contains(&named)
    }

    /// Whether nothing is granted.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.named.is_empty()
    }

    /// What both allow: for each pair of resource scopes with the same context, the types,
    /// rights and conditions of both; other scopes that stand in both.
    pub fn within(&self, other: &Scopes) -> Scopes {
        let mut both = Scopes::default();
        for ours in &self.resources {
            for met in other.resources.iter().filter_map(|theirs| ours.meet(theirs)) {
                both.add(met);
            }
        }
        both.named = self.named.iter().filter(|named| other.has(**named)).copied().collect();
        both
    }

    /// Adds a scope that is not there yet.
    pub fn add(&mut self, scope: ResourceScope) {
        if !self.resources.contains(&scope) {
            self.resources.push(scope);
        }
    }

    /// Whether any resource scope speaks of this context.
    pub fn speaks_of(&self, context: Context) -> bool {
        self.resources.iter().any(|scope| scope.context == context)
    }
}

impl ResourceScope {
    /// What both allow, if anything. Conditions of both must hold.
    pub fn meet(&self, other: &ResourceScope) -> Option<ResourceScope> {
        let rights = self.rights.and(other.rights);
        let resource_type = match (&self.resource_type, &other.resource_type) {
            (Some(a), Some(b)) if a != b => return None,
            (Some(one), _) | (None, Some(one)) => Some(one.clone()),
            (None, None) => None,
        };
        if self.context != other.context || rights.is_none() {
            return None;
        }
        let mut query = self.query.clone();
        query.extend(other.query.iter().filter(|pair| !self.query.contains(pair)).cloned());
        Some(ResourceScope { context: self.context, resource_type, rights, query, v1: self.v1 })
    }
}

impl fmt::Display for Scopes {
    /// The scopes as they stand in a token, with a space between them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        let mut put = |text: &dyn fmt::Display| {
            let space = if std::mem::take(&mut first) { "" } else { " " };
            write!(f, "{space}{text}")
        };
        self.named.iter().try_for_each(|named| put(&named.code()))?;
        self.resources.iter().try_for_each(|scope| put(scope))
    }
}

impl fmt::Display for ResourceScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on = self.resource_type.as_deref().unwrap_or("*");
        write!(f, "{}/{on}.", self.context.code())?;
        match self.rights.v1().filter(|_| self.v1 && self.query.is_empty()) {
            Some(word) => f.write_str(word)?,
            None => write!(f, "{}", self.rights)?,
        }
        for (at, (name, value)) in self.query.iter().enumerate() {
            let before = if at == 0 { '?' } else { '&' };
            write!(f, "{before}{}={}", parse::escape(name), parse::escape(value))?;
        }
        Ok(())
    }
}
