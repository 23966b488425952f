//! What ends a call and what does not: reviews, partial looks, mistakes, restarts.

use accord_emergency::{Rules, Timers};
use accord_engine::Interaction;
use accord_spec::ResourceType;
use serde_json::{Value, json};

use crate::timers::{ASSESSMENT, IN_CHARGE, end_by, run, tasks, text};
use crate::world::*;

/// The Task of an attendance that these words tell, as it is stored.
fn task(world: &World, encounter: &str, what: &str, role: &str) -> Value {
    let is = |task: &&Value| {
        let code = |at| text(task, at);
        code("/code/coding/0/code") == what
            && code("/performerType/0/coding/0/code") == role
            && code("/status") == "requested"
    };
    world.of("Task", encounter).iter().find(is).unwrap().clone()
}

/// Somebody says by plain FHIR that a Task is in this state.
fn say(world: &World, mut task: Value, status: &str) {
    *task.pointer_mut("/status").unwrap() = json!(status);
    world.put(&nurse(), task);
}

/// How many open Tasks are of something due.
fn called(world: &World, encounter: &str, what: &str) -> usize {
    let open = format!("{what} requested");
    tasks(world, encounter).iter().filter(|task| task.starts_with(&open)).count()
}

const HIGH: [&str; 5] = ["26", "93", "105", "112", "38.5"];
const REGISTRAR: &str = "registrar or above, with critical-care competences";

/// Treatment begins with a NEWS2 of 9.
fn very_ill(world: &World) -> String {
    let encounter = world.arrive("ann");
    let mut taken = vitals(HIGH, "air", "A");
    taken.extend([acuity(2), json!({"name": "started", "valueBoolean": true})]);
    let answer = world.assess(&encounter, taken).unwrap();
    assert_eq!(tell(&answer, "score.total score.level"), "9 high");
    encounter
}

#[test]
fn the_sickest_are_reviewed_and_looked_at_again_over_a_restart() {
    let mut world = World::new();
    let mut timers = Timers::new(Rules::built_in().unwrap());
    let encounter = very_ill(&world);
    let both = [
        "observations requested registered-nurse".to_owned(),
        format!("review requested {REGISTRAR}"),
    ];
    let mut own = tasks(&world, &encounter);
    own.sort();
    assert_eq!(own, both);
    assert_eq!(run(&world, &mut timers), 0, "all of it is there");
    world.wait(20);
    // The same again does not put the review off.
    let mut again = vitals(HIGH, "air", "A");
    again.push(acuity(2));
    world.assess(&encounter, again).unwrap();
    let row = world.board(&nurse()).remove(0);
    assert_eq!(tell(&row, "due.what due.overdue"), "review false");
    assert!(told(&row, "due.at").as_str() < "2026-11-22T10:31");
    world.restart();
    let mut timers = Timers::new(Rules::built_in().unwrap());
    world.wait(11);
    assert_eq!(run(&world, &mut timers), 1);
    assert_eq!(called(&world, &encounter, "review"), 2, "the nurse in charge is called");
    world.restart();
    let mut timers = Timers::new(Rules::built_in().unwrap());
    assert_eq!(run(&world, &mut timers), 0, "and not twice");
    say(&world, task(&world, &encounter, "review", REGISTRAR), "completed");
    let row = world.board(&nurse()).remove(0);
    assert_eq!(tell(&row, "due.what due.overdue"), "observations false", "they were reviewed");
    world.wait(20);
    assert_eq!(run(&world, &mut timers), 1, "observations are overdue");
    assert_eq!(called(&world, &encounter, "observations"), 2);
}

#[test]
fn a_pulse_alone_ends_no_observations() {
    let world = World::new();
    let mut timers = Timers::new(Rules::built_in().unwrap());
    let encounter = very_ill(&world);
    world.wait(31);
    assert_eq!(run(&world, &mut timers), 2);
    let pulse = measured_as("8867-4", "95", "/min");
    world.assess(&encounter, vec![pulse, acuity(2)]).unwrap();
    assert_eq!(called(&world, &encounter, "observations"), 2, "who was called stays called");
    assert_eq!(called(&world, &encounter, "review"), 2);
    world.wait(15);
    run(&world, &mut timers);
    assert_eq!(called(&world, &encounter, "observations"), 3);
    let normal = ["16", "98", "120", "70", "37.0"];
    world.assess(&encounter, vitals(normal, "air", "A")).unwrap();
    assert_eq!(called(&world, &encounter, "observations"), 1, "all of them end them");
    assert_eq!(called(&world, &encounter, "review"), 0, "and nobody has to come");
    assert!(tasks(&world, &encounter).iter().all(|task| !task.starts_with("review completed")));
}

