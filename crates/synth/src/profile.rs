//! What happens to a patient, before any of it is written: who knows them, which lasting
//! conditions they have, what they consent to.

use crate::data::{CONDITIONS, Condition, Measure};
use crate::draw::Draw;
use crate::moment::Moment;
use crate::person::{Person, featured};

/// Northgate General Hospital.
pub(crate) const NORTHGATE: &str = "northgate-hospital";
/// Riverside Hospital.
pub(crate) const RIVERSIDE: &str = "riverside-hospital";
/// Elm Street Practice.
pub(crate) const PRACTICE: &str = "elm-street-practice";
/// Harbour Pharmacy.
pub(crate) const PHARMACY: &str = "harbour-pharmacy";
/// Meadow Health Plan.
pub(crate) const PAYOR: &str = "meadow-health-plan";

/// The purpose of the streams that draw a profile.
const PROFILE: u64 = 2;

/// What a patient's Consent says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Decision {
    /// One organisation may see nothing.
    Deny(&'static str),
    /// Nobody may see anything.
    DenyAll,
    /// Everyone who treats the patient may see everything.
    Permit,
}

/// A Consent and whether it holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Choice {
    pub decision: Decision,
    /// Active, and not past its period.
    pub holds: bool,
}

/// The plan of one patient's records.
pub(crate) struct Profile {
    pub index: u32,
    pub person: Person,
    /// The organisation that registered the patient.
    pub manager: &'static str,
    /// The hospitals and the practice that know the patient, the manager first.
    pub known_to: Vec<&'static str>,
    pub at_pharmacy: bool,
    pub insured: bool,
    pub conditions: Vec<&'static Condition>,
    pub consent: Option<Choice>,
    /// Whether the manager's rival registered the patient a second time.
    pub twice: bool,
    pub featured: bool,
}

impl Profile {
    /// The profile of patient `index` of the population with this seed, as of `until`.
    pub fn new(seed: u64, index: u32, until: Moment) -> Profile {
        let draw = Draw::new(seed, PROFILE, u64::from(index));
        let person = Person::new(seed, index, until);
        let fixed = featured(index);
        let featured = fixed.is_some();
        let manager = fixed.map_or_else(|| manager(&draw), |fixed| fixed.manager);
        let known_to = known_to(&draw, manager, featured);
        let conditions = match fixed {
            Some(fixed) => fixed.conditions.split(',').map(condition).collect(),
            None => conditions(&draw, &person),
        };
        let decision = fixed.and_then(|fixed| match fixed.denies {
            "" => None,
            "everyone" => Some(Decision::DenyAll),
            organization => Some(Decision::Deny(organization)),
        });
        let consent = match fixed {
            Some(_) => decision.map(|decision| Choice { decision, holds: true }),
            None => consent(&draw, seed, index, &known_to),
        };
        Profile {
            at_pharmacy: draw.permille(600) || featured,
            insured: draw.permille(330) || featured,
            twice: draw.permille(25) && known_to.len() > 1 && !featured,
            index,
            person,
            manager,
            known_to,
            conditions,
            consent,
            featured,
        }
    }

    /// Whether the organisation knows the patient.
    pub fn knows(&self, organization: &str) -> bool {
        self.known_to.contains(&organization)
    }

    /// A plausible value of a measure for the patient: by age, lasting conditions and an acute one.
    pub fn value(&self, draw: &Draw, what: &Measure, acute: Option<&Condition>) -> i64 {
        let causes = self.conditions.iter().copied().chain(acute);
        let shift: i64 = causes.map(|cause| cause.effect(what.key)).sum();
        // One in eleven values is far out, so that something is abnormal in most records.
        let spread = if draw.permille(90) { what.spread * 3 } else { what.spread * 3 / 2 };
        let mid = what.mid + by_age(what, self.person.age) + shift;
        draw.near(mid, spread).clamp(what.min, what.max)
    }

    /// Height in millimetres and weight in hundreds of grams, the same at every draw but for a
    /// few per cent of weight.
    pub fn size(&self, draw: &Draw) -> (i64, i64) {
        let age = self.person.age.min(18);
        // From 500 mm at birth to the adult height at 18.
        let adult = 1660 + i64::from(self.index % 23) * 12 - 90;
        let height = 500 + (adult - 500) * age / 18;
        let obese: i64 = self.conditions.iter().map(|c| c.effect("weight")).sum();
        // Body mass index near 17 for children and 25 for adults, in kg/m².
        let mass = height * height * (17 + age * 8 / 18) / 100_000 + obese * age / 18;
        (height, draw.near(mass, mass / 25 + 1))
    }
}

fn by_age(what: &Measure, age: i64) -> i64 {
    let old = (age - 50).max(0);
    match what.key {
        "heart-rate" => (14 - age).max(0) * 3,
        "respiratory-rate" => (12 - age).max(0),
        "systolic" => old / 3 - (16 - age).max(0) * 2,
        "diastolic" => -(16 - age).max(0),
        "egfr" => -old * 2 / 3,
        "creatinine" => old / 3 - (16 - age).max(0) * 3,
        _ => 0,
    }
}

fn manager(draw: &Draw) -> &'static str {
    match draw.below(100) {
        0..40 => PRACTICE,
        40..73 => NORTHGATE,
        _ => RIVERSIDE,
    }
}

fn known_to(draw: &Draw, manager: &'static str, everyone: bool) -> Vec<&'static str> {
    let mut known = vec![manager];
    for (organization, share) in [(PRACTICE, 620), (NORTHGATE, 560), (RIVERSIDE, 500)] {
        let knows = draw.permille(share) || everyone;
        if knows && organization != manager {
            known.push(organization);
        }
    }
    known
}

fn condition(code: &str) -> &'static Condition {
    CONDITIONS.first(|condition| condition.code.code == code)
}

/// Lasting conditions: more with age, common ones more often.
fn conditions(draw: &Draw, person: &Person) -> Vec<&'static Condition> {
    let most = person.age / 18 + 1;
    let wanted = draw.between(0, most);
    let mut found: Vec<&'static Condition> = Vec::new();
    for _ in 0..wanted {
        let fits = |c: &Condition| c.long && c.fits(person.age, person.gender);
        if let Some(next) = CONDITIONS.draw_fit(draw, fits)
            && !found.iter().any(|c| c.code == next.code)
        {
            found.push(next);
        }
    }
    found
}

/// Who consents to what: of every thousand patients in a row 60 deny one organisation, 10 deny
/// everyone, 20 permit, 15 did once (no longer in force), the rest say nothing.
fn consent(draw: &Draw, seed: u64, index: u32, known_to: &[&'static str]) -> Option<Choice> {
    // 619 is prime to 1000: the slots of neighbours lie far apart, and none repeats in a thousand.
    let slot = (u64::from(index) * 619 + seed % 1000) % 1000;
    let denied = match draw.below(10) {
        0 => PHARMACY,
        1 => PAYOR,
        _ => draw.one_of(known_to),
    };
    let (decision, holds) = match slot {
        0..60 => (Decision::Deny(denied), true),
        60..70 => (Decision::DenyAll, true),
        70..90 => (Decision::Permit, true),
        90..105 => (Decision::Deny(denied), false),
        _ => return None,
    };
    Some(Choice { decision, holds })
}
