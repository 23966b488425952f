//! Entries of the one transaction that an operation writes.

use accord_base::LogTime;
use accord_care::{Due, FlagKind, Library, Reading, Score, ScoreScheme, Value as Taken, Vital};
use serde_json::{Value, json};

use crate::codes::{
    ABSENT, CATEGORY, CONCERN, CONFIRMATION, FLAG, LEVEL, LOINC, OBSERVATION, PARAMETER, REQUEST,
    ROLE, SCHEME, SNOMED, TASK, UCUM,
};
use crate::store::Found;

/// What every resource of an attendance names.
pub(crate) struct Of<'a> {
    pub(crate) patient: &'a str,
    pub(crate) encounter: &'a str,
    pub(crate) author: &'a Value,
    pub(crate) now: LogTime,
}

/// The name of the entry at a place, for other entries to refer to.
pub(crate) fn name(at: usize) -> String {
    format!("urn:uuid:00000000-0000-4000-8000-{at:012}")
}

/// Adds a create; its name for other entries.
pub(crate) fn post(entries: &mut Vec<Value>, resource: Value) -> String {
    let (name, url) = (name(entries.len()), resource.get("resourceType").cloned());
    let request = json!({"method": "POST", "url": url});
    entries.push(json!({"fullUrl": name, "resource": resource, "request": request}));
    name
}

/// Adds an update of a version that must be current.
pub(crate) fn put(entries: &mut Vec<Value>, found: &Found, resource: Value, version: u32) {
    let url = found.reference();
    let request = json!({"method": "PUT", "url": url, "ifMatch": format!("W/\"{version}\"")});
    entries.push(json!({"resource": resource, "request": request}));
}

/// A CodeableConcept of one coding.
pub(crate) fn concept(system: &str, code: &str, text: &str) -> Value {
    json!({"coding": [{"system": system, "code": code, "display": text}], "text": text})
}

