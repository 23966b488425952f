//! Code systems: concepts in columns, by number; a hierarchy that may have several parents.

mod build;
mod dump;
mod hierarchy;
mod read;
mod texts;

use hashbrown::{DefaultHashBuilder, HashTable};
use roaring::RoaringBitmap;
use std::hash::BuildHasher as _;

use crate::Origin;
pub use build::Builder;
pub(crate) use read::{items, usage};
pub(crate) use texts::{Lists, Symbols, Texts};

/// How much of a code system its definition holds (FHIR R4 CodeSystem.content).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Content {
    /// Every concept.
    Complete,
    /// Some; others exist.
    Fragment,
    /// A few, to show what they are like.
    Example,
    /// None.
    NotPresent,
    /// Designations and properties for concepts of another system.
    Supplement,
}

/// What a code system says of itself.
#[derive(Clone, Debug)]
pub struct Head {
    /// Which definition it is.
    pub origin: Origin,
    /// Canonical address.
    pub url: String,
    /// Business version.
    pub version: Option<String>,
    /// Name for people, else for programs.
    pub name: String,
    /// How much of it there is.
    pub content: Content,
    /// Whether `A` and `a` differ. They do where the definition does not say.
    pub case_sensitive: bool,
    /// Address of the value set of all its codes.
    pub value_set: Option<String>,
    /// Address of the system that it supplements.
    pub supplements: Option<String>,
}

/// A code system: immutable, shared behind an `Arc`.
pub struct CodeSystem {
    head: Head,
    codes: Texts,
    /// Displays, definitions, and the texts of designations and properties.
    texts: Texts,
    displays: Vec<u32>,
    definitions: Vec<u32>,
    by_code: HashTable<u32>,
    hasher: DefaultHashBuilder,
    parents: Lists<u32>,
    children: Lists<u32>,
    designations: Lists<DesignationCell>,
    properties: Lists<PropertyCell>,
    symbols: Symbols,
    uses: Vec<Use>,
    declared: Vec<Declared>,
    inactive: RoaringBitmap,
    abstracts: RoaringBitmap,
}

/// A property as its system declares it.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Its code.
    pub code: String,
    /// The type of its values, as R4 names it.
    pub kind: String,
}

/// What a designation is for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Use {
    /// Its system.
    pub system: String,
    /// Its code.
    pub code: String,
    /// Its text.
    pub display: String,
}

#[derive(Clone, Copy)]
struct DesignationCell {
    language: u16,
    usage: u16,
    value: u32,
}

#[derive(Clone, Copy)]
struct PropertyCell {
    key: u16,
    value: ValueCell,
}

#[derive(Clone, Copy)]
enum ValueCell {
    Concept(u32),
    Code(u32),
    Text(u32),
    Bool(bool),
    Integer(u32),
    Decimal(u32),
    DateTime(u32),
    Coding { system: u16, code: u32 },
}

/// A designation of a concept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Designation<'a> {
    /// BCP-47 tag, if told.
    pub language: Option<&'a str>,
    /// What it is for, if told.
    pub usage: Option<&'a Use>,
    /// The text.
    pub value: &'a str,
}

