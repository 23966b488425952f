//! `$assess`: somebody is looked at, for the first time or again.

use accord_care::{Assessment, Due, Event, FlagKind, Reading};
use accord_engine::Failure;
use serde_json::Value;

use crate::acuity::{Decided, decide};
use crate::age::{Age, Scored};
use crate::attended::{Attended, gather, of_one};
use crate::input::{Input, codings, part};
use crate::moment::Moment;
use crate::observed::given;
use crate::report::Report;
use crate::scale::Scale;
use crate::{Context, invalid, unfit, written};

const PARAMETERS: &[&str] = &[
    "preview",
    "version",
    "vital",
    "scheme",
    "triage-scheme",
    "acuity",
    "life-threat",
    "high-risk",
    "resources",
    "override-reason",
    "spo2-scale",
    "spo2-scale-reason",
    "concern",
    "flag",
    "area",
    "note",
    "bed-request",
    "started",
    "age-months",
    "at",
    "at-reason",
    "flag-end",
    "reviewed",
];

/// An assessment before it is written.
pub(crate) struct Draft<'a> {
    pub(crate) readings: Vec<Reading>,
    /// `None` if nothing was taken that it asks for, and no concern stated.
    pub(crate) score: Option<Scored<'a>>,
    pub(crate) age: Age,
    pub(crate) moment: Moment,
    pub(crate) scale: Scale,
    pub(crate) concerns: Vec<String>,
    pub(crate) decided: Decided,
    /// Whether somebody was looked at: otherwise they were moved, flagged or begun with alone.
    pub(crate) looked: bool,
    pub(crate) flags: Vec<&'a FlagKind>,
    /// Flags that end.
    pub(crate) ends: Vec<String>,
    /// What is due after it, the next first.
    pub(crate) due: Vec<Due>,
}

/// Computes everything; unless it is a preview, writes it. The answer as a resource.
pub(crate) fn assess(context: &Context<'_>, input: &Input) -> Result<String, Failure> {
    input.only(PARAMETERS)?;
    let found = of_one(context)?;
    let all = gather(&found);
    let attended = all.first().ok_or_else(|| invalid("an encounter is needed"))?;
    attended.check_open()?;
    let preview = input.flag("preview")?;
    let draft = draft(context, input, attended)?;
    let mut report = Report::default();
    report.flag("preview", preview);
    if let Some(Scored { scheme, score, months }) = &draft.score {
        report.score(scheme, score, context.library());
        report.age(draft.age, *months);
    }
    report.count("spo2-scale", draft.scale.used);
    report.flag("spo2-scale-known", draft.scale.known);
    report.acuity(&draft.decided, context.library());
    if let Some(scored) = &draft.score {
        report.response(scored.scheme, &scored.score);
    }
    for due in &draft.due {
        report.due("next-due", due);
    }
    if !preview {
        let version = written::write(context, input, attended, &draft)?;
        let reference = format!("{}/_history/{version}", attended.encounter.reference());
        report.reference("encounter", &reference);
    }
    Ok(report.resource())
}

fn draft<'l>(
    context: &Context<'l>,
    input: &Input,
    attended: &Attended<'_>,
) -> Result<Draft<'l>, Failure> {
    let (readings, library) = (readings(context, input)?, context.library());
    let preview = input.flag("preview")?;
    let moment = Moment::of(context, input, attended)?;
    let age = Age::of(context, input, attended, moment.at)?;
    let mut scale = Scale::of(input, attended)?;
    let concerns = input.texts("concern")?;
    let named = input.text("scheme")?;
    // Who was not looked at needs no score: they are moved, flagged or treated whatever their age.
    let taken = !readings.is_empty() || !concerns.is_empty();
    let asked = taken || named.is_some() || (preview && age.range.is_some());
    let score =
        asked.then(|| age.score(library, named.as_deref(), (scale.used, &readings, &concerns)));
    let score = score.transpose()?;
    let open = score.as_ref().and_then(|own| own.score.to_confirm.first()).filter(|_| !preview);
    if let Some(open) = open {
        let vital = library.vitals().of(open);
        let usual = vital.and_then(accord_care::Vital::usual).unwrap_or_default();
        let title = vital.map_or("", |vital| &vital.title);
        return Err(unfit(format!("{title} is outside {usual}: measure again, or confirm")));
    }
    let before = moment.acuity_before(attended, library);
    let decided = decide(input, context.rules, (age, &readings), before)?;
    let looked = looked(input)?;
    if decided.acuity.is_none() && !preview && needs_acuity(input, looked)? {
        return Err(unfit("the first assessment gives an `acuity`"));
    }
    let reviewed = input.flag("reviewed")?;
    if input.text("note")?.is_some() && !looked && !reviewed {
        return Err(unfit("a `note` goes with an acuity, vital signs, a concern or a review"));
    }
    if reviewed && (looked || input.flag("started")?) {
        return Err(unfit("`reviewed` stands alone: it says what was done, not how somebody is"));
    }
    let kind = |flag: String| {
        let kind = library.flags().kind(&flag);
        kind.ok_or_else(|| invalid(format!("the flag `{flag}` is not known")))
    };
    let flags: Vec<_> = input.texts("flag")?.into_iter().map(kind).collect::<Result<_, _>>()?;
    let moves = ["area", "started", "flag-end", "bed-request", "reviewed"];
    if let Some(moves) =
        moves.iter().find(|name| moment.is_past && input.all(name).next().is_some())
    {
        let text = "what is entered of the past changes nothing of how it is now: leave out";
        return Err(unfit(format!("{text} `{moves}`")));
    }
    let ends = input.texts("flag-end")?;
    if let Some(flag) = ends.iter().find(|flag| !attended.active_flags().contains(&flag.as_str())) {
        return Err(unfit(format!("the flag `{flag}` is not in force")));
    }
    // Values that no score asks for, such as pain, make none.
    let says = |Scored { score, .. }: &Scored<'_>| {
        !score.triggers.is_empty() || score.parts.iter().any(|part| part.score.is_some())
    };
    let nothing = !score.as_ref().is_some_and(says);
    let score = score.filter(|_| !nothing || preview);
    if scale.switched && nothing && !preview {
        // The scale is kept with the score: without one the switch would be lost.
        return Err(unfit("to switch the scale of oxygen saturation needs vital signs to score"));
    }
    scale.reason = scale.reason.filter(|_| !nothing);
    let due = Vec::new();
    let mut draft =
        Draft { readings, score, age, moment, scale, concerns, decided, looked, flags, ends, due };
    draft.due = next_due(context, input, attended, &draft)?;
    Ok(draft)
}

