//! Contained resources: found by what they hold, in what contains them, and nowhere else.

use super::merges::{found, observation, own, put, store};
use super::*;

/// A prescription of a medication that it describes itself.
fn prescription(id: &str, patient: &str, (code, ingredient): (&str, &str)) -> String {
    format!(
        r##"{{"resourceType":"MedicationRequest","id":"{id}","status":"active","intent":"order",
            "meta":{{"security":[{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"NORDSCLCD"}}]}},
            "subject":{{"reference":"Patient/{patient}"}},"medicationReference":{{"reference":"#med"}},
            "reasonReference":[{{"reference":"#seen"}}],"supportingInformation":[{{"reference":"#more"}}],
            "contained":[{{"resourceType":"Organization","id":"maker","name":"Acme & Sons"}},
                {{"resourceType":"Medication","id":"med","status":"active",
                    "code":{{"coding":[{{"system":"http://rx","code":"{code}","display":"Drug {code}"}}]}},
                    "manufacturer":{{"reference":"#maker"}},
                    "ingredient":[{{"itemCodeableConcept":{{"coding":[{{"code":"{ingredient}"}}]}}}}]}},
                {{"resourceType":"Observation","id":"seen","status":"final","code":{{"text":"t"}},
                    "subject":{{"reference":"Patient/{patient}"}},"basedOn":[{{"reference":"#"}}],
                    "component":[{{"code":{{"coding":[{{"code":"p"}}]}},"valueQuantity":{{"value":5}}}},
                        {{"code":{{"coding":[{{"code":"q"}}]}},"valueQuantity":{{"value":7}}}}]}},
                {{"resourceType":"Observation","id":"more","status":"preliminary",
                    "code":{{"coding":[{{"code":"p"}}]}},"valueQuantity":{{"value":9}},
                    "hasMember":[{{"reference":"#seen"}}]}}]}}"##
    )
}

fn prescribed() -> Store {
    let store = store();
    put(&store, &prescription("rx-1", "a", ("A", "x"))).unwrap();
    put(&store, &prescription("rx-2", "b", ("B", "x"))).unwrap();
    put(&store, &observation("alone", "a")).unwrap();
    store
}

fn check(store: &Store, who: Arc<Subject>, asked: &str, expect: &[&str]) {
    assert_eq!(found(store, who, asked), expect, "{asked}");
}

fn page(store: &Store, who: Arc<Subject>, asked: &str) -> crate::Page {
    match store.ask(who, Interaction::get(asked).unwrap()) {
        Ok(Answer::Page(page)) => page,
        other => panic!("{asked}: {other:?}"),
    }
}

#[test]
fn conditions_hold_of_one_contained_resource() {
    let store = prescribed();
    for (asked, expect) in [
        ("Medication?code=A", &[][..]),
        ("Medication?_contained=false&code=A", &[]),
        ("Medication?_contained=true&code=A", &["rx-1"]),
        ("Medication?_contained=true&code=http://rx|B&ingredient-code=x", &["rx-2"]),
        ("Medication?_contained=true&ingredient-code=x", &["rx-1", "rx-2"]),
        ("Medication?_contained=true&ingredient-code=x&_sort=-_lastUpdated", &["rx-2", "rx-1"]),
        ("Medication?_contained=true&code:text=drug%20b", &["rx-2"]),
        ("Medication?_contained=true&code:not=A", &["rx-2"]),
        ("Medication?_contained=true&form:missing=true&_id=med", &["rx-1", "rx-2"]),
        ("Medication?_contained=true&_id=rx-1", &[]),
        ("Organization?_contained=true&name:contains=sons", &["rx-1", "rx-2"]),
        ("Medication?_contained=true&manufacturer.name=acme&code=B", &["rx-2"]),
        ("Medication?_contained=true&manufacturer:missing=true", &[]),
        // Of different contained resources.
        ("Observation?_contained=true&status=final&code=p", &[]),
        ("Observation?_contained=true&status=preliminary&code=p", &["rx-1", "rx-2"]),
        ("Observation?_contained=true&component-code-value-quantity=p$5", &["rx-1", "rx-2"]),
        ("Observation?_contained=true&component-code-value-quantity=p$7", &[]),
        ("Observation?_contained=true&subject=Patient/b", &["rx-2"]),
        ("Observation?_contained=true&subject:Patient._id=b", &["rx-2"]),
        (
            "Observation?_contained=true&based-on:MedicationRequest.status=active&subject=a",
            &["rx-1"],
        ),
        ("Observation?_contained=true&has-member.code=p", &[]),
        ("Observation?_contained=true&has-member:Observation.status=final", &["rx-1", "rx-2"]),
        ("?_type=Medication&_contained=true", &["rx-1", "rx-2"]),
        ("?_contained=true&_id=maker", &["rx-1", "rx-2"]),
        (
            "Observation?_contained=both&status:not=amended&code:text=x",
            &["of-a", "of-b", "of-c", "alone"],
        ),
        ("Observation?_contained=both&_id=seen,alone", &["rx-1", "rx-2", "alone"]),
        ("Observation?_contained=both&subject=Patient/a", &["of-a", "rx-1", "alone"]),
        ("Observation?_contained=both&_lastUpdated=lt2000", &[]),
    ] {
        check(&store, system(), asked, expect);
    }
    check(&store, own("b"), "Medication?_contained=true", &["rx-2"]);
    assert_eq!(page(&store, own("b"), "Medication?_contained=true").total, Some(1));
}