/// The value of a property.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PropertyValue<'a> {
    /// A code of the same system.
    Code(&'a str),
    /// A text.
    Text(&'a str),
    /// Yes or no.
    Bool(bool),
    /// A whole number, as written.
    Integer(&'a str),
    /// A decimal number, as written.
    Decimal(&'a str),
    /// A date or instant, as written.
    DateTime(&'a str),
    /// A code of another system.
    Coding {
        /// Its system.
        system: &'a str,
        /// Its code.
        code: &'a str,
    },
}

impl PropertyValue<'_> {
    /// The value as filters compare it.
    pub fn text(&self) -> &str {
        match self {
            PropertyValue::Bool(true) => "true",
            PropertyValue::Bool(false) => "false",
            PropertyValue::Code(text)
            | PropertyValue::Text(text)
            | PropertyValue::Integer(text)
            | PropertyValue::Decimal(text)
            | PropertyValue::DateTime(text)
            | PropertyValue::Coding { code: text, .. } => text,
        }
    }
}

const NONE: u16 = u16::MAX;

impl CodeSystem {
    /// What it says of itself.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Canonical address.
    pub fn url(&self) -> &str {
        &self.head.url
    }

    /// How many concepts there are.
    pub fn len(&self) -> u32 {
        self.codes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a code that it does not have may exist all the same.
    pub fn is_partial(&self) -> bool {
        self.head.content != Content::Complete
    }

    /// The number of a concept.
    pub fn find(&self, code: &str) -> Option<u32> {
        if self.head.case_sensitive {
            let hash = self.hasher.hash_one(code);
            return self.by_code.find(hash, |at| self.codes.get(*at) == code).copied();
        }
        let folded = code.to_lowercase();
        let hash = self.hasher.hash_one(folded.as_str());
        self.by_code.find(hash, |at| self.codes.get(*at).to_lowercase() == folded).copied()
    }

    /// Code of a concept, as it is defined.
    pub fn code(&self, at: u32) -> &str {
        self.codes.get(at)
    }

    /// Display of a concept, if it has one.
    pub fn display(&self, at: u32) -> Option<&str> {
        let text = *self.displays.get(at as usize)?;
        (text != u32::MAX).then(|| self.texts.get(text))
    }

    /// Definition of a concept, if it has one.
    pub fn definition(&self, at: u32) -> Option<&str> {
        let text = *self.definitions.get(at as usize)?;
        (text != u32::MAX).then(|| self.texts.get(text))
    }

    /// Designations of a concept.
    pub fn designations(&self, at: u32) -> impl Iterator<Item = Designation<'_>> {
        self.designations.get(at).iter().map(|cell| Designation {
            language: (cell.language != NONE).then(|| self.symbols.get(cell.language)),
            usage: self.uses.get(usize::from(cell.usage)),
            value: self.texts.get(cell.value),
        })
    }

    /// Properties of a concept: name and value.
    pub fn properties(&self, at: u32) -> impl Iterator<Item = (&str, PropertyValue<'_>)> {
        self.properties
            .get(at)
            .iter()
            .map(|cell| (self.symbols.get(cell.key), self.value(cell.value)))
    }

    /// Whether the definition declares a property, or a concept has it.
    pub fn has_property(&self, code: &str) -> bool {
        self.declared.iter().any(|d| d.code == code) || self.symbols.find(code).is_some()
    }

    /// Properties that the definition declares.
    pub fn declared(&self) -> &[Declared] {
        &self.declared
    }

    /// Whether a concept is no longer to be used: its property `inactive` is true, or its `status`
    /// is `inactive`, `deprecated` or `retired` (FHIR R4 concept-properties).
    pub fn is_inactive(&self, at: u32) -> bool {
        self.inactive.contains(at)
    }

    /// Every concept that is no longer to be used.
    pub(crate) fn inactive(&self) -> &RoaringBitmap {
        &self.inactive
    }

    /// Whether a concept only groups others (`notSelectable`).
    pub fn is_abstract(&self, at: u32) -> bool {
        self.abstracts.contains(at)
    }

    /// Every concept.
    pub(crate) fn all(&self) -> RoaringBitmap {
        let mut all = RoaringBitmap::new();
        all.insert_range(0..self.len());
        all
    }

    /// The text for a concept in a language: a designation in it, or in a wider or narrower one;
    /// else the display.
    pub fn display_in(&self, at: u32, language: Option<&str>) -> Option<&str> {
        let wanted = language.and_then(|language| {
            let fits = |d: &Designation<'_>, whole: bool| {
                d.language.is_some_and(|own| {
                    if whole { own == language } else { primary(own) == primary(language) }
                })
            };
            let exact = self.designations(at).find(|d| fits(d, true));
            exact.or_else(|| self.designations(at).find(|d| fits(d, false))).map(|d| d.value)
        });
        wanted.or_else(|| self.display(at))
    }

    pub(crate) fn size_of_columns(&self) -> usize {
        let texts = [&self.codes, &self.texts].map(Texts::size);
        let lists = self.parents.size() + self.children.size();
        let cells = self.designations.size() + self.properties.size();
        let told = self.displays.capacity() + self.definitions.capacity();
        let numbers = 4 * (told + 2 * self.by_code.capacity());
        texts.iter().sum::<usize>() + lists + cells + numbers
    }

    fn value(&self, cell: ValueCell) -> PropertyValue<'_> {
        match cell {
            ValueCell::Concept(at) => PropertyValue::Code(self.codes.get(at)),
            ValueCell::Code(at) => PropertyValue::Code(self.texts.get(at)),
            ValueCell::Text(at) => PropertyValue::Text(self.texts.get(at)),
            ValueCell::Bool(value) => PropertyValue::Bool(value),
            ValueCell::Integer(at) => PropertyValue::Integer(self.texts.get(at)),
            ValueCell::Decimal(at) => PropertyValue::Decimal(self.texts.get(at)),
            ValueCell::DateTime(at) => PropertyValue::DateTime(self.texts.get(at)),
            ValueCell::Coding { system, code } => PropertyValue::Coding {
                system: self.symbols.get(system),
                code: self.texts.get(code),
            },
        }
    }
}

/// The first part of a language tag.
fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}
