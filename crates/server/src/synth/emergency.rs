//! A living emergency department: people who came in the hours before now, by the operations that
//! reception and nurses use.

use std::sync::Arc;

use accord_base::{Deadline, LogTime, Principal, Purpose, ResourceId, Role, Subject};
use accord_emergency::{Asked, OPERATIONS};
use accord_engine::{Answer, Engine, Failure, Interaction, Request};
use serde_json::{Value, json};

use crate::fail::Fail;

/// Where it is.
const HOSPITAL: &str = "northgate-hospital";
/// Who works there: a receptionist and a triage nurse of the demonstration.
const RECEPTION: &str = "clerk-sedge";
const NURSE: &str = "nurse-apple";
/// What people come with, one a line; the first line names the columns.
const PRESENTATIONS: &str = include_str!("presentations.tsv");

/// Fills the department with as many attendances as it can find patients for; how many.
pub(super) fn fill(engine: &Arc<Engine>, count: u32) -> Result<u32, Fail> {
    let now = engine.now();
    let department = Department { engine, now };
    department.send_home_strangers()?;
    let presentations: Vec<Vec<&str>> = PRESENTATIONS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
        .collect();
    let mut filled = 0;
    for (patient, presented) in department.patients(count)?.iter().zip(presentations.iter().cycle())
    {
        filled += u32::from(department.attend(patient, presented, filled)?);
    }
    Ok(filled)
}

/// The department, as those who work there use it.
pub(super) struct Department<'a> {
    pub(super) engine: &'a Arc<Engine>,
    pub(super) now: LogTime,
}

