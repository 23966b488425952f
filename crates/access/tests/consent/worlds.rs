//! Random consents, requests and resources, few enough names that they meet.

use accord_base::{Rng, SeededRng};
use serde_json::{Value, json};

use crate::reference::{Request, Resource};

pub const PATIENTS: [&str; 2] = ["Patient/p1", "Patient/p2"];
pub const ORGANIZATIONS: [&str; 3] = ["north", "south", "east"];
pub const PEOPLE: [&str; 5] =
    ["Practitioner/a", "Practitioner/b", "Device/d", "Group/g", "PractitionerRole/r"];
const DATES: [&str; 9] = [
    "2022",
    "2022-03",
    "2022-03-01",
    "2022-06-15",
    "2022-06-15T12:00:00Z",
    "2022-12-31",
    "2023",
    "2023-02",
    "2024-01-01T00:00:00Z",
];
const PURPOSES: [&str; 12] = [
    "TREAT",
    "ETREAT",
    "BTG",
    "COC",
    "HPAYMT",
    "COVERAGE",
    "ELIGDTRM",
    "HOPERAT",
    "PATSFTY",
    "HRESCH",
    "CLINTRCH",
    "CLINTRCHPC",
];
const LABELS: [&str; 16] = [
    "N", "R", "V", "L", "M", "U", "PSY", "HIV", "ETH", "ETHUD", "SUD", "SPI", "BH", "COGN", "RACE",
    "SDV",
];
const TYPES: [&str; 4] = ["Observation", "Encounter", "Condition", "CarePlan"];
const CODES: [(&str, &str); 4] = [
    ("http://loinc.org", "1"),
    ("http://loinc.org", "11"),
    ("http://snomed.info/sct", "1"),
    ("http://hl7.org/fhir/sid/icd-10", "F11"),
];
const REASON: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";

pub struct Dice(pub SeededRng);

impl Dice {
    pub fn below(&self, bound: usize) -> usize {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        (u64::from_le_bytes(bytes) % bound as u64) as usize
    }

