//! `$expand`: the codes of a value set (FHIR R4 ValueSet-operation-expand).

use std::fmt::Write as _;

use accord_fhir::json::quoted;

use super::filter::TextFilter;
use super::nest::{Node, forest};
use crate::set::{CodeSet, Codes, Entry};
use crate::value_set::Listed;
use crate::{CodeSystem, TermError, Use, ValueSet};

/// How an expansion is wanted.
#[derive(Clone, Default, Debug)]
pub struct Wanted {
    /// Words that a text of each code must begin words with.
    pub filter: Option<String>,
    /// Which part of the codes.
    pub page: Page,
    /// Only codes that are still to be used.
    pub active_only: bool,
    /// Whether codes stand below those above them. Not with a filter or a page.
    pub nested: bool,
    /// Whether concepts that only group others are left out.
    pub without_abstract: bool,
    /// Language of the texts.
    pub language: Option<String>,
    /// Whether further texts are told.
    pub designations: bool,
    /// Only these further texts: languages, or `system|code` of uses.
    pub only: Vec<String>,
    /// Whether the definition is told.
    pub definition: bool,
    /// Parameters that are repeated in the answer, as JSON.
    pub parameters: Vec<String>,
}

/// Which part of the codes is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Page {
    /// Codes passed over.
    pub offset: u64,
    /// Most codes told.
    pub count: Option<u64>,
}

/// An expansion: the ValueSet as JSON, and what is in it.
#[derive(Clone, Debug)]
pub struct Expansion {
    /// The ValueSet resource.
    pub json: String,
    /// Codes in all, not only those told.
    pub total: u64,
}

/// Expands a set. `identifier` and `timestamp` are those of the expansion; `most` is how many codes
/// are told at a time.
///
/// # Errors
/// If there are too many to be listed.
pub fn expand(
    definition: &ValueSet,
    set: &CodeSet,
    wanted: &Wanted,
    (identifier, timestamp): (&str, &str),
    most: u64,
) -> Result<Expansion, TermError> {
    let url = || definition.url.clone();
    let count = set.count().map_err(|grammar| TermError::Endless {
        value_set: url(),
        system: grammar.url().to_owned(),
    })?;
    let filter = wanted.filter.as_deref().and_then(TextFilter::new);
    let keeps = |entry: &Entry<'_>| match entry {
        Entry::Concept { system, at, told } => {
            let ended = wanted.active_only && system.is_inactive(*at);
            let grouping = wanted.without_abstract && system.is_abstract(*at);
            !ended
                && !grouping
                && filter.as_ref().is_none_or(|filter| filter.fits(system, *at, *told))
        }
        Entry::Form(_) => false,
    };
    let plain = !wanted.active_only && !wanted.without_abstract && filter.is_none();
    let whole = wanted.page == Page::default();
    let total = match plain {
        true => count,
        false => set.entries().filter(keeps).count() as u64,
    };
    let told = wanted.page.count.unwrap_or(u64::MAX).min(total.saturating_sub(wanted.page.offset));
    if told > most {
        return Err(TermError::TooMany { value_set: url(), found: total, most });
    }
    let mut out = head(definition, wanted);
    let _ = write!(
        out,
        r#""expansion":{{"identifier":"{identifier}","timestamp":"{timestamp}","total":{total}"#
    );
    if !whole {
        let _ = write!(out, r#","offset":{}"#, wanted.page.offset);
    }
    parameters(&mut out, set, wanted);
    let mut listing = Listing { wanted, out, first: true };
    if wanted.nested && whole && filter.is_none() {
        listing.nested(set);
    } else {
        let page = set.entries().filter(keeps).skip(wanted.page.offset as usize);
        for entry in page.take(told as usize) {
            listing.entry(&entry);
        }
    }
    let mut json = listing.out;
    // An array without items is no JSON of FHIR.
    json.push_str(if listing.first { "}}" } else { "]}}" });
    Ok(Expansion { json, total })
}

