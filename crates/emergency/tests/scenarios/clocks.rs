//! What clocks on the wall show: the sheet for downtime and the day of a submission go by them.

use std::sync::Arc;

use accord_care::Library;
use accord_emergency::Rules;
use accord_engine::Zones;
use accord_fhir::Zone;
use serde_json::json;

use super::world::{World, acuity, nurse, told};

/// Fourteen hours ahead of UTC: when the test begins, a day begins there.
#[derive(Debug)]
struct Ahead;

const AHEAD_US: i64 = 14 * 3_600_000_000;

impl Zone for Ahead {
    fn instant(&self, local_us: i64) -> i64 {
        local_us - AHEAD_US
    }

    fn local(&self, instant_us: i64) -> i64 {
        instant_us + AHEAD_US
    }

    fn name(&self) -> &'static str {
        "Pacific/Kiritimati"
    }
}

fn ahead(of: &str) -> World {
    let rules = Rules::new(Library::built_in().unwrap().clone(), None).unwrap();
    let zones = Zones::new(vec![(Some(of.to_owned()), Arc::new(Ahead))]);
    let mut world = World::new();
    world.rules = Some(Arc::new(rules.in_zones(zones)));
    world
}

#[test]
fn the_sheet_for_downtime_tells_the_time_of_the_department() {
    for (of, as_of, arrived) in [
        ("north", "2026-11-23 00:10. Times are those of Pacific/Kiritimati.", "2026-11-23 00:00"),
        ("south", "2026-11-22 10:10. Times are those of UTC.", "2026-11-22 10:00"),
    ] {
        let world = ahead(of);
        world.arrive("ann");
        world.wait(10);
        let page = world.file(&nurse(), "$downtime").unwrap();
        for told in [as_of, &format!("<td>{arrived}</td>")] {
            assert!(page.contains(told), "{told}: {page}");
        }
    }
}

#[test]
fn a_day_is_one_of_the_department() {
    let world = ahead("north");
    let arrive = |name| world.assess(&world.arrive(name), vec![acuity(3)]).unwrap();
    arrive("ann");
    world.wait(24 * 60 - 1);
    arrive("bob");
    world.wait(1);
    arrive("cat");
    for (day, rows) in [("2026-11-22", 0), ("2026-11-23", 2), ("2026-11-24", 1)] {
        let found = world.operate(&nurse(), ("$ecds", None), json!({"date": day})).unwrap();
        assert_eq!(told(&found, "csv").lines().count() - 1, rows, "{day}");
    }
    for bad in ["2026-02-30", "2026-13-01", "20261-1-1", "yesterday!", "2026-11"] {
        let refused = world.operate(&nurse(), ("$ecds", None), json!({"date": bad}));
        assert!(refused.is_err(), "{bad}");
    }
}

#[test]
fn what_never_was_an_attendance_is_no_row() {
    let world = World::new();
    world.fed(json!({"resourceType": "Patient", "id": "eve", "birthDate": "1961-03-04",
        "gender": "female", "managingOrganization": {"reference": "Organization/north"},
        "identifier": [{"system": "urn:other", "value": "1"},
            {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9434765919"}]}));
    for (status, count) in
        [("arrived", 1), ("planned", 0), ("cancelled", 0), ("entered-in-error", 0), ("finished", 1)]
    {
        world.fed(json!({"resourceType": "Encounter", "id": "e", "status": status,
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                "code": "EMER"},
            "subject": {"reference": "Patient/eve"}, "reasonCode": [{"text": "=cough"}],
            "serviceProvider": {"reference": "Organization/north"},
            "period": {"start": "2026-11-22T09:00:00Z"}}));
        let day = json!({"date": "2026-11-22"});
        let found = world.operate(&nurse(), ("$ecds", None), day).unwrap();
        let csv = told(&found, "csv");
        assert_eq!(csv.lines().count() - 1, count, "{status}");
        let row = ",'=cough,Organization/north,9434765919,1961-03-04,female,,,";
        assert_eq!(csv.lines().filter(|line| line.ends_with(row)).count(), count, "{csv}");
    }
}
