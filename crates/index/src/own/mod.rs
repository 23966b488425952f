//! Search parameters that a store defines itself, by SearchParameter resources.
//!
//! Each has a number that no other definition ever had in the store. A part of the index *holds* a
//! parameter if all of its rows have been asked for the parameter's values: a key of no value says
//! so for each chunk of its rows, so that merging keeps it true. What a part does not hold, the
//! job in `lacking` tells.
//!
//! **Invariant:** a search by a parameter is answered only if every part of its state holds it.

mod definition;

use accord_base::Row;
use accord_query::OwnParams;
use accord_spec::{ParamId, ResourceType, SearchParam};

use crate::extract::{self, OwnField, Source};
use crate::value::{Datum, Values};

pub use definition::{Definition, Fault, definitions};

/// The parameters in force, compiled. Made when one comes or goes.
#[derive(Default)]
pub struct Own {
    version: u64,
    params: OwnParams,
    since: Vec<(u16, Row)>,
    fields: Vec<OwnField>,
}

/// A parameter with its number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Numbered {
    /// One of [`ParamId::OWN`].
    pub number: u16,
    /// Every version at this row or later was asked for its values when it was written.
    pub since: Row,
    /// What it is.
    pub definition: Definition,
}

impl Own {
    /// These parameters. `version` tells them from those before.
    ///
    /// What definitions say stays in memory as long as the process: a store has few of them, and
    /// queries refer to them as to official ones.
    pub fn new(version: u64, params: &[Numbered]) -> Own {
        let told = params.iter().map(|one| leaked(one.number, &one.definition)).collect();
        let field = |one: &Numbered| {
            let Definition { base, kind, expression, .. } = &one.definition;
            OwnField::compile(one.number, (*base, *kind), expression, definition::LIMITS)
        };
        Own {
            version,
            params: OwnParams::new(told),
            since: params.iter().map(|one| (one.number, one.since)).collect(),
            fields: params.iter().filter_map(field).collect(),
        }
    }

    /// Tells these parameters from those before.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The parameters, for queries.
    pub fn params(&self) -> &OwnParams {
        &self.params
    }

    /// Whether there is any for resources of a type.
    pub fn reads(&self, resource_type: ResourceType) -> bool {
        self.fields.iter().any(|field| field.base == resource_type)
    }

    /// The values of a resource for the parameters chosen, and how many of these could not be
    /// evaluated: they have none.
    pub fn values(&self, source: &Source<'_>, chosen: impl Fn(u16) -> bool) -> (Values, u64) {
        extract::own_values(&self.fields, source, chosen)
    }

    /// What a resource as it is served refers to by a parameter.
    pub fn referenced(&self, source: &Source<'_>, param: ParamId) -> Vec<(ResourceType, String)> {
        let local = |value: crate::value::Value| match value.datum {
            Datum::Reference { resource_type, id } => Some((ResourceType(resource_type), id)),
            _ => None,
        };
        let (values, _) = self.values(source, |number| number == param.0);
        values.0.into_iter().filter_map(local).collect()
    }

    /// Whether one may tell where somebody is or lives, or how to reach them.
    pub(crate) fn is_of_places(&self, number: u16) -> bool {
        let field = self.fields.iter().find(|field| field.number == number);
        field.is_none_or(|field| field.of_places)
    }

    /// The numbers in force.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u16> {
        self.since.iter().map(|(number, _)| *number)
    }

    /// The numbers that every row from `first` on has been asked for.
    pub(crate) fn held_from(&self, first: u32) -> impl Iterator<Item = u16> {
        let all = self.since.iter().filter(move |(_, since)| since.0 <= first);
        all.map(|(number, _)| *number)
    }
}

fn leaked(number: u16, definition: &Definition) -> &'static SearchParam {
    let keep = |text: &str| -> &'static str { Box::leak(text.into()) };
    Box::leak(Box::new(SearchParam {
        id: ParamId(number),
        code: keep(&definition.code),
        base: Some(definition.base),
        kind: definition.kind,
        expression: keep(&definition.expression),
        targets: Vec::leak(definition.targets.clone()),
        url: keep(&definition.url),
        components: &[],
    }))
}
