//! Random resources that try the rules.

use serde_json::{Value, json};

use crate::world::{ORGANIZATIONS, PRACTITIONERS, World};

impl World {
    /// A resource that names several patients, one or none.
    pub fn extra(&self, name: &str) -> Value {
        let status = |mut body: Value, more: &[(&str, Value)]| {
            for (member, value) in more.iter().filter(|_| self.below(3) > 0) {
                body[*member] = value.clone();
            }
            body
        };
        let one = |reference: String| json!({ "reference": reference });
        let day = self.pick(&["2026-01-10", "2026-03-05", "2026-05-20T23:30:00-05:00"]);
        let mut extra = match self.below(5) {
            0 => status(
                json!({"resourceType": "Observation", "id": name, "status": "final",
                       "code": {"text": "seen", "coding": [{"system": "http://loinc.org", "code": "8310-5"}]}}),
                &[
                    ("subject", one(self.patient())),
                    ("performer", json!([one(self.person())])),
                    ("effectiveDateTime", day.into()),
                ],
            ),
            1 => status(
                json!({"resourceType": "Communication", "id": name, "status": "completed"}),
                &[
                    ("subject", one(self.patient())),
                    ("sender", one(self.person())),
                    ("recipient", json!([one(self.person()), one(self.patient())])),
                ],
            ),
            2 => status(
                json!({"resourceType": "List", "id": name, "status": "current", "mode": "working"}),
                &[("subject", one(self.patient())), ("source", one(self.person()))],
            ),
            3 => status(
                json!({"resourceType": "Basic", "id": name, "code": {"text": "note"}}),
                &[("subject", one(self.patient())), ("author", one(self.person()))],
            ),
            _ => json!({"resourceType": "AllergyIntolerance", "id": name,
                        "clinicalStatus": {"coding": [{"code": "active",
                            "system": format!("{}/allergyintolerance-clinical", crate::labels::THO)}]},
                        "patient": one(self.patient()), "recorder": one(self.person())}),
        };
        if self.below(2) == 0 {
            extra["meta"] = json!({"security": self.labels()});
        }
        self.link(&mut extra);
        extra
    }

    /// Dates on both sides of the instants at which is asked.
    pub fn dates(&self) -> Value {
        const DATES: [&str; 6] = [
            "2020-01-01",
            "2026-05-31",
            "2026-06-10",
            "2026-07-15T10:00:00Z",
            "2026-08-20",
            "2030",
        ];
        let from = self.below(5);
        let until = from + 1 + self.below(5 - from);
        let mut period = json!({});
        if self.below(3) > 0 {
            period["start"] = DATES[from].into();
        }
        if self.below(3) > 0 || period.as_object().unwrap().is_empty() {
            period["end"] = DATES[until].into();
        }
        period
    }

    pub fn care_team(&self, name: &str) -> Value {
        let mut team = json!({"resourceType": "CareTeam", "id": name, "status": "active",
            "subject": {"reference": self.patient()},
            "participant": [{"member": {"reference": format!("Practitioner/{}", self.pick(&PRACTITIONERS))}}]});
        if self.below(2) == 0 {
            let whom = format!("Organization/{}", self.pick(&ORGANIZATIONS[..5]));
            team["managingOrganization"] = json!([{"reference": whom}]);
        }
        if self.below(2) == 0 {
            team["period"] = self.dates();
        }
        if self.below(3) == 0 {
            team["participant"][0]["period"] = self.dates();
        }
        team
    }

    pub fn appointment(&self, name: &str) -> Value {
        const STARTS: [&str; 4] = ["2026-01-10", "2026-04-20", "2026-06-10", "2026-08-05"];
        let taking_part = |who: String| {
            let status = self.pick(&["accepted", "accepted", "tentative", "declined"]);
            json!({"status": status, "actor": {"reference": who}})
        };
        let mut participants = vec![taking_part(self.patient())];
        if self.below(2) == 0 {
            participants.push(taking_part(self.person()));
        }
        let day = self.pick(&STARTS);
        let mut appointment = json!({"resourceType": "Appointment", "id": name,
            "status": self.pick(&["booked", "booked", "fulfilled", "proposed", "cancelled"]),
            "start": format!("{day}T10:00:00Z"), "end": format!("{day}T10:30:00Z"),
            "participant": participants});
        // Only these may be without times.
        let without =
            ["proposed", "cancelled"].iter().any(|status| appointment["status"] == *status);
        if without && self.below(2) == 0 {
            let appointment = appointment.as_object_mut().unwrap();
            for time in ["start", "end"] {
                appointment.shift_remove(time);
            }
        }
        appointment
    }

