//! Elements: arrays where they repeat, then each value by its type.

use accord_fhir::IssueCode;
use accord_fhir::json::{Kind, Value};
use accord_spec::{Element, TypeId};

use crate::checker::{Checker, Scope};
use crate::path::Path;

impl Checker {
    /// Checks the value of `element`, a member of `object`.
    pub fn element(
        &mut self,
        element: &Element,
        value: Value<'_>,
        object: Value<'_>,
        path: &Path<'_>,
        scope: &Scope<'_, '_>,
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

    fn array(
        &mut self,
        element: &Element,
        array: Value<'_>,
        object: Value<'_>,
        path: &Path<'_>,
        scope: &Scope<'_, '_>,
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
    fn one(&mut self, element: &Element, value: Value<'_>, path: &Path<'_>, scope: &Scope<'_, '_>) {
        if value.kind() == Kind::Null {
            return self.fault(IssueCode::Structure, path, || "must not be null");
        }
        if let Some(primitive) = element.ty.primitive() {
            return self.primitive(primitive, value, path);
        }
        match element.ty {
            // The only array of resources is `contained`.
            TypeId::RESOURCE if element.many && scope.contained => {
                let reason = || "a contained resource must not contain resources";
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
