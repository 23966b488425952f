//! Resources: their type, and the rules of contained ones.

use std::cell::OnceCell;
use std::collections::HashSet;

use accord_fhir::IssueCode;
use accord_fhir::json::{Kind, Value};
use accord_spec::ResourceType;

use crate::checker::{Checker, Container, Scope};
use crate::path::{Path, shown};

/// Elements of `meta` that a contained resource must not have (FHIR R4 dom-4, dom-5).
const META_OF_CONTAINED: [&str; 3] = ["versionId", "lastUpdated", "security"];

impl Checker {
    /// Checks a resource that nothing holds.
    pub fn outermost(&mut self, resource: Value<'_>) {
        match type_of(resource) {
            Ok(ty) => self.standing(resource, ty, &Path::root(ty.name()), false),
            Err(fault) => {
                self.fault(IssueCode::Structure, &Path::root("Resource"), || fault.reason());
            }
        }
    }

    /// Checks a resource inside an element: of a Bundle's entry, of a parameter, or contained.
    pub fn inner<'a>(&mut self, resource: Value<'a>, path: &Path<'_>, scope: &Scope<'_, 'a>) {
        match type_of(resource) {
            Ok(ty) => self.standing(resource, ty, path, scope.conditional),
            Err(fault) => self.fault(IssueCode::Structure, path, || fault.reason()),
        }
    }

    /// Checks a resource that is a container itself.
    fn standing<'a>(
        &mut self,
        resource: Value<'a>,
        ty: ResourceType,
        path: &Path<'_>,
        conditional: bool,
    ) {
        let transaction = ty == ResourceType::BUNDLE
            && resource.get_str("type").is_some_and(|t| t == "transaction");
        let scope = Scope {
            container: &Container::new(resource),
            resource,
            env: OnceCell::new(),
            contained: false,
            conditional: conditional || transaction,
        };
        self.object(resource, ty.type_id(), path, &scope);
        if scope.container.holds_any() && self.looks_at_codes() {
            self.unreferenced(scope.container, path);
        }
    }

    /// Tells contained resources that nothing refers to and that do not refer to their container
    /// (dom-3).
    fn unreferenced(&mut self, container: &Container<'_>, path: &Path<'_>) {
        let path = path.name("contained");
        for at in container.unlinked() {
            let reason =
                || "dom-3: a contained resource must be referred to, or refer to its container";
            self.fault(IssueCode::Invariant, &path.item(at), reason);
        }
    }

    /// Checks a contained resource.
    pub fn contained<'a>(&mut self, resource: Value<'a>, path: &Path<'_>, scope: &Scope<'_, 'a>) {
        let ty = match type_of(resource) {
            Ok(ty) => ty,
            Err(fault) => return self.fault(IssueCode::Structure, path, || fault.reason()),
        };
        if resource.get("id").is_none() {
            let reason = || "a contained resource must have an id";
            self.fault(IssueCode::Required, &path.name("id"), reason);
        }
        if let Some(meta) = resource.get("meta") {
            let meta_path = path.name("meta");
            for name in META_OF_CONTAINED.into_iter().filter(|n| meta.get(n).is_some()) {
                let key = if name == "security" { "dom-5" } else { "dom-4" };
                let reason = || format!("{key}: a contained resource must not have `meta.{name}`");
                self.fault(IssueCode::Invariant, &meta_path.name(name), reason);
            }
        }
        let container = scope.container;
        let env = OnceCell::new();
        let scope = Scope { container, resource, env, contained: true, conditional: false };
        self.object(resource, ty.type_id(), path, &scope);
    }

    /// Checks that no two contained resources share an id.
    pub fn contained_ids(&mut self, list: Value<'_>, path: &Path<'_>) {
        let mut ids = HashSet::new();
        for (at, resource) in list.items().enumerate() {
            if let Some(id) = resource.get_str("id")
                && !ids.insert(id)
            {
                let reason = || "another contained resource has the same id";
                self.fault(IssueCode::Value, &path.item(at).name("id"), reason);
            }
        }
    }
}

/// Why a value is no resource.
enum NoResource {
    NoObject,
    NoType,
    UnknownType(String),
}

impl NoResource {
    fn reason(&self) -> String {
        match self {
            NoResource::NoObject => "a resource must be a JSON object".to_owned(),
            NoResource::NoType => "`resourceType` is missing or not a string".to_owned(),
            NoResource::UnknownType(name) => format!("`{name}` is not a resource type of R4"),
        }
    }
}

fn type_of(resource: Value<'_>) -> Result<ResourceType, NoResource> {
    if resource.kind() != Kind::Object {
        return Err(NoResource::NoObject);
    }
    let name = resource.get_str("resourceType").ok_or(NoResource::NoType)?;
    ResourceType::from_name(&name).ok_or_else(|| NoResource::UnknownType(shown(&name)))
}
