use std::cmp::Ordering;

use proptest::prelude::*;

use super::*;

fn n(text: &str) -> Number {
    Number::parse(text).unwrap_or_else(|| panic!("{text}"))
}

#[test]
fn decimals_are_exact() {
    let shown = |number: Option<Number>| number.map(|n| n.to_string());
    let is =
        |number: Option<Number>, expect: &str| assert_eq!(shown(number).as_deref(), Some(expect));
    is(n("0.1").plus(n("0.2")), "0.3");
    is(n("9.16").times(n("8.22")), "75.2952");
    is(n("1").over(n("3")), "0.3333333333333333333333333333");
    is(n("-5.5").whole_over(n("2")), "-2");
    is(n("57.3").modulo(n("3")), "0.3");
    is(n("10.89").root(), "3.3");
    is(n("16").log(n("2")), "4");
    is(n("0").exp(), "1");
    is(n("10.89").power(n("0.5")), "3.3");
    is(n("1.587").boundary(2, false), "1.58");
    is(n("-1.587").boundary(0, false), "-2");
    is(Number::parse("1e3"), "1000");
    assert_eq!(shown(n("1").over(n("0"))), None);
    assert_eq!(shown(n("-1").power(n("0.5"))), None);
    assert_eq!(shown(n("9e37").times(n("9e37"))), None);
}

#[test]
fn moments_compare_by_what_is_known() {
    let t = |text: &str| Moment::date_time(text).unwrap_or_else(|| panic!("{text}"));
    let check = |l: &str, r: &str, expect| assert_eq!(t(l).compare(&t(r)), Some(expect), "{l} {r}");
    check("2018", "2018-03", None);
    check("2018-03", "2018-04-01", Some(Ordering::Less));
    check("2018-03-01T10:30:00", "2018-03-01T10:30:00.0", Some(Ordering::Equal));
    check("2012-04-15T15:00:00Z", "2012-04-15T10:00:00", None);
    check("2012-04-15T15:00:00+02:00", "2012-04-15T16:00:00+03:00", Some(Ordering::Equal));
    for bad in ["2019-02-29", "2019-13", "2019-01-01T24", "2019-01-01T10:61", "2019-1", "0000"] {
        assert_eq!(Moment::date_time(bad), None, "{bad}");
    }
}

proptest! {
    #[test]
    fn numbers_compare_as_fractions(a in any::<i64>(), b in any::<i64>(), p in 0usize..9, q in 0usize..9) {
        let make = |value: i64, places: usize| {
            let digits = format!("{:020}", value.unsigned_abs());
            let sign = if value < 0 { "-" } else { "" };
            n(&format!("{sign}{}.{}0", &digits[..20 - places], &digits[20 - places..]))
        };
        let (a, b) = (make(a, p), make(b, q));
        prop_assert_eq!(a.cmp(&b), a.ratio().cmp(&b.ratio()));
        prop_assert_eq!(n(&a.to_string()), a);
        prop_assert_eq!(a.plus(b).unwrap().ratio(), a.ratio() + b.ratio());
        if !b.is_zero() {
            let back = a.over(b).unwrap().times(b).unwrap().minus(a).unwrap().absolute();
            prop_assert!(back <= b.absolute().times(n("1e-27")).unwrap().plus(n("1e-18")).unwrap());
        }
    }

    #[test]
    fn no_text_panics(text in "[-+0-9TZ:.e]{0,30}") {
        let _ = (Number::parse(&text), Moment::date(&text), Moment::date_time(&text), Moment::time(&text));
    }
}
