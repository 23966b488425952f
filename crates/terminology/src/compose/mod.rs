//! From the definition of a value set to the codes in it (FHIR R4 ValueSet §4.9.8).

mod filter;
mod implicit;
mod pattern;
#[cfg(test)]
mod tests;
mod versions;

use std::collections::HashMap;
use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::library::{Dependency, Library, Origin};
use crate::set::{CodeSet, Codes, Part};
use crate::value_set::{Listed, Rule};
use crate::{Canonical, CodeSystem, TermError, ValueSet};

pub(crate) use filter::MEMBER_OF;
pub(crate) use pattern::Pattern;
pub use versions::Versions;

/// Deepest nesting of value sets.
const MOST_NESTED: usize = 32;
/// Concepts looked at for one question: forty times all of a very large code system.
const MOST_WORK: u64 = 20_000_000;
/// What a definition costs besides.
const WORK_OF_SET: u64 = 1000;

/// A set with what it rests on.
pub struct Compiled {
    /// The codes.
    pub set: CodeSet,
    /// What its definition refers to, and what was found for it.
    pub dependencies: Vec<Dependency>,
}

/// Compiles value sets with what one asker may use.
pub struct Compiler<'l> {
    library: &'l dyn Library,
    versions: Versions,
    /// Value sets that are being compiled, each needed by the one before.
    stack: Vec<Canonical>,
    dependencies: Vec<Dependency>,
    work: u64,
}

/// The codes of a value set.
///
/// # Errors
/// If it refers to what is not there, to itself, or filters in a way that is not known.
pub fn compile(library: &dyn Library, set: &ValueSet) -> Result<Arc<Compiled>, TermError> {
    Compiler::new(library, Versions::default()).compile(set)
}

/// The codes of a value set that is found by its address.
///
/// # Errors
/// As [`compile`], and if there is no such value set.
pub fn compile_url(library: &dyn Library, url: &Canonical) -> Result<Arc<Compiled>, TermError> {
    compile(library, &*value_set(library, url)?)
}

/// A value set by its address, those among them that no resource defines.
///
/// # Errors
/// If there is none.
pub fn value_set(library: &dyn Library, url: &Canonical) -> Result<Arc<ValueSet>, TermError> {
    let found = match library.value_set(url)? {
        Some(found) => Some(found),
        None => implicit::value_set(url).map(Arc::new),
    };
    found.ok_or_else(|| TermError::UnknownValueSet(url.to_string()))
}

