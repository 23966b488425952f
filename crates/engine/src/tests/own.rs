//! Search parameters that the store defines: what they find, when, and after a crash.

use serde_json::{Value, json};

use super::merges::{doctor, feed, found};
use super::*;

const FRIDGE: &str = "http://x.org/fridge";

/// A parameter of observations by an extension.
fn parameter(name: &str, code: &str, kind: &str, expression: &str) -> Value {
    json!({"resourceType": "SearchParameter", "id": name, "status": "active", "code": code,
        "url": format!("http://x.org/SearchParameter/{name}"), "name": name,
        "description": "x", "base": ["Observation"], "type": kind, "expression": expression})
}

fn fridge() -> Value {
    let path = format!("Observation.extension.where(url = '{FRIDGE}').value");
    parameter("fridge", "fridge", "string", &path)
}

fn observation(name: &str, fridge: &str) -> Value {
    json!({"resourceType": "Observation", "id": name, "status": "final", "code": {"text": "x"},
        "subject": {"reference": "Patient/p"}, "performer": [{"reference": "Practitioner/dr"}],
        "extension": [{"url": FRIDGE, "valueString": fridge}]})
}

impl Store {
    fn put_own(&self, who: Arc<Subject>, body: &Value) -> Outcome {
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        let resource_type = ResourceType::from_name(&text("resourceType")).unwrap();
        let (id, body) = (id(&text("id")), Arc::from(body.to_string().into_bytes()));
        self.ask(who, Interaction::Update { resource_type, id, body, if_match: None })
    }

    fn fill(&self, from: usize, to: usize) {
        for number in from..to {
            let kind = if number % 3 == 0 { "north" } else { "south" };
            self.put_own(system(), &observation(&format!("o{number}"), kind)).unwrap();
        }
    }

    fn param(&self, body: &Value) {
        self.put_own(system(), body).unwrap();
        assert!(self.engine.wait_until_indexed());
    }

    fn finds(&self, url: &str) -> Vec<String> {
        let mut found = found(self, system(), url);
        found.sort();
        found
    }

    fn total(&self, url: &str) -> u64 {
        match self.ask(system(), Interaction::get(url).unwrap()) {
            Ok(Answer::Page(page)) => page.total.unwrap(),
            other => panic!("{url}: {other:?}"),
        }
    }

    /// The store from its parts, as if its process had ended.
    fn again(self, parts: &Parts, chunk_rows: u32) -> Store {
        self.engine.close();
        drop(self);
        Store::opened(parts, chunk_rows)
    }

    fn opened(parts: &Parts, chunk_rows: u32) -> Store {
        let tiers = accord_index::Tiers { ratio: 2, most_chunks: 4 };
        let options = Options { chunk_rows, tiers, ..Options::default() };
        let engine = Engine::assemble(parts.clone(), &options).unwrap();
        Store { engine, key: parts.store_key.clone() }
    }

    fn rest_after(&self, batches: Option<u32>) {
        self.engine.rest_indexing_after(batches);
    }
}

