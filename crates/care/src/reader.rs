//! Reading a scheme's file with the place of every fault.

use accord_fhir::Decimal;
use accord_fhir::json::{Kind, Limits, Tape, Value, parse};

use crate::SchemeError;

/// Largest file of a scheme, in bytes.
const MOST_BYTES: usize = 1 << 20;

/// What every scheme says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Header {
    /// What it is called in requests.
    pub id: String,
    /// Which edition of it.
    pub version: String,
    /// What it is called by people.
    pub title: String,
    /// Where its numbers come from.
    pub source: String,
    /// Under what terms.
    pub licence: String,
    /// Whether its numbers still have to be checked against the source: then it is for
    /// demonstrations only.
    pub confirm: bool,
}

/// A value of a file, and where it stands.
#[derive(Clone)]
pub(crate) struct Reader<'a> {
    file: &'a str,
    path: String,
    value: Value<'a>,
}

/// Parses a file as JSON.
pub(crate) fn tape(file: &str, text: &str) -> Result<Tape, SchemeError> {
    let limits = Limits { bytes: MOST_BYTES, depth: 16 };
    let wrong = |reason: String| SchemeError { file: file.into(), path: ".".into(), reason };
    let tape = parse(text.as_bytes(), limits).map_err(|e| wrong(format!("not JSON: {e}")))?;
    if tape.root().kind() != Kind::Object {
        return Err(wrong("a scheme is an object".into()));
    }
    Ok(tape)
}

impl<'a> Reader<'a> {
    pub(crate) fn root(file: &'a str, tape: &'a Tape) -> Reader<'a> {
        Reader { file, path: String::new(), value: tape.root() }
    }

    /// A fault at this place.
    pub(crate) fn wrong(&self, reason: impl Into<String>) -> SchemeError {
        let path = if self.path.is_empty() { ".".into() } else { self.path.clone() };
        SchemeError { file: self.file.into(), path, reason: reason.into() }
    }

    /// Refuses an object that has other members: a name that is misspelt must not be skipped.
    pub(crate) fn only(&self, names: &[&str]) -> Result<(), SchemeError> {
        if self.value.kind() != Kind::Object {
            return Err(self.wrong("an object is needed"));
        }
        match self.value.members().find(|(name, _)| !names.contains(&&**name)) {
            Some((name, _)) => Err(self.wrong(format!("`{name}` is not known here"))),
            None => Ok(()),
        }
    }

    /// The member of this name.
    pub(crate) fn member(&self, name: &str) -> Result<Reader<'a>, SchemeError> {
        self.optional(name).ok_or_else(|| self.wrong(format!("`{name}` is missing")))
    }

    /// The member of this name, if there is one.
    pub(crate) fn optional(&self, name: &str) -> Option<Reader<'a>> {
        let dot = if self.path.is_empty() { "" } else { "." };
        let path = format!("{}{dot}{name}", self.path);
        self.value.get(name).map(|value| Reader { file: self.file, path, value })
    }

    /// The items of an array with at least one.
    pub(crate) fn items(&self) -> Result<Vec<Reader<'a>>, SchemeError> {
        let item = |(at, value)| Reader { path: format!("{}[{at}]", self.path), value, ..*self };
        let items: Vec<_> = self.value.items().enumerate().map(item).collect();
        if items.is_empty() { Err(self.wrong("a list is needed")) } else { Ok(items) }
    }

    /// The items of the array of this name; none if there is no such member.
    pub(crate) fn list(&self, name: &str) -> Result<Vec<Reader<'a>>, SchemeError> {
        self.optional(name).map_or(Ok(Vec::new()), |list| list.items())
    }

    /// The members of an object.
    pub(crate) fn entries(&self) -> Result<Vec<(String, Reader<'a>)>, SchemeError> {
        if self.value.kind() != Kind::Object {
            return Err(self.wrong("an object is needed"));
        }
        let members = self.value.members();
        let entry = |(name, value): (std::borrow::Cow<'a, str>, _)| {
            let path = format!("{}.{name}", self.path);
            (name.into_owned(), Reader { file: self.file, path, value })
        };
        Ok(members.map(entry).collect())
    }

    /// A text that is not empty.
    pub(crate) fn text(&self) -> Result<String, SchemeError> {
        let text = self.value.as_str().filter(|text| !text.trim().is_empty());
        text.map(|text| text.into_owned()).ok_or_else(|| self.wrong("a text is needed"))
    }

    /// The text of the member of this name.
    pub(crate) fn text_of(&self, name: &str) -> Result<String, SchemeError> {
        self.member(name)?.text()
    }

    /// A number, as written.
    pub(crate) fn number(&self) -> Result<Decimal, SchemeError> {
        let number = self.value.as_number().and_then(Decimal::parse);
        number.ok_or_else(|| self.wrong("a number is needed"))
    }

    /// A whole number that is not negative nor absurd.
    pub(crate) fn count(&self) -> Result<u32, SchemeError> {
        let count = self.value.as_number().and_then(|text| text.parse().ok());
        let count = count.filter(|count| *count <= 100_000);
        count.ok_or_else(|| self.wrong("a whole number from 0 to 100000 is needed"))
    }

    /// The count of the member of this name, if there is one.
    pub(crate) fn count_of(&self, name: &str) -> Result<Option<u32>, SchemeError> {
        self.optional(name).map(|count| count.count()).transpose()
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self) -> Result<bool, SchemeError> {
        self.value.as_bool().ok_or_else(|| self.wrong("true or false is needed"))
    }

    /// What the scheme says of itself. `more` are the members that this kind has besides.
    pub(crate) fn header(&self, kind: &str, more: &[&str]) -> Result<Header, SchemeError> {
        const OWN: &[&str] = &["kind", "id", "version", "title", "source", "licence", "confirm"];
        self.only(&[OWN, more].concat())?;
        let found = self.member("kind")?;
        if found.text()? != kind {
            return Err(found.wrong(format!("a scheme of kind `{kind}` is needed")));
        }
        Ok(Header {
            id: code(&self.member("id")?)?,
            version: self.text_of("version")?,
            title: self.text_of("title")?,
            source: self.text_of("source")?,
            licence: self.text_of("licence")?,
            confirm: self.member("confirm")?.flag()?,
        })
    }
}

/// A name that requests and answers use.
pub(crate) fn code(of: &Reader<'_>) -> Result<String, SchemeError> {
    let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let id = of.text()?;
    if !id.bytes().all(letters) {
        return Err(of.wrong("an id has small letters, digits and hyphens"));
    }
    Ok(id)
}
