//! A living emergency department: people arrive, are assessed, wait, are assessed again and leave,
//! as the clock goes on. Everything is done through the interface, as its users would.

mod person;

use std::thread;
use std::time::Duration;

use accord_base::SeededRng;
use serde_json::{Value, json};

use super::client::{get, post};
use person::Person;

/// The hospital whose department it is.
const HOSPITAL: &str = "Organization/northgate-hospital";
/// Its areas.
const AREAS: [&str; 4] = ["resus", "majors", "minors", "waiting"];
/// Pauses between two events, in seconds: shortest, and how much longer it may be.
const PAUSE: (u64, u64) = (12, 30);

/// Who does what there, by bearer token.
pub struct Staff {
    pub clerk: String,
    pub nurse: String,
}

/// The department.
pub struct Department {
    base: String,
    staff: Staff,
    rng: SeededRng,
    /// Patients that have not come yet, by reference.
    outside: Vec<String>,
    /// Who is there: the attendance, and how ill they are.
    inside: Vec<(String, Person)>,
}

impl Department {
    /// As the board shows it; everybody else whom reception knows is outside.
    pub fn open(base: &str, staff: Staff) -> Result<Department, String> {
        let rng = SeededRng::new(2026);
        let (mut inside, mut there) = (Vec::new(), Vec::new());
        for row in board(base, &staff.nurse)? {
            let named = |name: &str| {
                let parts = row.get("part")?.as_array()?;
                let part = parts.iter().find(|part| part.get("name") == Some(&json!(name)))?;
                Some(part.pointer("/valueReference/reference")?.as_str()?.to_owned())
            };
            let (Some(encounter), Some(patient)) = (named("encounter"), named("patient")) else {
                continue;
            };
            let id = encounter.trim_start_matches("Encounter/").to_owned();
            inside.push((id, Person::draw(&rng)));
            there.push(patient);
        }
        let page = get(base, "Patient?_count=200&_elements=id", &staff.clerk)?;
        let entries = page.get("entry").and_then(Value::as_array).cloned().unwrap_or_default();
        let reference = |entry: &Value| {
            let id = entry.get("resource")?.get("id")?.as_str()?;
            Some(format!("Patient/{id}"))
        };
        let outside = entries.iter().filter_map(reference).filter(|one| !there.contains(one));
        Ok(Department { base: base.to_owned(), staff, outside: outside.collect(), inside, rng })
    }

    /// Goes on for as long as the server answers.
    pub fn live(mut self) {
        thread::spawn(move || {
            loop {
                thread::sleep(Duration::from_secs(PAUSE.0 + self.below(PAUSE.1)));
                // Whom a visitor moved on is refused here; without an answer the server has stopped.
                let stopped = |fault: &String| !fault.contains("status ");
                if let Err(fault) = self.happen().or_else(|fault| match stopped(&fault) {
                    true => Err(fault),
                    false => Ok(()),
                }) {
                    eprintln!("== the emergency department stands still: {fault}");
                    return;
                }
            }
        });
    }

    /// One event.
    fn happen(&mut self) -> Result<(), String> {
        let here = self.inside.len() as u64;
        match self.below(10) {
            0..=3 => {
                self.arrive()?;
            }
            4..=7 if here > 0 => {
                let at = self.below(here) as usize;
                self.assess(at)?;
            }
            _ if here > 0 => self.leave(0)?,
            _ => {}
        }
        Ok(())
    }

    /// Somebody arrives, if anybody is left outside.
    fn arrive(&mut self) -> Result<(), String> {
        if self.outside.is_empty() {
            return Ok(());
        }
        let who = self.below(self.outside.len() as u64) as usize;
        let patient = self.outside.swap_remove(who);
        let person = Person::draw(&self.rng);
        let mode = if self.below(3) == 0 { "ambulance" } else { "walk-in" };
        let parameters = vec![
            json!({"name": "patient", "valueReference": {"reference": patient}}),
            json!({"name": "organization", "valueReference": {"reference": HOSPITAL}}),
            json!({"name": "mode", "valueCode": mode}),
            json!({"name": "complaint", "valueString": person.complaint}),
        ];
        let body = json!({"resourceType": "Parameters", "parameter": parameters});
        let made = post(&self.base, "Encounter/$arrive", &self.staff.clerk, &body)?;
        let id = made.get("id").and_then(Value::as_str).ok_or("an arrival has no id")?;
        self.inside.push((id.to_owned(), person));
        Ok(())
    }

    /// A nurse takes somebody's vital signs.
    fn assess(&mut self, at: usize) -> Result<(), String> {
        let Some((id, person)) = self.inside.get_mut(at) else { return Ok(()) };
        let area = AREAS.get(person.area()).copied().unwrap_or("waiting");
        let mut parameters = person.readings(&self.rng);
        parameters.push(json!({"name": "acuity", "valueInteger": person.acuity()}));
        let area = format!("Location/northgate-ed-{area}");
        parameters.push(json!({"name": "area", "valueReference": {"reference": area}}));
        parameters
            .extend(person.flags().iter().map(|flag| json!({"name": "flag", "valueCode": flag})));
        let body = json!({"resourceType": "Parameters", "parameter": parameters});
        let path = format!("Encounter/{id}/$assess");
        let done = post(&self.base, &path, &self.staff.nurse, &body).map(drop);
        if done.is_err() {
            self.inside.remove(at);
        }
        done
    }

    /// Somebody goes.
    fn leave(&mut self, at: usize) -> Result<(), String> {
        let (id, person) = self.inside.remove(at);
        let how = if person.acuity() <= 2 { "admitted" } else { "home" };
        let parameters = json!([{"name": "disposition", "valueCode": how}]);
        let body = json!({"resourceType": "Parameters", "parameter": parameters});
        post(&self.base, &format!("Encounter/{id}/$dispose"), &self.staff.nurse, &body).map(drop)
    }

    fn below(&self, bound: u64) -> u64 {
        self.rng.below(bound)
    }
}

/// How many attendances somebody's board shows.
pub fn on_board(base: &str, token: &str) -> Result<usize, String> {
    Ok(board(base, token)?.len())
}

fn board(base: &str, token: &str) -> Result<Vec<Value>, String> {
    let board = get(base, &format!("Encounter/$board?organization={HOSPITAL}"), token)?;
    let parts = board.get("parameter").and_then(Value::as_array).cloned().unwrap_or_default();
    let is_row = |part: &Value| part.get("name") == Some(&json!("encounter"));
    Ok(parts.into_iter().filter(is_row).collect())
}
