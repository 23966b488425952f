//! Who acts for a patient, and where a protected patient is not found.

use super::*;

fn carer() -> Arc<Subject> {
    let carer = subject(Principal::RelatedPerson(id("carer")), Role::Proxy);
    let purpose = Purpose::Patrqt;
    Arc::new(Subject { purpose, organization: None, ..(*carer).clone() })
}

fn feed() -> Arc<Subject> {
    subject(Principal::Device(id("feed")), Role::Integration)
}

fn registrar() -> Arc<Subject> {
    subject(Principal::Practitioner(id("desk")), Role::Registration)
}

fn put(store: &Store, kind: &str, name: &str, rest: &str) {
    let body = format!(r#"{{"resourceType":"{kind}","id":"{name}"{rest}}}"#);
    let resource_type = ResourceType::from_name(kind).unwrap();
    let body = Arc::from(body.into_bytes());
    let put = Interaction::Update { resource_type, id: id(name), body, if_match: None };
    store.ask(feed(), put).unwrap();
}

/// A store with a patient and somebody who acts for them until a day.
fn store(until: &str) -> Store {
    let store = Store::new();
    put(&store, "Patient", "p", r#","address":[{"city":"Fernmouth"}]"#);
    let patient = r#","patient":{"reference":"Patient/p"}"#;
    put(&store, "RelatedPerson", "carer", &format!(r#"{patient},"period":{{"end":"{until}"}}"#));
    store
}

fn sees(store: &Store, who: Arc<Subject>) -> bool {
    let resource_type = ResourceType::PATIENT;
    let (if_none_match, if_modified_since) = (None, None);
    let read = Interaction::Read { resource_type, id: id("p"), if_none_match, if_modified_since };
    store.ask(who, read).is_ok()
}

fn found(store: &Store, who: Arc<Subject>, url: &str) -> usize {
    match store.ask(who, Interaction::get(url).unwrap()) {
        Ok(Answer::Page(page)) => page.entries.len(),
        other => panic!("{url}: {other:?}"),
    }
}

fn sign(store: &Store, who: Arc<Subject>) -> Outcome {
    let body = br#"{"resourceType":"Consent","status":"active",
        "scope":{"coding":[{"code":"patient-privacy"}]},"category":[{"text":"c"}],
        "policyRule":{"text":"p"},"patient":{"reference":"Patient/p"},
        "performer":[{"reference":"RelatedPerson/carer"}],"provision":{"type":"deny",
            "actor":[{"role":{"text":"r"},"reference":{"reference":"CareTeam/t"}}]}}"#;
    let body = Arc::from(body.as_slice());
    let create =
        Interaction::Create { resource_type: ResourceType::CONSENT, body, if_none_exist: None };
    store.ask(who, create)
}

#[test]
fn a_carer_sees_and_signs_while_they_act() {
    let acting = store("2999-01-01");
    assert!(sees(&acting, carer()));
    assert!(matches!(sign(&acting, carer()), Ok(Answer::Created(_))));
    assert!(matches!(sign(&acting, registrar()), Ok(Answer::Created(_))));
    let ended = store("1971-01-01");
    assert!(!sees(&ended, carer()));
    assert!(sign(&ended, carer()).is_err());
    let refused = sign(&ended, registrar()).unwrap_err();
    assert_eq!(refused.category, Category::Unprocessable);
    assert_eq!(refused.issues[0].expression.as_deref(), Some("Consent.performer"));
}

#[test]
fn places_do_not_find_a_protected_patient() {
    let store = store("2999-01-01");
    let urls = ["Patient?address=Fernmouth", "Patient?address-city:missing=false"];
    for url in urls {
        assert_eq!(found(&store, registrar(), url), 1, "{url}");
    }
    let label = r#","meta":{"security":[{"code":"R",
        "system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality"}]}"#;
    put(&store, "Patient", "p", &format!(r#","address":[{{"city":"Fernmouth"}}]{label}"#));
    for url in
        urls.into_iter().chain(["Patient?address:missing=true", "Patient?phone:missing=true"])
    {
        assert_eq!(found(&store, registrar(), url), 0, "{url}");
        assert_eq!(found(&store, registrar(), &format!("{url}&_summary=count")), 0);
    }
    assert!(sees(&store, registrar()));
    assert_eq!(found(&store, registrar(), "Patient?_id=p"), 1);
    assert!(!sees(&store, carer()), "nobody acts for them any more");
}

#[test]
fn parameters_of_the_stores_own_that_may_tell_of_places_do_not_either() {
    let store = store("2999-01-01");
    let define = |code: &str, expression: &str| {
        let body = format!(
            r#"{{"resourceType":"SearchParameter","id":"{code}","status":"active","code":"{code}",
            "name":"{code}","url":"http://x.org/{code}","description":"x","base":["Patient"],
            "type":"string","expression":"{expression}"}}"#
        );
        let resource_type = ResourceType::from_name("SearchParameter").unwrap();
        let (id, body) = (id(code), Arc::from(body.as_bytes()));
        let write = Interaction::Update { resource_type, id, body, if_match: None };
        store.ask(system(), write).unwrap();
    };
    define("county", "Patient.address.district");
    define("home", "Patient.extension.where(url = 'http://x.org/home').value.ofType(string)");
    define("life", "Patient.gender");
    assert!(store.engine.wait_until_indexed());
    let body = r#","address":[{"district":"Fern"}],"gender":"female",
        "extension":[{"url":"http://x.org/home","valueString":"Fernmouth"}]"#;
    let urls = ["Patient?county=fern", "Patient?home=fern", "Patient?county:missing=false"];
    put(&store, "Patient", "p", body);
    for url in urls {
        assert_eq!(found(&store, registrar(), url), 1, "{url}");
    }
    let label = r#","meta":{"security":[{"code":"R",
        "system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality"}]}"#;
    put(&store, "Patient", "p", &format!("{body}{label}"));
    for url in urls.into_iter().chain(["Patient?home:missing=true"]) {
        assert_eq!(found(&store, registrar(), url), 0, "{url}");
    }
    assert_eq!(found(&store, registrar(), "Patient?life=female"), 1);
}