fn head(definition: &ValueSet, wanted: &Wanted) -> String {
    let mut out = String::from(r#"{"resourceType":"ValueSet","#);
    let members = [
        ("url", Some(definition.url.as_str()).filter(|url| !url.is_empty())),
        ("version", definition.version.as_deref()),
        ("name", definition.name.as_deref()),
        ("title", definition.title.as_deref()),
        ("status", Some(definition.status.as_str())),
    ];
    for (name, value) in members {
        if let Some(value) = value {
            let _ = write!(out, r#""{name}":{},"#, quoted(value));
        }
    }
    if wanted.definition && !definition.written.is_empty() {
        let _ = write!(out, r#""compose":{},"#, definition.written);
    }
    out
}

/// What the expansion was asked for with, and the versions of the code systems in it.
fn parameters(out: &mut String, set: &CodeSet, wanted: &Wanted) {
    let mut all = wanted.parameters.clone();
    for part in set.parts() {
        let Codes::Table { system, .. } = &part.codes else { continue };
        let head = system.head();
        let version = head.version.iter().map(|version| format!("{}|{version}", head.url));
        for text in version {
            let own = format!(r#"{{"name":"version","valueUri":{}}}"#, quoted(&text));
            if !all.contains(&own) {
                all.push(own);
            }
        }
        if part.open {
            let text = "content of a code system is not here whole";
            all.push(format!(r#"{{"name":"warning","valueString":"{text}"}}"#));
        }
    }
    if !all.is_empty() {
        let _ = write!(out, r#","parameter":[{}]"#, all.join(","));
    }
}

/// The codes as they are written.
struct Listing<'w> {
    wanted: &'w Wanted,
    out: String,
    first: bool,
}

impl Listing<'_> {
    fn open(&mut self) {
        self.out.push_str(if self.first { r#","contains":["# } else { "," });
        self.first = false;
    }

    fn entry(&mut self, entry: &Entry<'_>) {
        if let Entry::Concept { system, at, told } = entry {
            self.open();
            self.concept(system, *at, *told);
            self.out.push('}');
        }
    }

    fn nested(&mut self, set: &CodeSet) {
        for part in set.parts() {
            let Codes::Table { system, bits, told } = &part.codes else { continue };
            let mut bits = bits.clone();
            if self.wanted.active_only {
                bits -= system.inactive();
            }
            if self.wanted.without_abstract {
                bits = bits.iter().filter(|at| !system.is_abstract(*at)).collect();
            }
            for node in forest(system, &bits) {
                self.open();
                self.node(system, &node, &|at| told.get(&at));
            }
        }
    }

    fn node<'t>(
        &mut self,
        system: &CodeSystem,
        node: &Node,
        told: &impl Fn(u32) -> Option<&'t Listed>,
    ) {
        self.concept(system, node.at, told(node.at));
        for (at, below) in node.below.iter().enumerate() {
            self.out.push_str(if at == 0 { r#","contains":["# } else { "," });
            self.node(system, below, told);
        }
        self.out.push_str(if node.below.is_empty() { "}" } else { "]}" });
    }

    /// A concept without its closing brace.
    fn concept(&mut self, system: &CodeSystem, at: u32, told: Option<&Listed>) {
        let _ = write!(self.out, r#"{{"system":{}"#, quoted(system.url()));
        if system.is_abstract(at) {
            self.out.push_str(r#","abstract":true"#);
        }
        if system.is_inactive(at) {
            self.out.push_str(r#","inactive":true"#);
        }
        let _ = write!(self.out, r#","code":{}"#, quoted(system.code(at)));
        let language = self.wanted.language.as_deref();
        if let Some(text) = display(system, at, told, language) {
            let _ = write!(self.out, r#","display":{}"#, quoted(text));
        }
        if self.wanted.designations {
            self.designations(system, at, told);
        }
    }

    fn designations(&mut self, system: &CodeSystem, at: u32, told: Option<&Listed>) {
        let given = told.into_iter().flat_map(|told| {
            told.designations
                .iter()
                .map(|(language, usage, text)| (language.as_deref(), usage.as_ref(), text.as_str()))
        });
        let own = system.designations(at).map(|d| (d.language, d.usage, d.value));
        let mut first = true;
        for (language, usage, text) in given.chain(own) {
            if !asked_for(&self.wanted.only, language, usage) {
                continue;
            }
            self.out.push_str(if first { r#","designation":[{"# } else { ",{" });
            first = false;
            if let Some(language) = language {
                let _ = write!(self.out, r#""language":{},"#, quoted(language));
            }
            if let Some(usage) = usage {
                let _ = write!(self.out, r#""use":{},"#, coding(usage));
            }
            let _ = write!(self.out, r#""value":{}}}"#, quoted(text));
        }
        if !first {
            self.out.push(']');
        }
    }
}

/// The text shown: one in the language wanted, else that of the value set, else the concept's.
fn display<'a>(
    system: &'a CodeSystem,
    at: u32,
    told: Option<&'a Listed>,
    language: Option<&str>,
) -> Option<&'a str> {
    let own = system.display_in(at, language);
    let translated = language.is_some() && own != system.display(at);
    let given = told.and_then(|told| {
        let fits = |own: &Option<String>| own.as_deref() == language;
        let translated =
            told.designations.iter().find(|(own, _, _)| language.is_some() && fits(own));
        translated.map(|(_, _, text)| text.as_str()).or(told.display.as_deref())
    });
    if translated { own } else { given.or(own) }
}

fn asked_for(only: &[String], language: Option<&str>, usage: Option<&Use>) -> bool {
    only.is_empty()
        || only.iter().any(|token| match token.split_once('|') {
            Some(("urn:ietf:bcp:47", wanted)) => language == Some(wanted),
            Some((system, code)) => usage.is_some_and(|u| u.system == system && u.code == code),
            None => language == Some(token.as_str()) || usage.is_some_and(|u| u.code == *token),
        })
}

/// A Coding as JSON.
pub(crate) fn coding(usage: &Use) -> String {
    let members = [("system", &usage.system), ("code", &usage.code), ("display", &usage.display)];
    let told = members.iter().filter(|(_, text)| !text.is_empty());
    let told: Vec<String> =
        told.map(|(name, text)| format!(r#""{name}":{}"#, quoted(text))).collect();
    format!("{{{}}}", told.join(","))
}