    pub fn episode(&self, name: &str) -> Value {
        let mut episode = json!({"resourceType": "EpisodeOfCare", "id": name,
            "status": self.pick(&["active", "active", "onhold", "finished", "planned"]),
            "patient": {"reference": self.patient()}});
        if self.below(3) > 0 {
            let by = self.pick(&ORGANIZATIONS[..5]);
            episode["managingOrganization"] = json!({"reference": format!("Organization/{by}")});
        }
        if self.below(3) == 0 {
            let by = self.pick(&PRACTITIONERS);
            episode["careManager"] = json!({"reference": format!("Practitioner/{by}")});
        }
        if self.below(2) == 0 {
            episode["period"] = self.dates();
        }
        episode
    }

    /// A post, often one that has ended.
    pub fn post(&self, name: &str) -> Value {
        let mut post = json!({"resourceType": "PractitionerRole", "id": name,
            "practitioner": {"reference": format!("Practitioner/{}", self.pick(&PRACTITIONERS))},
            "organization": {"reference": format!("Organization/{}", self.pick(&ORGANIZATIONS[..2]))}});
        match self.below(3) {
            0 => post["active"] = false.into(),
            1 => post["period"] = self.dates(),
            _ => {}
        }
        post
    }

    pub fn referral(&self, name: &str) -> Value {
        let performers: Vec<Value> = (0..=self.below(2))
            .map(|_| match self.below(3) {
                0 => json!({"reference": format!("Practitioner/{}", self.pick(&PRACTITIONERS))}),
                _ => {
                    json!({"reference": format!("Organization/{}", self.pick(&ORGANIZATIONS[..4]))})
                }
            })
            .collect();
        let mut request = json!({"resourceType": "ServiceRequest", "id": name,
            "status": self.pick(&["active", "active", "active", "completed"]),
            "intent": self.pick(&["order", "order", "order", "plan"]),
            "authoredOn": self.pick(&["2026-02-01", "2026-04-20", "2026-05-30"]),
            "subject": {"reference": self.patient()}, "performer": performers});
        if self.below(4) == 0 {
            request["occurrenceDateTime"] = "2026-07-01".into();
        }
        request
    }

    pub fn coverage(&self, name: &str) -> Value {
        let payor = self.pick(&["meadow-health-plan", "meadow-health-plan", "northgate-hospital"]);
        let mut coverage = json!({"resourceType": "Coverage", "id": name,
            "status": self.pick(&["active", "active", "cancelled"]),
            "beneficiary": {"reference": self.patient()},
            "payor": [{"reference": format!("Organization/{payor}")}]});
        if self.below(2) == 0 {
            coverage["period"] = self.dates();
        }
        coverage
    }

    /// What a controller shares, mostly under its own authority.
    pub fn agreement(&self, name: &str, controller: &str) -> Value {
        let authority =
            if self.below(8) == 0 { self.pick(&ORGANIZATIONS[..5]) } else { controller };
        let (role, why) = match self.below(4) {
            0 => ("payor", "HPAYMT"),
            1 => ("pharmacist", "TREAT"),
            _ => ("clinician", "TREAT"),
        };
        let asset = match self.below(6) {
            _ if role == "payor" => own("coverage"),
            0 => {
                json!({"coding": [{"system": "http://hl7.org/fhir/resource-types", "code": "Observation"}]})
            }
            1 => own("administrative"),
            2 => own("claims"),
            3 => own("coverage"),
            _ => own("clinical"),
        };
        let to =
            if role == "payor" { "meadow-health-plan" } else { self.pick(&ORGANIZATIONS[..5]) };
        let cohort = self.pick(&["all", "all", "referred", "emergency"]);
        let mut agreement = agreement(name, (authority, to), (role, why), asset, cohort);
        let term = &mut agreement["term"][0];
        if self.below(2) == 0 {
            let sensitivity = self.pick(&["ETH", "PSY", "HIV", "SDV"]);
            term["securityLabel"] = json!([{
                "classification": {"code": self.pick(&["N", "R"]),
                    "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"},
                "category": [{"code": sensitivity,
                    "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode"}]}]);
        }
        if !term["securityLabel"].is_null() && self.below(2) == 0 {
            let control = self.pick(&["NORDSCLCD", "PRIVMARK"]);
            term["securityLabel"][0]["control"] = json!([{"code": control,
                "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode"}]);
        }
        if self.below(2) == 0 {
            let onward = json!({"system": "urn:accord:codes", "code": "redisclose"});
            term["action"][0]["type"]["coding"].as_array_mut().unwrap().push(onward);
        }
        if self.below(4) == 0 {
            agreement["status"] = "terminated".into();
        }
        if self.below(3) == 0 {
            agreement["applies"] = self.dates();
        }
        agreement
    }