/// Whether this looks at somebody, rather than moves them or says what else is so.
fn looked(input: &Input) -> Result<bool, Failure> {
    let computed = input.flag("life-threat")? || input.flag("high-risk")?;
    let names = ["vital", "concern", "acuity", "resources"];
    Ok(computed || names.iter().any(|name| input.all(name).next().is_some()))
}

/// Whether there must be an acuity by now: not for who is moved or flagged before anyone looks.
fn needs_acuity(input: &Input, looked: bool) -> Result<bool, Failure> {
    let names = ["area", "flag", "flag-end", "bed-request", "reviewed"];
    let moved = names.iter().any(|name| input.all(name).next().is_some());
    Ok(looked || input.flag("started")? || !moved)
}

/// The vital signs that were taken.
fn readings(context: &Context<'_>, input: &Input) -> Result<Vec<Reading>, Failure> {
    let mut readings: Vec<Reading> = Vec::new();
    for vital in input.all("vital") {
        let code = part(vital, "code").ok_or_else(|| invalid("a vital sign has a `code`"))?;
        let codes = codings(code);
        let known = |(system, code): &(&str, &str)| context.library().vitals().coded(system, code);
        let found = codes.iter().find_map(known).ok_or_else(|| {
            let code = codes.first().map_or("", |(_, code)| code);
            unfit(accord_care::VitalError::Unknown(code.to_owned()).to_string())
        })?;
        let value = part(vital, "value").ok_or_else(|| invalid("a vital sign has a `value`"))?;
        let taken = given(value).ok_or_else(|| invalid("a `value` is a Quantity or is coded"))?;
        let confirmed = part(vital, "confirmed").and_then(Value::as_bool).unwrap_or(false);
        let reading = found.read(&taken, confirmed).map_err(|error| unfit(error.to_string()))?;
        if readings.iter().any(|other| other.vital == reading.vital) {
            return Err(invalid(format!("{} stands more than once", found.title)));
        }
        readings.push(reading);
    }
    Ok(readings)
}

/// What is due once this is written.
fn next_due(
    context: &Context<'_>,
    input: &Input,
    attended: &Attended<'_>,
    draft: &Draft<'_>,
) -> Result<Vec<Due>, Failure> {
    let named = input.text("triage-scheme")?;
    let (scheme, targets) = (context.rules.named(named.as_deref())?, context.rules.targets());
    let level = draft.score.as_ref().and_then(|own| own.scheme.levels.get(own.score.level?));
    let at = draft.moment.at;
    let assessed = draft.decided.acuity.filter(|_| draft.looked).map(|acuity| {
        let scored = draft.score.as_ref();
        let complete = scored.is_some_and(|own| own.score.total.complete().is_some());
        (at, Event::Assessed(Assessment::of(at, acuity, level, complete)))
    });
    let more = assessed.into_iter().collect();
    let after = attended.attendance_with(context.library(), more);
    let Some(then) = after else { return Ok(Vec::new()) };
    let then = match input.flag("started")? {
        true => then
            .clone()
            .then(Event::Started(if draft.moment.is_past { context.now() } else { at }))
            .unwrap_or(then),
        false => then,
    };
    Ok(then.pending(scheme, targets, context.now()))
}
