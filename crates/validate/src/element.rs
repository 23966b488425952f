//! Elements: arrays where they repeat, then each value by its type.

use accord_fhir::IssueCode;
use accord_fhir::json::{Kind, Value};
use accord_spec::{Element, Primitive, TypeId};

use crate::checker::{Checker, Scope};
use crate::path::Path;

impl Checker {
    /// Checks the value of `element`, a member of `object`.
    pub fn element<'a>(
        &mut self,
        element: &Element,
        value: Value<'a>,
        object: Value<'a>,
        path: &Path<'_>,
        scope: &Scope<'_, 'a>,
    ) {
        let path = path.name(element.path_name);
        if !element.many {
            if value.kind() == Kind::Array {
                self.fault(IssueCode::Structure, &path, || "must not be an array");
            } else {
                self.one(element, value, &path, scope);
            }
        } else if value.kind() != Kind::Array {
            self.fault(IssueCode::Structure, &path, || "must be an array");
        } else {
            self.array(element, value, object, &path, scope);
        }
    }

    fn array<'a>(
        &mut self,
        element: &Element,
        array: Value<'a>,
        object: Value<'a>,
        path: &Path<'_>,
        scope: &Scope<'_, 'a>,
    ) {
        let (mut length, mut nulls) = (0, false);
        let primitive = element.ty.primitive().is_some();
        for item in array.items() {
            // A null is a primitive's place that only has an id or extensions.
            if primitive && item.kind() == Kind::Null {
                nulls = true;
            } else {
                self.one(element, item, &path.item(length), scope);
            }
            length += 1;
        }
        if length == 0 {
            self.fault(IssueCode::Structure, path, || "must not be an empty array");
        }
        if nulls && object.members().all(|(n, _)| n.strip_prefix('_') != Some(element.name)) {
            self.unaccompanied(array, path);
        }
        if length > 1 && element.ty == TypeId::RESOURCE {
            self.contained_ids(array, path);
        }
    }

    /// Checks one value, by its type.
    fn one<'a>(
        &mut self,
        element: &Element,
        value: Value<'a>,
        path: &Path<'_>,
        scope: &Scope<'_, 'a>,
    ) {
        if value.kind() == Kind::Null {
            return self.fault(IssueCode::Structure, path, || "must not be null");
        }
        if let Some(primitive) = element.ty.primitive() {
            let told = self.told();
            self.primitive(primitive, value, path);
            // Of a code that is none nothing more need be said.
            if self.told() == told {
                self.binding(element, value, path);
            }
            return fragment(primitive, value, scope);
        }
        self.binding(element, value, path);
        match element.ty {
            // The only array of resources is `contained`.
            TypeId::RESOURCE if element.many && scope.contained => {
                let reason = || "dom-2: a contained resource must not contain resources";
                self.fault(IssueCode::Invariant, path, reason);
            }
            TypeId::RESOURCE if element.many => self.contained(value, path, scope),
            TypeId::RESOURCE => self.inner(value, path, scope),
            TypeId::EXTENSION => self.extension(value, path, scope),
            TypeId::REFERENCE => self.reference(value, element.targets, path, scope),
            ty => {
                self.object(value, ty, path, scope);
            }
        }
    }
}

/// Notes an address that is a fragment: it refers to a contained resource (dom-3).
fn fragment(primitive: Primitive, value: Value<'_>, scope: &Scope<'_, '_>) {
    let address = matches!(primitive, Primitive::Canonical | Primitive::Uri | Primitive::Url);
    if address && scope.container.holds_any() {
        let text = value.as_str().unwrap_or_default();
        text.strip_prefix('#').into_iter().for_each(|id| scope.link(id));
    }
}
