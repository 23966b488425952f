//! `ValueSet/$expand`.

use accord_fhir::IssueCode;
use accord_fhir::json::quoted;
use accord_terminology::ops::{Page, Wanted};
use accord_terminology::{Canonical, Compiler, Versions, ops};

use super::super::parameters::invalid;
use super::Question;
use crate::Failure;
use crate::terms::refused;

/// Parameters of the operation (FHIR R4 ValueSet-operation-expand) that are understood.
pub(super) const PARAMETERS: &[&str] = &[
    "url",
    "valueSet",
    "valueSetVersion",
    "context",
    "contextDirection",
    "filter",
    "offset",
    "count",
    "includeDesignations",
    "designation",
    "includeDefinition",
    "activeOnly",
    "excludeNested",
    "excludeNotForUI",
    "excludePostCoordinated",
    "displayLanguage",
    "exclude-system",
    "system-version",
    "check-system-version",
    "force-system-version",
    "tx-resource",
];

/// Those that an expansion repeats, with the type of their values.
const REPEATED: &[(&str, &str)] = &[
    ("filter", "valueString"),
    ("count", "valueInteger"),
    ("includeDesignations", "valueBoolean"),
    ("activeOnly", "valueBoolean"),
    ("excludeNested", "valueBoolean"),
    ("excludeNotForUI", "valueBoolean"),
    ("displayLanguage", "valueCode"),
];

/// Codes told at a time.
const MOST_CODES: u64 = 10_000;

impl Question<'_> {
    /// The expansion as a ValueSet.
    pub fn expand(&self) -> Result<String, Failure> {
        if self
            .asked
            .text("contextDirection")
            .is_some_and(|way| way != "incoming" && way != "outgoing")
        {
            let text = "`contextDirection` is `incoming` or `outgoing`";
            return Err(invalid(IssueCode::Value, text));
        }
        let definition = self.value_set()?;
        let versions = self.versions();
        let compiled = Compiler::new(&self.library, versions).compile(&definition);
        let compiled = compiled.map_err(|error| refused(&error))?;
        let mut random = [0; 16];
        self.engine.rng.fill(&mut random);
        let (identifier, timestamp) = (urn(random), self.engine.clock.now().to_string());
        let names = (identifier.as_str(), timestamp.as_str());
        ops::expand(&definition, &compiled.set, &self.wanted()?, names, MOST_CODES)
            .map(|expansion| expansion.json)
            .map_err(|error| refused(&error))
    }

    fn versions(&self) -> Versions {
        let all = |name: &str| -> Vec<Canonical> {
            self.asked.texts(name).iter().map(|text| Canonical::parse(text)).collect()
        };
        Versions {
            fallback: all("system-version"),
            check: all("check-system-version"),
            force: all("force-system-version"),
            exclude: all("exclude-system"),
        }
    }

    fn wanted(&self) -> Result<Wanted, Failure> {
        let asked = &self.asked;
        let repeated = REPEATED.iter().filter_map(|(name, element)| {
            let text = asked.text(name)?;
            let plain = matches!(*element, "valueInteger" | "valueBoolean");
            let value = if plain { text } else { quoted(&text) };
            Some(format!(r#"{{"name":"{name}","{element}":{value}}}"#))
        });
        Ok(Wanted {
            filter: asked.text("filter"),
            page: Page {
                offset: asked.number("offset")?.unwrap_or_default(),
                count: asked.number("count")?,
            },
            active_only: asked.flag("activeOnly")?.unwrap_or_default(),
            nested: asked.flag("excludeNested")? == Some(false),
            without_abstract: asked.flag("excludeNotForUI")?.unwrap_or_default(),
            language: asked.text("displayLanguage"),
            designations: asked.flag("includeDesignations")?.unwrap_or_default(),
            only: asked.texts("designation"),
            definition: asked.flag("includeDefinition")?.unwrap_or_default(),
            parameters: repeated.collect(),
        })
    }
}

/// A random UUID (RFC 9562 §5.4) as a URN.
fn urn(mut random: [u8; 16]) -> String {
    let [.., six, _, eight, _, _, _, _, _, _, _] = &mut random;
    *six = *six & 0x0f | 0x40;
    *eight = *eight & 0x3f | 0x80;
    let hex: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    let parts = [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)];
    format!("urn:uuid:{}", parts.join("-"))
}
