//! The board, and who sees what of it.

use std::sync::Arc;

use accord_care::Library;
use accord_emergency::{Rules, Timers};
use serde_json::json;

use crate::world::*;

#[test]
fn the_board_is_in_the_order_in_which_people_are_looked_at() {
    let world = World::new();
    let ann = world.arrive("ann");
    world.wait(5);
    let bob = world.arrive("bob");
    world.wait(5);
    let dan = world.arrive("dan");
    world.assess(&ann, vec![acuity(4)]).unwrap();
    world.assess(&bob, vec![acuity(2)]).unwrap();
    let rows = world.board(&nurse());
    let order: Vec<_> = rows.iter().map(|row| tell(row, "name acuity phase")).collect();
    let expected = ["bob Hill 2 waiting", "dan Hill - assessment-due", "ann Hill 4 waiting"];
    assert_eq!(order, expected);
    world.wait(16);
    let rows = world.board(&nurse());
    let late: Vec<_> = rows.iter().map(|row| tell(row, "phase due.who due.overdue")).collect();
    let expected = [
        "escalated nurse-in-charge true",
        "escalated nurse-in-charge true",
        "waiting triage-nurse false",
    ];
    assert_eq!(late, expected);
    world.assess(&dan, vec![acuity(1), json!({"name": "started", "valueBoolean": true})]).unwrap();
    let rows = world.board(&nurse());
    assert_eq!(
        tell(rows.first().unwrap(), "name status phase"),
        "dan Hill in-progress in-treatment"
    );
    let resus = world.board_of(&nurse(), json!({"area": "Location/resus"}));
    assert!(resus.is_empty());
    assert_eq!(world.board_of(&nurse(), json!({"area": "Location/majors"})).len(), 3);
}

#[test]
fn others_see_nothing_and_are_told_nothing() {
    let world = World::new();
    let encounter = world.arrive("ann");
    world.assess(&encounter, vec![acuity(2)]).unwrap();
    assert!(world.board(&elsewhere()).is_empty());
    assert!(world.board_of(&elsewhere(), json!({"organization": "Organization/north"})).is_empty());
    let absent = |called: &str, parameters| {
        world.operate(&elsewhere(), (called, Some(&encounter)), parameters).unwrap_err()
    };
    let never = world.operate(&elsewhere(), ("$assess", Some("never")), json!([acuity(2)]));
    assert_eq!(absent("$assess", json!([acuity(2)])), never.unwrap_err());
    let end = json!([{"name": "disposition", "valueCode": "home"}]);
    assert_eq!(absent("$dispose", end), "404 there is no such resource");
    let patient = json!([{"name": "patient", "valueReference": {"reference": "Patient/ann"}}]);
    let arrive = world.operate(&elsewhere(), ("$arrive", None), patient).unwrap_err();
    let nobody = json!([{"name": "patient", "valueReference": {"reference": "Patient/nobody"}}]);
    let never = world.operate(&elsewhere(), ("$arrive", None), nobody).unwrap_err();
    assert_eq!(arrive.replace("ann", "nobody"), never);
}

#[test]
fn a_patient_who_denies_the_hospital_is_not_on_its_board() {
    let world = World::new();
    world.arrive("ann");
    let bob = world.arrive("bob");
    world.assess(&bob, vec![acuity(2)]).unwrap();
    assert_eq!(world.board(&nurse()).len(), 2);
    world.fed(json!({"resourceType": "Consent", "id": "no", "status": "active",
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope",
            "code": "patient-privacy"}]},
        "category": [{"text": "privacy"}], "patient": {"reference": "Patient/bob"},
        "policyRule": {"text": "opt-out"},
        "provision": {"type": "deny", "actor": [{"role": {"text": "whoever"},
            "reference": {"reference": "Organization/north"}}]}}));
    let rows = world.board(&nurse());
    let names: Vec<_> = rows.iter().map(|row| told(row, "name")).collect();
    assert_eq!(names, ["ann Hill"]);
    let gone = world.assess(&bob, vec![acuity(1)]).unwrap_err();
    assert_eq!(gone, "404 there is no such resource");
}

