//! `$translate`: codes that a concept map gives for a code (FHIR R4 ConceptMap-operation-translate).

use std::sync::Arc;

use super::Coding;
use crate::concept_map::{ConceptMap, Group, Other, Unmapped};
use crate::{Library, TermError};

/// Maps looked at for one question where maps send codes on to other maps.
const MOST_MAPS: usize = 100;

/// What is to be translated, and where to.
#[derive(Clone, Default, Debug)]
pub struct Question {
    /// The codes.
    pub codings: Vec<Coding>,
    /// The value set that they come from.
    pub source: Option<String>,
    /// The value set that is translated to.
    pub target: Option<String>,
    /// The code system that is translated to.
    pub target_system: Option<String>,
    /// What else is known: property, system, value.
    pub dependencies: Vec<Other>,
    /// Whether the maps are read backwards.
    pub reverse: bool,
}

/// A code that was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Match {
    /// How it relates to the one asked for.
    pub equivalence: String,
    /// The code; none where a map says that there is no match.
    pub concept: Option<Coding>,
    /// What else results.
    pub product: Vec<Other>,
    /// Address of the map.
    pub source: String,
}

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Translation {
    /// Whether there is a match.
    pub result: bool,
    /// Why not.
    pub message: Option<String>,
    /// What the maps say, those of matches that are none included.
    pub matches: Vec<Match>,
}

/// Translates by maps, all of those that fit.
///
/// # Errors
/// If a map sends codes on to one that is not here.
pub fn translate(
    library: &dyn Library,
    maps: &[Arc<ConceptMap>],
    question: &Question,
) -> Result<Translation, TermError> {
    let (mut matches, mut left) = (Vec::new(), MOST_MAPS + maps.len() * question.codings.len());
    for map in maps.iter().filter(|map| fits(map, question)) {
        for coding in &question.codings {
            one(library, map, coding, question, &mut left, &mut matches)?;
        }
    }
    let is_match = |m: &Match| !["unmatched", "disjoint"].contains(&m.equivalence.as_str());
    let result = matches.iter().any(is_match);
    let message = (!result).then(|| "no mapping of the code was found".to_owned());
    Ok(Translation { result, message, matches })
}

fn fits(map: &ConceptMap, question: &Question) -> bool {
    let same = |own: &Option<String>, wanted: &Option<String>| {
        let (Some(own), Some(wanted)) = (own, wanted) else { return true };
        own.split('|').next() == wanted.split('|').next()
    };
    match question.reverse {
        false => same(&map.source, &question.source) && same(&map.target, &question.target),
        true => same(&map.target, &question.source) && same(&map.source, &question.target),
    }
}

fn one(
    library: &dyn Library,
    map: &ConceptMap,
    coding: &Coding,
    question: &Question,
    left: &mut usize,
    matches: &mut Vec<Match>,
) -> Result<(), TermError> {
    *left = left.saturating_sub(1);
    for group in &map.groups {
        let (from, to) = match question.reverse {
            false => (&group.source, &group.target),
            true => (&group.target, &group.source),
        };
        let of = coding.system.is_none() || from.is_none() || coding.system == *from;
        let wanted = question.target_system.as_ref();
        if !of || wanted.is_some_and(|wanted| to.as_ref() != Some(wanted)) {
            continue;
        }
        let found = matches.len();
        match question.reverse {
            true => backwards(map, group, coding, matches),
            false => forwards(map, group, coding, question, matches),
        }
        if matches.len() == found && !question.reverse {
            unmapped(library, (map, group), coding, question, left, matches)?;
        }
    }
    Ok(())
}

fn forwards(
    map: &ConceptMap,
    group: &Group,
    coding: &Coding,
    question: &Question,
    matches: &mut Vec<Match>,
) {
    for element in group.elements.iter().filter(|e| e.code == coding.code) {
        for target in &element.targets {
            let met = |other: &Other| question.dependencies.contains(other);
            if !target.depends_on.iter().all(met) {
                continue;
            }
            matches.push(Match {
                equivalence: target.equivalence.clone(),
                concept: target.code.as_ref().map(|code| Coding {
                    system: group.target.clone(),
                    version: group.target_version.clone(),
                    code: code.clone(),
                    display: target.display.clone(),
                }),
                product: target.product.clone(),
                source: map.url.clone(),
            });
        }
    }
}

fn backwards(map: &ConceptMap, group: &Group, coding: &Coding, matches: &mut Vec<Match>) {
    for element in &group.elements {
        for target in element.targets.iter().filter(|t| t.code.as_ref() == Some(&coding.code)) {
            matches.push(Match {
                equivalence: turned(&target.equivalence).to_owned(),
                concept: Some(Coding {
                    system: group.source.clone(),
                    version: None,
                    code: element.code.clone(),
                    display: element.display.clone(),
                }),
                product: Vec::new(),
                source: map.url.clone(),
            });
        }
    }
}

/// How the source relates to the target, told from the other side.
fn turned(equivalence: &str) -> &str {
    match equivalence {
        "wider" => "narrower",
        "narrower" => "wider",
        "subsumes" => "specializes",
        "specializes" => "subsumes",
        other => other,
    }
}

fn unmapped(
    library: &dyn Library,
    (map, group): (&ConceptMap, &Group),
    coding: &Coding,
    question: &Question,
    left: &mut usize,
    matches: &mut Vec<Match>,
) -> Result<(), TermError> {
    let (equivalence, code, display) = match &group.unmapped {
        None => return Ok(()),
        Some(Unmapped::Provided) => ("equal", coding.code.clone(), coding.display.clone()),
        Some(Unmapped::Fixed { code, display }) => ("inexact", code.clone(), display.clone()),
        Some(Unmapped::Other(url)) => {
            let others = library.concept_maps(Some(url))?;
            if *left == 0 || others.is_empty() {
                return Err(TermError::UnknownMap);
            }
            for other in others {
                one(library, &other, coding, question, left, matches)?;
            }
            return Ok(());
        }
    };
    matches.push(Match {
        equivalence: equivalence.to_owned(),
        concept: Some(Coding {
            system: group.target.clone(),
            version: group.target_version.clone(),
            code,
            display,
        }),
        product: Vec::new(),
        source: map.url.clone(),
    });
    Ok(())
}
