//! Observations as values: vital signs, scores and acuities that somebody stored.

use accord_base::LogTime;
use accord_care::{
    Acuity, Agreement, Asked, Given, Library, Reading, Score, ScoreScheme, Stored, Vitals,
    agreement,
};
use accord_fhir::Utc;
use serde_json::Value;

use crate::age::ADULT_MONTHS;
use crate::attended::Attended;
use crate::child::ages;
use crate::codes::{CONCERN, OBSERVATION, PARAMETER, SCHEME, UCUM};
use crate::input::{codings, decimal, instant, items, text_at};
use crate::store::Found;

/// A score that somebody stored.
pub(crate) struct StoredScore<'a> {
    pub(crate) found: &'a Found,
    pub(crate) at: LogTime,
    /// Id of its scheme.
    pub(crate) scheme: &'a str,
    /// Which version of that it says it was made with.
    pub(crate) version: Option<&'a str>,
    /// Scale of oxygen saturation.
    pub(crate) scale: u32,
    /// Whether that scale was taken because nobody knew which holds: then it is nobody's switch.
    pub(crate) assumed: bool,
    concerns: Vec<String>,
    /// Age in months that it was made for.
    months: Option<u32>,
    pub(crate) stored: Stored,
}

/// How far ahead of the moment when it was stored an observation may be dated, in microseconds:
/// clocks differ.
pub(crate) const AHEAD_US: u64 = 10 * 60 * LogTime::SECOND_US;

/// When something was observed: as it says, and never later than it was stored. So a clock that is
/// ahead neither holds up what comes after nor puts off what is due.
pub(crate) fn at(found: &Found) -> LogTime {
    said(found).min(found.last_updated)
}

/// When it says that it was observed.
pub(crate) fn said(found: &Found) -> LogTime {
    let told = text_at(&found.body, "/effectiveDateTime").and_then(instant);
    told.unwrap_or(found.last_updated)
}

/// Whether it is dated further ahead of the moment when it was stored than clocks differ. Nobody
/// observes what is to come: it counts for nothing, then and later.
pub(crate) fn is_ahead(found: &Found) -> bool {
    said(found) > found.last_updated.plus_us(AHEAD_US)
}

/// Whether an observation still stands.
pub(crate) fn stands(found: &Found) -> bool {
    !matches!(text_at(&found.body, "/status"), Some("entered-in-error" | "cancelled"))
}

fn coded(value: Option<&Value>, system: &str) -> Option<String> {
    let value = value?;
    let own = codings(value).into_iter().find(|(of, _)| *of == system);
    own.map(|(_, code)| code.to_owned())
}

/// The acuity that an observation states.
pub(crate) fn acuity(found: &Found, library: &Library) -> Option<Acuity> {
    if coded(found.body.get("code"), OBSERVATION)? != "acuity" {
        return None;
    }
    let (system, codes) = library.acuity_codes();
    let code = coded(found.body.get("valueCodeableConcept"), system)?;
    codes.iter().find(|own| own.code == code).map(|own| own.acuity)
}

/// The score that an observation states.
pub(crate) fn score(found: &Found) -> Option<StoredScore<'_>> {
    let mut method = items(found.body.get("method")?, "coding");
    let method = method.find(|coding| text_at(coding, "/system") == Some(SCHEME))?;
    let (scheme, version) = (text_at(method, "/code")?, text_at(method, "/version"));
    let (mut scale, mut assumed, mut concerns, mut parts) = (1, false, Vec::new(), Vec::new());
    let mut months = None;
    for component in items(&found.body, "component") {
        let Some(code) = component.get("code") else { continue };
        match coded(Some(code), PARAMETER).as_deref() {
            Some("spo2-scale") => {
                let given = component.get("valueInteger").and_then(Value::as_u64);
                scale = given.and_then(|scale| u32::try_from(scale).ok()).unwrap_or(0);
            }
            Some("age-months") => {
                let given = component.get("valueInteger").and_then(Value::as_u64);
                months = given.and_then(|months| u32::try_from(months).ok());
            }
            Some("spo2-scale-assumed") => assumed = true,
            Some("concern") => {
                concerns.extend(coded(component.get("valueCodeableConcept"), CONCERN));
            }
            _ => {
                let value = component.pointer("/valueQuantity/value").and_then(decimal);
                let codes = codings(code).into_iter();
                parts.extend(codes.filter_map(|(_, code)| Some((code.to_owned(), value?))));
            }
        }
    }
    let total = found.body.pointer("/valueQuantity/value").and_then(decimal);
    let stored = Stored { total, parts };
    Some(StoredScore {
        found,
        at: at(found),
        scheme,
        version,
        scale,
        assumed,
        concerns,
        months,
        stored,
    })
}