#[test]
fn who_was_ended_by_mistake_is_called_about_again() {
    let world = World::new();
    let mut timers = Timers::new(Rules::built_in().unwrap());
    let encounter = world.arrive("ann");
    world.wait(16);
    assert_eq!(run(&world, &mut timers), 2);
    let before = crate::flow::stored(&world, &encounter);
    end_by(&world, &nurse(), &encounter, "home");
    assert_eq!(run(&world, &mut timers), 0);
    world.fed(before);
    assert_eq!(run(&world, &mut timers), 2);
    assert_eq!(called(&world, &encounter, "assessment"), 2);
    // A Task that somebody deletes leaves no name behind that another has already.
    for generation in 0..2 {
        for task in world.of("Task", &encounter) {
            let is_open = text(&task, "/status") == "requested";
            if is_open {
                say(&world, task, "cancelled");
            } else if generation == 1
                && text(&task, "/identifier/0/value").matches('.').count() == 3
            {
                let gone = Interaction::Delete {
                    resource_type: ResourceType::from_name("Task").unwrap(),
                    id: id(&text(&task, "/id")),
                    if_match: None,
                };
                world.ask(&feed("north"), gone).unwrap();
            }
        }
        world.wait(6);
        assert_eq!(run(&world, &mut timers), 2, "{generation}");
        assert_eq!(timers.failed(), 0);
    }
    // Who says that it is done, and it is not, has some time before they are asked again.
    say(&world, task(&world, &encounter, "assessment", "nurse-in-charge"), "completed");
    world.wait(1);
    assert_eq!(run(&world, &mut timers), 0);
    world.wait(15);
    assert_eq!(run(&world, &mut timers), 2, "again, and the physician");
}

#[test]
fn a_child_is_observed_by_the_interval_of_their_score() {
    let world = World::new();
    let mut timers = Timers::new(Rules::built_in().unwrap());
    let encounter = world.arrive("cat");
    let mut taken = vitals(["55", "98", "90", "155", "37.0"], "air", "A");
    let distress = coded("respiratory-distress", "urn:accord:respiratory-distress", "moderate");
    taken.extend([distress, measured_as("44963-7", "3", "s"), acuity(4)]);
    let answer = world.assess(&encounter, taken).unwrap();
    assert_eq!(tell(&answer, "score.total score.level next-due.what"), "8 medium review");
    world.wait(31);
    assert_eq!(run(&world, &mut timers), 2, "observations and the review are overdue");
    assert_eq!(
        [called(&world, &encounter, "observations"), called(&world, &encounter, "review")],
        [2, 2]
    );
}

#[test]
fn who_a_feed_says_is_treated_is_assessed_all_the_same() {
    let world = World::new();
    let mut timers = Timers::new(Rules::built_in().unwrap());
    world.fed(json!({"resourceType": "Encounter", "id": "theirs", "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"},
        "subject": {"reference": "Patient/bob"}, "period": {"start": NOW.to_string()},
        "serviceProvider": {"reference": "Organization/north"}}));
    assert_eq!(run(&world, &mut timers), 1);
    world.wait(16);
    assert_eq!(run(&world, &mut timers), 1);
    assert_eq!(tasks(&world, "theirs"), [ASSESSMENT, IN_CHARGE]);
    world.assess("theirs", vec![acuity(3)]).unwrap();
    assert_eq!(run(&world, &mut timers), 0);
    let row = world.board(&nurse()).remove(0);
    assert_eq!(tell(&row, "status phase due.what"), "in-progress in-treatment -");
}

#[test]
fn whoever_has_reviewed_says_so_and_the_calls_end() {
    let world = World::new();
    let mut timers = Timers::new(Rules::built_in().unwrap());
    let encounter = very_ill(&world);
    let row = world.board(&nurse()).remove(0);
    let due = row["part"].as_array().unwrap().iter().filter(|part| part["name"] == "due");
    assert_eq!(due.map(|due| told(due, "what")).collect::<Vec<_>>(), ["review", "observations"]);
    world.wait(46);
    assert_eq!(run(&world, &mut timers), 4, "the nurse in charge and the physician, of both");
    assert_eq!(called(&world, &encounter, "review"), 3);
    let reviewed = json!({"name": "reviewed", "valueBoolean": true});
    let note = json!({"name": "note", "valueString": "Seen, antibiotics given."});
    let too_much = world.assess(&encounter, vec![reviewed.clone(), acuity(2)]).unwrap_err();
    assert!(too_much.starts_with("422 `reviewed` stands alone"), "{too_much}");
    world.assess(&encounter, vec![reviewed.clone(), note]).unwrap();
    assert_eq!(called(&world, &encounter, "review"), 0);
    let done = world.of("Task", &encounter).into_iter();
    let done: Vec<Value> = done.filter(|task| text(task, "/status") == "completed").collect();
    let [done] = done.as_slice() else { panic!("{done:?}") };
    assert_eq!(text(done, "/note/0/text"), "Seen, antibiotics given.");
    assert_ne!(text(done, "/owner/reference"), "-");
    let row = world.board(&nurse()).remove(0);
    assert_eq!(tell(&row, "due.what due.overdue acuity"), "observations true 2");
    assert_eq!(run(&world, &mut timers), 0, "and nobody is called about it again");
    let twice = world.assess(&encounter, vec![reviewed.clone()]).unwrap_err();
    assert!(twice.starts_with("422 no review is asked for"), "{twice}");
    // Reception says nothing of the kind.
    let asked = Value::Array(vec![reviewed]);
    assert!(world.operate(&reception(), ("$assess", Some(&encounter)), asked).is_err());
}
