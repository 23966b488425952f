//! Searches: both ways to ask, and pages that visit everything once.

use std::collections::BTreeSet;

use crate::common::Store;
use crate::common::http::next_of;

#[test]
fn pages_visit_everything_once() {
    let store = Store::new();
    let server = store.serve();
    let mut client = server.client(&store.system());
    let mut made = BTreeSet::new();
    for n in 0..23 {
        let body = crate::patient(&format!("F{n}"));
        made.insert(crate::id_of(&client.post("Patient", &body).expect(201)));
    }
    for sort in ["", "&_sort=_id", "&_sort=-_id", "&_sort=_lastUpdated", "&_sort=-_lastUpdated"] {
        let mut seen = Vec::new();
        let mut next = Some(format!("Patient?_count=5{sort}"));
        while let Some(path) = next {
            let page = client.get(&path).expect(200).json();
            assert_eq!(page["total"], 23);
            let entries = page["entry"].as_array().unwrap();
            assert!(entries.len() <= 5);
            seen.extend(entries.iter().map(|e| e["resource"]["id"].as_str().unwrap().to_owned()));
            // What is written meanwhile does not disturb the pages.
            if seen.len() == 5 {
                let late =
                    crate::id_of(&client.post("Patient", &crate::patient("Late")).expect(201));
                client.ask("DELETE", &format!("Patient/{late}"), &[], "");
            }
            next = next_of(&page);
        }
        assert_eq!(seen.len(), 23, "{sort}");
        match sort {
            "&_sort=_id" => assert!(seen.is_sorted()),
            "&_sort=-_id" => assert!(seen.iter().rev().is_sorted()),
            _ => {}
        }
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), made, "{sort}");
    }
    let page = client.get("Patient?_count=5").json();
    let stolen = next_of(&page).unwrap();
    let other = store.token(&["--system", "another"]);
    let answer = server.client(&other).get(&stolen.replace("Patient?", "Basic?"));
    answer.expect(400);
}

#[test]
fn a_search_can_be_posted() {
    let store = Store::with_patients(5, "2026-06-01T08:30:00Z");
    let server = store.serve();
    let mut client = server.client(&store.system());
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    for query in [
        "status=final&_count=3",
        "code=http%3A%2F%2Floinc.org%7C8867-4",
        "date=ge2025-01-01&date=lt2026-01-01",
        "patient=pat-willow",
        "subject%3Amissing=false",
        "value-quantity=gt70",
    ] {
        let got = client.get(&format!("Observation?{query}")).expect(200).json();
        let posted = client.ask("POST", "Observation/_search", &form, query).expect(200).json();
        assert_eq!(got["total"], posted["total"], "{query}");
        assert_eq!(got["entry"], posted["entry"], "{query}");
        assert!(got["total"].as_u64().unwrap() > 0, "{query}");
    }
    let both = client.ask("POST", "Observation/_search?status=final", &form, "_summary=count");
    let got = client.get("Observation?status=final&_summary=count").json();
    assert_eq!(both.expect(200).json()["total"], got["total"]);
}
