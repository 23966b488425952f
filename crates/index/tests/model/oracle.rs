//! A store as a plain list of effects, searched by looking at every one of them.

use std::cmp::Ordering;

use accord_access::{RowPolicy, RowView, Scope, label};
use accord_index::{Change, Datum, RowEffect};
use accord_query::{
    Clause, DateValue, NumberValue, Prefix, QuantityValue, Query, ReferenceValue, SortKey, Target,
    Test, TextMode, Token, TokenSystem, Unit, normalise,
};
use accord_spec::{ParamId, ResourceType, param_by_id};

/// The state that holds the effects of rows below `watermark`.
#[derive(Clone, Copy)]
pub struct State<'a> {
    pub effects: &'a [RowEffect],
    pub watermark: u32,
    /// First row not known to whoever reads the state: who answers for a row is told by all before.
    pub known: u32,
}

impl<'a> State<'a> {
    pub fn new(effects: &'a [RowEffect], watermark: u32) -> State<'a> {
        State { effects, watermark, known: watermark }
    }

    pub fn all(self) -> impl DoubleEndedIterator<Item = &'a RowEffect> {
        let watermark = self.watermark;
        self.effects.iter().filter(move |effect| effect.row.0 < watermark)
    }

    pub fn newest(self, resource_type: u8, id: &str) -> Option<&'a RowEffect> {
        self.all().rev().find(|e| e.resource_type == resource_type && e.id.as_str() == id)
    }

    /// The columns of a version, with the labels of every later one.
    pub fn policy(self, effect: &RowEffect) -> RowPolicy {
        let mut policy = self.own_policy(effect);
        let later = self.all().filter(|e| {
            e.resource_type == effect.resource_type
                && e.id == effect.id
                && e.version > effect.version
        });
        for later in later {
            policy.labels = label::highest(policy.labels, self.own_policy(later).labels);
        }
        policy
    }

    fn own_policy(self, effect: &RowEffect) -> RowPolicy {
        let mut policy = effect.policy.clone();
        let known = self.effects.iter().filter(|e| e.row.0 < self.known);
        for (at, change) in known.flat_map(|e| e.changes.iter().map(move |c| (e.row.0, c))) {
            if change.row != effect.row {
                continue;
            }
            match &change.change {
                Change::Controller(controller) => policy.controller = *controller,
                _ if at >= self.watermark => {}
                Change::Labels(labels) => policy.labels = *labels,
                Change::Patients(patients) => policy.patients = patients.iter().copied().collect(),
            }
        }
        policy
    }

    pub fn admits(self, scope: &Scope, effect: &RowEffect) -> bool {
        let resource_type = ResourceType(effect.resource_type);
        scope.admits(RowView::of(resource_type, effect.deleted, &self.policy(effect)))
    }

    /// Whether a version and the newest of its resource are admitted.
    pub fn visible(self, scope: &Scope, effect: &RowEffect) -> bool {
        let newest = self.newest(effect.resource_type, effect.id.as_str());
        self.admits(scope, effect) && newest.is_some_and(|newest| self.admits(scope, newest))
    }

    pub fn search(self, query: &Query, scope: &Scope) -> Vec<&'a RowEffect> {
        let mut found: Vec<&RowEffect> =
            self.all().filter(|e| self.is_match(query, scope, e)).collect();
        found.sort_by(|a, b| {
            let by = query.sort.iter().map(|sort| {
                let ordering = match sort.key {
                    SortKey::Id => {
                        (a.id.as_str(), a.resource_type).cmp(&(b.id.as_str(), b.resource_type))
                    }
                    SortKey::LastUpdated => a.born.cmp(&b.born),
                    SortKey::Param(_) => panic!("no world sorts by values"),
                };
                if sort.descending { ordering.reverse() } else { ordering }
            });
            let ordering = by.fold(Ordering::Equal, Ordering::then);
            let backwards = query.sort.iter().all(|sort| sort.key == SortKey::LastUpdated)
                && query.sort.first().is_some_and(|sort| sort.descending);
            let rows = a.row.cmp(&b.row);
            ordering.then(if backwards { rows.reverse() } else { rows })
        });
        found
    }

    fn is_match(self, query: &Query, scope: &Scope, effect: &RowEffect) -> bool {
        let newest = self.newest(effect.resource_type, effect.id.as_str());
        let of_type = match query.resource_type {
            Some(t) => t.0 == effect.resource_type,
            None => {
                query.types.is_empty() || query.types.iter().any(|t| t.0 == effect.resource_type)
            }
        };
        newest.is_some_and(|newest| newest.row == effect.row)
            && !effect.deleted
            && of_type
            && query.clauses.iter().all(|clause| passes(clause, effect))
            && self.admits(scope, effect)
    }
}

