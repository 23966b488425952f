//! Transactions: no resource twice, and links to other entries (FHIR R4 http §3.1.0.11.2).

use super::*;

#[test]
fn a_transaction_does_not_write_what_its_conditional_create_resolves_to() {
    let store = Store::new();
    let Ok(Answer::Created(made)) = store.ask(system(), create(PATIENT, "identifier=1")) else {
        panic!("not created");
    };
    let body = format!(
        r#"{{"resourceType":"Bundle","type":"transaction","entry":[
            {{"request":{{"method":"POST","url":"Patient","ifNoneExist":"identifier=1"}},
              "resource":{PATIENT}}},
            {{"request":{{"method":"DELETE","url":"Patient/{}"}}}}]}}"#,
        made.id
    );
    let failure = store.ask(system(), bundle(&body)).unwrap_err();
    assert_eq!(failure.category, Category::Invalid);
    assert_eq!(failure.issues[0].expression.as_deref(), Some("Bundle.entry[1]"));
}

fn transaction(entries: &str) -> Interaction {
    bundle(&format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{entries}]}}"#))
}

/// A store with one patient of two identifiers.
fn with_patient() -> Store {
    let store = Store::new();
    let body = r#"{"resourceType":"Patient","id":"p",
        "identifier":[{"system":"s","value":"1"},{"system":"s","value":"2"}]}"#;
    let entry = format!(r#"{{"request":{{"method":"PUT","url":"Patient/p"}},"resource":{body}}}"#);
    store.ask(system(), transaction(&entry)).unwrap();
    store
}

#[test]
fn entries_that_meet_in_one_resource_are_refused() {
    let store = with_patient();
    let post = |condition: &str| {
        format!(
            r#"{{"request":{{"method":"POST","url":"Patient","ifNoneExist":"{condition}"}},
                "resource":{PATIENT}}}"#
        )
    };
    let put = r#"{"request":{"method":"PUT","url":"Patient/p"},
        "resource":{"resourceType":"Patient","id":"p"}}"#;
    let delete = r#"{"request":{"method":"DELETE","url":"Patient/p"}}"#;
    let (one, two) = (post("identifier=1"), post("identifier=2"));
    for (first, second) in [
        (one.as_str(), two.as_str()),
        (&one, put),
        (put, &one),
        (&one, delete),
        (put, delete),
        (put, put),
    ] {
        let asked = transaction(&format!("{first},{second}"));
        let failure = store.ask(system(), asked).unwrap_err();
        assert_eq!(failure.category, Category::Invalid);
        assert_eq!(failure.issues[0].expression.as_deref(), Some("Bundle.entry[1]"));
    }
    // The same condition again is the same create; what is referred to may be written.
    store.ask(system(), transaction(&format!("{one},{one}"))).unwrap();
    let observation = r#"{"request":{"method":"POST","url":"Observation"},
        "resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},
            "subject":{"reference":"Patient?identifier=1"}}}"#;
    let both = format!("{observation},{put},{observation}");
    store.ask(system(), transaction(&both)).unwrap();
}

/// Copies in an import that share some identifiers are one resource, whatever else they say.
#[test]
fn copies_in_an_import_find_the_same_resource() {
    let store = with_patient();
    let entry = |values: &str| {
        let identifiers: Vec<_> =
            values.chars().map(|value| format!(r#"{{"system":"s","value":"{value}"}}"#)).collect();
        format!(
            r#"{{"request":{{"method":"POST","url":"Patient"}},"resource":
                {{"resourceType":"Patient","identifier":[{}]}}}}"#,
            identifiers.join(",")
        )
    };
    let entries = ["1", "2", "12", "2"].map(entry).join(",");
    let body = format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{entries}]}}"#);
    let options =
        BundleOptions { match_identifier: [ResourceType::PATIENT].into(), ..Default::default() };
    let asked = Interaction::Bundle { body: Arc::from(body.as_bytes()), options };
    let Ok(Answer::Bundle { entries, .. }) = store.ask(system(), asked) else { panic!("refused") };
    assert_eq!(entries.len(), 4);
    for entry in entries {
        assert!(matches!(entry, Ok(Answer::Existing(version)) if version.id == id("p")));
    }
}

#[test]
fn links_to_other_entries_are_replaced_and_found() {
    let store = Store::new();
    let (patient, manifest) = ("urn:uuid:05efabf0-4be2-4561-91ce-51548425acb9", "urn:uuid:2");
    let entries = format!(
        r#"{{"fullUrl":"{patient}","request":{{"method":"POST","url":"Patient"}},
            "resource":{PATIENT}}},
        {{"fullUrl":"{manifest}","request":{{"method":"PUT","url":"DocumentManifest/m"}},
            "resource":{{"resourceType":"DocumentManifest","id":"m","status":"current",
                "text":{{"status":"generated","div":
                    "<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\"{patient}\">x</a></div>"}},
                "source":"{patient}","subject":{{"reference":"{patient}"}},
                "content":[{{"reference":"{patient}"}}],"description":"{patient}"}}}}"#
    );
    let Ok(Answer::Bundle { entries, .. }) = store.ask(system(), transaction(&entries)) else {
        panic!("refused");
    };
    let [Ok(Answer::Created(patient_made)), Ok(Answer::Created(made))] = &entries[..] else {
        panic!("not created");
    };
    let target = format!("Patient/{}", patient_made.id);
    for link in [
        format!(r#""source":"{target}""#),
        format!(r#"<a href=\"{target}\">"#),
        format!(r#""reference":"{target}""#),
        format!(r#""description":"{patient}""#),
    ] {
        assert!(made.body.contains(&link), "{link} in {}", made.body);
    }
    assert_eq!(made.body.matches(patient).count(), 1);
    for (source, found) in [(target.as_str(), 1), (patient, 0)] {
        let search = Interaction::get(&format!("DocumentManifest?source={source}")).unwrap();
        let Ok(Answer::Page(page)) = store.ask(system(), search) else { panic!("no page") };
        assert_eq!(page.entries.len(), found);
    }
}
