//! The columns that decisions read: patients, authors, labels, clinical day.

use accord_access::{CLAIM_LABEL, is_claim};
use accord_base::ResourceId;
use accord_fhir::DateRange;
use accord_fhir::json;
use accord_fhirpath::{Element, Item};
use accord_spec::{Compartment, ResourceType, compartment_params, param};

use super::fields::{self, Fields};
use super::form::form;
use super::{Source, convert, date, reference};
use crate::value::{Datum, Values};

/// Microseconds in a day.
const DAY_US: i64 = 86_400_000_000;

/// What the policy columns of a row say, with names in place of ordinals.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Columns {
    /// Patients in whose compartment the resource is; see [`patients`].
    pub patients: Vec<ResourceId>,
    /// References to authors; see [`authors`].
    pub authors: Vec<String>,
    /// Sensitivity labels; see [`labels`].
    pub labels: u64,
    /// Day of the event; see [`clinical_day`].
    pub clinical_day: i32,
}

impl Columns {
    pub(super) fn of(source: &Source<'_>, id: &ResourceId, values: &Values) -> Columns {
        let resource_type = source.resource_type;
        let members = naming_params(resource_type).iter();
        let members = members.filter_map(|code| Some(param(resource_type, code)?.id.0));
        let members: smallvec::SmallVec<[u16; 4]> = members.collect();
        let mut patients = own_patient(resource_type, id);
        for value in values.0.iter().filter(|v| members.contains(&v.param)) {
            add_patient(&value.datum, &mut patients);
        }
        Columns {
            patients: sorted(patients),
            authors: authors_of(source),
            labels: labels(source.resource),
            clinical_day: clinical_day(source.resource, resource_type),
        }
    }
}

/// The parameters that tell whose a resource is: those of the patient compartment (FHIR R4
/// CompartmentDefinition patient), and of a Task whom it is for. R4 puts Tasks into nobody's
/// compartment, R5 does; claims of access are Tasks.
pub(crate) fn naming_params(of: ResourceType) -> &'static [&'static str] {
    match of.name() {
        "Task" => &["patient"],
        _ => compartment_params(Compartment::Patient, of),
    }
}

/// Ids of all patients in whose compartment the resource is (FHIR R4 compartments), ascending: a
/// patient itself, and those that the compartment's reference parameters name on this server; of a
/// Task whom it is for.
pub fn patients(
    resource: json::Value<'_>,
    resource_type: ResourceType,
    id: &ResourceId,
    resolve: &dyn Fn(&str) -> Option<String>,
) -> Vec<ResourceId> {
    let source = Source { resource, resource_type, resolve, base: None };
    let mut found = convert::Found { values: Vec::new(), param: 0 };
    let all = Fields::of(resource_type).map(|f| f.params.as_slice()).unwrap_or_default();
    for field in all.iter().filter(|field| field.names) {
        fields::each(&field.plan, &source, &mut |item| {
            convert::convert(field.kind, &item, &source, &mut found);
        });
    }
    let mut patients = own_patient(resource_type, id);
    found.values.iter().for_each(|value| add_patient(&value.datum, &mut patients));
    sorted(patients)
}

/// Relative references to those who answer for the content, ascending, by a table of elements per
/// type. Groups (care teams) and anything that is not on this server are left out.
pub fn authors(
    resource: json::Value<'_>,
    resource_type: ResourceType,
    resolve: &dyn Fn(&str) -> Option<String>,
) -> Vec<String> {
    authors_of(&Source { resource, resource_type, resolve, base: None })
}

/// The day on which what the resource tells of happened or began, in days since 1970 in UTC;
/// `i32::MIN` if it has no such date. Of a period without a beginning it is the end.
pub fn clinical_day(resource: json::Value<'_>, resource_type: ResourceType) -> i32 {
    let source = Source { resource, resource_type, resolve: &|_| None, base: None };
    let days = Fields::of(resource_type).map(|f| f.days.as_slice()).unwrap_or_default();
    let best = days.iter().find_map(|plan| {
        let mut earliest: Option<i64> = None;
        fields::each(plan, &source, &mut |item| {
            if let Some(day) = item_day(&item) {
                earliest = Some(earliest.map_or(day, |e| e.min(day)));
            }
        });
        earliest
    });
    best.and_then(|day| i32::try_from(day).ok()).unwrap_or(i32::MIN)
}

/// Bits of the security labels in `meta.security`, as [`accord_access::label::bits`] has them.
pub fn labels(resource: json::Value<'_>) -> u64 {
    let security = resource.get("meta").and_then(|meta| meta.get("security"));
    let codings = security.into_iter().flat_map(json::Value::each);
    let codes =
        codings.filter_map(|coding| Some((coding.get_str("system")?, coding.get_str("code")?)));
    let codes: Vec<_> = codes.collect();
    let claim = if is_claim(resource) { CLAIM_LABEL } else { 0 };
    claim | accord_access::label::bits(codes.iter().map(|(system, code)| (&**system, &**code)))
}

fn own_patient(resource_type: ResourceType, id: &ResourceId) -> Vec<ResourceId> {
    if resource_type == ResourceType::PATIENT { vec![id.clone()] } else { Vec::new() }
}

fn add_patient(datum: &Datum, patients: &mut Vec<ResourceId>) {
    if let Datum::Reference { resource_type, id } = datum
        && *resource_type == ResourceType::PATIENT.0
        && let Ok(id) = ResourceId::new(id)
    {
        patients.push(id);
    }
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort_unstable();
    items.dedup();
    items
}

fn authors_of(source: &Source<'_>) -> Vec<String> {
    let mut authors = Vec::new();
    if let Some(plan) = Fields::of(source.resource_type).and_then(|f| f.authors.as_ref()) {
        fields::each(plan, source, &mut |item| {
            if let Item::Element(Element { value: Some(value), ty, .. }) = item
                && let Some(Datum::Reference { resource_type, id }) =
                    reference::datum(form(ty), value, source)
                && is_author(ResourceType(resource_type))
            {
                authors.push(format!("{}/{id}", ResourceType(resource_type).name()));
            }
        });
    }
    sorted(authors)
}

fn is_author(resource_type: ResourceType) -> bool {
    matches!(
        resource_type.name(),
        "Device"
            | "Organization"
            | "Patient"
            | "Practitioner"
            | "PractitionerRole"
            | "RelatedPerson"
    )
}

fn item_day(item: &Item<'_>) -> Option<i64> {
    let Item::Element(Element { value: Some(value), ty, .. }) = item else { return None };
    let DateRange { low, high } = date::range(form(*ty), *value)?;
    let instant = if low == i64::MIN { high - 1 } else { low };
    Some(instant.div_euclid(DAY_US))
}
