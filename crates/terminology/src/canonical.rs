//! Canonical addresses (FHIR R4 references §2.3.0.2): `url` or `url|version`.

use std::fmt;

/// An address with the version asked for.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Canonical {
    /// The address.
    pub url: String,
    /// The version; any if there is none.
    pub version: Option<String>,
}

impl Canonical {
    /// Splits an address at its version.
    pub fn parse(text: &str) -> Canonical {
        match text.split_once('|') {
            Some((url, version)) if !version.is_empty() => {
                Canonical { url: url.to_owned(), version: Some(version.to_owned()) }
            }
            Some((url, _)) => Canonical { url: url.to_owned(), version: None },
            None => Canonical { url: text.to_owned(), version: None },
        }
    }

    /// An address with a version, if there is one.
    pub fn new(url: &str, version: Option<&str>) -> Canonical {
        Canonical { url: url.to_owned(), version: version.map(str::to_owned) }
    }
}

impl fmt::Display for Canonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)?;
        self.version.iter().try_for_each(|version| write!(f, "|{version}"))
    }
}