#[test]
fn places_that_are_contained_do_not_either() {
    let store = store("2999-01-01");
    let visit = |label: &str| {
        let rest = format!(
            r##","status":"arrived","class":{{"code":"AMB"}}{label},"subject":{{"reference":"Patient/p"}},
            "serviceProvider":{{"reference":"#clinic"}},"location":[{{"location":{{"reference":"#ward"}}}}],
            "contained":[{{"resourceType":"Location","id":"ward","name":"Fern ward"}},
                {{"resourceType":"Organization","id":"clinic","name":"Fern clinic",
                    "address":[{{"city":"Fernmouth"}}]}}]"##
        );
        put(&store, "Encounter", "visit", &rest);
    };
    visit("");
    let places = [
        "Encounter?location.name=fern",
        "Encounter?service-provider.address=fern",
        "Organization?_contained=true&address=fern",
        "Location?_contained=true",
        "Location?_contained=both&name=fern",
        "?_type=Location&_contained=true",
        "?_contained=true&_id=ward",
    ];
    let others = ["Encounter?service-provider.name=fern", "Organization?_contained=true&name=fern"];
    for url in places.into_iter().chain(others) {
        assert_eq!(found(&store, feed(), url), 1, "{url}");
    }
    let label = r#","meta":{"security":[{"code":"R",
        "system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality"}]}"#;
    put(&store, "Patient", "p", &format!(r#","address":[{{"city":"Fernmouth"}}]{label}"#));
    for url in places {
        assert_eq!(found(&store, registrar(), url), 0, "{url}");
        let alone = format!("{url}&_containedType=contained&_summary=count");
        assert_eq!(found(&store, registrar(), &alone), 0, "{url}");
    }
    for url in others {
        assert_eq!(found(&store, registrar(), url), 1, "{url}");
    }
}

#[test]
fn free_text_does_not_either() {
    let store = store("2999-01-01");
    let define = |code: &str, base: &str, kind: &str, expression: &str| {
        let body = format!(
            r#"{{"resourceType":"SearchParameter","id":"{code}","status":"active","code":"{code}",
            "name":"{code}","url":"http://x.org/{code}","description":"x","base":["{base}"],
            "type":"{kind}","expression":"{expression}"}}"#
        );
        let resource_type = ResourceType::from_name("SearchParameter").unwrap();
        let (id, body) = (id(code), Arc::from(body.as_bytes()));
        let write = Interaction::Update { resource_type, id, body, if_match: None };
        store.ask(system(), write).unwrap();
    };
    let answer = "QuestionnaireResponse.item.answer.value.ofType(string)";
    define("answer", "QuestionnaireResponse", "string", answer);
    define("said", "Communication", "string", "Communication.payload.content.ofType(string)");
    define("word", "Communication", "token", "Communication.note.text");
    define("fern", "Communication", "token", "Communication.payload.content.contains('Fern')");
    define("value-is", "Observation", "string", "Observation.value.as(string)");
    define("rated", "Observation", "token", "Observation.value.ofType(CodeableConcept)");
    define("called", "Observation", "string", "Observation.code.text");
    assert!(store.engine.wait_until_indexed());
    let of_p = r#""subject":{"reference":"Patient/p"}"#;
    let answers = r#","status":"completed",
        "item":[{"linkId":"1","answer":[{"valueString":"Fernmouth, by the mill"}]}]"#;
    put(&store, "QuestionnaireResponse", "q", &format!("{answers},{of_p}"));
    let payload = r#","status":"completed","payload":[{"contentString":"Fernmouth"}],
        "note":[{"text":"Fernmouth"}]"#;
    put(&store, "Communication", "c", &format!("{payload},{of_p}"));
    let value = r#","status":"final","code":{"text":"Whereabouts"},"valueString":"Fernmouth""#;
    put(&store, "Observation", "o", &format!("{value},{of_p}"));
    let texts = [
        "QuestionnaireResponse?answer=fern",
        "QuestionnaireResponse?answer:contains=mill",
        "Communication?said=fern",
        "Communication?word=Fernmouth",
        "Communication?fern=true",
        "Observation?value-is=fern",
        "Observation?value-string=fern",
        "Observation?value-string:missing=false",
        "Observation?_content=fernmouth",
        "Patient?_has:Communication:subject:said=fern",
    ];
    let others =
        ["Observation?called=where", "Observation?rated:missing=true", "Observation?_id=o"];
    for url in texts.into_iter().chain(others) {
        assert_eq!(found(&store, feed(), url), 1, "{url}");
    }
    let label = r#","meta":{"security":[{"code":"R",
        "system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality"}]}"#;
    put(&store, "Patient", "p", label);
    for url in texts {
        assert_eq!(found(&store, feed(), url), 0, "{url}");
        assert_eq!(found(&store, feed(), &format!("{url}&_summary=count")), 0, "{url}");
    }
    for url in others {
        assert_eq!(found(&store, feed(), url), 1, "{url}");
    }
}
