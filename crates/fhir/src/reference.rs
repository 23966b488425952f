//! The forms of `Reference.reference` (FHIR R4 §2.3.0).

use accord_base::ResourceId;

/// A reference by its form. Type names are not checked here; `spec` knows them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reference<'a> {
    /// `Type/id` or `Type/id/_history/version`.
    Relative {
        /// The type's name.
        resource_type: &'a str,
        /// Logical id.
        id: &'a str,
        /// Version, if named.
        version: Option<&'a str>,
    },
    /// An absolute URL, `http://…` or `https://…`, or any other URI scheme.
    Absolute(&'a str),
    /// `urn:uuid:…` or `urn:oid:…`.
    Urn(&'a str),
    /// `#id`: a contained resource; `#` alone is the container.
    Fragment(&'a str),
    /// `Type?query`: a conditional reference, only within a transaction.
    Conditional {
        /// The type's name.
        resource_type: &'a str,
        /// The search behind the question mark.
        query: &'a str,
    },
}

impl<'a> Reference<'a> {
    /// Reads the text of a reference; `None` if it has no allowed form.
    pub fn parse(text: &'a str) -> Option<Reference<'a>> {
        if let Some(fragment) = text.strip_prefix('#') {
            let good = fragment.is_empty() || ResourceId::is_valid(fragment);
            return good.then_some(Reference::Fragment(fragment));
        }
        if text.starts_with("urn:") {
            return is_urn(text).then_some(Reference::Urn(text));
        }
        if let Some((resource_type, query)) = text.split_once('?')
            && is_type_name(resource_type)
        {
            return Some(Reference::Conditional { resource_type, query });
        }
        Reference::relative(text).or_else(|| is_absolute(text).then_some(Reference::Absolute(text)))
    }

    /// The relative reference at the end of an absolute URL of a RESTful server,
    /// `http://a.org/fhir/Patient/1` → `Patient/1` (FHIR R4 references §2.3.0.1). Whether the type
    /// exists is for the caller to check.
    pub fn tail(url: &'a str) -> Option<Reference<'a>> {
        let mut slashes = url.rmatch_indices('/').map(|(at, _)| at).skip(1);
        let mut ends = || Reference::relative(url.get(slashes.next()? + 1..)?);
        let short = ends();
        // `…/Patient/1/_history/2`: the type stands two segments further to the left.
        short.or_else(|| {
            ends();
            ends()
        })
    }

    /// Reads `Type/id` or `Type/id/_history/version`.
    pub fn relative(text: &'a str) -> Option<Reference<'a>> {
        let mut parts = text.split('/');
        let (resource_type, id) = (parts.next()?, parts.next()?);
        let version = match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => None,
            (Some("_history"), Some(version), None) if ResourceId::is_valid(version) => {
                Some(version)
            }
            _ => return None,
        };
        let good = is_type_name(resource_type) && ResourceId::is_valid(id);
        good.then_some(Reference::Relative { resource_type, id, version })
    }
}

fn is_type_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn is_urn(text: &str) -> bool {
    if let Some(uuid) = text.strip_prefix("urn:uuid:") {
        return uuid.len() == 36
            && uuid.bytes().enumerate().all(|(at, b)| match at {
                8 | 13 | 18 | 23 => b == b'-',
                _ => b.is_ascii_hexdigit(),
            });
    }
    text.strip_prefix("urn:oid:").is_some_and(|oid| {
        oid.starts_with(['0', '1', '2'])
            && oid.split('.').all(|arc| !arc.is_empty() && arc.bytes().all(|b| b.is_ascii_digit()))
    })
}

fn is_absolute(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
        && !rest.is_empty()
        && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<Reference<'_>>) {
        assert_eq!(Reference::parse(text), expect, "{text}");
    }

    #[test]
    fn urls_end_in_relative_references() {
        let relative =
            |version| Some(Reference::Relative { resource_type: "Patient", id: "1", version });
        assert_eq!(Reference::tail("http://a.org/fhir/Patient/1"), relative(None));
        assert_eq!(Reference::tail("http://a.org/Patient/1/_history/2"), relative(Some("2")));
        for bad in ["", "/", "Patient/1", "http://a.org/x", "http://a.org/fhir/Patient/1/2"] {
            assert_eq!(Reference::tail(bad), None, "{bad}");
        }
    }

    #[test]
    fn forms_are_told_apart() {
        let relative =
            |version| Some(Reference::Relative { resource_type: "Patient", id: "a-1", version });
        check("Patient/a-1", relative(None));
        check("Patient/a-1/_history/3", relative(Some("3")));
        check("#x", Some(Reference::Fragment("x")));
        check("#", Some(Reference::Fragment("")));
        check(
            "http://a.org/fhir/Patient/1",
            Some(Reference::Absolute("http://a.org/fhir/Patient/1")),
        );
        let uuid = "urn:uuid:d67a0cff-8f7e-46f7-bb99-577a6623e59a";
        check(uuid, Some(Reference::Urn(uuid)));
        check("urn:oid:2.16.840.1", Some(Reference::Urn("urn:oid:2.16.840.1")));
        let query = Reference::Conditional { resource_type: "Patient", query: "identifier=x|1" };
        check("Patient?identifier=x|1", Some(query));
        for bad in [
            "",
            "Patient",
            "Patient/",
            "Patient/a b",
            "patient/1",
            "Patient/1/2",
            "Patient/1/_history/",
            "urn:uuid:123",
            "urn:oid:x",
            "/Patient/1",
            "http: //x",
        ] {
            check(bad, None);
        }
    }
}
