//! FHIR datatypes on top of the JSON writer (FHIR R4 §2.24).

use std::fmt::Display;

use crate::code::{Code, UCUM};
use crate::json::Json;
use crate::moment::Moment;

impl Json {
    fn coding_members(&mut self, code: Code) {
        self.text("system", code.system);
        self.text("code", code.code);
        self.text("display", code.display);
    }

    /// A member of type Coding.
    pub fn coding(&mut self, key: &str, code: Code) {
        self.object(key, |j| j.coding_members(code));
    }

    /// A list of Coding.
    pub fn codings(&mut self, key: &str, codes: &[Code]) {
        self.list(key, |j| {
            for code in codes {
                j.item(|j| j.coding_members(*code));
            }
        });
    }

    /// A member of type CodeableConcept.
    pub fn concept(&mut self, key: &str, code: Code) {
        self.object(key, |j| j.codings("coding", &[code]));
    }

    /// A member of type CodeableConcept with a text beside the code.
    pub fn concept_text(&mut self, key: &str, code: Code, text: &str) {
        self.object(key, |j| {
            j.codings("coding", &[code]);
            j.text("text", text);
        });
    }

    /// A list of CodeableConcept.
    pub fn concepts(&mut self, key: &str, codes: &[Code]) {
        self.list(key, |j| {
            for code in codes {
                j.item(|j| j.codings("coding", &[*code]));
            }
        });
    }

    /// A member of type Reference; left out when the target is empty.
    pub fn refer(&mut self, key: &str, target: &str) {
        if !target.is_empty() {
            self.object(key, |j| j.text("reference", target));
        }
    }

    /// A list of Reference; left out when there are none.
    pub fn refers(&mut self, key: &str, targets: &[&str]) {
        if targets.iter().any(|target| !target.is_empty()) {
            self.list(key, |j| {
                for target in targets.iter().filter(|target| !target.is_empty()) {
                    j.item(|j| j.text("reference", target));
                }
            });
        }
    }

    /// A member of type Period; without an end while it is open.
    pub fn period(&mut self, key: &str, start: impl Display, end: Option<Moment>) {
        self.object(key, |j| {
            j.show("start", start);
            if let Some(end) = end {
                j.show("end", end);
            }
        });
    }

    /// A member of type Quantity with a UCUM code; `scaled` is in units of the last of `digits`.
    pub fn quantity(&mut self, key: &str, (scaled, digits): (i64, u32), unit: &str, ucum: &str) {
        self.object(key, |j| {
            j.decimal("value", scaled, digits);
            j.text("unit", unit);
            j.text("system", UCUM);
            j.text("code", ucum);
        });
    }

    /// A member of type Money in pounds.
    pub fn money(&mut self, key: &str, pence: i64) {
        self.object(key, |j| {
            j.decimal("value", pence, 2);
            j.text("currency", "GBP");
        });
    }

    /// A list with one Identifier.
    pub fn identifier(&mut self, system: &str, value: impl Display) {
        self.list("identifier", |j| {
            j.item(|j| {
                j.text("system", system);
                j.show("value", value);
            });
        });
    }

    /// One ContactPoint of a list.
    pub fn contact(&mut self, system: &str, value: &str, usage: &str) {
        self.item(|j| {
            j.text("system", system);
            j.text("value", value);
            j.text("use", usage);
        });
    }

    /// One Address of a list.
    pub fn address(&mut self, usage: &str, line: &str, city: &str, postcode: &str) {
        self.item(|j| {
            j.text("use", usage);
            j.texts("line", &[line]);
            j.text("city", city);
            j.text("postalCode", postcode);
            j.text("country", "GBR");
        });
    }
}
