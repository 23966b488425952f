//! Random consents with every condition that this server enforces, and what they keep from whom.

use accord_base::{Role, Subject};
use serde_json::{Value, json};

use crate::reference::{Request, Resource, Says, named, together};
use crate::rules::Groups;
use crate::world::{ORGANIZATIONS, PRACTITIONERS, World};

const THO: &str = "http://terminology.hl7.org/CodeSystem";
const LABELS: [&str; 8] = ["N", "R", "V", "PSY", "HIV", "SDV", "NOPAT", "42CFRPart2"];

fn coding(code: &str) -> Value {
    let system = if "NRV".contains(code) { "v3-Confidentiality" } else { "v3-ActCode" };
    json!({"system": format!("{THO}/{system}"), "code": code})
}

impl World {
    /// One or two security labels.
    pub fn labels(&self) -> Value {
        (0..=self.below(2)).map(|_| coding(self.pick(&LABELS))).collect::<Vec<_>>().into()
    }

    /// The same of those that consents speak of.
    pub fn meant(&self) -> Value {
        (0..=self.below(2)).map(|_| coding(self.pick(&LABELS[..6]))).collect::<Vec<_>>().into()
    }

    fn actor(&self) -> Value {
        let whom = match self.below(8) {
            2 => format!("CareTeam/team-{}", self.below(10)),
            3 => format!("PractitionerRole/post-{}", self.below(6)),
            4 => format!("Group/group-{}", self.below(4)),
            5 => format!("RelatedPerson/carer-{}", self.below(2)),
            0 | 1 => format!("Practitioner/{}", self.pick(&PRACTITIONERS)),
            _ => format!("Organization/{}", self.pick(&ORGANIZATIONS[..5])),
        };
        json!({"role": {"text": "who"}, "reference": {"reference": whom}})
    }

    /// A provision; what of naive reading knows only some types is asked of those alone.
    fn provision(&self, kind: &str, leaf: bool) -> Value {
        let mut provision = json!({"type": kind});
        let mut set = |name: &str, often: usize, value: Value| {
            if self.below(often) == 0 {
                provision[name] = value;
            }
        };
        set("actor", 2, json!([self.actor()]));
        set("period", 4, self.dates());
        let purposes = ["TREAT", "ETREAT", "HPAYMT", "HOPERAT", "HRESCH"];
        let purpose =
            json!({"system": format!("{THO}/v3-ActReason"), "code": self.pick(&purposes)});
        set("purpose", 8, json!([purpose]));
        let action = self.pick(&["access", "use", "correct", "collect", "disclose"]);
        let action = json!({"system": format!("{THO}/consentaction"), "code": action});
        set("action", 10, json!([{"coding": [action]}]));
        set("securityLabel", 3, self.meant());
        let class =
            |name: &str| json!([{"system": "http://hl7.org/fhir/resource-types", "code": name}]);
        set("class", 5, class(self.pick(&["Encounter", "Condition", "Consent", "Observation"])));
        let data = |meaning: &str, reference: String| json!([{"meaning": meaning, "reference": {"reference": reference}}]);
        set("data", 8, data("instance", format!("Observation/extra-{}", self.below(40))));
        set("data", 6, self.linked());
        set("code", 6, self.codes());
        match self.below(6) {
            0 if leaf => {
                provision["class"] = class("Observation");
                provision["dataPeriod"] = json!({"start": "2026-02-01", "end": "2026-05-20"});
            }
            1 if leaf => {
                provision["class"] = class("Observation");
                provision["data"] = data("authoredby", self.person());
            }
            _ => {}
        }
        provision
    }

    /// Data by what it is related to, or depends on: several, as few of them are ever referred to.
    fn linked(&self) -> Value {
        let meaning = self.pick(&["related", "dependents"]);
        let entry = |_| {
            let of = match (meaning, self.below(4)) {
                ("related", 0) => format!("EpisodeOfCare/episode-{}", self.below(8)),
                ("related", _) | (_, 0) => format!("Encounter/visit-{}", self.below(60)),
                (_, 1) => format!("List/extra-{}", self.below(40)),
                _ => format!("Observation/extra-{}", self.below(40)),
            };
            json!({"meaning": meaning, "reference": {"reference": of}})
        };
        (0..8).map(entry).collect::<Vec<_>>().into()
    }

    /// Codes that resources of these worlds have, or have not.
    fn codes(&self) -> Value {
        let codings = [
            ("http://loinc.org", "8310-5"),
            ("http://loinc.org", "85354-9"),
            ("http://snomed.info/sct", "38341003"),
            ("http://snomed.info/sct", "8310-5"),
            // Where no search parameter reads it.
            ("http://snomed.info/sct", "443999008"),
        ];
        let concept = |_| {
            let (system, code) = codings[self.below(codings.len())];
            json!({"coding": [{"system": system, "code": code}]})
        };
        (0..=self.below(2)).map(concept).collect::<Vec<_>>().into()
    }

    pub fn consent(&self, name: &str) -> Value {
        let root = self.pick(&["deny", "deny", "deny", "permit"]);
        let nested = self.below(3);
        let mut provision = self.provision(root, nested == 0);
        let below: Vec<Value> =
            (0..nested).map(|_| self.provision(self.pick(&["permit", "deny"]), true)).collect();
        if !below.is_empty() {
            provision["provision"] = below.into();
        }
        let mut consent = json!({"resourceType": "Consent", "id": name,
               "status": self.pick(&["active", "active", "active", "inactive"]),
               "scope": {"coding": [{"code": self.pick(&["patient-privacy", "patient-privacy", "research"])}]},
               "category": [{"text": "c"}], "policyRule": {"text": "p"},
               "dateTime": self.pick(&["2026-01-01", "2026-01-02", "2026-01-03"]),
               "patient": {"reference": self.patient()}, "provision": provision});
        if self.below(4) == 0 {
            let whom = format!("Organization/{}", self.pick(&ORGANIZATIONS[..5]));
            consent["organization"] = json!([{"reference": whom}]);
        }
        if self.below(4) == 0 {
            let earlier = format!("Consent/consent-{}", self.below(12));
            consent["sourceReference"] = json!({"reference": earlier});
        }
        consent
    }
}

/// What consents say about a resource to a subject, who goes by these references.
pub fn say(consents: &[Value], asked: (&Subject, &Groups, &str, i64), resource: &Resource) -> Says {
    together(consents, &request(asked), resource)
}

/// Whether consents keep a resource from somebody who acts for the patient, by name.
pub fn name(
    consents: &[Value],
    asked: (&Subject, &Groups, &str, i64),
    resource: &Resource,
) -> bool {
    named(consents, &request(asked), resource)
}

fn request((subject, groups, action, now): (&Subject, &Groups, &str, i64)) -> Request {
    Request {
        references: groups.references.clone(),
        perhaps: groups.perhaps.clone(),
        treats: matches!(subject.role, Role::Clinician | Role::Pharmacist),
        purpose: (format!("{THO}/v3-ActReason"), subject.purpose.code().to_owned()),
        action: action.to_owned(),
        now,
        or_labels: false,
    }
}

/// Day of an Observation, in days since 1970; other types are not asked for theirs.
pub fn day(body: &Value) -> Option<i64> {
    let text = ["effectiveDateTime", "issued"].iter().find_map(|name| body[*name].as_str());
    let start = body["effectivePeriod"]["start"].as_str();
    let low = accord_conformance::naive::span(start.or(text)?).0;
    Some(low.div_euclid(86_400_000_000))
}
