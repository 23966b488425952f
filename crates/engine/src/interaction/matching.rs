//! Conditional updates and deletes: of the one resource that a search finds (FHIR R4 §3.1.0.4.3,
//! §3.1.0.7.1). What the asker may not see is not found.

use accord_base::ResourceId;
use accord_fhir::{Issue, IssueCode};
use accord_spec::ResourceType;

use super::write::{delete, whole};
use crate::prepare::{Act, Assumption, By, Demand, Parsed, Prepared, Resolver, Write, parse_json};
use crate::{Category, Engine, Failure, Request};

/// Decoded parameters, and the version that must be current (`If-Match`).
type Stated<'a> = (&'a [(String, String)], Option<u32>);

/// Where a conditional update goes.
pub(super) struct Aim {
    /// The one resource that its condition found.
    pub found: Option<ResourceId>,
    /// The id that a new resource gets, if it names none itself.
    pub fresh: ResourceId,
    /// That the condition finds it.
    pub assumes: Vec<Assumption>,
    /// The version that must be current.
    pub if_match: Option<u32>,
}

impl Engine {
    /// Prepares `PUT Type?query`.
    pub(crate) fn prepare_update_where(
        &self,
        request: &Request,
        resource_type: ResourceType,
        body: &[u8],
        (condition, if_match): Stated<'_>,
    ) -> Result<Prepared, Failure> {
        let tape = parse_json(body)?;
        let parsed = Parsed::check(tape.root(), resource_type)?;
        let (assumption, found) = self.condition_of(request, resource_type, condition.to_vec())?;
        let fresh = ResourceId::random(&*self.rng);
        let aim = Aim { found, fresh, assumes: vec![assumption], if_match };
        let write = self.update_where(request, &parsed, aim, &Resolver::default())?;
        Ok(self.prepared(vec![write]))
    }

    /// The write of a conditional update. Nothing found: a create, under the id that the resource
    /// names if nothing has it yet. One found: an update of it, which the resource need not name.
    pub(super) fn update_where(
        &self,
        request: &Request,
        parsed: &Parsed<'_>,
        aim: Aim,
        resolver: &Resolver,
    ) -> Result<Write, Failure> {
        let resource_type = parsed.resource_type;
        whole(request, parsed)?;
        let named = named(parsed)?;
        let (id, create, otherwise) = match (aim.found, named) {
            (Some(found), Some(named)) if found != named => {
                let path = format!("{}.id", resource_type.name());
                let text = "the condition finds another resource than the one named";
                return Err(invalid(path, text));
            }
            (Some(found), _) => (found, false, Demand::Any),
            (None, Some(named)) => (named, false, Demand::Absent),
            (None, None) => (aim.fresh, true, Demand::Any),
        };
        let demand = aim.if_match.map_or(otherwise, Demand::Version);
        let content = Box::new(self.content(parsed, &self.destination(request, &id, resolver))?);
        let act = Act::Store { content, create };
        Ok(Write { resource_type, id, act, demand, assumes: aim.assumes, by: By::Asker })
    }

    /// Prepares `DELETE Type?query`. Nothing found is nothing to do, as with a delete by id.
    pub(crate) fn prepare_delete_where(
        &self,
        request: &Request,
        resource_type: ResourceType,
        stated: Stated<'_>,
    ) -> Result<Prepared, Failure> {
        let (assumption, write) = self.delete_where(request, resource_type, stated)?;
        let write = write.map(|write| Write { assumes: vec![assumption], ..write });
        Ok(self.prepared(write.into_iter().collect()))
    }

    /// The write of a conditional delete, if there is anything to delete, and what it rests on.
    pub(super) fn delete_where(
        &self,
        request: &Request,
        resource_type: ResourceType,
        (condition, if_match): Stated<'_>,
    ) -> Result<(Assumption, Option<Write>), Failure> {
        let (assumption, found) = self.condition_of(request, resource_type, condition.to_vec())?;
        Ok((assumption, found.map(|id| delete(resource_type, &id, if_match))))
    }
}

/// The id that a resource carries, if it carries one.
fn named(parsed: &Parsed<'_>) -> Result<Option<ResourceId>, Failure> {
    let read = |id: String| {
        let path = format!("{}.id", parsed.resource_type.name());
        ResourceId::new(&id).map_err(|error| invalid(path, &error.to_string()))
    };
    parsed.id().map(read).transpose()
}

fn invalid(path: String, text: &str) -> Failure {
    let issues = vec![Issue::at(IssueCode::Invalid, path, text)];
    Failure { category: Category::Invalid, issues }
}
