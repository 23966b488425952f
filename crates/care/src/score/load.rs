//! A scheme from its file.

use accord_fhir::Decimal;

use super::support::Support;
use super::{Ages, Level, On, Parameter, Rule, ScoreScheme, Table, Trigger, check};
use crate::bands::Bands;
use crate::number::places;
use crate::reader::{Reader, tape};
use crate::{SchemeError, Vitals};

/// Members of the file beside those of every scheme.
const MEMBERS: &[&str] = &[
    "from-months",
    "to-months",
    "system",
    "code",
    "maximum",
    "scales",
    "parameters",
    "levels",
    "triggers",
];

impl ScoreScheme {
    /// Reads a scheme and checks it against the vital signs that are understood.
    ///
    /// # Errors
    /// The first thing that is wrong with it, and where.
    pub fn load(file: &str, text: &str, vitals: &Vitals) -> Result<ScoreScheme, SchemeError> {
        let tape = tape(file, text)?;
        let root = Reader::root(file, &tape);
        let header = root.header("score", MEMBERS)?;
        let ages = ages(&root)?;
        let scales: Result<Vec<_>, _> = root.list("scales")?.iter().map(Reader::count).collect();
        let scales = Some(scales?).filter(|scales| !scales.is_empty()).unwrap_or_else(|| vec![1]);
        let levels: Result<Vec<_>, _> = root.member("levels")?.items()?.iter().map(level).collect();
        let levels = levels?;
        let parameters = root.member("parameters")?.items()?;
        let parameters: Result<Vec<_>, _> =
            parameters.iter().map(|item| parameter(item, vitals, ages)).collect();
        let triggers = root.list("triggers")?;
        let triggers: Result<Vec<_>, _> =
            triggers.iter().map(|item| trigger(item, vitals, &levels)).collect();
        let scheme = ScoreScheme {
            header,
            system: root.text_of("system")?,
            code: root.text_of("code")?,
            maximum: root.member("maximum")?.count()?,
            parameters: parameters?,
            levels,
            ages,
            scales,
            triggers: triggers?,
        };
        check::whole(&scheme, &root)?;
        Ok(scheme)
    }
}

fn ages(item: &Reader<'_>) -> Result<Ages, SchemeError> {
    let (from, to) = (item.count_of("from-months")?.unwrap_or(0), item.count_of("to-months")?);
    if to.is_some_and(|to| to <= from) {
        return Err(item.wrong("the ages end before they begin"));
    }
    Ok(Ages { from, to })
}

/// The step of an axis: 1, 0.1, 0.01…
pub(super) fn step(item: &Reader<'_>) -> Result<Decimal, SchemeError> {
    let step = item.member("step")?;
    let number = step.number()?;
    places(number).map(|_| number).ok_or_else(|| step.wrong("a step is 1, 0.1, 0.01 or finer"))
}

fn parameter(item: &Reader<'_>, vitals: &Vitals, all: Ages) -> Result<Parameter, SchemeError> {
    const MEMBERS: &[&str] = &[
        "id",
        "title",
        "code",
        "code-scale-2",
        "vital",
        "step",
        "round",
        "tables",
        "values",
        "support",
    ];
    item.only(MEMBERS)?;
    let code = |name| item.optional(name).map(|code| code.text()).transpose();
    let rule = match (item.optional("tables"), item.optional("values"), item.optional("support")) {
        (Some(tables), None, None) => banded(item, &tables, vitals, all)?,
        (None, Some(values), None) => coded(item, &values, vitals)?,
        (None, None, Some(support)) => {
            let found = Support::load(&support)?;
            let known = vitals.of("oxygen-device");
            let is_known = |device: &str| {
                known.is_some_and(|vital| vital.values.iter().any(|(code, ..)| code == device))
            };
            if let Some(device) = found.devices().find(|device| !is_known(device)) {
                return Err(support.wrong(format!("`{device}` is no device that is known")));
            }
            Rule::Support(found)
        }
        _ => return Err(item.wrong("one of `tables`, `values` and `support` is needed")),
    };
    Ok(Parameter {
        id: item.text_of("id")?,
        title: item.text_of("title")?,
        code: code("code")?,
        code_scale_2: code("code-scale-2")?,
        rule,
    })
}

