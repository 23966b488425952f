//! `_explain`: to whom it is told, and what.

use super::merges::{denial, desk, doctor, own, put, store};
use super::*;

fn lines(store: &Store, who: Arc<Subject>, url: &str) -> Result<Vec<String>, Category> {
    match store.ask(who, Interaction::get(url).unwrap()) {
        Ok(Answer::Page(page)) => {
            Ok(page.warnings.iter().map(|issue| issue.diagnostics.clone()).collect())
        }
        Ok(other) => panic!("{other:?}"),
        Err(failure) => Err(failure.category),
    }
}

#[test]
fn conditions_are_told_with_what_they_find_alone() {
    let store = store();
    let url = "Observation?status=final&_content=nothing&patient=a&subject:Patient.active=true&_explain=true";
    let told = lines(&store, system(), url).unwrap();
    let untimed: Vec<&str> = told.iter().map(|line| line.split(", in ").next().unwrap()).collect();
    let expect = [
        "`_content`: 0 by words, and documents in doubt",
        "`patient`: 1 by keys",
        "`status`: 3 by keys",
        "`subject:Patient.active`: 3 by a join",
        "all together: 0",
    ];
    assert_eq!(untimed[..5], expect, "{told:?}");
    assert!(untimed[5].starts_with("looked for among "), "{told:?}");
    assert_eq!(lines(&store, system(), "Observation?_explain=false"), Ok(Vec::new()));
    assert_eq!(lines(&store, system(), "Observation?_explain=x"), Err(Category::Invalid));
}

#[test]
fn numbers_are_those_of_the_own_view() {
    let store = store();
    for name in ["a", "b"] {
        put(&store, &denial(&format!("by-{name}"), name, "active")).unwrap();
    }
    let officer = |of: &str| {
        let officer = subject(Principal::Practitioner(id("officer")), Role::PrivacyOfficer);
        let (purpose, organization) = (Purpose::Hoperat, Some(id(of)));
        Arc::new(Subject { purpose, organization, ..(*officer).clone() })
    };
    let url = "Consent?status=active&patient=a&_explain=true";
    for (of, numbers) in [("new-hospital", [1, 2, 1]), ("elsewhere", [0, 0, 0])] {
        let told = lines(&store, officer(of), url).unwrap();
        let expect = [
            format!("`patient`: {} by keys", numbers[0]),
            format!("`status`: {} by keys", numbers[1]),
            format!("all together: {}", numbers[2]),
        ];
        let untimed = told.iter().map(|line| line.split(", in ").next().unwrap());
        let mut untimed: Vec<&str> = untimed.collect();
        untimed.sort_unstable();
        let mut expect = expect.iter().map(String::as_str).collect::<Vec<_>>();
        expect.sort_unstable();
        assert_eq!(untimed, expect, "{of}");
    }
}

#[test]
fn nobody_else_is_told_and_that_is_recorded() {
    let store = store();
    for who in [doctor(), desk(), own("a")] {
        let before = store.recorded().len();
        let asked = lines(&store, who, "Patient?_id=a&_explain=true");
        assert_eq!(asked, Err(Category::Forbidden));
        let records = store.recorded();
        let [record] = &records[before..] else { panic!("one record") };
        let query = String::from_utf8_lossy(&record.query).into_owned();
        assert_eq!((record.status, query.as_str()), (403, "_id=a&_explain=true"));
    }
}