#[test]
fn reception_sees_who_is_there_and_not_what_ails_them() {
    let world = World::new();
    let encounter = world.arrive("ann");
    let mut taken = vitals(["21", "93", "120", "95", "37.5"], "air", "A");
    taken.push(acuity(2));
    world.assess(&encounter, taken).unwrap();
    let rows = world.board(&reception());
    let row = rows.first().unwrap();
    assert_eq!(tell(row, "name status score.total flag"), "ann Hill triaged - -");
    let refused = world.operate(&reception(), ("$assess", Some(&encounter)), json!([acuity(1)]));
    assert_eq!(refused.unwrap_err(), "403 this role does not use the operation");
}

#[test]
fn attendances_of_other_clients_are_on_the_board() {
    let world = World::new();
    world.fed(json!({"resourceType": "Encounter", "id": "theirs", "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"},
        "subject": {"reference": "Patient/dan"}, "period": {"start": "2026-11-22T08:00:00Z"},
        "serviceProvider": {"reference": "Organization/north"}}));
    let rows = world.board(&nurse());
    let shown = tell(rows.first().unwrap(), "name status acuity due.what due.overdue arrived");
    let arrived = "2026-11-22T08:00:00.000000Z";
    assert_eq!(shown, format!("dan Hill in-progress - assessment true {arrived}"));
}

#[test]
fn a_score_that_its_values_contradict_is_shown_as_such() {
    let world = World::new();
    let encounter = world.arrive("ann");
    let mut taken = vitals(["21", "93", "120", "95", "37.5"], "air", "A");
    taken.push(acuity(3));
    world.assess(&encounter, taken).unwrap();
    let all = world.of("Observation", &encounter);
    let score =
        all.iter().find(|one| one.get("derivedFrom").is_some() && one.get("method").is_some());
    let mut wrong = score.unwrap().clone();
    *wrong.pointer_mut("/valueQuantity/value").unwrap() = json!(6);
    world.fed(wrong);
    let rows = world.board(&nurse());
    assert_eq!(tell(rows.first().unwrap(), "score.total score.contradicts"), "5 true");
}

#[test]
fn the_rows_of_a_day_hold_the_first_acuity_alone() {
    let world = World::new();
    let ann = world.arrive("ann");
    world.wait(7);
    world.assess(&ann, vec![acuity(3)]).unwrap();
    world.wait(7);
    world.assess(&ann, vec![acuity(1)]).unwrap();
    let end = json!([{"name": "disposition", "valueCode": "home"}]);
    world.operate(&nurse(), ("$dispose", Some(&ann)), end).unwrap();
    let rows = world.operate(&nurse(), ("$ecds", None), json!({"date": "2026-11-22"})).unwrap();
    let csv = told(&rows, "csv");
    let lines: Vec<&str> = csv.lines().collect();
    let [head, row] = lines.as_slice() else { panic!("{csv}") };
    assert!(head.starts_with("encounter,arrival,mode,assessment,initial-acuity"));
    assert!(row.contains(",walk-in,2026-11-22T10:07:0"), "{row}");
    assert!(row.contains(",1064901000000108,") && row.contains(",home,"), "{row}");
    let none = world.operate(&nurse(), ("$ecds", None), json!({"date": "2026-11-21"})).unwrap();
    assert_eq!(told(&none, "csv").lines().count(), 1);
}

