//! Records that may be of one person, found within the asker's scope.

use super::merges::*;
use super::*;

fn person(name: &str, family: &str, given: &str, more: &str) -> String {
    let more =
        format!(r#","name":[{{"family":"{family}","given":["{given}"]}}],"gender":"female"{more}"#);
    patient(name, &more)
}

fn people() -> Store {
    let store = Store::new();
    for body in [
        person("ann-1", "Willow", "Ann", r#","identifier":[{"system":"https://ids","value":"1"}]"#),
        person("ann-2", "Willow", "Ann", r#","address":[{"postalCode":"AB1 2CD"}]"#),
        person("ann-3", "Wilow", "Ann", ""),
        person("twin", "Willow", "Beth", ""),
        person("other", "Birch", "Ann", "").replace("1980-02-03", "1950-06-07"),
    ] {
        put(&store, &body).unwrap();
    }
    store
}

fn matching(described: &str, more: &str) -> Interaction {
    operation("$match", &format!(r#"{{"name":"resource","resource":{described}}}{more}"#))
}

/// Ids with grades.
fn graded(text: &str) -> Vec<(String, String)> {
    let tape = accord_fhir::json::parse(text.as_bytes(), Default::default()).unwrap();
    let entries = tape.root().get("entry").into_iter().flat_map(|list| list.items());
    let each = entries.map(|entry| {
        let id = entry.get("resource").unwrap().get_str("id").unwrap().into_owned();
        let search = entry.get("search").unwrap();
        let grade = search.get("extension").unwrap().items().next().unwrap();
        (id, grade.get_str("valueCode").unwrap().into_owned())
    });
    each.collect()
}

#[test]
fn the_likeliest_come_first_with_their_grades() {
    let store = people();
    let described = person("new", "Willow", "Ann", r#","address":[{"postalCode":"ab12cd"}]"#);
    let told = graded(&done(store.ask(desk(), matching(&described, ""))));
    let pair = |id: &str, grade: &str| (id.to_owned(), grade.to_owned());
    assert_eq!(told[..2], [pair("ann-2", "certain"), pair("ann-1", "probable")]);
    assert!(told.contains(&pair("ann-3", "possible")), "{told:?}");
    assert!(!told.iter().any(|(id, _)| id == "twin" || id == "other"), "{told:?}");
    let certain = r#",{"name":"onlyCertainMatches","valueBoolean":true}"#;
    assert_eq!(graded(&done(store.ask(desk(), matching(&described, certain)))).len(), 1);
    let one = r#",{"name":"count","valueInteger":1}"#;
    assert_eq!(graded(&done(store.ask(desk(), matching(&described, one)))).len(), 1);
    assert_eq!(store.recorded().pop().unwrap().patients, [id("ann-2")]);
}

#[test]
fn nobody_is_found_who_does_not_exist_for_the_asker() {
    let store = people();
    let described = person("new", "Willow", "Ann", "");
    let nobody = done(store.ask(doctor(), matching(&described, "")));
    assert!(graded(&nobody).is_empty());
    put(&store, &visit("v", "ann-2")).unwrap();
    assert_eq!(graded(&done(store.ask(doctor(), matching(&described, "")))).len(), 1);
    put(&store, &seal("seal", "ann-2")).unwrap();
    assert_eq!(done(store.ask(doctor(), matching(&described, ""))), nobody);
    let desks = graded(&done(store.ask(desk(), matching(&described, ""))));
    assert!(!desks.is_empty() && desks.iter().all(|(id, _)| id != "ann-2"), "{desks:?}");
    let failure = store.ask(desk(), operation("$match", "")).unwrap_err();
    assert_eq!(failure.category, Category::Invalid);
}

fn duplicates(store: &Store, who: Arc<Subject>) -> (Vec<(String, String)>, usize) {
    let (mut pairs, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let text = done(store.ask(who.clone(), operation("$duplicates", &cursor)));
        pages += 1;
        let tape = accord_fhir::json::parse(text.as_bytes(), Default::default()).unwrap();
        cursor.clear();
        for parameter in tape.root().get("parameter").into_iter().flat_map(|list| list.items()) {
            if let Some(next) = parameter.get_str("valueString") {
                cursor = format!(r#"{{"name":"cursor","valueString":"{next}"}}"#);
                continue;
            }
            let parts = parameter.get("part").unwrap().items();
            let ids: Vec<String> = parts
                .filter_map(|part| part.get("valueReference"))
                .map(|value| value.get_str("reference").unwrap().into_owned())
                .collect();
            pairs.push((ids[0].clone(), ids[1].clone()));
        }
        if cursor.is_empty() {
            pairs.sort();
            return (pairs, pages);
        }
    }
}

#[test]
fn the_list_of_work_has_each_pair_once_until_it_is_settled() {
    let store = people();
    for n in 0..150 {
        let body = person(&format!("p{n}"), &format!("Family{n}"), "Zed", "");
        let day = format!("{}-0{}-11", 1800 + n, n % 9 + 1);
        put(&store, &body.replace("1980-02-03", &day)).unwrap();
    }
    let pair = |one: &str, other: &str| (format!("Patient/{one}"), format!("Patient/{other}"));
    let (pairs, pages) = duplicates(&store, desk());
    let all = [pair("ann-1", "ann-2"), pair("ann-1", "ann-3"), pair("ann-2", "ann-3")];
    assert_eq!(pairs, all);
    assert!(pages > 1);
    assert_eq!(refused(store.ask(doctor(), operation("$duplicates", ""))), Category::Forbidden);
    let elsewhere = Arc::new(Subject { organization: Some(id("other")), ..(*desk()).clone() });
    assert!(duplicates(&store, elsewhere).0.is_empty());
    done(store.ask(desk(), merge("ann-1", "ann-2")));
    assert_eq!(duplicates(&store, desk()).0, [pair("ann-2", "ann-3")]);
    done(store.ask(desk(), unmerge("ann-1")));
    assert_eq!(duplicates(&store, desk()).0, all);
    put(&store, &seal("seal", "ann-3")).unwrap();
    assert_eq!(duplicates(&store, desk()).0, [pair("ann-1", "ann-2")]);
}
