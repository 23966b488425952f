//! The compiled expressions of each resource type.

use std::ops::ControlFlow::Continue;
use std::sync::OnceLock;

use accord_fhirpath::{Element, Env, Forest, Item, Limits, Plan, compile, parse};
use accord_spec::{ParamId, ParamKind, ResourceType, params_of};

use super::composite::Composite;
use super::convert::{Found, convert};
use super::distinct::distinct;
use super::{Source, near};
use crate::value::{Datum, Values};

/// What is extracted from resources of one type.
pub(super) struct Fields {
    pub params: Vec<Field>,
    /// The expressions of `params`, in their order.
    forest: Forest,
    pub composites: Vec<Composite>,
    /// Where a place is, with the number of `near`.
    near: Option<(u16, Plan)>,
    /// References to authors.
    pub authors: Option<Plan>,
    /// Dates, best first.
    pub days: Vec<Plan>,
}

/// A search parameter.
pub(super) struct Field {
    pub id: u16,
    pub kind: ParamKind,
    /// Whether its references to patients tell whose the resource is.
    pub names: bool,
    pub plan: Plan,
}

const TYPES: usize = ResourceType::ALL.len();

impl Fields {
    /// Those of this type, compiled at their first use. `None` for a number that is no type.
    pub fn of(resource_type: ResourceType) -> Option<&'static Fields> {
        static ALL: [OnceLock<Fields>; TYPES] = [const { OnceLock::new() }; TYPES];
        let cell = ALL.get(usize::from(resource_type.0))?;
        Some(cell.get_or_init(|| Fields::compile(resource_type)))
    }

    fn compile(resource_type: ResourceType) -> Fields {
        let naming = super::policy::naming_params(resource_type);
        let params = params_of(resource_type).iter().filter(|p| {
            let kept = !matches!(p.kind, ParamKind::Composite | ParamKind::Special);
            // The index answers these two from its columns.
            kept && !matches!(p.code, "_id" | "_lastUpdated")
        });
        let params = params.filter_map(|p| {
            Some(Field {
                id: p.id.0,
                kind: p.kind,
                names: naming.contains(&p.code),
                plan: plan(p.expression, resource_type)?,
            })
        });
        let row = |table| row(table, resource_type.name());
        let authors = row(include_str!("authors.tsv")).and_then(|text| plan(text, resource_type));
        let days = row(include_str!("clinical_days.tsv")).unwrap_or_default().split('\t');
        let params: Vec<Field> = params.collect();
        let all = params_of(resource_type).iter();
        let composites = all.clone().filter(|p| p.kind == ParamKind::Composite);
        let near = all.clone().find(|p| p.kind == ParamKind::Special && p.code == "near");
        Fields {
            composites: composites.filter_map(|p| Composite::of(p, resource_type)).collect(),
            near: near.and_then(|p| Some((p.id.0, plan(p.expression, resource_type)?))),
            forest: Forest::new(params.iter().map(|field| field.plan.clone())),
            params,
            authors,
            days: days.filter_map(|text| plan(text, resource_type)).collect(),
        }
    }
}

/// The search values of a resource.
pub(super) fn values(source: &Source<'_>) -> Values {
    let mut found = Found { values: Vec::new(), param: 0 };
    if let Some(fields) = Fields::of(source.resource_type) {
        let (env, on) = (Env::new(source.resource, source.resolve), element(source));
        // An evaluation that fails yields what it found before.
        let _ = fields.forest.each(&env, on, &mut |number, item| {
            if let Some(field) = fields.params.get(number) {
                found.param = field.id;
                convert(field.kind, &item, source, &mut found);
            }
        });
        fields.composites.iter().for_each(|composite| composite.values(source, &mut found));
        if let Some((id, plan)) = &fields.near {
            found.param = *id;
            near::positions(plan, source, &mut found);
        }
    }
    Values(distinct(found.values))
}

/// What a resource refers to by its reference parameters, or by one of them.
pub(super) fn references(source: &Source<'_>, param: Option<ParamId>) -> Vec<Datum> {
    let mut found = Found { values: Vec::new(), param: 0 };
    let all = Fields::of(source.resource_type).map(|f| f.params.as_slice()).unwrap_or_default();
    let wanted = |field: &&Field| {
        field.kind == ParamKind::Reference && param.is_none_or(|param| param.0 == field.id)
    };
    for field in all.iter().filter(wanted) {
        each(&field.plan, source, &mut |item| convert(field.kind, &item, source, &mut found));
    }
    found.values.into_iter().map(|value| value.datum).collect()
}

/// Hands the items of `plan` on. An evaluation that fails yields what it found before.
pub(super) fn each<'a>(plan: &'a Plan, source: &Source<'a>, take: &mut dyn FnMut(Item<'a>)) {
    let env = Env::new(source.resource, source.resolve);
    let _ = plan.each(&env, element(source), &mut |item| {
        take(item);
        Continue(())
    });
}

pub(super) fn element<'a>(source: &Source<'a>) -> Element<'a> {
    let ty = source.resource_type.type_id();
    Element { value: Some(source.resource), ty, definition: None, sibling: None }
}

/// What stands behind the type's name in a table.
fn row(table: &'static str, name: &str) -> Option<&'static str> {
    table.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('\t'))
}

/// The tests see to it that every expression compiles.
fn plan(text: &str, resource_type: ResourceType) -> Option<Plan> {
    let expr = parse(text, Limits::default()).ok()?;
    compile(&expr, resource_type.type_id(), Limits::default()).ok()
}
