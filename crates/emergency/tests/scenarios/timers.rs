//! What time alone asks for, with a clock that stands still until it is moved.

use std::cell::Cell;

use accord_emergency::{Rules, Timers};
use accord_engine::{Answer, Category, Failure, Interaction, Outcome, Request};
use serde_json::{Value, json};

use crate::world::*;

/// Tasks of an attendance as `code state role`, in the order of when they are due.
pub fn tasks(world: &World, encounter: &str) -> Vec<String> {
    let mut all = world.of("Task", encounter);
    let due =
        |task: &Value| (text(task, "/restriction/period/end"), task.get("priority").is_some());
    all.sort_by_key(due);
    let told = |task: &Value| {
        let role = text(task, "/performerType/0/coding/0/code");
        format!("{} {} {role}", text(task, "/code/coding/0/code"), text(task, "/status"))
    };
    all.iter().map(told).collect()
}

pub fn text(of: &Value, at: &str) -> String {
    of.pointer(at).and_then(Value::as_str).unwrap_or("-").to_owned()
}

pub fn run(world: &World, timers: &mut Timers) -> usize {
    timers.run(world.engine.now(), &|request| world.engine.handle_blocking(request)).unwrap()
}

pub const ASSESSMENT: &str = "assessment requested triage-nurse";
pub const IN_CHARGE: &str = "assessment requested nurse-in-charge";
const PHYSICIAN: &str = "assessment requested emergency-physician-in-charge";

#[test]
fn who_waits_too_long_is_told_of_to_one_after_the_other() {
    let world = World::new();
    let mut timers = Timers::new(Rules::built_in().unwrap());
    assert_eq!(run(&world, &mut timers), 0);
    // Reception may not write what is due; the timers do.
    let encounter = world.arrive("ann");
    assert_eq!(tasks(&world, &encounter), [""; 0]);
    assert_eq!(run(&world, &mut timers), 1);
    assert_eq!(tasks(&world, &encounter), [ASSESSMENT]);
    world.wait(15);
    assert_eq!(run(&world, &mut timers), 0, "due now, not overdue");
    world.wait(1);
    assert_eq!(run(&world, &mut timers), 1);
    assert_eq!(run(&world, &mut timers), 0, "once");
    assert_eq!(tasks(&world, &encounter), [ASSESSMENT, IN_CHARGE]);
    world.wait(15);
    // After a restart they go on where they were.
    let mut timers = Timers::new(Rules::built_in().unwrap());
    assert_eq!(run(&world, &mut timers), 1);
    assert_eq!(tasks(&world, &encounter), [ASSESSMENT, IN_CHARGE, PHYSICIAN]);
    // The last of them is called again for as long as it is not done, and once at a time.
    for _ in 0..40 {
        world.wait(15);
        assert_eq!(run(&world, &mut timers), 1);
        assert_eq!(run(&world, &mut timers), 0);
        assert_eq!(open(&world, "Task", &encounter), 4);
    }
    let row = &world.board(&nurse())[0];
    assert_eq!(
        tell(row, "phase due.overdue due.who"),
        "escalated true emergency-physician-in-charge"
    );
}

#[test]
fn an_assessment_ends_all_that_was_due_and_begins_anew() {
    let world = World::new();
    let mut timers = Timers::new(Rules::built_in().unwrap());
    let encounter = world.arrive("ann");
    world.wait(20);
    assert_eq!(run(&world, &mut timers), 2, "what is due, and that it is overdue");
    world.assess(&encounter, vec![acuity(2)]).unwrap();
    assert_eq!(run(&world, &mut timers), 0);
    let again = "re-triage requested triage-nurse";
    let ended = ASSESSMENT.replace("requested", "completed");
    let told = IN_CHARGE.replace("requested", "completed");
    assert_eq!(tasks(&world, &encounter), [ended.as_str(), told.as_str(), again]);
    world.wait(16);
    assert_eq!(run(&world, &mut timers), 1);
    assert_eq!(tasks(&world, &encounter).last().unwrap(), "re-triage requested nurse-in-charge");
    let parameters = json!([{"name": "disposition", "valueCode": "home"}]);
    world.operate(&nurse(), ("$dispose", Some(&encounter)), parameters).unwrap();
    world.wait(600);
    assert_eq!(run(&world, &mut timers), 0, "it is over");
    assert!(tasks(&world, &encounter).iter().all(|task| !task.contains("requested")));
}

#[test]
fn what_timers_write_belongs_to_the_hospital() {
    let world = World::new();
    let encounter = world.arrive("bob");
    world.wait(20);
    run(&world, &mut Timers::new(Rules::built_in().unwrap()));
    assert_eq!(world.of("Task", &encounter).len(), 2, "its nurse sees them");
    let url = "Task?_count=10";
    let found = world.ask(&elsewhere(), Interaction::get(url).unwrap()).unwrap();
    let Answer::Page(page) = found else { panic!("{url}") };
    assert!(page.entries.is_empty(), "nobody elsewhere does");
}

#[test]
fn one_attendance_that_fails_silences_no_other() {
    let world = World::new();
    let (broken, other) = (world.arrive("ann"), world.arrive("bob"));
    let mut timers = Timers::new(Rules::built_in().unwrap());
    let refuse = |request: Request| {
        let asked = format!("{:?}", request.interaction);
        if asked.contains(&format!("(\"_id\", \"{broken}\")")) {
            let text = "too much";
            let (why, code) = (Category::TooCostly, accord_fhir::IssueCode::TooCostly);
            return Err(Failure::new(why, code, text));
        }
        world.engine.handle_blocking(request)
    };
    assert_eq!(timers.run(world.engine.now(), &refuse).unwrap(), 1);
    assert_eq!((timers.failed(), tasks(&world, &other)), (1, vec![ASSESSMENT.to_owned()]));
    world.wait(2);
    assert_eq!(run(&world, &mut timers), 1, "tried again after a minute");
    assert_eq!(tasks(&world, &broken), [ASSESSMENT]);
}