impl Department<'_> {
    /// Ends attendances of the wider population whose patient another organisation keeps and shares
    /// with nobody: the board could give no name of theirs.
    fn send_home_strangers(&self) -> Result<(), Fail> {
        let asked = self.operate("$board", None, &nurse(), self.now, &json!([]));
        let board = asked.map_err(|failure| fail(&failure))?;
        let part = |row: &Value, name: &str| {
            let parts = row.get("part").and_then(Value::as_array)?;
            parts.iter().find(|part| part.get("name") == Some(&json!(name))).cloned()
        };
        let rows = board.get("parameter").and_then(Value::as_array).into_iter().flatten();
        for row in rows.filter(|row| row.get("name") == Some(&json!("encounter"))) {
            let encounter = part(row, "encounter");
            let reference = encounter
                .as_ref()
                .and_then(|one| one.pointer("/valueReference/reference").and_then(Value::as_str));
            let id = reference.and_then(|reference| reference.strip_prefix("Encounter/"));
            if part(row, "name").is_some() || id.is_none() {
                continue;
            }
            let home = json!([{"name": "disposition", "valueCode": "home"}]);
            self.operate("$dispose", id, &nurse(), self.now, &home)
                .map_err(|failure| fail(&failure))?;
        }
        Ok(())
    }

    /// Adults who live, as the reception finds them: children have another score.
    pub(super) fn patients(&self, count: u32) -> Result<Vec<String>, Fail> {
        let (year, ..) = accord_base::civil_from_days((self.now.seconds() / 86_400) as i64);
        let adults = format!("Patient?birthdate=lt{}-01-01&_count=1000", year - 17);
        let asked = Interaction::get(&adults).map_err(|failure| fail(&failure))?;
        let found = self.engine.handle_blocking(self.request(&reception(), asked));
        let Answer::Page(page) = found.map_err(|failure| fail(&failure))? else {
            return Err(Fail::new("the patients cannot be found"));
        };
        let wanted = usize::try_from(count).unwrap_or(usize::MAX);
        let lives = |body: &str| !body.contains("\"deceased");
        let living = page.entries.iter().filter(|one| lives(&one.body));
        Ok(living.take(wanted).map(|one| one.id.to_string()).collect())
    }

    /// One attendance. False if the patient was here already.
    fn attend(&self, patient: &str, presented: &[&str], turn: u32) -> Result<bool, Fail> {
        let column = |at: usize| presented.get(at).copied().filter(|text| *text != "-");
        // The second round came a little later than the first.
        let late = u64::from(turn / 24) * 13;
        let minutes = |at: usize| {
            let minutes: Option<u64> = column(at).and_then(|text| text.parse().ok());
            minutes.map(|minutes| self.now.minus_us((minutes + late) * 60 * LogTime::SECOND_US))
        };
        let (Some(arrived), complaint) = (minutes(3), column(0).unwrap_or_default()) else {
            return Err(Fail::new("a presentation does not say when"));
        };
        let area = format!("Location/northgate-ed-{}", column(1).unwrap_or("waiting"));
        let parameters = json!([
            {"name": "patient", "valueReference": {"reference": format!("Patient/{patient}")}},
            {"name": "area", "valueReference": {"reference": area}},
            {"name": "mode", "valueCode": column(2).unwrap_or("walk-in")},
            {"name": "complaint", "valueString": complaint}]);
        let encounter = match self.operate("$arrive", None, &reception(), arrived, &parameters) {
            Ok(encounter) => encounter,
            Err(failure) if failure.category == accord_engine::Category::Conflict => {
                return Ok(false);
            }
            Err(failure) => return Err(fail(&failure)),
        };
        let id = encounter.get("id").and_then(Value::as_str).unwrap_or_default();
        if let Some(assessed) = minutes(4) {
            let parameters = Value::Array(assessment(presented, 0));
            self.operate("$assess", Some(id), &nurse(), assessed, &parameters)
                .map_err(|failure| fail(&failure))?;
            self.again(id, presented, assessed, turn)?;
        }
        Ok(true)
    }

    /// Looks at somebody again who was assessed some time ago, better, worse or as before; a few
    /// are left waiting for it.
    fn again(
        &self,
        encounter: &str,
        presented: &[&str],
        assessed: LogTime,
        turn: u32,
    ) -> Result<(), Fail> {
        let minutes = (self.now.0 - assessed.0) / (60 * LogTime::SECOND_US);
        if minutes <= 15 || turn % 7 == 3 {
            return Ok(());
        }
        let pulse = [0, 14, -9].get((turn % 3) as usize).copied().unwrap_or_default();
        let at = self.now.minus_us((2 + minutes % 11) * 60 * LogTime::SECOND_US);
        let parameters = Value::Array(assessment(presented, pulse));
        let done = self.operate("$assess", Some(encounter), &nurse(), at, &parameters);
        done.map(drop).map_err(|failure| fail(&failure))
    }

    fn operate(
        &self,
        called: &str,
        id: Option<&str>,
        subject: &Arc<Subject>,
        now: LogTime,
        parameters: &Value,
    ) -> Result<Value, Failure> {
        let fault = |text: &str| {
            let code = accord_fhir::IssueCode::Exception;
            Failure::new(accord_engine::Category::Fault, code, text)
        };
        let signature = OPERATIONS.iter().find(|one| one.called == called);
        let body = json!({"resourceType": "Parameters", "parameter": parameters});
        let asked = Asked {
            signature: signature.ok_or_else(|| fault("there is no such operation"))?,
            id: id.and_then(|id| ResourceId::new(id).ok()),
            params: Vec::new(),
            body: Arc::from(body.to_string().into_bytes()),
            subject: Arc::clone(subject),
            rules: None,
            kiosks: Arc::default(),
            request_id: "synth".to_owned(),
            now,
            deadline: Deadline::NEVER,
        };
        let send = |request| self.engine.handle_blocking(request);
        let text = match accord_emergency::answer(&asked, &send)? {
            Answer::Read(version) => version.body.to_string(),
            Answer::Resource(text) => text,
            _ => return Err(fault("another answer was expected")),
        };
        serde_json::from_str(&text).map_err(|_| fault("the answer cannot be read"))
    }

    /// How long people wait, as reception is told.
    #[cfg(test)]
    pub(super) fn forecast(&self) -> Result<Value, Fail> {
        let asked = self.operate("$forecast", None, &reception(), self.now, &json!([]));
        asked.map_err(|failure| fail(&failure))
    }

    fn request(&self, subject: &Arc<Subject>, interaction: Interaction) -> Request {
        Request {
            subject: Arc::clone(subject),
            interaction,
            request_id: "synth".to_owned(),
            controller: None,
            deadline: Deadline::NEVER,
        }
    }
}