fn banded(
    item: &Reader<'_>,
    tables: &Reader<'_>,
    vitals: &Vitals,
    all: Ages,
) -> Result<Rule, SchemeError> {
    let vital = vital(item, vitals, true)?;
    let step = step(item)?;
    let round = item.optional("round").map(|round| round.flag()).transpose()?.unwrap_or(false);
    let mut found = Vec::new();
    for table in tables.items()? {
        table.only(&["from-months", "to-months", "scale", "oxygen", "bands"])?;
        let aged = table.optional("from-months").or_else(|| table.optional("to-months"));
        found.push(Table {
            ages: if aged.is_some() { ages(&table)? } else { all },
            scale: table.count_of("scale")?,
            oxygen: table.optional("oxygen").map(|oxygen| oxygen.flag()).transpose()?,
            bands: Bands::load(&table.member("bands")?, step)?,
        });
    }
    Ok(Rule::Bands { vital, step, round, tables: found })
}

fn coded(item: &Reader<'_>, values: &Reader<'_>, vitals: &Vitals) -> Result<Rule, SchemeError> {
    let vital = vital(item, vitals, false)?;
    let known = vitals.of(&vital).map(|vital| &*vital.values).unwrap_or_default();
    let mut scores = Vec::new();
    for (code, score) in values.entries()? {
        if !known.iter().any(|(own, ..)| *own == code) {
            return Err(score.wrong("the vital sign has no such value"));
        }
        scores.push((code, score.count()?));
    }
    if let Some((code, ..)) = known.iter().find(|(own, ..)| !scores.iter().any(|(c, _)| c == own)) {
        return Err(values.wrong(format!("`{code}` has no score")));
    }
    Ok(Rule::Codes { vital, scores })
}

/// The vital sign that an item names: one that is a number, or one that is a code.
fn vital(item: &Reader<'_>, vitals: &Vitals, number: bool) -> Result<String, SchemeError> {
    let named = item.member("vital")?;
    let id = named.text()?;
    match vitals.of(&id) {
        Some(vital) if vital.quantity.is_some() == number => Ok(id),
        Some(_) => Err(named.wrong("the vital sign is of another kind")),
        None => Err(named.wrong(format!("`{id}` is no vital sign that is known"))),
    }
}

fn level(item: &Reader<'_>) -> Result<Level, SchemeError> {
    const MEMBERS: &[&str] = &[
        "id",
        "title",
        "from",
        "to",
        "observe-minutes",
        "recheck-minutes",
        "review-minutes",
        "who",
        "text",
    ];
    item.only(MEMBERS)?;
    let from = item.count_of("from")?;
    let to = item.count_of("to")?;
    if from.is_none() && to.is_some() {
        return Err(item.wrong("`from` is missing"));
    }
    let (observe_minutes, recheck_minutes) =
        (item.count_of("observe-minutes")?, item.count_of("recheck-minutes")?);
    if (observe_minutes == Some(0)) != recheck_minutes.is_some_and(|minutes| minutes > 0) {
        let text = "who is watched without pause (`observe-minutes` 0), and nobody else, has \
                    `recheck-minutes` of at least 1";
        return Err(item.wrong(text));
    }
    Ok(Level {
        id: item.text_of("id")?,
        title: item.text_of("title")?,
        totals: from.map(|from| (from, to.unwrap_or(u32::MAX))),
        observe_minutes,
        recheck_minutes,
        review_minutes: item.count_of("review-minutes")?,
        who: item.text_of("who")?,
        text: item.text_of("text")?,
    })
}

fn trigger(item: &Reader<'_>, vitals: &Vitals, levels: &[Level]) -> Result<Trigger, SchemeError> {
    item.only(&["id", "title", "level", "single", "concern", "vital", "from", "below", "values"])?;
    let level = match item.optional("level") {
        Some(named) => {
            let id = named.text()?;
            let at = levels.iter().position(|level| level.id == id);
            Some(at.ok_or_else(|| named.wrong("there is no such level"))?)
        }
        None => None,
    };
    let names = ["single", "concern", "from", "below", "values"];
    let mut kinds = names.into_iter().filter_map(|name| Some((name, item.optional(name)?)));
    let on = match (kinds.next(), kinds.next()) {
        (Some(("single", score)), None) => On::Single(score.count()?),
        (Some(("concern", concern)), None) if concern.flag()? => On::Concern,
        (Some(("from", number)), None) => On::From(vital(item, vitals, true)?, number.number()?),
        (Some(("below", number)), None) => On::Below(vital(item, vitals, true)?, number.number()?),
        (Some(("values", values)), None) => {
            let codes: Result<Vec<_>, _> = values.items()?.iter().map(Reader::text).collect();
            On::Codes(vital(item, vitals, false)?, codes?)
        }
        _ => return Err(item.wrong("one thing that sets the trigger off is needed")),
    };
    Ok(Trigger { id: item.text_of("id")?, title: item.text_of("title")?, on, level })
}
