//! What a resource says of itself, and what rules say of it: one walk.

use std::borrow::Cow;

use accord_fhir::json::{Kind, Value};
use accord_fhir::reference::Reference;
use accord_spec::ResourceType;

use super::codes::REFERENCE_SYSTEM;
use super::set::{Place, RuleSet};
use crate::label::{self, raised};

/// The extension that labels an element (HL7 Security Labeling DS4P 1.0, inline labels).
pub const INLINE_LABEL: &str =
    "http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label";

/// The labels of a resource by what stands in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Assessed {
    /// Those it carries: `meta.security`, its own and that of resources embedded in it, and
    /// labels of elements.
    pub stated: u64,
    /// Those that rules give it.
    pub by_rules: u64,
}

impl Assessed {
    /// Both.
    pub fn labels(&self) -> u64 {
        raised(self.stated, self.by_rules)
    }
}

impl RuleSet {
    /// Assesses a resource that `controller` answers for (an organisation's id; empty for what all
    /// share). `resolve` is as for [`facts`](crate::facts).
    ///
    /// A resource embedded in another (contained, an entry of a Bundle) is assessed as what it is,
    /// and raises what it stands in.
    pub fn assess(
        &self,
        resource: Value<'_>,
        controller: &str,
        resolve: &dyn Fn(&str) -> Option<String>,
    ) -> Assessed {
        let mut assessed = Assessed::default();
        if self.is_empty() && !may_state(resource.raw()) {
            return assessed;
        }
        let mut walk = Walk {
            rules: self,
            controller,
            resolve,
            path: Vec::new(),
            hits: Vec::new(),
            assessed: &mut assessed,
        };
        walk.resource(resource);
        assessed
    }
}

/// Whether a text may hold labels. Names of members can be written with escapes.
fn may_state(text: &str) -> bool {
    text.contains("\"security\"") || text.contains("sec-label") || text.contains("\\u")
}

struct Walk<'w, 'a> {
    rules: &'w RuleSet,
    controller: &'w str,
    resolve: &'w dyn Fn(&str) -> Option<String>,
    /// Names of members from the resource down.
    path: Vec<Cow<'a, str>>,
    /// Inputs, each with the filters met so far.
    hits: Vec<(u32, u64)>,
    assessed: &'w mut Assessed,
}

/// As deep as the JSON, which the parser bounds.
impl<'a> Walk<'_, 'a> {
    fn resource(&mut self, resource: Value<'a>) {
        let (path, hits) = (std::mem::take(&mut self.path), std::mem::take(&mut self.hits));
        let security = resource.get("meta").and_then(|meta| meta.get("security"));
        security.into_iter().flat_map(Value::each).for_each(|coding| self.state(coding));
        for (name, member) in resource.members() {
            self.member(name, member);
        }
        let name = resource.get_str("resourceType").unwrap_or_default();
        self.conclude(ResourceType::from_name(&name));
        (self.path, self.hits) = (path, hits);
    }

    fn state(&mut self, coding: Value<'a>) {
        if let (Some(system), Some(code)) = (coding.get_str("system"), coding.get_str("code")) {
            let bits = label::bits([(&*system, &*code)]);
            // Of several confidentialities of one resource the highest counts.
            self.assessed.stated = match self.assessed.stated {
                0 => bits,
                stated => raised(stated, bits),
            };
        }
    }

    fn member(&mut self, name: Cow<'a, str>, member: Value<'a>) {
        self.path.push(name);
        member.each().for_each(|value| self.value(value));
        self.path.pop();
    }

    fn value(&mut self, value: Value<'a>) {
        if value.kind() != Kind::Object {
            return;
        }
        let (mut system, mut code, mut reference, mut inline) = (None, None, None, false);
        for (name, member) in value.members() {
            match (&*name, member.kind()) {
                ("resourceType", Kind::String) => return self.resource(value),
                ("system", Kind::String) => system = member.as_str(),
                ("code", Kind::String) => code = member.as_str(),
                ("reference", Kind::String) => reference = member.as_str(),
                ("url", Kind::String) => {
                    inline |= member.as_str().is_some_and(|url| url == INLINE_LABEL);
                }
                _ => {}
            }
        }
        if inline && let Some(label) = value.get("valueCoding") {
            self.state(label);
        }
        if let Some(code) = code {
            self.coding(&system.unwrap_or_default(), &code);
        }
        if let Some(text) = reference {
            self.reference(&text);
        }
        for (name, member) in value.members() {
            if matches!(member.kind(), Kind::Object | Kind::Array) {
                self.member(name, member);
            }
        }
    }

    fn reference(&mut self, text: &str) {
        if self.rules.is_empty() {
            return;
        }
        let resolved = (self.resolve)(text);
        let text = resolved.as_deref().unwrap_or(text);
        if let Some(Reference::Relative { resource_type, id, .. }) = Reference::relative(text) {
            self.coding(REFERENCE_SYSTEM, &format!("{resource_type}/{id}"));
        }
    }

    fn coding(&mut self, system: &str, code: &str) {
        let Walk { rules, path, hits, .. } = self;
        rules.look_up(system, code, |(input, filter): Place| {
            let of = rules.inputs.get(input as usize);
            let at = of.and_then(|input| input.paths.get(usize::from(filter)));
            if at.is_some_and(|at| lies_at(path, at)) {
                match hits.iter_mut().find(|(known, _)| *known == input) {
                    Some((_, met)) => *met |= 1 << filter,
                    None => hits.push((input, 1 << filter)),
                }
            }
        });
    }

    /// Applies what the resource at hand met.
    fn conclude(&mut self, of: Option<ResourceType>) {
        let met = self.hits.iter().copied();
        for (input, met) in met.chain(self.rules.by_type.iter().map(|input| (*input, 0))) {
            let Some(input) = self.rules.inputs.get(input as usize) else { continue };
            let concerns = input.controller.is_empty() || input.controller == self.controller;
            let typed = input.of.is_none() || input.of == of;
            if concerns && typed && met & input.needed == input.needed {
                self.assessed.by_rules |= input.labels;
            }
        }
    }
}

/// Whether a place lies at or below a path. A step names an element, or all forms of one that can
/// have several types: `value` is met by `valueCodeableConcept`.
fn lies_at(place: &[Cow<'_, str>], path: &[String]) -> bool {
    let step = |(name, step): (&Cow<'_, str>, &String)| {
        let rest = name.strip_prefix(step.as_str());
        rest.is_some_and(|rest| {
            rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_uppercase())
        })
    };
    place.len() >= path.len() && place.iter().zip(path).all(step)
}
