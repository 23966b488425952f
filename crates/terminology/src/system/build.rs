//! Making a code system from its concepts.

use std::hash::BuildHasher as _;

use hashbrown::{DefaultHashBuilder, HashTable};
use roaring::RoaringBitmap;

use crate::Origin;
use crate::value_set::Listed;

use super::texts::MOST_SYMBOLS;
use super::{
    CodeSystem, Content, Declared, DesignationCell, Head, Lists, NONE, PropertyCell, PropertyValue,
    Symbols, Texts, Use, ValueCell,
};

/// Values of `status` that end the use of a concept (FHIR R4 concept-properties).
const ENDED: [&str; 3] = ["deprecated", "inactive", "retired"];

/// Gathers the concepts of a code system.
pub struct Builder {
    head: Head,
    codes: Texts,
    texts: Texts,
    displays: Vec<u32>,
    definitions: Vec<u32>,
    by_code: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// Child and parent.
    edges: Vec<(u32, u32)>,
    designations: Vec<(u32, DesignationCell)>,
    properties: Vec<(u32, PropertyCell)>,
    symbols: Symbols,
    uses: Vec<Use>,
    declared: Vec<Declared>,
    inactive: RoaringBitmap,
    abstracts: RoaringBitmap,
}

impl Builder {
    /// A code system without concepts.
    pub fn new(head: Head) -> Builder {
        Builder {
            head,
            codes: Texts::default(),
            texts: Texts::default(),
            displays: Vec::new(),
            definitions: Vec::new(),
            by_code: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            edges: Vec::new(),
            designations: Vec::new(),
            properties: Vec::new(),
            symbols: Symbols::default(),
            uses: Vec::new(),
            declared: Vec::new(),
            inactive: RoaringBitmap::new(),
            abstracts: RoaringBitmap::new(),
        }
    }

    /// Adds a concept and gives its number; a code that is there already keeps its own.
    pub fn concept(&mut self, code: &str, display: &str, definition: Option<&str>) -> u32 {
        let key = self.key(code);
        let hash = self.hasher.hash_one(key.as_ref());
        let (codes, sensitive) = (&self.codes, self.head.case_sensitive);
        let same = |at: &u32| match sensitive {
            true => codes.get(*at) == key,
            false => codes.get(*at).to_lowercase() == key,
        };
        if let Some(at) = self.by_code.find(hash, same) {
            return *at;
        }
        let at = self.codes.push(code);
        let shown = if display.is_empty() { u32::MAX } else { self.texts.push(display) };
        self.displays.push(shown);
        let text = definition.map_or(u32::MAX, |text| self.texts.push(text));
        self.definitions.push(text);
        let (codes, hasher) = (&self.codes, &self.hasher);
        let again = |at: &u32| match sensitive {
            true => hasher.hash_one(codes.get(*at)),
            false => hasher.hash_one(codes.get(*at).to_lowercase().as_str()),
        };
        self.by_code.insert_unique(hash, at, again);
        at
    }