#[test]
fn the_rows_of_a_day_have_the_codes_of_the_data_set() {
    let world = World::new();
    let row_of = |mode: &str, assessed: bool, treated: bool, end: &str| {
        let came = json!([{"name": "patient", "valueReference": {"reference": "Patient/ann"}},
            {"name": "mode", "valueCode": mode}]);
        let came = world.operate(&reception(), ("$arrive", None), came).unwrap();
        let encounter = came.get("id").unwrap().as_str().unwrap();
        if assessed {
            world.assess(encounter, vec![acuity(3)]).unwrap();
        }
        if treated {
            let started = json!({"name": "started", "valueBoolean": true});
            world.assess(encounter, vec![started]).unwrap();
        }
        let end = json!([{"name": "disposition", "valueCode": end}]);
        world.operate(&reception(), ("$dispose", Some(encounter)), end).unwrap();
        let rows = world.operate(&nurse(), ("$ecds", None), json!({"date": "2026-11-22"})).unwrap();
        let all = rows.get("parameter").unwrap().as_array().unwrap().clone();
        let own = |row: &&serde_json::Value| told(row, "encounter") == encounter;
        tell(all.iter().find(own).unwrap(), "arrival-mode discharge-status discharge-destination")
    };
    let row = |mode: &str, assessed: bool, end: &str| row_of(mode, assessed, false, end);
    assert_eq!(row("ambulance", true, "admitted"), "1048031000000100 182992009 306706006");
    // Who walked in may have come by any way: that is not said for them.
    assert_eq!(row("walk-in", true, "home"), "- 182992009 306689006");
    assert_eq!(row("own-transport", true, "transferred"), "1048071000000103 182992009 19712007");
    let gone = "left-without-being-seen";
    assert_eq!(row("police", false, gone), "1048001000000106 1066301000000103 -");
    assert_eq!(row("public-transport", true, gone), "1048061000000105 1066311000000101 -");
    let halfway = row_of("public-transport", true, true, gone);
    assert_eq!(halfway, "1048061000000105 1066321000000107 -");
    assert_eq!(row("air-ambulance", true, "died"), "1048051000000107 75004002 305398007");
}

#[test]
fn a_full_department_fits_on_one_board() {
    let world = World::new();
    let patient = |at: u32| {
        json!({"request": {"method": "PUT", "url": format!("Patient/p{at}")},
        "resource": {"resourceType": "Patient", "id": format!("p{at}"), "birthDate": "1960-01-01",
            "managingOrganization": {"reference": "Organization/north"}}})
    };
    let encounter = |at: u32| {
        json!({"request": {"method": "PUT", "url": format!("Encounter/e{at}")},
        "resource": {"resourceType": "Encounter", "id": format!("e{at}"), "status": "arrived",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"},
            "subject": {"reference": format!("Patient/p{at}")},
            "serviceProvider": {"reference": "Organization/north"},
            "period": {"start": NOW.to_string()}}})
    };
    for first in [0, 100] {
        let entries = (first..first + 100).flat_map(|at| [patient(at), encounter(at)]);
        world.bundle(&world_feed(), entries.collect()).unwrap();
    }
    for at in 0..200 {
        let mut taken = vitals(["21", "93", "120", "95", "37.5"], "air", "A");
        taken.push(acuity(1 + at % 5));
        if at % 10 == 0 {
            world.assess(&format!("e{at}"), taken).unwrap();
        }
    }
    let rows = world.board(&nurse());
    assert_eq!(rows.len(), 200);
    assert_eq!(rows.iter().filter(|row| told(row, "score.total") == "5").count(), 20);
}

fn world_feed() -> std::sync::Arc<accord_base::Subject> {
    let mut feed = (*nurse()).clone();
    feed.principal = accord_base::Principal::Device(id("feed"));
    feed.role = accord_base::Role::Integration;
    std::sync::Arc::new(feed)
}

#[test]
fn a_site_looks_again_by_the_intervals_of_its_own_scheme() {
    let mut world = World::new();
    let docs = include_str!("../../../../docs/triage.md");
    let (_, block) = docs.split_once("\n```json\n").unwrap();
    let own = block.split_once("\n```\n").unwrap().0;
    let library = Library::built_in().unwrap().clone().with_own("own", own).unwrap();
    let rules = Arc::new(Rules::new(library, Some("our-triage")).unwrap());
    let encounter = world.arrive("ann");
    world.assess(&encounter, vec![acuity(3)]).unwrap();
    world.wait(31);
    let board = world.operate(&nurse(), ("$board", None), json!({})).unwrap();
    let shown = "triage-scheme.id encounter.phase encounter.due.overdue";
    assert_eq!(tell(&board, shown), "ats waiting false");
    world.rules = Some(Arc::clone(&rules));
    let board = world.operate(&nurse(), ("$board", None), json!({})).unwrap();
    assert_eq!(tell(&board, shown), "our-triage escalated true");
    assert_eq!(told(&board, "triage-scheme.own"), "true", "the board says whose table it is");
    let sheet = world.file(&nurse(), "$downtime").unwrap();
    assert!(sheet.contains("Triage by a table of this site: "), "{sheet}");
    let title = told(&board, "triage-scheme.title");
    assert_eq!(title, "Triage of our department");
    let mut timers = Timers::new(rules);
    let send = |request| world.engine.handle_blocking(request);
    assert_eq!(timers.run(world.engine.now(), &send).unwrap(), 1, "overdue by the site's scheme");
    let resources = vec![
        json!({"name": "life-threat", "valueBoolean": false}),
        json!({"name": "high-risk", "valueBoolean": false}),
        json!({"name": "resources", "valueInteger": 2}),
    ];
    let answer = world.assess(&encounter, resources).unwrap();
    assert_eq!(tell(&answer, "acuity.computed next-due.what"), "3 re-triage");
    assert!(told(&answer, "next-due.at").starts_with("2026-11-22T11:01:"), "{answer}");
}

