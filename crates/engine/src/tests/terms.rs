//! Questions about codes: what is asked, and that what the asker may not see answers nobody.

use serde_json::Value;

use crate::operation::{OPERATIONS, Operation};

use super::*;

fn operation(path: &str, query: &str, body: &str) -> Interaction {
    let parts: Vec<&str> = path.split('/').collect();
    let (on, id, name) = match parts.as_slice() {
        [on, name] => (*on, None, *name),
        [on, id, name] => (*on, Some(super::id(id)), *name),
        _ => panic!("{path}"),
    };
    let fits = |o: &&crate::Signature| o.on == on && o.name() == name && o.instance == id.is_some();
    let signature = OPERATIONS.iter().find(fits).unwrap();
    let (params, body) = (crate::url::pairs(query), Arc::from(body.as_bytes()));
    Interaction::Operation(Box::new(Operation { signature, id, params, body }))
}

fn clinician() -> Arc<Subject> {
    subject(Principal::Practitioner(id("dr")), Role::Clinician)
}

impl Store {
    fn define(&self, resource: &str) {
        let value: Value = serde_json::from_str(resource).unwrap();
        let kind = ResourceType::from_name(value["resourceType"].as_str().unwrap()).unwrap();
        let interaction = Interaction::Update {
            resource_type: kind,
            id: id(value["id"].as_str().unwrap()),
            body: Arc::from(resource.as_bytes()),
            if_match: None,
        };
        self.ask(system(), interaction).unwrap();
    }

    fn codes(&self, who: Arc<Subject>, path: &str, query: &str) -> Result<Value, Category> {
        self.codes_by(who, path, query, "")
    }

    fn codes_by(
        &self,
        who: Arc<Subject>,
        path: &str,
        query: &str,
        body: &str,
    ) -> Result<Value, Category> {
        match self.ask(who, operation(path, query, body)) {
            Ok(Answer::Resource(text)) => {
                let tape = accord_fhir::json::parse(text.as_bytes(), Default::default()).unwrap();
                assert_eq!(accord_validate::validate(tape.root()), [], "{text}");
                Ok(serde_json::from_str(&text).unwrap())
            }
            Err(failure) => Err(failure.category),
            other => panic!("{other:?}"),
        }
    }
}

/// The parameter of an answer.
fn part<'v>(answer: &'v Value, name: &str) -> &'v Value {
    let all = answer["parameter"].as_array().unwrap();
    let found = all.iter().find(|p| p["name"] == name).unwrap_or(&Value::Null);
    let value = found.as_object().and_then(|o| o.iter().find(|(k, _)| k.starts_with("value")));
    value.map_or(found, |(_, value)| value)
}

fn listed(answer: &Value) -> Vec<&str> {
    let all = answer["expansion"]["contains"].as_array();
    all.into_iter().flatten().map(|c| c["code"].as_str().unwrap()).collect()
}

const FRUIT: &str = r#"{"resourceType":"CodeSystem","id":"fruit","url":"urn:fruit","version":"1",
    "status":"active","content":"complete","caseSensitive":true,"hierarchyMeaning":"is-a",
    "property":[{"code":"colour","type":"string"}],
    "concept":[{"code":"pome","display":"Pome","concept":[
        {"code":"apple","display":"Apple","definition":"grows on trees",
         "designation":[{"language":"de","value":"Apfel"}],
         "property":[{"code":"colour","valueString":"red"}]},
        {"code":"pear","display":"Pear"}]},
        {"code":"cherry","display":"Cherry"}]}"#;
const POMES: &str = r#"{"resourceType":"ValueSet","id":"pomes","url":"urn:pomes","status":"active",
    "compose":{"include":[{"system":"urn:fruit","filter":[
        {"property":"concept","op":"descendent-of","value":"pome"}]}]}}"#;
const TO_COLOURS: &str = r#"{"resourceType":"ConceptMap","id":"map","url":"urn:map","status":"active",
    "group":[{"source":"urn:fruit","target":"urn:colours","element":[
        {"code":"apple","target":[{"code":"red","equivalence":"wider"}]}],
        "unmapped":{"mode":"fixed","code":"grey"}}]}"#;