impl Of<'_> {
    fn subject(&self) -> Value {
        json!({"reference": self.patient})
    }

    fn encountered(&self) -> Value {
        json!({"reference": self.encounter})
    }

    /// An Observation without value.
    fn observation(&self, category: &str, code: &Value) -> Value {
        json!({
            "resourceType": "Observation", "status": "final",
            "category": [{"coding": [{"system": CATEGORY, "code": category}]}],
            "code": code, "subject": self.subject(), "encounter": self.encountered(),
            "effectiveDateTime": self.now.to_string(), "performer": [self.author],
        })
    }

    /// Vital signs, each in an Observation of its own but for blood pressure, which is one panel.
    pub(crate) fn vitals(&self, readings: &[Reading], library: &Library) -> Vec<Value> {
        let is_pressure =
            |reading: &&Reading| matches!(reading.vital.as_str(), "systolic" | "diastolic");
        let (pressure, others): (Vec<&Reading>, Vec<&Reading>) =
            readings.iter().partition(is_pressure);
        let known = |reading: &&Reading| library.vitals().of(&reading.vital);
        let mut all: Vec<Value> = others
            .iter()
            .filter_map(|reading| {
                let vital = known(reading)?;
                let mut made = self.observation("vital-signs", &code_of(vital));
                set_value(&mut made, vital, reading);
                set_confirmed(&mut made, reading);
                Some(made)
            })
            .collect();
        if !pressure.is_empty() {
            let code = concept(LOINC, "85354-9", "Blood pressure");
            let mut panel = self.observation("vital-signs", &code);
            let component = |id: &str| {
                let vital = library.vitals().of(id)?;
                let mut component = json!({"code": code_of(vital)});
                match pressure.iter().find(|reading| reading.vital == id) {
                    Some(reading) => {
                        set_value(&mut component, vital, reading);
                        set_confirmed(&mut component, reading);
                    }
                    None => set(&mut component, "dataAbsentReason", not_performed()),
                }
                Some(component)
            };
            let components: Vec<Value> =
                ["systolic", "diastolic"].into_iter().filter_map(component).collect();
            set(&mut panel, "component", Value::Array(components));
            all.push(panel);
        }
        all
    }

    /// A score with its parameters, what it was made from and how.
    pub(crate) fn score(
        &self,
        scheme: &ScoreScheme,
        score: &Score,
        (scale, assumed, concerns): (u32, bool, &[String]),
        age: Option<(u32, Option<&str>)>,
        from: &[String],
    ) -> Value {
        let title = &scheme.header.title;
        let mut made = self.observation("survey", &concept(&scheme.system, &scheme.code, title));
        match score.total.complete() {
            Some(total) => set(&mut made, "valueQuantity", points(total)),
            None => set(&mut made, "dataAbsentReason", not_performed()),
        }
        let header = &scheme.header;
        let version = &header.version;
        let coding = json!({"system": SCHEME, "code": header.id, "version": version});
        set(
            &mut made,
            "method",
            json!({"coding": [coding], "text": format!("{title}, {version}")}),
        );
        if let Some(level) = score.level.and_then(|at| scheme.levels.get(at)) {
            let level = concept(LEVEL, &level.id, &level.title);
            set(&mut made, "interpretation", json!([level]));
        }
        let mut components: Vec<Value> =
            score.parts.iter().map(|part| component(scheme, part)).collect();
        if scale != 1 {
            let code = concept(PARAMETER, "spo2-scale", "Scale of oxygen saturation");
            components.push(json!({"code": code, "valueInteger": scale}));
        }
        if assumed && scheme.has_scale(2) {
            let text = "Scale of oxygen saturation was not known";
            let code = concept(PARAMETER, "spo2-scale-assumed", text);
            components.push(json!({"code": code, "valueBoolean": true}));
        }
        if let Some((months, note)) = age {
            let code = concept(PARAMETER, "age-months", "Age in months");
            components.push(json!({"code": code, "valueInteger": months}));
            if let Some(text) = note {
                set(&mut made, "note", json!([{"text": text}]));
            }
        }
        for concern in concerns {
            let title = scheme.concerns().find(|(id, _)| id == concern).map_or("", |(_, t)| t);
            let code = concept(PARAMETER, "concern", "Concern");
            let value = concept(CONCERN, concern, title);
            components.push(json!({"code": code, "valueCodeableConcept": value}));
        }
        set(&mut made, "component", Value::Array(components));
        let from: Vec<Value> = from.iter().map(|name| json!({"reference": name})).collect();
        if !from.is_empty() {
            set(&mut made, "derivedFrom", Value::Array(from));
        }
        made
    }

    /// An acuity. The first of an attendance says so; later ones stand beside it. Where another
    /// was `computed`, that is kept with it.
    pub(crate) fn acuity(
        &self,
        (coded, initial, computed): (Value, bool, Option<Value>),
        notes: &[String],
        from: Option<&str>,
    ) -> Value {
        let mut made = self.observation("exam", &concept(OBSERVATION, "acuity", "Acuity"));
        let when = if initial { "initial" } else { "later" };
        let own = json!({"coding": [{"system": crate::codes::ACUITY, "code": when}]});
        if let Some(categories) = made.get_mut("category").and_then(Value::as_array_mut) {
            categories.push(own);
        }
        set(&mut made, "valueCodeableConcept", coded);
        if let Some(computed) = computed {
            let code = concept(PARAMETER, "computed-acuity", "Computed acuity");
            let component = json!({"code": code, "valueCodeableConcept": computed});
            set(&mut made, "component", json!([component]));
        }
        if !notes.is_empty() {
            let notes: Vec<Value> = notes.iter().map(|text| json!({"text": text})).collect();
            set(&mut made, "note", Value::Array(notes));
        }
        if let Some(from) = from {
            set(&mut made, "derivedFrom", json!([{"reference": from}]));
        }
        made
    }

    /// A flag in force from now on.
    pub(crate) fn flag(&self, kind: &FlagKind) -> Value {
        json!({
            "resourceType": "Flag", "status": "active", "code": concept(FLAG, &kind.id, &kind.title),
            "subject": self.subject(), "encounter": self.encountered(),
            "period": {"start": self.now.to_string()}, "author": self.author,
        })
    }

    /// What is due next, for the role that acts.
    pub(crate) fn task(&self, due: &Due) -> Value {
        let what = due.what.code();
        json!({
            "resourceType": "Task", "status": "requested", "intent": "order",
            "code": concept(TASK, what, what), "focus": self.encountered(),
            "for": self.subject(), "encounter": self.encountered(),
            "authoredOn": self.now.to_string(), "requester": self.author,
            "performerType": [concept(ROLE, &due.who, &due.who)],
            "restriction": {"period": {"end": due.at.to_string()}},
        })
    }

    /// A request for a bed.
    pub(crate) fn bed(&self) -> Value {
        json!({
            "resourceType": "ServiceRequest", "status": "active", "intent": "order",
            "priority": "urgent", "code": concept(REQUEST, "bed", "Bed"),
            "subject": self.subject(), "encounter": self.encountered(),
            "authoredOn": self.now.to_string(), "requester": self.author,
        })
    }

    /// Who did something, and why.
    pub(crate) fn provenance(&self, targets: &[&str], what: &str, why: &str) -> Value {
        let targets: Vec<Value> = targets.iter().map(|name| json!({"reference": name})).collect();
        json!({
            "resourceType": "Provenance", "target": targets, "recorded": self.now.to_string(),
            "activity": concept(crate::codes::ACTIVITY, what, what), "reason": [{"text": why}],
            "agent": [{"who": self.author}],
        })
    }
}

