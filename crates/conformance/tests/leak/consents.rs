//! Random consents with every condition that this server enforces, and what they keep from whom.

use accord_base::{Role, Subject};
use serde_json::{Value, json};

use crate::reference::{Request, Resource, Says, together};
use crate::world::{ORGANIZATIONS, PRACTITIONERS, World};

const THO: &str = "http://terminology.hl7.org/CodeSystem";
const LABELS: [&str; 6] = ["N", "R", "V", "PSY", "HIV", "SDV"];

fn coding(code: &str) -> Value {
    let system = if "NRV".contains(code) { "v3-Confidentiality" } else { "v3-ActCode" };
    json!({"system": format!("{THO}/{system}"), "code": code})
}

impl World {
    /// One or two security labels.
    pub fn labels(&self) -> Value {
        (0..=self.below(2)).map(|_| coding(self.pick(&LABELS))).collect::<Vec<_>>().into()
    }

    fn actor(&self) -> Value {
        let whom = match self.below(4) {
            0 => format!("Practitioner/{}", self.pick(&PRACTITIONERS)),
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
        set("securityLabel", 3, self.labels());
        let class =
            |name: &str| json!([{"system": "http://hl7.org/fhir/resource-types", "code": name}]);
        set("class", 5, class(self.pick(&["Encounter", "Condition", "Consent", "Observation"])));
        let data = |meaning: &str, reference: String| json!([{"meaning": meaning, "reference": {"reference": reference}}]);
        set("data", 8, data("instance", format!("Observation/extra-{}", self.below(40))));
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

/// Whether consents keep a resource from a subject.
pub fn deny(
    consents: &[Value],
    subject: &Subject,
    action: &str,
    now: i64,
    resource: &Resource,
) -> bool {
    let own = subject.organization.as_ref().unwrap();
    let request = Request {
        references: vec![format!("Organization/{own}"), subject.reference()],
        treats: matches!(subject.role, Role::Clinician | Role::Pharmacist),
        purpose: (format!("{THO}/v3-ActReason"), subject.purpose.code().to_owned()),
        action: action.to_owned(),
        now,
        or_labels: false,
    };
    together(consents, &request, resource) == Says::Deny
}

/// Day of an Observation, in days since 1970; other types are not asked for theirs.
pub fn day(body: &Value) -> Option<i64> {
    let text = ["effectiveDateTime", "issued"].iter().find_map(|name| body[*name].as_str());
    let start = body["effectivePeriod"]["start"].as_str();
    let low = accord_conformance::naive::span(start.or(text)?).0;
    Some(low.div_euclid(86_400_000_000))
}