#[test]
fn references_lead_into_what_is_contained() {
    let store = prescribed();
    for (asked, expect) in [
        ("MedicationRequest?medication.code=A", &["rx-1"][..]),
        ("MedicationRequest?medication:Medication.code=A,B", &["rx-1", "rx-2"]),
        ("MedicationRequest?medication.ingredient-code=x&subject=Patient/b", &["rx-2"]),
        ("MedicationRequest?medication.manufacturer.name=acme", &["rx-1", "rx-2"]),
        ("MedicationRequest?medication.manufacturer.name=other", &[]),
        ("MedicationRequest?medication.code=C", &[]),
        ("MedicationRequest?medication:missing=false", &["rx-1", "rx-2"]),
        ("MedicationRequest?medication:missing=true", &[]),
        ("Patient?_has:MedicationRequest:patient:medication.code=B", &["b"]),
        // Own parameters of the store and words do not look into it.
        ("MedicationRequest?medication._content=acme", &[]),
    ] {
        check(&store, system(), asked, expect);
    }
    check(&store, own("b"), "MedicationRequest?medication.ingredient-code=x", &["rx-2"]);
}

#[test]
fn each_comes_by_itself_with_the_labels_of_its_container() {
    let store = prescribed();
    let asked = "Observation?_contained=both&_containedType=contained&_id=seen,more,alone";
    let whole = page(&store, system(), asked);
    let told = |page: &crate::Page| {
        let one = |v: &crate::Version| format!("{}#{}", v.id, v.fragment.as_deref().unwrap_or("-"));
        page.entries.iter().map(one).collect::<Vec<_>>()
    };
    let all = ["rx-1#seen", "rx-1#more", "rx-2#seen", "rx-2#more", "alone#-"];
    assert_eq!((told(&whole), whole.total), (all.map(String::from).to_vec(), Some(5)));
    let labelled = whole.entries.first().unwrap().body.clone();
    assert!(labelled.contains("NORDSCLCD") && labelled.contains(r#""id":"seen""#), "{labelled}");
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    for _ in 0..5 {
        let page = page(&store, system(), &format!("{asked}&_count=2{cursor}"));
        assert!(page.entries.len() <= 2);
        seen.extend(told(&page));
        match page.next {
            Some(next) => cursor = format!("&_cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, all);
    let down = page(&store, system(), &format!("{asked}&_sort=-_lastUpdated"));
    assert_eq!(told(&down), all.into_iter().rev().map(String::from).collect::<Vec<_>>());
    let part = page(
        &store,
        system(),
        "Medication?_contained=true&_containedType=contained&_elements=code",
    );
    let body = &part.entries.first().unwrap().body;
    assert!(body.contains("SUBSETTED") && !body.contains("manufacturer"), "{body}");
}

#[test]
fn what_is_not_known_of_contained_resources_is_refused() {
    let store = prescribed();
    for asked in [
        "Medication?_contained=true&_sort=code",
        "Medication?_contained=true&_content=acme",
        "Medication?_contained=true&_include=Medication:manufacturer",
        "Patient?_contained=both&_has:Observation:patient:code=p",
        "Patient/a/Observation?_contained=true",
        "Observation?_contained=perhaps",
    ] {
        let failure = store.ask(system(), Interaction::get(asked).unwrap()).unwrap_err();
        assert_eq!(failure.category, Category::Invalid, "{asked}");
    }
    let failure = store.ask(system(), create(PATIENT, "_contained=both&name=a")).unwrap_err();
    assert_eq!(failure.category, Category::Invalid);
}

#[test]
fn contained_resources_stay_found_when_they_are_sealed() {
    let parts = Store::parts();
    let again = Parts {
        log: parts.log.clone(),
        disk: parts.disk.clone(),
        store_key: parts.store_key.clone(),
        clock: parts.clock.clone(),
        rng: parts.rng.clone(),
    };
    let store = Store::with(parts, AnswerLimits::default());
    for n in 0..150 {
        let code = format!("c{}", n % 75);
        put(&store, &prescription(&format!("rx-{n}"), "a", (&code, "x"))).unwrap();
    }
    // The newest version counts.
    put(&store, &prescription("rx-3", "a", ("other", "x"))).unwrap();
    let compare = |store: &Store| {
        check(store, system(), "Medication?_contained=true&code=c7", &["rx-7", "rx-82"]);
        check(store, system(), "MedicationRequest?medication.code=c3", &["rx-78"]);
        check(store, system(), "Medication?_contained=true&code:text=drug%20o", &["rx-3"]);
        let asked = "Observation?_contained=true&_containedType=contained&_summary=count";
        assert_eq!(page(store, system(), asked).total, Some(300));
    };
    compare(&store);
    drop(store);
    let mut faults = Vec::new();
    crate::check::check_parts(&again, 64, &mut |fault| faults.push(fault)).unwrap();
    assert!(faults.is_empty(), "{faults:?}");
    compare(&Store::with(again, AnswerLimits::default()));
}
