//! What is done for patients: medicines, vaccines, procedures; and what they must not get.

use super::Condition;
use crate::code::{CVX, Code, SNOMED};
use crate::table::{Fields, Line};

/// A medicine as prescribed.
#[derive(Default)]
pub(crate) struct Medication {
    pub substance: Code,
    pub product: &'static str,
    treats: &'static str,
    pub dose: i64,
    pub unit: &'static str,
    pub ucum: &'static str,
    pub per_day: i64,
    pub route: Code,
    /// Amount dispensed at a time.
    pub supply: i64,
    weight: i64,
}

impl Line for Medication {
    fn read(f: &mut Fields) -> Medication {
        Medication {
            substance: Code::new(SNOMED, f.text(), f.text()),
            product: f.text(),
            treats: f.text(),
            dose: f.number(),
            unit: f.text(),
            ucum: f.text(),
            per_day: f.number(),
            route: Code::new(SNOMED, f.text(), f.text()),
            supply: f.number(),
            weight: f.number(),
        }
    }

    fn weight(&self) -> u64 {
        self.weight.unsigned_abs()
    }
}

impl Medication {
    /// Whether it is given for the condition.
    pub fn treats(&self, condition: &Condition) -> bool {
        let any_short = self.treats == "*" && !condition.long;
        any_short || self.treats.split(',').any(|code| code == condition.code.code)
    }
}

/// An allergy and its usual reaction; without a type it states that there is none.
#[derive(Default)]
pub(crate) struct Allergy {
    pub code: Code,
    pub kind: &'static str,
    pub category: &'static str,
    pub criticality: &'static str,
    pub reaction: Code,
    pub severity: &'static str,
    weight: i64,
}

impl Line for Allergy {
    fn read(f: &mut Fields) -> Allergy {
        Allergy {
            code: Code::new(SNOMED, f.text(), f.text()),
            kind: f.text(),
            category: f.text(),
            criticality: f.text(),
            reaction: Code::new(SNOMED, f.text(), f.text()),
            severity: f.text(),
            weight: f.number(),
        }
    }

    fn weight(&self) -> u64 {
        self.weight.unsigned_abs()
    }
}

/// A vaccine and who was offered it.
#[derive(Default)]
pub(crate) struct Vaccine {
    pub code: Code,
    pub min_age: i64,
    pub max_age: i64,
    pub doses: i64,
    /// Age in years at the first dose.
    pub first_age: i64,
    weight: i64,
}

impl Line for Vaccine {
    fn read(f: &mut Fields) -> Vaccine {
        Vaccine {
            code: Code::new(CVX, f.text(), f.text()),
            min_age: f.number(),
            max_age: f.number(),
            doses: f.number(),
            first_age: f.number(),
            weight: f.number(),
        }
    }

    fn weight(&self) -> u64 {
        self.weight.unsigned_abs()
    }
}

/// A procedure and the classes of encounter in which it is done.
#[derive(Default)]
pub(crate) struct Procedure {
    pub code: Code,
    classes: &'static str,
    weight: i64,
}

impl Line for Procedure {
    fn read(f: &mut Fields) -> Procedure {
        Procedure {
            code: Code::new(SNOMED, f.text(), f.text()),
            classes: f.text(),
            weight: f.number(),
        }
    }

    fn weight(&self) -> u64 {
        self.weight.unsigned_abs()
    }
}

impl Procedure {
    /// Whether it is done in encounters of this class.
    pub fn fits(&self, class: &str) -> bool {
        self.classes.split(',').any(|c| c == class)
    }
}