impl<'l> Compiler<'l> {
    /// With what one asker may use, and the versions they want.
    pub fn new(library: &'l dyn Library, versions: Versions) -> Compiler<'l> {
        Compiler { library, versions, stack: Vec::new(), dependencies: Vec::new(), work: 0 }
    }

    /// The codes of a value set.
    ///
    /// # Errors
    /// As [`compile`].
    pub fn compile(&mut self, set: &ValueSet) -> Result<Arc<Compiled>, TermError> {
        let may_keep = self.versions.is_empty() && set.origin != Origin::Passing;
        if may_keep && let Some(kept) = self.library.kept(set)? {
            self.dependencies.extend(kept.dependencies.iter().cloned());
            return Ok(kept);
        }
        let name = Canonical::new(&set.url, set.version.as_deref());
        if !name.url.is_empty() && self.stack.contains(&name) {
            return Err(TermError::Cycle(name.url));
        }
        if self.stack.len() >= MOST_NESTED {
            return Err(TermError::TooDeep(name.url));
        }
        self.stack.push(name);
        let outer = std::mem::take(&mut self.dependencies);
        let codes = self.composed(set);
        self.stack.pop();
        let mut dependencies = std::mem::replace(&mut self.dependencies, outer);
        dependencies.sort();
        dependencies.dedup();
        self.dependencies.extend(dependencies.iter().cloned());
        let compiled = Arc::new(Compiled { set: codes?, dependencies });
        if may_keep {
            self.library.keep(set, &compiled);
        }
        Ok(compiled)
    }

    fn composed(&mut self, set: &ValueSet) -> Result<CodeSet, TermError> {
        self.spend(WORK_OF_SET)?;
        if set.compose.include.is_empty() {
            let text = format!("the value set `{}` has no definition", set.url);
            return Err(TermError::Invalid(text));
        }
        let mut codes = CodeSet::default();
        for rule in &set.compose.include {
            codes.add(self.rule(rule)?);
        }
        for rule in &set.compose.exclude {
            match &rule.system {
                // Every code of a system goes, whether its content is here or not.
                Some(system) if rule.is_whole() && rule.version.is_none() => {
                    codes.remove_system(system);
                }
                _ => codes.remove(&self.rule(rule)?)?,
            }
        }
        for system in self.versions.left_out() {
            codes.remove_system(system);
        }
        if set.compose.inactive == Some(false) {
            codes.remove_inactive();
        }
        Ok(codes)
    }

    /// Counts work against the limit.
    fn spend(&mut self, work: u64) -> Result<(), TermError> {
        self.work = self.work.saturating_add(work);
        if self.work <= MOST_WORK {
            return Ok(());
        }
        let set = self.stack.first().map(|name| name.url.clone()).unwrap_or_default();
        Err(TermError::TooMuchWork(set))
    }

    fn rule(&mut self, rule: &Rule) -> Result<CodeSet, TermError> {
        let mut codes = match &rule.system {
            Some(system) => Some(self.of_system(system, rule)?),
            None => None,
        };
        for url in &rule.value_sets {
            let imported = value_set(self.library, url)?;
            let origin = Some(imported.origin).filter(|o| *o != Origin::Passing);
            self.dependencies.push(Dependency::Set(url.clone(), origin));
            let imported = self.compile(&imported)?;
            match &mut codes {
                Some(codes) => codes.keep(&imported.set),
                None => codes = Some(imported.set.clone()),
            }
        }
        codes.ok_or_else(|| {
            TermError::Invalid("an include names neither a code system nor a value set".to_owned())
        })
    }

    /// The codes of a system that a rule names.
    fn of_system(&mut self, url: &str, rule: &Rule) -> Result<CodeSet, TermError> {
        let wanted = self.versions.of(url, rule.version.as_deref())?;
        let found = self.library.code_system(&wanted)?;
        let origin = found.as_ref().map(|found| found.head().origin);
        self.dependencies.push(Dependency::System(wanted.clone(), origin));
        let table = found.filter(|table| !table.is_empty());
        let mut codes = CodeSet::default();
        match (table, self.library.grammar(url)) {
            (Some(table), _) if table.head().supplements.is_some() => {
                let text = format!("`{url}` supplements another code system and has no codes");
                return Err(TermError::Invalid(text));
            }
            (Some(table), _) => self.of_table(&table, rule, &mut codes)?,
            (None, Some(grammar)) if rule.is_whole() => {
                codes.add_part(Part {
                    codes: Codes::Grammar { grammar, except: Default::default() },
                    open: false,
                });
            }
            (None, _) if !rule.concepts.is_empty() && rule.filters.is_empty() => {
                codes.add_part(named(url, rule));
            }
            (None, grammar) => return Err(self.without_content(&wanted, grammar.is_some(), rule)),
        }
        Ok(codes)
    }

    fn without_content(&self, wanted: &Canonical, grammar: bool, rule: &Rule) -> TermError {
        match rule.filters.first() {
            Some(filter) if grammar => TermError::Filter {
                system: wanted.url.clone(),
                property: filter.property.clone(),
                op: filter.op.clone(),
            },
            _ => TermError::NoContent {
                value_set: self.stack.last().map(|name| name.url.clone()).unwrap_or_default(),
                system: wanted.to_string(),
            },
        }
    }

    fn of_table(
        &mut self,
        table: &Arc<CodeSystem>,
        rule: &Rule,
        codes: &mut CodeSet,
    ) -> Result<(), TermError> {
        let filters = 1 + rule.filters.len() as u64;
        self.spend(u64::from(table.len()) * filters + rule.concepts.len() as u64)?;
        if rule.concepts.is_empty() {
            let mut bits = table.all();
            for filter in &rule.filters {
                bits &= filter::select(table, filter)?;
            }
            codes.add_part(Part::table(table.clone(), bits, table.is_partial()));
            return Ok(());
        }
        let (mut bits, mut told) = (RoaringBitmap::new(), HashMap::new());
        let mut others: Vec<Listed> = Vec::new();
        for listed in &rule.concepts {
            match table.find(&listed.code) {
                Some(at) => {
                    bits.insert(at);
                    if listed.display.is_some() || !listed.designations.is_empty() {
                        told.insert(at, listed.clone());
                    }
                }
                None => others.push(listed.clone()),
            }
        }
        for filter in &rule.filters {
            bits &= filter::select(table, filter)?;
        }
        let told = Arc::new(told);
        codes.add_part(Part {
            codes: Codes::Table { system: table.clone(), bits, told },
            open: false,
        });
        // A list may know more of a system than the part of it that is here.
        if table.is_partial() && rule.filters.is_empty() && !others.is_empty() {
            codes.add_part(named(table.url(), &Rule { concepts: others, ..rule.clone() }));
        }
        Ok(())
    }
}

impl Rule {
    /// Whether it means every code of its system.
    fn is_whole(&self) -> bool {
        self.concepts.is_empty() && self.filters.is_empty() && self.value_sets.is_empty()
    }
}

/// Codes that a rule lists of a system whose content is not here.
fn named(url: &str, rule: &Rule) -> Part {
    let system = Arc::new(CodeSystem::listed(url, rule.version.as_deref(), &rule.concepts));
    let bits = system.all();
    let told = rule.concepts.iter().filter_map(|listed| {
        let says = listed.display.is_some() || !listed.designations.is_empty();
        says.then(|| system.find(&listed.code).map(|at| (at, listed.clone()))).flatten()
    });
    let told = Arc::new(told.collect());
    Part { codes: Codes::Table { system, bits, told }, open: false }
}
