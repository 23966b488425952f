//! Code systems that a grammar describes: too many codes to list, each tested by its form.

mod language;
mod media;
mod units;

/// A code system whose codes are known by their form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Grammar {
    /// Units of measure: <http://unitsofmeasure.org>.
    Ucum,
    /// Languages: BCP 47 (RFC 5646), `urn:ietf:bcp:47`.
    Language,
    /// Media types: BCP 13 (RFC 6838), `urn:ietf:bcp:13`.
    Media,
    /// Currencies: three capitals (ISO 4217), `urn:iso:std:iso:4217`.
    Currency,
    /// Addresses: RFC 3986, `urn:ietf:rfc:3986`.
    Uri,
}

impl Grammar {
    /// Every grammar with the address of its code system.
    pub const ALL: [(Grammar, &'static str); 5] = [
        (Grammar::Ucum, "http://unitsofmeasure.org"),
        (Grammar::Language, "urn:ietf:bcp:47"),
        (Grammar::Media, "urn:ietf:bcp:13"),
        (Grammar::Currency, "urn:iso:std:iso:4217"),
        (Grammar::Uri, "urn:ietf:rfc:3986"),
    ];

    /// The grammar of a code system.
    pub fn of(url: &str) -> Option<Grammar> {
        Grammar::ALL.iter().find(|(_, own)| *own == url).map(|(grammar, _)| *grammar)
    }

    /// The address of its code system.
    pub fn url(self) -> &'static str {
        Grammar::ALL.iter().find(|(grammar, _)| *grammar == self).map_or("", |(_, url)| url)
    }

    /// Whether a code has the form.
    pub fn permits(self, code: &str) -> bool {
        match self {
            Grammar::Ucum => units::permits(code),
            Grammar::Language => language::permits(code),
            Grammar::Media => media::permits(code),
            Grammar::Currency => code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()),
            Grammar::Uri => {
                let scheme = code.split_once(':').map_or("", |(scheme, _)| scheme);
                let first = scheme.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
                first && !code.contains(char::is_whitespace)
            }
        }
    }
}
