//! date, dateTime, instant and time.

/// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
pub(super) fn date(text: &str) -> Option<&'static str> {
    let good = date_part(text.as_bytes()).is_some_and(|(_, rest)| rest.is_empty());
    (!good).then_some("must be a date: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`")
}

/// A date, or a full date with time and zone.
pub(super) fn date_time(text: &str) -> Option<&'static str> {
    let good = match date_part(text.as_bytes()) {
        Some((_, [])) => true,
        Some((3, [b'T', clock @ ..])) => time_and_zone(clock),
        _ => false,
    };
    (!good).then_some("must be a date, or `YYYY-MM-DDThh:mm:ss` with a zone: `Z` or `+hh:mm`")
}

/// A full date with time and zone.
pub(super) fn instant(text: &str) -> Option<&'static str> {
    let good = match date_part(text.as_bytes()) {
        Some((3, [b'T', clock @ ..])) => time_and_zone(clock),
        _ => false,
    };
    (!good).then_some("must be `YYYY-MM-DDThh:mm:ss` with a zone: `Z` or `+hh:mm`")
}

/// `hh:mm:ss` with any fraction, without a zone.
pub(super) fn time(text: &str) -> Option<&'static str> {
    let good = time_part(text.as_bytes()).is_some_and(<[u8]>::is_empty);
    (!good).then_some("must be `hh:mm:ss`")
}

/// The number of parts of the date that the text begins with, and what follows it.
fn date_part(text: &[u8]) -> Option<(u8, &[u8])> {
    let (thousands, rest) = two_digits(text)?;
    let (ones, rest) = two_digits(rest)?;
    let year = u32::from(thousands) * 100 + u32::from(ones);
    if year == 0 {
        return None;
    }
    let [b'-', after @ ..] = rest else { return Some((1, rest)) };
    let (month, rest) = two_digits(after)?;
    let length = month_length(year, month)?;
    let [b'-', after @ ..] = rest else { return Some((2, rest)) };
    let (day, rest) = two_digits(after)?;
    (1..=length).contains(&day).then_some((3, rest))
}

fn month_length(year: u32, month: u8) -> Option<u8> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    Some(match month {
        2 => 28 + u8::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    })
}

/// What follows the `hh:mm:ss[.fff]` that the text begins with; second 60 is a leap second.
fn time_part(text: &[u8]) -> Option<&[u8]> {
    let (hour, rest) = two_digits(text)?;
    let [b':', rest @ ..] = rest else { return None };
    let (minute, rest) = two_digits(rest)?;
    let [b':', rest @ ..] = rest else { return None };
    let (second, rest) = two_digits(rest)?;
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let [b'.', fraction @ ..] = rest else { return Some(rest) };
    let digits = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
    if digits == 0 { None } else { fraction.get(digits..) }
}

fn time_and_zone(text: &[u8]) -> bool {
    match time_part(text) {
        Some([b'Z']) => true,
        Some([b'+' | b'-', zone @ ..]) => is_offset(zone).unwrap_or(false),
        _ => false,
    }
}

/// `00:00` to `14:00`.
fn is_offset(text: &[u8]) -> Option<bool> {
    let (hours, rest) = two_digits(text)?;
    let [b':', rest @ ..] = rest else { return None };
    let (minutes, rest) = two_digits(rest)?;
    Some(rest.is_empty() && minutes < 60 && (hours < 14 || hours == 14 && minutes == 0))
}

fn two_digits(text: &[u8]) -> Option<(u8, &[u8])> {
    match text {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', rest @ ..] => Some(((a - b'0') * 10 + (b - b'0'), rest)),
        _ => None,
    }
}