/// Sets a member.
pub(crate) fn set(of: &mut Value, name: &str, value: Value) {
    if let Some(members) = of.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

fn component(scheme: &ScoreScheme, part: &accord_care::Part) -> Value {
    let own = json!({"system": PARAMETER, "code": part.parameter, "display": part.title});
    let official = part.code.as_ref().map(|code| json!({"system": scheme.system, "code": code}));
    let codes: Vec<Value> = official.into_iter().chain([own]).collect();
    let mut component = json!({"code": {"coding": codes, "text": part.title}});
    match part.score {
        Some(score) => set(&mut component, "valueQuantity", points(score)),
        None => set(&mut component, "dataAbsentReason", not_performed()),
    }
    component
}

/// Points of a score (UCUM annotation).
fn points(score: u32) -> Value {
    json!({"value": score, "unit": "score", "system": UCUM, "code": "{ScoreOf}"})
}

fn not_performed() -> Value {
    json!({"coding": [{"system": ABSENT, "code": "not-performed"}]})
}

fn code_of(vital: &Vital) -> Value {
    concept(&vital.system, &vital.code, &vital.title)
}

fn set_value(of: &mut Value, vital: &Vital, reading: &Reading) {
    match &reading.value {
        Taken::Number(number) => {
            let text = accord_care::shown(*number);
            let number: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
            let unit = vital.quantity.as_ref().map_or("", |quantity| &quantity.unit);
            let value = json!({"value": number, "unit": unit, "system": UCUM, "code": unit});
            set(of, "valueQuantity", value);
        }
        Taken::Code(code) => {
            let values = vital.values.iter().find(|(own, ..)| own == code);
            let system = format!("urn:accord:{}", vital.values_name());
            let text = values.map_or(code, |(_, title, _)| title);
            let own = json!({"system": system, "code": code, "display": text});
            let snomed = values.and_then(|(.., snomed)| snomed.as_ref());
            let snomed = snomed.map(|code| json!({"system": SNOMED, "code": code}));
            let codes: Vec<Value> = snomed.into_iter().chain([own]).collect();
            set(of, "valueCodeableConcept", json!({"coding": codes, "text": text}));
        }
    }
}

/// Says of a value that is not plausible that somebody stands by it.
fn set_confirmed(of: &mut Value, reading: &Reading) {
    if !reading.plausible {
        let code = concept(CONFIRMATION, "measured-again", "Measured again and confirmed");
        set(of, "interpretation", json!([code]));
    }
}
