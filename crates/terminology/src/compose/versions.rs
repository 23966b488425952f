//! Versions of code systems that an expansion is asked for (FHIR R4 `$expand`: `system-version`,
//! `check-system-version`, `force-system-version`, `exclude-system`).

use crate::{Canonical, TermError};

/// What the asker wants of versions.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Versions {
    /// Used where the definition names none.
    pub fallback: Vec<Canonical>,
    /// An error where the definition names another.
    pub check: Vec<Canonical>,
    /// Used whatever the definition names.
    pub force: Vec<Canonical>,
    /// Code systems whose codes are left out.
    pub exclude: Vec<Canonical>,
}

impl Versions {
    /// Whether nothing is wanted.
    pub fn is_empty(&self) -> bool {
        *self == Versions::default()
    }

    /// The version of a system to be used where a definition names this one.
    pub(super) fn of(&self, url: &str, named: Option<&str>) -> Result<Canonical, TermError> {
        let find = |list: &[Canonical]| {
            list.iter().find(|wanted| wanted.url == url).and_then(|wanted| wanted.version.clone())
        };
        if let Some(forced) = find(&self.force) {
            return Ok(Canonical::new(url, Some(&forced)));
        }
        let version = named.map(str::to_owned).or_else(|| find(&self.fallback));
        match (find(&self.check), version) {
            (Some(demanded), Some(version)) if demanded != version => {
                let text = format!("the value set uses version `{version}` of `{url}`");
                Err(TermError::Invalid(text))
            }
            (Some(demanded), None) => Ok(Canonical::new(url, Some(&demanded))),
            (_, version) => Ok(Canonical { url: url.to_owned(), version }),
        }
    }

    pub(super) fn left_out(&self) -> impl Iterator<Item = &str> {
        self.exclude.iter().map(|wanted| wanted.url.as_str())
    }
}
