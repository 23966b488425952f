//! References: their form, and the types they may name.

use accord_fhir::json::Value;
use accord_fhir::{IssueCode, Reference};
use accord_spec::{Primitive, ResourceType, TypeId};

use crate::checker::{Checker, Scope};
use crate::grammar;
use crate::path::{Path, shown};

impl Checker {
    /// Checks a Reference that may name `targets`; none means any type.
    pub fn reference<'a>(
        &mut self,
        value: Value<'a>,
        targets: &[ResourceType],
        path: &Path<'_>,
        scope: &Scope<'_, 'a>,
    ) {
        self.object(value, TypeId::REFERENCE, path, scope);
        let Some(text) = value.get_str("reference") else { return };
        if grammar::text(Primitive::String, &text).is_some() {
            // Told already, as a malformed string.
            return;
        }
        let parsed = Reference::parse(&text);
        if let Some(Reference::Fragment(id)) = parsed {
            scope.link(id);
        }
        let fault = match parsed {
            None => Some(
                "must be `Type/id`, an absolute URL, a `urn:uuid:`, a `urn:oid:`, or `#id`"
                    .to_owned(),
            ),
            Some(Reference::Absolute(_) | Reference::Urn(_)) => None,
            Some(Reference::Relative { resource_type, .. }) => type_fault(resource_type, targets),
            Some(Reference::Fragment("")) => (!scope.contained).then(|| {
                "`#` names the container and only a contained resource has one".to_owned()
            }),
            Some(Reference::Fragment(id)) => (!scope.container.has(id))
                .then(|| "ref-1: no contained resource has this id".to_owned()),
            Some(Reference::Conditional { .. }) if !scope.conditional => {
                Some("a search can stand for a reference only in a transaction".to_owned())
            }
            Some(Reference::Conditional { resource_type, .. }) => {
                type_fault(resource_type, targets)
            }
        };
        if let Some(reason) = fault {
            self.fault(IssueCode::Value, &path.name("reference"), || reason);
        }
    }
}

fn type_fault(name: &str, targets: &[ResourceType]) -> Option<String> {
    let Some(ty) = ResourceType::from_name(name) else {
        return Some(format!("`{}` is not a resource type of R4", shown(name)));
    };
    if targets.is_empty() || targets.contains(&ty) {
        return None;
    }
    let names: Vec<&str> = targets.iter().map(|t| t.name()).collect();
    Some(format!("must not refer to `{name}`, only to {}", names.join(", ")))
}