    fn key<'c>(&self, code: &'c str) -> std::borrow::Cow<'c, str> {
        match self.head.case_sensitive {
            true => code.into(),
            false => code.to_lowercase().into(),
        }
    }

    /// The number of a concept that was added.
    pub fn find(&self, code: &str) -> Option<u32> {
        let key = self.key(code);
        let hash = self.hasher.hash_one(key.as_ref());
        self.by_code.find(hash, |at| self.key(self.codes.get(*at)) == key).copied()
    }

    /// Number of concepts so far.
    pub fn len(&self) -> u32 {
        self.codes.len()
    }

    /// Whether there are none so far.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Says that one concept is below another.
    pub fn below(&mut self, child: u32, parent: u32) {
        if child != parent {
            self.edges.push((child, parent));
        }
    }

    /// Gives a concept its display.
    pub fn display(&mut self, at: u32, text: &str) {
        let text = self.texts.push(text);
        if let Some(display) = self.displays.get_mut(at as usize) {
            *display = text;
        }
    }

    /// Declares a property.
    pub fn declare(&mut self, code: &str, kind: &str) {
        self.declared.push(Declared { code: code.to_owned(), kind: kind.to_owned() });
    }

    /// Adds a designation.
    pub fn designation(
        &mut self,
        at: u32,
        language: Option<&str>,
        usage: Option<&Use>,
        value: &str,
    ) {
        let language = language.map_or(NONE, |tag| self.symbols.add(tag));
        let usage = usage.map_or(NONE, |usage| match self.uses.iter().position(|u| u == usage) {
            Some(found) => u16::try_from(found).unwrap_or(NONE),
            None if self.uses.len() >= MOST_SYMBOLS => NONE,
            None => {
                self.uses.push(usage.clone());
                u16::try_from(self.uses.len() - 1).unwrap_or(NONE)
            }
        });
        let value = self.texts.push(value);
        self.designations.push((at, DesignationCell { language, usage, value }));
    }

    /// Adds a property. What it says of the use of the concept is read from it.
    pub fn property(&mut self, at: u32, code: &str, value: PropertyValue<'_>) {
        match (code, value) {
            ("inactive", PropertyValue::Bool(true)) => {
                self.inactive.insert(at);
            }
            ("status", PropertyValue::Code(status)) if ENDED.contains(&status) => {
                self.inactive.insert(at);
            }
            ("notSelectable" | "abstract", PropertyValue::Bool(true)) => {
                self.abstracts.insert(at);
            }
            _ => {}
        }
        let cell = match value {
            PropertyValue::Code(code) => match self.find(code) {
                Some(concept) => ValueCell::Concept(concept),
                None => ValueCell::Code(self.texts.push(code)),
            },
            PropertyValue::Text(text) => ValueCell::Text(self.texts.push(text)),
            PropertyValue::Bool(value) => ValueCell::Bool(value),
            PropertyValue::Integer(text) => ValueCell::Integer(self.texts.push(text)),
            PropertyValue::Decimal(text) => ValueCell::Decimal(self.texts.push(text)),
            PropertyValue::DateTime(text) => ValueCell::DateTime(self.texts.push(text)),
            PropertyValue::Coding { system, code } => {
                ValueCell::Coding { system: self.symbols.add(system), code: self.texts.push(code) }
            }
        };
        let key = self.symbols.add(code);
        self.properties.push((at, PropertyCell { key, value: cell }));
    }

    /// Says that a concept is no longer to be used, without a property.
    pub fn end(&mut self, at: u32) {
        self.inactive.insert(at);
    }

    /// The code system.
    pub fn finish(mut self) -> CodeSystem {
        self.edges.sort_unstable();
        self.edges.dedup();
        let children =
            Lists::new(self.edges.iter().map(|(child, parent)| (*parent, *child)).collect());
        for texts in [&mut self.codes, &mut self.texts] {
            texts.shrink();
        }
        CodeSystem {
            head: self.head,
            codes: self.codes,
            texts: self.texts,
            displays: self.displays,
            definitions: self.definitions,
            by_code: self.by_code,
            hasher: self.hasher,
            parents: Lists::new(self.edges),
            children,
            designations: Lists::new(self.designations),
            properties: Lists::new(self.properties),
            symbols: self.symbols,
            uses: self.uses,
            declared: self.declared,
            inactive: self.inactive,
            abstracts: self.abstracts,
        }
    }
}

impl CodeSystem {
    /// A table of codes that are known from lists alone: the content of their system is not here.
    pub fn listed(url: &str, version: Option<&str>, codes: &[Listed]) -> CodeSystem {
        let mut builder = Builder::new(Head {
            origin: Origin::Passing,
            url: url.to_owned(),
            version: version.map(str::to_owned),
            name: String::new(),
            content: Content::Fragment,
            case_sensitive: true,
            value_set: None,
            supplements: None,
        });
        for listed in codes {
            builder.concept(&listed.code, listed.display.as_deref().unwrap_or_default(), None);
        }
        builder.finish()
    }
}
