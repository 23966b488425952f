//! Which acuity an assessment gives: the one that is named, computed, or as before.

use accord_care::{Acuity, Computed, Considered, Library, Reading};
use accord_engine::Failure;
use serde_json::{Value, json};

use crate::age::Age;
use crate::input::{Input, codings};
use crate::rules::Rules;
use crate::{invalid, unfit};

/// Scheme that computes an acuity where none is named and that of the site computes none.
const COMPUTES: &str = "five-level";

/// An acuity and where it comes from.
pub(crate) struct Decided {
    /// The acuity; `None` if nobody said and nothing gives one.
    pub(crate) acuity: Option<Acuity>,
    /// What was computed, if something was.
    pub(crate) computed: Option<Computed>,
    /// Why somebody decided so, where that had to be said.
    pub(crate) overridden: Option<String>,
    /// What had to be explained.
    pub(crate) asks: Option<String>,
}

/// Decides on an acuity.
///
/// # Errors
/// If it needs a reason and has none, rests on questions that nobody answered, or cannot be read.
pub(crate) fn decide(
    input: &Input,
    rules: &Rules,
    (age, readings): (Age, &[Reading]),
    before: Option<Acuity>,
) -> Result<Decided, Failure> {
    let named = input
        .count("acuity")?
        .map(|level| Acuity::new(level).ok_or_else(|| invalid("`acuity` is from 1 to 5")));
    let named = named.transpose()?;
    let computed = computed(input, rules, age, readings)?;
    let (reason, preview) = (input.text("override-reason")?, input.flag("preview")?);
    let acuity = named.or(computed.as_ref().map(|own| own.acuity)).or(before);
    let asks = asks_why(acuity, computed.as_ref(), before);
    if let Some(why) = asks.as_ref().filter(|_| reason.is_none() && !preview) {
        return Err(unfit(format!("{why} needs an `override-reason`")));
    }
    let overridden = reason.filter(|_| asks.is_some());
    Ok(Decided { acuity, computed, overridden, asks })
}

/// What an acuity needs a reason for, if anything.
fn asks_why(
    acuity: Option<Acuity>,
    computed: Option<&Computed>,
    before: Option<Acuity>,
) -> Option<String> {
    let acuity = acuity?;
    if computed.is_some_and(|own| own.acuity != acuity) {
        return Some("an acuity other than the computed one".to_owned());
    }
    if let Some(own) = computed.filter(|own| !own.danger.is_empty()) {
        let signs = own.danger.join(", ");
        return Some(format!("to keep the acuity with vital signs in the danger zone ({signs})"));
    }
    let lowered = before.is_some_and(|before| acuity.level() >= before.level() + 2);
    lowered.then(|| "an acuity lower by two levels or more".to_owned())
}

fn computed(
    input: &Input,
    rules: &Rules,
    age: Age,
    readings: &[Reading],
) -> Result<Option<Computed>, Failure> {
    let (life_threat, high_risk) = (input.flag("life-threat")?, input.flag("high-risk")?);
    let resources = input.count("resources")?;
    // Without resources only what makes them needless can be computed.
    if !life_threat && !high_risk && resources.is_none() {
        return Ok(None);
    }
    let id = input.text("triage-scheme")?;
    // The site's own scheme where it computes acuities.
    let own = Some(rules.triage()).filter(|scheme| scheme.computes());
    let id = id.as_deref().or(own.map(|scheme| scheme.header.id.as_str())).unwrap_or(COMPUTES);
    let library = rules.library();
    let scheme = library.triage(id).ok_or_else(|| unfit(format!("`{id}` is not known here")))?;
    let given = |name| input.all(name).next().is_some();
    let answered = given("life-threat") && given("high-risk");
    let resources = resources.unwrap_or(0);
    let ages: Vec<Option<u32>> = age.all().map(Some).collect();
    let ages = if ages.is_empty() { vec![None] } else { ages };
    let mut computed: Option<Computed> = None;
    for age_months in ages {
        let considered = Considered { life_threat, high_risk, resources, age_months, readings };
        let one = scheme.compute(&considered, library.vitals());
        // The acuity does not depend on the age, only what is in the danger zone.
        if one.as_ref().map(|one| one.danger.len()) >= computed.as_ref().map(|one| one.danger.len())
        {
            computed = one;
        }
    }
    let computed = computed.ok_or_else(|| unfit(format!("`{id}` computes no acuity")))?;
    // Resources count once it was asked whether somebody can wait at all.
    match computed.acuity.level() > 2 && !answered {
        true if input.flag("preview")? => Ok(None),
        true => Err(unfit("`resources` count once `life-threat` and `high-risk` are answered")),
        false => Ok(Some(computed)),
    }
}

/// An acuity as a CodeableConcept of the emergency care data set.
pub(crate) fn coded(acuity: Acuity, library: &Library) -> Value {
    let (system, codes) = library.acuity_codes();
    let own = codes.iter().find(|code| code.acuity == acuity);
    let (code, title) = own.map_or(("", ""), |own| (&own.code, &own.title));
    json!({"coding": [{"system": system, "code": code, "display": title}], "text": title})
}

/// The acuity that an Encounter states.
pub(crate) fn stated(encounter: &Value, library: &Library) -> Option<Acuity> {
    let (system, codes) = library.acuity_codes();
    let stated = codings(encounter.get("priority")?);
    let (_, code) = stated.into_iter().find(|(of, _)| *of == system)?;
    codes.iter().find(|own| own.code == code).map(|own| own.acuity)
}
