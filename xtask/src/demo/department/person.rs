//! Somebody in the waiting room, made up: a complaint, and vital signs that go with how ill they
//! are and drift from one reading to the next.

use accord_base::SeededRng;
use serde_json::{Value, json};

/// Complaints, and how ill those who have them tend to be: 0 well to 3 critical.
const COMPLAINTS: [(&str, u64); 14] = [
    ("Chest pain", 2),
    ("Short of breath", 2),
    ("Fever and confusion", 3),
    ("Collapse", 3),
    ("Abdominal pain", 1),
    ("Headache", 1),
    ("Fall, hip pain", 1),
    ("Palpitations", 1),
    ("Asthma", 2),
    ("Cut hand", 0),
    ("Ankle injury", 0),
    ("Rash", 0),
    ("Sore throat", 0),
    ("Back pain", 0),
];

/// A vital sign: LOINC code, UCUM unit, value of somebody well, what each step of illness adds,
/// and how far readings scatter. In tenths of the unit.
struct Sign {
    code: &'static str,
    unit: &'static str,
    well: i64,
    step: i64,
    scatter: u64,
}

const SIGNS: [Sign; 6] = [
    Sign { code: "9279-1", unit: "/min", well: 150, step: 40, scatter: 30 },
    Sign { code: "2708-6", unit: "%", well: 980, step: -20, scatter: 10 },
    Sign { code: "8480-6", unit: "mm[Hg]", well: 1280, step: -110, scatter: 100 },
    Sign { code: "8462-4", unit: "mm[Hg]", well: 800, step: -60, scatter: 80 },
    Sign { code: "8867-4", unit: "/min", well: 760, step: 170, scatter: 90 },
    Sign { code: "8310-5", unit: "Cel", well: 367, step: 6, scatter: 4 },
];
/// The one that is measured in tenths; others in whole numbers.
const IN_TENTHS: &str = "8310-5";

/// Somebody.
pub struct Person {
    pub complaint: &'static str,
    /// 0 well to 3 critical.
    illness: u64,
}

impl Person {
    pub fn draw(rng: &SeededRng) -> Person {
        let drawn = COMPLAINTS.get(rng.below(COMPLAINTS.len() as u64) as usize);
        let (complaint, illness) = drawn.copied().unwrap_or(("Unwell", 1));
        Person { complaint, illness }
    }

    /// The index of their area: resuscitation, majors, minors, waiting room.
    pub fn area(&self) -> usize {
        3 - self.illness.min(3) as usize
    }

    /// How urgent a nurse finds them, 1 to 5.
    pub fn acuity(&self) -> u64 {
        4 - self.illness.min(3)
    }

    /// What a nurse marks them with.
    pub fn flags(&self) -> &'static [&'static str] {
        match self.complaint {
            "Fever and confusion" => &["sepsis"],
            "Fall, hip pain" => &["falls"],
            "Rash" => &["infection"],
            _ => &[],
        }
    }

    /// Vital signs as parameters of an assessment, and how ill they are at the next one. One in
    /// eight readings lacks the temperature: scores are incomplete in life too.
    pub fn readings(&mut self, rng: &SeededRng) -> Vec<Value> {
        let hurried = rng.below(8) == 0;
        let taken = SIGNS.iter().filter(|sign| !(hurried && sign.code == IN_TENTHS));
        let mut readings: Vec<Value> = taken.map(|sign| self.quantity(sign, rng)).collect();
        let (awake, air) = if self.illness >= 3 { ("V", "face-mask") } else { ("A", "air") };
        readings.push(coded("67775-7", "urn:accord:acvpu", awake));
        readings.push(coded("oxygen-device", "urn:accord:oxygen-device", air));
        self.illness = match rng.below(6) {
            0 => (self.illness + 1).min(3),
            1 | 2 => self.illness.saturating_sub(1),
            _ => self.illness,
        };
        readings
    }

    fn quantity(&self, sign: &Sign, rng: &SeededRng) -> Value {
        let scatter = rng.below(2 * sign.scatter + 1) as i64 - sign.scatter as i64;
        let tenths = sign.well + sign.step * self.illness as i64 + scatter;
        let tenths = if sign.unit == "%" { tenths.min(1000) } else { tenths };
        let value =
            if sign.code == IN_TENTHS { json!(tenths as f64 / 10.0) } else { json!(tenths / 10) };
        let quantity = json!({
            "value": value, "unit": sign.unit,
            "system": "http://unitsofmeasure.org", "code": sign.unit,
        });
        vital(sign.code, json!({"name": "value", "valueQuantity": quantity}))
    }
}

fn coded(code: &str, system: &str, value: &str) -> Value {
    let concept = json!({"coding": [{"system": system, "code": value}]});
    vital(code, json!({"name": "value", "valueCodeableConcept": concept}))
}

fn vital(code: &str, value: Value) -> Value {
    json!({"name": "vital", "part": [{"name": "code", "valueCode": code}, value]})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_critical_look_critical_and_the_well_look_well() {
        let rng = SeededRng::new(1);
        let mut person = Person { complaint: "Collapse", illness: 3 };
        assert_eq!((person.acuity(), person.area()), (1, 0));
        let text = serde_json::to_string(&person.readings(&rng)).unwrap();
        assert!(text.contains(r#""code":"V""#), "{text}");
        let mut person = Person { complaint: "Rash", illness: 0 };
        assert_eq!((person.acuity(), person.area(), person.flags()), (4, 3, &["infection"][..]));
        let readings = person.readings(&rng);
        assert!(readings.len() >= 7, "{readings:?}");
    }
}