#[test]
fn r4_is_known_to_everyone() {
    let store = Store::new();
    let gender = "http://hl7.org/fhir/ValueSet/administrative-gender";
    let found = store.codes(clinician(), "ValueSet/$expand", &format!("url={gender}")).unwrap();
    assert_eq!(listed(&found), ["male", "female", "other", "unknown"]);
    assert_eq!(found["expansion"]["total"], 4);
    let query = format!("url={gender}&filter=fem");
    let found = store.codes(clinician(), "ValueSet/$expand", &query).unwrap();
    assert_eq!(listed(&found), ["female"]);
    let query = format!("url={gender}&offset=1&count=2");
    let found = store.codes(clinician(), "ValueSet/$expand", &query).unwrap();
    assert_eq!(listed(&found), ["female", "other"]);
    assert_eq!(found["expansion"]["offset"], 1);
    let found = store.codes(clinician(), "ValueSet/$expand", "context=Patient.gender").unwrap();
    assert_eq!(found["url"], gender);
    let query = "system=http://terminology.hl7.org/CodeSystem/v3-ActMood&code=GOL";
    let found = store.codes(clinician(), "CodeSystem/$lookup", query).unwrap();
    assert_eq!(part(&found, "display"), "Goal");
    let query = "system=http://terminology.hl7.org/CodeSystem/v3-ActMood&codeA=EXPEC&codeB=GOL";
    let found = store.codes(clinician(), "CodeSystem/$subsumes", query).unwrap();
    assert_eq!(part(&found, "outcome"), "subsumes");
    let query = "url=http://hl7.org/fhir/ConceptMap/sc-account-status&code=active\
        &system=http://hl7.org/fhir/account-status";
    let found = store.codes(clinician(), "ConceptMap/$translate", query).unwrap();
    assert_eq!(part(&found, "result"), true);
    let record = store.recorded().pop().unwrap();
    assert_eq!((&*record.interaction, record.status), ("$translate", 200));
    assert!(record.patients.is_empty());
}

#[test]
fn stored_definitions_are_used_and_follow_their_versions() {
    let store = Store::new();
    [FRUIT, POMES, TO_COLOURS].into_iter().for_each(|resource| store.define(resource));
    let expand = |query: &str| store.codes(clinician(), "ValueSet/$expand", query);
    assert_eq!(listed(&expand("url=urn:pomes").unwrap()), ["apple", "pear"]);
    let german = expand("url=urn:pomes&displayLanguage=de&filter=apf").unwrap();
    assert_eq!(german["expansion"]["contains"][0]["display"], "Apfel");
    let more = expand("url=urn:pomes&includeDesignations=true").unwrap();
    assert_eq!(more["expansion"]["contains"][0]["designation"][0]["value"], "Apfel");
    let by_id = store.codes(clinician(), "ValueSet/pomes/$expand", "").unwrap();
    assert_eq!(listed(&by_id), ["apple", "pear"]);
    // A later version of the code system makes another set of the same definition.
    store.define(&FRUIT.replace(r#"{"code":"pear","display":"Pear"}"#, r#"{"code":"quince"}"#));
    assert_eq!(listed(&expand("url=urn:pomes").unwrap()), ["apple", "quince"]);
    assert_eq!(expand("url=urn:nothing").unwrap_err(), Category::NotFound);
    let body = r#"{"resourceType":"Parameters","parameter":[{"name":"excludeNested","valueBoolean":false},
        {"name":"valueSet","resource":{"resourceType":"ValueSet","status":"active",
            "compose":{"include":[{"system":"urn:fruit"}]}}}]}"#;
    let nested = store.codes_by(clinician(), "ValueSet/$expand", "", body).unwrap();
    assert_eq!(listed(&nested), ["pome", "cherry"]);
    assert_eq!(nested["expansion"]["contains"][0]["contains"][1]["code"], "quince");
}

