//! Dates, numbers and quantities.

use super::super::*;
use super::{check, refuse, test};

#[test]
fn dates_match_by_the_specification() {
    // Each row: value, then targets that match and targets that do not.
    for (value, matching, other) in [
        ("2013-01-14", "2013-01-14 2013-01-14T10:00", "2013-01-15T00:00 2013-01 2013"),
        ("ne2013-01-14", "2013-01-15 2013-01", "2013-01-14T00:00"),
        ("gt2013-01-14", "2013-01-15 2013-01 2013", "2013-01-14 2013-01-13"),
        ("lt2013-01-14", "2013-01-13 2013", "2013-01-14 2013-01-15"),
        ("ge2013-03-14", "2013-03-14 2013-03-15 2013", "2013-03-13"),
        ("le2013-03-14", "2013-03-14 2013-03-13 2013", "2013-03-15"),
        ("sa2013-03-14", "2013-03-15 2014", "2013-03-14 2013"),
        ("eb2013-03-14", "2013-03-13 2012", "2013-03-14 2013"),
        ("ap2025-03", "2025-03 2025-02-15 2025-04-20", "2025-01-25 2025-05-15"),
    ] {
        let Test::Date(values) = test("Patient", &format!("birthdate={value}")) else { panic!() };
        let hit = |target: &str| {
            let range = accord_fhir::DateRange::parse(target).unwrap();
            values[0].matches(range.low, range.high)
        };
        assert!(matching.split(' ').all(hit), "{value} should match all of {matching}");
        assert!(!other.split(' ').any(hit), "{value} should match none of {other}");
    }
    check("Patient", "birthdate=eq2013,gt2014-01", "birthdate=2013,gt2014-01");
    check(
        "Patient",
        "_lastUpdated=ge2020-01-01T00:00:00%2002:00",
        "_lastUpdated=ge2020-01-01T00:00:00%2B02:00",
    );
    refuse("Patient", "birthdate=2013-13", "`2013-13` is not a date");
    refuse("Patient", "birthdate=xx2013", "`xx2013` does not begin with a known prefix");
    refuse(
        "Patient",
        "birthdate:exact=2013",
        "date parameter `birthdate` has no modifier `:exact`",
    );
}

#[test]
fn numbers_match_by_their_precision() {
    for (value, matching, other) in [
        ("100", "100 99.5 100.4999", "99.4999 100.5"),
        ("100.00", "100 99.995", "100.005 99.99"),
        ("1e2", "95 149", "150 49"),
        ("ne100", "99.4 100.5", "100.2"),
        ("gt100", "100.1", "100 99"),
        ("ge100", "100 101", "99.9"),
        ("lt100", "99.9", "100"),
        ("le100", "100", "100.1"),
        ("ap100", "90 110", "89.9 110.1"),
        ("-5.4", "-5.4 -5.44", "5.4 -5.46"),
        ("0", "0 -0.5 0.49", "0.5 -0.51"),
    ] {
        let Test::Number(values) = test("RiskAssessment", &format!("probability={value}")) else {
            panic!()
        };
        let hit = |target: &str| {
            let key = accord_fhir::Decimal::parse(target).unwrap().order_key();
            values[0].matches(key, key)
        };
        assert!(matching.split(' ').all(hit), "{value} should match all of {matching}");
        assert!(!other.split(' ').any(hit), "{value} should match none of {other}");
    }
    refuse("RiskAssessment", "probability=abc", "`abc` does not begin with a known prefix");
    refuse("RiskAssessment", "probability=1.2.3", "`1.2.3` is not a number");
}

#[test]
fn quantities() {
    let ucum = "http://unitsofmeasure.org";
    check("Observation", "value-quantity=5.40", "value-quantity=5.40");
    check("Observation", "value-quantity=gt5||mg", "value-quantity=gt5%7C%7Cmg");
    check(
        "Observation",
        &format!("value-quantity=le5.4|{ucum}|mg"),
        &format!("value-quantity=le5.4%7C{ucum}%7Cmg"),
    );
    for bad in ["5|", "5|x", "5||", "5|x|", "5|a|b|c"] {
        let forms = "`number`, `number|system|code` or `number||code`";
        let text = format!("`{bad}` is not a quantity: {forms}");
        refuse("Observation", &format!("value-quantity={bad}"), &text);
    }
}
