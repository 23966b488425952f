//! Two persons, element by element.

use accord_fhir::json::Value;

use super::describe::Person;
use super::weights::{Agreement, Element, Score};

/// How likely two descriptions are of one person.
pub(super) fn score(one: &Person, other: &Person) -> Score {
    Score::of(&[
        (Element::Identifier, any(&one.identifiers, &other.identifiers, |_, _| false)),
        (Element::BirthDate, birth_dates(one, other)),
        (Element::Family, any(&one.families, &other.families, |a, b| one_edit_apart(a, b))),
        (Element::Given, any(&one.givens, &other.givens, |a, b| near_given(a, b))),
        (Element::Gender, options(one.gender.as_deref(), other.gender.as_deref())),
        (Element::PostalCode, any(&one.postal_codes, &other.postal_codes, |_, _| false)),
        (Element::Telecom, any(&one.telecoms, &other.telecoms, |_, _| false)),
    ])
}

/// Whether two records cannot be of one person by what they say: no identifier in common, and birth
/// dates, or all names, that differ.
pub(in super::super) fn contradict(one: Value<'_>, other: Value<'_>) -> bool {
    let (one, other) = (Person::of(one), Person::of(other));
    if any(&one.identifiers, &other.identifiers, |_, _| false) == Agreement::Equal {
        return false;
    }
    let differ = |agreement| agreement == Agreement::Different;
    let families = any(&one.families, &other.families, |a, b| one_edit_apart(a, b));
    let givens = any(&one.givens, &other.givens, |a, b| near_given(a, b));
    differ(birth_dates(&one, &other)) || differ(families) && differ(givens)
}

/// The best agreement among all pairs of values.
fn any<T: PartialEq>(one: &[T], other: &[T], near: impl Fn(&T, &T) -> bool) -> Agreement {
    if one.is_empty() || other.is_empty() {
        return Agreement::Unknown;
    }
    let pairs = || one.iter().flat_map(|a| other.iter().map(move |b| (a, b)));
    if pairs().any(|(a, b)| a == b) {
        Agreement::Equal
    } else if pairs().any(|(a, b)| near(a, b)) {
        Agreement::Near
    } else {
        Agreement::Different
    }
}

fn options(one: Option<&str>, other: Option<&str>) -> Agreement {
    match (one, other) {
        (Some(one), Some(other)) if one == other => Agreement::Equal,
        (Some(_), Some(_)) => Agreement::Different,
        _ => Agreement::Unknown,
    }
}

/// Nearly equal: two of year, month and day are, or day and month are exchanged.
fn birth_dates(one: &Person, other: &Person) -> Agreement {
    let (Some(one), Some(other)) = (&one.birth_date, &other.birth_date) else {
        return Agreement::Unknown;
    };
    if one == other {
        return Agreement::Equal;
    }
    let parts = |date: &str| -> Vec<String> { date.split('-').map(str::to_owned).collect() };
    let (one, other) = (parts(one), parts(other));
    let same = one.iter().zip(&other).filter(|(a, b)| a == b).count();
    let exchanged =
        one.first() == other.first() && one.get(1) == other.get(2) && one.get(2) == other.get(1);
    if same == 2 || exchanged { Agreement::Near } else { Agreement::Different }
}

/// An initial for the name, or a typing error.
fn near_given(one: &str, other: &str) -> bool {
    let initial = |short: &str, long: &str| {
        let short = short.trim_end_matches('.');
        short.chars().count() == 1 && long.starts_with(short)
    };
    initial(one, other) || initial(other, one) || one_edit_apart(one, other)
}

/// Whether two names of four letters or more differ by one letter put in, left out or changed, or
/// by two neighbours exchanged.
fn one_edit_apart(one: &str, other: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if a.len().min(b.len()) < 4 || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let front = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let back = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let longest = a.len().max(b.len());
    if front + back + 1 >= longest {
        return true;
    }
    let exchanged = a.get(front) == b.get(front + 1) && a.get(front + 1) == b.get(front);
    a.len() == b.len() && front + back + 2 == longest && exchanged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_error_is_near_and_two_are_not() {
        for (a, b) in
            [("willow", "wilow"), ("willow", "willows"), ("willow", "wiolow"), ("willow", "wallow")]
        {
            assert!(one_edit_apart(a, b) && one_edit_apart(b, a), "{a} {b}");
        }
        for (a, b) in [("willow", "wallaw"), ("ann", "anne"), ("willow", "birch")] {
            assert!(!one_edit_apart(a, b), "{a} {b}");
        }
        assert!(near_given("a.", "ann") && !near_given("b", "ann"));
    }

    #[test]
    fn dates_are_near_with_one_part_wrong_or_two_exchanged() {
        let person = |date: &str| Person { birth_date: Some(date.to_owned()), ..Person::default() };
        let compare = |a: &str, b: &str| birth_dates(&person(a), &person(b));
        assert_eq!(compare("1980-03-04", "1980-03-04"), Agreement::Equal);
        assert_eq!(compare("1980-03-04", "1980-04-03"), Agreement::Near);
        assert_eq!(compare("1980-03-04", "1981-03-04"), Agreement::Near);
        assert_eq!(compare("1980-03-04", "1981-03-05"), Agreement::Different);
    }
}
