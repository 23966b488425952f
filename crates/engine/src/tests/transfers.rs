//! Another organisation comes to answer for a record: who may let it, what goes, what stays closed.

use super::merges::{
    denial, doctor, done, feed, found, merge, observation, operation, own, patient, reference,
    refused, seal, visit,
};
use super::*;

const GIVER: &str = "new-hospital";

fn at(organization: &str, who: &Arc<Subject>) -> Arc<Subject> {
    Arc::new(Subject { organization: Some(id(organization)), ..(**who).clone() })
}

fn officer(organization: &str) -> Arc<Subject> {
    let officer = subject(Principal::Practitioner(id("officer")), Role::PrivacyOfficer);
    Arc::new(Subject { purpose: Purpose::Hoperat, ..(*at(organization, &officer)).clone() })
}

fn put(store: &Store, who: Arc<Subject>, body: &str) -> Outcome {
    let tape = accord_fhir::json::parse(body.as_bytes(), Default::default()).unwrap();
    let text = |name| tape.root().get_str(name).unwrap().into_owned();
    let resource_type = ResourceType::from_name(&text("resourceType")).unwrap();
    let (id, body) = (id(&text("id")), Arc::from(body.as_bytes()));
    store.ask(who, Interaction::Update { resource_type, id, body, if_match: None })
}

fn given(store: &Store, body: &str) {
    put(store, feed(), body).unwrap();
}

