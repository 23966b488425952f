//! The tables of clinical facts and what their columns mean.

mod treatment;

use std::sync::LazyLock;

pub(crate) use treatment::{Allergy, Medication, Procedure, Vaccine};

use crate::code::{Code, LOINC, SNOMED};
use crate::table::{Fields, Line, Table};

/// Declares a table of the `data` folder, read once at first use.
macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident: $line:ty = $file:literal;)*) => {
        $($(#[$doc])*
        pub(crate) static $name: LazyLock<Table<$line>> =
            LazyLock::new(|| Table::parse(include_str!(concat!("../data/", $file))));)*
        /// Every table of this module by file, with its text and its number of lines.
        #[cfg(test)]
        pub(crate) fn all() -> Vec<(&'static str, &'static str, usize)> {
            vec![$(($file, include_str!(concat!("../data/", $file)), $name.lines().len())),*]
        }
    };
}

tables! {
    /// Conditions.
    CONDITIONS: Condition = "conditions.tsv";
    /// Measurements.
    MEASURES: Measure = "measures.tsv";
    /// Laboratory reports.
    PANELS: Panel = "panels.tsv";
    /// Medicines.
    MEDICATIONS: Medication = "medications.tsv";
    /// Allergies.
    ALLERGIES: Allergy = "allergies.tsv";
    /// Vaccines.
    VACCINES: Vaccine = "vaccines.tsv";
    /// Procedures.
    PROCEDURES: Procedure = "procedures.tsv";
    /// Kinds of encounter.
    VISITS: VisitKind = "visits.tsv";
    /// Kinds of document.
    DOCUMENTS: Document = "documents.tsv";
}

/// A condition and whom it befalls.
#[derive(Default)]
pub(crate) struct Condition {
    pub code: Code,
    /// Whether it stays for life.
    pub long: bool,
    weight: i64,
    min_age: i64,
    max_age: i64,
    sex: &'static str,
    /// Sensitivity (v3-ActCode); empty for none.
    pub label: &'static str,
    effects: &'static str,
}

impl Line for Condition {
    fn read(f: &mut Fields) -> Condition {
        Condition {
            code: Code::new(SNOMED, f.text(), f.text()),
            long: f.text() == "long",
            weight: f.number(),
            min_age: f.number(),
            max_age: f.number(),
            sex: f.text(),
            label: f.text(),
            effects: f.text(),
        }
    }

    fn weight(&self) -> u64 {
        self.weight.unsigned_abs()
    }
}

impl Condition {
    /// Whether someone of this age in years and gender can have it.
    pub fn fits(&self, age: i64, gender: &str) -> bool {
        (self.min_age..=self.max_age).contains(&age) && (self.sex == "any" || self.sex == gender)
    }

    /// By how much it shifts a measure, in units of the measure's last decimal.
    pub fn effect(&self, measure: &str) -> i64 {
        let pairs = self.effects.split(',').filter_map(|pair| pair.split_once(':'));
        pairs.filter(|(key, _)| *key == measure).filter_map(|(_, by)| by.parse::<i64>().ok()).sum()
    }
}

/// Something measured, with its usual values in units of the last decimal.
#[derive(Default)]
pub(crate) struct Measure {
    pub key: &'static str,
    pub code: Code,
    pub category: &'static str,
    pub ucum: &'static str,
    pub unit: &'static str,
    pub decimals: u32,
    pub mid: i64,
    pub spread: i64,
    pub min: i64,
    pub max: i64,
    pub low: Option<i64>,
    pub high: Option<i64>,
}

impl Line for Measure {
    fn read(f: &mut Fields) -> Measure {
        Measure {
            key: f.text(),
            code: Code::new(LOINC, f.text(), f.text()),
            category: f.text(),
            ucum: f.text(),
            unit: f.text(),
            decimals: f.number() as u32,
            mid: f.number(),
            spread: f.number(),
            min: f.number(),
            max: f.number(),
            low: f.maybe(),
            high: f.maybe(),
        }
    }
}

/// The measure with this key.
pub(crate) fn measure(key: &str) -> &'static Measure {
    MEASURES.first(|measure| measure.key == key)
}

/// A report with the measures that are its results.
#[derive(Default)]
pub(crate) struct Panel {
    pub code: Code,
    members: &'static str,
    weight: i64,
}

impl Line for Panel {
    fn read(f: &mut Fields) -> Panel {
        Panel { code: Code::new(LOINC, f.text(), f.text()), members: f.text(), weight: f.number() }
    }

    fn weight(&self) -> u64 {
        self.weight.unsigned_abs()
    }
}

impl Panel {
    /// The measures of the report.
    pub fn members(&self) -> impl Iterator<Item = &'static Measure> {
        self.members.split(',').map(measure)
    }
}

/// A kind of encounter.
#[derive(Default)]
pub(crate) struct VisitKind {
    pub class: &'static str,
    pub code: Code,
    pub min_minutes: i64,
    pub max_minutes: i64,
    weight: i64,
}

impl Line for VisitKind {
    fn read(f: &mut Fields) -> VisitKind {
        VisitKind {
            class: f.text(),
            code: Code::new(SNOMED, f.text(), f.text()),
            min_minutes: f.number(),
            max_minutes: f.number(),
            weight: f.number(),
        }
    }

    fn weight(&self) -> u64 {
        self.weight.unsigned_abs()
    }
}

/// A kind of document and what it says.
#[derive(Default)]
pub(crate) struct Document {
    pub code: Code,
    pub class: &'static str,
    pub text: &'static str,
}

impl Line for Document {
    fn read(f: &mut Fields) -> Document {
        Document { code: Code::new(LOINC, f.text(), f.text()), class: f.text(), text: f.text() }
    }
}
