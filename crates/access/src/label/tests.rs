use super::*;

fn of(codes: &[&str]) -> u64 {
    bits(codes.iter().map(|code| match Level::from_code(code) {
        Some(_) => (CONFIDENTIALITY, *code),
        None => (SENSITIVITY, *code),
    }))
}

#[test]
fn the_table_is_sound() {
    let rows: Vec<Vec<&str>> =
        include_str!("labels.tsv").lines().skip(1).map(|line| line.split('\t').collect()).collect();
    for (bit, row) in rows.iter().enumerate() {
        assert_eq!((row.len(), row[0]), (4, bit.to_string().as_str()));
        let broader = row[3].split(' ').filter(|code| *code != "-");
        broader.for_each(|code| assert!(rows.iter().any(|l| l[1] == row[1] && l[2] == code)));
    }
    assert!(rows.len() <= 64);
    let levels = rows.iter().filter(|row| row[1] == CONFIDENTIALITY);
    for row in levels {
        let bit = 1_u64 << row[0].parse::<u32>().unwrap();
        assert_eq!(Level::from_code(row[2]).unwrap().bits() & bit, bit);
    }
}

#[test]
fn broader_codes_are_met_by_narrower_ones() {
    let meets = |named: &str, labelled: &str| sensitivity(named).unwrap() & of(&[labelled]) != 0;
    assert!(meets("ETH", "ETHUD") && meets("ETH", "OPIOIDUD") && meets("SUD", "ETHUD"));
    assert!(meets("SPI", "COGN") && meets("BH", "COGN") && meets("COGN", "COGN"));
    assert!(!meets("COGN", "BH") && !meets("PSY", "HIV") && !meets("ETHUD", "SUD"));
    assert_eq!(sensitivity("R"), None);
    assert_eq!(narrowest(of(&["ETHUD", "SUD", "HIV"])), of(&["HIV"]) | 1 << 12);
}

#[test]
fn levels_are_ordered_and_caused() {
    for codes in Level::ALL.windows(2) {
        assert!(codes[0].0 < codes[1].0);
    }
    for (expected, code) in Level::ALL {
        assert_eq!(level(of(&[code])), expected);
    }
    assert_eq!(level(of(&[])), Level::Normal);
    assert_eq!(level(of(&["L", "N", "U"])), Level::Normal);
    assert_eq!(level(of(&["N", "PSY"])), Level::Restricted);
    assert_eq!(level(of(&["V", "PSY"])), Level::VeryRestricted);
    assert_eq!(level(of(&["L", "RACE"])), Level::Normal);
    assert_eq!(caused(of(&["V"])), None);
}

#[test]
fn lowering_is_seen() {
    let lower = |before: &[&str], after: &[&str]| lowered(of(before), of(after));
    assert!(lower(&["R"], &["N"]) && lower(&["N"], &["L"]) && lower(&["HIV"], &["PSY"]));
    assert!(lower(&["COGN"], &["BH"]) && lower(&["V"], &["R"]));
    assert!(!lower(&["L"], &["R"]) && !lower(&["R"], &["V"]) && !lower(&["BH"], &["COGN"]));
    assert!(!lower(&["R"], &["PSY"]), "what makes data restricted may take the place of saying so");
    assert_eq!(bits([("other", "R"), (SENSITIVITY, "unknown")]), 0);
}

fn labels() -> impl proptest::strategy::Strategy<Value = u64> {
    use proptest::prelude::*;
    let codes = vec!["U", "L", "M", "R", "V", "PSY", "HIV", "ETHUD", "DEMO", "NOPAT", "42CFRPart2"];
    prop::sample::subsequence(codes, 0..4).prop_map(|codes| of(&codes))
}

proptest::proptest! {
    #[test]
    fn raising_never_lowers(own in labels(), by in labels(), other in labels()) {
        use proptest::prelude::*;
        let raised_labels = raised(own, by);
        prop_assert!(!lowered(own, raised_labels));
        // A mark says nothing about how confidential a row is.
        let says = has_any(by & !bits([(SENSITIVITY, "NOPAT"), (SENSITIVITY, "42CFRPart2")]));
        prop_assert!(!says || !lowered(by, raised_labels));
        prop_assert_eq!(by & !raised_labels & !super::LEVELS, 0);
        prop_assert_eq!(raised(raised_labels, by), raised_labels);
        prop_assert_eq!(raised(raised(own, by), other), raised(raised(own, other), by));
        let both = highest(own, other);
        prop_assert!(!lowered(own, both) && !lowered(other, both));
        prop_assert_eq!(both, highest(other, own));
        prop_assert_eq!(raised(own | crate::CLAIM_LABEL, by | crate::CLAIM_LABEL), raised_labels | crate::CLAIM_LABEL);
        prop_assert_eq!(raised(own, by | crate::CLAIM_LABEL), raised_labels);
    }
}