#[test]
fn codes_are_validated_looked_up_and_translated() {
    let store = Store::new();
    [FRUIT, POMES, TO_COLOURS].into_iter().for_each(|resource| store.define(resource));
    let ask = |path: &str, query: &str| store.codes(clinician(), path, query).unwrap();
    for (query, expect) in [
        ("code=apple&system=urn:fruit", true),
        ("code=apple", true),
        ("code=apple&system=urn:fruit&display=Apfel", true),
        ("code=apple&system=urn:fruit&display=Pear", false),
        ("code=cherry&system=urn:fruit", false),
        ("code=apple&system=urn:fruit&systemVersion=2", false),
    ] {
        let found = ask("ValueSet/$validate-code", &format!("url=urn:pomes&{query}"));
        assert_eq!(part(&found, "result"), expect, "{query}");
        let found = ask("ValueSet/pomes/$validate-code", query);
        assert_eq!(part(&found, "result"), expect, "{query}");
    }
    let body = r#"{"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"urn:pomes"},
        {"name":"codeableConcept","valueCodeableConcept":{"coding":[{"system":"urn:x","code":"1"},
            {"system":"urn:fruit","code":"pear"}]}}]}"#;
    let found = store.codes_by(clinician(), "ValueSet/$validate-code", "", body).unwrap();
    assert_eq!(part(&found, "result"), true);
    for (query, expect) in [
        ("url=urn:fruit&code=cherry", true),
        ("url=urn:fruit&code=plum", false),
        ("url=urn:ietf:bcp:47&code=de-CH", true),
        ("url=http://unitsofmeasure.org&code=mg%5B", false),
    ] {
        let found = ask("CodeSystem/$validate-code", query);
        assert_eq!(part(&found, "result"), expect, "{query}");
    }
    let found = ask("CodeSystem/$lookup", "system=urn:fruit&code=apple&property=colour");
    assert_eq!(part(&found, "property")["part"][1]["valueString"], "red");
    let found = ask("CodeSystem/$lookup", "system=urn:fruit&code=apple&property=parent");
    assert_eq!(part(&found, "property")["part"][1]["valueCode"], "pome");
    for (code, to) in [("apple", "red"), ("pear", "grey")] {
        let found =
            ask("ConceptMap/$translate", &format!("url=urn:map&system=urn:fruit&code={code}"));
        assert_eq!(part(&found, "match")["part"][1]["valueCoding"]["code"], to);
    }
    let found = ask("ConceptMap/map/$translate", "system=urn:colours&code=red&reverse=true");
    assert_eq!(part(&found, "match")["part"][0]["valueCode"], "narrower");
    let lookup = |query: &str| store.codes(clinician(), "CodeSystem/$lookup", query).unwrap_err();
    assert_eq!(lookup("system=urn:fruit&code=plum"), Category::NotFound);
    assert_eq!(lookup("system=http://snomed.info/sct&code=1"), Category::NotFound);
    assert_eq!(lookup("system=urn:fruit&code=apple&colour=red"), Category::Invalid);
}

/// A clinician whose token reaches value sets alone.
fn limited() -> Arc<Subject> {
    let scopes = accord_base::Scopes::parse("user/ValueSet.rs").unwrap();
    let (id, client) = ("g".to_owned(), String::new());
    let grant = Some(Arc::new(accord_base::Grant { id, client, scopes, patient: None }));
    Arc::new(Subject { grant, ..(*clinician()).clone() })
}

#[test]
fn what_is_hidden_answers_nobody() {
    let store = Store::new();
    [FRUIT, POMES, TO_COLOURS].into_iter().for_each(|resource| store.define(resource));
    let all = |who: fn() -> Arc<Subject>| {
        let uses = r#"{"resourceType":"Parameters","parameter":[{"name":"valueSet","resource":
            {"resourceType":"ValueSet","status":"active","compose":{"include":[{"valueSet":["urn:pomes"]}]}}}]}"#;
        [
            store.codes(who(), "ValueSet/$expand", "url=urn:pomes").map(|_| ()),
            store.codes(who(), "ValueSet/pomes/$expand", "").map(|_| ()),
            store.codes(who(), "ValueSet/$validate-code", "url=urn:pomes&code=pear").map(|_| ()),
            store.codes_by(who(), "ValueSet/$expand", "", uses).map(|_| ()),
        ]
    };
    // First by somebody who sees the code system, so that what was compiled for them is there.
    assert_eq!(all(clinician), [Ok(()); 4]);
    assert_eq!(all(limited), [Err(Category::Unprocessable); 4]);
    assert_eq!(all(clinician), [Ok(()); 4]);
    let own = "url=http://hl7.org/fhir/ValueSet/administrative-gender";
    assert!(store.codes(limited(), "ValueSet/$expand", own).is_ok());
    let query = "system=urn:fruit&code=pear";
    assert_eq!(store.codes(limited(), "CodeSystem/$lookup", query), Err(Category::Forbidden));
}

