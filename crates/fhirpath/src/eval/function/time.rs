//! The present instant, and parts of dates and times.

use super::{Calling, Outcome};
use crate::compile::Function;
use crate::error::EvalError;
use crate::item::Item;
use crate::value::{Moment, MomentKind, Number, Precision as Part};

pub(super) fn call<'a>(c: Calling<'_, '_, 'a>) -> Outcome<'a> {
    use Function::*;
    if matches!(c.call.function, Now | Today | TimeOfDay) {
        let now = Moment::from_micros(c.env.now()?);
        return Ok(match c.call.function {
            Now => Some(Item::Moment(now)),
            Today => Some(Item::Moment(now.to_date())),
            _ => now.to_time().map(Item::Moment),
        });
    }
    let moment = match c.value()? {
        Some(Item::Moment(moment)) => moment,
        // A text that is a date stands for one.
        Some(Item::String(text)) => match Moment::date_time(&text) {
            Some(moment) => moment,
            None => return Ok(None),
        },
        Some(_) | None => return Ok(None),
    };
    part(c.call.function, &moment)
}

fn part<'a>(function: Function, m: &Moment) -> Outcome<'a> {
    use Function::*;
    let dated = m.kind != MomentKind::Time;
    let from = |least: Part, good: bool, value: i64| {
        (good && m.precision >= least).then_some(Item::Integer(value))
    };
    Ok(match function {
        YearOf => from(Part::Year, dated, m.year),
        MonthOf => from(Part::Month, dated, m.month),
        DayOf => from(Part::Day, dated, m.day),
        HourOf => from(Part::Hour, true, m.hour),
        MinuteOf => from(Part::Minute, true, m.minute),
        SecondOf => from(Part::Second, true, m.second),
        MillisecondOf => from(Part::Second, m.digits > 0, m.nanos / 1_000_000),
        DateOf => dated.then(|| Item::Moment(m.to_date())),
        TimeOf if dated => m.to_time().map(Item::Moment),
        TimezoneOffsetOf => match m.zone {
            Some(minutes) => Number::from(minutes).over(Number::from(60)).map(Item::Decimal),
            None => None,
        },
        TimeOf => None,
        _ => return Err(EvalError::WrongType),
    })
}
