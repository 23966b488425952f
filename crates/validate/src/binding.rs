//! Bindings: codes against R4's own value sets (FHIR R4 terminologies §4.1.5).

use accord_fhir::json::{Kind, Value};
use accord_fhir::{Issue, IssueCode, Severity};
use accord_spec::{Element, Strength, TypeId};
use accord_terminology::{CodeSet, Verdict, r4};

use crate::checker::Checker;
use crate::path::Path;

const UCUM: &str = "http://unitsofmeasure.org";

impl Checker {
    /// Checks the codes of a value where its element is bound to a value set: those that must be
    /// of it, and, where warnings are told, those that should. What cannot be told (content that
    /// is not here) is let pass; so is a concept without codes, whose text may say what no code
    /// does.
    pub fn binding(&mut self, element: &Element, value: Value<'_>, path: &Path<'_>) {
        let Some(binding) = element.binding.filter(|_| self.looks_at_codes()) else { return };
        let must = binding.strength == Strength::Required;
        let should = binding.strength == Strength::Extensible && self.warns();
        if !(must || should) {
            return;
        }
        let Some(set) = r4().bound(binding.value_set) else { return };
        let fits = match value.kind() {
            Kind::String => value.as_str().is_none_or(|code| may_be_in(set, None, &code)),
            Kind::Object if element.ty == TypeId::CODEABLE_CONCEPT => {
                let mut codings = value.get("coding").into_iter().flat_map(Value::items).peekable();
                codings.peek().is_none() || codings.any(|coding| coding_fits(set, coding))
            }
            Kind::Object => coding_fits(set, value),
            _ => true,
        };
        let set = binding.value_set;
        if !fits && must {
            let reason = || format!("must be a code of the value set {set}");
            self.fault(IssueCode::Value, path, reason);
        } else if !fits {
            let reason = || format!("should be a code of the value set {set}, if one fits");
            self.tell(|| {
                let issue = Issue::at(IssueCode::Value, path.to_string(), reason());
                issue.with_severity(Severity::Warning)
            });
        }
    }
}

/// Whether a Coding is of the set; one without a code says nothing against it.
fn coding_fits(set: &CodeSet, coding: Value<'_>) -> bool {
    let system = coding.get_str("system");
    coding.get_str("code").is_none_or(|code| may_be_in(set, system.as_deref(), &code))
}

/// A set of units is told by their form; which there are, by the table of units.
fn may_be_in(set: &CodeSet, system: Option<&str>, code: &str) -> bool {
    let unit = system != Some(UCUM) || accord_ucum::Unit::parse(code).is_ok();
    unit && !matches!(set.verdict(system, code), Verdict::Out)
}