/// A store in which so many more attendances go on, page by page; the second page fails as long as
/// `broken` says so. Nobody is found who is asked for by id among them.
fn crowded(world: &World, more: usize, broken: &Cell<bool>, request: Request) -> Outcome {
    let Interaction::Search { params, .. } = &request.interaction else {
        return world.engine.handle_blocking(request);
    };
    let param = |name: &str| params.iter().find(|(own, _)| own == name).map(|(_, value)| value);
    let crowd = param("_id").is_some_and(|id| id.starts_with("crowd-"));
    if !crowd && param("status").is_none() {
        return world.engine.handle_blocking(request);
    }
    let from = param("_cursor").map_or(0, |cursor| cursor.parse().unwrap());
    if from > 0 && broken.get() {
        return Err(Failure::new(Category::Busy, accord_fhir::IssueCode::Throttled, "not now"));
    }
    let all = Interaction::get("Encounter").unwrap();
    let Answer::Page(mut page) = world.ask(&feed("north"), all)? else { panic!("no page") };
    let own = std::mem::take(&mut page.entries);
    if crowd {
        return Ok(Answer::Page(page));
    }
    let to = more.min(from + 1_000);
    let mut one = own.first().unwrap().clone();
    for at in from..to {
        one.id = id(&format!("crowd-{at}"));
        page.entries.push(one.clone());
    }
    page.next = Some(to.to_string()).filter(|_| to < more);
    if page.next.is_none() {
        page.entries.extend(own);
    }
    Ok(Answer::Page(page))
}

#[test]
fn however_many_there_are_nobody_is_left_out() {
    let world = World::new();
    let last = world.arrive("ann");
    let mut timers = Timers::new(Rules::built_in().unwrap());
    let broken = Cell::new(true);
    let send = |request: Request| crowded(&world, 20_500, &broken, request);
    assert!(timers.run(world.engine.now(), &send).is_err(), "the second page fails");
    broken.set(false);
    assert_eq!(timers.run(world.engine.now(), &send).unwrap(), 1);
    assert_eq!(tasks(&world, &last), [ASSESSMENT]);
}

pub fn end_by(
    world: &World,
    who: &std::sync::Arc<accord_base::Subject>,
    encounter: &str,
    how: &str,
) {
    let parameters = json!([{"name": "disposition", "valueCode": how}]);
    world.operate(who, ("$dispose", Some(encounter)), parameters).unwrap();
}

pub fn open(world: &World, of: &str, encounter: &str) -> usize {
    let is = |one: &&Value| matches!(&*text(one, "/status"), "requested" | "active");
    world.of(of, encounter).iter().filter(is).count()
}

#[test]
fn what_reception_ends_is_due_no_more_and_who_returns_is_received() {
    let world = World::new();
    let mut timers = Timers::new(Rules::built_in().unwrap());
    let encounter = world.arrive("ann");
    world.wait(20);
    assert_eq!(run(&world, &mut timers), 2);
    let bed = json!({"name": "bed-request", "valueBoolean": true});
    world.assess(&encounter, vec![bed]).unwrap();
    end_by(&world, &reception(), &encounter, "left-without-being-seen");
    assert_eq!(open(&world, "Task", &encounter), 2, "reception may not end them");
    // A nurse receives them again before any timer looked.
    let patient = json!([{"name": "patient", "valueReference": {"reference": "Patient/ann"}}]);
    let again = world.operate(&nurse(), ("$arrive", None), patient).unwrap();
    let again = again.get("id").unwrap().as_str().unwrap();
    assert_eq!(tasks(&world, again), [ASSESSMENT], "a task of their own");
    assert_eq!(run(&world, &mut timers), 0);
    assert_eq!(
        (open(&world, "Task", &encounter), open(&world, "ServiceRequest", &encounter)),
        (0, 0)
    );
    assert!(tasks(&world, &encounter).iter().all(|task| task.contains("cancelled")));
    assert_eq!(tasks(&world, again), [ASSESSMENT], "which nobody ends with the one before");
}

#[test]
fn what_a_feed_ended_while_no_timer_ran_is_ended_at_the_next_start() {
    let world = World::new();
    let encounter = world.arrive("ann");
    run(&world, &mut Timers::new(Rules::built_in().unwrap()));
    let bed = json!({"name": "bed-request", "valueBoolean": true});
    world.assess(&encounter, vec![bed]).unwrap();
    let mut ended = crate::flow::stored(&world, &encounter);
    *ended.pointer_mut("/status").unwrap() = json!("finished");
    let how = json!([{"system": "urn:accord:disposition", "code": "admitted"}]);
    let how = json!({"dischargeDisposition": {"coding": how}});
    ended.as_object_mut().unwrap().insert("hospitalization".to_owned(), how);
    world.fed(ended);
    assert_eq!(open(&world, "Task", &encounter), 1);
    run(&world, &mut Timers::new(Rules::built_in().unwrap()));
    assert_eq!(open(&world, "Task", &encounter), 0);
    let beds = world.of("ServiceRequest", &encounter);
    assert_eq!(text(beds.first().unwrap(), "/status"), "completed", "they have their bed");
}
