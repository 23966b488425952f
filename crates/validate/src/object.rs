//! Objects: known members, required ones, one type of each choice.

use accord_fhir::IssueCode;
use accord_fhir::json::{Kind, Value};
use accord_spec::{Element, TypeId};

use crate::MAX_DEPTH;
use crate::checker::{Checker, Scope};
use crate::path::{Path, shown};

/// Which slots of a type an object fills: bit n for slot n.
pub(crate) type Slots = u64;

impl Checker {
    /// Checks the members of an object of type `ty`; returns the slots it fills, or
    /// `None` if it was not looked into.
    pub fn object<'a>(
        &mut self,
        object: Value<'a>,
        ty: TypeId,
        path: &Path<'_>,
        scope: &Scope<'_, 'a>,
    ) -> Option<Slots> {
        let before = self.told();
        if object.kind() != Kind::Object {
            self.fault(IssueCode::Structure, path, || "must be a JSON object");
            return None;
        }
        if path.depth > MAX_DEPTH {
            self.fault(IssueCode::TooCostly, path, || "nested too deep");
            return None;
        }
        let (mut seen, mut repeated, mut content) = (0, 0, false);
        for (name, value) in object.members() {
            let known = match ty.element(&name) {
                Some(element) => {
                    self.element(element, value, object, path, scope);
                    Some(element)
                }
                None => self.other_member(&name, value, object, ty, path, scope),
            };
            content |= name != "id";
            if let Some(element) = known {
                let bit = 1 << element.slot;
                repeated |= seen & bit;
                seen |= bit;
            }
        }
        if !content && ty.resource().is_none() {
            self.fault(IssueCode::Structure, path, || "ele-1: must have a value or children");
        }
        self.missing(ty, ty.required() & !seen, path);
        self.choices(object, ty, repeated, path);
        self.invariants(object, (ty, seen), before, path, scope);
        Some(seen)
    }

    /// Checks a member that is not an element's value: `resourceType`, `_name`, or unknown.
    fn other_member<'a>(
        &mut self,
        name: &str,
        value: Value<'a>,
        object: Value<'a>,
        ty: TypeId,
        path: &Path<'_>,
        scope: &Scope<'_, 'a>,
    ) -> Option<&'static Element> {
        if name == "resourceType" && ty.resource().is_some() {
            return None;
        }
        if let Some(element) = name.strip_prefix('_').and_then(|n| ty.element(n)) {
            self.sibling(element, value, object, path, scope);
            return Some(element);
        }
        let reason = || format!("`{}` is not an element of {}", shown(name), ty.name());
        self.fault(IssueCode::Structure, &path.name(name), reason);
        None
    }

    fn missing(&mut self, ty: TypeId, mut absent: Slots, path: &Path<'_>) {
        while absent != 0 {
            let at = absent.trailing_zeros() as usize;
            absent &= absent - 1;
            if let Some(slot) = ty.slots().get(at) {
                let reason = || format!("`{}` is required", slot.name);
                self.fault(IssueCode::Required, &path.name(slot.path_name), reason);
            }
        }
    }

    /// A slot is met twice by a value and its `_name` sibling, or by two types of a choice.
    fn choices(&mut self, object: Value<'_>, ty: TypeId, mut repeated: Slots, path: &Path<'_>) {
        while repeated != 0 {
            let at = repeated.trailing_zeros() as u8;
            repeated &= repeated - 1;
            let mut names: Vec<&str> = object
                .members()
                .filter_map(|(name, _)| ty.element(name.strip_prefix('_').unwrap_or(&name)))
                .filter(|element| element.slot == at)
                .map(|element| element.name)
                .collect();
            names.sort_unstable();
            names.dedup();
            let Some(slot) = ty.slots().get(usize::from(at)) else { continue };
            if names.len() > 1 {
                let reason = || {
                    format!("only one of `{}` may be there for `{}`", names.join("`, `"), slot.name)
                };
                self.fault(IssueCode::Structure, &path.name(slot.path_name), reason);
            }
        }
    }
}
