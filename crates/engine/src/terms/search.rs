//! Codes of value sets and hierarchies in the place of the searches that ask for them.

use accord_fhir::IssueCode;
use accord_index::{Found, View};
use accord_query::{Coded, Query, Test, Token, TokenSystem};
use accord_spec::ResourceType;
use accord_terminology::{
    Canonical, CodeSystem, Compiled, Compiler, Entry, Library, TermError, Versions, value_set,
};

use super::{Definitions, refused};
use crate::interaction::read::not_found;
use crate::{Category, Engine, Failure};

/// Codes that one search may ask for.
const MOST_CODES: u64 = 10_000;

impl Engine {
    /// Puts the codes that a search means in the place of `:in`, `:not-in`, `:below` and `:above`,
    /// as far as whoever has the view may use the definitions behind them.
    ///
    /// # Errors
    /// If a definition is not there, or means too many codes.
    pub(crate) fn put_codes(&self, view: &View, query: &mut Query) -> Result<(), Failure> {
        let library = Definitions::new(self, view);
        let mut left = MOST_CODES;
        query.replace_coded(&mut |coded| match coded {
            Coded::Set { negated, any_of } => {
                let mut tokens = Vec::new();
                for address in any_of {
                    self.of_set(&library, view, address, &mut left, &mut tokens)?;
                }
                Ok(Test::Token { negated: *negated, any_of: tokens })
            }
            Coded::Hierarchy { above, any_of } => {
                let mut tokens = Vec::new();
                for token in any_of {
                    of_hierarchy(&library, token, *above, &mut left, &mut tokens)?;
                }
                Ok(Test::Token { negated: false, any_of: tokens })
            }
        })
    }

    fn of_set(
        &self,
        library: &Definitions<'_>,
        view: &View,
        address: &str,
        left: &mut u64,
        tokens: &mut Vec<Token>,
    ) -> Result<(), Failure> {
        let definition = match address.strip_prefix("ValueSet/") {
            Some(id) => match view.read(ResourceType::VALUE_SET, id) {
                Found::Live(row) => library.set_at(&row),
                Found::Deleted(_) | Found::Known(_) | Found::Absent => return Err(not_found()),
            },
            None => value_set(library, &Canonical::parse(address)),
        };
        let compiled = definition.and_then(|definition| {
            Compiler::new(library, Versions::default()).compile(&definition)
        });
        let compiled = compiled.map_err(|error| refused(&error))?;
        spend(address, count(address, &compiled)?, left)?;
        tokens.extend(compiled.set.entries().filter_map(|entry| match entry {
            Entry::Concept { system, at, .. } => Some(token(system, at)),
            Entry::Form(_) => None,
        }));
        Ok(())
    }
}

fn count(address: &str, compiled: &Compiled) -> Result<u64, Failure> {
    compiled.set.count().map_err(|grammar| {
        let (value_set, system) = (address.to_owned(), grammar.url().to_owned());
        refused(&TermError::Endless { value_set, system })
    })
}

fn of_hierarchy(
    library: &Definitions<'_>,
    asked: &Token,
    above: bool,
    left: &mut u64,
    tokens: &mut Vec<Token>,
) -> Result<(), Failure> {
    let (TokenSystem::Is(url), Some(code)) = (&asked.system, &asked.code) else { return Ok(()) };
    let unknown = || refused(&TermError::UnknownSystem(url.clone()));
    let found = library.code_system(&Canonical::parse(url)).map_err(|error| refused(&error))?;
    let system = found.filter(|system| !system.is_empty()).ok_or_else(unknown)?;
    let at = system.find(code).ok_or_else(|| {
        refused(&TermError::UnknownCode { code: code.clone(), system: url.clone() })
    })?;
    let concepts = if above { system.ancestors(at) } else { system.descendants(at) };
    spend(&format!("{url}|{code}"), concepts.len(), left)?;
    tokens.extend(concepts.iter().map(|at| token(&system, at)));
    Ok(())
}

fn token(system: &CodeSystem, at: u32) -> Token {
    let (url, code) = (system.url().to_owned(), system.code(at).to_owned());
    Token { system: TokenSystem::Is(url), code: Some(code) }
}

/// Counts codes against the limit.
fn spend(of: &str, codes: u64, left: &mut u64) -> Result<(), Failure> {
    *left = left.checked_sub(codes).ok_or_else(|| {
        let text = format!("`{of}` means {codes} codes; a search takes at most {MOST_CODES}");
        Failure::new(Category::TooCostly, IssueCode::TooCostly, text)
    })?;
    Ok(())
}
