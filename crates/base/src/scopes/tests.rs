use proptest::prelude::*;

use super::{Context, Named, Rights, ScopeFault, Scopes};

fn check(text: &str, expect: Option<&str>) {
    let found = Scopes::parse(text).ok().map(|scopes| scopes.to_string());
    assert_eq!(found.as_deref(), expect, "{text}");
}

#[test]
fn both_versions_are_read() {
    check("patient/Observation.rs", Some("patient/Observation.rs"));
    check("user/*.cruds system/Patient.c", Some("user/*.cruds system/Patient.c"));
    check("patient/*.read user/Patient.write", Some("patient/*.read user/Patient.write"));
    check("user/*.*", Some("user/*.*"));
    check("openid  fhirUser launch/patient", Some("openid fhirUser launch/patient"));
    check("user/Patient.r user/Patient.r openid openid", Some("openid user/Patient.r"));
    check("", Some(""));
    let read = &Scopes::parse("patient/*.read").unwrap().resources[0];
    assert_eq!((read.rights, read.context), (Rights::READ.or(Rights::SEARCH), Context::Patient));
    let write = Scopes::parse("user/*.write").unwrap().resources[0].rights;
    assert_eq!(write.to_string(), "cud");
}

#[test]
fn letters_have_one_order() {
    for letters in ["dus", "sr", "rc", "rr", "", "x", "rx", "cruds?", "READ", "r.s"] {
        check(&format!("user/Patient.{letters}"), None);
    }
    for text in ["user/Patient", "user/patient.rs", "user/.rs", "user/", "patient/Pat-ient.rs"] {
        check(text, None);
    }
}

#[test]
fn conditions_belong_to_a_type_in_version_2() {
    let long = "patient/Observation.rs?category=http://hl7.org/x|lab&code=a,b";
    check(long, Some(long));
    check("patient/*.rs?category=x", None);
    check("patient/Observation.read?category=x", None);
    for query in ["", "category", "category=", "=x", "a=b&", "a=%zz", "a=%0a", "a=%ff"] {
        check(&format!("patient/Observation.rs?{query}"), None);
    }
    let spaced = Scopes::parse("user/Observation.s?code=a%20b%26c").unwrap();
    assert_eq!(spaced.resources[0].query, [("code".to_owned(), "a b&c".to_owned())]);
    check("user/Observation.s?code=a%20b%26c", Some("user/Observation.s?code=a%20b%26c"));
}

#[test]
fn what_nobody_knows_is_passed_over_only_when_asked_for() {
    assert_eq!(Scopes::parse("email"), Err(ScopeFault::Unknown("email".to_owned())));
    assert_eq!(Scopes::parse_known("email openid").unwrap().named, [Named::OpenId]);
    assert!(Scopes::parse_known("user/Patient.sr").is_err());
    assert_eq!(Scopes::parse_known(&"x ".repeat(101)), Err(ScopeFault::TooMany));
}

fn check_within(asked: &str, registered: &str, expect: &str) {
    let (asked, registered) = (Scopes::parse(asked).unwrap(), Scopes::parse(registered).unwrap());
    assert_eq!(asked.within(&registered).to_string(), expect);
}

#[test]
fn what_is_granted_lies_within_both() {
    check_within("patient/*.rs openid", "patient/Observation.r launch", "patient/Observation.r");
    check_within("patient/Observation.rs", "patient/*.cruds", "patient/Observation.rs");
    check_within("patient/*.read", "patient/*.cruds", "patient/*.read");
    check_within("patient/*.*", "patient/*.rs", "patient/*.read");
    check_within("user/Patient.rs", "patient/*.rs", "");
    check_within("user/Patient.r", "user/Patient.c", "");
    check_within(
        "user/Observation.rs?category=lab",
        "user/Observation.rs?code=x user/Observation.r",
        "user/Observation.rs?category=lab&code=x user/Observation.r?category=lab",
    );
}

fn any_scopes() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "(patient|user|system)/([A-C]|\\*)\\.c?r?u?d?s",
        "(patient|user|system)/[A-C]\\.r\\?[ab]=[xy%20]",
        "(openid|launch|fhirUser)",
        "[ -~]{0,12}",
    ];
    prop::collection::vec(word, 0..6).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn reading_what_was_written_changes_nothing(text in any_scopes()) {
        if let Ok(scopes) = Scopes::parse_known(&text) {
            prop_assert_eq!(Scopes::parse(&scopes.to_string()), Ok(scopes));
        }
    }

    #[test]
    fn nothing_is_gained_by_meeting(a in any_scopes(), b in any_scopes()) {
        let (Ok(a), Ok(b)) = (Scopes::parse_known(&a), Scopes::parse_known(&b)) else {
            return Ok(());
        };
        let both = a.within(&b);
        for scope in &both.resources {
            let covered = [&a, &b].iter().all(|side| side.resources.iter().any(|of| {
                of.context == scope.context
                    && of.rights.has(scope.rights)
                    && (of.resource_type.is_none() || of.resource_type == scope.resource_type)
                    && of.query.iter().all(|pair| scope.query.contains(pair))
            }));
            prop_assert!(covered);
        }
        prop_assert!(both.named.iter().all(|n| a.has(*n) && b.has(*n)));
    }
}
