//! Extensions: a value or further extensions, never both (FHIR R4 ext-1).

use accord_fhir::IssueCode;
use accord_fhir::json::Value;
use accord_spec::TypeId;

use crate::checker::{Checker, Scope};
use crate::object::Slots;
use crate::path::Path;

/// The slots of Extension: id, extension, url, value.
pub(crate) const EXTENSIONS: Slots = 1 << 1;
pub(crate) const VALUE: Slots = 1 << 3;

impl Checker {
    /// Checks an extension.
    pub fn extension<'a>(&mut self, extension: Value<'a>, path: &Path<'_>, scope: &Scope<'_, 'a>) {
        let Some(seen) = self.object(extension, TypeId::EXTENSION, path, scope) else { return };
        let reason = match (seen & EXTENSIONS != 0, seen & VALUE != 0) {
            (true, true) => "ext-1: an extension has a value or further extensions, not both",
            (false, false) => "ext-1: an extension must have a value or further extensions",
            _ => return,
        };
        self.fault(IssueCode::Invariant, path, || reason);
    }
}