    pub fn seal(&self, name: &str) -> Value {
        let how = self.pick(&["sealed", "sealed-locked"]);
        let mut provision = json!({"type": "deny"});
        if self.below(3) > 0 {
            let who = format!("Practitioner/{}", self.pick(&PRACTITIONERS));
            provision["actor"] =
                json!([{"role": {"text": "team"}, "reference": {"reference": who}}]);
        }
        if self.below(3) == 0 {
            provision["period"] = self.dates();
        }
        if self.below(3) == 0 {
            let class = self.pick(&["Encounter", "Observation", "Condition", "Patient"]);
            provision["class"] =
                json!([{"system": "http://hl7.org/fhir/resource-types", "code": class}]);
        }
        if self.below(3) == 0 {
            provision["securityLabel"] = self.meant();
        }
        if self.below(6) == 0 {
            let one = format!("Observation/extra-{}", self.below(40));
            provision["data"] = json!([{"meaning": "instance", "reference": {"reference": one}}]);
        }
        json!({"resourceType": "Consent", "id": name,
            "meta": {"profile": ["urn:accord:profile:seal"]},
            "status": self.pick(&["active", "active", "inactive"]),
            "scope": {"text": "seal"}, "policyRule": {"text": "seal"},
            "category": [{"coding": [{"system": "urn:accord:codes", "code": how}]}],
            "patient": {"reference": self.patient()}, "provision": provision})
    }

    /// Somebody who acts for a patient, or whom to call.
    pub fn related_person(&self, name: &str) -> Value {
        let mut person = json!({"resourceType": "RelatedPerson", "id": name,
            "patient": {"reference": self.patient()}});
        if self.below(4) > 0 {
            person["period"] = self.dates();
        }
        if self.below(6) == 0 {
            person["active"] = false.into();
        }
        person
    }

    /// Leave to act for a patient, in some of what there is.
    pub fn grant(&self, name: &str) -> Value {
        let who =
            self.pick(&["RelatedPerson/carer-0", "RelatedPerson/carer-1", "Patient/pat-willow"]);
        let url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Consent.grantee";
        let mut provision = json!({"type": "permit"});
        if self.below(2) == 0 {
            provision["period"] = self.dates();
        }
        if self.below(2) == 0 {
            let class =
                |name| json!({"system": "http://hl7.org/fhir/resource-types", "code": name});
            provision["class"] = json!([class("Observation"), class("Consent")]);
        }
        if self.below(2) == 0 {
            let system = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
            provision["securityLabel"] = json!([{"system": system, "code": "PSY"}]);
        }
        json!({"resourceType": "Consent", "id": name,
            "extension": [{"url": url, "valueReference": {"reference": who}}],
            "status": self.pick(&["active", "active", "active", "inactive"]),
            "scope": {"coding": [{"code": "patient-privacy"}]}, "policyRule": {"text": "p"},
            "category": [{"coding": [{"code": "INFA"}]}],
            "patient": {"reference": self.patient()}, "provision": provision})
    }

