//! Reference values.

use accord_base::ResourceId;
use accord_fhir::Reference;
use accord_spec::{ResourceType, SearchParam};

use super::Reader;
use super::fault::{Fault, cut};
use crate::escape::unescape;
use crate::value::ReferenceValue;

impl Reader<'_> {
    /// `id`, `Type/id`, or a URL (FHIR R4 search §3.1.1.4.12); `only` is the type of a `:Type`
    /// modifier.
    pub(super) fn reference(
        &self,
        param: &SearchParam,
        only: Option<ResourceType>,
        part: &str,
    ) -> Result<ReferenceValue, Fault> {
        let text = unescape(part);
        if ResourceId::is_valid(&text) {
            let single = match param.targets {
                [target] => Some(*target),
                _ => None,
            };
            return Ok(match only.or(single) {
                Some(resource_type) => ReferenceValue::Resource { resource_type, id: text },
                None => ReferenceValue::Id(text),
            });
        }
        let value = self.target(&text).unwrap_or_else(|| Err(not_a_reference(part)))?;
        match (only, &value) {
            (Some(only), ReferenceValue::Resource { resource_type, .. })
                if only != *resource_type =>
            {
                let text = format!("`{}` is not a reference to {only}", cut(part));
                Err(Fault::value(text))
            }
            (Some(only), ReferenceValue::Url(_)) => {
                Err(Fault::refused(format!("`:{only}` takes an id, not the URL `{}`", cut(part))))
            }
            _ => Ok(value),
        }
    }

    /// What a reference with a type or a URL stands for; `None` if it has no such form.
    fn target(&self, text: &str) -> Option<Result<ReferenceValue, Fault>> {
        let own = self.context.base_url.and_then(|base| text.strip_prefix(base)?.strip_prefix('/'));
        let relative = own.and_then(Reference::relative);
        match relative.or_else(|| Reference::parse(text))? {
            Reference::Relative { version: Some(_), .. } => {
                let text = format!("a search for the version `{}` is not supported", cut(text));
                Some(Err(Fault::refused(text)))
            }
            Reference::Relative { resource_type, id, version: None } => {
                let Some(resource_type) = ResourceType::from_name(resource_type) else {
                    let text = format!("`{}` is not a resource type", cut(resource_type));
                    return Some(Err(Fault::value(text)));
                };
                Some(Ok(ReferenceValue::Resource { resource_type, id: id.to_owned() }))
            }
            Reference::Absolute(url) | Reference::Urn(url) => {
                Some(Ok(ReferenceValue::Url(url.to_owned())))
            }
            Reference::Fragment(_) | Reference::Conditional { .. } => None,
        }
    }
}

fn not_a_reference(part: &str) -> Fault {
    Fault::value(format!("`{}` is not a reference: `id`, `Type/id` or a URL", cut(part)))
}