impl StoredScore<'_> {
    /// The score that its vital signs give now, as far as the asker may see them, and what that
    /// says of what is stored. `None` if its scheme is not known, or not for this patient.
    pub(crate) fn again<'l>(
        &self,
        attended: &Attended<'_>,
        library: &'l Library,
    ) -> Option<(&'l ScoreScheme, Score, Agreement)> {
        let scheme = library.score(self.scheme)?;
        let derived: Vec<&str> = items(&self.found.body, "derivedFrom")
            .filter_map(|r| text_at(r, "/reference"))
            .collect();
        let from = |found: &&&Found| {
            let own = found.reference();
            derived.iter().any(|reference| reference.split("/_history").next() == Some(&own))
        };
        let sources = attended.observations.iter().filter(from).filter(|found| stands(found));
        let readings: Vec<Reading> =
            sources.flat_map(|found| readings(&found.body, library.vitals())).collect();
        let age_months = self.age_months(attended);
        let (scale, concerns) = (self.scale, &self.concerns);
        let asked = Asked { age_months, scale, readings: &readings, concerns };
        let score = scheme.score(&asked, library.vitals()).ok()?;
        let agrees = agreement(scheme, &self.stored, &score);
        Some((scheme, score, agrees))
    }

    /// The age that it was made for, unless the birth date says another now.
    fn age_months(&self, attended: &Attended<'_>) -> u32 {
        let born = attended.patient.and_then(|patient| ages(&patient.body, self.at, &Utc));
        // By another day than that of the department a month may be told too many or too few.
        let fits = |months: &u32| {
            born.is_none_or(|(least, most)| least <= *months + 1 && *months <= most + 1)
        };
        // Who has no birth date was scored as an adult, by a scheme that was named.
        let oldest = born.map_or(ADULT_MONTHS, |(_, most)| most);
        self.months.filter(fits).unwrap_or(oldest)
    }
}

/// The vital signs that an Observation holds, in itself or in its components. Somebody stored them:
/// what is not plausible was confirmed then.
pub(crate) fn readings(observation: &Value, vitals: &Vitals) -> Vec<Reading> {
    let own = std::iter::once(observation).chain(items(observation, "component"));
    own.filter_map(|of| reading(of, vitals)).collect()
}

fn reading(of: &Value, vitals: &Vitals) -> Option<Reading> {
    let codes = codings(of.get("code")?);
    let vital = codes.into_iter().find_map(|(system, code)| vitals.coded(system, code))?;
    let value = of.get("valueQuantity").or_else(|| of.get("valueCodeableConcept"))?;
    vital.read(&given(value)?, true).ok()
}

/// A Quantity or a coded value.
pub(crate) fn given(value: &Value) -> Option<Given<'_>> {
    if let Some(number) = value.get("value") {
        if value.get("comparator").is_some() {
            return None;
        }
        let coded = text_at(value, "/system").is_none_or(|system| system == UCUM);
        let code = text_at(value, "/code").filter(|_| coded);
        let unit = code.or_else(|| text_at(value, "/unit")).unwrap_or_default();
        return Some(Given::Quantity(decimal(number)?, unit));
    }
    let codes = codings(value);
    Some(Given::Codes(codes))
        .filter(|given| !matches!(given, Given::Codes(none) if none.is_empty()))
}