fn passes(clause: &Clause, effect: &RowEffect) -> bool {
    let param = match clause.target {
        Target::Param(ParamId(param)) => param,
        Target::Id => {
            let Test::Token { any_of, .. } = &clause.test else { panic!() };
            return any_of.iter().any(|t| t.code.as_deref() == Some(effect.id.as_str()));
        }
        Target::LastUpdated => {
            let Test::Date(values) = &clause.test else { panic!() };
            let born = effect.born.0 as i64;
            return values.iter().any(|value| date(value, born, born + 1));
        }
        Target::Referrer(_) => panic!("no world joins rows"),
        Target::Narrative | Target::Content => panic!("no world has documents"),
    };
    let data: Vec<&Datum> =
        effect.values.0.iter().filter(|v| v.param == param).map(|v| &v.datum).collect();
    let any = |test: &dyn Fn(&Datum) -> bool| data.iter().any(|datum| test(datum));
    match &clause.test {
        Test::Missing(missing) => data.is_empty() == *missing,
        Test::Token { negated, any_of } => {
            any(&|datum| any_of.iter().any(|value| token(value, datum))) != *negated
        }
        Test::Reference(values) => {
            any(&|datum| values.iter().any(|value| reference(param, value, datum)))
        }
        Test::Text { mode, any_of } => any(&|datum| {
            let Datum::Text(text) = datum else { return false };
            any_of.iter().any(|value| match mode {
                TextMode::Exact => *text == value.raw,
                TextMode::StartsWith => normalise(text).starts_with(&value.normal),
                TextMode::Contains => normalise(text).contains(&value.normal),
            })
        }),
        Test::Date(values) => any(&|datum| match datum {
            Datum::Date { low, high } => values.iter().any(|value| date(value, *low, *high)),
            _ => false,
        }),
        Test::Number(values) => any(&|datum| match datum {
            Datum::Number { key } => values.iter().any(|value| number(value, *key, *key)),
            _ => false,
        }),
        Test::UriTree { .. }
        | Test::Label(_)
        | Test::OfType(_)
        | Test::Identifier(_)
        | Test::Composite(_)
        | Test::Near(_) => unreachable!("not drawn"),
        Test::Quantity(values) => any(&|datum| values.iter().any(|value| quantity(value, datum))),
        Test::Chain(_) => panic!("no world joins rows"),
        Test::Coded(_) => panic!("no world knows a terminology"),
        Test::Words { .. } => panic!("no world has documents"),
        Test::Uri(values) => {
            any(&|datum| values.iter().any(|uri| matches!(datum, Datum::Uri(u) if u == uri)))
        }
    }
}

fn token(value: &Token, datum: &Datum) -> bool {
    let Datum::Token { system, code } = datum else { return false };
    let system_fits = match &value.system {
        TokenSystem::Any => true,
        TokenSystem::Absent => system.is_none(),
        TokenSystem::Is(asked) => system.as_ref() == Some(asked),
    };
    system_fits && value.code.as_ref().is_none_or(|asked| asked == code)
}

fn reference(param: u16, value: &ReferenceValue, datum: &Datum) -> bool {
    match (value, datum) {
        (ReferenceValue::Id(asked), Datum::Reference { resource_type, id }) => {
            let targets = param_by_id(ParamId(param)).unwrap().targets;
            let allowed = targets.is_empty() || targets.contains(&ResourceType(*resource_type));
            allowed && asked == id
        }
        (
            ReferenceValue::Resource { resource_type: asked_type, id: asked },
            Datum::Reference { resource_type, id },
        ) => asked_type.0 == *resource_type && asked == id,
        (ReferenceValue::Url(asked), Datum::Url(url)) => {
            asked == url || url.split('|').next() == Some(asked) && !asked.contains('|')
        }
        _ => false,
    }
}

/// The table of prefixes in FHIR R4 search §3.1.1.4.4, word for word. The searched range goes
/// from `s` up to, not including, `S`; the target from `t` up to, not including, `T`.
fn date(value: &DateValue, low: i64, high: i64) -> bool {
    let (s, e) = (value.low, value.high);
    let overlap = |(a, b): (i64, i64), (c, d): (i64, i64)| a.max(c) < b.min(d);
    let target = (low, high);
    let contains = s <= low && high <= e;
    let above = (e, i64::MAX);
    let below = (i64::MIN, s);
    match value.prefix {
        Prefix::Eq => contains,
        Prefix::Ne => !contains,
        Prefix::Gt => overlap(above, target),
        Prefix::Lt => overlap(below, target),
        Prefix::Ge => overlap(above, target) || contains,
        Prefix::Le => overlap(below, target) || contains,
        Prefix::Sa => !overlap((s, e), target) && low >= e,
        Prefix::Eb => !overlap((s, e), target) && high <= s,
        Prefix::Ap => overlap((s, e), target),
    }
}

/// FHIR R4 search §3.1.1.4.6: `eq` and `ne` by precision, ordering by the number itself.
fn number(value: &NumberValue, low: u128, high: u128) -> bool {
    let rounds = |number: u128| value.low <= number && number < value.high;
    match value.prefix {
        Prefix::Eq => rounds(low) && rounds(high),
        Prefix::Ne => !(rounds(low) && rounds(high)),
        Prefix::Gt => high > value.exact,
        Prefix::Lt => low < value.exact,
        Prefix::Ge => high >= value.exact,
        Prefix::Le => low <= value.exact,
        Prefix::Sa => low > value.exact,
        Prefix::Eb => high < value.exact,
        Prefix::Ap => high >= value.low && low <= value.high,
    }
}

fn quantity(value: &QuantityValue, datum: &Datum) -> bool {
    let Datum::Quantity { low, high, system, code, unit } = datum else { return false };
    let unit_fits = match &value.unit {
        Unit::Any => true,
        Unit::CodeOrText(text) => code.as_ref() == Some(text) || unit.as_ref() == Some(text),
        Unit::Coded { system: s, code: c } => {
            system.as_ref() == Some(s) && code.as_ref() == Some(c)
        }
    };
    unit_fits && number(&value.number, *low, *high)
}