fn is_sound(parts: &Parts) {
    let mut faults = Vec::new();
    crate::check_parts(parts, 64, &mut |fault| faults.push(fault)).unwrap();
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn it_finds_what_was_written_before_it_and_after() {
    let store = Store::new();
    store.fill(0, 30);
    let unknown = store.finds("Observation?fridge=north");
    assert_eq!(unknown, ["parameter `fridge` is not known for Observation"]);
    store.param(&fridge());
    assert_eq!(store.total("Observation?fridge=north"), 10);
    store.fill(30, 33);
    assert_eq!(store.total("Observation?fridge=north"), 11);
    assert_eq!(store.total("Observation?fridge:contains=ort"), 11);
    assert_eq!(store.total("Observation?fridge:exact=North"), 0);
    assert_eq!(store.total("Observation?fridge:missing=true"), 0);
    store.put_own(system(), &observation("o0", "attic")).unwrap();
    assert_eq!(store.total("Observation?fridge=north"), 10);
    let sorted = found(&store, system(), "Observation?_sort=fridge,_id&_count=2");
    assert_eq!(sorted, ["o0", "o12"]);
    let figures: std::collections::HashMap<_, _> = store.engine.stats().into_iter().collect();
    assert_eq!((figures["search_parameters"], figures["search_rows_left"]), (1, 0));
}

#[test]
fn until_all_is_indexed_it_is_refused_with_how_far_it_is() {
    let store = Store::new();
    store.fill(0, 40);
    store.rest_after(Some(2));
    store.put_own(system(), &fridge()).unwrap();
    for url in
        ["Observation?fridge=north", "Observation?fridge:missing=true", "Observation?_sort=fridge"]
    {
        let [told] = &store.finds(url)[..] else { panic!("refused") };
        assert!(told.starts_with("`fridge` is being indexed, "), "{told}");
    }
    let failure =
        store.ask(system(), Interaction::get("Patient?_has:Observation:patient:fridge=x").unwrap());
    let failure = failure.unwrap_err();
    assert_eq!(
        (failure.category, failure.issues[0].code.code()),
        (Category::Invalid, "not-supported")
    );
    assert_eq!(store.engine.search_parameters().len(), 0);
    store.rest_after(None);
    assert!(store.engine.wait_until_indexed());
    assert_eq!(store.total("Observation?fridge=north"), 14);
    assert_eq!(store.engine.search_parameters().len(), 1);
}

#[test]
fn what_cannot_be_searched_as_it_says_is_refused_with_the_element() {
    let store = Store::new();
    let refused = |change: Value| {
        let mut body = fridge();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let failure = store.put_own(system(), &body).unwrap_err();
        assert_eq!(failure.category, Category::Unprocessable);
        let issue = &failure.issues[0];
        format!("{}: {}", issue.expression.clone().unwrap_or_default(), issue.diagnostics)
    };
    let path = |text: &str| refused(json!({ "expression": text }));
    // Side by side these are deeper than as they are sent.
    let nested = (0..6).fold("Observation.status".to_owned(), |e, _| format!("({e} | {e})"));
    let deep = path(&nested);
    assert!(deep.starts_with("SearchParameter.expression: too long or too deep"), "{deep}");
    for (told, wanted) in [
        (
            refused(json!({"code": "status"})),
            "SearchParameter.code: `status` of `Observation` is defined by http://hl7.org/fhir/SearchParameter/",
        ),
        (refused(json!({"code": "a.b"})), "SearchParameter.code: `a.b` is no name"),
        (refused(json!({"code": "_x"})), "SearchParameter.code: `_x` is no name"),
        (refused(json!({"base": ["Resource"]})), "SearchParameter.base: `Resource` is not"),
        (
            refused(json!({"base": ["AuditEvent"]})),
            "SearchParameter.base: `AuditEvent` is searched",
        ),
        (
            refused(json!({"type": "composite"})),
            "SearchParameter.type: parameters of type `composite`",
        ),
        (refused(json!({"type": "special"})), "SearchParameter.type: "),
        (refused(json!({"xpathUsage": "phonetic"})), "SearchParameter.xpathUsage: "),
        (
            path("Observation.nothing"),
            "SearchParameter.expression: `Observation` has no element `nothing`",
        ),
        (path("Observation.status +"), "SearchParameter.expression: unexpected end"),
        (path("Patient.name.given"), "SearchParameter.expression: "),
        (
            path("Observation.subject"),
            "SearchParameter.expression: parameters of type `string` have no values of `Reference`",
        ),
        (path("Observation.subject.display"), "SearchParameter.expression: `display` may tell"),
        (
            path("Observation.subject.identifier.value"),
            "SearchParameter.expression: `identifier` may tell",
        ),
        (
            path("Observation.performer.extension.value"),
            "SearchParameter.expression: `extension` may tell",
        ),
        (
            path("Observation.extension.value.display"),
            "SearchParameter.expression: `display` may tell",
        ),
        (path("Observation.text.div"), "SearchParameter.expression: `div` may tell"),
        (path("Observation.contained.text.div"), "SearchParameter.expression: "),
        (
            path("Observation.descendants()"),
            "SearchParameter.expression: it must name what it reads",
        ),
        (
            path("Observation.where(subject = performer).status"),
            "SearchParameter.expression: it must name",
        ),
        (
            path("Observation.effective.where($this > now())"),
            "SearchParameter.expression: it must name",
        ),
        (path("Observation.status & 'x'"), "SearchParameter.expression: it computes"),
    ] {
        assert!(told.starts_with(wanted), "{told} / {wanted}");
    }
    // What is not in force may say anything.
    let mut draft = fridge();
    draft["status"] = "draft".into();
    draft["code"] = "status".into();
    store.put_own(system(), &draft).unwrap();
    assert_eq!(store.total("Observation?status=final"), 0);
}

#[test]
fn two_of_one_name_are_refused_in_one_transaction_too() {
    let store = Store::new();
    store.param(&fridge());
    let mut other = fridge();
    other["id"] = "other".into();
    let failure = store.put_own(system(), &other).unwrap_err();
    assert_eq!(failure.category, Category::Unprocessable);
    assert!(failure.issues[0].diagnostics.contains("defined by SearchParameter/fridge"));
    let entry = |id: &str| {
        let mut body = parameter(id, "twin", "token", "Observation.status");
        body["id"] = id.into();
        json!({"resource": body, "request": {"method": "PUT", "url": format!("SearchParameter/{id}")}})
    };
    let both =
        json!({"resourceType": "Bundle", "type": "transaction", "entry": [entry("a"), entry("b")]});
    let failure = store.ask(system(), bundle(&both.to_string())).unwrap_err();
    assert_eq!(failure.category, Category::Unprocessable);
    let one = json!({"resourceType": "Bundle", "type": "transaction", "entry": [entry("a")]});
    store.ask(system(), bundle(&one.to_string())).unwrap();
    assert!(store.engine.wait_until_indexed());
    assert_eq!(store.total("Observation?twin=final"), 0);
}

/// An entry of the transaction that brings a parameter is found by it, wherever it stands.
#[test]
fn what_comes_with_it_is_found() {
    let store = Store::new();
    let entry = |body: &Value| {
        let url =
            format!("{}/{}", body["resourceType"].as_str().unwrap(), body["id"].as_str().unwrap());
        json!({"resource": body, "request": {"method": "PUT", "url": url}})
    };
    let entries =
        [entry(&observation("a", "north")), entry(&fridge()), entry(&observation("b", "north"))];
    let body = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
    store.ask(system(), bundle(&body.to_string())).unwrap();
    store.fill(0, 3);
    assert!(store.engine.wait_until_indexed());
    assert_eq!(store.finds("Observation?fridge=north"), ["a", "b", "o0"]);
}

#[test]
fn another_definition_is_indexed_anew_and_a_withdrawn_one_is_unknown() {
    let store = Store::new();
    store.fill(0, 9);
    store.param(&fridge());
    let mut changed = fridge();
    changed["expression"] = "Observation.status".into();
    store.rest_after(Some(0));
    store.put_own(system(), &changed).unwrap();
    assert!(store.finds("Observation?fridge=north")[0].contains("is being indexed, 0 %"));
    store.rest_after(None);
    assert!(store.engine.wait_until_indexed());
    assert_eq!(store.total("Observation?fridge=final"), 9);
    assert_eq!(store.total("Observation?fridge=north"), 0);
    // Words about it change nothing.
    changed["description"] = "y".into();
    store.rest_after(Some(0));
    store.put_own(system(), &changed).unwrap();
    assert_eq!(store.total("Observation?fridge=final"), 9);
    changed["status"] = "retired".into();
    store.put_own(system(), &changed).unwrap();
    assert!(store.finds("Observation?fridge=final")[0].contains("not known"));
    store.rest_after(None);
    store.param(&fridge());
    assert_eq!(store.total("Observation?fridge=north"), 3);
    let resource_type = ResourceType::from_name("SearchParameter").unwrap();
    let delete = Interaction::Delete { resource_type, id: id("fridge"), if_match: None };
    store.ask(system(), delete).unwrap();
    assert!(store.finds("Observation?fridge=north")[0].contains("not known"));
}

#[test]
fn references_are_followed_and_included() {
    let store = Store::new();
    store
        .put_own(system(), &json!({"resourceType": "Patient", "id": "p", "gender": "female"}))
        .unwrap();
    store
        .put_own(system(), &json!({"resourceType": "Practitioner", "id": "dr", "gender": "male"}))
        .unwrap();
    store.fill(0, 3);
    let path = "Observation.performer.where(resolve() is Practitioner)";
    let mut by = parameter("by", "by-whom", "reference", path);
    by["target"] = json!(["Practitioner"]);
    store.param(&by);
    assert_eq!(store.total("Observation?by-whom=dr"), 3);
    assert_eq!(store.total("Observation?by-whom:Practitioner.gender=male"), 3);
    assert_eq!(store.total("Observation?by-whom.gender=female"), 0);
    assert_eq!(store.total("Practitioner?_has:Observation:by-whom:status=final"), 1);
    let included = |url: &str| match store.ask(system(), Interaction::get(url).unwrap()) {
        Ok(Answer::Page(page)) => {
            page.included.iter().map(|v| v.id.to_string()).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(included("Observation?_include=Observation:by-whom"), ["dr"]);
    assert_eq!(included("Practitioner?_revinclude=Observation:by-whom").len(), 3);
    assert!(store.finds("Observation?by-whom.nothing=x")[0].contains("nothing"));
}

#[test]
fn each_base_has_its_alternatives() {
    let store = Store::new();
    let mut both = parameter(
        "surname",
        "surname",
        "string",
        "Patient.name.family | Practitioner.name.where(use = 'official').family | gender",
    );
    both["base"] = json!(["Practitioner", "Patient"]);
    store.param(&both);
    let name = json!([{"use": "old", "family": "Willow"}]);
    for kind in ["Patient", "Practitioner"] {
        let body = json!({"resourceType": kind, "id": "x", "name": name, "gender": "other"});
        store.put_own(system(), &body).unwrap();
    }
    assert_eq!(store.total("Patient?surname=willow"), 1);
    assert_eq!(store.total("Practitioner?surname=willow"), 0);
    assert_eq!(store.total("Practitioner?surname=other"), 1);
    assert!(store.finds("Person?surname=x")[0].contains("not known for Person"));
}

#[test]
fn segments_are_written_anew_and_merged() {
    let parts = Store::parts();
    let store = Store::opened(&parts, 64);
    store.fill(0, 300);
    store.param(&fridge());
    assert_eq!(store.total("Observation?fridge=north"), 100);
    store.fill(300, 450);
    assert_eq!(store.total("Observation?fridge=north"), 150);
    let store = store.again(&parts, 64);
    assert_eq!(store.total("Observation?fridge=north"), 150);
    let mut second = parameter("state", "state", "token", "Observation.status");
    store.param(&second);
    assert_eq!(store.total("Observation?state=final&fridge=south"), 300);
    second["status"] = "retired".into();
    store.put_own(system(), &second).unwrap();
    store.fill(0, 130);
    assert_eq!(store.total("Observation?fridge=north"), 150);
    let store = store.again(&parts, 64);
    assert_eq!(store.total("Observation?fridge=north"), 150);
    store.engine.close();
    is_sound(&parts);
}

/// The process ends after any batch; whoever opens the store goes on, and never finds too little.
#[test]
fn the_job_goes_on_where_a_process_ended() {
    for batches in [0, 3, 9, 17, 25, 40] {
        let parts = Store::parts();
        let store = Store::opened(&parts, 64);
        store.fill(0, 300);
        store.rest_after(Some(batches));
        store.put_own(system(), &fridge()).unwrap();
        while !store.engine.indexing_rests() {
            std::thread::yield_now();
        }
        let told = store.finds("Observation?fridge=north");
        assert!(told[0].contains("is being indexed") || told.len() == 20, "{told:?}");
        let store = store.again(&parts, 64);
        assert!(store.engine.wait_until_indexed());
        assert_eq!(store.total("Observation?fridge=north"), 100, "{batches}");
        assert_eq!(store.total("Observation?fridge=south"), 200, "{batches}");
        store.engine.close();
        is_sound(&parts);
    }
}

/// A release that extracts more than the one before asks all rows again, beside the requests.
#[test]
fn segments_of_an_earlier_release_are_indexed_anew() {
    let parts = Store::parts();
    let store = Store::opened(&parts, 64);
    store.fill(0, 200);
    store.param(&fridge());
    while store.engine.index.unsealed_chunks() > 1 {
        std::thread::yield_now();
    }
    store.engine.close();
    drop(store);
    let mut patched = 0;
    for name in parts.disk.list("segments").unwrap() {
        let file = parts.disk.open_write(&format!("segments/{name}")).unwrap();
        let mut header = [0; 64];
        file.read_at(0, &mut header).unwrap();
        header[12..14].copy_from_slice(&2u16.to_le_bytes());
        let crc = crc32c::crc32c(&header[..60]).to_le_bytes();
        header[60..].copy_from_slice(&crc);
        file.write_at(0, &header).unwrap();
        patched += 1;
    }
    assert!(patched > 0);
    let store = Store::opened(&parts, 64);
    while store.engine.index.indexing().unwrap().0 > 0 {
        std::thread::yield_now();
    }
    assert_eq!(store.total("Observation?code:text=x"), 200);
    assert_eq!(store.total("Observation?fridge=north"), 67);
    assert!(store.engine.index.lacking().unwrap().is_none());
    store.engine.close();
    is_sound(&parts);
}

/// What was kept for a resource that a crash did not let be logged is not in force.
#[test]
fn a_parameter_without_its_resource_is_none() {
    let parts = Store::parts();
    let store = Store::opened(&parts, 64);
    store.fill(0, 3);
    store.param(&fridge());
    let kept = parts.log.meta("search/own").unwrap().unwrap();
    let kept = String::from_utf8(kept)
        .unwrap()
        .replace("\"resource\":\"fridge\"", "\"resource\":\"other\"");
    store.engine.close();
    parts.log.put_meta("search/own", kept.as_bytes()).unwrap();
    let store = Store::opened(&parts, 64);
    assert!(store.engine.wait_until_indexed());
    assert_eq!(store.total("Observation?fridge=north"), 1);
    assert_eq!(store.engine.search_parameters().len(), 1);
}

/// Nobody is found by what they may have hidden, and evaluation that fails loses no write.
#[test]
fn an_expression_that_fails_gives_no_value() {
    let store = Store::new();
    // Two items where one is wanted.
    store.param(&parameter(
        "odd",
        "odd",
        "token",
        "Observation.performer.reference.startsWith('x')",
    ));
    let mut body = observation("many", "x");
    body["performer"] = json!([{"reference": "Practitioner/a"}, {"reference": "Practitioner/b"}]);
    store.put_own(feed(), &body).unwrap();
    store.put_own(feed(), &observation("one", "x")).unwrap();
    assert_eq!(store.finds("Observation?odd=false"), ["one"]);
    assert_eq!(store.finds("Observation?odd:missing=true"), ["many"]);
    let figures: std::collections::HashMap<_, _> = store.engine.stats().into_iter().collect();
    assert_eq!(figures["search_values_failed"], 1);
    // Who does not see an observation does not find it either.
    assert_eq!(found(&store, doctor(), "Observation?odd=false"), Vec::<String>::new());
}
