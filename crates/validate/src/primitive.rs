//! Values of primitive elements, and the `_name` members that carry their ids and extensions.

use accord_fhir::IssueCode;
use accord_fhir::json::{Kind, Value};
use accord_spec::{Element, Primitive, TypeId};

use crate::checker::{Checker, Scope};
use crate::grammar::{self, JsonType};
use crate::path::Path;

impl Checker {
    /// Checks one value of a primitive type.
    pub fn primitive(&mut self, primitive: Primitive, value: Value<'_>, path: &Path<'_>) {
        let expected = grammar::json_type(primitive);
        let fault = match (expected, value.kind()) {
            (JsonType::Boolean, Kind::Bool) => None,
            (JsonType::Number, Kind::Number) => grammar::number(primitive, value.raw()),
            (JsonType::String, Kind::String) => {
                value.as_str().and_then(|text| grammar::text(primitive, &text))
            }
            (expected, _) => {
                return self.fault(IssueCode::Structure, path, || expected.reason());
            }
        };
        if let Some(reason) = fault {
            self.fault(IssueCode::Value, path, || reason);
        }
    }

    /// Checks the `_name` member of `object` that belongs to `element`.
    ///
    /// FHIR R4 JSON §2.6.2.3: it holds an id or extensions; for a repeating element it is an
    /// array aligned with that of the values, and nulls stand where one of the two has nothing.
    pub fn sibling<'a>(
        &mut self,
        element: &Element,
        sibling: Value<'a>,
        object: Value<'a>,
        path: &Path<'_>,
        scope: &Scope<'_, 'a>,
    ) {
        let path = path.name(element.path_name);
        // Attributes and xhtml are primitive, yet carry no extensions.
        let extensible =
            !element.is_attribute && element.ty.primitive().is_some_and(|p| p != Primitive::Xhtml);
        if !extensible {
            let reason = || format!("`{0}` has no `_{0}` beside it", element.name);
            return self.fault(IssueCode::Structure, &path, reason);
        }
        let value = object.get(element.name);
        match (element.many, sibling.kind()) {
            (false, Kind::Object) => self.beside(sibling, value.is_some(), &path, scope),
            (true, Kind::Array) => self.beside_each(sibling, value, &path, scope),
            (false, _) => {
                let reason = || format!("`_{}` must be a JSON object", element.name);
                self.fault(IssueCode::Structure, &path, reason);
            }
            (true, _) => {
                let reason = || format!("`_{}` must be an array", element.name);
                self.fault(IssueCode::Structure, &path, reason);
            }
        }
    }

    /// Checks the id and extensions of one value, or of its absence.
    fn beside<'a>(
        &mut self,
        sibling: Value<'a>,
        has_value: bool,
        path: &Path<'_>,
        scope: &Scope<'_, 'a>,
    ) {
        let empty = sibling.members().next().is_none();
        if has_value && !empty && sibling.members().all(|(name, _)| name == "id") {
            // With a value beside it, an id alone is enough.
            for (_, id) in sibling.members() {
                self.primitive(Primitive::String, id, &path.name("id"));
            }
            return;
        }
        self.object(sibling, TypeId::ELEMENT, path, scope);
    }

    fn beside_each<'a>(
        &mut self,
        siblings: Value<'a>,
        values: Option<Value<'a>>,
        path: &Path<'_>,
        scope: &Scope<'_, 'a>,
    ) {
        let mut length = 0;
        let mut rest = values.map(Value::items);
        for sibling in siblings.items() {
            let path = path.item(length);
            length += 1;
            let value = rest.as_mut().and_then(Iterator::next);
            let has_value = value.is_some_and(|v| v.kind() != Kind::Null);
            match (has_value, sibling.kind()) {
                (true, Kind::Null) => {}
                (false, Kind::Null) => {
                    self.fault(
                        IssueCode::Structure,
                        &path,
                        || "ele-1: must have a value or an extension",
                    );
                }
                _ => self.beside(sibling, has_value, &path, scope),
            }
        }
        if length == 0 {
            self.fault(IssueCode::Structure, path, || "must not be an empty array");
        } else if values.is_some_and(|v| v.items().count() != length) {
            let reason = || "the arrays of values and of their extensions differ in length";
            self.fault(IssueCode::Structure, path, reason);
        }
    }

    /// Tells the nulls of an array of values that has no array of extensions beside it.
    pub fn unaccompanied(&mut self, array: Value<'_>, path: &Path<'_>) {
        for (at, item) in array.items().enumerate() {
            if item.kind() == Kind::Null {
                let reason = || "null stands for a value only where an extension stands beside it";
                self.fault(IssueCode::Structure, &path.item(at), reason);
            }
        }
    }
}
