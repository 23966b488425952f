//! `$validate-code`: whether a code belongs to a value set or a code system
//! (FHIR R4 ValueSet-operation-validate-code, CodeSystem-operation-validate-code).

use crate::set::{CodeSet, Entry};
use crate::{CodeSystem, Designation};

use super::Coding;

/// What is told of a code.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Verdict {
    /// Whether it belongs.
    pub result: bool,
    /// Why not, or what is odd.
    pub message: Option<String>,
    /// The text that it should have.
    pub display: Option<String>,
}

impl Verdict {
    fn no(message: impl Into<String>) -> Verdict {
        Verdict { result: false, message: Some(message.into()), display: None }
    }
}

/// Whether one of the codings belongs to a set. `abstracts` is whether a concept that only groups
/// others will do.
pub fn validate_in_set(
    set: &CodeSet,
    codings: &[Coding],
    abstracts: bool,
    language: Option<&str>,
) -> Verdict {
    let mut last = Verdict::no("no code is given");
    for coding in codings {
        last = one(set, coding, abstracts, language);
        if last.result {
            break;
        }
    }
    last
}

fn one(set: &CodeSet, coding: &Coding, abstracts: bool, language: Option<&str>) -> Verdict {
    let system = coding.system.as_deref();
    match set.verdict(system, &coding.code) {
        crate::Verdict::In(Entry::Concept { system, at, told }) => {
            if coding.version.is_some() && coding.version != system.head().version {
                let known = system.head().version.as_deref().unwrap_or("another version");
                let text = format!("the code system is known here in version `{known}`");
                return Verdict::no(text);
            }
            let verdict = concept(system, at, coding, abstracts, language);
            let own = told.and_then(|told| told.display.clone()).filter(|_| language.is_none());
            match own {
                // The text that the value set shows is as good as those of the code system.
                Some(own) if coding.display.as_deref().is_none_or(|d| same(d, &own)) => {
                    Verdict { display: Some(own), ..accepted(verdict, coding) }
                }
                _ => verdict,
            }
        }
        crate::Verdict::In(Entry::Form(_)) => {
            Verdict { result: true, message: None, display: coding.display.clone() }
        }
        crate::Verdict::Unknown => Verdict::no(format!(
            "whether `{}` belongs to the value set is not known: its code system is not here whole",
            coding.code
        )),
        crate::Verdict::Out => {
            Verdict::no(format!("the code `{}` is not in the value set", coding.code))
        }
    }
}

/// A verdict without the objection to a text that turned out to be right.
fn accepted(verdict: Verdict, coding: &Coding) -> Verdict {
    let objected = verdict.message.as_deref().is_some_and(|m| m.starts_with(WRONG_TEXT));
    if objected && coding.display.is_some() {
        return Verdict { result: true, message: None, display: None };
    }
    verdict
}

const WRONG_TEXT: &str = "the display";

/// Whether a code belongs to a code system.
pub fn validate_in_system(
    system: &CodeSystem,
    coding: &Coding,
    abstracts: bool,
    language: Option<&str>,
) -> Verdict {
    match system.find(&coding.code) {
        Some(at) => concept(system, at, coding, abstracts, language),
        None if system.is_partial() => Verdict::no(format!(
            "whether `{}` belongs to the code system is not known: it is not here whole",
            coding.code
        )),
        None => Verdict::no(format!("the code `{}` is not in the code system", coding.code)),
    }
}

fn concept(
    system: &CodeSystem,
    at: u32,
    coding: &Coding,
    abstracts: bool,
    language: Option<&str>,
) -> Verdict {
    let display = system.display_in(at, language).map(str::to_owned);
    if system.is_abstract(at) && !abstracts {
        let text = format!("the code `{}` only groups others", coding.code);
        return Verdict { result: false, message: Some(text), display };
    }
    let fits = |given: &str| {
        let designated = |d: Designation<'_>| same(d.value, given);
        display.as_deref().is_none_or(|own| same(own, given))
            || system.display(at).is_some_and(|own| same(own, given))
            || system.designations(at).any(designated)
    };
    match coding.display.as_deref() {
        Some(given) if !fits(given) => {
            let text = format!("{WRONG_TEXT} `{given}` is not one of the code `{}`", coding.code);
            Verdict { result: false, message: Some(text), display }
        }
        _ => {
            let inactive = system.is_inactive(at);
            let text = format!("the code `{}` is no longer to be used", coding.code);
            Verdict { result: true, message: inactive.then_some(text), display }
        }
    }
}

/// Whether two texts differ in nothing but case and white space.
fn same(a: &str, b: &str) -> bool {
    let words = |text: &str| text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>();
    words(a) == words(b)
}