    /// Patients who did not opt out.
    pub fn cleared(&self, name: &str) -> Value {
        let code = self.pick(&["national-data-opt-out", "type-1-opt-out"]);
        let entries: Vec<Value> =
            (0..4).map(|_| json!({"item": {"reference": self.patient()}})).collect();
        let until = self.pick(&["2026-05-20", "2026-06-10", "2026-07-15T10:00:00Z"]);
        json!({"resourceType": "List", "id": name, "status": "current", "mode": "snapshot",
            "meta": {"profile": ["urn:accord:profile:cleared-list"]}, "code": own(code),
            "extension": [{"url": "urn:accord:extension:valid-until", "valueDateTime": until}],
            "entry": entries})
    }

    /// Some professionals, by themselves or with whoever acts for an organisation.
    pub fn group(&self, name: &str) -> Value {
        let member = || {
            let whom = match self.below(2) {
                0 => format!("Practitioner/{}", self.pick(&PRACTITIONERS)),
                _ => format!("PractitionerRole/post-{}", self.below(6)),
            };
            json!({"entity": {"reference": whom}})
        };
        let actual = self.below(6) > 0;
        let mut group = json!({"resourceType": "Group", "id": name, "type": "practitioner",
            "actual": actual});
        if actual {
            group["member"] = (0..2).map(|_| member()).collect();
        }
        group
    }

    /// A Task of everyday work; in its time somebody is asked to do something for a patient.
    pub fn ordinary_task(&self, name: &str) -> Value {
        let mut task = json!({"resourceType": "Task", "id": name, "intent": "order",
            "status": self.pick(&["requested", "in-progress", "completed"]),
            "code": {"coding": [{"system": "urn:work", "code": self.pick(&["bloods", "bed"])}]},
            "requester": {"reference": format!("Practitioner/{}", self.pick(&PRACTITIONERS))}});
        if self.below(5) > 0 {
            task["for"] = json!({"reference": self.patient()});
        }
        task
    }

    pub fn new_claim(&self, by: &str) -> Value {
        json!({"resourceType": "Task", "meta": {"profile": ["urn:accord:profile:access-claim"]},
            "status": "requested", "intent": "order", "for": {"reference": self.patient()},
            "code": {"coding": [{"system": "urn:accord:codes",
                "code": self.pick(&["self-claim", "break-glass"])}]},
            "reasonCode": {"text": "unconscious", "coding": [{"code": "ETREAT"}]},
            "requester": {"reference": by}})
    }

    pub fn new_encounter(&self, name: &str, controller: &str) -> Value {
        let mut visit = json!({"resourceType": "Encounter", "id": name,
            "status": self.pick(&["planned", "arrived", "in-progress", "finished"]),
            "class": {"code": "AMB"}, "subject": {"reference": self.patient()}});
        if controller != "commons" && self.below(2) == 0 {
            visit["serviceProvider"] =
                json!({"reference": format!("Organization/{}", self.pick(&ORGANIZATIONS[..5]))});
        }
        if self.below(2) == 0 {
            visit["period"] = json!({"start": "2026-01-01", "end": self.pick(&["2026-02-01", "2026-04-20", "2026-05-30T12:00:00Z"])});
        }
        if self.below(4) == 0 {
            visit["meta"] = json!({"security": self.labels()});
        }
        visit
    }
}

/// A concept of the server's own codes.
pub fn own(code: &str) -> Value {
    json!({"coding": [{"system": "urn:accord:codes", "code": code}]})
}

/// An agreement in force: who shares with whom, with which role there and why, what, of whom.
pub fn agreement(
    name: &str,
    (from, to): (&str, &str),
    (role, why): (&str, &str),
    asset: Value,
    cohort: &str,
) -> Value {
    let term = json!({
        "topicCodeableConcept": own(cohort),
        "offer": {"party": [{"reference": [{"reference": format!("Organization/{to}")}],
            "role": own("recipient")}]},
        "asset": [{"type": [asset, own("claims")]}],
        "action": [{"type": own("read"), "status": {"text": "agreed"},
            "intent": {"coding": [{"code": why,
                "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason"}]},
            "performerRole": own(role)}]});
    json!({"resourceType": "Contract", "id": name,
        "meta": {"profile": ["urn:accord:profile:sharing-agreement"]},
        "status": "executed", "subType": [{"text": "a basis"}],
        "authority": [{"reference": format!("Organization/{from}")}], "term": [term]})
}
