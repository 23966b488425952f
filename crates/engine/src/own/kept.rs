//! The parameters in force with their numbers, in memory and as they are kept beside the log.

use accord_base::Row;
use accord_fhir::json::{self, Value, quoted};
use accord_index::{Definition, Numbered, Own};
use accord_spec::{ParamId, ParamKind, ResourceType};
use accord_store::Log;

use super::Changes;
use crate::EngineError;

/// Name of the value.
pub(super) const NAME: &str = "search/own";

const DAMAGED: EngineError = EngineError::Damaged("the store's search parameters cannot be read");

/// What is in force, and the next number to give.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct State {
    next: u16,
    params: Vec<Kept>,
}

/// A parameter and the id of the resource that defines it.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Kept {
    resource: String,
    numbered: Numbered,
}

impl Default for State {
    fn default() -> State {
        State { next: ParamId::OWN.start, params: Vec::new() }
    }
}

impl State {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.params.len()
    }

    /// Whether there is a number for each.
    pub fn has_numbers(&self) -> bool {
        self.params.iter().all(|kept| ParamId::OWN.contains(&kept.numbered.number))
    }

    /// Ids of the resources that define them.
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        self.params.iter().map(|kept| kept.resource.as_str())
    }

    /// The parameters as the index takes them.
    pub fn own(&self, version: u64) -> Own {
        let all: Vec<Numbered> = self.params.iter().map(|kept| kept.numbered.clone()).collect();
        Own::new(version, &all)
    }

    /// Resources define something else from the row `since` on. What a definition has in common
    /// with the one before keeps its number.
    pub fn change(&mut self, changes: &Changes<'_>, since: Row) {
        for (resource, definitions) in changes {
            self.params.retain(|kept| {
                kept.resource != *resource || definitions.contains(&kept.numbered.definition)
            });
            for definition in *definitions {
                let same = |kept: &Kept| {
                    kept.resource == *resource && kept.numbered.definition == *definition
                };
                if self.params.iter().any(same) {
                    continue;
                }
                let (number, definition) = (self.next, definition.clone());
                self.next = self.next.saturating_add(1).min(ParamId::OWN.end);
                let numbered = Numbered { number, since, definition };
                self.params.push(Kept { resource: (*resource).to_owned(), numbered });
            }
        }
    }

    /// A name that two parameters of a type have: it, the type, and the resource that had it first.
    pub fn clash(&self) -> Option<(&str, ResourceType, &str)> {
        let name = |kept: &Kept| {
            let Definition { code, base, .. } = &kept.numbered.definition;
            (code.clone(), *base)
        };
        let pairs = self.params.iter().enumerate();
        pairs.skip(1).find_map(|(at, kept)| {
            let earlier = self.params.iter().take(at).find(|other| name(other) == name(kept))?;
            let Definition { code, base, .. } = &kept.numbered.definition;
            Some((code.as_str(), *base, earlier.resource.as_str()))
        })
    }

    /// What is kept beside a log. Every row of a log that is opened is asked for all of it, but
    /// for those in segments, which tell themselves.
    pub fn read(log: &dyn Log) -> Result<State, EngineError> {
        match log.meta(NAME)? {
            Some(bytes) => State::decode(&bytes).ok_or(DAMAGED),
            None => Ok(State::default()),
        }
    }

    /// The text that is kept: JSON.
    pub fn encode(&self) -> Vec<u8> {
        let one = |kept: &Kept| {
            let Numbered { number, definition: d, .. } = &kept.numbered;
            let targets: Vec<String> = d.targets.iter().map(|of| quoted(of.name())).collect();
            format!(
                r#"{{"number":{number},"resource":{},"code":{},"base":{},"type":{},"expression":{},"target":[{}],"url":{}}}"#,
                quoted(&kept.resource),
                quoted(&d.code),
                quoted(d.base.name()),
                quoted(d.kind.name()),
                quoted(&d.expression),
                targets.join(","),
                quoted(&d.url),
            )
        };
        let params: Vec<String> = self.params.iter().map(one).collect();
        format!(r#"{{"next":{},"params":[{}]}}"#, self.next, params.join(",")).into_bytes()
    }

    fn decode(bytes: &[u8]) -> Option<State> {
        let tape = json::parse(bytes, json::Limits::default()).ok()?;
        let params = tape.root().get("params")?.items().map(one).collect::<Option<Vec<Kept>>>()?;
        Some(State { next: number(tape.root(), "next")?, params })
    }
}

fn one(kept: Value<'_>) -> Option<Kept> {
    let text = |name: &str| Some(kept.get_str(name)?.into_owned());
    let of = |name: std::borrow::Cow<'_, str>| ResourceType::from_name(&name);
    let targets = kept.get("target")?.items().map(|name| of(name.as_str()?));
    let definition = Definition {
        code: text("code")?,
        base: of(kept.get_str("base")?)?,
        kind: ParamKind::from_name(&text("type")?)?,
        expression: text("expression")?,
        targets: targets.collect::<Option<_>>()?,
        url: text("url")?,
    };
    let numbered = Numbered { number: number(kept, "number")?, since: Row(0), definition };
    Some(Kept { resource: text("resource")?, numbered })
}

fn number(of: Value<'_>, name: &str) -> Option<u16> {
    of.get(name)?.raw().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(code: &str, expression: &str) -> Definition {
        Definition {
            code: code.to_owned(),
            base: ResourceType::PATIENT,
            kind: ParamKind::Reference,
            expression: expression.to_owned(),
            targets: vec![ResourceType::PATIENT, ResourceType::PRACTITIONER],
            url: "http://x.org/\"p\"".to_owned(),
        }
    }

    #[test]
    fn numbers_are_given_once_and_survive() {
        let (a, b) = (definition("a", "Patient.link.other"), definition("b", "x"));
        let changed = definition("a", "Patient.generalPractitioner");
        let mut state = State::default();
        state.change(&vec![("one", &[a.clone()][..]), ("two", &[b.clone()][..])], Row(7));
        let numbers = |state: &State| -> Vec<u16> {
            state.params.iter().map(|kept| kept.numbered.number).collect()
        };
        assert_eq!(numbers(&state), [0x8000, 0x8001]);
        state.change(&vec![("one", &[a.clone()][..])], Row(9));
        assert_eq!(numbers(&state), [0x8000, 0x8001], "what stays the same");
        state.change(&vec![("one", &[changed][..])], Row(9));
        state.change(&vec![("two", &[][..])], Row(9));
        assert_eq!(numbers(&state), [0x8002]);
        let again = State::decode(&state.encode()).unwrap();
        let mut told = state.clone();
        told.params[0].numbered.since = Row(0);
        assert_eq!(again, told);
        assert_eq!(State::decode(b"{}"), None);
        state.change(&vec![("three", &[a][..])], Row(9));
        assert_eq!(state.clash().map(|(_, _, first)| first), Some("one"));
    }
}