/// The parameters of an assessment, with a pulse that much faster.
fn assessment(presented: &[&str], faster: i64) -> Vec<Value> {
    let column = |at: usize| presented.get(at).copied().filter(|text| *text != "-");
    let measured = [
        (6, "9279-1", "/min"),
        (7, "2708-6", "%"),
        (9, "8480-6", "mm[Hg]"),
        (10, "8867-4", "/min"),
        (11, "8310-5", "Cel"),
    ];
    let mut all: Vec<Value> = measured
        .iter()
        .filter_map(|(at, code, unit)| {
            let value: Value = serde_json::from_str(column(*at)?).ok()?;
            let beats = value.as_i64().filter(|_| *code == "8867-4");
            let value = beats.map_or(value, |beats| json!(beats + faster));
            Some(json!({"name": "vital", "part": [{"name": "code", "valueCode": code},
                {"name": "value", "valueQuantity": {"value": value, "code": unit}}]}))
        })
        .collect();
    for (at, code, system) in
        [(8, "oxygen-device", "urn:accord:oxygen-device"), (12, "67775-7", "urn:accord:acvpu")]
    {
        let Some(value) = column(at) else { continue };
        let coding = json!({"coding": [{"system": system, "code": value}]});
        all.push(json!({"name": "vital", "part": [{"name": "code", "valueCode": code},
            {"name": "value", "valueCodeableConcept": coding}]}));
    }
    let acuity: Option<u32> = column(5).and_then(|text| text.parse().ok());
    all.extend(acuity.map(|level| json!({"name": "acuity", "valueInteger": level})));
    for flag in column(13).unwrap_or_default().split_whitespace() {
        all.push(json!({"name": "flag", "valueCode": flag}));
    }
    for (at, name) in [(14, "bed-request"), (15, "started")] {
        if column(at) == Some("yes") {
            all.push(json!({"name": name, "valueBoolean": true}));
        }
    }
    all
}

fn reception() -> Arc<Subject> {
    staff(RECEPTION, Role::Registration)
}

fn nurse() -> Arc<Subject> {
    staff(NURSE, Role::Clinician)
}

/// Somebody of the demonstration, in a store with test principals.
fn staff(practitioner: &str, role: Role) -> Arc<Subject> {
    let id = |text| ResourceId::new(text).ok();
    let principal = match id(practitioner) {
        Some(id) => Principal::Practitioner(id),
        None => Principal::System { reason: "synthetic population".to_owned() },
    };
    Arc::new(Subject {
        principal,
        role,
        organization: id(HOSPITAL),
        purpose: Purpose::Treat,
        token_id: "synth".to_owned(),
        test: true,
        grant: None,
    })
}

pub(super) fn fail(failure: &Failure) -> Fail {
    let told: Vec<&str> = failure.issues.iter().map(|issue| issue.diagnostics.as_str()).collect();
    Fail::new(told.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_presentation_can_be_assessed() {
        let mut assessed = 0;
        for line in PRESENTATIONS.lines().filter(|line| !line.starts_with('#')) {
            let presented: Vec<&str> = line.split('\t').collect();
            assert_eq!(presented.len(), 16, "{line}");
            if presented.get(4) != Some(&"-") {
                assert!(assessment(&presented, 0).len() >= 8, "{line}");
                assessed += 1;
            }
        }
        assert!(assessed >= 20);
    }
}