    fn one_in(&self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn pick<'a>(&self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// One to three of these, perhaps one twice.
    fn some<T>(&self, each: impl Fn() -> T) -> Vec<T> {
        (0..=self.below(3)).map(|_| each()).collect()
    }

    fn coding(code: &str) -> Value {
        let system = if "NRVLMU".contains(code) { "v3-Confidentiality" } else { "v3-ActCode" };
        json!({"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code})
    }

    fn purpose(&self) -> (String, String) {
        if self.one_in(8) {
            ("urn:project".to_owned(), self.pick(&["one", "two"]).to_owned())
        } else {
            (REASON.to_owned(), self.pick(&PURPOSES).to_owned())
        }
    }

    fn period(&self) -> Value {
        let mut period = json!({});
        let from = self.below(DATES.len());
        if !self.one_in(3) {
            period["start"] = DATES[from].into();
        }
        if !self.one_in(3) || period.as_object().unwrap().is_empty() {
            period["end"] = DATES[from + self.below(DATES.len() - from)].into();
        }
        period
    }

    fn target(&self) -> String {
        format!("{}/{}", self.pick(&TYPES), self.below(3))
    }

    fn code(&self) -> (String, String) {
        let (system, code) = CODES[self.below(CODES.len())];
        (system.to_owned(), code.to_owned())
    }

    fn data(&self) -> Value {
        let (meaning, reference) = match self.below(4) {
            0 => ("instance", self.target()),
            1 => {
                ("related", format!("{}/{}", self.pick(&["Encounter", "CarePlan"]), self.below(3)))
            }
            2 => ("dependents", self.target()),
            _ => ("authoredby", self.pick(&["Practitioner/a", "Device/d"]).to_owned()),
        };
        json!({"meaning": meaning, "reference": {"reference": reference}})
    }

    fn actor(&self) -> Value {
        let reference = match self.below(2) {
            0 => format!("Organization/{}", self.pick(&ORGANIZATIONS)),
            _ => self.pick(&PEOPLE).to_owned(),
        };
        json!({"role": {"coding": [{"code": "IRCP"}]}, "reference": {"reference": reference}})
    }

    fn action(&self) -> Value {
        let code = self.pick(&["access", "use", "collect", "correct", "disclose"]);
        let system = "http://terminology.hl7.org/CodeSystem/consentaction";
        json!({"coding": [{"system": system, "code": code}]})
    }

    fn provision(&self, depth: usize, typed: bool) -> Value {
        let mut provision = json!({});
        if typed {
            provision["type"] = self.pick(&["permit", "deny"]).into();
        }
        let often = 5;
        if self.one_in(often) {
            provision["period"] = self.period();
        }
        if self.one_in(often) {
            provision["actor"] = self.some(|| self.actor()).into();
        }
        if self.one_in(2 * often) {
            provision["action"] = self.some(|| self.action()).into();
        }
        if self.one_in(often) {
            let purpose = || {
                let (system, code) = self.purpose();
                json!({"system": system, "code": code})
            };
            provision["purpose"] = self.some(purpose).into();
        }
        if self.one_in(3) {
            let labels = self.some(|| Dice::coding(self.pick(&LABELS)));
            provision["securityLabel"] = labels.into();
        }
        if self.one_in(often) {
            let class = || json!({"system": "http://hl7.org/fhir/resource-types", "code": self.pick(&TYPES)});
            provision["class"] = self.some(class).into();
        }
        if self.one_in(often) {
            let coding = || {
                let (system, code) = self.code();
                json!({"system": system, "code": code})
            };
            let concept = || json!({"coding": self.some(coding), "text": "x"});
            provision["code"] = self.some(concept).into();
        }
        if self.one_in(often) {
            provision["dataPeriod"] = self.period();
        }
        if self.one_in(often) {
            provision["data"] = self.some(|| self.data()).into();
        }
        if depth > 1 && self.one_in(2) {
            provision["provision"] = self.some(|| self.provision(depth - 1, true)).into();
        }
        provision
    }

    pub fn consent(&self, id: &str) -> Value {
        let typed = !self.one_in(4);
        let mut consent = json!({
            "resourceType": "Consent", "id": id, "status": "active",
            "scope": {"coding": [{"code": "patient-privacy"}]},
            "category": [{"coding": [{"system": "urn:c", "code": self.pick(&["one", "one", "two"])}]}],
            "patient": {"reference": self.pick(&PATIENTS)},
            "_keptBy": self.pick(&["north", "north", "south"]),
            "dateTime": self.pick(&["2022-01-01", "2022-02-01", "2022-03-01"]),
            "provision": self.provision(3, typed),
        });
        match self.below(if typed { 6 } else { 4 }) {
            0 => consent["policyRule"] = json!({"coding": [{"code": "OPTIN"}]}),
            1 => consent["policyRule"] = json!({"coding": [{"code": "OPTOUT"}]}),
            2 | 3 => {
                let names = ["basic-normal", "all-normal", "break-glass-only", "deny"];
                let uri = format!("https://profiles.ihe.net/ITI/PCF/Policy-{}", self.pick(&names));
                consent["policy"] = json!([{"uri": uri}]);
            }
            _ => {}
        }
        if self.one_in(3) {
            let organization =
                || json!({"reference": format!("Organization/{}", self.pick(&ORGANIZATIONS))});
            consent["organization"] = vec![organization()].into();
        }
        if self.one_in(3) {
            consent["sourceReference"] = json!({"reference": format!("Consent/{}", self.below(3))});
        }
        consent
    }

    pub fn request(&self) -> Request {
        let mut references = vec![format!("Organization/{}", self.pick(&ORGANIZATIONS))];
        references.extend(PEOPLE.iter().filter(|_| self.one_in(3)).map(|p| (*p).to_owned()));
        // From 2021-11 to 2024-09.
        let now = 1_635_724_800_000_000 + self.below(90_000) as i64 * 1_000_000_000;
        Request {
            references,
            perhaps: PEOPLE.iter().filter(|_| self.one_in(4)).map(|p| (*p).to_owned()).collect(),
            treats: self.one_in(2),
            purpose: self.purpose(),
            action: self.pick(&["access", "access", "collect", "correct", "disclose"]).to_owned(),
            now,
            or_labels: self.one_in(8),
        }
    }

    pub fn resource(&self) -> Resource {
        let controller =
            (!self.one_in(6)).then(|| format!("Organization/{}", self.pick(&ORGANIZATIONS)));
        let mut patients: Vec<String> = vec![self.pick(&PATIENTS).to_owned()];
        if self.one_in(5) {
            patients = PATIENTS.iter().map(|p| (*p).to_owned()).collect();
        }
        let labels =
            if self.one_in(3) { Vec::new() } else { self.some(|| self.pick(&LABELS).to_owned()) };
        let links = || self.some(|| self.target()).into_iter().filter(|_| self.one_in(2)).collect();
        Resource {
            reference: self.target(),
            controller,
            patients,
            labels,
            day: (!self.one_in(4)).then(|| 18_950 + self.below(900) as i64),
            authors: PEOPLE.iter().filter(|_| self.one_in(4)).map(|p| (*p).to_owned()).collect(),
            codes: if self.one_in(2) { Vec::new() } else { self.some(|| self.code()) },
            related: links(),
            depends_on: links(),
        }
    }
}
