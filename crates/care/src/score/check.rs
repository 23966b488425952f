//! What must hold of a scheme as a whole.

use std::collections::BTreeSet;

use super::{Ages, Parameter, Rule, ScoreScheme, Table};
use crate::SchemeError;
use crate::bands::Bands;
use crate::reader::Reader;

/// Every patient has one table of each parameter, levels follow each other without gap, ids are
/// used once, and the highest total is what it says.
pub(super) fn whole(scheme: &ScoreScheme, root: &Reader<'_>) -> Result<(), SchemeError> {
    let parameters = root.member("parameters")?;
    let mut ids = BTreeSet::new();
    for (parameter, item) in scheme.parameters.iter().zip(parameters.items()?) {
        if !ids.insert(&*parameter.id) {
            return Err(item.wrong("the id is taken"));
        }
        if let Rule::Bands { tables, .. } = &parameter.rule {
            covered(scheme, tables, &item.member("tables")?)?;
        }
    }
    levels(scheme, &root.member("levels")?)?;
    let most: u32 = scheme.parameters.iter().map(most).fold(0, u32::saturating_add);
    if most != scheme.maximum {
        let text = format!("the parameters allow {most}");
        return Err(root.member("maximum")?.wrong(text));
    }
    let mut ids = BTreeSet::new();
    match scheme.triggers.iter().find(|trigger| !ids.insert(&trigger.id)) {
        Some(trigger) => {
            Err(root.member("triggers")?.wrong(format!("the id `{}` is taken", trigger.id)))
        }
        None => Ok(()),
    }
}

/// The highest score of a parameter.
pub(super) fn most(parameter: &Parameter) -> u32 {
    let most = |scores: &mut dyn Iterator<Item = u32>| scores.max().unwrap_or_default();
    match &parameter.rule {
        Rule::Bands { tables, .. } => {
            most(&mut tables.iter().map(|table| Bands::most(&table.bands)))
        }
        Rule::Codes { scores, .. } => most(&mut scores.iter().map(|(_, score)| *score)),
        Rule::Support(support) => support.most(),
    }
}

/// Exactly one table for each scale, with and without oxygen, at every age.
fn covered(scheme: &ScoreScheme, tables: &[Table], item: &Reader<'_>) -> Result<(), SchemeError> {
    let Ages { from, .. } = scheme.ages;
    // Which tables apply can only change where one of them begins or ends.
    let edges = tables.iter().flat_map(|table| [Some(table.ages.from), table.ages.to]);
    let edges: BTreeSet<u32> = edges.flatten().chain([from]).collect();
    for months in edges.into_iter().filter(|months| scheme.ages.hold(*months)) {
        for scale in &scheme.scales {
            for oxygen in [false, true] {
                let found = tables.iter().filter(|t| t.is_for(months, *scale, Some(oxygen)));
                let fault = match found.count() {
                    1 => continue,
                    0 => "no table",
                    _ => "more than one table",
                };
                let air = if oxygen { "oxygen" } else { "air" };
                let text = format!("{fault} for {months} months of age, scale {scale}, on {air}");
                return Err(item.wrong(text));
            }
        }
    }
    Ok(())
}

/// The levels with totals cover all totals in their order.
fn levels(scheme: &ScoreScheme, item: &Reader<'_>) -> Result<(), SchemeError> {
    let mut next = Some(0);
    let mut ids = BTreeSet::new();
    for (level, item) in scheme.levels.iter().zip(item.items()?) {
        if !ids.insert(&*level.id) {
            return Err(item.wrong("the id is taken"));
        }
        let Some((from, to)) = level.totals else { continue };
        if Some(from) != next || to < from {
            return Err(item.wrong("the totals do not follow those of the level before"));
        }
        next = to.checked_add(1);
    }
    if next.is_some_and(|next| next <= scheme.maximum) {
        return Err(item.wrong("the highest totals have no level"));
    }
    Ok(())
}

impl Table {
    /// Whether it is the table of such a patient. Whether oxygen is given may be unknown.
    pub(super) fn is_for(&self, months: u32, scale: u32, oxygen: Option<bool>) -> bool {
        let scaled = self.scale.is_none_or(|own| own == scale);
        let aired = self.oxygen.is_none_or(|own| oxygen == Some(own));
        self.ages.hold(months) && scaled && aired
    }
}