#[test]
fn a_cell_of_the_rows_is_no_formula() {
    let world = World::new();
    let disposition =
        json!({"coding": [{"system": "urn:accord:disposition", "code": "=1+1,\"x\""}]});
    world.fed(json!({"resourceType": "Encounter", "id": "theirs", "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"},
        "subject": {"reference": "Patient/dan"},
        "period": {"start": "2026-11-22T08:00:00Z", "end": "2026-11-22T09:00:00Z"},
        "hospitalization": {"dischargeDisposition": disposition},
        "serviceProvider": {"reference": "Organization/north"}}));
    let rows =
        world.operate(&feed("north"), ("$ecds", None), json!({"date": "2026-11-22"})).unwrap();
    assert!(told(&rows, "csv").contains(",\"'=1+1,\"\"x\"\"\","), "{rows}");
    assert_eq!(tell(&rows, "row.disposition"), "=1+1,\"x\"");
}

#[test]
fn the_page_for_downtime_says_what_the_board_says_and_runs_nothing() {
    let world = World::new();
    let hostile = "<script>alert(1)</script>\"'&";
    world.put(
        &feed("north"),
        json!({"resourceType": "Patient", "id": "evil", "birthDate": "1980-01-01",
            "name": [{"given": [hostile], "family": "<img src=x onerror=y>"}],
            "managingOrganization": {"reference": "Organization/north"}}),
    );
    let arrive = json!([
        {"name": "patient", "valueReference": {"reference": "Patient/evil"}},
        {"name": "complaint", "valueString": format!("{hostile}</td></table>")}]);
    world.operate(&reception(), ("$arrive", None), arrive).unwrap();
    let ann = world.arrive("ann");
    let mut taken = vitals(["26", "93", "105", "112", "38.5"], "air", "A");
    taken.push(acuity(2));
    world.assess(&ann, taken).unwrap();
    world.wait(10);
    let pulse = measured_as("8867-4", "95", "/min");
    world.assess(&ann, vec![pulse, acuity(2)]).unwrap();
    world.wait(20);
    let page = world.file(&nurse(), "$downtime").unwrap();
    for told in [
        "2 people as of 2026-11-22 10:30",
        "ann Hill<br>1950-01-02",
        "NEWS2 incomplete, at least 1 (Low or more), 2026-11-22 10:10",
        "last complete: NEWS2 9 High, 2026-11-22 10:00",
        "re-triage 2026-11-22 10:25 OVERDUE<br>nurse-in-charge",
        "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;",
        "&lt;/td&gt;&lt;/table&gt;",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    for never in ["<script", "<img", "<a ", "href", "src=x onerror=y>", "http"] {
        assert!(!page.contains(never), "{never}: {page}");
    }
    assert_eq!(page.matches("<tr>").count(), 3, "the head and two people");
    let desk = world.file(&reception(), "$downtime").unwrap();
    assert!(desk.contains("ann Hill") && !desk.contains("NEWS2"), "{desk}");
    let none = world.file(&elsewhere(), "$downtime").unwrap();
    assert!(none.contains("<p>0 people"), "{none}");
    assert_eq!(world.file(&nurse(), "$board").unwrap_err(), "400");
}