/// A hospital with two patients, one of them in its doctor's care, and another hospital.
fn fill(store: &Store) {
    for name in [GIVER, "river"] {
        put(
            store,
            system(),
            &format!(r#"{{"resourceType":"Organization","id":"{name}","name":"x"}}"#),
        )
        .unwrap();
    }
    for body in [
        patient("a", ""),
        patient("b", ""),
        observation("of-a", "a"),
        observation("of-a", "a").replace("final", "amended"),
        observation("gone", "a"),
        observation("of-b", "b"),
        visit("visit-a", "a"),
        visit("visit-b", "b"),
    ] {
        given(store, &body);
    }
    let (resource_type, id) = (ResourceType::OBSERVATION, id("gone"));
    store.ask(feed(), Interaction::Delete { resource_type, id, if_match: None }).unwrap();
}

fn filled() -> Store {
    let store = Store::new();
    fill(&store);
    store
}

fn offering(of: &str, to: &str) -> Interaction {
    let reason = r#"{"name":"reason","valueString":"the practice closes"}"#;
    let patient = reference("patient", &format!("Patient/{of}"));
    let to = reference("receiver", &format!("Organization/{to}"));
    operation("$offer-transfer", &format!("{patient},{to},{reason}"))
}

/// Makes an offer; the id of its Task.
fn offer(store: &Store, of: &str) -> String {
    let told = done(store.ask(officer(GIVER), offering(of, "river")));
    let at = told.find(r#""resourceType":"Task","id":""#).unwrap() + 28;
    told[at..].split('"').next().unwrap().to_owned()
}

fn accepting(task: &str) -> Interaction {
    operation("$accept-transfer", &reference("offer", &format!("Task/{task}")))
}

fn accept(store: &Store, task: &str) -> Outcome {
    store.ask(officer("river"), accepting(task))
}

fn observations(store: &Store, who: Arc<Subject>) -> Vec<String> {
    found(store, who, "Observation?_sort=_id")
}

/// The controllers of every version of every resource named.
fn is_whole(store: &Store, names: &[(&str, String)]) -> bool {
    let upkeep = store.engine.index.upkeep();
    names.iter().all(|(kind, id)| {
        let of = ResourceType::from_name(kind).unwrap();
        let versions = upkeep.versions(of, id);
        versions.iter().all(|version| version.controller == versions[0].controller)
    })
}

#[test]
fn a_record_goes_whole_to_who_accepts_it() {
    let store = filled();
    assert_eq!(observations(&store, doctor()), ["of-a", "of-b"]);
    let before = observations(&store, own("a"));
    let task = offer(&store, "a");
    assert_eq!(observations(&store, feed()), ["of-a", "of-b"], "an offer moves nothing");
    assert!(done(accept(&store, &task)).contains("took the record over"));
    assert_eq!(observations(&store, feed()), ["of-b"]);
    assert_eq!(observations(&store, doctor()), ["of-b"]);
    assert_eq!(observations(&store, at("river", &feed())), ["of-a"]);
    let history = "Observation/of-a/_history";
    assert_eq!(found(&store, at("river", &feed()), history).len(), 2);
    let gone = found(&store, at("river", &feed()), "Observation/gone/_history");
    assert_eq!(gone.len(), 2, "what was deleted as well");
    assert_eq!(observations(&store, own("a")), before);
    // Nobody at the receiver has a relationship by what the giver said.
    assert_eq!(observations(&store, at("river", &doctor())), Vec::<String>::new());
    let visit = visit("visit-r", "a").replace(GIVER, "river");
    put(&store, at("river", &feed()), &visit).unwrap();
    assert_eq!(observations(&store, at("river", &doctor())), ["of-a"]);
    // It is the receiver's to write, and no longer the giver's.
    let more = observation("of-a", "a");
    assert_eq!(refused(put(&store, feed(), &more)), Category::Conflict);
    put(&store, at("river", &feed()), &more).unwrap();
    assert_eq!(refused(accept(&store, &task)), Category::Conflict, "an offer is taken once");
}

#[test]
fn a_transfer_is_recorded_and_told_to_the_patient() {
    let store = filled();
    let task = offer(&store, "a");
    let record = store.last_write();
    assert_eq!((&*record.interaction, &record.patients[..]), ("$offer-transfer", &[id("a")][..]));
    done(accept(&store, &task));
    let record = store.last_write();
    assert_eq!((&*record.interaction, &record.patients[..]), ("$accept-transfer", &[id("a")][..]));
    assert!(record.decision.permit && !record.decision.rules.is_empty());
    assert_eq!(found(&store, own("a"), "Task?_count=9").len(), 2);
    for (who, count) in [(officer(GIVER), 1), (officer("river"), 1), (doctor(), 0), (own("b"), 0)] {
        assert_eq!(found(&store, who, "Task?_count=9").len(), count);
    }
}

#[test]
fn both_sides_must_say_so() {
    let store = filled();
    for who in [feed(), doctor(), own("a"), super::merges::desk()] {
        assert_eq!(refused(store.ask(who.clone(), offering("a", "river"))), Category::Forbidden);
        assert_eq!(refused(store.ask(who, accepting("x"))), Category::Forbidden);
    }
    let told = |who: Arc<Subject>, asked: Interaction| format!("{:?}", store.ask(who, asked));
    // Of other organisations' patients nothing is told, nor of their Tasks.
    assert_eq!(
        told(officer("river"), offering("a", GIVER)),
        told(officer("river"), offering("nobody", GIVER))
    );
    let task = offer(&store, "a");
    for who in [officer(GIVER), officer("third")] {
        assert_eq!(told(who.clone(), accepting(&task)), told(who, accepting("nothing")));
    }
    for to in [GIVER, "nowhere"] {
        let outcome = store.ask(officer(GIVER), offering("a", to));
        assert_eq!(refused(outcome), Category::Unprocessable);
    }
    // An offer that is withdrawn, or made by hand, is none.
    let text = found(&store, officer(GIVER), &format!("Task/{task}")).remove(0);
    put(&store, officer(GIVER), &text.replace("requested", "cancelled")).unwrap();
    assert_eq!(refused(accept(&store, &task)), Category::Conflict);
    let forged = text.replace(&task, "forged");
    for who in [feed(), doctor(), officer(GIVER)] {
        assert!(put(&store, who, &forged).is_err());
    }
    assert_eq!(observations(&store, feed()), ["of-a", "of-b"]);
}

#[test]
fn an_offer_ends() {
    let parts = Store::parts();
    let clock = Arc::new(ManualClock::new(NOW));
    let store = Store::with(Parts { clock: clock.clone(), ..parts }, AnswerLimits::default());
    fill(&store);
    let task = offer(&store, "a");
    clock.advance_us(31 * 86_400 * LogTime::SECOND_US);
    assert_eq!(refused(accept(&store, &task)), Category::Conflict);
    done(accept(&store, &offer(&store, "a")));
}

#[test]
fn what_was_closed_stays_closed() {
    for (closing, by_care) in [(denial("no", "a", "active"), false), (seal("seal", "a"), true)] {
        let store = filled();
        given(&store, &closing);
        let task = offer(&store, "a");
        done(accept(&store, &task));
        let visit = visit("visit-r", "a").replace(GIVER, "river");
        put(&store, at("river", &feed()), &visit).unwrap();
        assert_eq!(observations(&store, at("river", &doctor())), Vec::<String>::new());
        let (desk, url) = (at("river", &super::merges::desk()), "Patient?_sort=_id");
        if by_care {
            assert_eq!(found(&store, desk, url), Vec::<String>::new());
        }
    }
}

#[test]
fn a_seal_on_part_of_a_record_goes_with_it() {
    let store = filled();
    let part = seal("seal", "a").replace(
        r#""provision":{"#,
        r#""provision":{"class":[{"system":"http://hl7.org/fhir/resource-types","code":"Observation"}],"#,
    );
    given(&store, &part);
    done(accept(&store, &offer(&store, "a")));
    let visit = visit("visit-r", "a").replace(GIVER, "river");
    put(&store, at("river", &feed()), &visit).unwrap();
    let river = at("river", &doctor());
    assert_eq!(observations(&store, river.clone()), Vec::<String>::new());
    assert_eq!(found(&store, river, "Patient?_sort=_id"), ["a"]);
}

#[test]
fn the_receivers_label_rules_see_what_came() {
    let store = filled();
    given(
        &store,
        &observation("coded", "a").replace(
            r#""code":{"text":"x"}"#,
            r#""code":{"coding":[{"system":"http://loinc.org","code":"8310-5"}]}"#,
        ),
    );
    let rule = r#"{"resourceType":"PlanDefinition","id":"rule","status":"active",
        "meta":{"profile":["urn:accord:profile:label-rule"]},
        "action":[{"code":[{"coding":[{"code":"PSY",
                "system":"http://terminology.hl7.org/CodeSystem/v3-ActCode"}]}],
            "input":[{"type":"Resource","codeFilter":[{"path":"$this","code":[
                {"system":"http://loinc.org","code":"8310-5"}]}]}]}]}"#;
    put(&store, at("river", &feed()), rule).unwrap();
    assert!(store.engine.wait_until_labelled());
    let labels =
        || store.engine.index.upkeep().versions(ResourceType::OBSERVATION, "coded")[0].labels;
    assert_eq!(labels(), 0);
    done(accept(&store, &offer(&store, "a")));
    assert!(store.engine.wait_until_labelled());
    assert_ne!(labels(), 0);
}

#[test]
fn what_would_lose_its_hold_keeps_the_record() {
    let store = filled();
    let bound = denial("no", "a", "active").replace(
        r#""category""#,
        r#""organization":[{"reference":"Organization/new-hospital"}],"category""#,
    );
    given(&store, &bound);
    let task = offer(&store, "a");
    assert_eq!(refused(accept(&store, &task)), Category::Conflict);
    given(&store, &bound.replace(r#""active""#, r#""inactive""#));
    let list = r#"{"resourceType":"List","id":"cleared","status":"current","mode":"snapshot",
        "meta":{"profile":["urn:accord:profile:cleared-list"]},
        "extension":[{"url":"urn:accord:extension:valid-until","valueDateTime":"2999-01-01T00:00:00Z"}],
        "code":{"coding":[{"system":"urn:accord:codes","code":"national-data-opt-out"}]}}"#;
    given(&store, list);
    assert_eq!(refused(accept(&store, &task)), Category::Conflict);
    put(&store, at("river", &feed()), &list.replace("cleared\"", "cleared-r\"")).unwrap();
    done(accept(&store, &task));
}

#[test]
fn what_names_others_stays_and_one_person_goes_together() {
    let store = filled();
    let both = r#"{"resourceType":"Communication","id":"both","status":"completed",
        "subject":{"reference":"Patient/a"},"recipient":[{"reference":"Patient/b"}]}"#;
    given(&store, both);
    given(
        &store,
        &patient("c", r#","link":[{"other":{"reference":"Patient/b"},"type":"seealso"}]"#),
    );
    assert_eq!(refused(accept(&store, &offer(&store, "c"))), Category::Conflict);
    done(accept(&store, &offer(&store, "a")));
    assert_eq!(found(&store, feed(), "Communication"), ["both"]);
    assert_eq!(found(&store, at("river", &feed()), "Communication"), Vec::<String>::new());
    let merged = filled();
    done(merged.ask(system(), merge("b", "a")));
    done(accept(&merged, &offer(&merged, "a")));
    assert_eq!(observations(&merged, feed()), Vec::<String>::new());
    assert_eq!(observations(&merged, at("river", &feed())), ["of-a", "of-b"]);
}

#[test]
fn pages_begun_before_show_no_more_than_now() {
    let store = filled();
    let first = store.ask(feed(), Interaction::get("Observation?_count=1&_sort=_id").unwrap());
    let Ok(Answer::Page(page)) = first else { panic!("{first:?}") };
    let next = page.next.clone().unwrap();
    done(accept(&store, &offer(&store, "b")));
    let next =
        || Interaction::get(&format!("Observation?_count=1&_sort=_id&_cursor={next}")).unwrap();
    let asked = store.ask(feed(), next());
    let Ok(Answer::Page(page)) = asked else { panic!("{asked:?}") };
    assert!(page.entries.is_empty(), "the second is the other's");
}

#[test]
fn a_replay_of_the_log_knows_who_answers() {
    let parts = Store::parts_on(Arc::new(MemoryLog::new()));
    let store = Store::with(parts.clone(), AnswerLimits::default());
    fill(&store);
    given(&store, &seal("seal", "b"));
    (0..70).for_each(|n| given(&store, &observation(&format!("more-{n}"), "b")));
    for of in ["a", "b"] {
        done(accept(&store, &offer(&store, of)));
    }
    // Enough rows that the transfers lie in a sealed segment.
    (0..150).for_each(|n| given(&store, &observation(&format!("other-{n}"), "c")));
    let told = |store: &Store| {
        let asked = [feed(), doctor(), at("river", &feed()), at("river", &doctor()), own("a")];
        asked.map(|who| found(store, who, "Observation?_sort=_id&_count=500"))
    };
    let before = told(&store);
    assert_eq!((before[0].len(), before[1].len(), before[2].len()), (150, 0, 72));
    drop(store);
    assert_eq!(told(&Store::with(parts, AnswerLimits::default())), before);
}

#[test]
fn no_resource_is_torn_by_what_is_written_meanwhile() {
    for round in 0..6 {
        let store = filled();
        let task = offer(&store, "a");
        std::thread::scope(|scope| {
            for n in 0..4 {
                let store = &store;
                scope.spawn(move || {
                    for m in 0..6 {
                        let body = observation(&format!("o-{}", (n + m + round) % 5), "a");
                        // Refused once the record has gone.
                        let _ = put(store, feed(), &body);
                    }
                });
            }
            scope.spawn(|| accept(&store, &task));
        });
        let names: Vec<(&str, String)> =
            (0..5).map(|n| ("Observation", format!("o-{n}"))).collect();
        assert!(is_whole(&store, &names));
    }
}

#[test]
fn records_that_are_too_large_are_not_moved() {
    let store = filled();
    (0..500).for_each(|n| given(&store, &observation(&format!("more-{n}"), "a")));
    assert_eq!(refused(accept(&store, &offer(&store, "a"))), Category::TooCostly);
}