#[test]
fn searches_ask_for_value_sets_and_hierarchies() {
    let store = Store::new();
    [FRUIT, POMES].into_iter().for_each(|resource| store.define(resource));
    for (id, code) in [("o1", "apple"), ("o2", "cherry"), ("o3", "pear"), ("o4", "pome")] {
        let coding = format!(r#"{{"system":"urn:fruit","code":"{code}"}}"#);
        store.define(&format!(
            r#"{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"coding":[{coding}]}}}}"#
        ));
    }
    let search = |who: Arc<Subject>, text: &str| {
        let interaction = Interaction::get(&format!("Observation?{text}&_sort=_id")).unwrap();
        match store.ask(who, interaction) {
            Ok(Answer::Page(page)) => {
                assert_eq!(page.total, Some(page.entries.len() as u64));
                Ok(page.entries.iter().map(|e| e.id.as_str().to_owned()).collect::<Vec<_>>())
            }
            Err(failure) => Err(failure.category),
            other => panic!("{other:?}"),
        }
    };
    for (text, expect) in [
        ("code:in=urn:pomes", "o1 o3"),
        ("code:in=ValueSet/pomes", "o1 o3"),
        ("code:not-in=urn:pomes", "o2 o4"),
        ("code:below=urn:fruit%7Cpome", "o1 o3 o4"),
        ("code:above=urn:fruit%7Capple", "o1 o4"),
        ("code:above=urn:fruit%7Capple&code:not-in=urn:pomes", "o4"),
    ] {
        assert_eq!(search(system(), text).unwrap().join(" "), expect, "{text}");
    }
    for (text, expect) in [
        ("code:in=urn:nobody", Category::NotFound),
        ("code:in=ValueSet/nobody", Category::NotFound),
        ("code:in=http://hl7.org/fhir/ValueSet/mimetypes", Category::Unprocessable),
        ("code:below=urn:fruit%7Cplum", Category::NotFound),
        ("code:below=http://snomed.info/sct%7C1", Category::NotFound),
    ] {
        assert_eq!(search(system(), text).unwrap_err(), expect, "{text}");
    }
    // A token that reaches observations alone uses no stored definition.
    let scopes = accord_base::Scopes::parse("user/Observation.rs").unwrap();
    let (id, client) = ("g".to_owned(), String::new());
    let grant = Some(Arc::new(accord_base::Grant { id, client, scopes, patient: None }));
    let who = Arc::new(Subject { grant, ..(*clinician()).clone() });
    assert_eq!(search(who.clone(), "code:in=urn:pomes"), Err(Category::NotFound));
    let hidden = "code:in=ValueSet/pomes";
    assert_eq!(search(who.clone(), hidden), search(who, "code:in=ValueSet/nobody"));
}

#[test]
fn systems_loaded_from_files_are_known_to_everyone() {
    use accord_terminology::{Builder, Content, Head, Origin};
    let store = Store::new();
    let load = |version: &str, codes: &[&str]| {
        let mut builder = Builder::new(Head {
            origin: Origin::File(0),
            url: "http://loinc.org".to_owned(),
            version: Some(version.to_owned()),
            name: "LOINC".to_owned(),
            content: Content::Complete,
            case_sensitive: false,
            value_set: None,
            supplements: None,
        });
        let top = builder.concept("LP1-1", "Top", None);
        for code in codes {
            let at = builder.concept(code, "Made up", None);
            builder.below(at, top);
        }
        store.engine.keep_code_system(&builder.finish()).unwrap();
    };
    let expand = || store.codes(clinician(), "ValueSet/$expand", "url=http://loinc.org/vs/LP1-1");
    assert_eq!(expand().unwrap_err(), Category::Unprocessable);
    load("1", &["1-8"]);
    assert_eq!(listed(&expand().unwrap()), ["LP1-1", "1-8"]);
    // A newer version is used, the older one when it is asked for.
    load("2", &["1-8", "2-6"]);
    assert_eq!(listed(&expand().unwrap()), ["LP1-1", "1-8", "2-6"]);
    let query = "system=http://loinc.org&code=2-6";
    let ask = |query: &str| store.codes(clinician(), "CodeSystem/$lookup", query);
    assert_eq!(part(&ask(query).unwrap(), "version"), "2");
    assert_eq!(ask(&format!("{query}&version=1")), Err(Category::NotFound));
    // The same version again takes its place.
    load("2", &["3-4"]);
    assert_eq!(listed(&expand().unwrap()), ["LP1-1", "3-4"]);
}
