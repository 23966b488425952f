//! Which definition an operation is about: that of the instance, one that comes along, or one by
//! its address.

use std::sync::Arc;

use accord_fhir::IssueCode;
use accord_fhir::json::Value;
use accord_index::{Found, RowRef};
use accord_spec::ResourceType;
use accord_terminology::{
    Canonical, CodeSystem, ConceptMap, Grammar, Library, Origin, TermError, ValueSet,
};

use super::super::parameters::invalid;
use super::Question;
use crate::Failure;
use crate::interaction::read::not_found;
use crate::terms::refused;

impl<'a> Question<'a> {
    /// Takes in the definitions that came with the question (`tx-resource`).
    pub fn passing(&mut self) -> Result<(), Failure> {
        let (mut systems, mut sets) = (Vec::new(), Vec::new());
        for parameter in self.asked.groups("tx-resource") {
            let Some(resource) = parameter.get("resource") else { continue };
            match resource.get_str("resourceType").as_deref() {
                Some("CodeSystem") => {
                    systems.push(Arc::new(CodeSystem::read(resource, Origin::Passing)));
                }
                Some("ValueSet") => sets.push(Arc::new(ValueSet::read(resource, Origin::Passing))),
                _ => {
                    let text = "`tx-resource` takes a CodeSystem or a ValueSet";
                    return Err(invalid(IssueCode::Value, text));
                }
            }
        }
        self.library.passing.systems = systems;
        self.library.passing.sets = sets;
        Ok(())
    }

    /// The row of the instance that was asked of.
    fn instance(&self, resource_type: ResourceType) -> Result<Option<RowRef<'a>>, Failure> {
        let Some(id) = &self.operation.id else { return Ok(None) };
        match self.view.read(resource_type, id.as_str()) {
            Found::Live(row) => Ok(Some(row)),
            Found::Deleted(_) | Found::Known(_) | Found::Absent => Err(not_found()),
        }
    }

    /// A resource that is a parameter.
    fn along(&self, name: &str, kind: &str) -> Result<Option<Value<'_>>, Failure> {
        let Some(resource) = self.asked.value(name, "resource") else { return Ok(None) };
        if resource.get_str("resourceType").as_deref() == Some(kind) {
            return Ok(Some(resource));
        }
        Err(invalid(IssueCode::Value, format!("the parameter `{name}` is a {kind}")))
    }

    /// The value set that is asked about.
    pub fn value_set(&self) -> Result<Arc<ValueSet>, Failure> {
        if let Some(row) = self.instance(ResourceType::VALUE_SET)? {
            return self.library.set_at(&row).map_err(|error| refused(&error));
        }
        if let Some(resource) = self.along("valueSet", "ValueSet")? {
            return Ok(Arc::new(ValueSet::read(resource, Origin::Passing)));
        }
        let url = match (self.asked.text("url"), self.asked.text("context")) {
            (Some(url), _) => url,
            (None, Some(context)) => super::context::value_set(&context)?.to_owned(),
            (None, None) => {
                let text = "one of `url`, `valueSet` and `context` is needed";
                return Err(invalid(IssueCode::Required, text));
            }
        };
        let mut wanted = Canonical::parse(&url);
        wanted.version = self.asked.text("valueSetVersion").or(wanted.version);
        accord_terminology::value_set(&self.library, &wanted).map_err(|error| refused(&error))
    }

    /// The code system that is asked about; `url` is what its parameter says.
    pub fn code_system(&self, url: Option<&Canonical>) -> Result<Arc<CodeSystem>, Failure> {
        if let Some(row) = self.instance(ResourceType::CODE_SYSTEM)? {
            return self.library.system_at(&row).map_err(|error| refused(&error));
        }
        if let Some(resource) = self.along("codeSystem", "CodeSystem")? {
            return Ok(Arc::new(CodeSystem::read(resource, Origin::Passing)));
        }
        let wanted = url.ok_or_else(|| {
            invalid(IssueCode::Required, "the address of a code system is needed")
        })?;
        let found = self.library.code_system(wanted).map_err(|error| refused(&error))?;
        found.ok_or_else(|| refused(&TermError::UnknownSystem(wanted.to_string())))
    }

    /// The grammar that stands in for a code system without content.
    pub fn grammar(&self, url: &Canonical) -> Result<Option<Grammar>, Failure> {
        let found = self.library.code_system(url).map_err(|error| refused(&error))?;
        let content = found.is_some_and(|system| !system.is_empty());
        Ok(self.library.grammar(&url.url).filter(|_| !content))
    }

    /// The concept maps that are asked about.
    pub fn concept_maps(&self) -> Result<Vec<Arc<ConceptMap>>, Failure> {
        if let Some(row) = self.instance(ResourceType::CONCEPT_MAP)? {
            return Ok(vec![self.library.map_at(&row).map_err(|error| refused(&error))?]);
        }
        if let Some(resource) = self.along("conceptMap", "ConceptMap")? {
            return Ok(vec![Arc::new(ConceptMap::read(resource, Origin::Passing))]);
        }
        let wanted = self.asked.text("url").map(|url| {
            let mut wanted = Canonical::parse(&url);
            wanted.version = self.asked.text("conceptMapVersion").or(wanted.version);
            wanted
        });
        let maps = self.library.concept_maps(wanted.as_ref()).map_err(|error| refused(&error))?;
        if maps.is_empty() {
            return Err(refused(&TermError::UnknownMap));
        }
        Ok(maps)
    }
}
